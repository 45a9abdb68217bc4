"""`lav jobs extend`: another range of a take's clip in the same light."""

from __future__ import annotations

from pathlib import Path

import typer

from lav_client import output, report
from lav_client.client import Client, connect
from lav_client.companions import Companions
from lav_client.options import (
    AsJson,
    Frames,
    InPoint,
    JobId,
    OutPoint,
    SaveLight,
    TakePath,
    Timeline,
)
from lav_client.relight import rendered
from lav_client.result import finished
from lav_client.span import Span
from lav_engine.errors import LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_server import wire


def extend(
    ctx: typer.Context,
    job_id: JobId,
    out_file: TakePath = None,
    frames: Frames = None,
    in_point: InPoint = None,
    out_point: OutPoint = None,
    timeline: Timeline = None,
    save_light: SaveLight = None,
    as_json: AsJson = False,
) -> None:
    """Render more of a take's clip in the same light; only what is missing is lit.

    Frames of the take stay as they are. Without a range all of the clip is rendered.
    """
    span = Span.given(frames, in_point, out_point)
    companions = Companions.checked(timeline, save_light)
    with connect(ctx.obj, start=False) as client:
        request = _extended(client, client.job(job_id), span, out_file)
        companions.check_apart(output=Path(request.output.path))
        info = client.server_info()
        job = finished(rendered(client, request, companions, parent=job_id))
    result = companions.written(job)
    if as_json:
        report.data(result.record())
    else:
        report.take(result, info, request)


def _extended(
    client: Client, earlier: pb.Job, span: Span, out_file: Path | None
) -> pb.RelightRequest:
    """The request of the earlier take for another range and file. Raises LavError without one."""
    if earlier.state != pb.JOB_STATE_DONE:
        raise LavError(
            f"Job {earlier.id} has no take that could be extended.",
            "Only renders that are done have one; `lav jobs list` shows them.",
        )
    facts = client.probe(Path(earlier.request.clip.path)).facts
    kept = wire.codec_from_wire(earlier.take.codec)
    if out_file and out_file.suffix.lower() != Path(earlier.take.path).suffix.lower():
        kept = None  # another kind of file: the server picks what suits it
    path, codec = output.named(out_file, kept, facts, client.promised())
    request = pb.RelightRequest()
    request.CopyFrom(earlier.request)
    request.clip.CopyFrom(wire.clip_to_wire(span.of(facts)))
    request.output.path, request.output.sheet = str(path), ""
    request.output.codec = wire.codec_to_wire(codec)  # pyright: ignore[reportAttributeAccessIssue]
    request.ClearField("exposures")  # the take's own are the newer ones
    return request
