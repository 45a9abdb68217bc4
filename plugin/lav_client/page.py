"""`lav page`: the local page in the user's own browser."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from lav_client import options, output, report
from lav_client.client import connect
from lav_client.remote import Remote
from lav_engine.errors import Code, LavError


def page(
    ctx: typer.Context,
    clip: Annotated[Path | None, typer.Argument(help="To begin with.", show_default=False)] = None,
    show: Annotated[
        bool, typer.Option("--open/--no-open", help="Open it, or only print its address.")
    ] = True,
    as_json: options.AsJson = False,
) -> None:
    """Choose the light by looking, compare takes and watch the queue, in your browser."""
    if isinstance(ctx.obj, Remote):
        raise LavError(
            "The page is shown only on the machine that its server runs on.",
            "Run `lav page` there.",
            Code.unsupported,
        )
    with connect(ctx.obj) as client:
        url = client.open_page(output.absolute(clip) if clip else None)
    if as_json:
        report.data({"url": url})
    elif not (show and webbrowser.open(url)):
        typer.echo(url)
        report.say("Open this address in a browser on this computer; it works once, for 2 minutes.")
