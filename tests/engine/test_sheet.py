"""The contact sheet: right pictures in the right places, never over another file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lav_engine import sheet
from lav_engine.errors import Code, LavError
from lav_engine.publish import publish


def flat(*colour: int) -> NDArray[np.uint8]:
    return np.full((90, 160, 3), colour, np.uint8)


PAIRS = [(10, flat(200, 0, 0), flat(0, 200, 0)), (250, flat(0, 0, 200), flat(200, 200, 0))]


def places(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> tuple[float, float]:
    rows, columns = np.nonzero((picture == colour).all(axis=-1))
    assert len(rows) == 400 * 225
    return float(rows.mean()), float(columns.mean())


def test_source_stands_above_relit_and_frames_run_to_the_right():
    drawn = sheet.draw(PAIRS, "clip.mov  golden hour")
    first, relit, second = (
        places(drawn, colour) for colour in ((200, 0, 0), (0, 200, 0), (0, 0, 200))
    )
    assert first[1] == relit[1] < second[1]
    assert first[0] == second[0] < relit[0]


def test_the_ground_is_neutral_and_dark_and_the_words_are_legible():
    drawn = sheet.draw([(7, flat(128, 128, 128), flat(128, 128, 128))], "CLIP")
    assert (drawn[0, 0] == drawn[0, 0, 0]).all()
    assert drawn[0, 0, 0] < 40
    caption = drawn[: sheet.MARGIN + sheet.HEAD]
    assert caption.max() > 180
    assert (drawn[..., 0] == drawn[..., 2]).all()


def test_a_file_on_disk_holds_the_sheet(tmp_path: Path):
    path = tmp_path / "sheet.png"
    publish(sheet.prepare(path, PAIRS, "clip.mov"))
    read = cv2.imread(str(path))
    assert read is not None
    np.testing.assert_array_equal(read[..., ::-1], sheet.draw(PAIRS, "clip.mov"))
    assert [file.name for file in tmp_path.iterdir()] == ["sheet.png"]


def test_an_existing_file_is_left_as_it_is(tmp_path: Path):
    path = tmp_path / "sheet.png"
    path.write_text("mine")
    with pytest.raises(LavError) as error:
        sheet.prepare(path, PAIRS, "clip.mov")
    assert error.value.code is Code.output_exists
    assert path.read_text() == "mine"
    assert [file.name for file in tmp_path.iterdir()] == ["sheet.png"]


def test_a_missing_folder_is_a_sentence(tmp_path: Path):
    with pytest.raises(LavError) as error:
        sheet.prepare(tmp_path / "gone" / "sheet.png", PAIRS, "clip.mov")
    assert error.value.code is Code.output_unwritable


@pytest.mark.parametrize("caption", ["", "x" * 500, "Abend in Köln, 日本 90°"])
def test_any_caption_fits(caption: str):
    drawn = sheet.draw(PAIRS[:1], caption)
    assert (drawn[:, -sheet.MARGIN :] == sheet.GROUND).all()


def test_upright_frames_are_no_taller_than_wide_ones_are_wide():
    upright = np.full((160, 90, 3), (70, 60, 90), np.uint8)
    drawn = sheet.draw([(0, upright, upright)], "")
    assert int((drawn == (70, 60, 90)).all(axis=-1).sum()) == 2 * 400 * 225


def test_a_grid_reads_from_left_to_right_and_down():
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200)]
    drawn = sheet.grid([(str(colour), flat(*colour)) for colour in colours], columns=2)
    one, two, three = (places(drawn, colour) for colour in colours)
    assert one[0] == two[0] < three[0]
    assert one[1] == three[1] < two[1]
