"""Is the light the true one? Rendered scenes, relit by number, against the same scene so rendered.

    python benchmarks/truth.py FOLDER [FOLDER ...] [--json PATH] [--sheet PNG] [--step N]

A folder holds source.mp4, left.mp4, right.mp4, top.mp4, matte.mp4 and truth.json; `examples` itself
has them as sample.mp4 and truth/. All pictures are compared at the truth's size.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from takes import BASELINES, Frames, engine_named, film, pictures, read, relit
from verdicts import Figure, Row, failures, save, show

from lav_engine.engines.baselines import graduated
from lav_engine.light import rig
from lav_engine.media.planes import Planes
from lav_engine.metrics import edges, fidelity, shape
from lav_engine.metrics.gain import luma_gain
from lav_engine.spec import Ambient, LampPatch, Light, LightRequest

HEADS = ("scene", "light", "engine")
BETTER = {"left": 2.0, "right": 2.0, "top": 1.0}  # dB over the fitted filter
ALIKE = {"left": 0.7, "right": 0.7, "top": 0.45}  # shape correlation
MATCH = 240  # pixels, long side at which the exposure is matched and the filter fitted


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    name: str
    planes: list[Planes]  # the source as stored, every frame
    source: Frames  # as pictures, every step-th frame, at the truth's size; so the others:
    truths: dict[str, Frames]
    lights: dict[str, Light]
    mattes: NDArray[np.float32]  # (F, H, W)
    step: int


def main() -> int:
    args = _arguments()
    cv2.setNumThreads(2)
    rows, pictures = [], []
    for folder in args.folders:
        scene = load(folder, args.step, args.ambient)
        for name in args.lights or scene.truths:
            for engine, frames, label in takes(scene, name, args.engines):
                rows.append(measure(scene, name, frames, engine, label, rows))
                pictures.append(frames[len(frames) // 2])
            rows.append(measure(scene, name, scene.truths[name], "truth", "truth", rows))
            pictures.append(scene.truths[name][len(scene.mattes) // 2])
    show("Ground truth", HEADS, rows)
    if args.json:
        save(args.json, "truth", HEADS, rows)
    if args.sheet:
        _sheet(args.sheet, pictures, len(args.engines) + 1)
    return 1 if failures(rows) else 0


def load(folder: Path, step: int, with_ambient: bool) -> Scene:
    """Relights every frame, compares every `step`-th."""
    inside = folder / "truth" if (folder / "truth").is_dir() else folder
    facts = json.loads((inside / "truth.json").read_text())
    planes = read(folder / "sample.mp4" if inside != folder else folder / "source.mp4")
    lights = facts["lights"]
    truths = {n: pictures(read(inside / e["file"])[::step]) for n, e in lights.items()}
    height, width = next(iter(truths.values())).shape[1:3]
    return Scene(
        name=facts.get("scene", folder.name),
        planes=planes,
        source=_fit(pictures(planes[::step]), width, height),
        truths=truths,
        lights={name: light_of(entry, with_ambient) for name, entry in lights.items()},
        mattes=pictures(read(inside / "matte.mp4")[::step])[..., 1],
        step=step,
    )


def light_of(entry: dict, with_ambient: bool) -> Light:
    """What a command line can say: one lamp in numbers; on demand with the scene's own ambient."""
    patch = LampPatch(entry["azimuth"], entry["elevation"], entry["kelvin"], size=entry["size"])
    light = rig.resolve(LightRequest(lamp=patch)).light
    if not with_ambient:
        return light
    return replace(
        light, ambient=Ambient(stops=float(np.log2(entry["ambient"] / entry["strength"])))
    )


def takes(scene: Scene, name: str, engines: list[str]) -> Iterator[tuple[str, Frames, str]]:
    """(engine, relit frames, label); the filter's label says the strength fitted to the truth."""
    light, truth = scene.lights[name], scene.truths[name]
    height, width = truth.shape[1:3]
    for engine in engines:
        maker, spec = engine_named(engine)
        label = engine
        if engine == graduated.spec.name:
            strength = fit_filter(scene.source, truth, light)
            maker, label = graduated.Graduated(strength), f"filter {strength:.1f}"
        frames = relit(scene.planes, maker, spec, light).frames[:: scene.step]
        yield engine, _fit(frames, width, height), label


