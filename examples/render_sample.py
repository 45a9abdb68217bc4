"""Render the sample clip, the same shot under three other lamps, and its subject's true matte.

Everything in the picture is modelled by code. In a throw-away environment (Python 3.11):

    pip install "bpy==4.5.*" "av>=18.1" numpy
    python examples/render_sample.py                              # sample.mp4 and truth/
    python examples/render_sample.py --scene bust --out out/bust  # a clip to develop against

Rendered frames are kept as linear pictures in --cache, so an interrupted run goes on where it
stopped; empty it after changing a scene.
"""

import argparse
import json
import os
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import bpy
import numpy as np
from stage.lamps import TRUTH, Lamp, switch_on
from stage.scene import SCENES, Scene, build

RATE = 24
FULL, HALF = (960, 540), (480, 270)
GAMMA = 2.4  # BT.1886: what the encoded picture means in light


def main():
    args = _arguments()
    committed = args.out is None
    out = args.out or Path(__file__).parent
    truth = out / "truth" if committed else out
    truth.mkdir(parents=True, exist_ok=True)
    scene = build(args.scene)
    _settings(args.samples)

    lamps = {"source": scene.source, **TRUTH, "matte": None}
    size = FULL if committed else HALF
    for name, lamp in lamps.items():
        if args.only and name not in args.only:
            continue
        frames = list(_render(scene, name, lamp, size if name == "source" else HALF, args))
        if committed and name == "source":
            write(
                out / "sample.mp4",
                frames,
                depth=8,
                chroma=420,
                crf=12,
                sound=_tune(len(frames) / RATE),
            )
        elif committed:
            depth, crf = (8, 20) if name == "matte" else (10, 12)
            write(truth / f"{name}.mp4", frames, depth=depth, chroma=420, crf=crf)
        else:
            write(truth / f"{name}.mp4", frames, depth=10, chroma=444, crf=6)
    _describe(truth / "truth.json", scene, args)


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scene", choices=SCENES, default="sample")
    parser.add_argument(
        "--out", type=Path, help="folder for a development copy: 480x270, nearly lossless"
    )
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument(
        "--samples", type=int, default=8, help="light paths per pixel before denoising"
    )
    parser.add_argument("--only", nargs="+", help="of: source left right top matte")
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir()) / "lav-sample-frames"
    )
    args = parser.parse_args()
    if args.scene != "sample" and not args.out:
        parser.error(f"--scene {args.scene} is not committed: say where it goes with --out")
    return args


def _settings(samples):
    render, cycles = bpy.context.scene.render, bpy.context.scene.cycles
    render.engine = "CYCLES"
    render.use_persistent_data = True
    render.image_settings.file_format = "OPEN_EXR"
    render.image_settings.exr_codec = "ZIP"
    render.image_settings.color_mode = "RGBA"
    cycles.device = "CPU"
    cycles.samples = samples
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 3, 2, 1
    cycles.sample_clamp_indirect = 3
    cycles.caustics_reflective = cycles.caustics_refractive = False
    # The same paths in every frame: what noise the denoiser leaves does not boil.
    cycles.seed, cycles.use_animated_seed = 1, False


def _render(scene: Scene, name, lamp: Lamp | None, size, args):
    """Yields (H, W, 3) float32, linear light; a matte such that its code values are coverage."""
    settings = bpy.context.scene
    settings.render.resolution_x, settings.render.resolution_y = size
    folder = args.cache / f"{args.scene}-{size[1]}-{args.samples}" / name
    prepared = False
    for frame in range(args.frames):
        path = folder / f"{frame:04}.exr"
        if not path.exists():
            if not prepared:
                _prepare(scene, lamp)
                prepared = True
            scene.pose(frame / RATE)
            settings.render.filepath = str(path.with_suffix(".part.exr"))
            bpy.ops.render.render(write_still=True)
            os.replace(path.with_suffix(".part.exr"), path)
        picture = bpy.data.images.load(str(path))
        width, height = picture.size
        pixels = np.empty(width * height * 4, np.float32)
        picture.pixels.foreach_get(pixels)
        bpy.data.images.remove(picture)
        pixels = pixels.reshape(height, width, 4)[::-1]
        yield pixels[..., :3] if lamp else np.repeat(pixels[..., 3:] ** GAMMA, 3, 2)


def _prepare(scene: Scene, lamp: Lamp | None):
    if lamp:
        switch_on(lamp, scene.aim, scene.camera.location, scene.outdoors)
        return
    # The matte is the alpha of the subject alone: whatever else stands there cuts a hole.
    for thing in bpy.data.objects:
        if thing.type == "MESH":
            thing.is_holdout = thing not in scene.subject
    bpy.context.scene.render.film_transparent = True
    cycles = bpy.context.scene.cycles
    cycles.samples, cycles.max_bounces, cycles.use_denoising = 32, 0, False


