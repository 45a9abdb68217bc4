"""Where a model lies on this computer. Nothing is downloaded here, ever."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

from lav_engine.engines.diffusion import files
from lav_engine.engines.diffusion.models import GB, IGNORED, Model
from lav_engine.errors import Code, LavError


def folder(model: Model, models: Path | None = None) -> Path:
    """The model's folder: `models`/NAME if the user keeps models there, else the shared cache.

    Raises LavError(MODEL_MISSING) with size, licence and the command that fetches it.
    """
    found = _inside(model, models) if models else cached(model)
    if found is None:
        raise missing(model, models)
    return found


def identity(model: Model, models: Path | None = None) -> str:
    """Says which files would be loaded, without reading them: another answer, other weights.

    Raises LavError like `folder`.
    """
    found = folder(model, models)
    if found.parent.name == "snapshots":  # the shared cache's, named by commit
        return f"{model.name} {found.name}"
    names = (path.relative_to(found).as_posix() for path in found.rglob("*"))
    used = sorted(name for name in names if any(fnmatch(name, one) for one in model.files))
    return f"{model.name} {[(name, *files.stamp(found / name)) for name in used]}"


def installed(model: Model, models: Path | None = None) -> Path | None:
    """Like `folder`, with None for a model that is not there."""
    return _inside(model, models) if models else cached(model)


def cached(model: Model) -> Path | None:
    """In Hugging Face's own cache (HF_HOME), without asking the network."""
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError
    except ModuleNotFoundError:  # an optional package: what would read the models is not here
        return None
    try:
        found = snapshot_download(
            model.repo,
            revision=model.revision,
            allow_patterns=list(model.files),  # without these it would miss what we never fetch
            ignore_patterns=list(IGNORED),
            local_files_only=True,
        )
    except LocalEntryNotFoundError:
        return None
    return _whole(model, Path(found))


def missing(model: Model, models: Path | None = None) -> LavError:
    where = f" in {models / model.name}" if models else ""
    return LavError(
        f"{model.title} is needed and is not here{where}.",
        f"Fetch it with `lav models pull {model.name}`: about {model.size / GB:.1f} GB, "
        f"licence {model.licence.name} ({model.licence.url}).",
        Code.model_missing,
    )


def _inside(model: Model, models: Path) -> Path | None:
    return _whole(model, models / model.name)


def _whole(model: Model, found: Path) -> Path | None:
    """None if nothing of a part is there; what is in it, `weights` checks."""
    if model.file:
        return found if (found / model.file).exists() else None
    held = all(_has_files(found / part.folder) for part in model.parts)
    return found if held else None


def _has_files(part: Path) -> bool:
    if not part.is_dir():
        return False
    suffixes = ("*.safetensors", "*.bin", "*.ckpt")
    return any(fnmatch(file.name, suffix) for file in part.iterdir() for suffix in suffixes)
