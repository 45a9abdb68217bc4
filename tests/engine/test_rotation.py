"""A clip stored on its side with a flag that says so is relit as a person sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lav_engine import catalog
from lav_engine.mapstore import MapStore
from lav_engine.media.colour import planes_to_rgb
from lav_engine.media.planes import Planes
from lav_engine.media.probe import probe
from lav_engine.media.source import Reader
from lav_engine.preview import poster, preview
from lav_engine.progress import Progress
from lav_engine.relight import relight
from lav_engine.spec import (
    ClipRange,
    LampPatch,
    LightRequest,
    Options,
    Output,
    RelightRequest,
    Scope,
    Stage,
)

MakeClip = Callable[..., Path]

DRAFT = catalog.engine("draft")
FROM_LEFT = LightRequest(lamp=LampPatch(azimuth=-80, elevation=20))
SUBJECT = Options(scope=Scope.subject)
SQUARE_CHROMA = "yuv444p10le"  # the same picture however it lies
FRAMES = 3
WIDTH, HEIGHT = 320, 180  # of `make_clip`, upright
CODES = 1023  # of luma, about
sideways = pytest.mark.parametrize("rotation", [90, 180, 270])


@pytest.fixture
def clips(make_clip: MakeClip) -> Callable[[int], tuple[Path, Path]]:
    """(stored upright, stored so that its flag turns it upright)."""

    def make(rotation: int) -> tuple[Path, Path]:
        how = {"frames": FRAMES, "pixel_format": SQUARE_CHROMA}
        return make_clip("upright.mkv", **how), make_clip("turned.mkv", rotation=rotation, **how)

    return make


def request_for(clip: Path, sheet: Path | None = None) -> RelightRequest:
    take = Output(clip.with_name(f"{clip.stem}-take.mkv"), audio=False, sheet=sheet)
    return RelightRequest(ClipRange(clip, 0, 0, Fraction(0)), FROM_LEFT, take)


def run(request: RelightRequest) -> tuple[Path, list[Progress]]:
    path = request.output.path
    maps = MapStore(path.with_name(f"{path.stem}-maps"))
    return path, list(relight(request, catalog.load_engine(DRAFT), DRAFT, maps))


def stored(path: Path) -> list[Planes]:
    facts = probe(path)
    with Reader(path, facts) as reader:
        return list(reader.read(0, facts.frames))


def seen(path: Path) -> NDArray[np.float32]:
    """(F, H, W, 3) as a player that follows the flag shows it."""
    turns = probe(path).rotation // 90
    return np.stack([np.rot90(planes_to_rgb(planes), turns) for planes in stored(path)])


def halves(picture: NDArray[np.float32]) -> tuple[float, float]:
    """Means of the left and the right half."""
    middle = picture.shape[-2] // 2
    return float(picture[..., :middle, :].mean()), float(picture[..., middle:, :].mean())


@sideways
def test_the_relit_picture_is_that_of_the_same_clip_stored_upright(clips, rotation: int):
    upright, turned = clips(rotation)
    plain, flagged = (run(request_for(clip))[0] for clip in (upright, turned))
    facts, source = probe(flagged), probe(turned)
    assert facts.rotation == rotation
    assert (facts.width, facts.height) == (source.width, source.height)
    assert np.abs(seen(flagged) - seen(plain)).max() < 6 / CODES  # dither lies as it is stored


@sideways
def test_light_from_the_left_falls_on_the_left_of_the_screen(clips, rotation: int):
    _, turned = clips(rotation)
    left, right = halves(seen(run(request_for(turned))[0]) - seen(turned))
    assert left > right + 0.05


@sideways
def test_an_amount_of_nothing_keeps_every_code(clips, rotation: int):
    _, turned = clips(rotation)
    take, _ = run(replace(request_for(turned), amount=0.0))
    for before, after in zip(stored(turned), stored(take), strict=True):
        for plane in ("y", "u", "v"):
            assert np.array_equal(getattr(before, plane), getattr(after, plane))


@sideways
def test_poster_and_preview_are_upright(clips, rotation: int):
    upright, turned = clips(rotation)
    for width in (WIDTH, WIDTH // 2):
        assert near(poster(turned, 1, width), poster(upright, 1, width))
        plain, flagged = (
            preview(clip, 1, FROM_LEFT, catalog.load_engine(DRAFT), DRAFT, width=width)
            for clip in (upright, turned)
        )
        assert near(flagged.image, plain.image)


@sideways
def test_progress_and_contact_sheet_are_upright(clips, rotation: int):
    sheets, shown = [], []
    for clip in clips(rotation):
        sheet = clip.with_suffix(".png")
        _, steps = run(request_for(clip, sheet))
        delivered = (step for step in steps if step.stage == Stage.delivering)
        shown.append(next(step.preview for step in delivered if step.preview is not None))
        sheets.append(read(sheet)[90:])  # below the line with the file's name
    assert near(shown[1], shown[0])
    assert near(sheets[1], sheets[0])


@pytest.mark.parametrize("rotation", [90, 270])
@pytest.mark.parametrize("lies", ["upright", "as stored"])
@pytest.mark.parametrize("suffix", [".png", ".mkv"])
def test_a_mask_may_lie_upright_or_as_the_clip_is_stored(
    clips, tmp_path: Path, rotation: int, lies: str, suffix: str
):
    _, turned = clips(rotation)
    matte = left_half() if lies == "upright" else np.rot90(left_half(), -rotation // 90)
    check_left_only(turned, make_mask(tmp_path / f"mask{suffix}", matte))


@sideways
def test_a_mask_clip_is_turned_by_its_own_flag(clips, tmp_path: Path, rotation: int):
    upright, turned = clips(rotation)
    matte = np.rot90(left_half(), -rotation // 90)
    mask = make_mask(tmp_path / "mask.mkv", matte, rotation)
    check_left_only(turned, mask)
    check_left_only(upright, mask)


def test_a_mask_of_a_clip_that_stands_on_its_head_is_upright(clips, tmp_path: Path):
    _, turned = clips(180)
    check_left_only(turned, make_mask(tmp_path / "mask.png", left_half()))


def check_left_only(clip: Path, mask: Path) -> None:
    take, _ = run(replace(request_for(clip), mask=mask, options=SUBJECT))
    changed = np.abs(seen(take) - seen(clip)).max(axis=(0, -1))
    assert changed[:, : WIDTH // 2 - 60].max() > 0.05
    assert changed[:, WIDTH // 2 + 60 :].max() == 0


def left_half() -> NDArray[np.uint8]:
    matte = np.zeros((HEIGHT, WIDTH), np.uint8)
    matte[:, : WIDTH // 2] = 255
    return matte


def make_mask(path: Path, matte: NDArray[np.uint8], rotation: int = 0) -> Path:
    """A still, or a clip of it with a flag."""
    if path.suffix == ".png":
        cv2.imwrite(str(path), matte)
        return path
    with av.open(path, "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        (stream.height, stream.width), stream.pix_fmt = matte.shape, "gray"
        if rotation:
            stream.set_display_rotation(rotation)
        for _ in range(FRAMES):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(matte), "gray")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


def read(path: Path) -> NDArray[np.uint8]:
    picture = cv2.imread(str(path))
    assert picture is not None
    return picture.astype(np.uint8)


def near(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    return one.shape == other.shape and int(cv2.absdiff(one, other).max()) <= 3