def fit_filter(source: Frames, truth: Frames, light: Light) -> float:
    """The strength, 0-10 stops across the picture, that brings the filter nearest to the truth.

    Least squares on the delivered display values after its own best exposure: the strongest filter
    by the very figure it is judged on. On five frames, reduced to 240 pixels.
    """
    chosen = np.unique(np.linspace(0, len(truth) - 1, 5).round().astype(int))
    small, target = film(_reduce(source[chosen])), _reduce(truth[chosen])

    def miss(strength: float) -> float:
        frames = relit(small, graduated.Graduated(strength), graduated.spec, light).frames
        stops = fidelity.best_exposure(frames, target)
        return fidelity.mean_square(fidelity.expose(frames, stops), target)

    return fidelity.minimise(miss, 0.0, 10.0, 0.1)


def measure(scene: Scene, name: str, frames: Frames, engine: str, label: str, rows: list) -> Row:
    truth = scene.truths[name]
    stops = fidelity.best_exposure(_reduce(frames), _reduce(truth))
    matched = fidelity.expose(frames, stops)
    decibels = fidelity.psnr(matched, truth)
    rival = _rival(rows, scene.name, name)
    alike, slope, green, yellow, halos = _inside(scene.source, frames, matched, truth, scene.mattes)
    judged = engine not in (*BASELINES, "truth")
    return Row(
        (scene.name, name, label),
        (
            Figure("PSNR dB", decibels),
            Figure("over filter", decibels - rival, BETTER[name] if judged else None),
            Figure("shape corr", alike, ALIKE[name] if judged else None),
            Figure("contrast", slope),
            Figure("matched EV", stops),
            Figure("cast a*", green),
            Figure("cast b*", yellow),
            Figure("halo", halos, None, 0.1 if judged else None),
        ),
    )


def _inside(source: Frames, frames: Frames, matched: Frames, truth: Frames, mattes: NDArray):
    """Means over the frames: shape correlation, contrast, cast and halo, with the true matte."""
    found = []
    for before, after, even, true, matte in zip(
        source, frames, matched, truth, mattes, strict=True
    ):
        where = matte > 0.95
        gain, true_gain = luma_gain(after, before), luma_gain(true, before)
        found.append(
            (
                shape.shape_correlation(gain, true_gain, where),
                shape.contrast_slope(gain, true_gain, where),
                *fidelity.cast(even, true, where),
                edges.halo(gain, matte),
            )
        )
    return np.nanmean(found, axis=0)


def _rival(rows: list[Row], scene: str, light: str) -> float:
    for row in rows:
        if row.labels[:2] == (scene, light) and row.labels[2].startswith("filter"):
            return row.figures[0].value
    return float("nan")


def _fit(frames: Frames, width: int, height: int) -> Frames:
    if frames.shape[1:3] == (height, width):
        return frames
    return np.stack([cv2.resize(f, (width, height), interpolation=cv2.INTER_AREA) for f in frames])


def _reduce(frames: Frames) -> Frames:
    scale = min(1.0, MATCH / max(frames.shape[1:3]))
    return _fit(frames, round(frames.shape[2] * scale), round(frames.shape[1] * scale))


def _sheet(path: Path, pictures: list[NDArray[np.float32]], columns: int) -> None:
    rows = [np.hstack(pictures[i : i + columns]) for i in range(0, len(pictures), columns)]
    width = min(row.shape[1] for row in rows)
    sheet = np.vstack([row[:, :width] for row in rows])
    cv2.imwrite(str(path), np.rint(sheet[..., ::-1] * 255).astype(np.uint8))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+")
    engines = ["nothing", "tint", "graduated", "draft"]
    parser.add_argument("--engines", nargs="+", default=engines)
    parser.add_argument("--lights", nargs="+", choices=BETTER)
    parser.add_argument("--step", type=int, default=3, help="measure every N-th frame")
    parser.add_argument("--ambient", action="store_true", help="tell engines the scene's ambient")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sheet", type=Path, help="PNG: engines side by side, the truth last")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
