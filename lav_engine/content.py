"""What a window's light is made from, as a name: same name, same light.

Neither the amount, the codec nor the output is in it, nor where the source lies; so a repeated, a
resumed, an extended and a softened take find each other's windows.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from lav_engine import lightmap
from lav_engine.engines.base import Engine, Identified, Window
from lav_engine.record import plain
from lav_engine.spec import EngineSpec, Light, RelightRequest
from lav_engine.windows import WindowSpan


class Content:
    """Names for the windows of one render. Files that the options name are read when it is made."""

    def __init__(self, request: RelightRequest, engine: Engine, spec: EngineSpec) -> None:
        identity = engine.identity(request.options) if isinstance(engine, Identified) else ""
        options = plain(request.options, _file)
        self._exposure = [spec.name, spec.version, identity, options]
        self._window = [*self._exposure, request.delivery, lightmap.VERSION, lightmap.ENCODING]

    def of_window(self, window: Window, light: Light, span: WindowSpan) -> str:
        return _hash([*self._window, span.read, span.output, plain(light)], window)

    def of_exposure(self, anchors: Window, light: Light) -> str:
        return _hash([*self._exposure, plain(light)], anchors)


def _hash(parts: list[object], window: Window) -> str:
    shapes = [None if one is None else one.shape for one in (window.frames, window.mask)]
    said = [*parts, window.first, str(window.rate), shapes]
    digest = hashlib.sha256(json.dumps(said).encode())
    for pixels in (window.frames, window.mask):
        if pixels is not None:
            digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def _file(path: Path) -> str:
    """A file by what is in it. Folders hold models, of which the engine's identity tells."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
