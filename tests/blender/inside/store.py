"""Takes and renders through saving, copying, moving and changing by hand."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import bpy
from stage import choose, look_at, movie, play, scene, top

from lav_plugin.blender import changes, store, strips
from lav_plugin.blender.host import BlenderHost
from lav_plugin.messages import Color, Lamp, Light, LightRequest, to_json
from lav_plugin.model import Media, Refusal, Span, TakeRecord, Takes

LIGHT = Light("neon", (Lamp("ROLE_KEY", azimuth=-60.0, color=Color(1.0, 0.5, 0.25)),), exposure=0.0)


def saved(folder: str, clip: str, take: str, **_: str) -> dict[str, Any]:
    """Relative paths, saved, opened, moved with its media, saved elsewhere, a take lost."""
    host, made = BlenderHost(), scene()
    work = Path(folder, "work")
    work.mkdir()
    source, relit = (shutil.copy(path, work) for path in (clip, take))
    bpy.ops.wm.save_as_mainfile(filepath=str(work / "cut.blend"))
    strip = movie(made, str(source), 2, 10, (40, 40))
    strip.filepath = "//" + Path(source).name
    id = choose(host, made, strip).id
    record = TakeRecord(str(relit), "Neon", "job", Span(28, 64), LIGHT, "draft", 0.5)
    record = replace(record, asked=LightRequest(prompt="neon", exposure=0.0), mask="/m.png")
    takes = Takes(Media(str(source), 120, Fraction(24000, 1001)))
    takes = replace(takes, original=replace(takes.original, rate=Fraction(24))).with_take(record)
    host.show(id, takes)
    host.keep_renders(({"key": "k", "clip": id},))
    told: dict[str, Any] = {"path": strip.filepath, "same now": host.takes(id) == takes}
    bpy.ops.wm.save_mainfile()
    told["opened"] = opened(work / "cut.blend", id, takes, str(work))
    moved = Path(folder, "moved")
    shutil.copytree(work, moved)
    work.rename(Path(folder, "away"))
    told["moved"] = opened(moved / "cut.blend", id, takes, str(work), str(moved))
    elsewhere = Path(folder, "elsewhere")
    elsewhere.mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(elsewhere / "cut.blend"))
    told["saved elsewhere"] = opened(elsewhere / "cut.blend", id, takes, str(work), str(moved))
    (moved / Path(relit).name).unlink()
    told["lost"] = lost(elsewhere / "cut.blend", id)
    return told


def opened(blend: Path, id: str, takes: Takes, was: str, now: str = "") -> dict[str, Any]:
    """With the takes where they are now, the strip shown again and back."""
    host = BlenderHost()
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    look_at(bpy.data.scenes[0])
    expected = json.loads(json.dumps(repr(takes)).replace(was, now or was))
    known = host.takes(id)
    host.show(id, Takes(known.original, known.takes))
    strip = store.find(id)[1]
    back = [os.path.exists(strips.filepath(strip)), Path(strips.filepath(strip)).name]
    host.show(id, known)
    return {
        "is_same": repr(known) == expected,
        "difference": [] if repr(known) == expected else [repr(known), expected],
        "renders": list(host.renders()),
        "back": back,
        "again": host.takes(id) == known,
        "clip": [host.clip(id).first, host.clip(id).count],
    }


def lost(blend: Path, id: str) -> dict[str, Any]:
    host = BlenderHost()
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    look_at(bpy.data.scenes[0])
    strip = store.find(id)[1]
    strip.select = True
    (unfit,) = host.chosen().unfit
    known = host.takes(id)
    host.show(id, Takes(known.original, known.takes))
    return {"why": unfit.why, "back": Path(strips.filepath(store.find(id)[1])).name}


def copies(clip: str, take: str, other: str, **_: str) -> dict[str, Any]:
    """A split strip, a copy in another scene, another file by hand, a strip trimmed longer."""
    host, made = BlenderHost(), scene()
    strip = movie(made, clip, 2, 10, (40, 40))
    told = choose(host, made, strip)
    record = TakeRecord(take, "Neon", "job", Span(28, 64), LIGHT, "draft", 1.0)
    takes = Takes(told.media).with_take(record)
    host.show(told.id, takes)
    right = strip.split(frame=70, split_method="SOFT")
    second = choose(host, made, right)
    first = choose(host, made, strip)
    result: dict[str, Any] = {
        "first": [first.id == told.id, first.first, first.count],
        "second": [second.id != told.id, second.first, second.count],
        "both": [host.takes(one.id) == takes for one in (first, second)],
        "found": [store.find(one.id)[1].name for one in (first, second)],
        "names": [strip.name, right.name],
        "placed": [to_json(one) for one in host.placed()],
    }
    changes.put(made, strip, replace(strips.position(strip), left=30))  # shows 20.. now
    changes.put(made, right, replace(strips.position(right), right=110))  # ..99
    result["missing"] = [
        [[span.first, span.count] for span in host.missing(one.id)] for one in (first, second)
    ]
    changes.put(made, strip, replace(strips.position(strip), left=50, filepath=other))
    result["by hand"] = [len(host.takes(first.id).takes), host.clip(first.id).media.path == other]
    changes.put(made, right, replace(strips.position(right), right=90))
    right["lav"] = json.dumps({**json.loads(right["lav"]), "version": 99})
    result["newer"] = refusal(lambda: host.takes(second.id))
    result["not overwritten"] = refusal(lambda: host.keep_takes(second.id, takes))
    right["lav"] = "not ours {"
    result["not ours"] = choose(host, made, right).id != second.id
    top(made).remove(right)
    result["gone"] = refusal(lambda: host.clip(second.id))
    return result


def linked(folder: str, clip: str, **_: str) -> dict[str, Any]:
    """A scene with a render under way, linked into another project that has none, then one."""
    host, made = BlenderHost(), scene()
    made.name = "theirs"
    id = choose(host, made, movie(made, clip, 2, 10)).id
    host.keep_renders(({"key": "theirs", "clip": id},))
    library = str(Path(folder, "library.blend"))
    bpy.ops.wm.save_as_mainfile(filepath=library)
    ours = scene()
    with bpy.data.libraries.load(library, link=True) as (_found, wanted):
        wanted.scenes = ["theirs"]
    (theirs,) = [one for one in bpy.data.scenes if one.library]
    told: dict[str, Any] = {"none": list(host.renders())}
    kept = store.read(theirs)["renders"]
    look_at(theirs)
    store.keep_renders(theirs, [{"key": "ours"}])
    told["ours"] = [list(host.renders()), store.read(ours)["renders"] == [{"key": "ours"}]]
    told["theirs"] = [one["key"] for one in kept] + [one["key"] for one in _renders(theirs)]
    return told


def _renders(scene: Any) -> list[dict[str, Any]]:
    return store.read(scene)["renders"]


def refusal(act: Any) -> str:
    try:
        act()
    except Refusal as refusal:
        return refusal.problem.code
    return ""


def main(case: str, **given: str) -> dict[str, Any]:
    return {"saved": saved, "copies": copies, "linked": linked}[case](**given)


play(main)
