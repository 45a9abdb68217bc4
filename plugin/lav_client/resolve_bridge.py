"""`lav bridge --host resolve`: one run of a menu entry, from its script's hello to its end."""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from lav_client import resolve_check, resolve_proxy, resolve_spool
from lav_client.remote import Remote
from lav_client.resolve_link import Carrier, Gone, Hello, Link
from lav_client.resolve_record import Transcript
from lav_engine.errors import LavError
from lav_plugin.model import Refusal
from lav_plugin.resolve import edition, flow
from lav_server.hold import Hold
from lav_server.problem import from_surprise

GRACE = 10.0  # seconds for what is under way when the script has gone

log = logging.getLogger(__name__)


class Task(StrEnum):
    """One for each entry of the menu."""

    relight = "relight"
    remove = "remove"  # the takes of the chosen clips
    check = "check"


@dataclass(frozen=True, slots=True)
class Run:
    where: Path | Remote  # the server
    command: list[str]  # of a bridge to it
    talk: Path  # the folder for what runs leave to one another
    task: Task
    record: bool  # what Resolve answers


def run(carrier: Carrier, wanted: Run) -> None:
    """Returns when the script has gone, or was told to go."""
    link = Link(carrier)
    threading.Thread(target=_leave, args=(link,), daemon=True, name="leave").start()
    try:
        link.end(_done(link, carrier, wanted))
    except Gone as gone:
        log.info("%s", gone)
    finally:
        link.close()


def _done(link: Link, carrier: Carrier, wanted: Run) -> str:
    """What the script says at its end."""
    try:
        hello = link.hello()
        with _alone(wanted.talk):
            mine = carrier.folder if isinstance(carrier, resolve_spool.Spool) else None
            resolve_spool.sweep(wanted.talk, mine)
            is_check = wanted.task == Task.check
            return _checked(link, hello, wanted) if is_check else _worked(link, hello, wanted)
    except Gone:
        raise
    except LavError as error:
        return str(error)
    except Refusal as refusal:
        return f"{refusal.problem.message} {refusal.problem.hint}".strip()
    except Exception as error:
        log.exception("Resolve's entry failed")
        return str(from_surprise(error, "the bridge spoke with Resolve").error())


def _checked(link: Link, hello: Hello, wanted: Run) -> str:
    with Transcript(wanted.talk, link, hello) as transcript:
        for line in resolve_check.report(_guarded(link), hello, wanted.where):
            link.say(line)
    return (
        f"What Resolve answered is in {transcript.path}. It names your project, clips and files: "
        "look at it before you give it to anyone."
    )


def _worked(link: Link, hello: Hello, wanted: Run) -> str:
    with Transcript(wanted.talk, link, hello) if wanted.record else nullcontext():
        resolve = _guarded(link)
        if wanted.task == Task.remove:
            flow.remove(resolve, link.say)
        else:
            flow.run(resolve, wanted.command, link.say)
    return ""


def _guarded(link: Link) -> Any:
    """No call that this edition lacks leaves the bridge."""
    found = edition.edition(resolve_proxy.connect(link))
    return resolve_proxy.connect(link, found.check)


def _alone(talk: Path) -> Hold:
    """Two at a time would place takes over each other's."""
    try:
        talk.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Hold(talk)
    except LavError:
        raise LavError(
            "Light-A-Video is already open in Resolve.",
            "Use that one, or end it from its page, then try again.",
        ) from None


def _leave(link: Link) -> None:
    """Nothing that is still under way may outlive the script for long."""
    link.gone.wait()
    time.sleep(GRACE)
    link.close()
    os._exit(0)
