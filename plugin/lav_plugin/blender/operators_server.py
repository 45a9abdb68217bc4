"""Buttons about the server, and the one button of a message."""

import bpy
from bpy.props import StringProperty

from .. import notices
from ..messages import Rational, Timeline
from . import current, preview_image, strips

OTIO = StringProperty(default="*.otio", options={"HIDDEN"})


class Connect(bpy.types.Operator):
    """Find the server, or start it on this computer"""

    bl_idname = "lav.connect"
    bl_label = "Start Server"

    def execute(self, context):
        current.session().connection.connect()
        return {"FINISHED"}


class Act(bpy.types.Operator):
    """Do what the message suggests"""

    bl_idname = "lav.act"
    bl_label = "OK"

    def execute(self, context):
        session = current.session()
        notice, session.board.notice = session.board.notice, None
        session.board.changed()
        if notice is None:
            return {"CANCELLED"}
        if notice.action == notices.CONNECT:
            session.connection.connect()
        elif notice.action == notices.RETRY and notice.about in session.renders.all:
            session.renders.retry(notice.about)
        elif notice.action == notices.RESUME:
            session.resume()
        elif notice.action == notices.BAKE:
            session.bakes.start(notice.about)
        elif notice.action == notices.BAKE_AND_RELIGHT:
            session.orders.bake_and_relight(notice.about)
        elif notice.action == notices.EXTEND:
            session.orders.extend(notice.about)
        elif notice.action == notices.PREFERENCES:
            bpy.ops.preferences.addon_show(module=current.ADDON)
        return {"FINISHED"}


class Dismiss(bpy.types.Operator):
    """Take this message away"""

    bl_idname = "lav.dismiss"
    bl_label = "Dismiss"

    def execute(self, context):
        current.session().dismiss()
        return {"FINISHED"}


class OpenPreview(bpy.types.Operator):
    """Show the preview in an Image Editor of its own window"""

    bl_idname = "lav.open_preview"
    bl_label = "Open Preview"

    @classmethod
    def poll(cls, context):
        return preview_image.image() is not None and not bpy.app.background

    def execute(self, context):
        bpy.ops.wm.window_new()
        area = context.window_manager.windows[-1].screen.areas[0]
        area.type = "IMAGE_EDITOR"
        area.spaces.active.image = preview_image.image()
        return {"FINISHED"}


class TimelineOperator:
    """What they share: they ask for a file first."""

    @classmethod
    def poll(cls, context):
        return strips.target_scene(context) is not None

    def invoke(self, context, event):
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}


class WriteTimeline(TimelineOperator, bpy.types.Operator):
    """Write the strips that have takes to an OpenTimelineIO file, for other editors"""

    bl_idname = "lav.write_timeline"
    bl_label = "Export Takes (.otio)"
    __annotations__ = {"filepath": StringProperty(subtype="FILE_PATH"), "filter_glob": OTIO}

    def execute(self, context):
        scene = strips.target_scene(context)
        rate = strips.scene_rate(scene)
        timeline = Timeline(
            path=bpy.path.ensure_ext(bpy.path.abspath(self.filepath), ".otio"),
            name=scene.name,
            rate=Rational(rate.numerator, rate.denominator),
            start=scene.frame_start,
        )
        current.session().timelines.write(timeline)
        return {"FINISHED"}


class ReadTakes(TimelineOperator, bpy.types.Operator):
    """Place the takes of an OpenTimelineIO file on the selected strips they were made of"""

    bl_idname = "lav.read_takes"
    bl_label = "Import Takes (.otio)"
    __annotations__ = {"filepath": StringProperty(subtype="FILE_PATH"), "filter_glob": OTIO}

    def execute(self, context):
        current.session().timelines.read(bpy.path.abspath(self.filepath))
        return {"FINISHED"}


CLASSES = (Connect, Act, Dismiss, OpenPreview, WriteTimeline, ReadTakes)
