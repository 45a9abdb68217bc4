"""A take put in place, undone and done again, as a user would with Ctrl Z."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import bpy
from stage import choose, dump, movie, play_in_window

from lav_plugin.blender import store
from lav_plugin.blender.host import BlenderHost
from lav_plugin.messages import Light
from lav_plugin.model import Media, Span, TakeRecord, Takes


def main(clip: str, take: str, **_: str) -> dict[str, Any]:
    host, made = BlenderHost(), bpy.context.scene
    made.sequence_editor_create()
    strip = movie(made, clip, 2, 10, (40, 40))
    movie(made, clip, 2, 80, (10, 50))
    id = choose(host, made, strip).id
    bpy.ops.ed.undo_push(message="Before")
    record = TakeRecord(take, "Window", "job", Span(28, 64), Light(), "draft", 1.0)
    takes = Takes(Media(clip, 120, Fraction(24))).with_take(record)
    states = [state(host, id)]
    host.show(id, takes)
    states.append(state(host, id))
    bpy.ops.ed.undo()
    states.append(state(host, id))
    bpy.ops.ed.redo()
    states.append(state(host, id))
    high = host.place_above(id, replace(takes))
    with_two = len(dump(bpy.context.scene)["strips"])
    bpy.ops.ed.undo()
    states.append(state(host, id))
    return {"states": states, "above": [with_two, store.find(high) is None]}


def state(host: BlenderHost, id: str) -> list[Any]:
    return [dump(bpy.context.scene), [one.path for one in host.takes(id).takes]]


play_in_window(main)
