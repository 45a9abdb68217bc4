"""The media pool, its folders and its clips."""

from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

from resolve.fake import timeline as timelines
from resolve.fake import world as state
from resolve.fake.api import WrongCall
from resolve.fake.proxy import Proxy
from resolve.fake.world import Item
from resolve.shape import media_clips, problems

CLIP_INFO = {"mediaPoolItem", "startFrame", "endFrame", "mediaType", "trackIndex", "recordFrame"}


class MediaPool(Proxy):
    _kind = "MediaPool"

    @property
    def _project(self) -> state.Project:
        assert self._world.project is not None
        return self._world.project

    def GetRootFolder(self) -> Any:
        return Folder(self._world, self._project.root)

    def GetCurrentFolder(self) -> Any:
        return Folder(self._world, self._project.folder or self._project.root)

    def SetCurrentFolder(self, folder: Any) -> bool:
        if folder._about[0] not in self._project.root.walk():
            return False
        self._project.folder = folder._about[0]
        return True

    def AddSubFolder(self, folder: Any, name: str) -> Any:
        """And that one is the current folder from then on."""
        parent = folder._about[0]
        if any(one.name == name for one in parent.folders):
            return None
        made = state.Folder(name)
        parent.folders.append(made)
        self._project.folder = made
        return Folder(self._world, made)

    def ImportMedia(self, items: list[Any]) -> list[Any]:
        """Into the current folder; what the pool has already is passed over."""
        if self._world.traps.import_fails:
            return []
        known = {clip.path for clip in self._project.pool()}
        made = []
        for path in items:
            file = self._world.look(path) if isinstance(path, str) else None
            if file is not None and path not in known and os.path.exists(path):
                clip = state.PoolItem(os.path.basename(path), path, file)
                (self._project.folder or self._project.root).clips.append(clip)
                made.append(MediaPoolItem(self._world, clip))
        return made

    def DeleteClips(self, clips: list[Any]) -> bool:
        gone = {clip._about[0] for clip in clips}
        for folder in self._project.root.walk():
            folder.clips = [clip for clip in folder.clips if clip not in gone]
        return True

    def MoveClips(self, clips: list[Any], folder: Any) -> bool:
        self.DeleteClips(clips)
        folder._about[0].clips.extend(clip._about[0] for clip in clips)
        return True

    def AppendToTimeline(self, *given: Any) -> list[Any] | None:
        infos = given[0] if len(given) == 1 and isinstance(given[0], list) else list(given)
        timeline = self._project.timeline
        if timeline is None or not infos or not all(isinstance(one, dict) for one in infos):
            return None
        for info in infos:
            if not set(info) <= CLIP_INFO or "mediaPoolItem" not in info:
                raise WrongCall(f"AppendToTimeline knows no {set(info) - CLIP_INFO}")
        given_frames = [
            info[name]
            for info in infos
            for name in ("startFrame", "endFrame", "recordFrame")
            if name in info
        ]
        is_fractional = any(frame != int(frame) for frame in given_frames)
        if is_fractional and self._world.profile.drops_fractions:
            return None
        return [self._append(timeline, info) for info in infos]

    def _append(self, timeline: state.Timeline, info: dict[str, Any]) -> Any:
        if info["mediaPoolItem"] is None:
            return None
        media: state.PoolItem = info["mediaPoolItem"]._about[0]
        number = info.get("trackIndex", 1)
        if media not in self._project.pool() or not 1 <= number <= len(timeline.video):
            return None
        track = timeline.video[number - 1]
        item = self._placed(timeline, media, info)
        if info.get("mediaType") != 1:  # its sound comes along
            sound = Item(item.name, item.start, item.duration, media, item.left, kind="sound")
            timeline.audio[0].items.append(sound)
        is_taken = any(one.start < item.end and item.start < one.end for one in track.items)
        if track.is_locked or is_taken or item.duration < 1:
            item.id = None  # handed back all the same
        else:
            track.items.append(item)
            track.items.sort(key=lambda one: one.start)
            timeline.playhead = item.end
        return timelines.TimelineItem(self._world, item, timeline)

    def _placed(
        self, timeline: state.Timeline, media: state.PoolItem, info: dict[str, Any]
    ) -> Item:
        start = int(info.get("startFrame", 0))
        end = int(info.get("endFrame", media.file.frames - 1))
        if self._world.profile.is_end_inclusive or "endFrame" not in info:
            end += 1
        span = min(end, media.file.frames) - start
        ends = [item.end for one in timeline.video for item in one.items]
        record = int(info.get("recordFrame", max(ends, default=timeline.start)))
        traps = self._world.traps
        is_fragile = traps.fragile > 0
        traps.fragile -= is_fragile
        return Item(
            media.name,
            record + traps.shift,
            int(span * timeline.rate / media.rate),  # cut off: it may be a frame short
            media,
            start,
            is_fragile=is_fragile,
        )

    def CreateEmptyTimeline(self, name: str) -> Any:
        project = self._project
        if any(one.name == name for one in project.timelines):
            return None
        said = project.settings
        rate = state.exact(float(said["timelineFrameRate"].split()[0]))
        made = state.Timeline(name, rate, round(rate) * 3600)
        return self._added(made)

    def CreateTimelineFromClips(self, name: str, *given: Any) -> Any:
        infos = given[0] if isinstance(given[0], list) else list(given)
        clips = [info["mediaPoolItem"]._about[0] for info in infos]
        folder = self._project.folder or self._project.root
        if not all(clip in folder.clips for clip in clips):
            return None
        made = self.CreateEmptyTimeline(name)
        for info in infos if made else ():
            self._append(made._about[0], info)
        return made

    def _added(self, made: state.Timeline) -> Any:
        project = self._project
        made.media = state.PoolItem(made.name, "", state.File(0, made.rate), "Timeline")
        (project.folder or project.root).clips.append(made.media)
        project.timelines.append(made)
        project.timeline = made
        return timelines.Timeline(self._world, made)

    def DeleteTimelines(self, given: list[Any]) -> bool:
        gone = {one._about[0] for one in given}
        project = self._project
        if project.timeline in gone:
            return False
        project.timelines = [one for one in project.timelines if one not in gone]
        for folder in project.root.walk():
            folder.clips = [c for c in folder.clips if c not in {one.media for one in gone}]
        return True

    def ImportTimelineFromFile(self, path: str, options: dict[str, Any] | None = None) -> Any:
        """None for all that is not as Resolve writes it itself, without a word why."""
        options = options or {}
        said = Path(path).read_text() if path.endswith(".otio") and os.path.exists(path) else "{}"
        document = json.loads(said)
        name = options.get("timelineName") or document.get("name", "")
        taken = any(one.name == name for one in self._project.timelines)
        if problems(document) or taken:
            return None
        imports = options.get("importSourceClips", True)
        start = document["global_start_time"]
        made = state.Timeline(name, state.exact(start["rate"]), round(start["value"]))
        made.video = []
        for number, track in enumerate(document["tracks"]["children"], 1):
            made.video.append(state.Track(track["name"]))
            for clip in media_clips(track, made.start):
                media = self._linked(clip.path) if imports else None
                if media is not None and not _is_inside(clip, media):
                    return None
                first = clip.first - (media.file.start if media else clip.first)
                made.video[number - 1].items.append(
                    Item(clip.name, clip.start, clip.count, media, first)
                )
        return self._added(made)

    def _linked(self, path: str) -> state.PoolItem | None:
        self.ImportMedia([path])
        return next((clip for clip in self._project.pool() if clip.path == path), None)


