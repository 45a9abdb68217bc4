"""Which Resolve this is, and what must not be asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..model import Refusal
from .answers import listing, text

STUDIO = "DaVinci Resolve Studio"

# On the free edition these open a dialog that makes all later calls fail until a person closes it.
STUDIO_ONLY = frozenset(
    {
        "AnalyzeDolbyVision",
        "AnalyzeForIntellisearch",
        "AnalyzeForSlate",
        "ClearAudioClassification",
        "ClearTranscription",
        "ConvertTimelineToStereo",
        "CreateCloudProject",
        "CreateMagicMask",
        "CreateStereoClip",
        "CreateSubtitlesFromAudio",
        "DetectSceneCuts",
        "GenerateSpeech",
        "GetStereoConvergenceValues",
        "GetStereoLeftFloatingWindowParams",
        "GetStereoRightFloatingWindowParams",
        "GetVoiceIsolationState",
        "ImportCloudProject",
        "LoadBurnInPreset",
        "LoadCloudProject",
        "PerformAudioClassification",
        "RegenerateMagicMask",
        "RemoveMotionBlur",
        "ResetIntellisearchAnalysis",
        "RestoreCloudProject",
        "SetVoiceIsolationState",
        "SmartReframe",
        "TranscribeAudio",
        "UIManager",
    }
)

# Asking whether a method is there says nothing, as every name is there; so versions are known.
NODES = 19  # GetNodeGraph of an item
SOURCE = 19  # GetSourceStartFrame and the like, GetTrackTypeAndIndex
MARKS = 20  # GetMarkInOut of a timeline
SELECTED = 21  # GetSelectedClips of a timeline
EXTENTS = 21  # UseFullExtents, AddFrameHandles, DataBurnIn of a render
END_EXCLUSIVE = 19  # endFrame; before, it was the last frame


@dataclass(frozen=True)
class Edition:
    product: str
    version: tuple[int, ...]

    @property
    def is_studio(self) -> bool:
        return self.product == STUDIO

    @property
    def number(self) -> str:
        """21.1.0"""
        return ".".join(map(str, self.version))

    def has(self, since: int) -> bool:
        return self.version[:1] >= (since,)

    def end_frame(self, first: int, count: int) -> int:
        """What Resolve calls `endFrame` of that many frames."""
        return first + count - (0 if self.has(END_EXCLUSIVE) else 1)

    def check(self, method: str) -> None:
        """Raises Refusal for a method that would open the dialog."""
        if method in STUDIO_ONLY and not self.is_studio:
            raise Refusal(
                f"{method} is not in the free edition of DaVinci Resolve, so it was not called.",
                "",
                "STUDIO_ONLY",
            )


def edition(resolve: Any) -> Edition:
    """Raises Refusal where Resolve does not say."""
    product, version = text(resolve.GetProductName()), listing(resolve.GetVersion())
    numbers = tuple(int(one) for one in version[:3] if isinstance(one, int | float))
    if not product or not numbers:
        raise Refusal(
            "DaVinci Resolve does not say which version it is, so nothing was done.",
            "Close any dialog that is open in Resolve, then start the script again.",
            "RESOLVE_SILENT",
        )
    return Edition(product, numbers)
