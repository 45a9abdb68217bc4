"""Blender's own module, which is only there inside Blender."""

from typing import Any

def __getattr__(name: str) -> Any: ...
