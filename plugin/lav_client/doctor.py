"""`lav doctor`: whether this computer can relight a clip, and what to do about what it cannot."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import typer

from lav_client import report
from lav_client.health import addons, device, home, hosts, install, models, resolve
from lav_client.health.check import Check, State
from lav_client.options import AsJson


def doctor(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Check the computer, the installation, the server. Exit code 1 if something blocks work."""
    found = checks(ctx.obj)
    if as_json:
        report.data([asdict(check) for check in found])
    else:
        report.table((c.state.value, c.name, _line(c)) for c in found)
    if any(check.state == State.fail for check in found):
        raise typer.Exit(1)


def _line(check: Check) -> str:
    text = check.text if not check.fix or check.text.endswith(".") else f"{check.text}."
    return f"{text} {check.fix}".strip()


def checks(folder: Path) -> list[Check]:
    """All of them, in order; those that wait for children wait at the same time."""
    with ThreadPoolExecutor() as pool:
        kinds: list[Iterator[Check]] = [
            install.checks(os.environ),
            device.checks(),
            home.checks(folder, os.environ),
            models.checks(),
            hosts.checks(os.environ),
            addons.checks(os.environ),
            resolve.checks(os.environ),
        ]
        return [check for found in pool.map(list, kinds) for check in found]
