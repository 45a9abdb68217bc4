"""Light maps by content: a window that was ever lit is not lit again."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from lav_engine import lightmap
from lav_engine.errors import LavError
from lav_engine.lightmap import LightFields, Origin
from lav_engine.pictures import Pictures
from lav_engine.publish import replace_text, writing

Stored = tuple[LightFields, Pictures | None]


class MapStore:
    """A folder that all jobs share: `<key[:2]>/<key>.npz`, beside them exposures as `.json`.

    Files appear whole, and a use is seen in their modification time. What is damaged counts as
    missing. A process that is killed leaves a hidden `.part` file, which is nobody's afterwards.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.npz"

    def load(self, key: str) -> Stored | None:
        path = self.path(key)
        try:
            fields, origin = lightmap.load(path)
            pictures = lightmap.load_pictures(path)
        except LavError:
            return None
        if origin.request != key:
            return None
        _touch(path)
        return fields, pictures

    def save(
        self, key: str, fields: LightFields, origin: Origin, pictures: Pictures | None = None
    ) -> None:
        """Raises LavError where there is no room or no right to write; the store stays whole."""
        path = self._made(self.path(key))
        lightmap.save(path, fields, origin, pictures)

    def exposure(self, key: str) -> float | None:
        path = self.path(key).with_suffix(".json")
        try:
            found = float(json.loads(path.read_text())["exposure"])
        except (OSError, ValueError, TypeError, KeyError):
            return None
        _touch(path)
        return found

    def save_exposure(self, key: str, exposure: float) -> None:
        """Raises LavError like `save`."""
        path = self._made(self.path(key).with_suffix(".json"))
        replace_text(path, json.dumps({"exposure": exposure}))

    def _made(self, path: Path) -> Path:
        """Its folder."""
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _touch(path: Path) -> None:
    with suppress(OSError):  # a store on a read-only disk still gives its maps
        os.utime(path)
