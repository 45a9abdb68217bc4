"""The types every part shares: clips, lights, requests and takes. Standard library only.

Frames are media frames (presented frames of the file, from 0) unless a name says otherwise.
Ranges are half-open. Rates are exact fractions. Angles are degrees, intensities stops.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

SOURCE_WHITE = 5600.0  # kelvin: a lamp of this colour leaves a clip's white where it is


@dataclass(frozen=True, slots=True)
class ClipRange:
    """Media frames [first, first + count) of a file."""

    path: Path
    first: int
    count: int
    rate: Fraction

    @property
    def end(self) -> int:
        return self.first + self.count


# --- light ------------------------------------------------------------------------------------


class Role(StrEnum):
    key = "key"
    fill = "fill"
    rim = "rim"
    kicker = "kicker"
    practical = "practical"


RGB = tuple[float, float, float]  # linear Rec.709, only the ratio matters


@dataclass(frozen=True, slots=True)
class Lamp:
    role: Role = Role.key
    azimuth: float = 0.0  # degrees: 0 from the camera, +90 screen right, -90 left, 180 behind
    elevation: float = 0.0  # degrees above the horizon, -90..90
    kelvin: float = SOURCE_WHITE  # 1000..20000
    tint: float = 0.0  # green (+) to magenta (-), Duv x 1000 across the Planckian locus
    color: RGB | None = None  # overrides kelvin and tint
    stops: float = 0.0  # 0: a grey card square to the lamp keeps its level at exposure 0
    size: float = 0.3  # 0 hard .. 1 overcast
    at: tuple[float, float] | None = None  # practical: x, y in the picture, 0..1 from the top left
    radius: float = 0.25  # practical: falloff, in picture heights


@dataclass(frozen=True, slots=True)
class Ambient:
    """Light from everywhere; `stops` None is none at all."""

    stops: float | None = None
    kelvin: float = SOURCE_WHITE
    tint: float = 0.0
    color: RGB | None = None


@dataclass(frozen=True, slots=True)
class Light:
    """A whole light. Lamps add up linearly; +1 stop on a lamp is one stop more of that lamp."""

    prompt: str = ""  # passed unchanged to engines that read words
    lamps: tuple[Lamp, ...] = ()  # up to three
    ambient: Ambient = Ambient()
    exposure: float | None = None  # EV over everything; None: solved once and written in here
    bias: float = 0.0  # EV added when the exposure is solved: a night stays dark
    haze: float = 0.0  # 0..1: veiling glow from the lamps' side, becomes the map's flare
    source_white: float = SOURCE_WHITE  # kelvin the clip was balanced for
    keys: tuple[Key, ...] = ()  # whole lights at media frames, interpolated number by number


@dataclass(frozen=True, slots=True)
class Key:
    media_frame: int
    light: Light  # has no keys of its own


@dataclass(frozen=True, slots=True)
class LampPatch:
    """Explicit numbers for the first lamp; None leaves what prompt or preset say."""

    azimuth: float | None = None
    elevation: float | None = None
    kelvin: float | None = None
    tint: float | None = None
    color: RGB | None = None
    stops: float | None = None
    size: float | None = None


@dataclass(frozen=True, slots=True)
class LightRequest:
    """How an editor says a light: words, a preset, a saved light, numbers (`light.rig.resolve`)."""

    prompt: str = ""
    preset: str = ""
    light: Light | None = None  # a whole light; prompt and preset then only travel along
    lamp: LampPatch = LampPatch()
    key_fill: float | None = None  # key:fill ratio, e.g. 4.0; the fill comes from the other side
    exposure: float | None = None
    haze: float | None = None


# --- request ----------------------------------------------------------------------------------


class Scope(StrEnum):
    both = "both"
    subject = "subject"
    background = "background"
    new_background = "new_background"


class Delivery(StrEnum):
    light = "light"  # the light map applied to the camera's picture
    picture = "picture"  # the engine's own frames


class Codec(StrEnum):
    h264 = "h264"
    prores = "prores"
    ffv1 = "ffv1"


@dataclass(frozen=True, slots=True)
class Prompts:
    """Words for engines that read them, unchanged."""

    relight: str = ""
    video: str = ""
    background: str = ""
    negative: str = ""


class Mode(StrEnum):
    fixed = "fixed"  # the reference's defects repaired (docs/defects.md)
    parity = "parity"  # number for number what the paper's code does


@dataclass(frozen=True, slots=True)
class Lora:
    """Small weights added to a model; a .safetensors file."""

    path: Path
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Diffusion:
    """Settings of the Light-A-Video engines; None is the engine's own default."""

    mode: Mode = Mode.fixed
    steps: int | None = None  # of the video model
    strength: float | None = None  # (0, 1]: how far from the source it starts
    guidance: float | None = None  # 1 or less: none
    gamma: float | None = None  # 0..1: how much light attention shares between frames
    relight_steps: int | None = None  # of the image relighter, at each relit step
    relight_strength: float | None = None
    relight_guidance: float | None = None
    image_loras: tuple[Lora, ...] = ()
    video_loras: tuple[Lora, ...] = ()
    light_image: Path | None = None  # the user's own picture of the light, instead of the lamps'
    background: bool = False  # condition the relighter on the light image too (IC-Light fbc)
    video_model: str = ""  # a larger sibling of the engine's own, by name (`lav models list`)
    models: Path | None = None  # a folder with models by name, instead of the usual cache


