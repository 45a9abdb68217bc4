"""What engines, looks and codecs exist, and their limits. Standard library only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from lav_engine.errors import Code, LavError
from lav_engine.light.looks import LOOKS, Look
from lav_engine.spec import Codec, EngineSpec

ENGINE_GROUP = "lav.engines"


@dataclass(frozen=True, slots=True)
class CodecSpec:
    name: Codec
    title: str
    suffixes: tuple[str, ...]  # containers it goes into, the usual one first


CODECS = {
    Codec.h264: CodecSpec(Codec.h264, "H.264, 8 bit 4:2:0", (".mp4", ".mov", ".mkv")),
    Codec.prores: CodecSpec(Codec.prores, "ProRes 422 HQ, 10 bit", (".mov",)),
    Codec.ffv1: CodecSpec(Codec.ffv1, "FFV1, lossless, the source's depth", (".mkv",)),
}


def engines() -> dict[str, EngineSpec]:
    """Every installed engine by name; loading a spec imports no model code."""
    return {point.name: point.load() for point in entry_points(group=ENGINE_GROUP)}


def engine(name: str) -> EngineSpec:
    """Raises LavError(UNKNOWN_ENGINE) with the names there are."""
    known = engines()
    if name not in known:
        names = ", ".join(sorted(known))
        raise LavError(
            f"There is no engine called {name!r}.", f"Choose one of: {names}.", Code.unknown_engine
        )
    return known[name]


def looks() -> tuple[Look, ...]:
    """Every light preset, in the order they are shown."""
    return tuple(LOOKS.values())


def load_engine(spec: EngineSpec) -> Any:
    """The engine itself, made by the spec's factory; this is where its libraries are imported."""
    module, _, attribute = spec.factory.partition(":")
    factory: Callable[[], Any] = getattr(import_module(module), attribute)
    return factory()
