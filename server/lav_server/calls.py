"""What clients ask beside a render, and what they get back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lav_engine.catalog import CodecSpec
from lav_engine.spec import EngineSpec, Light, LightRequest, MediaFacts, Options


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded image."""

    data: bytes
    mime_type: str  # image/jpeg or image/png
    width: int  # pixels
    height: int


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    path: Path
    poster_frame: int = 0  # media frame
    poster_width: int = 0  # 0: no poster


@dataclass(frozen=True, slots=True)
class Probed:
    facts: MediaFacts
    poster: Picture | None = None


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """One frame, relit."""

    path: Path
    media_frame: int
    light: LightRequest
    engine: str = "draft"
    width: int = 960
    is_png: bool = False  # else JPEG
    amount: float = 1.0  # 0..1
    options: Options = Options()
    mask: Path | None = None


@dataclass(frozen=True, slots=True)
class Previewed:
    picture: Picture
    light: Light  # as resolved, exposure filled in
    unmatched_words: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Preset:
    name: str
    title: str
    group: str
    summary: str
    light: Light


@dataclass(frozen=True, slots=True)
class ServerInfo:
    protocol: int
    version: str
    server_id: str  # new on every start
    engines: tuple[EngineSpec, ...]  # without factories
    presets: tuple[Preset, ...]
    codecs: tuple[CodecSpec, ...]
    device: str  # in words
