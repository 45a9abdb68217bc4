"""The add-on as Blender starts and ends it, and what it does when files are opened."""

import bpy
from bpy.props import StringProperty

from . import (
    current,
    menus,
    operators_lamp,
    operators_light,
    operators_render,
    operators_server,
    operators_take,
    panel,
    preview_image,
    properties,
    pump,
    store,
)


def _command_changed(preferences, context):
    """Another bridge: the session with the old one is over."""
    current.end()
    opened()


class LavPreferences(bpy.types.AddonPreferences):
    bl_idname = current.ADDON
    __annotations__ = {
        "program": StringProperty(
            name="LAV Bridge",
            description="The `lav` program; empty: where it was installed",
            subtype="FILE_PATH",
            update=_command_changed,
        )
    }

    def draw(self, context):
        self.layout.prop(self, "program")
        self.layout.label(text="Empty: the one that `lav install blender` was run with")


CLASSES = (
    LavPreferences,
    *operators_server.CLASSES,
    *operators_light.CLASSES,
    *operators_lamp.CLASSES,
    *operators_render.CLASSES,
    *operators_take.CLASSES,
    *menus.CLASSES,
    *panel.CLASSES,
)


def register():
    properties.register()
    for one in CLASSES:
        bpy.utils.register_class(one)
    bpy.app.handlers.load_pre.append(leaving)
    bpy.app.handlers.load_post.append(opened)
    for handlers in _undoing():
        handlers.append(kept)
    if hasattr(bpy.app.handlers, "load_post_fail"):  # from 3.6 on
        bpy.app.handlers.load_post_fail.append(opened)
    pump.start()
    bpy.app.timers.register(opened, first_interval=0.1)  # no file can be read yet


def unregister():
    """Renders go on in the server, and are offered again."""
    if bpy.app.timers.is_registered(opened):
        bpy.app.timers.unregister(opened)
    pump.stop()
    if hasattr(bpy.app.handlers, "load_post_fail"):
        bpy.app.handlers.load_post_fail.remove(opened)
    for handlers in _undoing():
        handlers.remove(kept)
    bpy.app.handlers.load_post.remove(opened)
    bpy.app.handlers.load_pre.remove(leaving)
    current.end()
    preview_image.end()
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
    properties.unregister()


@bpy.app.handlers.persistent
def leaving(*_):
    """A file is about to be closed, and with it what this session watches for it."""
    current.end()
    store.forget()


@bpy.app.handlers.persistent
def opened(*_):
    current.session().reopened()
    pump.start()


@bpy.app.handlers.persistent
def kept(*_):
    """Undo has taken back what the project knew of its renders, which go on."""
    session = current.running()
    if session:
        session.renders.keep()


def _undoing():
    return bpy.app.handlers.undo_post, bpy.app.handlers.redo_post
