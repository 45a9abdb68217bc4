"""Menus of the panel: light presets, engines, and what is done with whole timelines."""

import bpy

from . import current


class PresetMenu(bpy.types.Menu):
    bl_idname = "LAV_MT_presets"
    bl_label = "Light Preset"

    def draw(self, context):
        row = self.layout.row()
        groups = {}
        for preset in current.session().connection.presets:
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
        engines = current.session().connection.engines
        for engine in engines:
            self.layout.operator("lav.engine", text=engine.title).name = engine.name
        if not engines:
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


CLASSES = (PresetMenu, EngineMenu, TimelineMenu)
