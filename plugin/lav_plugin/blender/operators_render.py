"""Buttons that preview, render and bake."""

import bpy
from bpy.props import StringProperty

from ..host import Unfit
from . import alike, clips, current, light, placement, strips
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
            session.orders.refuse((clip,))
            return {"CANCELLED"}
        with session.board.boundary(clip.id):
            at = media_frame(clip, scene.frame_current)
            session.previews.look(clip, at, light.settings_of(scene, strip))
        return {"FINISHED"}


class Relight(bpy.types.Operator):
    """Render the selected strips with their light; the takes come in place when they are done"""

    bl_idname = "lav.relight"
    bl_label = "Relight Strip"
    # A step of its own, so that the project counts as changed and is saved with its renders.
    bl_options = {"UNDO"}  # noqa: RUF012

    def execute(self, context):
        session = current.session()
        session.orders.relight(session.host.chosen(), _wish)
        return {"FINISHED"}


class BakeAgain(bpy.types.Operator):
    """Render the strip to a file once more, because what it shows has changed"""

    bl_idname = "lav.bake"
    bl_label = "Bake Again"

    @classmethod
    def poll(cls, context):
        return strips.active(context) is not None

    def execute(self, context):
        current.session().bakes.start(clips.store.id_of(strips.active(context)))
        return {"FINISHED"}


class CancelRender(bpy.types.Operator):
    """Stop this render; the strip stays as it is"""

    bl_idname = "lav.cancel"
    bl_label = "Cancel Render"
    __annotations__ = {"key": StringProperty()}  # a strip's id while it is baked

    def execute(self, context):
        session = current.session()
        if self.key in session.bakes.all or self.key in session.bakes.waiting:
            session.bakes.cancel(self.key)
            return {"FINISHED"}
        if self.key not in session.renders.all:
            return {"CANCELLED"}
        session.renders.cancel(self.key)
        session.board.changed()
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
        with session.board.boundary(self.key):
            session.renders.retry(self.key)
        session.board.notice = None
        return {"FINISHED"}


def _wish(clip):
    """The strip's own light; where it was never given one, that of the active strip."""
    scene, strip = here = clips.store.where(clip.id)
    active = strips.active(bpy.context)
    if active and not strips.is_sound(active) and not strip.lav_light.is_touched:
        strip = active
    settings = light.settings_of(scene, strip)
    if settings.above or current.session().host.is_baked(clip.id):
        _warn(clip, placement.covered(*here), alike.leaves(*here))
    return settings


def _warn(clip, covered, some_stays):
    """Of what a take above does to the picture besides its light."""
    said = []
    if covered:
        said.append(f"The take of {clip.name} will cover {', '.join(covered)}.")
    if some_stays:
        what = "Some modifiers, keyframes or drivers"
        said.append(f"{what} of {clip.name} stay with it, under the take.")
    if said:
        current.session().board.warn(" ".join(said), clip.id)


CLASSES = (PreviewFrame, Relight, BakeAgain, CancelRender, RetryRender)
