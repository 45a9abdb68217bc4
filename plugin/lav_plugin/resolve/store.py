"""What is remembered of a project: its clips' takes, bakes and renders under way, as one file.

Resolve keeps no text of ours with a clip that could be relied on, so it lies in a folder of ours,
under the project's own id.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from ..messages import Light, LightRequest, from_json, to_json
from ..model import Media, Refusal, Span, TakeRecord, Takes


@dataclass(frozen=True)
class Bake:
    """A clip rendered to a file, and of what: a clip that has changed since is baked anew."""

    path: str
    frames: int
    rate: Fraction
    is_seen: bool  # as the timeline shows it, grade and all; else the footage alone
    first: int  # frame of the footage that the file begins with
    source: str  # path, or the name of what has none
    left: int
    duration: int


class Store:
    def __init__(self, folder: str, project: str) -> None:
        self._path = os.path.join(folder, f"{re.sub(r'[^A-Za-z0-9_-]', '_', project)}.json")
        self._said = _read(self._path)

    def takes(self, id: str) -> Takes | None:
        said = self._said["takes"].get(id)
        return _takes(said) if said else None

    def keep_takes(self, id: str, takes: Takes) -> None:
        self._said["takes"][id] = _takes_json(takes)
        self._write()

    def with_takes(self) -> tuple[str, ...]:
        return tuple(self._said["takes"])

    def bake(self, id: str) -> Bake | None:
        said = self._said["bakes"].get(id)
        return Bake(**{**said, "rate": Fraction(said["rate"])}) if said else None

    def keep_bake(self, id: str, bake: Bake | None) -> None:
        if bake is None:
            self._said["bakes"].pop(id, None)
        else:
            self._said["bakes"][id] = {**asdict(bake), "rate": str(bake.rate)}
        self._write()

    def placed(self, id: str) -> dict[str, str]:
        """Items placed above a clip, by their id: the job of each."""
        return dict(self._said["placed"].get(id, {}))

    def keep_placed(self, id: str, placed: dict[str, str]) -> None:
        self._said["placed"][id] = placed
        self._write()

    def source_of(self, placed: str) -> str | None:
        """The clip that an item was placed above."""
        return next((id for id, made in self._said["placed"].items() if placed in made), None)

    def renders(self) -> tuple[dict[str, Any], ...]:
        """Those of the page as well, which the page had no time to place."""
        return (*self._said["renders"], *self._said["offered"])

    def keep_renders(self, renders: Sequence[dict[str, Any]]) -> None:
        """Those of the page that were taken up are among them from then on."""
        jobs = {one.get("job") for one in renders}
        left = [one for one in self._said["offered"] if one.get("job") not in jobs]
        self._said.update(renders=list(renders), offered=left)
        self._write()

    def keep_offered(self, renders: Sequence[dict[str, Any]]) -> None:
        self._said["offered"] = list(renders)
        self._write()

    def _write(self) -> None:
        fresh = f"{self._path}.{os.getpid()}"
        try:
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            with open(fresh, "w", encoding="utf-8") as file:
                json.dump(self._said, file)
            os.replace(fresh, self._path)
        except OSError as error:
            raise Refusal(
                f"{self._path} cannot be written ({error.strerror}), so takes would be forgotten.",
                "Make room there, then try again.",
                "STORE_UNWRITABLE",
            ) from None


def _read(path: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"takes": {}, "bakes": {}, "placed": {}, "renders": [], "offered": []}
    try:
        with open(path, encoding="utf-8") as file:
            said = json.load(file)
    except (OSError, ValueError):
        return empty
    kept = said if isinstance(said, dict) else {}
    return {key: kept.get(key) if type(kept.get(key)) is type(none) else none
            for key, none in empty.items()}  # fmt: skip


def _takes_json(takes: Takes) -> dict[str, Any]:
    return {
        "original": {**asdict(takes.original), "rate": str(takes.original.rate)},
        "active": takes.active,
        "takes": [
            {
                **vars(take),
                "span": asdict(take.span),
                "light": to_json(take.light),
                "asked": to_json(take.asked) if take.asked else None,
            }
            for take in takes.takes
        ],
    }


def _takes(said: dict[str, Any]) -> Takes:
    media = said["original"]
    return Takes(
        original=Media(media["path"], media["frames"], Fraction(media["rate"])),
        takes=tuple(
            TakeRecord(
                **{
                    **one,
                    "span": Span(**one["span"]),
                    "light": from_json(Light, one["light"]),
                    "asked": from_json(LightRequest, one["asked"]) if one["asked"] else None,
                }
            )
            for one in said["takes"]
        ),
        active=said["active"],
    )
