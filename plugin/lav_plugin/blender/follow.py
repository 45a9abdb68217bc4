"""Follows the strip whose panel is seen: an estimate once its settings rest, and live previews."""

from __future__ import annotations

import time
from typing import Any

import bpy

from ..connection import CONNECTED
from ..model import Refusal, TimelineClip
from ..session import Session
from ..settings import Settings
from . import light, store, strips

RESTING = 0.7  # seconds without a change, before an estimate is asked for
LIVE = 0.15  # and a preview
SEEN = 60.0  # seconds after its last drawing for which a panel counts as seen


class Follower:
    def __init__(self) -> None:
        self._seen: tuple[str, str] | None = None  # scene and strip
        self._seen_at = -SEEN
        self._wanted: Any = None
        self._changed_at = 0.0
        self._planned: Any = None
        self._looked: Any = None
        self._filled: Any = None

    def saw(self, scene: Any, strip: Any) -> None:
        """Called while the panel is drawn, so only noted."""
        self._seen, self._seen_at = (scene.name, strip.name), time.monotonic()

    def tick(self, session: Session) -> None:
        now = time.monotonic()
        found = self._found() if now - self._seen_at < SEEN else None
        if found is None or session.connection.chip != CONNECTED:
            return
        scene, strip = found
        self._fill(session, strip)
        settings = _settings(scene, strip)
        if settings is None:
            return
        wanted = (self._seen, settings, strips.left(strip), strips.right(strip))
        if wanted != self._wanted:
            self._wanted, self._changed_at = wanted, now
            return
        rested = now - self._changed_at
        if rested > RESTING and self._planned != wanted:
            self._planned = wanted
            if clip := _clip(session, scene, strip):
                session.estimates.plan(clip, settings)
        is_live = bpy.context.window_manager.lav.is_live
        looked = (wanted, scene.frame_current)
        if is_live and rested > LIVE and self._looked != looked:
            self._looked = looked
            if clip := _clip(session, scene, strip):
                session.previews.look(clip, media_frame(clip, scene.frame_current), settings)

    def _found(self) -> tuple[Any, Any] | None:
        scene = bpy.data.scenes.get(self._seen[0]) if self._seen else None
        if scene is None:
            return None
        named = (one for one in strips.of(scene) if self._seen and one.name == self._seen[1])
        strip = next(named, None)
        return (scene, strip) if strip else None

    def _fill(self, session: Session, strip: Any) -> None:
        """What preset and words came to is shown in the lamps, while nobody set them by hand."""
        estimate = session.estimates.last
        if estimate is None or estimate is self._filled or estimate.clip != store.id_of(strip):
            return
        self._filled = estimate
        settings = strip.lav_light
        if estimate.plan.light and not settings.by_hand:
            touched = settings.is_touched
            light.fill(settings, estimate.plan.light, by_hand=False)
            settings.is_touched = touched


def media_frame(clip: TimelineClip, timeline_frame: int) -> int:
    """What the original shows there, or at the nearer end of the clip."""
    return clip.first + max(0, min(clip.count - 1, timeline_frame - clip.start))


def _settings(scene: Any, strip: Any) -> Settings | None:
    """None where its mask is not there; that too is said when somebody tries."""
    try:
        return light.settings_of(scene, strip)
    except Refusal:
        return None


def _clip(session: Session, scene: Any, strip: Any) -> TimelineClip | None:
    """None where it cannot be relit as it is; that is said when somebody tries."""
    try:
        return session.host.clip(store.claim(scene, strip))
    except Refusal:
        return None
