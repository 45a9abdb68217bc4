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
    above = [with_two, store.find(high) is None]
    return {"states": states, "above": above, "again": chosen_and_undone(host, clip)}


def chosen_and_undone(host: BlenderHost, clip: str) -> bool:
    """A strip that undo takes its id from is found by it all the same: a render is under way."""
    fresh = movie(bpy.context.scene, clip, 6, 10)
    name = fresh.name
    bpy.ops.ed.undo_push(message="Added")
    id = choose(host, bpy.context.scene, fresh).id
    bpy.ops.ed.undo_push(message="Relight Strip")
    bpy.ops.ed.undo()
    was_lost = store.find(id) is None
    return was_lost and host.clip(id).name == name and store.find(id) is not None


def state(host: BlenderHost, id: str) -> list[Any]:
    return [dump(bpy.context.scene), [one.path for one in host.takes(id).takes]]


play_in_window(main)
