"""Buttons on the takes of a strip: the active one's, or of the one that lies above it."""

import bpy
from bpy.props import IntProperty, StringProperty

from . import changes, current, light, store, strips

CLIP = StringProperty(description="A strip's id; empty: the active strip", options={"HIDDEN"})
INDEX = IntProperty(options={"HIDDEN"})


class TakeOperator:
    """What they share: they are about a strip that has takes."""

    @classmethod
    def poll(cls, context):
        return bool(store.id_of(strips.active(context))) if strips.active(context) else False

    def id(self, context):
        return getattr(self, "clip", "") or store.id_of(strips.active(context))


class ShowTake(TakeOperator, bpy.types.Operator):
    """Show this on the timeline"""

    bl_idname = "lav.show_take"
    bl_label = "Show Take"
    __annotations__ = {"index": INDEX}

    def execute(self, context):
        current.session().takes.show(self.id(context), self.index)
        return {"FINISHED"}


class CompareTake(TakeOperator, bpy.types.Operator):
    """Switch between the original and the take that was shown last"""

    bl_idname = "lav.compare"
    bl_label = "Compare"
    __annotations__ = {"clip": CLIP}

    def execute(self, context):
        current.session().takes.compare(self.id(context))
        return {"FINISHED"}


class SelectAbove(TakeOperator, bpy.types.Operator):
    """Select the strip above that shows a take of this one"""

    bl_idname = "lav.select_above"
    bl_label = "Select"
    bl_options = {"UNDO"}  # noqa: RUF012
    __annotations__ = {"clip": CLIP}

    def execute(self, context):
        scene, above = store.find(self.clip) or (None, None)
        if above is None or scene != strips.target_scene(context):
            return {"CANCELLED"}
        changes.select(scene, above)
        return {"FINISHED"}


class RenameTake(TakeOperator, bpy.types.Operator):
    """Give this take another name"""

    bl_idname = "lav.rename_take"
    bl_label = "Rename Take"
    __annotations__ = {"index": INDEX, "name": StringProperty(name="Name")}

    def invoke(self, context, event):
        takes = current.session().host.takes(self.id(context)).takes
        if not 0 <= self.index < len(takes):
            return {"CANCELLED"}
        self.name = takes[self.index].name
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context):
        current.session().takes.rename(self.id(context), self.index, self.name)
        return {"FINISHED"}


class RemoveTake(TakeOperator, bpy.types.Operator):
    """Take this take off the list; its file stays on disk"""

    bl_idname = "lav.remove_take"
    bl_label = "Remove Take"
    __annotations__ = {"index": INDEX}

    def execute(self, context):
        current.session().takes.remove(self.id(context), self.index)
        return {"FINISHED"}


class NewVersion(TakeOperator, bpy.types.Operator):
    """Put this take's light into the controls, to change it and render a new version"""

    bl_idname = "lav.new_version"
    bl_label = "New Version"
    bl_options = {"UNDO"}  # noqa: RUF012
    __annotations__ = {"index": INDEX}

    def execute(self, context):
        session, strip = current.session(), strips.active(context)
        with session.board.boundary(self.id(context)):
            take = session.host.takes(self.id(context)).takes[self.index]
            light.restore(strip.lav_light, take)
        session.board.changed()
        return {"FINISHED"}


class ExtendTake(TakeOperator, bpy.types.Operator):
    """Render only the frames that the take lacks since the strip was trimmed"""

    bl_idname = "lav.extend"
    bl_label = "Extend"
    __annotations__ = {"clip": CLIP}

    def execute(self, context):
        current.session().orders.extend(self.id(context))
        return {"FINISHED"}


class DeliverAgain(TakeOperator, bpy.types.Operator):
    """Deliver the take with another amount, from the light that is kept: nothing is lit again"""

    bl_idname = "lav.vary"
    bl_label = "New Amount"
    __annotations__ = {"index": INDEX, "clip": CLIP}

    def execute(self, context):
        amount = context.window_manager.lav.amount
        current.session().orders.vary(self.id(context), self.index, amount)
        return {"FINISHED"}


CLASSES = (
    *(ShowTake, CompareTake, SelectAbove, RenameTake, RemoveTake, NewVersion),
    *(ExtendTake, DeliverAgain),
)
