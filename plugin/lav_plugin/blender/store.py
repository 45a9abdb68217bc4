"""Takes and renders as they are kept in the .blend file.

Reading changes nothing, so panels may draw with it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any
from uuid import uuid4

import bpy

from ..messages import Light, LightRequest, from_json, to_json
from ..model import Media, Refusal, Span, TakeRecord, Takes
from . import strips
from .fingerprints import fingerprint
from .notes import KEY, check_version, note, noted, read, write

_homes: dict[str, list[str]] = {}  # scene and strip by id: undo takes ids away from strips


def id_of(strip: Any) -> str:
    """Empty where it has none yet."""
    return read(strip).get("id", "")


def claim(scene: Any, strip: Any) -> str:
    """The strip's own id. A copy of a strip carries the other's until it is asked here."""
    record, home = read(strip), [scene.name, strip.name]
    if strip.get(KEY) is None:
        record["id"] = _remembered(home) or uuid4().hex
    elif not record.get("id") or find(record["id"]) != (scene, strip):
        record["id"] = uuid4().hex
    if record.get("home") != home:
        write(strip, {**record, "home": home})
    _homes[record["id"]] = home
    return record["id"]


def _remembered(home: list[str]) -> str:
    """The id that a strip of this name had before an undo; empty where there was none."""
    ids = [id for id, place in _homes.items() if place == home]
    return next((id for id in reversed(ids) if not _carrying(id)), "")


def forget() -> None:
    """What is remembered of a file that is closed."""
    _homes.clear()


def _carrying(id: str) -> list[tuple[Any, Any]]:
    return [(scene, strip) for scene, strip in _all() if id and id_of(strip) == id]


def find(id: str) -> tuple[Any, Any] | None:
    """The scene and strip. Of copies, the one that has the name it had when it got the id."""
    found = _carrying(id)
    named = [one for one in found if read(one[1]).get("home") == [one[0].name, one[1].name]]
    return next(iter(named or found), None)


def where(id: str) -> tuple[Any, Any]:
    """Scene and strip of an id, which is given back to a strip that undo took it from."""
    found = find(id)
    if found is None and id in _homes:
        bare = [(a, b) for a, b in _all() if [a.name, b.name] == _homes[id] and b.get(KEY) is None]
        found = next(iter(bare), None)
        if found:
            claim(*found)
    if found is None:
        raise Refusal(
            "The strip is no longer on the timeline; what was rendered for it is kept on disk.",
            "",
            "CLIP_GONE",
        )
    return found


def with_takes() -> Iterator[tuple[Any, Any]]:
    for scene, strip in _all():
        if read(strip).get("takes"):
            yield scene, strip


def _all() -> Iterator[tuple[Any, Any]]:
    for scene in bpy.data.scenes:
        for strip in strips.of(scene):
            yield scene, strip


# --- takes --------------------------------------------------------------------------------------


def takes_of(strip: Any) -> Takes | None:
    """None where there are none; what is shown is read from the strip, which may be changed by
    hand or undone. Raises Refusal where a newer version wrote them."""
    check_version(strip)
    record = read(strip)
    if "original" not in record:
        return None
    original = record["original"]
    takes = Takes(
        Media(_found(original["path"], record), original["frames"], Fraction(original["rate"])),
        tuple(_take(one, record) for one in record["takes"]),
    )
    return _as_shown(strip, record, takes)


def _as_shown(strip: Any, record: dict[str, Any], takes: Takes) -> Takes | None:
    if is_baked(strip) or not strips.is_movie(strip):
        return takes
    shown = _same(strips.filepath(strip))
    kept = [record["original"]["path"], *(one["path"] for one in record["takes"])]
    showing = [
        index - 1 for index, path in enumerate(kept) if shown in map(_same, _places(path, record))
    ]
    if not showing:
        return None  # another clip was put in its place
    active = record["active"] if record["active"] in showing else showing[0]
    return replace(takes, active=active)


def keep_takes(strip: Any, takes: Takes) -> None:
    """Relative to the .blend file where the strip's media is."""
    record = read(strip)
    record.update(
        at=_folder(),
        original={
            "path": _kept(strip, takes.original.path),
            "frames": takes.original.frames,
            "rate": str(takes.original.rate),
        },
        takes=[_plain(strip, one) for one in takes.takes],
        active=takes.active,
    )
    write(strip, record)


