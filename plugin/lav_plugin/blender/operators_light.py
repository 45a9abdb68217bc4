"""Buttons that set the light of the active strip as a whole."""

import bpy
from bpy.props import StringProperty

from . import current, light, store, strips

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
        engines = current.session().connection.engines
        found = [one for one in engines if one.name == properties.name]
        return found[0].summary if found else cls.__doc__

    def execute(self, context):
        strips.active(context).lav_light.engine = self.name
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


def solved_exposure(strip):
    """As an estimate of this strip found it, else its preview, which saw one frame; or None."""
    session, id = current.session(), store.id_of(strip)
    estimate, preview = session.estimates.last, session.previews.last
    if estimate and estimate.clip == id and estimate.plan.light:
        return estimate.plan.light.exposure
    return preview.light.exposure if preview and preview.clip == id else None


def _presets():
    return current.session().connection.presets


CLASSES = (SetPreset, SetEngine, UseWords, LockExposure, CopyLight, PasteLight)
