"""Strips that are not one media frame a timeline frame, baked, and their takes placed above."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
from stage import dump, effect, movie, play, render, scene, top, wait

from lav_plugin.blender import bake as bake_module
from lav_plugin.blender import changes, store, strips
from lav_plugin.blender.host import BlenderHost
from lav_plugin.messages import Light
from lav_plugin.model import Refusal, Span, TakeRecord, Takes


def baked(folder: str, clip: str, **_: str) -> dict[str, Any]:
    """A reversed strip, crowded and dressed: baked as it is, its take above, then made longer."""
    host, made = BlenderHost(), scene()
    strip = movie(made, clip, 2, 10, (40, 40))
    strip.use_reverse_frames = True
    dress(made, strip, clip)
    made.view_settings.view_transform = "Filmic" if bpy.app.version < (4, 0, 0) else "AgX"
    unfit = choose_unfit(host, made, strip)
    before = dump(made)
    bake = host.bake(unfit.id)
    steps = wait(bake)
    clip_now = host.baked(bake)
    after = dump(made)
    told = {
        "why": unfit.why,
        "can_bake": unfit.can_bake,
        "path": bake.path,
        "steps": steps,
        "clip": [clip_now.media.path == bake.path, clip_now.first, clip_now.count, clip_now.start],
        "media": [clip_now.media.frames, str(clip_now.media.rate)],
        "before": before,
        "after": after,
        "left": [str(one) for one in Path(folder).rglob("*lav-part*")],
    }
    take = TakeRecord(bake.path, "Baked", "", Span(0, 40), Light(), "draft", 1.0)
    takes = Takes(clip_now.media).with_take(take)
    told["in place"] = refusal(lambda: host.show(unfit.id, takes))
    above = store.find(host.place_above(unfit.id, takes))[1]
    told["above"] = [above.channel, strips.left(above), strips.right(above)]
    told["dressed"] = [above.transform.scale_y, above.crop.min_y]
    changes.put(made, strip, trimmed(strip, 5))
    told["shorter"] = [host.clip(unfit.id).first, host.clip(unfit.id).count]
    changes.put(made, strip, trimmed(strip, -6))
    told["longer"] = refusal(lambda: host.clip(unfit.id))
    return told


def dress(made: Any, strip: Any, clip: str) -> None:
    effect(made, "GLOW", 6, 50, 90, strip)
    movie(made, clip, 3, 45)
    strip.transform.scale_y, strip.crop.min_y, strip.use_flip_x = 0.5, 8, True
    strip.transform.offset_x = 20
    strip.transform.keyframe_insert("offset_x", frame=50)
    strip.modifiers.new("bright", "BRIGHT_CONTRAST").bright = 40
    made.sequence_editor.channels[2].mute = True
    made.render.resolution_x, made.render.resolution_percentage = 416, 50
    made.frame_set(60)


def trimmed(strip: Any, by: int) -> Any:
    known = strips.position(strip)
    return replace(known, left=known.left + by)


def kinds(folder: str, clip: str, **_: str) -> dict[str, Any]:
    """Each kind baked, beside a render of it on the timeline."""
    told: dict[str, Any] = {}
    builds = {
        "group": (group, 24.0),
        "inside": (inside, 24.0),
        "slow": (slow, 24.0),
        "still": (still, 24.0),
    }
    for name, (build, rate) in {**builds, "another rate": (plain, 24000 / 1001)}.items():
        host, made = BlenderHost(), scene(rate)
        bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder, "saved.blend")))
        strip = build(made, clip)
        if strip is None:
            continue
        shown = str(Path(folder, f"{name} shown.mkv"))
        render(made, shown, strips.left(strip), strips.right(strip))
        unfit = choose_unfit(host, made, strip)
        bake = host.bake(unfit.id)
        wait(bake)
        told[name] = [unfit.can_bake, shown, bake.path, host.baked(bake).count]
    return told


def plain(made: Any, clip: str) -> Any:
    return movie(made, clip, 2, 10)


def still(made: Any, clip: str) -> Any:
    """One frame of the clip as a picture, for a second."""
    picture = str(Path(clip).with_suffix(".png"))
    return top(made).new_image("still", picture, 2, 10)


def group(made: Any, clip: str) -> Any:
    """Not where moving a handle inside it crashes."""
    if bpy.app.version < (4, 0, 0):
        return None
    first, second = movie(made, clip, 1, 10, (0, 100)), movie(made, clip, 1, 0, (30, 80))
    inside = top(made).new_meta(name="group", channel=5, frame_start=10)
    for strip in (first, second):
        strip.move_to_meta(inside)
    for right in (39, 40):  # so that the group's length is known
        changes.put(made, second, replace(strips.position(second), right=right))
    setattr(inside, strips.NAMES["right"], 40)
    return inside


def inside(made: Any, clip: str) -> Any:
    """Backwards within a group."""
    outer = group(made, clip)
    if outer is None:
        return None
    strip = next(one for one in strips.of(made) if one.parent_meta() and strips.left(one) == 10)
    strip.use_reverse_frames = True
    made.sequence_editor.display_stack(outer)
    return strip


def slow(made: Any, clip: str) -> Any:
    """Only where its speed can be set without a window."""
    strip = movie(made, clip, 2, 10)
    if not hasattr(strip, "speed_factor"):
        return None
    strip.speed_factor = 0.5
    return strip


def stopped(folder: str, clip: str, **_: str) -> dict[str, Any]:
    """Cancelled; without room; without a folder that can be written; and ending early."""
    host, made = BlenderHost(), scene()
    strip = movie(made, clip, 2, 10)
    strip.use_reverse_frames = True
    id = choose_unfit(host, made, strip).id
    before = dump(made)
    bake = host.bake(id)
    temporary = bake._folder
    bake.cancel()
    told: dict[str, Any] = {"cancelled": [temporary.exists(), os.path.exists(bake.path)]}
    bake = host.bake(id)
    bake._process.terminate()
    told["ended"] = refusal(lambda: wait(bake))
    bake_module.LEAST = 1 << 60  # more than any disk has left
    bake = host.bake(id)
    told["filled"] = refusal(lambda: wait(bake))
    usage, shutil.disk_usage = shutil.disk_usage, lambda path: usage(path)._replace(free=1000)
    told["full"] = refusal(lambda: host.bake(id))
    shutil.disk_usage = usage
    told["is_same"] = dump(made) == before
    told["left"] = [one.name for one in Path(clip).parent.rglob("*lav-part*")]
    return told


def together(folder: str, clip: str, **_: str) -> dict[str, Any]:
    """Two strips of one file under way at once, and one that is blended with what is below."""
    host, made = BlenderHost(), scene()
    parts = [movie(made, clip, 2, 0, (10, 90)), movie(made, clip, 4, 0, (70, 30))]
    for strip in parts:
        strip.use_reverse_frames = True
    bakes = [host.bake(choose_unfit(host, made, strip).id) for strip in parts]
    for bake in bakes:
        wait(bake)
    parts[0].blend_type = "ADD"
    blended = choose_unfit(host, made, parts[0])
    return {
        "paths": [bake.path for bake in bakes],
        "left": [one.name for one in Path(clip).parent.rglob("*lav-part*")],
        "blended": [blended.can_bake, blended.why],
    }


def stale(folder: str, clip: str, **_: str) -> dict[str, Any]:
    """What a baked strip shows is changed."""
    changed = {"picture": (still, elsewhere), "group": (group, smaller)}
    told: dict[str, Any] = {}
    for name, (build, change) in changed.items():
        host, made = BlenderHost(), scene()
        bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder, "saved.blend")))
        strip = build(made, clip)
        if strip is None:
            continue
        bake = host.bake(choose_unfit(host, made, strip).id)
        wait(bake)
        host.baked(bake)
        before = host.is_baked(bake.clip_id)
        change(strip)
        told[name] = [before, host.is_baked(bake.clip_id), refusal(lambda: host.clip(bake.clip_id))]  # noqa: B023
    return told


def elsewhere(strip: Any) -> None:
    strip.directory = os.path.join(strip.directory, "elsewhere")


def smaller(group: Any) -> None:
    next(iter(strips.children(group))).transform.scale_x = 0.5


def choose_unfit(host: BlenderHost, made: Any, strip: Any) -> Any:
    for one in strips.of(made):
        one.select = one == strip
    return host.chosen().unfit[0]


def refusal(act: Callable[[], Any]) -> list[str]:
    try:
        act()
    except Refusal as refusal:
        return [refusal.problem.code, str(refusal)]
    return []


CASES = {one.__name__: one for one in (baked, kinds, stopped, together, stale)}


def main(case: str, **given: str) -> dict[str, Any]:
    return CASES[case](**given)


play(main)
