"""`lav cache`: the light that the server keeps, so that nothing is lit twice."""

from __future__ import annotations

import time
from pathlib import PurePath

import typer

from lav_client import report
from lav_client.client import connect
from lav_client.options import AsJson
from lav_proto.v1 import relight_pb2 as pb

app = typer.Typer(no_args_is_help=True, help="List or remove the light that is kept.")


@app.command("ls")
def list_cache(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show which clips' light is kept, the most recently used first."""
    with connect(ctx.obj, start=False) as client:
        cache = client.cache()
    if as_json:
        return report.data(_record(cache))
    report.say(
        f"{_size(cache.bytes)} of {_size(cache.limit_bytes)} are used in {cache.folder}."
        if cache.clips
        else f"No light is kept in {cache.folder} yet."
    )
    report.table([_row(clip) for clip in cache.clips])


@app.command()
def clear(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Remove it all but what open renders need. Rendering such a clip again lights it again."""
    with connect(ctx.obj, start=False) as client:
        done = client.clear_cache()
    if as_json:
        return report.data(
            {"sections": done.windows, "bytes": done.bytes, "kept_bytes": done.kept_bytes}
        )
    kept = f" {_size(done.kept_bytes)} of open renders stay." if done.kept_bytes else ""
    report.say(f"{_size(done.bytes)} were freed.{kept}")


def _row(clip: pb.CachedClip) -> tuple[str, ...]:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(clip.used))
    sections = "1 section" if clip.windows == 1 else f"{clip.windows} sections"
    name = PurePath(clip.path).name or "of forgotten renders"
    return name, clip.engine or "-", sections, when, _size(clip.bytes)


def _record(cache: pb.Cache) -> dict[str, object]:
    return {
        "folder": cache.folder,
        "bytes": cache.bytes,
        "limit_bytes": cache.limit_bytes,
        "clips": [
            {
                "clip": clip.path or None,
                "engine": clip.engine or None,
                "sections": clip.windows,
                "bytes": clip.bytes,
                "used": clip.used,
                "is_open": clip.is_open,
            }
            for clip in cache.clips
        ],
    }


def _size(count: int) -> str:
    if count >= 10**9:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e6:.1f} MB" if count >= 10**5 else f"{count / 1e3:.1f} kB"
