"""Buttons on the takes of the active strip."""

import bpy
from bpy.props import IntProperty, StringProperty

from . import current, light, store, strips


class TakeOperator:
    """What they share: they are about one take of the active strip."""

    @classmethod
    def poll(cls, context):
        return bool(store.id_of(strips.active(context))) if strips.active(context) else False

    def id(self, context):
        return store.id_of(strips.active(context))


class ShowTake(TakeOperator, bpy.types.Operator):
    """Show this on the timeline"""

    bl_idname = "lav.show_take"
    bl_label = "Show Take"
    __annotations__ = {"index": IntProperty()}

    def execute(self, context):
        current.session().show(self.id(context), self.index)
        return {"FINISHED"}


class CompareTake(TakeOperator, bpy.types.Operator):
    """Switch between the original and the take that was shown last"""

    bl_idname = "lav.compare"
    bl_label = "Compare"

    def execute(self, context):
        current.session().compare(self.id(context))
        return {"FINISHED"}


class RenameTake(TakeOperator, bpy.types.Operator):
    """Give this take another name"""

    bl_idname = "lav.rename_take"
    bl_label = "Rename Take"
    __annotations__ = {
        "index": IntProperty(options={"HIDDEN"}),
        "name": StringProperty(name="Name"),
    }

    def invoke(self, context, event):
        takes = current.session().host.takes(self.id(context)).takes
        if not 0 <= self.index < len(takes):
            return {"CANCELLED"}
        self.name = takes[self.index].name
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context):
        current.session().rename(self.id(context), self.index, self.name)
        return {"FINISHED"}


class RemoveTake(TakeOperator, bpy.types.Operator):
    """Take this take off the list; its file stays on disk"""

    bl_idname = "lav.remove_take"
    bl_label = "Remove Take"
    __annotations__ = {"index": IntProperty()}

    def execute(self, context):
        current.session().remove(self.id(context), self.index)
        return {"FINISHED"}


class NewVersion(TakeOperator, bpy.types.Operator):
    """Put this take's light into the controls, to change it and render a new version"""

    bl_idname = "lav.new_version"
    bl_label = "New Version"
    bl_options = {"UNDO"}  # noqa: RUF012
    __annotations__ = {"index": IntProperty()}

    def execute(self, context):
        session, strip = current.session(), strips.active(context)
        with session.boundary(self.id(context)):
            take = session.host.takes(self.id(context)).takes[self.index]
            light.restore(strip.lav_light, take)
        session.revision += 1
        return {"FINISHED"}


CLASSES = (ShowTake, CompareTake, RenameTake, RemoveTake, NewVersion)
