"""What a real Resolve answered, as lines of JSON that a test can answer with again.

The first line is the script's hello, each other one a request's calls with their values or error.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lav_client.resolve_link import Hello, Link
from lav_engine.errors import Code, LavError

NAME = "resolve-answers.jsonl"


class Transcript:
    """Of what a link hears from now on, in the place of the last one. It names clips and files."""

    def __init__(self, folder: Path, link: Link, hello: Hello) -> None:
        self.path = folder / NAME
        try:
            self.path.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            self._file = os.fdopen(os.open(self.path, flags, 0o600), "w", encoding="utf-8")
        except OSError as error:
            raise LavError(
                f"{self.path} cannot be written ({error.strerror}), so nothing can be recorded.",
                "Check that its disk is not full and the folder is yours to write.",
                Code.output_unwritable,
            ) from None
        self._write({"hello": asdict(hello)})
        self._link = link
        link.heard = self._heard

    def __enter__(self) -> Transcript:
        return self

    def __exit__(self, *_: object) -> None:
        self._link.heard = None
        self._file.close()

    def _heard(self, request: dict[str, Any], answer: dict[str, Any]) -> None:
        if "calls" in request:
            told = {key: value for key, value in answer.items() if key != "n"}
            self._write({"calls": request["calls"], **told})

    def _write(self, said: dict[str, Any]) -> None:
        self._file.write(json.dumps(said) + "\n")
        self._file.flush()  # a run that is killed is the one to look at
