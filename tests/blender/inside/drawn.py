"""The panel in a Blender with a window: drawn, its timer ticking, and a picture taken of it.

Other panels of the sidebar are unregistered, so that ours is the tab in front.
"""

from __future__ import annotations

import faulthandler
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import bpy

import lav_plugin
from lav_plugin.blender import addon, current, pump, store, strips

GIVEN = json.loads(sys.argv[-1])
LIMIT = 60.0  # seconds; test machines are shared
TOLD: dict[str, Any] = {}
lav: Any = bpy.ops.lav


def window() -> Any:
    return bpy.context.window_manager.windows[0]


def area() -> Any:
    return next(one for one in window().screen.areas if one.type == "SEQUENCE_EDITOR")


def set_up() -> None:
    for panel in bpy.types.Panel.__subclasses__():
        where = getattr(panel, "bl_space_type", ""), getattr(panel, "bl_region_type", "")
        if where == ("SEQUENCE_EDITOR", "UI") and panel.is_registered:
            bpy.utils.unregister_class(panel)
    lav_plugin.register()
    largest = max(window().screen.areas, key=lambda one: one.width * one.height)
    with bpy.context.temp_override(window=window(), screen=window().screen, area=largest):
        largest.type = "SEQUENCE_EDITOR"
        bpy.ops.screen.screen_full_area()
    scene = window().scene
    scene.sequence_editor_create()
    made = scene.sequence_editor.sequences.new_movie("Clip", GIVEN["clip"], 1, 1)
    made.select, scene.sequence_editor.active_strip = True, made
    area().spaces.active.show_region_ui = True


def press(button: Any, **given: Any) -> None:
    region = next(one for one in area().regions if one.type == "WINDOW")
    with bpy.context.temp_override(
        window=window(), screen=window().screen, area=area(), region=region
    ):
        button(**given)


def strip() -> Any:
    return window().scene.sequence_editor.sequences_all["Clip"]


def picture(name: str) -> None:
    path = os.path.join(GIVEN["folder"], f"{name}.png")
    subprocess.run(["import", "-window", "root", path], check=True)
    TOLD.setdefault("pictures", []).append(path)


def steps() -> Iterator[Any]:
    """Each is waited for, and something like a second for the drawing after it."""
    session = current.session()
    set_up()
    yield lambda: pump.follower._seen == ("Scene", "Clip")
    picture("not running")
    press(lav.connect)
    yield lambda: session.connection.info
    yield lambda: session.estimates.last
    picture("connected")
    press(lav.preview)
    yield lambda: session.previews.last
    press(lav.relight)
    yield lambda: session.renders.open
    picture("rendering")
    yield lambda: not session.renders.all
    known = store.takes_of(strip())
    TOLD["takes"] = len(known.takes) if known else 0
    TOLD["is_shown"] = strips.filepath(strip()) != GIVEN["clip"]
    strip().lav_light.mask_from = "FILE"
    strip().lav_light.mask_file = os.path.join(os.path.dirname(GIVEN["clip"]), "none.png")
    press(lav.preview)
    yield lambda: session.board.notice
    TOLD["notice"] = session.board.notice.problem.code if session.board.notice else ""
    picture("take and message")


def go_on(left: Iterator[Any], wait: list[Any]) -> float | None:
    try:
        if time.monotonic() > wait[1]:
            raise TimeoutError(f"waited in vain after {TOLD}")
        if wait[0]():
            wait[:] = [next(left), time.monotonic() + LIMIT]
            return 1.0
    except StopIteration:
        TOLD["timer"] = bpy.app.timers.is_registered(pump.tick)
        lav_plugin.unregister()
        with open(GIVEN["told"], "w", encoding="utf-8") as file:
            json.dump(TOLD, file)
        os._exit(0)
    except BaseException:  # noqa: BLE001 - the process ends either way, and has to say why
        faulthandler.dump_traceback()
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        os._exit(1)
    return 0.1


bpy.context.preferences.view.show_splash = False
assert addon.CLASSES
WAIT = [lambda: True, time.monotonic() + LIMIT]
LEFT = steps()
bpy.app.timers.register(lambda: go_on(LEFT, WAIT), first_interval=1.5)
