"""`lav probe` and `lav presets`: what a clip is, and which lights there are."""

from __future__ import annotations

from typing import Any

import typer

from lav_client import output, report
from lav_client.client import connect
from lav_client.options import AsJson, Clip
from lav_client.result import light_record
from lav_client.span import rate_of
from lav_proto.v1 import relight_pb2 as pb


def probe(ctx: typer.Context, clip: Clip, as_json: AsJson = False) -> None:
    """Show the facts of a clip: frames, rate, size, colour, time code."""
    source = output.absolute(clip)
    with connect(ctx.obj) as client:
        facts = client.probe(source).facts
    if as_json:
        return report.data(_record(facts))
    rate = rate_of(facts)
    color = (facts.color_primaries, facts.color_transfer, facts.color_matrix, facts.color_range)
    report.table(
        [
            ("Clip", facts.path),
            ("Frames", f"{facts.frames}, {float(rate):.6g} fps ({rate})"),
            ("Length", report.clock(facts.frames / rate)),
            ("Picture", f"{facts.width}x{facts.height}, {facts.bit_depth} bit"),
            ("Codec", f"{facts.codec}, {facts.pixel_format}, in {facts.container}"),
            ("Color", ", ".join(color)),
            ("Time code", facts.timecode),
            ("Reel", facts.reel),
            ("Rotation", f"{facts.rotation} degrees" if facts.rotation else ""),
            ("Sound", "yes" if facts.has_audio else "no"),
            ("Rate", "variable" if facts.is_variable_rate else ""),
            ("Fields", "interlaced" if facts.is_interlaced else ""),
            *(("Note", note) for note in facts.notes),
        ]
    )


def presets(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the light presets for --preset."""
    with connect(ctx.obj) as client:
        known = client.server_info().presets
    if as_json:
        return report.data([_preset(preset) for preset in known])
    report.table((preset.name, preset.group, preset.summary) for preset in known)


def _record(facts: pb.MediaFacts) -> dict[str, Any]:
    """Every field by its name on the wire; fractions as exact text."""
    record = {
        field.name: getattr(facts, field.name)
        for field in facts.DESCRIPTOR.fields
        if field.message_type is None
    }
    aspect = facts.pixel_aspect
    return {
        **record,
        "rate": str(rate_of(facts)),
        "pixel_aspect": f"{aspect.numerator}:{aspect.denominator}",
        "notes": list(facts.notes),
    }


def _preset(preset: pb.Preset) -> dict[str, Any]:
    return {
        "name": preset.name,
        "title": preset.title,
        "group": preset.group,
        "summary": preset.summary,
        "light": light_record(preset.light),
    }
