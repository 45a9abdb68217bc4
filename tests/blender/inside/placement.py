"""Strips shown their takes in place and above, what stands in the way, and everything back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import bpy
from stage import choose, content_trim, dump, effect, movie, play, render, scene, top

from lav_plugin.blender import alike, changes, store, strips
from lav_plugin.blender.host import BlenderHost
from lav_plugin.messages import Light
from lav_plugin.model import Media, Refusal, Span, TakeRecord, Takes


def record(path: str, first: int, count: int) -> TakeRecord:
    return TakeRecord(path, "Window", "job", Span(first, count), Light("window"), "draft", 1.0)


def original(clip: str) -> Media:
    return Media(clip, 120, Fraction(24))


def crowded(made: Any, clip: str) -> Any:
    """Media frames 40..79 at 50..89, other strips right before and behind."""
    strip = movie(made, clip, 2, 10, (40, 40))
    movie(made, clip, 2, -70)
    movie(made, clip, 2, 80, (10, 50))
    return strip


def dressed(made: Any, clip: str, other: str) -> Any:
    """With keyframes, a modifier, an effect and a multicam made from it."""
    strip = crowded(made, clip)
    effect(made, "GAMMA_CROSS", 4, 60, 90, strip, movie(made, other, 3, 60))
    multicam = effect(made, "MULTICAM", 6, 50, 90)
    multicam.multicam_source, multicam.mute = 2, True
    strip.transform.scale_y, strip.crop.min_y = 0.5, 8
    strip.blend_alpha, strip.color_tag = 0.9, "COLOR_04"
    strip.modifiers.new("bright", "BRIGHT_CONTRAST").bright = 4
    for frame, offset in ((50, 16), (89, 48)):
        strip.transform.offset_x = offset
        strip.transform.keyframe_insert("offset_x", frame=frame)
    strip.keyframe_insert("blend_alpha", frame=60)
    strip.name = "the strip"
    made.frame_set(70)
    return strip


def in_place(clip: str, other: str, take: str, second: str, **_: str) -> dict[str, Any]:
    host, made = BlenderHost(), scene()
    told = choose(host, made, dressed(made, clip, other))
    before = dump(made)
    takes = Takes(original(clip)).with_take(record(take, 28, 64))
    host.show(told.id, takes)
    first, again = dump(made), host.clip(told.id)
    takes = takes.with_take(record(second, 38, 50))
    host.show(told.id, takes)
    return {
        "clip": [told.name, told.first, told.count, told.start, str(told.rate), told.track],
        "is_same_clip": again == told,
        "before": before,
        "first": first,
        "second": dump(made),
        "back": _back(host, made, told.id, takes),
    }


def _back(host: BlenderHost, made: Any, id: str, takes: Takes) -> dict[str, Any]:
    host.show(id, Takes(takes.original, takes.takes))
    return dump(made)


def seen(folder: str, clip: str, other: str, take: str, **_: str) -> dict[str, Any]:
    """Rendered before, with the take, through a multicam, back, with it above, and transformed."""
    host, made = BlenderHost(), scene()
    strip = crowded(made, clip)
    id = choose(host, made, strip).id
    takes = Takes(original(clip)).with_take(record(take, 28, 64))
    back = Takes(takes.original, takes.takes)

    def shot(name: str) -> None:
        render(made, str(Path(folder, name + ".mkv")), 50, 90)

    shot("before")
    host.show(id, takes)
    shot("after")
    multicam = effect(made, "MULTICAM", 6, 50, 90)
    multicam.multicam_source = 2
    shot("multicam")
    top(made).remove(multicam)
    host.show(id, back)
    shot("back")
    between = movie(made, other, 3, 85)
    covered = host.covered(id)
    high = host.place_above(id, takes)
    placed = store.find(high)[1]
    shot("above")
    above, name = [placed.channel, strips.left(placed), strips.right(placed)], between.name
    top(made).remove(placed)
    top(made).remove(between)
    strip.transform.scale_y, strip.crop.min_y, strip.use_flip_x = 0.5, 8, True
    shot("dressed before")
    host.show(id, takes)
    shot("dressed after")
    return {
        "covered": list(covered),
        "above": above,
        "between": name,
    }


def alike_above(folder: str, clip: str, other: str, take: str, **_: str) -> dict[str, Any]:
    """With modifiers and keyframes, rendered with the take in its place and with it above."""
    host, made = BlenderHost(), scene()
    strip = dressed(made, clip, other)
    strip.blend_alpha = 1
    _grade(strip)
    for one in sorted(strips.of(made), key=lambda one: -one.channel):  # effects before inputs
        if one.channel > 2:
            top(made).remove(one)
    told = {"left": [alike.leaves(made, strip)]}
    id = choose(host, made, strip).id
    takes = Takes(original(clip)).with_take(record(take, 28, 64))
    host.show(id, takes)
    render(made, str(Path(folder, "place.mkv")), 50, 90)
    host.show(id, Takes(takes.original, takes.takes))
    made.frame_set(70)
    strip.blend_alpha = 1
    placed = store.find(host.place_above(id, takes))[1]
    strip.mute = True
    render(made, str(Path(folder, "above.mkv")), 50, 90)
    curves = [one for part in changes.curves_of(made) for one in part]
    told["kinds"] = [[one.type for one in each.modifiers] for each in (strip, placed)]
    told["keys"] = [
        sorted(_keys(one) for one in curves if one.data_path.startswith(each.path_from_id() + "."))
        for each in (strip, placed)
    ]
    (curve, *_rest) = [one for one in curves if one.data_path.endswith("offset_x")]
    curve.modifiers.new("NOISE")
    told["left"].append(alike.leaves(made, strip))
    return told


def _grade(strip: Any) -> None:
    strip.modifiers.new("balance", "COLOR_BALANCE").color_balance.gain = (0.5, 0.7, 0.9)
    mapping = strip.modifiers.new("curves", "CURVES").curve_mapping
    mapping.curves[0].points.new(0.4, 0.7).handle_type = "VECTOR"
    mapping.update()
    hues = strip.modifiers.new("hues", "HUE_CORRECT").curve_mapping
    hues.curves[1].points.remove(hues.curves[1].points[3])
    hues.curves[1].points[2].location = (0.3, 0.2)
    hues.update()
    for frame, bright in ((50, -10), (80, 10)):
        strip.modifiers["bright"].bright = bright
        strip.modifiers["bright"].keyframe_insert("bright", frame=frame)


def _keys(curve: Any) -> list[Any]:
    name = curve.data_path.partition('"].')[2]
    points = [[*one.co, *one.handle_left, one.interpolation] for one in curve.keyframe_points]
    return [name, curve.array_index, points]


def tight(clip: str, take: str, late: str, **_: str) -> dict[str, Any]:
    """Where there is no room to move: each as it was, with the take, and back."""

    def far(made: Any) -> Any:
        return movie(made, clip, 2, 10, (95, 5))

    told = {"far from the start": _there_and_back(far, clip, late, 90)}
    for name, build in {
        "one frame": lambda made: movie(made, clip, 2, 10, (60, 59)),
        "no free channel": _no_free_channel(clip),
        "content trimmed": lambda made: content_trim(crowded(made, clip), 7, 5),
    }.items():
        told[name] = _there_and_back(build, clip, take)
    if bpy.app.version >= (4, 0, 0):
        told["in a group"] = _there_and_back(_in_a_group(clip), clip, take)
    return told


def _there_and_back(
    build: Callable[[Any], Any], clip: str, take: str, first: int = 28
) -> dict[str, Any]:
    host, made = BlenderHost(), scene()
    id = choose(host, made, build(made)).id
    before, told = dump(made), host.clip(id)
    count = 30 if first == 90 else 64
    takes = Takes(original(clip)).with_take(record(take, first, count))
    host.show(id, takes)
    strip = store.find(id)[1]
    first += strips.left(strip) - int(strips.position(strip).content_start)
    return {
        "is_shown": strips.filepath(strip) == take,
        "is_same": host.clip(id) == told and first == told.first,
        "before": before,
        "back": _back(host, made, id, takes),
    }


def _no_free_channel(clip: str) -> Callable[[Any], Any]:
    def build(made: Any) -> Any:
        strip = crowded(made, clip)
        for channel in range(1, 129):
            if channel != 2:
                top(made).new_effect(
                    name="full", type="COLOR", channel=channel, frame_start=-70, **_until(made, 200)
                )
        return strip

    return build


def _until(made: Any, frame: int) -> dict[str, int]:
    said = top(made).bl_rna.functions["new_effect"].parameters.keys()
    return {"length": frame + 70} if "length" in said else {"frame_end": frame}


def _in_a_group(clip: str) -> Callable[[Any], Any]:
    def build(made: Any) -> Any:
        strip = movie(made, clip, 2, 10, (40, 40))
        group = top(made).new_meta(name="group", channel=5, frame_start=50)
        strip.move_to_meta(group)
        known = strips.position(strip)
        for right in (89, 90):  # so that the group's length is known
            changes.put(made, strip, replace(known, right=right))
        made.sequence_editor.display_stack(group)
        return strip

    return build


def refused(folder: str, clip: str, other: str, take: str, **_: str) -> dict[str, Any]:
    """Each reason a take cannot be placed: its code, and whether anything is different."""
    text = Path(folder, "text.mp4")
    text.write_text("no video")
    good, wrong = (
        record(take, 28, 64),
        {
            "missing": record(str(Path(folder, "gone.mp4")), 28, 64),
            "no video": record(str(text), 28, 64),
            "other length": record(take, 28, 60),
            "other rate": record(str(Path(folder, "rate.mp4")), 28, 64),
            "short": record(take, 41, 64),
        },
    )
    told = {name: _try(clip, one, lambda made, strip: None) for name, one in wrong.items()}
    obstacles: dict[str, Callable[[Any, Any], Any]] = {
        "locked": lambda made, strip: setattr(strip, "lock", True),
        "channel locked": lambda made, strip: setattr(
            made.sequence_editor.channels[2], "lock", True
        ),
        "reversed": lambda made, strip: setattr(strip, "use_reverse_frames", True),
        "other file": lambda made, strip: setattr(strip, "filepath", other),
        "gone": lambda made, strip: top(made).remove(strip),
    }
    told.update({name: _try(clip, good, change) for name, change in obstacles.items()})
    above: dict[str, Callable[[Any, Any], Any]] = {
        "blended": lambda made, strip: setattr(strip, "blend_type", "ADD"),
        "channels locked": lambda made, strip: [
            setattr(one, "lock", True) for one in made.sequence_editor.channels[3:]
        ],
    }
    told.update({name: _try(clip, good, change, True) for name, change in above.items()})
    told["other length above"] = _try(clip, wrong["other length"], lambda made, strip: None, True)
    return told


def _try(
    clip: str, take: TakeRecord, change: Callable[[Any, Any], Any], above: bool = False
) -> dict[str, Any]:
    host, made = BlenderHost(), scene()
    strip = crowded(made, clip)
    id = choose(host, made, strip).id
    change(made, strip)
    before, notes = dump(made), _notes(made)
    takes = Takes(original(clip)).with_take(take)
    try:
        (host.place_above if above else host.show)(id, takes)
    except Refusal as refusal:
        is_same = dump(made) == before and _notes(made) == notes
        return {"code": refusal.problem.code, "said": str(refusal), "is_same": is_same}
    return {"code": "placed"}


def _notes(made: Any) -> dict[str, Any]:
    return {strip.name: strip.get("lav") for strip in strips.of(made)}


CASES = (in_place, seen, alike_above, tight, refused)
CASES = {one.__name__: one for one in CASES}


def main(case: str, **given: str) -> dict[str, Any]:
    if case in ("in_place", "tight"):
        given.pop("folder")
    return CASES[case](**given)


play(main)
