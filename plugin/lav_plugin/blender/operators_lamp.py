"""Buttons that set the lamps of the active strip, one by one or from the scene's."""

from dataclasses import replace

import bpy
from bpy.props import FloatProperty, IntProperty

from ..host import Unfit
from ..messages import Light
from ..model import Refusal
from . import clips, current, lamps, light, pump, store, strips
from .follow import media_frame
from .operators_light import LightOperator
from .properties import MAX_LAMPS

MOST_FRAMES = 500  # of an animation that are looked at


class Aim(LightOperator, bpy.types.Operator):
    """Put the lamp there"""

    bl_idname = "lav.aim"
    bl_label = "Aim"
    __annotations__ = {"azimuth": FloatProperty(), "elevation": FloatProperty()}

    def execute(self, context):
        settings = strips.active(context).lav_light
        lamp = light.lamps_of(settings)[settings.shown]
        lamp.azimuth, lamp.elevation = self.azimuth, self.elevation
        settings.by_hand = settings.is_touched = True
        return {"FINISHED"}


class ChooseLamp(LightOperator, bpy.types.Operator):
    """Show this lamp"""

    bl_idname = "lav.choose_lamp"
    bl_label = "Lamp"
    bl_options = {"INTERNAL"}  # noqa: RUF012
    __annotations__ = {"index": IntProperty()}

    def execute(self, context):
        strips.active(context).lav_light.shown = self.index
        return {"FINISHED"}


class AddLamp(LightOperator, bpy.types.Operator):
    """Add a lamp, up to three"""

    bl_idname = "lav.add_lamp"
    bl_label = "Add Lamp"

    @classmethod
    def poll(cls, context):
        strip = strips.active(context)
        return strip is not None and strip.lav_light.count < MAX_LAMPS

    def execute(self, context):
        settings = strips.active(context).lav_light
        settings.count += 1
        settings.shown = settings.count - 1
        lamp = light.lamps_of(settings)[-1]
        lamp.role = "ROLE_FILL" if settings.count == 2 else "ROLE_RIM"
        lamp.azimuth = 60.0 if settings.count == 2 else 150.0
        lamp.stops = -1.5
        return {"FINISHED"}


class RemoveLamp(LightOperator, bpy.types.Operator):
    """Take the shown lamp away"""

    bl_idname = "lav.remove_lamp"
    bl_label = "Remove Lamp"

    @classmethod
    def poll(cls, context):
        strip = strips.active(context)
        return strip is not None and strip.lav_light.count > 1

    def execute(self, context):
        settings = strips.active(context).lav_light
        lamps = light.lamps_as_shown(settings)
        left = lamps[: settings.shown] + lamps[settings.shown + 1 :]
        light.fill(settings, replace(light.base_of(settings), lamps=left), by_hand=True)
        return {"FINISHED"}


class LightFromScene(LightOperator, bpy.types.Operator):
    """Take the lamps from the scene's Light objects, as its camera sees them, with their \
animation"""

    bl_idname = "lav.light_from_scene"
    bl_label = "From Scene Lights"

    def execute(self, context):
        session = current.session()
        scene, strip = strips.target_scene(context), strips.active(context)
        clip = clips.describe(scene, strip)
        if isinstance(clip, Unfit):
            session.orders.refuse((clip,))
            return {"CANCELLED"}
        frames = [scene.frame_current]
        if lamps.is_animated(scene):
            step = -(-clip.count // MOST_FRAMES)
            last = clip.start + clip.count - 1
            frames = [*range(clip.start, last, step), last]
        pump.work.append(_reading(session, scene, clip, frames))
        return {"FINISHED"}


class ClearKeys(LightOperator, bpy.types.Operator):
    """Keep the light as it is at the first keyframe"""

    bl_idname = "lav.clear_keys"
    bl_label = "Remove Keyframes"

    def execute(self, context):
        settings = strips.active(context).lav_light
        base = light.base_of(settings)
        if base.keys and base.keys[0].light:
            light.fill(settings, base.keys[0].light, by_hand=True)
        return {"FINISHED"}


def _reading(session, scene, clip, frames):
    """In steps, so that a heavy scene does not hold up Blender; the playhead goes back."""
    before, read = scene.frame_current, []
    try:
        for one in lamps.readings(scene, frames, bpy.context):
            read.append(one)
            yield len(read)
        said = lamps.light_of(read, lambda frame: media_frame(clip, frame))
        _take_over(clip.id, said)
    except Refusal as refusal:
        session.board.tell(refusal.problem, clip.id)
    finally:
        if scene.frame_current != before:
            scene.frame_set(before)
    session.board.changed()


def _take_over(id: str, said: Light) -> None:
    found = store.find(id)
    if found:
        settings = found[1].lav_light
        light.fill(settings, said, by_hand=True)
        settings.is_touched = True
        bpy.ops.ed.undo_push(message="Light from Scene")


CLASSES = (Aim, ChooseLamp, AddLamp, RemoveLamp, LightFromScene, ClearKeys)
