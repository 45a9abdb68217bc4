"""A preview in its section shows what a render of the clip shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from lav_engine import catalog
from lav_engine.engines.draft.engine import DraftEngine
from lav_engine.frames import SmallFrames, engine_size
from lav_engine.media.probe import probe
from lav_engine.preview import preview
from lav_engine.section import around
from lav_engine.spec import Lamp, Light, LightRequest, Options, Role

DRAFT = catalog.engine("draft")
SAMPLE = Path(__file__).parents[2] / "examples" / "sample.mp4"
KEY = Lamp(azimuth=-70, elevation=15, kelvin=3500)
RIM = Lamp(role=Role.rim, azimuth=150, elevation=25, stops=0.5)
LIGHT = Light(lamps=(KEY, RIM), exposure=0.0)


@pytest.mark.parametrize("frame", [0, 20])
def test_a_frame_alone_is_lit_otherwise_than_in_the_take_and_in_its_section_alike(frame: int):
    facts = probe(SAMPLE)
    with SmallFrames(facts, engine_size(facts, DRAFT.limits)) as small:
        frames = small.stack(0, 36)  # as `windows.plan` says
    engine = DraftEngine()
    window, section = around(facts, frame, DRAFT.limits)
    np.testing.assert_array_equal(window.frames, frames)
    assert section == (0, 34)
    *_, last = engine.relight(window, LIGHT, Options())
    assert last.fields is not None
    take = last.fields.gain[frame]
    seen = engine.glance(window, frame, LIGHT, Options()).gain[0]
    assert np.abs(seen - take).mean() < 0.02  # stops
    assert np.percentile(np.abs(seen - take), 99) < 0.25

    def shown(in_section: bool) -> np.ndarray:
        light = LightRequest(light=LIGHT)
        found = preview(SAMPLE, frame, light, engine, DRAFT, in_section=in_section)
        assert found.section == (section if in_section else None)
        return found.image.astype(int)

    apart = np.abs(shown(True) - shown(False))
    assert np.percentile(apart, 99) > 30  # code values: on an arm and beside it


def test_one_frame_alone_is_its_own_section(make_clip: Callable[..., Path], tmp_path: Path):
    clip = make_clip(tmp_path / "clip.mp4", frames=1)
    window, section = around(probe(clip), 0, DRAFT.limits)
    assert (window.first, len(window.frames), section) == (0, 1, (0, 1))


def test_a_section_ends_at_a_cut(tmp_path: Path):
    clip = two_shots(tmp_path / "two.mkv", cut=11, frames=24)
    facts = probe(clip)
    before, first = around(facts, 10, DRAFT.limits)
    after, second = around(facts, 11, DRAFT.limits)
    assert (before.first, len(before.frames), first) == (0, 11, (0, 11))
    assert (after.first, len(after.frames), second) == (11, 13, (11, 24))


def test_a_section_is_read_anew_when_its_file_is_another(
    make_clip: Callable[..., Path], tmp_path: Path
):
    clip = make_clip(tmp_path / "clip.mp4", frames=6)
    window, _ = around(probe(clip), 2, DRAFT.limits)
    assert around(probe(clip), 3, DRAFT.limits)[0] is window
    with pytest.raises(ValueError, match="read-only"):
        window.frames[:] = 0
    two_shots(clip, cut=6, frames=6)
    assert not np.array_equal(around(probe(clip), 2, DRAFT.limits)[0].frames, window.frames)


def two_shots(path: Path, cut: int, frames: int) -> Path:
    """A pattern that drifts, then quite another one."""
    y, x = np.mgrid[0:90, 0:160]
    with av.open(path, "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for n in range(frames):
            warm = np.dstack([200 - x // 2, 60 + (y + n) % 90, 20 + 0 * x])
            cold = np.dstack([20 + 0 * x, 90 * ((x + n) // 40 % 2), 40 + y * 2])
            picture = (warm if n < cut else cold).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())
    return path
