"""The options of the commands, but for those that say a light."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from lav_client.span import first_count, mark
from lav_client.values import choice, within
from lav_engine.spec import Codec


class ScopeChoice(StrEnum):
    both = "both"
    subject = "subject"
    background = "background"
    new_background = "new-background"


def _flag(name: str, help: str) -> Any:
    return typer.Option(name, metavar="", help=help)


Clip = Annotated[Path, typer.Argument(metavar="IN", help="The clip.", show_default=False)]
JobId = Annotated[str, typer.Argument(metavar="ID", help="The job, as `lav jobs list` shows it.")]
AsJson = Annotated[bool, _flag("--json", "One JSON object on stdout.")]

Amount = Annotated[
    float,
    typer.Option(parser=within(0.0, 1.0), metavar="A", help="How much of the light, 0 to 1."),
]
EngineName = Annotated[
    str, typer.Option("--engine", metavar="NAME", help="Who works out the light.")
]
ScopeName = Annotated[
    ScopeChoice,
    typer.Option(
        "--scope",
        parser=choice(ScopeChoice),
        metavar="NAME",
        help="What is relit: both, subject, background, or the subject with a new-background.",
    ),
]
Mask = Annotated[
    Path | None,
    typer.Option(
        "--mask", metavar="FILE", help="Your own matte, white on the subject: a still or a clip."
    ),
]

Frames = Annotated[
    Any,
    typer.Option(
        "--range",
        parser=first_count,
        metavar="FIRST:COUNT",
        help="Only these frames; FIRST counts from 0.",
    ),
]
InPoint = Annotated[
    str | None,
    typer.Option("--in", parser=mark, metavar="TC", help="In point, in the clip's own time code."),
]
OutPoint = Annotated[
    str | None,
    typer.Option("--out", parser=mark, metavar="TC", help="Out point; its frame is included."),
]

TakePath = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="OUT", help="The take. Default: IN_relit beside the clip."
    ),
]
CodecName = Annotated[
    Codec | None,
    typer.Option(
        "--codec",
        parser=choice(Codec),
        metavar="NAME",
        help="h264, prores or ffv1. Default: what suits the clip and the name.",
    ),
]
Timeline = Annotated[
    Path | None,
    typer.Option("--otio", metavar="OUT", help="Also a timeline with the take and the clip."),
]
Sheet = Annotated[
    Path | None, typer.Option("--sheet", metavar="OUT", help="Also a before/after picture (PNG).")
]
SaveLight = Annotated[
    Path | None,
    typer.Option("--save-light", metavar="OUT", help="Also the light (JSON), for --light."),
]
NoAudio = Annotated[bool, _flag("--no-audio", "Leave the sound out.")]
HostTake = Annotated[
    bool, _flag("--host-take", "For an editor's timeline: easy to scrub, no sound.")
]
PlanOnly = Annotated[bool, _flag("--plan", "Only say what it would take.")]
