"""The contact sheet: source frames above the same frames relit, as one PNG."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from lav_engine.progress import Picture
from lav_engine.publish import Reserved, discard, finish, reserve, writing

Pair = tuple[int, Picture, Picture]  # media frame, before, after

LONG_SIDE = 400  # pixels: of one frame
MARGIN, GAP = 28, 8
HEAD, FOOT, SIDE = 52, 28, 64  # for the caption, the frame numbers, the row names
GROUND, INK, FAINT = 24, 225, 140  # grey levels: neutral and dark, so that colours read true
FONT = cv2.FONT_HERSHEY_SIMPLEX
FINE = 4  # text is drawn this much larger and scaled down, which smooths it


def prepare(
    path: Path,
    pairs: Sequence[Pair],
    caption: str,
    announce: Callable[[Reserved], None] = lambda _: None,
) -> Reserved:
    """The finished file, still hidden, for the caller to publish or discard.

    Frames from left to right, all of one size, source above and relit below. `announce` hears of
    the file before it is made. Raises LavError where `path` exists already or cannot be written.
    """
    sheet = draw(pairs, caption)
    _, png = cv2.imencode(".png", cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))
    reserved = reserve(path, announce)
    try:
        with writing(path):
            reserved.temp.write_bytes(png.tobytes())
        finish(reserved)
    except BaseException:
        discard(reserved)
        raise
    return reserved


def draw(pairs: Sequence[Pair], caption: str) -> Picture:
    """The sheet itself, (H, W, 3) RGB."""
    width, height = _size(pairs[0][1])
    columns = len(pairs)
    wide = 2 * MARGIN + SIDE + columns * width + (columns - 1) * GAP
    tall = 2 * MARGIN + HEAD + 2 * height + GAP + FOOT
    sheet = np.full((tall, wide, 3), GROUND, np.uint8)
    _text(sheet, caption, (MARGIN, MARGIN + 18), 19, INK)
    rows = MARGIN + HEAD, MARGIN + HEAD + height + GAP
    for name, top in zip(("Source", "Relit"), rows, strict=True):
        _text(sheet, name, (MARGIN, top + height // 2 + 5), 14, FAINT)
    for column, (media_frame, *pictures) in enumerate(pairs):
        left = MARGIN + SIDE + column * (width + GAP)
        for picture, top in zip(pictures, rows, strict=True):
            fitted = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
            sheet[top : top + height, left : left + width] = fitted
        _text(sheet, str(media_frame), (left, rows[1] + height + 20), 13, FAINT)
    return sheet


def grid(titled: Sequence[tuple[str, Picture]], columns: int) -> Picture:
    """Pictures of one size in rows, each under its title; (H, W, 3) RGB."""
    width, height = _size(titled[0][1])
    rows = -(-len(titled) // columns)
    step = height + FOOT + GAP
    wide = 2 * MARGIN + columns * width + (columns - 1) * GAP
    sheet = np.full((2 * MARGIN + rows * step - GAP, wide, 3), GROUND, np.uint8)
    for index, (title, picture) in enumerate(titled):
        row, column = divmod(index, columns)
        left, top = MARGIN + column * (width + GAP), MARGIN + row * step
        _text(sheet, title, (left, top + 16), 15, INK)
        fitted = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        sheet[top + FOOT : top + FOOT + height, left : left + width] = fitted
    return sheet


def _size(picture: Picture) -> tuple[int, int]:
    height, width, _ = picture.shape
    scale = LONG_SIDE / max(width, height)
    return round(width * scale), round(height * scale)


def _text(sheet: Picture, text: str, at: tuple[int, int], pixels: int, grey: int) -> None:
    """One line, `at` its left end on the base line, cut where the sheet ends."""
    room = sheet.shape[1] - at[0] - MARGIN
    plain = text.encode("ascii", "replace").decode()  # the fonts have nothing else
    scale = cv2.getFontScaleFromHeight(FONT, pixels * FINE * 3 // 4, FINE)
    while plain and cv2.getTextSize(plain, FONT, scale, FINE)[0][0] > room * FINE:
        plain = plain.removesuffix("...")[:-1] + "..." if len(plain) > 3 else ""
    cover = np.zeros((2 * pixels * FINE, room * FINE), np.uint8)
    cv2.putText(cover, plain, (0, round(1.4 * pixels) * FINE), FONT, scale, 255, FINE, cv2.LINE_AA)
    small = cv2.resize(cover, (room, 2 * pixels), interpolation=cv2.INTER_AREA)
    top = at[1] - round(1.4 * pixels)
    area = sheet[top : top + 2 * pixels, at[0] : at[0] + room]
    share = small[..., None].astype(np.float32) / 255
    area[:] = np.rint(area + (grey - area.astype(np.float32)) * share)
