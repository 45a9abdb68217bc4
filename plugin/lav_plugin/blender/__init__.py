"""Blender: the only part of the plug-in that imports bpy, and only once it is registered."""
