"""Timecode as Resolve writes it <-> frames, drop-frame too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from ..model import Refusal

PATTERN = re.compile(r"(\d+)[:;.](\d+)[:;.](\d+)[:;.](\d+)")


@dataclass(frozen=True)
class Clock:
    rate: Fraction
    is_drop: bool

    @property
    def base(self) -> int:
        return round(self.rate)

    @property
    def dropped(self) -> int:
        """Numbers skipped at each minute but the tenth."""
        return round(self.rate * Fraction(2, 30)) if self.is_drop else 0

    def frame(self, text: str) -> int:
        """From 00:00:00:00. Raises Refusal for what is no timecode."""
        match = PATTERN.fullmatch(text.strip())
        if match is None:
            raise Refusal(
                f"Resolve says {text!r} where a timecode was asked for; nothing was changed.",
                "Close any dialog that is open in Resolve, then try again.",
                "RESOLVE_SILENT",
            )
        hours, minutes, seconds, frames = map(int, match.groups())
        minutes += 60 * hours
        counted = (60 * minutes + seconds) * self.base + frames
        return counted - self.dropped * (minutes - minutes // 10)

    def text(self, frame: int) -> str:
        if self.dropped:
            tens, rest = divmod(frame, 600 * self.base - 9 * self.dropped)
            minute = 60 * self.base - self.dropped
            skips = 9 * tens + max(0, (rest - self.dropped) // minute)
            frame += self.dropped * skips
        seconds, frames = divmod(frame, self.base)
        minutes, second = divmod(seconds, 60)
        hour, minute = divmod(minutes, 60)
        mark = ";" if self.dropped else ":"
        return f"{hour:02}:{minute:02}:{second:02}{mark}{frames:02}"
