"""Every draw can be made again: by order for the paper's runs, by media frame for ours."""

from __future__ import annotations

import torch
from diffusers import EulerAncestralDiscreteScheduler

from lav_engine.engines.diffusion.noise import FrameNoise, StreamNoise


def test_a_stream_is_torchs_own() -> None:
    noise = StreamNoise(2060)
    drawn = [noise.draw((2, 3), frames=None), noise.draw((4,), frames=0)]
    stream = torch.manual_seed(2060)
    for one in drawn:
        assert torch.equal(one, torch.randn(*one.shape, generator=stream))


def test_a_frame_has_the_same_noise_in_every_window() -> None:
    one, two = FrameNoise(7, first=0), FrameNoise(7, first=12)
    for shape, axis in (((16, 4, 6, 8), 0), ((1, 16, 4, 6, 8), 1), ((1, 4, 16, 6, 8), 2)):
        ours, theirs = one.draw(shape, axis), two.draw(shape, axis)
        assert torch.equal(ours.narrow(axis, 12, 4), theirs.narrow(axis, 0, 4))
        assert not torch.equal(ours.narrow(axis, 0, 4), theirs.narrow(axis, 0, 4))


def test_latent_frames_are_known_by_their_media_frame() -> None:
    one, two = FrameNoise(7, 0, stride=4), FrameNoise(7, 44, stride=4)
    ours, theirs = (noise.draw((1, 16, 13, 6, 8), frames=2) for noise in (one, two))
    assert torch.equal(ours[:, :, 11:], theirs[:, :, :2])


def test_what_frames_share_all_windows_share() -> None:
    one, two = FrameNoise(7, 0), FrameNoise(7, 12)
    assert torch.equal(one.draw((1, 4, 6, 8), None), two.draw((1, 4, 6, 8), None))


def test_draws_seeds_and_frames_differ() -> None:
    noise = FrameNoise(7, 0)
    first, second = noise.draw((4, 100), 0), noise.draw((4, 100), 0)
    other = FrameNoise(8, 0).draw((4, 100), 0)
    rows = torch.cat([first, second, other])
    assert torch.corrcoef(rows).fill_diagonal_(0).abs().max() < 0.5
    assert len(rows.unique(dim=0)) == 12


def test_draws_are_standard_normal() -> None:
    drawn = FrameNoise(1, 0).draw((64, 4, 32, 32), frames=0)
    assert abs(drawn.mean().item()) < 0.01
    assert abs(drawn.std().item() - 1) < 0.01


def test_a_sampler_that_draws_for_itself_draws_by_frame() -> None:
    def stepped(first: int) -> torch.Tensor:
        scheduler = EulerAncestralDiscreteScheduler()
        scheduler.set_timesteps(4)
        noise, still = FrameNoise(7, first), torch.zeros(1, 4, 16, 6, 8)
        return noise.step(scheduler, still, scheduler.timesteps[0], still)

    one, two = stepped(0), stepped(12)
    assert one.shape == (1, 4, 16, 6, 8)
    assert torch.equal(one[:, :, 12:], two[:, :, :4])
    assert one.std() > 0.1


def test_global_randomness_changes_nothing() -> None:
    torch.manual_seed(1)
    one = FrameNoise(7, 0).draw((2, 8), 0), StreamNoise(7).draw((2, 8), 0)
    torch.manual_seed(2)
    two = FrameNoise(7, 0).draw((2, 8), 0), StreamNoise(7).draw((2, 8), 0)
    assert torch.equal(torch.stack(one), torch.stack(two))
