"""One render job of a timeline's range, with all that it depends on set; the file is looked at.

The Deliver page keeps what was delivered last, and a job takes over all that is not set. Its state
can be saved as a preset, which is how the user gets it back. What a job says of itself is in the
user's language, so only its numbers are read.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..model import Refusal
from .answers import listing, mapping, number, text
from .edition import EXTENTS
from .opened import Line, Opened

BEFORE = "Light-A-Video: as it was"  # the user's own state of the Deliver page, as a preset
CODECS = (("mov", "ProRes422HQ"), ("mov", "DNxHRHQX_10"), ("mov", "DNxHRHQX"), ("mp4", "H264"))
SINGLE = 1  # render mode: one file
LEAST = 1024  # bytes; a job that failed leaves less
PATIENCE = 300.0  # seconds without anything new


@dataclass(frozen=True)
class Range:
    """Frames of a timeline, and how large they are to be."""

    line: Line
    first: int
    count: int
    width: int
    height: int


@dataclass
class Job:
    opened: Opened
    id: str
    path: str  # of the file, when it is done
    clock: Callable[[], float] = time.monotonic
    _seen: tuple[float, int] = (-1.0, -1)  # per cent and bytes
    _since: float = field(default=0.0)

    def poll(self) -> float | None:
        """How far it is, 0..1; None once the file is there. Raises Refusal."""
        said = mapping(self.opened.project.GetRenderJobStatus(self.id))
        if text(said.get("Error")):
            raise _failed(f"Resolve could not render it: {said['Error']}")
        percent = number(said.get("CompletionPercentage")) or 0.0
        if percent < 100:
            self._check_moves(percent)
            return percent / 100
        if _size(self.path) < LEAST:
            raise _failed(f"Resolve rendered it and left no picture at {self.path}.")
        return None

    def end(self) -> None:
        """The job goes; a file stays. Stops it where it is still rendering."""
        project = self.opened.project
        said = mapping(project.GetRenderJobStatus(self.id))
        if (
            number(said.get("CompletionPercentage")) or 0
        ) < 100 and project.IsRenderingInProgress():
            project.StopRendering()
        project.DeleteRenderJob(self.id)

    def _check_moves(self, percent: float) -> None:
        seen = percent, _size(self.path)
        if seen != self._seen or not self._since:
            self._seen, self._since = seen, self.clock()
        elif self.clock() - self._since > PATIENCE:
            raise _failed("Resolve's render has stood still for five minutes.")


def start(opened: Opened, wanted: Range, folder: str, name: str) -> Job:
    """Begins. The range's timeline must be the current one. Raises Refusal."""
    project = opened.project
    if project.IsRenderingInProgress():
        raise _failed("Resolve is rendering something else.", "Wait until that is done.")
    with _deliver_state(opened):
        _pin(opened)
        _settings(opened, wanted, folder, name)
        id = text(project.AddRenderJob())
        job = next((one for one in map(mapping, listing(project.GetRenderJobList()))
                    if text(one.get("JobId")) == id), {})  # fmt: skip
        path = os.path.join(text(job.get("TargetDir")), text(job.get("OutputFilename")))
        is_ours = os.path.dirname(path) == folder and _range(job) == (wanted.first, wanted.count)
        if not id or not is_ours:
            project.DeleteRenderJob(id)
            raise _failed("Resolve did not take the render as it was asked for.")
    if project.StartRendering(id) is not True:
        project.DeleteRenderJob(id)
        raise _failed("Resolve did not begin to render.")
    return Job(opened, id, path)


@contextmanager
def _deliver_state(opened: Opened) -> Iterator[None]:
    """The user's own, kept as a preset of ours meanwhile."""
    project = opened.project
    before = mapping(project.GetCurrentRenderFormatAndCodec())
    mode = project.GetCurrentRenderMode()
    project.DeleteRenderPreset(BEFORE)  # of a run that was cut off
    project.SaveAsNewRenderPreset(BEFORE)
    try:
        yield
    finally:
        project.LoadRenderPreset(BEFORE)
        project.DeleteRenderPreset(BEFORE)
        if mapping(project.GetCurrentRenderFormatAndCodec()) != before and before.get("codec"):
            project.SetCurrentRenderFormatAndCodec(before["format"], before["codec"])
        if isinstance(mode, int):
            project.SetCurrentRenderMode(mode)


def _pin(opened: Opened) -> None:
    """A preset of pictures, whatever was delivered last, and a codec that loses next to nothing."""
    project = opened.project
    names = [text(name) for name in listing(project.GetRenderPresetList()) if name != BEFORE]
    of_pictures = [name for name in names if "audio" not in name.lower()]
    masters = [name for name in of_pictures if "master" in name.lower() or "ProRes" in name]
    for name in (masters or of_pictures)[:1]:
        project.LoadRenderPreset(name)
    for format, codec in CODECS:
        if codec in mapping(project.GetRenderCodecs(format)).values():
            project.SetCurrentRenderFormatAndCodec(format, codec)
            now = mapping(project.GetCurrentRenderFormatAndCodec())
            if (now.get("format"), now.get("codec")) == (format, codec):
                return project.SetCurrentRenderMode(SINGLE) and None
    raise _failed("This Resolve renders none of ProRes, DNxHR and H.264.")


def _settings(opened: Opened, wanted: Range, folder: str, name: str) -> None:
    essential: dict[str, Any] = {
        "SelectAllFrames": False,
        "MarkIn": wanted.first,  # absolute, as all frames of a timeline
        "MarkOut": wanted.first + wanted.count - 1,
        "TargetDir": folder,
        "CustomName": name,
        "ExportVideo": True,
        "ExportAudio": False,
        "FormatWidth": wanted.width,
        "FormatHeight": wanted.height,
        "FrameRate": round(float(wanted.line.rate), 3),  # as Resolve writes it: 23.976
    }
    if opened.project.SetRenderSettings(essential) is not True:
        raise _failed("Resolve did not take the settings of the render.")
    others: dict[str, Any] = {"ExportAlpha": False}
    if opened.edition.has(EXTENTS):
        others |= {"UseFullExtents": False, "AddFrameHandles": 0}
    opened.project.SetRenderSettings(others)  # on their own: one unknown key refuses them all


def _range(job: dict[Any, Any]) -> tuple[int, int]:
    first, last = number(job.get("MarkIn")), number(job.get("MarkOut"))
    return (-1, 0) if first is None or last is None else (int(first), int(last - first) + 1)


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


def _failed(said: str, hint: str = "Look at the Deliver page, then try again.") -> Refusal:
    return Refusal(
        f"{said} The clip was not baked, and the timeline is as it was.", hint, "BAKE_FAILED"
    )
