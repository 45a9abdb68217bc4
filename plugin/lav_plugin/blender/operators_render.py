"""Buttons that preview, render and bake."""

import bpy
from bpy.props import IntProperty, StringProperty

from ..host import Unfit
from ..model import Refusal
from . import clips, current, light, strips
from .follow import media_frame


class PreviewFrame(bpy.types.Operator):
    """Relight the frame under the playhead and show it"""

    bl_idname = "lav.preview"
    bl_label = "Preview"

    @classmethod
    def poll(cls, context):
        return strips.active(context) is not None

    def execute(self, context):
        session = current.session()
        scene, strip = strips.target_scene(context), strips.active(context)
        clip = clips.describe(scene, strip)
        if isinstance(clip, Unfit):
            session.refuse((clip,))
            return {"CANCELLED"}
        at = media_frame(clip, scene.frame_current)
        session.look(clip, at, light.settings_of(scene, strip))
        return {"FINISHED"}


class Relight(bpy.types.Operator):
    """Render the selected strips with their light; the takes come in place when they are done"""

    bl_idname = "lav.relight"
    bl_label = "Relight Strip"
    # A step of its own, so that the project counts as changed and is saved with its renders.
    bl_options = {"UNDO"}  # noqa: RUF012

    def execute(self, context):
        session = current.session()
        chosen = session.host.chosen()
        session.relight(chosen, lambda clip: _settings(context, clip))
        for clip in chosen.clips:
            _warn_of_covered(session, context, clip)
        return {"FINISHED"}


class CancelRender(bpy.types.Operator):
    """Stop this render; the strip stays as it is"""

    bl_idname = "lav.cancel"
    bl_label = "Cancel Render"
    __annotations__ = {"key": StringProperty()}

    def execute(self, context):
        session = current.session()
        if self.key not in session.renders.all:
            return {"CANCELLED"}
        session.renders.cancel(self.key)
        session.revision += 1
        return {"FINISHED"}


class RetryRender(bpy.types.Operator):
    """Render it again; what was finished is not rendered twice"""

    bl_idname = "lav.retry"
    bl_label = "Try Again"
    __annotations__ = {"key": StringProperty()}

    def execute(self, context):
        session = current.session()
        if self.key not in session.renders.all:
            return {"CANCELLED"}
        with session.boundary(self.key):
            session.renders.retry(self.key)
        session.notice = None
        return {"FINISHED"}


class ExtendTake(bpy.types.Operator):
    """Render only the frames that the take lacks since the strip was trimmed"""

    bl_idname = "lav.extend"
    bl_label = "Extend"

    def execute(self, context):
        session = current.session()
        session.extend(clips.store.id_of(strips.active(context)))
        return {"FINISHED"}


class DeliverAgain(bpy.types.Operator):
    """Deliver the take with another amount, from the light that is kept: nothing is lit again"""

    bl_idname = "lav.vary"
    bl_label = "New Amount"
    __annotations__ = {"index": IntProperty()}

    def execute(self, context):
        session = current.session()
        amount = context.window_manager.lav.amount
        session.vary(clips.store.id_of(strips.active(context)), self.index, amount)
        return {"FINISHED"}


def _settings(context, clip):
    """The strip's own light; where it was never given one, that of the active strip."""
    scene, strip = clips.store.find(clip.id) or (None, None)
    active = strips.active(context)
    if active and not strips.is_sound(active) and not (strip and strip.lav_light.is_touched):
        strip = active
    return light.settings_of(scene, strip)


def _warn_of_covered(session, context, clip):
    if not _settings(context, clip).above or session.notice:
        return
    try:
        names = session.host.covered(clip.id)
    except Refusal as refusal:
        session.tell(refusal.problem, clip.id)
        return
    if names:
        session.warn(f"The take of {clip.name} will cover {', '.join(names)}.", clip.id)


CLASSES = (PreviewFrame, Relight, CancelRender, RetryRender, ExtendTake, DeliverAgain)
