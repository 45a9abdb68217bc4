"""Figures beside their targets, as a table for people and JSON for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. A target is [low, high]; None on both ends only informs."""

    name: str
    value: float  # NaN: there was nothing to measure, `note` says why
    low: float | None = None
    high: float | None = None
    note: str = ""

    @property
    def judged(self) -> bool:
        return (self.low is not None or self.high is not None) and not math.isnan(self.value)

    @property
    def passed(self) -> bool:
        above = self.low is None or self.value >= self.low
        return above and (self.high is None or self.value <= self.high)


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, and its figures; every row of a table has the same figure names."""

    labels: tuple[str, ...]
    figures: tuple[Figure, ...]


def show(title: str, heads: Sequence[str], rows: Sequence[Row]) -> None:
    """Prints a table; `!` marks a missed target, `-` nothing to measure."""
    table = Table(title=title, title_justify="left", header_style="bold", padding=(0, 1, 0, 0))
    for head in heads:
        table.add_column(head, no_wrap=True)
    for figure in rows[0].figures if rows else ():
        table.add_column(figure.name, justify="right")
    for row in rows:
        table.add_row(*row.labels, *map(_cell, row.figures))
    Console(width=max(Console().width, 40 + 11 * len(table.columns))).print(table)


def save(path: Path, name: str, heads: Sequence[str], rows: Sequence[Row]) -> None:
    """One JSON object: the benchmark's name and its rows with values, targets and verdicts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"benchmark": name, "rows": [_row(heads, row) for row in rows]}
    path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


def failures(rows: Sequence[Row]) -> int:
    return sum(f.judged and not f.passed for row in rows for f in row.figures)


def _cell(figure: Figure) -> str:
    if math.isnan(figure.value):
        return f"[dim]- {figure.note}[/]".replace(" [/]", "[/]")
    text = f"{figure.value:.3f}" if abs(figure.value) < 10 else f"{figure.value:.2f}"
    text += f" {figure.note}" if figure.note else ""
    if not figure.judged:
        return text
    return f"[green]{text}[/]" if figure.passed else f"[bold red]{text} ![/]"


def _row(heads: Sequence[str], row: Row) -> dict:
    figures = {}
    for figure in row.figures:
        one = {key: value for key, value in asdict(figure).items() if key != "name"}
        one["value"] = None if math.isnan(figure.value) else round(float(figure.value), 5)
        one["passed"] = bool(figure.passed) if figure.judged else None
        figures[figure.name] = one
    return dict(zip(heads, row.labels, strict=True)) | {"figures": figures}
