"""Resolve's objects as seen from the bridge: a method called here is called inside Resolve.

They behave as Resolve's own do in Python: every name is there, whether the API has it or not;
objects, lists and dicts come back as such; None is None.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lav_client.resolve_link import Link
from lav_client.resolve_lua import EXACT

Guard = Callable[[str], None]  # raises for a method that must not be called on this edition
TOGETHER = 200  # calls of one request: Lua compiles it as one function, whose size has a limit

# What Resolve documents as a dict: Lua cannot tell an empty one, or one of keys 1, 2, from a list.
DICTS = frozenset(
    {
        "GetClipProperty",
        "GetClips",
        "GetCurrentClipThumbnailImage",
        "GetCurrentDatabase",
        "GetCurrentRenderFormatAndCodec",
        "GetCurrentVersion",
        "GetFiles",
        "GetFlags",
        "GetFoldersInCurrentFolder",
        "GetFusionCompNames",
        "GetItemsInTrack",
        "GetMarkInOut",
        "GetMarkerByCustomData",
        "GetMarkers",
        "GetMetadata",
        "GetMountedVolumes",
        "GetPresets",
        "GetProjectAttributesInCurrentFolder",
        "GetProjectsInCurrentFolder",
        "GetRenderCodecs",
        "GetRenderFormats",
        "GetRenderJobStatus",
        "GetRenderJobs",
        "GetRenderPresets",
        "GetStereoConvergenceValues",
        "GetStereoLeftFloatingWindowParams",
        "GetStereoRightFloatingWindowParams",
        "GetSubFolders",
        "GetTakeByIndex",
        "GetThirdPartyMetadata",
        "GetVersionNames",
        "GetVoiceIsolationState",
        "RenderWithQuickExport",
    }
)


def connect(link: Link, guard: Guard | None = None) -> Any:
    """`resolve` itself. `guard` hears every method's name before it travels."""
    return Proxy(link, 0, guard or (lambda method: None))


class Proxy:
    """An object inside Resolve. Two of the same object are not equal: compare GetUniqueId()."""

    __slots__ = ("_guard", "_handle", "_link")

    def __init__(self, link: Link, handle: int, guard: Guard) -> None:
        self._link, self._handle, self._guard = link, handle, guard

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return Member(self, name)

    def __repr__(self) -> str:
        return f"<object {self._handle} of Resolve>"

    def __del__(self) -> None:
        if self._handle:
            self._link.release(self._handle)

    def many(self, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
        """`(object, method, *arguments)` each, in few journeys; one value for each."""
        values: list[Any] = []
        for first in range(0, len(calls), TOGETHER):
            values += self._made(calls[first : first + TOGETHER])
        return values

    def _made(self, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
        for _, method, *_ in calls:
            self._guard(method)
        said = [
            [target._handle, method, *map(_leaving, arguments)]
            for target, method, *arguments in calls
        ]
        values = self._link.call(said)
        return [
            self._arrived(value, method in DICTS)
            for (_, method, *_), value in zip(calls, values, strict=True)
        ]

    def _arrived(self, value: Any, is_dict: bool = False) -> Any:
        if isinstance(value, list):
            items = [self._arrived(one) for one in value]
            return dict(enumerate(items, 1)) if is_dict else items
        if not isinstance(value, dict):
            return value
        if "@" in value:
            return Proxy(self._link, value["@"], self._guard)
        if not value:  # Lua's empty table
            return {} if is_dict else []
        return {key: self._arrived(one, is_dict=one == {}) for key, one in value["="]}


class Member:
    """A method, or a constant such as `resolve.EXPORT_OTIO`, which is good as an argument."""

    __slots__ = ("_name", "_owner")

    def __init__(self, owner: Proxy, name: str) -> None:
        self._owner, self._name = owner, name

    def __call__(self, *arguments: Any) -> Any:
        """Raises resolve_link's Failed, Absent or Gone."""
        return self._owner.many([(self._owner, self._name, *arguments)])[0]

    def __repr__(self) -> str:
        return f"{self._owner!r}.{self._name}"


def _leaving(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int | float) and abs(value) <= EXACT:  # nor infinite, nor no number
        return value
    if isinstance(value, Proxy):
        return {"@": value._handle}
    if isinstance(value, Member) and value._owner._handle == 0:
        return {"$": value._name}
    if isinstance(value, list | tuple) and None not in value:
        return [_leaving(one) for one in value]
    if isinstance(value, dict) and not any(str(key)[:1] in "@$" for key in value):
        return {str(key): _leaving(one) for key, one in value.items() if one is not None}
    raise TypeError(f"{value!r} cannot be given to Resolve")
