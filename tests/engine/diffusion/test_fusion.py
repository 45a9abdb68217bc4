"""Progressive Light Fusion over each tiny video model, with relighters that are easy to predict."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import Tensor

from lav_engine.engines.diffusion import schedule
from lav_engine.engines.diffusion.fusion import Fusing, fuse
from lav_engine.engines.diffusion.iclight import ICLight, Lighting
from lav_engine.engines.diffusion.noise import FrameNoise, Noise, StreamNoise
from lav_engine.engines.diffusion.priors.animatediff import AnimateDiff, MotionModel
from lav_engine.engines.diffusion.priors.base import Conditioning
from lav_engine.engines.diffusion.priors.cogvideox import CogVideoX
from lav_engine.engines.diffusion.priors.paint import Paint, foreground
from lav_engine.engines.diffusion.priors.wan import Wan
from lav_engine.engines.diffusion.schedule import Schedule, Steps

if TYPE_CHECKING:
    from models import Tiny  # pyright: ignore[reportMissingImports]

NAMES = ("animatediff", "paint", "cogvideox", "wan")
WORDS = torch.linspace(-1, 1, 77 * 32).reshape(1, 77, 32)


@dataclass(frozen=True)
class Mode:
    prior: Any
    schedule: Schedule
    words: Tensor
    frames: int = 5

    def given(self, noise: Noise, frames: int | None = None, **more: Any) -> Conditioning:
        source = clip(frames or self.frames)
        return Conditioning(source, self.words, -self.words, noise, **self._masked(source), **more)

    def _masked(self, source: Tensor) -> dict[str, Tensor]:
        if not isinstance(self.prior, Paint):
            return {}
        mask = torch.zeros(len(source), 1, *source.shape[2:])
        mask[..., 8:24, 8:40] = 1
        return {"mask": mask, "initial": foreground(source, mask)}


def mode_of(tiny: Tiny, name: str) -> Mode:
    if name == "cogvideox":
        transformer, vae = tiny.cogvideox()
        prior = CogVideoX(transformer, vae, tiny.config["cog_sched"])
        return Mode(prior, schedule.COGVIDEOX, WORDS[:, :16], 9)
    if name == "wan":
        return Mode(Wan(*tiny.wan()), schedule.WAN, WORDS)
    model = MotionModel(tiny.motion_unet(), tiny.vae(), tiny.config["eul"])
    if name == "paint":
        return Mode(Paint(model), schedule.PAINT, WORDS)
    return Mode(AnimateDiff(model), schedule.ANIMATEDIFF, WORDS)


@pytest.fixture(scope="module", params=NAMES)
def mode(tiny: Tiny, request: pytest.FixtureRequest) -> Mode:
    return mode_of(tiny, request.param)


def clip(frames: int, width: int = 48, height: int = 32) -> Tensor:
    """Not square on purpose."""
    return torch.rand(frames, 3, height, width, generator=torch.Generator().manual_seed(5)) * 2 - 1


class Relighter:
    """A relighter of one formula, in two steps."""

    steps = 2

    def __init__(self, formula: Callable[[Tensor], Tensor]) -> None:
        self._formula = formula
        self.closed = 0

    def __call__(self, frames: Tensor) -> Generator[None, None, Tensor]:
        try:
            yield
            yield
        except GeneratorExit:
            self.closed += 1
            raise
        return self._formula(frames)


SAME = Relighter(lambda frames: frames)
DARKER = Relighter(lambda frames: frames / 2 - 0.5)


def steps_of(mode: Mode, count: int = 2) -> Steps:
    if isinstance(mode.prior, Paint):
        return schedule.generating(count + 1, count / (count + 1), parity=False)
    return schedule.relighting(count, 0.5, parity=False)


def run(mode: Mode, relighter: Any, noise: Noise, steps: Steps | None = None) -> list[Fusing]:
    steps = steps or steps_of(mode)
    return list(fuse(mode.prior, relighter, mode.given(noise), mode.schedule, steps))


@pytest.mark.parametrize("name", ["animatediff", "cogvideox", "wan"])
def test_an_identity_relighter_first_gives_the_source_back(tiny: Tiny, name: str) -> None:
    mode = mode_of(tiny, name)
    first = next(one.targets for one in run(mode, SAME, StreamNoise(1)) if one.targets)
    torch.testing.assert_close(first.consistent, clip(mode.frames), atol=2e-6, rtol=0)
    torch.testing.assert_close(first.fused, clip(mode.frames), atol=2e-6, rtol=0)


def test_a_new_background_leaves_the_subject_as_it_was(tiny: Tiny) -> None:
    mode = mode_of(tiny, "paint")
    given = mode.given(StreamNoise(1))
    assert given.mask is not None
    first = next(one.targets for one in run(mode, SAME, StreamNoise(1)) if one.targets)
    inside = given.mask.expand_as(given.source) > 0
    torch.testing.assert_close(first.consistent[inside], given.source[inside], atol=2e-4, rtol=1e-5)
    assert (first.consistent - given.source)[~inside].abs().max() > 0.1


def test_the_first_target_is_exactly_the_relit_source(mode: Mode) -> None:
    first = next(one.targets for one in run(mode, DARKER, StreamNoise(1)) if one.targets)
    assert torch.equal(first.fused, first.relit)


def test_the_relighters_share_falls(mode: Mode) -> None:
    relit = [
        one.targets for one in run(mode, DARKER, StreamNoise(1), steps_of(mode, 4)) if one.targets
    ]
    shares = []
    for one in relit:
        apart = one.relit - one.consistent
        shares.append(((one.fused - one.consistent) * apart).sum() / (apart * apart).sum())
    wanted = [one.fusion for one in mode.schedule.weights(times(mode, 4)) if one]
    torch.testing.assert_close(torch.stack(shares), torch.tensor(wanted), atol=1e-4, rtol=1e-4)


def times(mode: Mode, count: int) -> tuple[float, ...]:
    course = mode.prior.course(steps_of(mode, count))
    return course.times[course.lead :]


def test_the_same_seed_gives_the_same_whatever_ran_before(mode: Mode) -> None:
    first = ended(run(mode, DARKER, StreamNoise(1)))
    torch.manual_seed(99)
    other = ended(run(mode, DARKER, StreamNoise(3)))
    assert torch.equal(first, ended(run(mode, DARKER, StreamNoise(1))))
    assert not torch.equal(first, other)


def ended(moments: list[Fusing]) -> Tensor:
    frames = moments[-1].frames
    assert frames is not None
    return frames


def test_progress_counts_up_to_the_end(mode: Mode) -> None:
    moments = run(mode, SAME, FrameNoise(1, 0, 1))
    done = [one.done for one in moments]
    assert done == list(range(1, moments[0].total + 1))
    assert moments[-1].done == moments[-1].total
    assert ended(moments).shape == clip(mode.frames).shape
    assert ended(moments).isfinite().all()


@pytest.mark.parametrize("inside", [True, False])
def test_it_stops_inside_the_relighter_and_between_steps(mode: Mode, inside: bool) -> None:
    lead = mode.prior.course(steps_of(mode)).lead
    relighter = Relighter(lambda frames: frames)
    given = mode.given(StreamNoise(1))
    running: Any = fuse(mode.prior, relighter, given, mode.schedule, steps_of(mode))
    moment = [next(running) for _ in range(lead + (1 if inside else 3))][-1]
    assert (moment.state is None) == inside
    running.close()
    assert relighter.closed == inside
    with pytest.raises(StopIteration):
        next(running)


@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_one_step_is_enough(mode: Mode, strength: float) -> None:
    how = schedule.generating if isinstance(mode.prior, Paint) else schedule.relighting
    moments = run(mode, DARKER, StreamNoise(1), how(1, strength, parity=False))
    assert ended(moments).isfinite().all()


def test_full_strength_starts_from_noise(mode: Mode) -> None:
    how = schedule.generating if isinstance(mode.prior, Paint) else schedule.relighting
    moments = run(mode, DARKER, StreamNoise(1), how(2, 1.0, parity=False))
    assert ended(moments).isfinite().all()


@pytest.mark.parametrize("name", ["animatediff", "paint"])
@pytest.mark.parametrize("frames", [1, 2])
def test_animatediff_takes_single_frames(tiny: Tiny, name: str, frames: int) -> None:
    mode = mode_of(tiny, name)
    given = mode.given(FrameNoise(1, 0), frames)
    *_, last = fuse(mode.prior, SAME, given, mode.schedule, steps_of(mode))
    assert last.frames is not None
    assert last.frames.shape == (frames, 3, 32, 48)


@pytest.mark.parametrize("name", ["cogvideox", "wan"])
def test_a_single_frame_is_a_video_too(tiny: Tiny, name: str) -> None:
    mode = mode_of(tiny, name)
    given = mode.given(FrameNoise(1, 0, 4), 1)
    *_, last = fuse(mode.prior, SAME, given, mode.schedule, steps_of(mode))
    assert last.frames is not None
    assert last.frames.shape == (1, 3, 32, 48)


@pytest.mark.slow
def test_default_settings_run_through(mode: Mode, tiny: Tiny) -> None:
    paint = isinstance(mode.prior, Paint)
    count, strength = (50, 0.5) if paint else (25, 0.4)
    how = schedule.generating if paint else schedule.relighting
    noise = FrameNoise(1, 0)
    lighting = Lighting(WORDS, -WORDS, torch.ones(1, 4, 4, 6))
    relighter = ICLight(tiny.relighter_unet(0.5), tiny.vae(), lighting, noise)
    moments = run(mode, relighter, noise, how(count, strength, parity=False))
    assert relighter.steps == 15
    assert ended(moments).isfinite().all()


@pytest.mark.parametrize("size", [(90, 160), (216, 512)])
def test_a_subject_survives_resizing_and_its_soft_edge_does_not(size: tuple[int, int]) -> None:
    """Resampled white is a rounding below 1, which must not count as edge."""
    white = torch.nn.functional.interpolate(
        torch.ones(1, 1, *size), (512, 512), mode="bicubic", antialias=True
    )
    source = torch.full((1, 3, 512, 512), 0.5)
    assert (foreground(source, white) > 0.4).all()
    assert (foreground(source, white * (254 / 255)) == 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_everything_stays_on_the_models_device(tiny: Tiny, name: str) -> None:
    """Schedulers and draws live on the CPU; here the models do not."""
    mode = mode_of(tiny, name)
    for part in vars(mode.prior).values():
        for network in (part, *vars(part).values()) if isinstance(part, MotionModel) else (part,):
            network = getattr(network, "_vae", network)
            if isinstance(network, torch.nn.Module):
                network.to("meta", torch.bfloat16)
    there = mode.given(FrameNoise(1, 0, 1))
    moved: dict[str, Any] = {
        key: one.to("meta") if isinstance(one := getattr(there, key), Tensor) else one
        for key in Conditioning.__slots__
    }
    *_, last = fuse(mode.prior, SAME, Conditioning(**moved), mode.schedule, steps_of(mode, 1))
    assert last.frames is not None
    assert last.frames.is_meta
    assert last.frames.dtype == torch.float32