def _plain(strip: Any, take: TakeRecord) -> dict[str, Any]:
    return {
        "path": _kept(strip, take.path),
        "name": take.name,
        "job": take.job,
        "span": [take.span.first, take.span.count],
        "light": to_json(take.light),
        "engine": take.engine,
        "amount": take.amount,
        "asked": to_json(take.asked) if take.asked else None,
        "mask": take.mask,
    }


def _take(said: dict[str, Any], record: dict[str, Any]) -> TakeRecord:
    return TakeRecord(
        path=_found(said["path"], record),
        name=said["name"],
        job=said["job"],
        span=Span(*said["span"]),
        light=from_json(Light, said["light"]),
        engine=said["engine"],
        amount=said["amount"],
        asked=from_json(LightRequest, said["asked"]) if said.get("asked") else None,
        mask=said.get("mask", ""),
    )


# --- more about a strip -------------------------------------------------------------------------


def note_baked(strip: Any, path: str) -> None:
    """Its visible frames were rendered into this file."""
    offset = strips.left(strip) - strips.position_of_content(strip)
    said = {"path": _kept(strip, path), "at": _folder(), "offset": offset}
    note(strip, "baked", {**said, "fingerprint": fingerprint(strip)})


def baked(strip: Any) -> tuple[str, float] | None:
    """The file and the offset in the strip's content at which it begins, while the strip still
    shows what was baked."""
    said = noted(strip, "baked")
    if not said or said["fingerprint"] != fingerprint(strip):
        return None
    return _found(said["path"], said), said["offset"]


def is_baked(strip: Any) -> bool:
    return baked(strip) is not None


def note_above(strip: Any, above: Any) -> None:
    """A strip that shows a take of this one lies above it."""
    note(above, "above", id_of(strip))


def above(scene: Any, strip: Any) -> list[Any]:
    """Strips that show takes of this one above it, the uppermost first."""
    id = id_of(strip)
    found = [one for one in strips.of(scene) if id and noted(one, "above") == id]
    return sorted(found, key=lambda one: -one.channel)


# --- renders ------------------------------------------------------------------------------------


def renders() -> tuple[dict[str, Any], ...]:
    """What was asked for and is not placed yet, of all scenes of this project."""
    return tuple(one for scene in _own_scenes() for one in read(scene).get("renders", ()))


def keep_renders(scene: Any, renders: Sequence[dict[str, Any]]) -> None:
    """In this scene, in place of all there were; in another where it is linked."""
    own = _own_scenes()
    home = scene if scene in own else own[0]
    for other in own:
        kept = list(renders) if other == home else []
        if kept != read(other).get("renders", []):
            write(other, {**read(other), "renders": kept})


def _own_scenes() -> list[Any]:
    """Those linked from other projects have renders that are not ours, and cannot be saved here."""
    return [scene for scene in bpy.data.scenes if scene.library is None]


# --- paths --------------------------------------------------------------------------------------


def _folder() -> str:
    """Of the project; empty before it was saved."""
    return os.path.dirname(bpy.data.filepath)


def _kept(strip: Any, path: str) -> str:
    return strips.like(path, strip.filepath if strips.is_movie(strip) else path)


def _found(path: str, record: dict[str, Any]) -> str:
    places = _places(path, record)
    return next(filter(os.path.exists, places), places[0])


def _places(path: str, record: dict[str, Any]) -> list[str]:
    """Absolute: where it would be now, and where it was when it was kept. After the project was
    moved the first is right; after it was saved elsewhere, the second."""
    now = strips.absolute(path)
    if path.startswith("//") and record.get("at"):
        return [now, os.path.normpath(os.path.join(record["at"], path[2:]))]
    return [now]


def _same(path: str) -> str:
    return os.path.normcase(os.path.realpath(path))
