"""Render jobs that write real files: what is seen on the timeline, frame by frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from resolve.fake.profiles import Profile
from resolve.fake.world import Project, Timeline, World, new_id, seen

CODECS = {
    "mov": {
        "Apple ProRes 422 HQ": "ProRes422HQ",
        "DNxHR HQX 10-bit": "DNxHRHQX_10",
        "H.264": "H264",
    },
    "mp4": {"H.264": "H264"},
    "wav": {},
}
SETTINGS_ALL = (
    "SelectAllFrames MarkIn MarkOut TargetDir CustomName UniqueFilenameStyle ExportVideo "
    "ExportAudio FormatWidth FormatHeight FrameRate PixelAspectRatio VideoQuality AudioCodec "
    "AudioBitDepth AudioSampleRate ColorSpaceTag GammaTag ExportAlpha EncodingProfile "
    "MultiPassEncode AlphaMode NetworkOptimization ClipStartFrame TimelineStartTimecode "
    "ReplaceExistingFilesInPlace ExportSubtitle SubtitleFormat"
)
SETTINGS = frozenset(SETTINGS_ALL.split())
NEW_SETTINGS = frozenset(("UseFullExtents", "AddFrameHandles", "DataBurnIn"))  # README of 2026
STEPS = 3  # polls that a job takes


def known_settings(profile: Profile) -> frozenset[str]:
    return SETTINGS | NEW_SETTINGS if profile.version[0] >= 21 else SETTINGS


def add_job(world: World, project: Project, timeline: Timeline) -> str:
    """As the Deliver page stands at this moment, whatever was left there by others."""
    wanted = dict(project.deliver)
    first, last = _range(wanted, timeline)
    told = {
        "MarkIn": first,
        "MarkOut": last,
        "TargetDir": wanted.get("TargetDir", ""),
        "OutputFilename": f"{wanted.get('CustomName', 'untitled')}.{wanted.get('format', 'mov')}",
        "IsExportVideo": True,  # also where the file will have none
        "TimelineName": timeline.name,
    }
    id = new_id()
    project.jobs[id] = {
        "told": told, "wanted": wanted, "timeline": timeline, "state": "ready", "polls": 0
    }  # fmt: skip
    return id


def status(world: World, project: Project, id: Any) -> dict[str, Any]:
    job = project.jobs.get(id)
    if job is None:
        return {}
    if job["state"] in ("rendering", "done") and world.traps.render != "stuck":
        job["polls"] += 1
    if job["state"] == "rendering" and job["polls"] >= STEPS:
        job["state"] = "done"
        if world.traps.render == "error":
            job["error"] = "The clip could not be processed successfully."
        else:
            _render(world, job)
    if job["state"] == "done":
        said = {"JobStatus": world.traps.language, "CompletionPercentage": 100}
        return {**said, "Error": job["error"]} if "error" in job else said
    return {"JobStatus": "Rendering", "CompletionPercentage": 33 * job["polls"]}


def _range(wanted: dict[str, Any], timeline: Timeline) -> tuple[int, int]:
    """First and last frame, absolute; what lies before the timeline is moved to its start."""
    frames = seen(timeline)
    end = timeline.start + len(frames) - 1
    if wanted.get("SelectAllFrames", True):
        return timeline.start, end
    first = max(timeline.start, int(wanted.get("MarkIn", timeline.start)))
    return first, max(timeline.start, int(wanted.get("MarkOut", end)))


def _render(world: World, job: dict[str, Any]) -> None:
    told, wanted, timeline = job["told"], job["wanted"], job["timeline"]
    path = Path(told["TargetDir"]) / told["OutputFilename"]
    if world.traps.render == "nothing" or not path.parent.is_dir():
        return
    if world.traps.render == "stub":
        path.write_bytes(b"\0" * 887)
        return
    handles = int(wanted.get("AddFrameHandles", 0))
    first, last = told["MarkIn"] - handles, told["MarkOut"] + handles
    if world.traps.render == "short":
        last -= 1
    frames = seen(timeline)
    shown = [
        frames[at - timeline.start] if 0 <= at - timeline.start < len(frames) else ("", -1)
        for at in range(first, last + 1)
    ]
    has_video = wanted.get("ExportVideo", True) and world.traps.render != "sound"
    if not has_video:
        path.write_bytes(b"RIFF")
        return
    size = int(wanted.get("FormatWidth", 0)), int(wanted.get("FormatHeight", 0))
    rate = Fraction(str(wanted["FrameRate"])) if "FrameRate" in wanted else timeline.rate
    write(
        path, shown, timeline.rate if abs(rate - timeline.rate) < Fraction(1, 100) else rate, size
    )


def write(path: Path, shown: list[tuple[str, int]], rate: Fraction, size: tuple[int, int]) -> None:
    """The named frames of the named files, one after the other; H.264 without loss to speak of."""
    sources = {name: _pictures(name) for name, _ in shown if name}
    width, height = size
    with av.open(str(path), "w", format="mov") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": "4", "g": "1", "preset": "ultrafast"}
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1
        context.color_range = 1
        for name, number in shown:
            picture = np.zeros((height, width), np.uint8)
            if name and number < len(sources[name]):
                luma = sources[name][number]
                picture[: luma.shape[0], : luma.shape[1]] = luma[:height, :width]
            planes = np.vstack([picture, np.full((height // 2, width), 128, np.uint8)])
            frame = av.VideoFrame.from_ndarray(planes, "yuv420p")
            frame.color_primaries = frame.color_trc = frame.colorspace = 1
            frame.color_range = 1
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _pictures(name: str) -> list[Any]:
    with av.open(name) as container:
        return [frame.to_ndarray()[: frame.height] for frame in container.decode(video=0)]
