"""What runs inside an editor's own Python: standard library only, relative imports only.

It is the Blender extension's root as well: Blender calls `register` and `unregister`.
"""

VERSION = "0.1.0"

bl_info = {  # for Blender before 4.2, which knows no extensions
    "name": "Light-A-Video",
    "description": "Relight strips of the Video Sequence Editor",
    "author": "LAV Bridge contributors",
    "version": (0, 1, 0),
    "blender": (3, 4, 0),
    "location": "Video Sequencer > Sidebar > Light-A-Video",
    "category": "Sequencer",
}


def register() -> None:
    from .blender import addon

    addon.register()


def unregister() -> None:
    from .blender import addon

    addon.unregister()
