"""Times and sentences as a narrow panel shows them. Standard library only."""

from __future__ import annotations

import textwrap
from typing import Any

CHARACTER = 6.6  # pixels of a text's average letter, at scale 1
MARGIN = 12  # letters' width that boxes, icons and tabs take
BUTTON = 4  # and that of a button beside it


def duration(seconds: float) -> str:
    """As long as a person would say it: 8 s, 4 min, 2 h 10 min."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def wrapped(text: str, letters: int) -> list[str]:
    return textwrap.wrap(text, letters) if text else []


def draw_lines(layout: Any, context: Any, text: str, icon: str, beside: int = 0) -> None:
    """A sentence over as many lines as the sidebar's width asks for, `beside` so many buttons."""
    width = context.region.width / (CHARACTER * context.preferences.system.ui_scale)
    letters = max(20, int(width) - MARGIN - BUTTON * beside)
    column = layout.column(align=True)
    column.scale_y = 0.8
    for at, line in enumerate(wrapped(text, letters)):
        column.label(text=line, icon="BLANK1" if at and icon != "NONE" else icon)
