"""Whether the add-ons in editors are this version's, and find this installation."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from lav_client import addon, blenders
from lav_client.blenders import Blender
from lav_client.health.check import Check, State
from lav_plugin import record

NAME = "Add-on"
AGAIN = "Run `lav install blender`."


def checks(environment: Mapping[str, str]) -> Iterator[Check]:
    """Only folders are looked at; no Blender is started."""
    having = [one for one in blenders.with_folders(environment) if one.installed()]
    if not having:
        yield Check(NAME, State.ok, "in no Blender; `lav install blender` puts it there")
        return
    for blender in having:
        yield _version(blender)
    yield _way_here(environment)


def _version(blender: Blender) -> Check:
    theirs, ours = blender.installed(), addon.version()
    if theirs != ours:
        return Check(NAME, State.warn, f"{blender.name} has {theirs}, and this is {ours}.", AGAIN)
    return Check(NAME, State.ok, f"{blender.name} has {theirs}")


def _way_here(environment: Mapping[str, str]) -> Check:
    path = record.path(environment)
    found = record.read(path)
    if found is None:
        return Check(
            NAME, State.warn, f"{path}, by which it finds LAV Bridge, is not there.", AGAIN
        )
    program = Path(found.bridge[0])
    if not program.exists():
        text = f"It would start a Python that is no longer there ({program})."
        return Check(NAME, State.warn, text, AGAIN)
    if program != Path(sys.executable):
        return Check(NAME, State.warn, f"It starts another LAV Bridge, of {program}.", AGAIN)
    return Check(NAME, State.ok, "it finds this LAV Bridge")
