"""`resolve` itself, its project manager and a project."""

from __future__ import annotations

from typing import Any

from resolve.fake import rendering
from resolve.fake.pool import MediaPool
from resolve.fake.proxy import Proxy
from resolve.fake.timeline import Timeline
from resolve.fake.world import Project as ProjectState

PAGES = ("media", "cut", "edit", "fusion", "color", "fairlight", "deliver")


class SaveHangs(AssertionError):
    """SaveProject on a project that was never saved opens a dialog, and waits for it."""


class Resolve(Proxy):
    _kind = "Resolve"

    def GetProjectManager(self) -> Any:
        return ProjectManager(self._world)

    def Fusion(self) -> Any:
        return Fusion(self._world)

    def GetProductName(self) -> str:
        return "DaVinci Resolve Studio" if self._world.profile.is_studio else "DaVinci Resolve"

    def GetVersion(self) -> list[Any]:
        return [*self._world.profile.version, 7, ""]

    def GetVersionString(self) -> str:
        return ".".join(map(str, self._world.profile.version)) + ".7"

    def GetCurrentPage(self) -> str:
        return self._world.page

    def OpenPage(self, name: str) -> bool:
        if name not in PAGES:
            return False
        self._world.page = name
        return True


class Fusion:
    """No object of the table. Without Studio its windows are None, and asking opens the dialog."""

    def __init__(self, world: Any) -> None:
        self._world = world

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_"):
            return object.__getattribute__(self, name)
        if name == "UIManager" and not self._world.profile.has_windows:
            self._world.is_modal = True
            return None
        return object() if name == "UIManager" else None


class ProjectManager(Proxy):
    _kind = "ProjectManager"

    def GetCurrentProject(self) -> Any:
        return Project(self._world) if self._world.project else None

    def GetCurrentDatabase(self) -> dict[str, str]:
        return {"DbType": "Disk", "DbName": "Local Database"}

    def SaveProject(self) -> bool:
        project = self._world.project
        if project is None or self._world.traps.save_fails:
            return False
        if project.name == "Untitled Project":
            raise SaveHangs
        for timeline in project.timelines:
            for track in timeline.video:
                track.items = [item for item in track.items if not item.is_fragile]
        self._world.saves += 1
        return True


class Project(Proxy):
    _kind = "Project"

    @property
    def _state(self) -> ProjectState:
        assert self._world.project is not None
        return self._world.project

    def GetName(self) -> str:
        return self._state.name

    def GetUniqueId(self) -> str:
        return self._state.id

    def GetMediaPool(self) -> Any:
        return MediaPool(self._world)

    def GetTimelineCount(self) -> int:
        return len(self._state.timelines)

    def GetTimelineByIndex(self, index: int) -> Any:
        if not 1 <= index <= len(self._state.timelines):
            return None
        return Timeline(self._world, self._state.timelines[index - 1])

    def GetCurrentTimeline(self) -> Any:
        timeline = self._state.timeline
        return Timeline(self._world, timeline) if timeline else None

    def SetCurrentTimeline(self, timeline: Any) -> bool:
        if timeline._about[0] not in self._state.timelines:
            return False
        self._state.timeline = timeline._about[0]
        return True

    def GetSetting(self, name: str) -> str:
        return self._state.settings.get(name, "")

    def SetSetting(self, name: str, value: Any) -> bool:
        if not isinstance(value, str) or name == "timelinePlaybackFrameRate":
            return False
        self._state.settings[name] = value
        return True

    # --- the Deliver page: all but the readers lead the user there, and one reader does too ------

    def GetRenderPresetList(self) -> list[str]:
        return list(self._state.presets)

    def LoadRenderPreset(self, name: str) -> bool:
        if name not in self._state.presets:
            return False
        self._state.deliver = dict(self._state.presets[name])
        return True

    def SaveAsNewRenderPreset(self, name: str) -> bool:
        if name in self._state.presets:
            return False
        self._state.presets[name] = dict(self._state.deliver)
        return True

    def DeleteRenderPreset(self, name: str) -> bool:
        return self._state.presets.pop(name, None) is not None

    def GetCurrentRenderMode(self) -> int:
        self._world.page = "deliver"
        return self._state.deliver.get("mode", 1)

    def SetCurrentRenderMode(self, mode: int) -> bool:
        self._world.page = "deliver"
        self._state.deliver["mode"] = mode
        return True

    def GetRenderFormats(self) -> dict[str, str]:
        return {"QuickTime": "mov", "MP4": "mp4", "Wave": "wav"}

    def GetRenderCodecs(self, format: str) -> dict[str, str]:
        """Descriptions with the ids that are wanted; the descriptions change between versions."""
        return dict(rendering.CODECS.get(format, {}))

    def GetCurrentRenderFormatAndCodec(self) -> dict[str, str]:
        said = self._state.deliver
        return {"format": said.get("format", ""), "codec": said.get("codec", "")}

    def SetCurrentRenderFormatAndCodec(self, format: str, codec: str) -> bool:
        self._world.page = "deliver"
        if codec not in rendering.CODECS.get(format, {}).values():
            return False
        self._state.deliver.update(format=format, codec=codec)
        return True

    def SetRenderSettings(self, settings: dict[str, Any]) -> bool:
        self._world.page = "deliver"
        known = rendering.known_settings(self._world.profile)
        if not set(settings) <= known or settings.get("CustomName", "x") in ("", None):
            return False
        self._state.deliver.update(settings)
        return True

    def AddRenderJob(self) -> str:
        self._world.page = "deliver"
        if self._state.timeline is None:
            return ""
        return rendering.add_job(self._world, self._state, self._state.timeline)

    def GetRenderJobList(self) -> list[dict[str, Any]]:
        return [{"JobId": id, **job["told"]} for id, job in self._state.jobs.items()]

    def DeleteRenderJob(self, job: str) -> bool:
        return self._state.jobs.pop(job, None) is not None

    def StartRendering(self, *jobs: Any) -> bool:
        self._world.page = "deliver"
        wanted = jobs[0] if jobs and isinstance(jobs[0], list) else list(jobs)
        ids = [one for one in wanted if isinstance(one, str)] or list(self._state.jobs)
        if self._world.traps.start_fails or not set(ids) <= set(self._state.jobs):
            return False
        for id in ids:
            self._state.jobs[id]["state"] = "rendering"
        return True

    def StopRendering(self) -> None:
        for job in self._state.jobs.values():
            job["state"] = "stopped"

    def IsRenderingInProgress(self) -> bool:
        return any(job["state"] == "rendering" for job in self._state.jobs.values())

    def GetRenderJobStatus(self, job: Any) -> dict[str, Any]:
        return rendering.status(self._world, self._state, job)
