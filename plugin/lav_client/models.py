"""`lav models`: which models the engines need, which are here, and how to get the others."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Any

import typer

from lav_client import report
from lav_client.options import AsJson
from lav_engine.engines.diffusion import folders, weights
from lav_engine.engines.diffusion.models import GB, IGNORED, MODELS, Model, find, needed, siblings
from lav_engine.errors import Code, LavError

OFFLINE = "HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set: unset it and try again."

app = typer.Typer(no_args_is_help=True, help="List, fetch and check the models of the engines.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="As `lav models list` shows it.")]
Names = Annotated[
    list[str],
    typer.Argument(metavar="NAME...", help="Models, or an engine for all that it needs."),
]
Checked = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME...]", help="Default: all that are here.", show_default=False),
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--models",
        metavar="DIR",
        help="A folder with models by name. Default: Hugging Face's cache (HF_HOME).",
        show_default=False,
    ),
]


@app.command("list")
def list_models(models: Folder = None, as_json: AsJson = False) -> None:
    """Show every model: whether it is here, its size, its licence, and who needs it."""
    records = [_record(model, models) for model in MODELS.values()]
    if as_json:
        return report.data(records)
    heading = "Model", "Here", "Size", "Graphics memory", "Licence", "Engine", "What it is"
    report.table([heading, *map(_row, records)])


@app.command()
def pull(names: Names, models: Folder = None) -> None:
    """Download models; what is here already is not downloaded again."""
    for model in _chosen(names):
        report.say(f"{model.title}, licence {model.licence.name} ({model.licence.url})")
        typer.echo(_fetched(model, models))


@app.command()
def verify(names: Checked = None, models: Folder = None) -> None:
    """Check that weights are whole and safe to load, without loading them."""
    here = [model.name for model in MODELS.values() if folders.installed(model, models)]
    if not (names or here):
        return report.say("There are no models here yet.")
    for model in _chosen(names or here):
        weights.check_model(model, folders.folder(model, models))
        typer.echo(f"ok  {model.name}")


@app.command()
def path(name: Name, models: Folder = None) -> None:
    """Print the folder a model is in."""
    typer.echo(folders.folder(find(name), models))


def _chosen(names: list[str]) -> list[Model]:
    """Each once, in the order they were named."""
    chosen: dict[str, Model] = {}
    for name in names:
        found = needed(name) if siblings(name) else (find(name),)
        chosen |= {model.name: model for model in found}
    return list(chosen.values())


def _record(model: Model, models: Path | None) -> dict[str, Any]:
    here = folders.installed(model, models)
    return {
        "name": model.name,
        "title": model.title,
        "path": str(here) if here else None,
        "whole": bool(here) and _is_whole(model, here),
        "bytes": model.size,  # an estimate
        "vram_bytes": model.vram or None,  # likewise
        "licence": {"name": model.licence.name, "url": model.licence.url},
        "engine": model.engine or None,  # all of them
        "optional": model.is_optional,
        "repo": model.repo,
        "revision": model.revision,
    }


def _is_whole(model: Model, folder: Path) -> bool:
    try:
        weights.check_model(model, folder)
    except LavError:
        return False
    return True


def _row(record: dict[str, Any]) -> tuple[str, ...]:
    vram = record["vram_bytes"]
    return (
        record["name"],
        "yes" if record["whole"] else "broken" if record["path"] else "no",
        f"{record['bytes'] / GB:.1f} GB",
        f"about {vram / GB:.0f} GB" if vram else "",
        record["licence"]["name"],
        (record["engine"] or "all") + (", optional" if record["optional"] else ""),
        record["title"],
    )


def _fetched(model: Model, models: Path | None) -> Path:
    """Its folder, with everything in it, checked; raises LavError."""
    try:
        from huggingface_hub import constants, snapshot_download
        from huggingface_hub.errors import HTTPError
    except ModuleNotFoundError as error:
        raise LavError(
            "Models are fetched with packages that are not installed.",
            "Install them: pip install 'lav-bridge[diffusion]'.",
            Code.unsupported,
        ) from error
    folder = models.absolute() / model.name if models else None
    if folders.installed(model, models) is None:
        _check_room(model, folder or Path(constants.HF_HUB_CACHE))
    try:
        found = snapshot_download(
            model.repo,
            revision=model.revision,
            allow_patterns=list(model.files),
            ignore_patterns=list(IGNORED),
            local_dir=folder,
        )
    except (HTTPError, OSError, RuntimeError) as error:  # the last is what a broken transfer is
        raise _unreachable(model, error, offline=constants.HF_HUB_OFFLINE) from error
    weights.check_model(model, Path(found))
    return Path(found)


def _check_room(model: Model, folder: Path) -> None:
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free
    if free < model.size:
        raise LavError(
            f"{model.title} takes about {model.size / GB:.1f} GB, {free / GB:.1f} GB are free "
            f"in {existing}.",
            "Make room, or choose another folder with --models.",
            Code.disk_short,
        )


def _unreachable(model: Model, error: Exception, *, offline: bool) -> LavError:
    lines = str(error).strip().splitlines() or ["no answer"]
    reason = lines[0].removeprefix("Got: ").rstrip(".")
    return LavError(
        f"{model.title} could not be fetched from {model.repo}: {reason}.",
        OFFLINE if offline else "Check the network and try again; what has arrived is kept.",
        Code.model_missing,
    )
