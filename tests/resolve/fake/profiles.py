"""The Resolves that are played: what differs between versions and editions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    name: str
    version: tuple[int, int, int]
    is_studio: bool

    @property
    def is_end_inclusive(self) -> bool:
        """`endFrame` of AppendToTimeline; 19 changed it."""
        return self.version[0] < 19

    @property
    def drops_fractions(self) -> bool:
        """A batch with one fractional frame in it is dropped whole; before, frames were floored."""
        return self.version[0] >= 21

    @property
    def has_windows(self) -> bool:
        """UIManager; for Studio alone since 19.1."""
        return self.is_studio or self.version < (19, 1, 0)

    @property
    def lists_python(self) -> bool:
        """In the Scripts menu; the free edition lists Lua alone since 21.1."""
        return self.is_studio or self.version < (21, 1, 0)


ALL = (
    Profile("18.6", (18, 6, 6), True),
    Profile("19.1-free", (19, 1, 3), False),
    Profile("20.3-studio", (20, 3, 2), True),
    Profile("21.0-free", (21, 0, 3), False),
    Profile("21.1-studio", (21, 1, 0), True),
    Profile("21.1-free", (21, 1, 0), False),
)
BY_NAME = {profile.name: profile for profile in ALL}
