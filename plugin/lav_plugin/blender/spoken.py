"""Times and sentences as a narrow panel shows them. Standard library only."""

from __future__ import annotations

import textwrap


def duration(seconds: float) -> str:
    """As long as a person would say it: 8 s, 4 min, 2 h 10 min."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def wrapped(text: str, letters: int) -> list[str]:
    return textwrap.wrap(text, letters) if text else []
