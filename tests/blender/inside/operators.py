"""Strips relit with the panel's buttons, against a real server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from typing import Any

import bpy
from stage import conform, look_at, movie, play, render, scene, top
from studio import (
    code,
    save,
    select,
    session,
    studio,
    takes,
    until,
    until_done,
    until_running,
)

from lav_plugin.blender import light, store, strips

lav: Any = bpy.ops.lav


def relit(folder: str, clip: str, other: str, ball: str) -> dict[str, Any]:
    """Four strips at once: two at amount 0 with trims and above, two lit from left and right."""
    made = scene()
    a, b = movie(made, clip, 2, 10, (40, 40)), movie(made, other, 3, 100)
    left, right = movie(made, ball, 2, 140), movie(made, ball, 2, 160)
    a.lav_light.amount = b.lav_light.amount = 0.0
    b.lav_light.place = "ABOVE"
    for strip, azimuth in ((left, -70.0), (right, 70.0)):
        select(made, strip)
        lav.aim(azimuth=azimuth, elevation=15.0)
    select(made, a, b, left, right)
    lav.relight()
    until_done()
    path = os.path.join(folder, "relit.mkv")
    render(made, path, 50, 172)
    above = [one for one in strips.of(made) if one.channel == 4]
    return {
        "path": path,
        "notice": code(),
        "renders": len(session().host.renders()),
        "takes": {name: takes(one) for name, one in zip("ablr", (a, b, left, right))},  # noqa: B905
        "shown": [strips.filepath(one) for one in (a, b, left, right)],
        "above": [[strips.left(one), strips.right(one), strips.filepath(one)] for one in above],
    }


def light_is_kept_apart(folder: str, clip: str) -> dict[str, Any]:
    """Preset, lamps, copying, pasting and a new version, without a render."""
    made = scene()
    a, b, c = (movie(made, clip, channel, 10) for channel in (1, 2, 3))
    select(made, a)
    lav.connect()
    until(lambda: session().connection.info)
    lav.preset(name="three-point")
    asked = light.request_of(a.lav_light)
    filled = a.lav_light.count, round(a.lav_light.lamp_3.azimuth)
    a.lav_light.lamp_1.kelvin = 3200.0
    lav.choose_lamp(index=2)
    lav.remove_lamp()
    lav.add_lamp()
    by_hand = light.request_of(a.lav_light).light
    assert by_hand is not None
    lav.copy_light()
    select(made, a, b)
    lav.paste_light()
    select(made, a)
    lav.use_words()
    return {
        "asked": [asked.preset, asked.light is None],
        "filled": filled,
        "by_hand": [[one.role, one.kelvin, one.stops] for one in by_hand.lamps],
        "ambient": by_hand.ambient is not None,
        "is_pasted": light.request_of(b.lav_light).light == by_hand,
        "is_default": [c.lav_light.is_touched, light.request_of(c.lav_light).preset],
        "after_words": [a.lav_light.by_hand, a.lav_light.count],
    }


def preview(folder: str, clip: str) -> dict[str, Any]:
    made = scene()
    strip = movie(made, clip, 2, 10, (40, 40))
    select(made, strip)
    made.frame_set(60)
    lav.preview()
    until(lambda: not session().previews.is_busy)
    until(lambda: "Light-A-Video Preview" in bpy.data.images)
    lav.lock_exposure()
    shown = session().previews.last
    assert shown is not None
    return {
        "size": list(bpy.data.images["Light-A-Video Preview"].size),
        "media_frame": shown.media_frame,
        "exposure": [shown.light.exposure, strip.lav_light.exposure],
        "asked": light.request_of(strip.lav_light).exposure,
    }


def versions(folder: str, clip: str) -> dict[str, Any]:
    """Takes of one strip: another amount, extended, switched, renamed, removed, a new version."""
    made = scene()
    strip = movie(made, clip, 2, 10, (40, 60))
    select(made, strip)
    strip.lav_light.handles = 2
    lav.relight()
    until_done()
    bpy.context.window_manager.lav.amount = 0.0
    lav.vary(index=0)
    until_done()
    setattr(strip, strips.NAMES["right"], strips.right(strip) + 30)
    before = [code(), takes(strip)]
    lav.extend()
    until_done()
    extended = takes(strip)
    path = os.path.join(folder, "extended.mkv")
    render(made, path, strips.left(strip), strips.right(strip))
    lav.new_version(index=2)
    version = light.request_of(strip.lav_light).light
    lav.rename_take(index=0, name="First")
    lav.show_take(index=-1)
    original = strips.filepath(strip)
    lav.compare()
    compared = strips.filepath(strip)
    lav.remove_take(index=2)
    return {
        "path": path,
        "before": before,
        "extended": extended,
        "exposure": [version.exposure if version else None, strip.lav_light.is_exposure_locked],
        "original": original,
        "compared": compared,
        "removed": [takes(strip), strips.filepath(strip)],
    }


def begun(folder: str, clip: str, blend: str) -> dict[str, Any]:
    """Ends with a render under way, right after the project was saved."""
    made = scene()
    select(made, movie(made, clip, 2, 10))
    strips.active(bpy.context).name = "the strip"
    save(blend)
    bpy.ops.file.make_paths_relative()
    lav.relight()
    until_running()
    save(blend)
    return {"renders": session().host.renders()}


def gone_on(folder: str, blend: str) -> dict[str, Any]:
    """What `begun` left, opened again."""
    bpy.ops.wm.open_mainfile(filepath=blend)
    look_at(bpy.context.scene)
    session().reopened()
    notice = session().board.notice
    lav.act()
    until_done()
    made = bpy.context.scene
    (strip,) = [one for one in strips.of(made) if one.name == "the strip"]
    save(blend)
    return {
        "notice": [notice.problem.code, notice.action] if notice else None,
        "left": len(session().host.renders()),
        "takes": takes(strip),
        "shown": strips.filepath(strip),
    }


def moved(folder: str, blend: str) -> dict[str, Any]:
    """A project with a take, opened where it was moved to."""
    bpy.ops.wm.open_mainfile(filepath=blend)
    look_at(bpy.context.scene)
    made = bpy.context.scene
    (strip,) = [one for one in strips.of(made) if one.name == "the strip"]
    select(made, strip)
    shown = strips.filepath(strip)
    lav.show_take(index=-1)
    original = strips.filepath(strip)
    lav.show_take(index=0)
    return {"shown": shown, "original": original, "takes": takes(strip), "notice": code()}


def deaths(folder: str, clip: str, server: int, cli: list[str]) -> dict[str, Any]:
    """One render each: the bridge killed, cancelled elsewhere, the server killed."""
    made = scene()
    strip = movie(made, clip, 2, 10)
    select(made, strip)
    told = {}
    for name, kill in {
        "bridge": _kill_bridge,
        "cancelled": lambda: _cancel_elsewhere(cli),
        "server": lambda: os.kill(server, 9),
    }.items():
        strip.lav_light.lamp_1.azimuth += 7.0  # another light, so that nothing is done already
        lav.relight()
        until_running()
        before, path = len(takes(strip)), strips.filepath(strip)
        kill()
        until(lambda: code() or not session().renders.open)
        told[name] = {"code": code(), "is_same": strips.filepath(strip) == path}
        if session().board.notice:
            lav.act()
        until_done()
        told[name]["new"] = len(takes(strip)) - before
    return told


def _kill_bridge() -> None:
    bridge: Any = session().connection._bridge
    bridge._process._child.kill()


def _cancel_elsewhere(cli: list[str]) -> None:
    ((_, one),) = session().renders.all.items()
    subprocess.run([*cli, "jobs", "cancel", one.record.job], check=True, capture_output=True)


def full(folder: str, clip: str) -> dict[str, Any]:
    made = scene()
    strip = movie(made, clip, 2, 10)
    select(made, strip)
    lav.relight()
    until_done()
    notice = session().board.notice
    return {
        "code": code(),
        "action": notice.action if notice else "",
        "shown": strips.filepath(strip),
        "takes": takes(strip),
        "undone": _undone(made),
    }


def _undone(made: Any) -> int:
    """Renders that can still be tried again."""
    return len(session().renders.all)


def unfit_meanwhile(folder: str, clip: str, other: str) -> dict[str, Any]:
    """Strips that were locked, turned around or given another file while their first take was
    rendered."""
    made = scene()
    changes: dict[str, Callable[[Any], Any]] = {
        "locked": lambda strip: setattr(made.sequence_editor.channels[strip.channel], "lock", True),
        "reversed": lambda strip: setattr(strip, "use_reverse_frames", True),
        "other file": lambda strip: setattr(strip, "filepath", other),
    }
    told = {}
    for channel, (name, change) in enumerate(changes.items(), 2):
        strip = movie(made, clip, channel, 10, (40, 40))
        strip.name, strip.lav_light.lamp_1.azimuth = f"the {name}", 7.0 * channel
        select(made, strip)
        lav.relight()
        change(strip)
        until_done()
        notice = session().board.notice
        said = [notice.problem.message, notice.problem.hint] if notice else []
        told[name] = {"said": said, "takes": takes(strip), "shown": strips.filepath(strip)}
    (strip,) = [one for one in strips.of(made) if one.channel == 2]
    made.sequence_editor.channels[2].lock = False
    select(made, strip)
    lav.show_take(index=0)
    return {"told": told, "unlocked": strips.filepath(strip)}


def timeline(folder: str, clip: str) -> dict[str, Any]:
    """Out of one project as OpenTimelineIO, and into another."""
    made = scene()
    strip = movie(made, clip, 2, 10, (40, 40))
    strip.lav_light.amount = 0.0
    select(made, strip)
    lav.relight()
    until_done()
    take = strips.filepath(strip)
    path = os.path.join(folder, "cut.otio")
    lav.write_timeline(filepath=path)
    until(lambda: os.path.exists(path))
    again = scene()
    session().reopened()
    strip = movie(again, clip, 2, 10, (40, 40))
    select(again, strip)
    lav.read_takes(filepath=path)
    until(lambda: takes(strip) or code())
    shot = os.path.join(folder, "returned.mkv")
    render(again, shot, 50, 90)
    return {"take": take, "shown": strips.filepath(strip), "path": shot, "notice": code()}


def baked(folder: str, clip: str) -> dict[str, Any]:
    """A strip of another rate: refused, baked and relit with one button, the take above it, and
    another amount from the strip below."""
    made = scene()
    is_conformed = bpy.app.version < (5, 0, 0)
    strip = conform(made, clip) if is_conformed else movie(made, clip, 2, 10, (20, 60))
    strip.use_reverse_frames = not is_conformed  # what else needs a bake and needs no window
    left, right, name = strips.left(strip), strips.right(strip), strip.name
    title = movie(made, clip, 3, left, (0, 80))
    strip.lav_light.amount = 0.0
    strip.lav_light.is_touched = True
    select(made, strip)
    shots = [os.path.join(folder, f"{one}.mkv") for one in ("before", "after")]
    title.mute = True
    render(made, shots[0], left, right)
    title.mute = False
    lav.relight()
    refused = [code(), session().board.notice.label if session().board.notice else ""]
    lav.act()
    steps = [one.done for one in session().bakes.all.values()]
    until(lambda: not session().bakes.all)
    until_done()
    warned = session().board.notice.problem.message if session().board.notice else ""
    (above,) = store.above(made, strip)
    title.mute = True
    render(made, shots[1], left, right)
    bpy.context.window_manager.lav.amount = 0.5
    lav.vary(index=0, clip=store.id_of(above))
    until_done()
    lav.select_above(clip=store.id_of(above))
    return {
        "refused": refused,
        "steps": steps,
        "warned": warned,
        "title": title.name,
        "shots": shots,
        "below": [strips.filepath(strip), takes(strip)],
        "above": [above.channel, strips.left(above) - left, strips.right(above) - right],
        "varied": [one["amount"] for one in takes(above)],
        "selected": [strips.active(bpy.context) == above, strip.select, name],
    }


def baked_in_turn(folder: str, clip: str) -> dict[str, Any]:
    """Two strips that need a bake, from one press."""
    made = scene()
    chosen = [movie(made, clip, 2, 10, (20, 90)), movie(made, clip, 2, 100, (20, 90))]
    for strip in chosen:
        strip.use_reverse_frames, strip.lav_light.amount = True, 0.0
        strip.lav_light.is_touched = True
    select(made, *chosen)
    lav.relight()
    lav.act()
    bakes = session().bakes
    told = {"at once": [len(bakes.all), len(bakes.waiting)]}
    until(lambda: not bakes.all and not bakes.waiting)
    until_done()
    return {
        **told,
        "takes": [takes(one) for one in chosen],
        "above": [len(store.above(made, one)) for one in chosen],
        "notice": code(),
    }


def pasted(folder: str, clip: str) -> dict[str, Any]:
    """A light with a preset given to another strip; the button of a strip that is not selected; a
    mask that is not there."""
    made = scene()
    a, b = movie(made, clip, 2, 10, (0, 90)), movie(made, clip, 3, 10, (0, 90))
    select(made, a)
    lav.connect()
    until(lambda: session().connection.info)
    lav.preset(name="golden-hour")
    lav.copy_light()
    select(made, a, b)
    lav.paste_light()
    by_hand = [one.lav_light.by_hand for one in (a, b)]
    select(made)
    made.sequence_editor.active_strip = a
    chosen = [one.name for one in session().host.chosen().clips]
    a.lav_light.mask_from, a.lav_light.mask_strip = "STRIP", "no such strip"
    lav.preview()
    lav.relight()
    return {
        "by_hand": by_hand,
        "chosen": [chosen, a.name],
        "mask": [code(), len(session().renders.all)],
    }


def bad(folder: str, clip: str) -> dict[str, Any]:
    """What is said, and whether anything was changed or sent."""
    missing = os.path.join(folder, "missing.mp4")
    cases: dict[str, Callable[[Any], Any]] = {
        "nothing": lambda made: select(made),
        "sound": lambda made: select(made, _sound(made, clip)),
        "missing": lambda made: select(made, movie(made, missing, 2, 10)),
        "locked": lambda made: _locked(made, clip),
        "retimed": lambda made: _retimed(made, clip),
    }
    return {name: _refused(build) for name, build in cases.items()}


def _refused(build: Callable[[Any], Any]) -> dict[str, Any]:
    made = scene()
    made.frame_set(-1000)
    build(made)
    session().dismiss()
    before = [(one.name, strips.left(one), one.channel) for one in strips.of(made)]
    lav.relight()
    notice = session().board.notice
    return {
        "code": code(),
        "action": notice.action if notice else "",
        "said": notice.problem.message if notice else "",
        "label": notice.label if notice else "",
        "is_same": before == [(one.name, strips.left(one), one.channel) for one in strips.of(made)],
        "renders": len(session().renders.all),
    }


def _sound(made: Any, path: str) -> Any:
    return top(made).new_sound("sound", path, channel=2, frame_start=10)


def _locked(made: Any, clip: str) -> None:
    strip = movie(made, clip, 2, 10)
    select(made, strip)
    strip.lock = True


def _retimed(made: Any, clip: str) -> None:
    made.render.fps = 30
    strip = movie(made, clip, 2, 10)
    select(made, strip)
    strip.use_reverse_frames = True


CASES = (relit, light_is_kept_apart, preview, versions, begun, gone_on, moved, deaths, full)
CASES = (*CASES, unfit_meanwhile, timeline, baked, baked_in_turn, pasted, bad)
CASES = {one.__name__: one for one in CASES}


def main(case: str, **given: Any) -> dict[str, Any]:
    with studio():
        return CASES[case](**given)


play(main)