@dataclass(frozen=True, slots=True)
class Options:
    """What an engine gets beside the window and the light."""

    prompts: Prompts = Prompts()
    scope: Scope = Scope.both
    seed: int = 0
    diffusion: Diffusion = Diffusion()


@dataclass(frozen=True, slots=True)
class Output:
    """What to write. Files must not exist yet; nothing is ever replaced."""

    path: Path
    codec: Codec | None = None  # None: chosen from the file name and the source
    audio: bool = True  # copy the source's audio of the range
    for_host: bool = False  # intra or short GOP, so that an editor can scrub it
    sheet: Path | None = None  # before/after contact sheet, PNG


@dataclass(frozen=True, slots=True)
class ShotExposure:
    """What a shot, or its media frames [first, end), was shown at."""

    first: int
    end: int
    exposure: float  # EV


@dataclass(frozen=True, slots=True)
class RelightRequest:
    clip: ClipRange
    light: LightRequest
    output: Output
    engine: str = "draft"
    options: Options = Options()
    mask: Path | None = None  # still or clip, white on the subject
    mask_grow: float = 0.0  # picture heights by which its outline moves out; below 0: in
    delivery: Delivery = Delivery.light
    amount: float = 1.0  # 0..1, scales the map; outside the engine's cache key
    exposures: tuple[ShotExposure, ...] = ()  # of the take this one extends: its frames stay


# --- engines ----------------------------------------------------------------------------------


class Lane(StrEnum):
    cpu = "cpu"
    device = "device"


@dataclass(frozen=True, slots=True)
class EngineLimits:
    long_side: int  # working size, pixels
    multiple: int  # width and height are multiples of this
    frames: int  # core frames of a window: the media grid's step
    overlap: int  # frames cross-faded with the next window
    preroll: int  # frames read before the core, where the media has them
    lane: Lane
    scopes: tuple[Scope, ...] = (Scope.both,)
    deliveries: tuple[Delivery, ...] = (Delivery.light,)


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """One engine as everybody sees it; `factory` is "module:callable", loaded only to run it."""

    name: str
    title: str
    summary: str
    limits: EngineLimits
    factory: str
    version: str = "1"
    licence: str = "Apache-2.0"
    reads_words: bool = False  # also those that say nothing about light


# --- results ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a probe finds. `frames` counts presented frames."""

    path: Path
    frames: int
    rate: Fraction
    width: int
    height: int
    pixel_aspect: Fraction
    rotation: int  # degrees counter-clockwise, a multiple of 90
    codec: str
    pixel_format: str
    bit_depth: int
    color_primaries: str
    color_transfer: str
    color_matrix: str
    color_range: str
    is_variable_rate: bool
    is_interlaced: bool
    timecode: str  # of media frame 0; "" where the file has none
    reel: str
    has_audio: bool
    container: str
    notes: tuple[str, ...] = ()  # assumptions made, e.g. about missing colour tags
    has_alpha: bool = False

    @property
    def seconds(self) -> Fraction:
        return self.frames / self.rate


class Stage(StrEnum):
    planning = "planning"
    lighting = "lighting"
    delivering = "delivering"
    publishing = "publishing"


@dataclass(frozen=True, slots=True)
class Take:
    """One delivered result and all that is needed to place it and to make it again."""

    path: Path
    clip: ClipRange
    width: int
    height: int
    engine: str
    engine_version: str
    light: Light  # exposure filled in
    amount: float
    codec: Codec
    timecode: str  # of the take's first frame; "" where the source has none
    reel: str
    seconds: float  # wall time spent
    source_timecode: str = ""  # of media frame 0 of the source
    source_frames: int = 0  # in the whole source file
    sheet: Path | None = None
    map_folder: Path | None = None  # the store its light map lies in
    map_keys: tuple[str, ...] = ()  # the windows' names there, in order
    exposures: tuple[ShotExposure, ...] = ()  # of its shots, where it shows them
    warnings: tuple[str, ...] = ()
    unmatched_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a render will take, before it starts."""

    shots: tuple[tuple[int, int], ...]  # media frames [first, end)
    windows: int
    working_size: tuple[int, int]  # width, height
    disk_bytes: int
    memory_bytes: int
    seconds: float
    light: Light
    codec: Codec
    warnings: tuple[str, ...] = ()
    unmatched_words: tuple[str, ...] = ()
    device: str = ""  # what it runs on and how it fits there, in words; "" for a processor alone
