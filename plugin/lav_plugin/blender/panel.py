"""The panel in the sequencer's sidebar. Drawing reads and changes nothing."""

import os

import bpy

from ..model import Refusal
from ..renders import FAILED, SENDING, WAITING
from ..session import CONNECTED, LOST, RESTARTING, STARTING
from . import current, light, operators_light, pad, preview_image, pump, store, strips
from .spoken import duration, wrapped

STAGES = {
    "STAGE_PLANNING": "Looking at the clip",
    "STAGE_LIGHTING": "Lighting",
    "STAGE_DELIVERING": "Delivering",
    "STAGE_PUBLISHING": "Saving",
}
CHARACTER = 6.6  # pixels of a text's average letter, at scale 1
MARGIN = 12  # letters' width that boxes, icons and tabs take


class PresetMenu(bpy.types.Menu):
    bl_idname = "LAV_MT_presets"
    bl_label = "Light Preset"

    def draw(self, context):
        info = current.session().info
        row = self.layout.row()
        groups = {}
        for preset in info.presets if info else ():
            if preset.group not in groups:
                groups[preset.group] = row.column()
                groups[preset.group].label(text=preset.group)
            draw = groups[preset.group].operator("lav.preset", text=preset.title)
            draw.name = preset.name
        last = row.column()
        last.label(text="Other")
        last.operator("lav.preset", text="Words Only").name = ""
        if not groups:
            last.label(text="Start the server to see all")


class EngineMenu(bpy.types.Menu):
    bl_idname = "LAV_MT_engines"
    bl_label = "Engine"

    def draw(self, context):
        info = current.session().info
        for engine in info.engines if info else ():
            self.layout.operator("lav.engine", text=engine.title).name = engine.name
        if not info:
            self.layout.label(text="Start the server to see all")


class TimelineMenu(bpy.types.Menu):
    bl_idname = "LAV_MT_timeline"
    bl_label = "Light-A-Video"

    def draw(self, context):
        self.layout.operator("lav.copy_light", icon="COPYDOWN")
        self.layout.operator("lav.paste_light", icon="PASTEDOWN")
        self.layout.separator()
        self.layout.operator("lav.write_timeline", icon="EXPORT")
        self.layout.operator("lav.read_takes", icon="IMPORT")


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
        _server(layout, session)
        _notice(layout, session, context)
        scene, strip = strips.target_scene(context), strips.active(context)
        if strip is None or strips.is_sound(strip):
            layout.label(text="Select a movie strip to relight it", icon="INFO")
        else:
            pump.follower.saw(scene, strip)
            _settings(layout, context, session, scene, strip)
        _renders(layout, context, session)
        if strip is not None:
            _takes(layout, context, strip)


# --- top ----------------------------------------------------------------------------------------


def _server(layout, session):
    row = layout.row()
    if session.chip == CONNECTED:
        device = session.info.device if session.info else ""
        row.label(text=f"Connected: {device}", icon="CHECKMARK")
    elif session.chip == STARTING:
        row.label(text="Starting the server...", icon="SORTTIME")
    elif session.chip == RESTARTING:
        row.label(text="The server stopped, starting it again...", icon="SORTTIME")
    else:
        row.label(text="Server stopped" if session.chip == LOST else "Not running", icon="UNLINKED")
        row.operator("lav.connect")
    row.menu("LAV_MT_timeline", text="", icon="DOWNARROW_HLT")


def _notice(layout, session, context):
    if session.notice is None:
        return
    box = layout.box()
    problem = session.notice.problem
    _lines(box, context, problem.message, "INFO")
    _lines(box, context, problem.hint, "BLANK1")
    row = box.row()
    row.operator("lav.act", text=session.notice.label)
    row.operator("lav.dismiss", text="", icon="X")


# --- light --------------------------------------------------------------------------------------


def _settings(layout, context, session, scene, strip):
    settings = strip.lav_light
    _preset(layout, session, settings)
    _lamps(layout, settings)
    _exposure(layout, settings, strip)
    _words(layout, session, settings, strip)
    column = layout.column()
    column.prop(settings, "amount", slider=True)
    _engine(column, context, session, settings, strip)
    _mask(column, scene, settings)
    row = column.row()
    row.prop(settings, "handles")
    row.prop(settings, "place", text="")
    _buttons(layout, context, session)


