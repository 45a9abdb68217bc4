"""The one session of this Blender: made when it is first needed, ended with the add-on."""

from __future__ import annotations

from typing import Any

import bpy

from .. import VERSION
from ..bridge_client import Bridge
from ..messages import PROTOCOL, Greeting
from ..record import bridge_command
from ..session import Session
from .host import BlenderHost

ADDON = __name__.rpartition(".blender.")[0]  # as Blender knows it
_sessions: list[Session] = []  # one, or none


def session() -> Session:
    """No process is started before something is asked."""
    if not _sessions:
        _sessions.append(Session(BlenderHost(), _bridge))
    return _sessions[0]


def running() -> Session | None:
    return _sessions[0] if _sessions else None


def end() -> None:
    while _sessions:
        _sessions.pop().close()


def preferences(context: Any) -> Any:
    """None where the add-on runs without being installed."""
    addon = context.preferences.addons.get(ADDON)
    return addon.preferences if addon else None


def _bridge(news: Any) -> Bridge:
    own = preferences(bpy.context)
    greeting = Greeting(PROTOCOL, "blender", bpy.app.version_string, VERSION)
    return Bridge(bridge_command(own.program if own else "") or ["lav", "bridge"], greeting, news)