def _is_inside(clip: Any, media: state.PoolItem) -> bool:
    """Times count in the media's own timecode; others lie outside of the media."""
    first = media.file.start
    return first <= clip.first and clip.first + clip.count <= first + media.file.frames


class Folder(Proxy):
    _kind = "Folder"

    def GetName(self) -> str:
        return self._about[0].name

    def GetUniqueId(self) -> str:
        return self._about[0].id

    def GetClipList(self) -> list[Any]:
        return [MediaPoolItem(self._world, clip) for clip in self._about[0].clips]

    def GetSubFolderList(self) -> list[Any]:
        return [Folder(self._world, one) for one in self._about[0].folders]


class MediaPoolItem(Proxy):
    _kind = "MediaPoolItem"

    @property
    def _state(self) -> state.PoolItem:
        return self._about[0]

    def GetName(self) -> str:
        return self._state.name

    def SetName(self, name: str) -> bool:
        self._state.name = name
        return True

    def GetUniqueId(self) -> str:
        return self._state.id

    def GetMediaId(self) -> str:
        return f"media {self._state.id}"

    def GetClipProperty(self, name: str | None = None) -> Any:
        """Text, but for the rate; "" for what it does not know."""
        said = self._properties()
        return said if not name else said.get(name, "")

    def _properties(self) -> dict[str, Any]:
        clip, file = self._state, self._state.file
        online = self._world.is_online(clip) or not clip.path
        return {
            "Clip Name": clip.name,
            "File Path": clip.path,
            "File Name": os.path.basename(clip.path),
            "Type": clip.kind,
            "Frames": str(file.frames),
            "FPS": float(round(file.rate, 3)),
            "Resolution": f"{file.width}x{file.height}",
            "Start TC": _timecode(file.start, file.rate),
            "Online Status": "Online" if online else "Offline",
            "PAR": "Square",
            "Data Level": "Auto",
            "Input Color Space": "Project",
            "Reel Name": "",
            "Proxy": "None",
            "Proxy Media Path": "",
            **{k: float(v) if k == "FPS" else v for k, v in clip.properties.items()},
        }

    def SetClipProperty(self, name: str, value: Any) -> bool:
        if not isinstance(value, str):
            return False
        if name not in self._state.stubborn:
            self._state.properties[name] = value
        return True

    def GetMetadata(self, name: str | None = None) -> Any:
        return dict(self._state.metadata) if name is None else self._state.metadata.get(name, "")

    def SetMetadata(self, name: Any, value: Any = None) -> bool:
        self._state.metadata.update(name if isinstance(name, dict) else {name: value})
        return True

    def GetThirdPartyMetadata(self, name: str | None = None) -> Any:
        return self.GetMetadata(name)

    def SetThirdPartyMetadata(self, name: Any, value: Any = None) -> bool:
        return self.SetMetadata(name, value)

    def GetClipColor(self) -> str:
        return self._state.color

    def SetClipColor(self, name: str) -> bool:
        if name not in state.COLOURS:
            return False
        self._state.color = name
        return True


def _timecode(frames: int, rate: Fraction) -> str:
    from lav_engine.media.timecode import write

    return write(frames, rate) if rate.limit_denominator(1001).denominator in (1, 1001) else ""
