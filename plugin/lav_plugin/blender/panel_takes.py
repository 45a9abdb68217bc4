"""The part of the panel that shows renders under way and the takes of a strip."""

import os

from ..model import Refusal
from ..renders import FAILED, SENDING, WAITING
from . import store, strips
from .spoken import draw_lines, duration

STAGES = {
    "STAGE_PLANNING": "Looking at the clip",
    "STAGE_LIGHTING": "Lighting",
    "STAGE_DELIVERING": "Delivering",
    "STAGE_PUBLISHING": "Saving",
}


def draw_renders(layout, context, session):
    """Nothing where none is under way."""
    bakes = session.bakes
    if not session.renders.all and not bakes.all and not bakes.waiting:
        return
    box = layout.box()
    box.label(text="Renders", icon="RENDER_ANIMATION")
    for key, render in session.renders.all.items():
        name = f"{render.record.name}: {render.record.title}"
        column = _render(box, context, key, name, render.state == FAILED)
        _bar(column, render.fraction, _state(render))
        if render.problem:
            draw_lines(column, context, render.problem.message, "ERROR")
    for id, baking in bakes.all.items():
        _bar(_bake(box, context, id), baking.done, f"Baking {baking.done:.0%}")
    for id in bakes.waiting:
        _bar(_bake(box, context, id), 0.0, "Waiting to be baked")


def _bake(box, context, id):
    _, strip = store.find(id) or (None, None)
    return _render(box, context, id, strip.name if strip else "A strip")


def _render(box, context, key, name, has_failed=False):
    column = box.column(align=True)
    row = column.row()
    draw_lines(row.column(), context, name, "NONE", beside=1 + has_failed)
    if has_failed:
        row.operator("lav.retry", text="", icon="FILE_REFRESH").key = key
    row.operator("lav.cancel", text="", icon="X").key = key
    return column


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


def draw_takes(layout, context, scene, strip):
    """Nothing where there are none. A take that lies above is handled from both strips."""
    try:
        takes = store.takes_of(strip)
    except Refusal as refusal:
        draw_lines(layout, context, str(refusal), "ERROR")
        return
    if takes is None or not takes.takes:
        return
    above = store.above(scene, strip)
    lit = above[0] if above and takes.active < 0 else strip  # what the user sees the light of
    box = layout.box()
    row = box.row()
    row.label(text="Takes", icon="RENDERLAYERS")
    row.operator("lav.compare", text="Compare", icon="UV_SYNC_SELECT").clip = store.id_of(lit)
    _list(box.column(align=True), takes)
    for one in above:
        row = box.row()
        draw_lines(row.column(), context, f"Above: {one.name}", "TRIA_UP", beside=1)
        row.operator("lav.select_above", text="", icon="RESTRICT_SELECT_OFF").clip = store.id_of(
            one
        )
    _shown(box, context, lit)


def _list(column, takes):
    _take(column, "Original", -1, takes.active)
    for at, take in enumerate(takes.takes):
        row = _take(column, take.name, at, takes.active)
        row.operator("lav.rename_take", text="", icon="GREASEPENCIL").index = at
        row.operator("lav.new_version", text="", icon="DUPLICATE").index = at
        row.operator("lav.remove_take", text="", icon="X").index = at
        if not os.path.exists(take.path):
            column.label(text="Its file is missing", icon="ERROR")


def _shown(box, context, strip):
    """What can be done with the take that a strip shows."""
    takes = store.takes_of(strip)
    if takes is None or takes.active < 0:
        return
    if is_short(strip, takes.takes[takes.active].span.count):
        row = box.row()
        row.label(text="Too short", icon="ERROR")
        row.operator("lav.extend", text="Extend").clip = store.id_of(strip)
    row = box.row(align=True)
    row.prop(context.window_manager.lav, "amount", slider=True)
    again = row.operator("lav.vary", text="Deliver Again")
    again.index, again.clip = takes.active, store.id_of(strip)


def _take(column, name, at, active):
    row = column.row(align=True)
    icon = "RADIOBUT_ON" if at == active else "RADIOBUT_OFF"
    row.operator("lav.show_take", text=name, icon=icon, emboss=at == active).index = at
    return row


def is_short(strip, frames):
    """Whether it shows frames beyond its file, which has so many."""
    first = strips.left(strip) - round(strips.position(strip).origin)
    return first < 0 or first + strips.right(strip) - strips.left(strip) > frames