def _preset(layout, session, settings):
    titles = {one.name: one.title for one in (session.info.presets if session.info else ())}
    title = titles.get(settings.preset, settings.title) if settings.preset else "Words Only"
    column = layout.column(align=True)
    column.label(text="Light Preset")
    column.menu("LAV_MT_presets", text=f"{title} (changed)" if settings.by_hand else title)


def _lamps(layout, settings):
    box = layout.box()
    row = box.row(align=True)
    lamps = light.lamps_of(settings)
    for at, lamp in enumerate(lamps):
        name = lamp.bl_rna.properties["role"].enum_items[lamp.role].name
        choose = row.operator("lav.choose_lamp", text=name, depress=at == settings.shown)
        choose.index = at
    row.operator("lav.add_lamp", text="", icon="ADD")
    row.operator("lav.remove_lamp", text="", icon="REMOVE")
    keys = light.base_of(settings).keys if settings.by_hand else ()
    column = box.column()
    column.enabled = not keys
    _lamp(column, lamps[min(settings.shown, len(lamps) - 1)])
    if keys:
        row = box.row()
        row.label(text=f"{len(keys)} keyframes from the scene", icon="KEYTYPE_KEYFRAME_VEC")
        row.operator("lav.clear_keys", text="", icon="X")
    box.operator("lav.light_from_scene", icon="LIGHT")


def _lamp(column, lamp):
    pad.draw(column, lamp)
    row = column.row(align=True)
    if lamp.use_color:
        row.prop(lamp, "color", text="")
    else:
        row.prop(lamp, "kelvin")
        row.prop(lamp, "tint")
    row.prop(lamp, "use_color", text="", icon="COLOR")
    row = column.row(align=True)
    row.prop(lamp, "size", slider=True)
    row.prop(lamp, "role", text="")


def _exposure(layout, settings, strip):
    row = layout.row(align=True)
    if settings.is_exposure_locked:
        row.prop(settings, "exposure", text="Exposure (stops)")
    else:
        solved = operators_light.solved_exposure(strip)
        found = "solved from the clip" if solved is None else f"{solved:+.2f} stops, solved"
        row.label(text=f"Exposure: {found}")
    icon = "LOCKED" if settings.is_exposure_locked else "UNLOCKED"
    row.operator("lav.lock_exposure", text="", icon=icon, depress=settings.is_exposure_locked)


def _words(layout, session, settings, strip):
    column = layout.column(align=True)
    column.label(text="Words")
    column.prop(settings, "prompt", text="")
    if settings.by_hand:
        row = column.row()
        row.label(text="Lamps by hand")
        row.operator("lav.use_words", text="Reset", icon="LOOP_BACK")
    estimate = _estimate(session, strip)
    if estimate and estimate.plan.unmatched_words and not settings.by_hand:
        words = ", ".join(estimate.plan.unmatched_words)
        column.label(text=f"Not a light: {words}", icon="QUESTION")


def _engine(column, context, session, settings, strip):
    titles = {one.name: one.title for one in (session.info.engines if session.info else ())}
    row = column.row()
    row.label(text="Engine")
    row.menu("LAV_MT_engines", text=titles.get(settings.engine, settings.engine.title()))
    estimate = _estimate(session, strip)
    if estimate:
        row.label(text=f"about {duration(estimate.plan.seconds)}")
    for warning in estimate.plan.warnings if estimate else ():
        _lines(column, context, warning, "ERROR")


def _mask(column, scene, settings):
    row = column.row()
    row.label(text="Mask")
    row.prop(settings, "mask_from", expand=True)
    editor = scene.sequence_editor
    if settings.mask_from == "STRIP":
        where = "strips_all" if hasattr(editor, "strips_all") else "sequences_all"
        column.prop_search(settings, "mask_strip", editor, where, text="")
    elif settings.mask_from == "FILE":
        column.prop(settings, "mask_file", text="")


