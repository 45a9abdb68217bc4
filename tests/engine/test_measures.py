"""What the page says of a take: figures that mean what their names say."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lav_engine.errors import LavError
from lav_engine.measures import Measured, measure
from lav_engine.spec import ClipRange

FRAMES, WIDTH, HEIGHT = 10, 192, 108


def textured(seed: int = 1) -> NDArray[np.float32]:
    """(F, H, W, 3) in 0..1: soft grain that drifts by two pixels a frame."""
    grain = np.random.default_rng(seed).random((HEIGHT // 4, WIDTH // 4)).astype(np.float32)
    grain = np.kron(grain, np.ones((4, 4), np.float32)) * 0.5 + 0.25
    return np.stack([np.roll(grain, 2 * t, axis=1) for t in range(FRAMES)])[..., None].repeat(3, -1)


def written(path: Path, frames: NDArray[np.float32]) -> Path:
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(24))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "4"}
        for frame in frames:
            codes = np.clip(frame * 255, 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(codes, "rgb24")))
        container.mux(stream.encode())
    return path


@pytest.fixture
def source(tmp_path: Path) -> ClipRange:
    return ClipRange(written(tmp_path / "source.mp4", textured()), 0, FRAMES, Fraction(24))


def measured(source: ClipRange, folder: Path, frames: NDArray[np.float32]) -> dict[str, Measured]:
    return {one.name: one for one in measure(source, written(folder / "take.mp4", frames))}


def test_a_take_like_its_source_measures_like_it(source: ClipRange, tmp_path: Path) -> None:
    found = measured(source, tmp_path, textured())
    assert found["flicker"].take == pytest.approx(found["flicker"].source)
    assert found["motion"].take == 0
    assert found["direction"].take == pytest.approx(found["direction"].source)
    assert found["detail"].take == pytest.approx(100)
    assert not any(one.verdict for one in found.values())


@pytest.mark.parametrize(("dim", "side", "sign"), [("right", "left", 1), ("left", "right", -1)])
def test_light_from_a_side_is_told_in_stops(tmp_path: Path, dim: str, side: str, sign: int) -> None:
    """On frames so even that no subject is seen: the sides are the picture's."""
    even = textured() * 0.05 + 0.55
    is_dim = (np.arange(WIDTH) >= WIDTH // 2) == (dim == "right")
    lit = even * np.where(is_dim, 0.5 ** (1 / 2.4), 1.0)[:, None].astype(np.float32)
    source = ClipRange(written(tmp_path / "even.mp4", even), 0, FRAMES, Fraction(24))
    direction = measured(source, tmp_path, lit)["direction"]
    assert direction.take - direction.source == pytest.approx(sign, abs=0.1)
    assert direction.verdict.startswith(f"More light comes from the {side}")


def test_flicker_and_lost_detail_are_said(source: ClipRange, tmp_path: Path) -> None:
    pulsing = textured() * np.where(np.arange(FRAMES) % 2, 1.0, 0.7)[:, None, None, None]
    found = measured(source, tmp_path, pulsing.astype(np.float32))
    assert found["flicker"].take > 2 * found["flicker"].source
    assert "flickers" in found["flicker"].verdict
    other = measured(source, tmp_path, textured(seed=2))
    assert other["detail"].take < 50
    assert other["detail"].verdict


def test_a_still_has_no_flicker(source: ClipRange, tmp_path: Path) -> None:
    one = ClipRange(source.path, 3, 1, source.rate)
    take = written(tmp_path / "still.mp4", textured()[3:4])
    assert {found.name for found in measure(one, take)} == {"direction", "detail"}


def test_a_take_of_another_length_is_not_measured(source: ClipRange, tmp_path: Path) -> None:
    take = written(tmp_path / "short.mp4", textured()[:5])
    with pytest.raises(LavError, match="has 5 frames"):
        measure(source, take)
