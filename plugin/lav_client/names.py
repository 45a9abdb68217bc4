"""Names of media files in what leaves this computer: each is replaced by a hash of its own."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from pathlib import Path, PurePath

from lav_server.redaction import Redaction

SHORTEST = 4  # letters; a shorter name would be found everywhere
SUFFIXES = (
    "mov mp4 m4v mkv webm avi mxf mts m2ts ts mpg mpeg png jpe?g tiff? exr dpx otio safetensors"
)
# A path to media that no job names: no quotation marks, no ends of lines.
PATH = re.compile(
    rf"""(?i)(?:[a-z]:)?[\\/][^"'\n:*?<>|]*?\.(?:{SUFFIXES.replace(" ", "|")})(?![\w.-])"""
)


class Names:
    """The same name gets the same alias within one report, and another one in the next."""

    def __init__(self, home: Path | None = None) -> None:
        self._redaction = Redaction(home or Path.home())
        self._salt = secrets.token_bytes(16)
        self._aliases: dict[str, str] = {}

    def alias(self, path: str) -> str:
        """Learns the path, its name and, where that is a name of its own, its folder's."""
        pure = PurePath(path)
        alias = f"{self._hash(path)}{pure.suffix}"
        for known in (path, pure.name, pure.stem):
            if len(known) >= SHORTEST:
                self._aliases[known] = alias if known != pure.stem else self._hash(path)
        return alias

    def hidden(self, text: str) -> str:
        """The text without known names, other paths to media, home folders and tokens."""
        for known in sorted(self._aliases, key=len, reverse=True):
            for spelt in {known, json.dumps(known, ensure_ascii=False)[1:-1]}:
                text = text.replace(spelt, self._aliases[known])
        text = PATH.sub(lambda match: f"{self._hash(match[0])}{PurePath(match[0]).suffix}", text)
        return self._redaction.text(text)

    def _hash(self, path: str) -> str:
        return f"file-{hashlib.sha256(self._salt + path.encode(errors='replace')).hexdigest()[:8]}"
