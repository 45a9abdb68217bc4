"""`lav relight`: a clip goes in, a relit take comes out, a timeline and a picture beside it."""

from __future__ import annotations

from uuid import uuid4

import typer

from lav_client import options, output, report, show
from lav_client.client import Client, connect
from lav_client.companions import Companions
from lav_client.diffusion import DiffusionOptions, takes_diffusion
from lav_client.lighting import LightOptions, takes_light
from lav_client.options import ScopeChoice
from lav_client.result import finished, plan_record, stopped
from lav_client.span import Span
from lav_engine import catalog
from lav_engine.light import rig
from lav_engine.spec import Output, RelightRequest, Scope
from lav_proto.v1 import relight_pb2 as pb
from lav_server import wire


@takes_diffusion
@takes_light
def relight(
    ctx: typer.Context,
    clip: options.Clip,
    out_file: options.TakePath = None,
    frames: options.Frames = None,
    in_point: options.InPoint = None,
    out_point: options.OutPoint = None,
    amount: options.Amount = 1.0,
    engine: options.EngineName = wire.DEFAULT_ENGINE,
    scope: options.ScopeName = ScopeChoice.both,
    mask: options.Mask = None,
    codec: options.CodecName = None,
    timeline: options.Timeline = None,
    sheet: options.Sheet = None,
    save_light: options.SaveLight = None,
    no_audio: options.NoAudio = False,
    host_take: options.HostTake = False,
    plan: options.PlanOnly = False,
    as_json: options.AsJson = False,
    *,
    spoken: LightOptions,
    generated: DiffusionOptions,
) -> None:
    """Relight a clip: same frames, same time code, full size. The clip itself is not touched."""
    span = Span.given(frames, in_point, out_point)
    light = spoken.request()
    companions = Companions.checked(timeline, save_light)
    known = catalog.engines().get(engine)  # another server's may not be
    needs_lamps = known is not None and not known.reads_words
    unmatched = rig.resolve(light, needs_lamps=needs_lamps).unmatched_words
    source = output.absolute(clip)
    with connect(ctx.obj) as client:
        facts = client.probe(source).facts
        wanted = Output(
            *output.named(out_file, codec, facts, client.promised()),
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
                options=generated.options(light.prompt, Scope[scope.name]),
                mask=output.absolute(mask) if mask else None,
                delivery=generated.delivered(Scope[scope.name]),
                amount=amount,
            )
        )
        if plan:
            return _tell_plan(client, request, as_json)
        info = client.server_info()
        if words := report.unmatched(info, engine, unmatched):
            report.say(f"Note: {words}")
        job = finished(rendered(client, request, companions))
    result = companions.written(job)
    if as_json:
        report.data(result.record())
    else:
        report.take(result, info, request)


def rendered(
    client: Client, request: pb.RelightRequest, companions: Companions, parent: str = ""
) -> pb.Job:
    """Submits and follows. Ctrl+C cancels the job before anything else happens."""
    key = uuid4().hex
    try:
        job = client.submit(request, key=key, parent=parent)
        return show.follow(client, job, companions)
    except (KeyboardInterrupt, OSError):  # OSError: the terminal we write to has gone
        # The interrupt may have come between the server's taking the job and our hearing of it;
        # the same key gives the same job.
        job = client.submit(request, key=key, parent=parent)
        client.cancel(job.id)
        raise stopped(show.ended(client, job)) from None


def _tell_plan(client: Client, request: pb.RelightRequest, as_json: bool) -> None:
    plan = client.plan(request)
    if as_json:
        report.data(plan_record(plan))
    else:
        report.plan(plan, client.server_info(), request)
