"""The panel in the sequencer's sidebar. Drawing reads and changes nothing."""

import bpy

from ..connection import CONNECTED, LOST, RESTARTING, STARTING
from . import current, panel_light, panel_takes, pump, strips
from .spoken import draw_lines


class MainPanel(bpy.types.Panel):
    bl_idname = "LAV_PT_main"
    bl_label = "Light-A-Video"
    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Light-A-Video"

    def draw(self, context):
        pump.start()
        session = current.session()
        layout = self.layout
        _server(layout, context, session.connection)
        _notice(layout, context, session.board.notice)
        scene, strip = strips.target_scene(context), strips.active(context)
        if strip is None or strips.is_sound(strip):
            draw_lines(layout, context, "Select a movie strip to relight it.", "INFO")
        else:
            pump.follower.saw(scene, strip)
            panel_light.draw(layout, context, session, strip)
        panel_takes.draw_renders(layout, context, session)
        if strip is not None:
            panel_takes.draw_takes(layout, context, scene, strip)


def _server(layout, context, connection):
    row = layout.row()
    said = row.column()
    if connection.chip == CONNECTED:
        device = connection.info.device if connection.info else ""
        draw_lines(said, context, f"Connected: {device}", "CHECKMARK", beside=1)
    elif connection.chip == STARTING:
        said.label(text="Starting the server...", icon="SORTTIME")
    elif connection.chip == RESTARTING:
        draw_lines(said, context, "The server stopped, starting it again...", "SORTTIME", beside=1)
    else:
        stopped = "Stopped" if connection.chip == LOST else "Not running"
        said.label(text=stopped, icon="UNLINKED")
        row.operator("lav.connect")
    row.menu("LAV_MT_timeline", text="", icon="DOWNARROW_HLT")


def _notice(layout, context, notice):
    if notice is None:
        return
    box = layout.box()
    draw_lines(box, context, notice.problem.message, "INFO")
    draw_lines(box, context, notice.problem.hint, "BLANK1")
    row = box.row()
    row.operator("lav.act", text=notice.label)
    row.operator("lav.dismiss", text="", icon="X")


CLASSES = (MainPanel,)
