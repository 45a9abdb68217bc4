"""Would an editor keep it? Every figure of quality, over clips x prompts x engines.

    python benchmarks/quality.py FOLDER|CLIP ... [--engines draft] [--clips car man4]
                                 [--people man4] [--frames 24] [--json PATH] [--sheet PNG]

True mattes lie in masks/CLIP/*.png, matte.mp4 or truth/matte.mp4 beside the clip; without one the
matte is read from the picture and no halo is given. Skin is told by colour, so fur passes too:
--people names the clips that have any. `-` always says why there is no figure.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import clips
import cv2
import numpy as np
import sheets
from clips import Clip
from numpy.typing import NDArray
from takes import BASELINES, Take, engine_named, film, relit
from verdicts import Figure, Row, failures, save, show

from lav_engine.light import rig
from lav_engine.light.lamp_colour import lamp_rgb
from lav_engine.media.colour import LUMA_709
from lav_engine.metrics import clipping, detail, direction, edges, flicker, gain, motion, skin
from lav_engine.spec import Light, LightRequest

LEFT, RIGHT = "golden hour from the left", "golden hour from the right"
PROMPTS = (LEFT, RIGHT, "red and blue neon", "blue moonlight", "candle light")
SIDES = {LEFT: (0.5, None), RIGHT: (None, -0.25)}
HEADS = ("clip", "prompt", "engine", "matte")
NOTHING = float("nan")


def main() -> int:
    args = _arguments()
    cv2.setNumThreads(2)
    rows: list[Row] = []
    sheet: list[sheets.Strip] = []
    for path in _paths(args.places, args.clips):
        with_people = args.people is None or path.stem in args.people
        clip = clips.load(path, args.frames, with_people)
        strip = sheets.begun(clip)
        for prompt in args.prompts:
            light = rig.resolve(LightRequest(prompt=prompt)).light
            for name in args.engines:
                take = relit(clip.planes, *engine_named(name), light)
                labels = (clip.name, prompt, name, "true" if clip.has_true_matte else "read")
                rows.append(Row(labels, tuple(_figures(clip, take, prompt, light, name))))
                if name not in BASELINES:
                    strip.add(prompt, take.frames)
        sheet.append(strip)
        show(clip.name, HEADS, [row for row in rows if row.labels[0] == clip.name])
    means = [_mean(rows, prompt, name) for prompt in args.prompts for name in args.engines]
    show("Mean over the clips, and the worst of them", ("prompt", "engine"), means)
    ramps = [_ramp(prompt, name) for prompt in args.prompts for name in args.engines]
    show("A smooth ramp, 8 bit in and out", ("prompt", "engine"), ramps)
    if args.json:
        everything = [*rows, *(Row(("", *row.labels, ""), row.figures) for row in means + ramps)]
        save(args.json, "quality", HEADS, everything)
    if args.sheet:
        sheets.write(args.sheet, sheet)
    return 1 if failures([*rows, *means, *ramps]) else 0


def _figures(clip: Clip, take: Take, prompt: str, light: Light, engine: str) -> Iterator[Figure]:
    """Targets are those of every single clip; baselines only inform."""
    seen = zip(take.frames, clip.frames, strict=True)
    gains = [gain.smooth(gain.luma_gain(after, before)) for after, before in seen]
    sampled = clip.sampled

    def judged(name: str, value: float, low=None, high=None, note: str = "") -> Figure:
        if engine in BASELINES:
            low = high = None
        return Figure(name, value, low, high, note)

    def mean(measure) -> float:
        return float(np.mean([measure(t) for t in sampled]))

    side = mean(lambda t: direction.side_contrast_ln(gains[t], clip.mattes[t]))
    yield judged("side ln", side, *SIDES.get(prompt, ()))
    yield Figure("strength EV", mean(lambda t: gain.strength(gains[t])))
    yield Figure("exposure EV", take.exposure)
    ratio = flicker.flicker_ratio(take.frames, clip.error, clip.motions)
    yield judged("flicker", ratio, None, 1.5)
    yield Figure("gain flicker", flicker.gain_flicker(gains, clip.motions))
    shimmer, worst = flicker.shimmer([gain.smooth(g) for g in take.gains], clip.motions, clip.bands)
    yield judged("edge p99", shimmer, None, 0.05, f"@{worst}" if worst >= 0 else "no edge")
    halo = NOTHING
    if clip.has_true_matte:
        halo = mean(lambda t: edges.halo(take.gains[t], clip.mattes[t]))
    yield judged("halo", halo, None, 0.1, "" if clip.has_true_matte else "no mask")
    yield from _skin_figures(clip, take, light, judged)
    source, frames = clip.frames, take.frames
    yield judged("blown %", mean(lambda t: clipping.newly_blown(frames[t], source[t])), None, 0.2)
    crushed = mean(lambda t: clipping.newly_crushed(frames[t], source[t]))
    yield judged("crushed %", crushed, None, 0.5)
    kept = mean(lambda t: detail.gradient_correlation(frames[t], source[t]))
    yield Figure("gradients", kept)
    yield Figure("motion px", motion.motion_difference(frames, clip.motions, step=3))


def _skin_figures(clip: Clip, take: Take, light: Light, judged) -> Iterator[Figure]:
    """Means over the sampled frames, on the lit half of the skin for its level and hue."""
    levels, hues, textures = [], [], []
    for t in clip.sampled if clip.has_skin else ():
        relit, source, where = take.frames[t], clip.frames[t], clip.skin[t]
        light_gain = gain.luma_gain(relit, source)
        lit = where & direction.lit_half(light_gain, where.astype(np.float32))
        levels.append(skin.skin_luma(light_gain, lit))
        hues.append(skin.hue_shift(relit, source, lit, _colours(light)))
        textures.append(detail.band_energy_ratio(relit, source, where))
    note = "" if levels else "no skin"

    def mean(values: list[float]) -> float:
        return float(np.mean(values)) if values else NOTHING

    yield judged("skin EV", mean(levels), -0.5, 0.7, note)
    yield judged("skin hue °", mean(hues), None, 3.0, note)
    yield judged("skin detail", mean(textures), 0.85, 1.15, note)


def _colours(light: Light) -> NDArray[np.float64]:
    """(N, 3) linear colours of what the light is made of."""
    sources = [*light.lamps, *([light.ambient] if light.ambient.stops is not None else [])]
    return np.array([lamp_rgb(source, light.source_white) for source in sources])


def _mean(rows: list[Row], prompt: str, engine: str) -> Row:
    """Means of all figures, and the target that holds for the mean only."""
    own = [row for row in rows if row.labels[1:3] == (prompt, engine)]
    figures = []
    for column in zip(*(row.figures for row in own), strict=True):
        values = [f.value for f in column if not np.isnan(f.value)]
        name = column[0].name
        high = 1.10 if name == "flicker" and engine not in BASELINES else None
        missed = sum(f.judged and not f.passed for f in column)
        note = f"({missed} missed)" if missed else ""
        figures.append(
            Figure(name, float(np.mean(values)) if values else NOTHING, None, high, note)
        )
    return Row((prompt, engine), tuple(figures))


def _ramp(prompt: str, engine: str) -> Row:
    """A ramp across 1920 px, 8 bit in and out, against the same take of the ramp in 16 bit."""
    ramp = np.linspace(0.05, 0.85, 1920, dtype=np.float32)
    frame = np.broadcast_to(ramp[None, None, :, None], (1, 270, 1920, 3))
    maker, spec = engine_named(engine)
    light = rig.resolve(LightRequest(prompt=prompt)).light
    coarse, fine = (
        relit(film(np.ascontiguousarray(frame), depth), maker, spec, light).frames[0, 103:167]
        for depth in (8, 16)
    )
    # 64 rows: one tile of the dither, whose mean a row of eyes would see.
    codes = np.rint(coarse.mean(axis=0) @ LUMA_709 * 219).astype(int)
    ratio = detail.plateau_ratio(codes, fine.mean(axis=0) @ LUMA_709 * 219)
    high = None if engine in BASELINES else 2.0
    return Row((prompt, engine), (Figure("longest plateau / ideal", ratio, None, high),))


def _paths(places: list[Path], names: list[str] | None) -> list[Path]:
    found = [
        p for place in places for p in (sorted(place.glob("*.mp4")) if place.is_dir() else [place])
    ]
    return [p for p in found if names is None or p.stem in names]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("places", type=Path, nargs="+")
    parser.add_argument("--engines", nargs="+", default=[*BASELINES, "draft"])
    parser.add_argument("--clips", nargs="+", help="only clips of these names")
    parser.add_argument("--people", nargs="+", help="only these clips have skin; else by colour")
    parser.add_argument("--prompts", nargs="+", default=PROMPTS)
    parser.add_argument("--frames", type=int, default=24, help="at most so many of each clip")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sheet", type=Path, help="PNG: clips x prompts; a second one with crops")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
