"""The whole walk in one process: real files, the real Draft engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from lav_engine import catalog
from lav_engine.errors import Code, LavError
from lav_engine.lightmap import load
from lav_engine.mapstore import MapStore
from lav_engine.media.colour import planes_to_rgb
from lav_engine.media.probe import probe
from lav_engine.media.source import Reader
from lav_engine.preparation import check_request
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
    Take,
)

MakeClip = Callable[..., Path]

DRAFT = catalog.engine("draft")
FROM_LEFT = LightRequest(lamp=LampPatch(azimuth=-80, elevation=20))


def request_for(clip: Path, output: Path, first: int = 0, count: int = 0) -> RelightRequest:
    return RelightRequest(
        ClipRange(clip, first, count, Fraction(0)), FROM_LEFT, Output(output, audio=False)
    )


def run(request: RelightRequest) -> tuple[Take, list[Progress]]:
    maps = MapStore(request.output.path.parent / f"{request.output.path.stem}-maps")
    steps = list(relight(request, catalog.load_engine(DRAFT), DRAFT, maps))
    take = steps[-1].take
    assert take is not None
    return take, steps


def pictures(path: Path) -> np.ndarray:
    facts = probe(path)
    with Reader(path, facts) as reader:
        return np.stack([planes_to_rgb(planes) for planes in reader.read(0, facts.frames)])


def test_a_take_has_exactly_the_frames_of_its_range(make_clip: MakeClip, tmp_path: Path):
    take, _ = run(request_for(make_clip(frames=40), tmp_path / "take.mkv", 5, 30))
    assert (take.clip.first, take.clip.count) == (5, 30)
    assert probe(take.path).frames == 30
    assert probe(take.path).rate == Fraction(24000, 1001)


def test_light_from_the_left_brightens_the_left(make_clip: MakeClip, tmp_path: Path):
    clip = make_clip()
    take, _ = run(request_for(clip, tmp_path / "take.mkv"))
    before, after = pictures(clip)[6], pictures(take.path)[6]
    ratio = (after.mean(axis=-1) + 0.01) / (before.mean(axis=-1) + 0.01)
    assert ratio[70:120, 90:115].mean() > 1.2 * ratio[70:120, 155:180].mean()


def test_two_ranges_agree_on_the_frames_they_share(make_clip: MakeClip, tmp_path: Path):
    clip = make_clip(frames=60)
    run(request_for(clip, tmp_path / "one.mkv", 0, 40))
    run(request_for(clip, tmp_path / "two.mkv", 17, 43))
    one, two = pictures(tmp_path / "one.mkv")[17:40], pictures(tmp_path / "two.mkv")[:23]
    assert np.abs(one - two).max() < 1e-6


def test_amount_0_is_the_source_code_for_code(make_clip: MakeClip, tmp_path: Path):
    clip = make_clip()
    run(replace(request_for(clip, tmp_path / "take.mkv"), amount=0.0))
    np.testing.assert_array_equal(pictures(clip), pictures(tmp_path / "take.mkv"))


def test_the_exposure_it_reports_gives_the_same_take_again(make_clip: MakeClip, tmp_path: Path):
    clip = make_clip()
    take, _ = run(request_for(clip, tmp_path / "one.mkv"))
    locked = replace(FROM_LEFT, exposure=take.light.exposure)
    run(replace(request_for(clip, tmp_path / "two.mkv"), light=locked))
    np.testing.assert_array_equal(pictures(tmp_path / "one.mkv"), pictures(tmp_path / "two.mkv"))


def test_every_window_leaves_its_light_map(make_clip: MakeClip, tmp_path: Path):
    take, steps = run(request_for(make_clip(frames=60), tmp_path / "take.mkv"))
    assert take.map_folder is not None
    windows = [step for step in steps if step.window is not None]
    files = [MapStore(take.map_folder).path(step.key or "") for step in windows]
    assert sorted(files) == sorted(take.map_folder.rglob("*.npz"))
    assert [step.window for step in windows] == list(range(len(files)))
    assert len(files) > 1
    fields, origin = load(files[1])
    assert origin.engine == "draft"
    assert origin.first == DRAFT.limits.frames
    assert len(fields.gain) == 60 - DRAFT.limits.frames


def test_progress_only_grows_and_ends_whole(make_clip: MakeClip, tmp_path: Path):
    _, steps = run(request_for(make_clip(frames=40), tmp_path / "take.mkv"))
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert any(step.preview is not None for step in steps)


def test_cancelling_leaves_nothing_behind(make_clip: MakeClip, tmp_path: Path):
    request = request_for(make_clip(frames=40), tmp_path / "out" / "take.mkv")
    request.output.path.parent.mkdir()
    walk = relight(request, catalog.load_engine(DRAFT), DRAFT, MapStore(tmp_path / "maps"))
    while not any(request.output.path.parent.iterdir()):
        next(walk)
    walk.close()
    assert list(request.output.path.parent.iterdir()) == []


def test_what_is_there_is_never_overwritten(make_clip: MakeClip, tmp_path: Path):
    output = tmp_path / "take.mkv"
    output.write_text("mine")
    with pytest.raises(LavError) as caught:
        run(request_for(make_clip(), output))
    assert caught.value.code == Code.output_exists
    assert output.read_text() == "mine"


@pytest.mark.parametrize(("first", "count"), [(12, 1), (-1, 4), (0, 13), (5, -2)])
def test_a_range_outside_the_file_is_refused(
    make_clip: MakeClip, tmp_path: Path, first: int, count: int
):
    with pytest.raises(LavError) as caught:
        run(request_for(make_clip(), tmp_path / "take.mkv", first, count))
    assert caught.value.code == Code.range_outside
    assert "12" in caught.value.message


def test_a_sheet_shows_before_and_after(make_clip: MakeClip, tmp_path: Path):
    request = request_for(make_clip(), tmp_path / "take.mkv")
    sheet = tmp_path / "sheet.png"
    take, _ = run(replace(request, output=replace(request.output, sheet=sheet)))
    assert take.sheet == sheet
    assert sheet.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("frames", [12, 5], ids=["as long as the clip", "as long as the range"])
def test_a_mask_clip_tells_the_subject(make_clip: MakeClip, tmp_path: Path, frames: int):
    clip, mask = make_clip(), make_mask(tmp_path / "mask.mkv", frames)
    request = request_for(clip, tmp_path / "take.mkv", 4, 5)
    subject = Options(scope=Scope.subject)
    run(replace(request, mask=mask, options=subject))
    changed = np.abs(pictures(tmp_path / "take.mkv") - pictures(clip)[4:9]).max(axis=(0, -1))
    assert changed[:, :100].max() > 0.05
    assert changed[:, 220:].max() == 0


def test_a_mask_of_another_length_is_refused(make_clip: MakeClip, tmp_path: Path):
    mask = make_mask(tmp_path / "mask.mkv", 7)
    with pytest.raises(LavError) as caught:
        run(replace(request_for(make_clip(), tmp_path / "take.mkv", 4, 5), mask=mask))
    assert caught.value.code == Code.mask_unusable
    assert "7 frames" in caught.value.message


@pytest.mark.parametrize("name", ["none.png", "none.mov", "text.png", "text.mov"])
def test_a_mask_that_is_none_is_refused_before_anything_is_read(
    make_clip: MakeClip, tmp_path: Path, name: str
):
    mask = tmp_path / name
    if "text" in name:
        mask.write_text("no picture at all\n" * 20)
    request = request_for(make_clip(), tmp_path / "take.mkv", 4, 5)
    with pytest.raises(LavError, match=name) as caught:
        check_request(replace(request, mask=mask), DRAFT)
    assert caught.value.code == Code.mask_unusable
    assert "mask" in caught.value.message
    assert caught.value.hint


def test_a_mask_that_is_too_large_a_picture_is_refused(make_clip: MakeClip, tmp_path: Path):
    mask = tmp_path / "mask.png"
    cv2.imwrite(str(mask), np.zeros((20, 20_000), np.uint8))
    request = request_for(make_clip(), tmp_path / "take.mkv", 4, 5)
    with pytest.raises(LavError, match="20000 × 20 pixels") as caught:
        check_request(replace(request, mask=mask), DRAFT)
    assert caught.value.code == Code.mask_unusable


def make_mask(path: Path, frames: int) -> Path:
    """White on the left half."""
    with av.open(path, "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "gray"
        picture = np.zeros((180, 320), np.uint8)
        picture[:, :160] = 255
        for _ in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "gray")))
        container.mux(stream.encode())
    return path
