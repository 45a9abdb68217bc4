"""Where the light comes from: a compass of buttons as the subject is seen, and two sliders."""

from __future__ import annotations

import math
from typing import Any

PLACES = (  # text, azimuth, elevation: as the picture is looked at, then behind the subject
    (("↖", -60.0, 50.0), ("↑", 0.0, 75.0), ("↗", 60.0, 50.0)),
    (("←", -70.0, 20.0), ("●", 0.0, 10.0), ("→", 70.0, 20.0)),
    (("↙", -60.0, -40.0), ("↓", 0.0, -50.0), ("↘", 60.0, -40.0)),
)
BEHIND = (("Behind Left", -135.0, 20.0), ("Behind", 180.0, 20.0), ("Behind Right", 135.0, 20.0))
NEAR = 35.0  # degrees: the nearest place is shown as pressed, when it is as near as this


def draw(layout: Any, lamp: Any) -> None:
    near = nearest(lamp.azimuth, lamp.elevation)
    row = layout.split(factor=0.4)
    compass = row.column(align=True)
    for line in PLACES:
        _draw_line(compass.row(align=True), line, near)
    sliders = row.column(align=True)
    sliders.prop(lamp, "azimuth")
    sliders.prop(lamp, "elevation")
    sliders.prop(lamp, "stops")
    _draw_line(layout.row(align=True), BEHIND, near)


def _draw_line(row: Any, places: Any, near: Any) -> None:
    for place in places:
        text, azimuth, elevation = place
        aim = row.operator("lav.aim", text=text, depress=place == near)
        aim.azimuth, aim.elevation = azimuth, elevation


def nearest(azimuth: float, elevation: float) -> Any:
    """One of the places, or None where none is near; degrees."""
    places = [place for line in (*PLACES, BEHIND) for place in line]
    found = min(places, key=lambda place: apart(place[1:], (azimuth, elevation)))
    return found if apart(found[1:], (azimuth, elevation)) < NEAR else None


def apart(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Degrees between two directions, (azimuth, elevation) in degrees."""
    (one, up), (other, top) = (map(math.radians, pair) for pair in (a, b))
    cosine = math.sin(up) * math.sin(top) + math.cos(up) * math.cos(top) * math.cos(one - other)
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))
