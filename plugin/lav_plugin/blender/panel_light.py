"""The part of the panel that says a strip's light and how it is to be rendered."""

from . import light, operators_light, pad, preview_image, store, strips
from .spoken import draw_lines, duration


def draw(layout, context, session, strip):
    """All settings of a strip, and the buttons that use them."""
    settings, estimate = strip.lav_light, _estimate(session, strip)
    _preset(layout, session.connection.presets, settings)
    _lamps(layout, settings)
    _exposure(layout, settings, strip)
    _words(layout, context, settings, estimate)
    column = layout.column()
    column.prop(settings, "amount", slider=True)
    _engine(column, context, session.connection.engines, settings, estimate)
    _mask(column, strips.target_scene(context), settings)
    row = column.row()
    row.prop(settings, "handles")
    row.prop(settings, "place", text="")
    if store.is_baked(strip):
        row = layout.row()
        row.label(text="Baked", icon="FILE_MOVIE")
        row.operator("lav.bake")
    _buttons(layout, context, session)


def _preset(layout, presets, settings):
    titles = {one.name: one.title for one in presets}
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
        row.label(text=f"{len(keys)} keyframes", icon="KEYTYPE_KEYFRAME_VEC")
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


def _words(layout, context, settings, estimate):
    column = layout.column(align=True)
    column.label(text="Words")
    column.prop(settings, "prompt", text="")
    if settings.by_hand:
        row = column.row()
        row.label(text="Lamps by hand")
        row.operator("lav.use_words", text="Reset", icon="LOOP_BACK")
    if estimate and estimate.plan.unmatched_words and not settings.by_hand:
        words = ", ".join(estimate.plan.unmatched_words)
        draw_lines(column, context, f"Not a light: {words}", "QUESTION")


def _engine(column, context, engines, settings, estimate):
    titles = {one.name: one.title for one in engines}
    row = column.row()
    row.label(text="Engine")
    row.menu("LAV_MT_engines", text=titles.get(settings.engine, settings.engine.title()))
    if estimate:
        row.label(text=f"about {duration(estimate.plan.seconds)}")
    for warning in estimate.plan.warnings if estimate else ():
        draw_lines(column, context, warning, "ERROR")


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
    text = "Working..." if session.previews.is_busy else "Preview"
    row.operator("lav.preview", text=text, icon="HIDE_OFF")
    row.prop(context.window_manager.lav, "is_live", text="", icon="FILE_REFRESH")
    shown = session.previews.last
    if preview_image.icon() and shown and shown.clip == store.id_of(strips.active(context)):
        layout.template_icon(preview_image.icon(), scale=9.0)
        row = layout.row()
        row.label(text=f"Frame {shown.media_frame} of the clip")
        row.operator("lav.open_preview", text="", icon="WINDOW")
    chosen = [one for one in strips.selected(context) if not strips.is_sound(one)]
    row = layout.row()
    row.scale_y = 1.4
    many = f"Relight {len(chosen)} Strips" if len(chosen) > 1 else "Relight Strip"
    row.operator("lav.relight", text=many, icon="LIGHT_SUN")


def _estimate(session, strip):
    estimate = session.estimates.last
    return estimate if estimate and estimate.clip == store.id_of(strip) else None