def write(path: Path, frames, depth, chroma, crf, sound=None):
    """H.264, BT.709, video range. Frames are linear light."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as box:
        pixel_format = f"yuv{chroma}p" + ("10le" if depth == 10 else "")
        options = {"crf": str(crf), "preset": "veryslow", "g": str(RATE)}
        stream = box.add_stream("libx264", RATE, options=options)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt, stream.time_base = pixel_format, Fraction(1, RATE)
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1
        context.color_range = 1
        if sound is not None:
            voice = box.add_stream("aac", 48000, layout="stereo")
        for index, frame in enumerate(frames):
            picture = av.VideoFrame(stream.width, stream.height, pixel_format)
            for plane, values in zip(picture.planes, _planes(frame, depth, chroma), strict=True):
                row = np.zeros((plane.height, plane.line_size // values.itemsize), values.dtype)
                row[:, : plane.width] = values
                plane.update(row)
            picture.pts, picture.time_base = index, Fraction(1, RATE)
            picture.colorspace, picture.color_range = 1, 1
            picture.color_primaries = picture.color_trc = 1
            box.mux(stream.encode(picture))
        box.mux(stream.encode(None))
        if sound is not None:
            clip = av.AudioFrame.from_ndarray(sound, format="fltp", layout="stereo")
            clip.sample_rate, clip.pts = 48000, 0
            box.mux(voice.encode(clip))
            box.mux(voice.encode(None))


def _planes(linear, depth, chroma):
    rgb = np.clip(linear, 0, 1) ** (1 / GAMMA)
    luma = rgb @ (0.2126, 0.7152, 0.0722)
    blue, red = (rgb[..., 2] - luma) / 1.8556, (rgb[..., 0] - luma) / 1.5748
    if chroma == 420:  # sited left: level with every other column, between two rows
        wide = [np.pad(c, ((0, 0), (1, 1)), "edge") for c in (blue, red)]
        even = [(c[:, :-2] + 2 * c[:, 1:-1] + c[:, 2:])[:, ::2] / 4 for c in wide]
        blue, red = ((c[::2] + c[1::2]) / 2 for c in even)
    scale, kind = 2 ** (depth - 8), np.uint16 if depth > 8 else np.uint8
    codes = (16 + 219 * luma, 128 + 224 * blue, 128 + 224 * red)
    return [np.rint(c * scale).astype(kind) for c in codes]


def _tune(seconds):
    """A soft chord with a slow pluck over it: (2, samples) float32 at 48 kHz."""
    t = np.arange(round(seconds * 48000)) / 48000
    fade = np.minimum(1, np.minimum(t / 0.25, (seconds - t) / 0.6))
    ears = []
    for side in (0, 1):
        chord = enumerate((110, 164.8, 220, 277.2))
        pad = sum(np.sin(2 * np.pi * f * (1 + 0.0012 * side) * t + i) / (i + 2) for i, f in chord)
        pluck = np.zeros_like(t)
        for i, note in enumerate((440, 554.4, 659.3, 554.4, 880)):
            since = t - 0.12 - 0.45 * i
            ring = np.exp(-4 * np.maximum(since, 0)) * np.minimum(1, np.maximum(since, 0) / 0.008)
            pluck += (
                ring * np.sin(2 * np.pi * note * since) * (0.7 + 0.3 * np.cos(np.pi * (i + side)))
            )
        ears.append(fade * (0.10 * pad + 0.12 * pluck))
    return np.stack(ears).astype(np.float32)


def _describe(path, scene, args):
    def entry(lamp):
        half = np.arctan(lamp.width / 2 / lamp.distance)
        return {
            "azimuth": lamp.azimuth,
            "elevation": lamp.elevation,
            "kelvin": 5600,
            "size": round(float(np.sin(half)), 3),
            "angle_degrees": round(float(np.degrees(2 * half)), 2),
            "distance_metres": None if scene.outdoors else lamp.distance,
            "strength": lamp.strength,
            "ambient": lamp.ambient,
        }

    facts = {
        "scene": args.scene,
        "frames": args.frames,
        "rate": f"{RATE}/1",
        "source": entry(scene.source),
        "lights": {name: {"file": f"{name}.mp4", **entry(lamp)} for name, lamp in TRUTH.items()},
        "matte": "matte.mp4: luma is the subject's coverage, 0..1, antialiased",
        "sky": "painted: the same in every light" if scene.outdoors else None,
        "conventions": {
            "azimuth": "0 from the camera, +90 screen right, -90 screen left, 180 behind",
            "elevation": "degrees above the horizon",
            "kelvin": "5600 is neutral: the lamp and the ambient have equal red, green and blue",
            "size": "sine of half the angle the lamp spans at the subject: 0 a point, 1 a half sky",
            "strength": "linear value of a white card at the subject, facing the lamp",
            "ambient": "linear value of a white card lit from all around, nothing shading it",
            "transfer": "code values are linear light ** (1/2.4); one exposure for every clip",
        },
        "made": f"Cycles {bpy.app.version_string}, {args.samples} paths a pixel, OpenImageDenoise; "
        "each clip is its one lamp plus the ambient, with natural bounce",
    }
    path.write_text(json.dumps(facts, indent=2) + "\n")


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # the Blender module may hang in its own clean-up
