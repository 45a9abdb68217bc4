"""A small `resolve` with one project, as much of it as Check Setup reads."""

from __future__ import annotations

from typing import Any


class Media:
    def GetClipProperty(self) -> dict[str, str]:
        return {"File Path": "/footage/Zoë's cut/a b.mov", "FPS": "25"}


class Clip:
    def __init__(self, name: str, start: int) -> None:
        self._name, self._start = name, start

    def GetName(self) -> str:
        return self._name

    def GetStart(self) -> int:
        return self._start

    def GetEnd(self) -> int:
        return self._start + 48

    def GetDuration(self) -> int:
        return 48

    def GetLeftOffset(self) -> int:
        return 12

    def GetRightOffset(self) -> int:
        return 0

    def GetSourceStartFrame(self) -> int:
        return 12

    def GetSourceEndFrame(self) -> int:
        return 60

    def GetSourceStartTime(self) -> float:
        return 3600.48

    def GetSourceEndTime(self) -> float:
        return 3602.4

    def GetTakesCount(self) -> int:
        return 0

    def GetProperty(self) -> dict[str, float]:
        return {"Pan": 0.0, "ZoomX": 1.0}

    def GetMediaPoolItem(self) -> Any:
        return Media() if self._name != "Cross Dissolve" else None


class Timeline:
    def GetName(self) -> str:
        return "Schnitt 日本"

    def GetStartTimecode(self) -> str:
        return "01:00:00:00"

    def GetTrackCount(self, kind: str) -> int:
        return 2 if kind == "video" else 0

    def GetItemListInTrack(self, kind: str, track: int) -> list[Clip]:
        names = ["a b", "Cross Dissolve", "c"] if track == 1 else []
        return [Clip(name, 90000 + 48 * at) for at, name in enumerate(names)]

    def GetCurrentVideoItem(self) -> Clip:
        return Clip("a b", 90000)


class Project:
    def __init__(self, timeline: Any) -> None:
        self._timeline = timeline

    def GetName(self) -> str:
        return "Film"

    def GetSetting(self, name: str) -> str:
        return {"timelineFrameRate": "25"}[name]

    def GetCurrentTimeline(self) -> Any:
        return self._timeline


class Resolve:
    def __init__(self, has_timeline: bool = True) -> None:
        self._project = Project(Timeline() if has_timeline else None)

    def GetProductName(self) -> str:
        return "DaVinci Resolve"

    def GetVersion(self) -> list[Any]:
        return [21, 1, 0, 14, ""]

    def GetVersionString(self) -> str:
        return "21.1.0.14"

    def GetCurrentPage(self) -> str:
        return "edit"

    def GetProjectManager(self) -> Any:
        return self

    def GetCurrentProject(self) -> Project:
        return self._project
