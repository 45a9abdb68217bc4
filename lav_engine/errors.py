"""The one error family: a failure an editor can meet is a sentence, a hint and a stable code."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """What went wrong, for programs. Never renamed: the wire and `--json` carry the values."""

    media_missing = "MEDIA_MISSING"
    media_unreadable = "MEDIA_UNREADABLE"
    media_unsupported = "MEDIA_UNSUPPORTED"
    range_outside = "RANGE_OUTSIDE"
    bad_value = "BAD_VALUE"
    unknown_engine = "UNKNOWN_ENGINE"
    unknown_preset = "UNKNOWN_PRESET"
    unknown_codec = "UNKNOWN_CODEC"
    unsupported = "UNSUPPORTED"
    mask_unusable = "MASK_UNUSABLE"
    output_exists = "OUTPUT_EXISTS"
    output_unwritable = "OUTPUT_UNWRITABLE"
    outside_roots = "OUTSIDE_ROOTS"
    disk_short = "DISK_SHORT"
    memory_short = "MEMORY_SHORT"
    vram_short = "VRAM_SHORT"
    model_missing = "MODEL_MISSING"
    model_unusable = "MODEL_UNUSABLE"
    worker_lost = "WORKER_LOST"
    queue_full = "QUEUE_FULL"
    job_unknown = "JOB_UNKNOWN"
    superseded = "SUPERSEDED"  # a newer preview took this one's place
    server_down = "SERVER_DOWN"
    unauthenticated = "UNAUTHENTICATED"
    version_skew = "VERSION_SKEW"
    internal = "INTERNAL"


class LavError(Exception):
    """What happened and what it means for the clip (`message`), and what to do (`hint`)."""

    def __init__(self, message: str, hint: str = "", code: Code = Code.bad_value) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class MediaError(LavError):
    """A source that cannot be opened, decoded or trusted."""

    def __init__(self, message: str, hint: str = "", code: Code = Code.media_unreadable) -> None:
        super().__init__(message, hint, code)


class Fenced(Exception):
    """The job has been given to another process: what this one still makes is nobody's."""


def counted(frames: int) -> str:
    """As sentences say it."""
    return "1 frame" if frames == 1 else f"{frames} frames"