def _buttons(layout, context, session):
    row = layout.row(align=True)
    text = "Working..." if session.is_previewing else "Preview"
    row.operator("lav.preview", text=text, icon="HIDE_OFF")
    row.prop(context.window_manager.lav, "is_live", text="", icon="FILE_REFRESH")
    if preview_image.icon():
        layout.template_icon(preview_image.icon(), scale=9.0)
        row = layout.row()
        row.label(
            text=f"Frame {session.preview.media_frame} of the clip" if session.preview else ""
        )
        row.operator("lav.open_preview", text="", icon="WINDOW")
    chosen = [one for one in strips.selected(context) if not strips.is_sound(one)]
    row = layout.row()
    row.scale_y = 1.4
    many = f"Relight {len(chosen)} Strips" if len(chosen) > 1 else "Relight Strip"
    row.operator("lav.relight", text=many, icon="LIGHT_SUN")


def _estimate(session, strip):
    estimate = session.estimate
    return estimate if estimate and estimate.clip == store.id_of(strip) else None


# --- renders and takes --------------------------------------------------------------------------


def _renders(layout, context, session):
    if not session.renders.all and not session.bakes:
        return
    box = layout.box()
    box.label(text="Renders", icon="RENDER_ANIMATION")
    for key, render in session.renders.all.items():
        column = box.column(align=True)
        row = column.row()
        row.label(text=f"{render.record.name}: {render.record.title}")
        if render.state == FAILED:
            row.operator("lav.retry", text="", icon="FILE_REFRESH").key = key
        row.operator("lav.cancel", text="", icon="X").key = key
        _bar(column, render.fraction, _state(render))
        if render.problem:
            _lines(column, context, render.problem.message, "ERROR")
    for _, done in session.bakes.values():
        _bar(box.column(), done, f"Rendering the strip to a file, {done:.0%}")


def _state(render):
    if render.is_unwanted:
        return "Cancelling..."
    if render.state == FAILED:
        return "Failed"
    if render.state in (SENDING, WAITING):
        return f"Waiting, number {render.position}" if render.position else "Waiting"
    left = f", {duration(render.eta)} left" if render.eta is not None else ""
    return f"{STAGES.get(render.stage, 'Rendering')} {render.fraction:.0%}{left}"


def _bar(layout, fraction, text):
    if hasattr(layout, "progress"):
        layout.progress(factor=fraction, text=text)
    else:  # before 4.0
        layout.label(text=text)


def _takes(layout, context, strip):
    try:
        takes = store.takes_of(strip)
    except Refusal as refusal:
        layout.label(text=str(refusal), icon="ERROR")
        return
    if takes is None or not takes.takes:
        return
    box = layout.box()
    row = box.row()
    row.label(text="Takes", icon="RENDERLAYERS")
    row.operator("lav.compare", text="Compare", icon="UV_SYNC_SELECT")
    column = box.column(align=True)
    _take(column, "Original", -1, takes.active)
    for at, take in enumerate(takes.takes):
        row = _take(column, take.name, at, takes.active)
        row.operator("lav.rename_take", text="", icon="GREASEPENCIL").index = at
        row.operator("lav.new_version", text="", icon="DUPLICATE").index = at
        row.operator("lav.remove_take", text="", icon="X").index = at
        if not os.path.exists(take.path):
            column.label(text="Its file is missing", icon="ERROR")
    if takes.active >= 0:
        if is_short(strip, takes.takes[takes.active].span.count):
            row = box.row()
            row.label(text="Too short", icon="ERROR")
            row.operator("lav.extend", text="Extend")
        row = box.row(align=True)
        row.prop(context.window_manager.lav, "amount", slider=True)
        row.operator("lav.vary", text="Deliver Again").index = takes.active


def _take(column, name, at, active):
    row = column.row(align=True)
    icon = "RADIOBUT_ON" if at == active else "RADIOBUT_OFF"
    row.operator("lav.show_take", text=name, icon=icon, emboss=at == active).index = at
    return row


def is_short(strip, frames):
    """Whether it shows frames beyond its file, which has so many."""
    first = strips.left(strip) - round(strips.position(strip).origin)
    return first < 0 or first + strips.right(strip) - strips.left(strip) > frames


def _lines(layout, context, text, icon):
    """A sentence over as many lines as the sidebar's width asks for."""
    width = context.region.width / (CHARACTER * context.preferences.system.ui_scale)
    column = layout.column(align=True)
    column.scale_y = 0.8
    for at, line in enumerate(wrapped(text, max(20, int(width) - MARGIN))):
        column.label(text=line, icon="BLANK1" if at else icon)


CLASSES = (PresetMenu, EngineMenu, TimelineMenu, MainPanel)
