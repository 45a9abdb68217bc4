"""The exposures a take's shots were shown at: told with it, and kept by a take that extends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lav_engine.light import bounds
from lav_engine.spec import ClipRange, Light, ShotExposure

Shot = tuple[int, int]  # media frames [first, end)


def told(lights: Mapping[Shot, Light], clip: ClipRange) -> tuple[ShotExposure, ...]:
    """Of each shot's part inside the clip, where alone it was found for certain."""
    return tuple(
        ShotExposure(max(first, clip.first), min(end, clip.end), light.exposure)
        for (first, end), light in lights.items()
        if light.exposure is not None
    )


def kept(lights: Mapping[Shot, Light], earlier: Sequence[ShotExposure]) -> dict[Shot, Light]:
    """The lights with the exposure of the earlier take, where a shot holds frames of it.

    Solved anew it may differ: a shot longer than what is looked at has other anchors then.
    Raises LavError for an exposure that is none.
    """
    lit = dict(lights)
    for shot, light in lights.items():
        shared = [(min(one.end, shot[1]) - max(one.first, shot[0]), one) for one in earlier]
        count, one = max(shared, key=lambda pair: pair[0], default=(0, None))
        if one is not None and count > 0:
            lit[shot] = replace(light, exposure=bounds.number("exposure", one.exposure))
    return lit
