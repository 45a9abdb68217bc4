"""Are the numbers honest? Stops, kelvin and directions, measured on a grey card and a sphere.

python benchmarks/units.py [--engines draft] [--json PATH] [--sheet PNG]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import sphere
from numpy.typing import NDArray
from takes import engine_named, film, relit
from verdicts import Figure, Row, failures, save, show

from lav_engine.engines.base import Engine
from lav_engine.media.colour import decode_bt1886, encode_bt1886
from lav_engine.metrics import chroma, direction, shape
from lav_engine.metrics.gain import luma_gain
from lav_engine.spec import SOURCE_WHITE, EngineSpec, Lamp, Light

AZIMUTHS = range(-180, 180, 30)
HEIGHTS = (0, 30, 60)
KELVINS = (2700, 3200, 4300, 6500, 7500, 10000)
GREY, NOISE = 0.18, 0.004  # linear level; standard deviation, display
SIZE, FRAMES = (270, 480), 3
SIDEWAYS = 0.35  # share of the light across the picture below which it has no side


def main() -> int:
    args = _arguments()
    cv2.setNumThreads(2)
    cards, balls, pictures = [], [], []
    for name in args.engines:
        engine, spec = engine_named(name)
        cards += [_card_row(name, noise, engine, spec) for noise in (0.0, NOISE)]
        for elevation in HEIGHTS:
            for azimuth in AZIMUTHS:
                row, picture = _ball_row(
                    name, Lamp(azimuth=azimuth, elevation=elevation), engine, spec
                )
                balls.append(row)
                pictures.append(picture)
    show("Grey card, exposure locked at 0", ("engine", "card"), cards)
    show("Sphere, one lamp", ("engine", "azimuth", "height"), balls)
    if args.json:
        save(args.json, "units", ("engine", "what", "height"), [*map(_three, cards), *balls])
    if args.sheet:
        rows = [np.hstack(pictures[i : i + 12]) for i in range(0, len(pictures), 12)]
        cv2.imwrite(str(args.sheet), np.rint(np.vstack(rows)[..., ::-1] * 255).astype(np.uint8))
    return 1 if failures([*cards, *balls]) else 0


def _card_row(name: str, noise: float, engine: Engine, spec: EngineSpec) -> Row:
    """Seen in the middle half of the frame, so that a pool of light counts where it is aimed."""
    card = _card(noise)

    def level(**lamp: float) -> NDArray[np.float64]:
        light = Light(lamps=(Lamp(**lamp),), exposure=0.0)
        frames = relit(film(card), engine, spec, light).frames
        return decode_bt1886(_middle(frames)).mean(axis=(0, 1, 2), dtype=np.float64)

    before = decode_bt1886(_middle(card)).mean(axis=(0, 1, 2), dtype=np.float64)
    one, up, down = level(), level(stops=1.0), level(stops=-1.0)
    even = one * (before.sum() / one.sum())  # chromaticity alone, at the card's level
    cast = chroma.delta_e_2000(chroma.lab_of_linear(even), chroma.lab_of_linear(before))
    misses = [
        abs(chroma.mired_of(level(kelvin=k) / before, SOURCE_WHITE) - 1e6 / k) for k in KELVINS
    ]
    return Row(
        (name, "noisy" if noise else "flat"),
        (
            Figure("level at 0 stops, EV", _stops(one, before), -0.1, 0.1),
            Figure("+1 stop", _stops(up, one), 0.9, 1.1),
            Figure("-1 stop", _stops(down, one), -1.1, -0.9),
            Figure("white lamp dE2000", cast, None, 0.5),
            Figure("worst mired miss", max(misses), None, 5.0, f"at {_worst(misses)} K"),
        ),
    )


def _ball_row(name: str, lamp: Lamp, engine: Engine, spec: EngineSpec) -> tuple[Row, NDArray]:
    """The source is lit from the camera; the gain must show where the new lamp stands."""
    source = np.repeat(sphere.render(*SIZE)[None], FRAMES, axis=0)
    picture = relit(film(source), engine, spec, Light(lamps=(lamp,))).frames[FRAMES // 2]
    gain = luma_gain(picture, source[0])
    normal, matte = sphere.normals(*SIZE)
    ball = matte > 0.99
    toward = shape.light_vector(lamp.azimuth, lamp.elevation)
    ratio = np.exp2(gain[ball]) * _source_light(normal[ball])
    asked = float(np.degrees(np.arctan2(toward[1], toward[0])))
    miss = shape.turn_between(shape.fit_plane_angle(gain[ball], normal[ball]), asked)
    if np.hypot(toward[0], toward[1]) < SIDEWAYS:
        miss = float("nan")
    solid = shape.angle_between(shape.fit_light(ratio, normal[ball]), toward)
    side = direction.side_contrast_ln(gain, matte)
    is_front, is_back = lamp.azimuth == 0, lamp.azimuth == -180
    rim = _rim(gain, normal, ball)
    row = Row(
        (name, f"{lamp.azimuth:+.0f}", f"{lamp.elevation:.0f}"),
        (
            Figure("across miss °", miss, None, 15.0),
            Figure("in space miss °", solid, None, 15.0 if abs(lamp.azimuth) <= 90 else None),
            Figure("side ln", side, *((-0.1, 0.1) if is_front or is_back else (None, None))),
            Figure("edge - centre", rim, 0.0 if is_back else None),
        ),
    )
    return row, picture


def _card(noise: float) -> NDArray[np.float32]:
    level = float(encode_bt1886(np.float32(GREY)))
    card = np.full((FRAMES, *SIZE, 3), level, np.float32)
    grain = np.random.default_rng(7).normal(0, noise, card.shape) if noise else 0.0
    return (card + grain).astype(np.float32)


def _middle(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    height, width = SIZE
    return frames[:, height // 4 : -height // 4, width // 4 : -width // 4]


def _source_light(normal: NDArray[np.float64]) -> NDArray[np.float64]:
    return 0.3 + 0.7 * np.maximum(normal[:, 2], 0)


def _rim(gain: NDArray[np.float32], normal: NDArray, ball: NDArray[np.bool_]) -> float:
    """Mean gain of the outer ring less that of the centre, stops."""
    reach = np.hypot(normal[..., 0], normal[..., 1])
    ring, centre = ball & (reach > 0.9), ball & (reach < 0.5)
    return float(gain[ring].mean() - gain[centre].mean())


def _stops(light: NDArray[np.float64], before: NDArray[np.float64]) -> float:
    return float(np.log2(light.sum() / before.sum()))


def _worst(misses: list[float]) -> int:
    return KELVINS[int(np.argmax(misses))]


def _three(row: Row) -> Row:
    return Row((*row.labels, ""), row.figures)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engines", nargs="+", default=["draft"])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sheet", type=Path, help="PNG of the spheres, azimuths x heights")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
