"""`lav preview`: one frame of a clip, relit, as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lav_client import output, report
from lav_client.client import connect
from lav_client.lighting import LightOptions, takes_light
from lav_client.options import Amount, AsJson, Clip, EngineName, Mask, ScopeChoice, ScopeName
from lav_client.result import light_record
from lav_client.values import whole
from lav_engine.spec import Scope
from lav_proto.v1 import relight_pb2 as pb
from lav_server import wire

FORMATS = {
    ".png": pb.IMAGE_FORMAT_PNG,
    ".jpg": pb.IMAGE_FORMAT_JPEG,
    ".jpeg": pb.IMAGE_FORMAT_JPEG,
}


@takes_light
def preview(
    ctx: typer.Context,
    clip: Clip,
    at: Annotated[
        int,
        typer.Option(
            "--at",
            parser=whole(0, wire.FRAMES, "a frame number; frames count from 0"),
            metavar="FRAME",
            help="Which frame, from 0.",
        ),
    ],
    out_file: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="OUT", help="The picture: .png, .jpg or .jpeg."),
    ],
    amount: Amount = 1.0,
    engine: EngineName = wire.DEFAULT_ENGINE,
    scope: ScopeName = ScopeChoice.both,
    mask: Mask = None,
    as_json: AsJson = False,
    *,
    spoken: LightOptions,
) -> None:
    """Relight one frame at preview size and write it as a picture. Nothing else is made."""
    light = spoken.request()
    image_format = _format(out_file)
    out_file = output.check_new(out_file)
    request = pb.PreviewRequest(
        path=wire.path_to_wire(output.absolute(clip)),
        media_frame=at,
        light=wire.light_request_to_wire(light),
        engine=engine,
        prompts=pb.Prompts(relight=light.prompt),
        format=image_format,
        amount=amount,
        scope=wire.enum_to_wire(Scope[scope.name]),
        mask=wire.path_to_wire(output.absolute(mask) if mask else None),
    )
    with connect(ctx.obj) as client:
        answer = client.preview(request)
        info = client.server_info()
    output.write_new(out_file, answer.image.data)
    if as_json:
        return report.data(_record(out_file, answer))
    report.table(
        [
            ("Exposure", report.exposure(answer.light, light.exposure is not None)),
            ("Words", report.unmatched(info, engine, answer.unmatched_words)),
        ],
        to_stderr=True,
    )
    typer.echo(out_file)


def _format(path: Path) -> pb.ImageFormat:
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        raise typer.BadParameter(
            f"{path.name} is no name for a picture. End it in {', '.join(FORMATS)}.",
            param_hint="--output",
        )
    return found


def _record(path: Path, answer: pb.PreviewResponse) -> dict[str, object]:
    return {
        "output": str(path),
        "width": answer.image.width,
        "height": answer.image.height,
        "exposure": answer.light.exposure,
        "seconds": round(answer.seconds, 3),
        "unmatched_words": list(answer.unmatched_words),
        "light": light_record(answer.light),
    }
