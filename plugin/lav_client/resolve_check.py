"""Check Setup: from inside Resolve, each link between it and a relit clip, by name.

It only reads, and makes no call that the free edition lacks.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lav_client.client import connect
from lav_client.remote import Remote
from lav_client.resolve_link import Absent, Failed, Hello
from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb

ITEMS = 100  # clips of a track that are looked at
READ = (  # what a clip's place is worked out from, and so what a bug report needs
    "GetName",
    "GetStart",
    "GetEnd",
    "GetDuration",
    "GetLeftOffset",
    "GetRightOffset",
    "GetSourceStartFrame",
    "GetSourceEndFrame",
    "GetSourceStartTime",
    "GetSourceEndTime",
    "GetTakesCount",
    "GetProperty",
)
OPEN = "Open a project and a timeline, then check again."


def report(resolve: Any, hello: Hello, where: Path | Remote) -> Iterator[str]:
    """Lines, as soon as each is known. Raises Gone."""
    yield from _told("Resolve", lambda: _product(resolve))
    yield f"ok    Script: {hello.language}, {hello.runtime}, of LAV Bridge {hello.script}"
    yield f"ok    LAV Bridge: {version('lav-bridge')}, {sys.executable}"
    yield f"ok    Python: {platform.python_version()} of {platform.platform()}"
    yield from _told("Project", lambda: _project(resolve))
    yield from _told("Timeline", lambda: _timeline(resolve))
    yield from _told("Clips", lambda: _clips(resolve))
    yield from _told("Server", lambda: _server(where))


def _told(name: str, look: Callable[[], str]) -> Iterator[str]:
    try:
        said = look()
    except (LavError, Absent, Failed, TypeError) as error:
        yield f"FAIL  {name}: {error}"
    else:
        yield f"ok    {name}: {said}"


def _product(resolve: Any) -> str:
    product, number, page = resolve.many(
        [(resolve, "GetProductName"), (resolve, "GetVersionString"), (resolve, "GetCurrentPage")]
    )
    if not product:
        raise _silent()
    edition = "Studio" if "Studio" in str(product) else "the free edition"
    return f"{product} {number}, {edition}, page {page}"


def _project(resolve: Any) -> str:
    project = _open_project(resolve)
    name, rate = project.GetName(), project.GetSetting("timelineFrameRate")
    return f"{name!r}, {rate} frames a second"


def _timeline(resolve: Any) -> str:
    timeline = _open_timeline(resolve)
    name, start, tracks = resolve.many(
        [
            (timeline, "GetName"),
            (timeline, "GetStartTimecode"),
            (timeline, "GetTrackCount", "video"),
        ]
    )
    return f"{name!r} from {start}, video tracks: {tracks}"


def _clips(resolve: Any) -> str:
    timeline = _open_timeline(resolve)
    seen = 0
    for track in range(1, timeline.GetTrackCount("video") + 1):
        items = (timeline.GetItemListInTrack("video", track) or [])[:ITEMS]
        for method in READ:
            with suppress(Absent):  # older versions have fewer
                resolve.many([(item, method) for item in items])
        media = resolve.many([(item, "GetMediaPoolItem") for item in items])
        resolve.many([(one, "GetClipProperty") for one in media if one is not None])
        seen += len(items)
    current = timeline.GetCurrentVideoItem()
    under = f"{current.GetName()!r}" if current is not None else "none"
    return f"{seen} read, under the playhead: {under}"


def _server(where: Path | Remote) -> str:
    try:
        with connect(where, start=False) as client:
            info = client.call("GetServerInfo", pb.GetServerInfoRequest())
    except LavError as error:
        if error.code == Code.server_down and not isinstance(where, Remote):
            return "none is running; the first render starts one"
        raise
    return f"{info.version}, {info.device}"


def _open_project(resolve: Any) -> Any:
    manager = resolve.GetProjectManager()
    if manager is None:
        raise _silent()
    project = manager.GetCurrentProject()
    if project is None:
        raise LavError("No project is open.", OPEN)
    return project


def _silent() -> LavError:
    return LavError("It answers nothing.", "Close any dialog that is open in it, then check again.")


def _open_timeline(resolve: Any) -> Any:
    timeline = _open_project(resolve).GetCurrentTimeline()
    if timeline is None:
        raise LavError("No timeline is open.", OPEN)
    return timeline
