"""`lav relight`: a clip goes in, a relit take comes out, a timeline and a picture beside it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from lav_client import output, report, show
from lav_client.client import Client, connect
from lav_client.companions import Companions, SaveLight, Timeline
from lav_client.lighting import LightOptions, takes_light
from lav_client.result import finished, plan_record, stopped
from lav_client.span import Span, first_count, mark
from lav_client.values import choice, within
from lav_engine.light import rig
from lav_engine.spec import Codec, Options, Output, Prompts, RelightRequest, Scope
from lav_proto.v1 import relight_pb2 as pb
from lav_server import wire


class ScopeChoice(StrEnum):
    both = "both"
    subject = "subject"
    background = "background"


Clip = Annotated[Path, typer.Argument(metavar="IN", help="The clip.", show_default=False)]
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
        help="What is relit: both, subject or background.",
    ),
]
Mask = Annotated[
    Path | None,
    typer.Option(
        "--mask", metavar="FILE", help="Your own matte, white on the subject: a still or a clip."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", metavar="", help="One JSON object on stdout.")]


@takes_light
def relight(
    ctx: typer.Context,
    clip: Clip,
    out_file: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="OUT", help="The take. Default: IN_relit beside the clip."
        ),
    ] = None,
    frames: Annotated[
        Any,
        typer.Option(
            "--range",
            parser=first_count,
            metavar="FIRST:COUNT",
            help="Only these frames; FIRST counts from 0.",
        ),
    ] = None,
    in_point: Annotated[
        str | None,
        typer.Option(
            "--in", parser=mark, metavar="TC", help="In point, in the clip's own time code."
        ),
    ] = None,
    out_point: Annotated[
        str | None,
        typer.Option("--out", parser=mark, metavar="TC", help="Out point; its frame is included."),
    ] = None,
    amount: Amount = 1.0,
    engine: EngineName = wire.DEFAULT_ENGINE,
    scope: ScopeName = ScopeChoice.both,
    mask: Mask = None,
    codec: Annotated[
        Codec | None,
        typer.Option(
            "--codec",
            parser=choice(Codec),
            metavar="NAME",
            help="h264, prores or ffv1. Default: what suits the clip and the name.",
        ),
    ] = None,
    timeline: Timeline = None,
    sheet: Annotated[
        Path | None,
        typer.Option("--sheet", metavar="OUT", help="Also a before/after picture (PNG)."),
    ] = None,
    save_light: SaveLight = None,
    no_audio: Annotated[
        bool, typer.Option("--no-audio", metavar="", help="Leave the sound out.")
    ] = False,
    host_take: Annotated[
        bool,
        typer.Option(
            "--host-take", metavar="", help="For an editor's timeline: easy to scrub, no sound."
        ),
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", metavar="", help="Only say what it would take.")
    ] = False,
    as_json: AsJson = False,
    *,
    spoken: LightOptions,
) -> None:
    """Relight a clip: same frames, same time code, full size. The clip itself is not touched."""
    if frames and (in_point or out_point):
        raise typer.BadParameter("Give a range or time codes, not both.", param_hint="--range")
    span = Span(frames, in_point, out_point)
    light = spoken.request()
    companions = Companions.checked(timeline, save_light)
    unmatched = rig.resolve(light).unmatched_words
    source = output.absolute(clip)
    with connect(ctx.obj) as client:
        facts = client.probe(source).facts
        wanted = Output(
            *output.named(out_file, codec, facts),
            audio=not (no_audio or host_take),  # an editor keeps the sound it has
            for_host=host_take,
            sheet=output.absolute(sheet) if sheet else None,
        )
        companions.check_apart(output=wanted.path, sheet=wanted.sheet)
        request = wire.request_to_wire(
            RelightRequest(
                clip=span.of(facts),
                light=light,
                output=wanted,
                engine=engine,
                options=Options(Prompts(relight=light.prompt), Scope(scope.value)),
                mask=output.absolute(mask) if mask else None,
                amount=amount,
            )
        )
        if plan:
            return _tell_plan(client, request, as_json)
        info = client.server_info()
        if words := report.unmatched(info, engine, unmatched):
            report.say(f"Note: {words}")
        job = finished(_render(client, request, companions))
    result = companions.written(job)
    if as_json:
        report.data(result.record())
    else:
        report.take(result, info, request)


def _render(client: Client, request: pb.RelightRequest, companions: Companions) -> pb.Job:
    """Submits and follows. Ctrl+C cancels the job before anything else happens."""
    key = uuid4().hex
    try:
        return show.follow(client, client.submit(request, key=key), companions)
    except (KeyboardInterrupt, OSError):  # OSError: the terminal we write to has gone
        # The interrupt may have come between the server's taking the job and our hearing of it;
        # the same key gives the same job.
        job = client.submit(request, key=key)
        client.cancel(job.id)
        raise stopped(show.ended(client, job)) from None


def _tell_plan(client: Client, request: pb.RelightRequest, as_json: bool) -> None:
    plan = client.plan(request)
    if as_json:
        report.data(plan_record(plan))
    else:
        report.plan(plan, client.server_info(), request)
