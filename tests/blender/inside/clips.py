"""What the host tells of strips of every kind, and that telling changes nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
from stage import choose, conform, dump, effect, movie, play, render, scene, top, wait

from lav_plugin.blender import strips
from lav_plugin.blender.host import BlenderHost


def told(clips: dict[str, str], folder: str) -> dict[str, Any]:
    """Of each strip alone: the clip, or why it is none and whether it can be baked."""
    builds: dict[str, Callable[[Any], Any]] = {
        "plain": lambda made: movie(made, clips["24"], 2, 10, (30, 20)),
        "sound": sound(clips["sound"]),
        "picture": picture(clips["24"], folder),
        "colour": lambda made: effect(made, "COLOR", 2, 10, 40),
        "text": lambda made: effect(made, "TEXT", 2, 10, 40),
        "effect": lambda made: effect(made, "GLOW", 3, 10, 40, movie(made, clips["24"], 2, 10)),
        "scene": lambda made: top(made).new_scene("s", bpy.data.scenes.new("s"), 2, 10),
        "missing": lambda made: movie(made, str(Path(folder, "gone.mp4")), 2, 10),
        "no video": lambda made: movie(made, clips["text"], 2, 10),
        "held": held(clips["24"]),
        "reversed": having(clips["24"], "use_reverse_frames", True),
        "strobe": having(clips["24"], "strobe", 3),
        "stream": having(clips["two"], "stream_index", 1),
        "locked": having(clips["24"], "lock", True),
        "channel locked": channel_locked(clips["24"]),
        "another rate": lambda made: movie(made, clips["14"], 2, 10),
        "ntsc": lambda made: movie(made, clips["23.976"], 2, 10),
        "short of another rate": lambda made: movie(made, clips["25"], 2, 10),
    }
    if hasattr(bpy.types, "RetimingKey") and bpy.app.version >= (5, 2, 0):
        builds["retimed"] = retimed(clips["24"])
    return {name: one(build) for name, build in builds.items()}


def one(build: Callable[[Any], Any]) -> dict[str, Any]:
    host, made = BlenderHost(), scene()
    strip = build(made)
    for other in strips.of(made):
        other.select = other == strip
    before = dump(made)
    chosen = host.chosen()
    is_same = dump(made) == before
    if chosen.unfit:
        (unfit,) = chosen.unfit
        return {"why": unfit.why, "can_bake": unfit.can_bake, "is_same": is_same}
    (clip,) = chosen.clips
    media = clip.media
    return {
        "clip": [clip.first, clip.count, clip.start, str(clip.rate), clip.track],
        "media": [media.path, media.frames, str(media.rate)],
        "is_same": is_same,
    }


def having(path: str, name: str, value: Any) -> Callable[[Any], Any]:
    def build(made: Any) -> Any:
        strip = movie(made, path, 2, 10)
        setattr(strip, name, value)
        return strip

    return build


def held(path: str) -> Callable[[Any], Any]:
    def build(made: Any) -> Any:
        strip = movie(made, path, 2, 10)
        setattr(strip, strips.NAMES["right"], 135)
        return strip

    return build


def channel_locked(path: str) -> Callable[[Any], Any]:
    def build(made: Any) -> Any:
        made.sequence_editor.channels[2].lock = True
        return movie(made, path, 2, 10)

    return build


def sound(path: str) -> Callable[[Any], Any]:
    return lambda made: top(made).new_sound("sound", path, 2, 10)


def picture(path: str, folder: str) -> Callable[[Any], Any]:
    def build(made: Any) -> Any:
        still = str(Path(folder, "still.png"))
        image = bpy.data.images.new("still", 8, 8)
        image.filepath_raw, image.file_format = still, "PNG"
        image.save()
        return top(made).new_image("still", still, 2, 10)

    return build


def retimed(path: str) -> Callable[[Any], Any]:
    def build(made: Any) -> Any:
        strip = movie(made, path, 2, 10)
        strip.retiming_keys.add(timeline_frame=40)
        return strip

    return build


def seen(folder: str, clip: str, rate: float) -> dict[str, Any]:
    """A strip of another rate that was not conformed, its media frames beside its render."""
    made = scene(rate)
    strip = movie(made, clip, 2, 10, (5, 9))
    host = BlenderHost()
    told = choose(host, made, strip)
    shown = str(Path(folder, "seen.mkv"))
    render(made, shown, strips.left(strip), strips.right(strip))
    return {"first": told.first, "count": told.count, "rate": str(told.rate), "shown": shown}


def conformed(folder: str, clip: str, **_: Any) -> dict[str, Any]:
    made = scene()
    strip = conform(made, clip)
    left, right = strips.left(strip), strips.right(strip)
    shown = str(Path(folder, "shown.mkv"))
    render(made, shown, left, right)
    host = BlenderHost()
    strip.select = True
    (unfit,) = host.chosen().unfit
    bake = host.bake(unfit.id)
    wait(bake)
    now = host.baked(bake)
    return {
        "length": right - left,
        "why": unfit.why,
        "can_bake": unfit.can_bake,
        "shown": shown,
        "baked": bake.path,
        "clip": [now.first, now.count, str(now.media.rate)],
    }


def main(case: str, **given: Any) -> dict[str, Any]:
    return {"told": told, "seen": seen, "conformed": conformed}[case](**given)


play(main)
