"""Buttons that set the light of the active strip."""

from dataclasses import replace

import bpy
from bpy.props import FloatProperty, IntProperty, StringProperty

from ..host import Unfit
from ..messages import Light
from ..model import Refusal
from . import clips, current, lamps, light, pump, strips
from .follow import media_frame
from .properties import MAX_LAMPS

MOST_FRAMES = 500  # of an animation that are looked at

_copied: list[dict] = []  # the light that was copied last


class LightOperator:
    """What they share: they are about the active strip."""

    bl_options = {"UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context):
        return strips.active(context) is not None


class SetPreset(LightOperator, bpy.types.Operator):
    """Light the strip like this"""

    bl_idname = "lav.preset"
    bl_label = "Light Preset"
    __annotations__ = {"name": StringProperty()}

    @classmethod
    def description(cls, context, properties):
        found = [one for one in _presets() if one.name == properties.name]
        return found[0].summary if found else cls.__doc__

    def execute(self, context):
        settings = strips.active(context).lav_light
        found = [one for one in _presets() if one.name == self.name]
        settings.preset = self.name
        settings.title = found[0].title if found else "Light"
        if found and found[0].light:
            light.fill(settings, found[0].light, by_hand=False)
        settings.by_hand, settings.is_touched = False, True
        return {"FINISHED"}


class SetEngine(LightOperator, bpy.types.Operator):
    """Render with this engine"""

    bl_idname = "lav.engine"
    bl_label = "Engine"
    __annotations__ = {"name": StringProperty()}

    @classmethod
    def description(cls, context, properties):
        info = current.session().info
        found = [one for one in (info.engines if info else ()) if one.name == properties.name]
        return found[0].summary if found else cls.__doc__

    def execute(self, context):
        strips.active(context).lav_light.engine = self.name
        return {"FINISHED"}


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


class UseWords(LightOperator, bpy.types.Operator):
    """Let preset and words say the light again, instead of the lamps"""

    bl_idname = "lav.use_words"
    bl_label = "Back to Preset and Words"

    def execute(self, context):
        settings = strips.active(context).lav_light
        found = [one for one in _presets() if one.name == settings.preset]
        said = found[0].light if found else None
        light.fill(settings, said or light.PLAIN, by_hand=False)
        return {"FINISHED"}


class LockExposure(LightOperator, bpy.types.Operator):
    """Keep the exposure that was solved, for other amounts, strips and lights"""

    bl_idname = "lav.lock_exposure"
    bl_label = "Lock Exposure"

    def execute(self, context):
        settings = strips.active(context).lav_light
        solved = solved_exposure(strips.active(context))
        if not settings.is_exposure_locked and solved is not None:
            settings.exposure = solved
        settings.is_exposure_locked = not settings.is_exposure_locked
        return {"FINISHED"}


class CopyLight(LightOperator, bpy.types.Operator):
    """Copy all light settings of the active strip"""

    bl_idname = "lav.copy_light"
    bl_label = "Copy Light"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    def execute(self, context):
        _copied[:] = [light.copy(strips.active(context).lav_light)]
        return {"FINISHED"}


class PasteLight(LightOperator, bpy.types.Operator):
    """Give the copied light to all selected strips"""

    bl_idname = "lav.paste_light"
    bl_label = "Paste Light"

    @classmethod
    def poll(cls, context):
        return bool(_copied and strips.selected(context))

    def execute(self, context):
        for strip in strips.selected(context):
            if not strips.is_sound(strip):
                light.paste(strip.lav_light, _copied[0])
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
            session.refuse((clip,))
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


def solved_exposure(strip):
    """As an estimate of this strip found it, else its preview, which saw one frame; or None."""
    session, id = current.session(), clips.store.id_of(strip)
    if session.estimate and session.estimate.clip == id and session.estimate.plan.light:
        return session.estimate.plan.light.exposure
    if session.preview and session.preview.clip == id:
        return session.preview.light.exposure
    return None


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
        session.tell(refusal.problem, clip.id)
    finally:
        if scene.frame_current != before:
            scene.frame_set(before)
    session.revision += 1


def _take_over(id: str, said: Light) -> None:
    found = clips.store.find(id)
    if found:
        settings = found[1].lav_light
        light.fill(settings, said, by_hand=True)
        settings.is_touched = True
        bpy.ops.ed.undo_push(message="Light from Scene")


def _presets():
    info = current.session().info
    return info.presets if info else ()


CLASSES = (
    *(SetPreset, SetEngine, Aim, ChooseLamp, AddLamp, RemoveLamp, UseWords, LockExposure),
    *(CopyLight, PasteLight, LightFromScene, ClearKeys),
)
