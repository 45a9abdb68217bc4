"""How an answer is told: one JSON object, or columns that can be read and copied."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import typer

from lav_client.result import Result, plan_record
from lav_client.span import rate_of
from lav_engine.errors import counted
from lav_proto.v1 import relight_pb2 as pb


def data(record: Any) -> None:
    """The one JSON object on stdout."""
    typer.echo(json.dumps(record, indent=2, ensure_ascii=False))


def table(rows: Iterable[Sequence[str]], to_stderr: bool = False) -> None:
    """Columns without lines; rows with nothing in their last cell are left out."""
    shown = [row for row in rows if row[-1]]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip(), err=to_stderr)


def say(text: str) -> None:
    """A sentence for people, on stderr."""
    typer.echo(text, err=True)


def take(result: Result, info: pb.ServerInfo, request: pb.RelightRequest) -> None:
    """The take's path on stdout, the rest on stderr; its warnings were shown as they came."""
    take, files = result.take, result.record()
    size = f"{counted(take.clip.count)}, {take.width}x{take.height}"
    table(
        [
            ("Take", take.path),
            ("", f"{size}, {float(rate_of(take.clip)):.6g} fps, {take.seconds:.1f} s"),
            ("Timeline", files["otio"] or ""),
            ("Before/after", files["sheet"] or ""),
            ("Light", str(result.saved_light or "")),
            ("Exposure", exposure(take.light, is_given=request.light.HasField("exposure"))),
            ("Words", unmatched(info, take.engine, take.unmatched_words)),
        ],
        to_stderr=True,
    )
    typer.echo(take.path)


def plan(plan: pb.JobPlan, info: pb.ServerInfo, request: pb.RelightRequest) -> None:
    table(
        [
            ("Shots", str(len(plan.shots))),
            ("Sections", str(plan.windows)),
            ("Runs on", plan.device),
            ("Works at", f"{plan.working_width}x{plan.working_height}"),
            ("Time", f"about {clock(plan.seconds)}"),
            ("Disk", f"about {plan.disk_bytes / 1e6:,.0f} MB"),
            ("Memory", f"about {plan.memory_bytes / 1e6:,.0f} MB"),
            ("Codec", plan_record(plan)["codec"] or ""),
            ("Exposure", exposure(plan.light, is_given=request.light.HasField("exposure"))),
            ("Words", unmatched(info, request.engine, plan.unmatched_words)),
            *(("Note", warning) for warning in plan.warnings),
        ]
    )


def exposure(light: pb.Light, is_given: bool) -> str:
    if not light.HasField("exposure"):
        return ""
    value = light.exposure
    return f"{value:+.2f} EV" + ("" if is_given else f"; --exposure {value:.2f} keeps it")


def unmatched(info: pb.ServerInfo, engine: str, words: Iterable[str]) -> str:
    if any(known.name == engine and known.reads_words for known in info.engines):
        return ""
    titles = {known.name: known.title for known in info.engines}
    said = ", ".join(words)
    return f"{titles.get(engine, engine)} did not understand: {said}" if said else ""


def clock(seconds: float | Fraction) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
