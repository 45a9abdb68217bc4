"""The add-on started and ended, also while it is at work."""

from __future__ import annotations

import os
import threading
from typing import Any

import bpy
from stage import look_at, movie, play, scene
from studio import save, select, session, takes, until_done, until_running

import lav_plugin
from lav_plugin.blender import addon, current, pump, strips

lav: Any = bpy.ops.lav


def registered() -> dict[str, Any]:
    return {
        "operators": [one.__name__ for one in addon.CLASSES if one.is_registered],
        "settings": hasattr(strips.strip_type(), "lav_light"),
        "state": hasattr(bpy.types.WindowManager, "lav"),
        "timer": bpy.app.timers.is_registered(pump.tick),
        "handlers": [
            sum(one.__module__.startswith("lav_plugin") for one in handlers)
            for handlers in (bpy.app.handlers.load_pre, bpy.app.handlers.load_post)
        ],
        "session": current.running() is not None,
    }


def again_and_again(**_: str) -> dict[str, Any]:
    empty = registered()
    told = []
    for _ in range(3):
        lav_plugin.register()
        addon.opened()
        made = registered()
        lav_plugin.unregister()
        told.append([made, registered() == empty])
    return {"empty": empty, "told": told}


def at_work(folder: str, clip: str) -> dict[str, Any]:
    """Ended with a render under way, started again, and a file opened with one under way."""
    lav_plugin.register()
    addon.opened()
    made = scene()
    strip = movie(made, clip, 2, 10)
    strip.name = "the strip"
    select(made, strip)
    lav.relight()
    until_running()
    lav_plugin.unregister()
    ended = registered()
    lav_plugin.register()
    addon.opened()
    first = session().board.notice
    lav.act()
    until_done()
    told = {"ended": ended, "offered": first.action if first else "", "takes": takes(strip)}
    blend, other = os.path.join(folder, "a.blend"), os.path.join(folder, "b.blend")
    strip.lav_light.lamp_1.azimuth = 50.0
    save(other)
    lav.relight()
    until_running()
    save(blend)
    bpy.ops.wm.open_mainfile(filepath=other)
    look_at(bpy.context.scene)
    elsewhere = session().board.notice is None, len(session().renders.all)
    for _ in range(20):
        pump.tick()
    bpy.ops.wm.open_mainfile(filepath=blend)
    look_at(bpy.context.scene)
    back = session().board.notice
    lav.act()
    until_done()
    (strip,) = [one for one in strips.of(bpy.context.scene) if one.name == "the strip"]
    told.update(elsewhere=elsewhere, back=back.action if back else "", both=takes(strip))
    lav_plugin.unregister()
    told["threads"] = _bridge_threads()
    return told


def _bridge_threads() -> int:
    """That still run half a minute after the bridge was told to end."""
    for one in threading.enumerate():
        if one.name == "lav bridge":
            one.join(30)
    return sum(one.name == "lav bridge" for one in threading.enumerate())


def main(case: str, **given: Any) -> dict[str, Any]:
    return {"again_and_again": again_and_again, "at_work": at_work}[case](**given)


play(main)
