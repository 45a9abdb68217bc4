from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ImageFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IMAGE_FORMAT_UNSPECIFIED: _ClassVar[ImageFormat]
    IMAGE_FORMAT_JPEG: _ClassVar[ImageFormat]
    IMAGE_FORMAT_PNG: _ClassVar[ImageFormat]

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_KEY: _ClassVar[Role]
    ROLE_FILL: _ClassVar[Role]
    ROLE_RIM: _ClassVar[Role]
    ROLE_KICKER: _ClassVar[Role]
    ROLE_PRACTICAL: _ClassVar[Role]

class Scope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCOPE_UNSPECIFIED: _ClassVar[Scope]
    SCOPE_BOTH: _ClassVar[Scope]
    SCOPE_SUBJECT: _ClassVar[Scope]
    SCOPE_BACKGROUND: _ClassVar[Scope]
    SCOPE_NEW_BACKGROUND: _ClassVar[Scope]

class Delivery(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DELIVERY_UNSPECIFIED: _ClassVar[Delivery]
    DELIVERY_LIGHT: _ClassVar[Delivery]
    DELIVERY_PICTURE: _ClassVar[Delivery]

class Mode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MODE_UNSPECIFIED: _ClassVar[Mode]
    MODE_FIXED: _ClassVar[Mode]
    MODE_PARITY: _ClassVar[Mode]

class Codec(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CODEC_UNSPECIFIED: _ClassVar[Codec]
    CODEC_H264: _ClassVar[Codec]
    CODEC_PRORES: _ClassVar[Codec]
    CODEC_FFV1: _ClassVar[Codec]

class JobState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JOB_STATE_UNSPECIFIED: _ClassVar[JobState]
    JOB_STATE_QUEUED: _ClassVar[JobState]
    JOB_STATE_RUNNING: _ClassVar[JobState]
    JOB_STATE_PUBLISHING: _ClassVar[JobState]
    JOB_STATE_DONE: _ClassVar[JobState]
    JOB_STATE_CANCELLING: _ClassVar[JobState]
    JOB_STATE_CANCELLED: _ClassVar[JobState]
    JOB_STATE_FAILED: _ClassVar[JobState]

class Stage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STAGE_UNSPECIFIED: _ClassVar[Stage]
    STAGE_PLANNING: _ClassVar[Stage]
    STAGE_LIGHTING: _ClassVar[Stage]
    STAGE_DELIVERING: _ClassVar[Stage]
    STAGE_PUBLISHING: _ClassVar[Stage]

class Place(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PLACE_UNSPECIFIED: _ClassVar[Place]
    PLACE_TAKE: _ClassVar[Place]
    PLACE_ABOVE: _ClassVar[Place]

class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERDICT_UNSPECIFIED: _ClassVar[Verdict]
    VERDICT_TAKEN: _ClassVar[Verdict]
    VERDICT_DISCARDED: _ClassVar[Verdict]
IMAGE_FORMAT_UNSPECIFIED: ImageFormat
IMAGE_FORMAT_JPEG: ImageFormat
IMAGE_FORMAT_PNG: ImageFormat
ROLE_UNSPECIFIED: Role
ROLE_KEY: Role
ROLE_FILL: Role
ROLE_RIM: Role
ROLE_KICKER: Role
ROLE_PRACTICAL: Role
SCOPE_UNSPECIFIED: Scope
SCOPE_BOTH: Scope
SCOPE_SUBJECT: Scope
SCOPE_BACKGROUND: Scope
SCOPE_NEW_BACKGROUND: Scope
DELIVERY_UNSPECIFIED: Delivery
DELIVERY_LIGHT: Delivery
DELIVERY_PICTURE: Delivery
MODE_UNSPECIFIED: Mode
MODE_FIXED: Mode
MODE_PARITY: Mode
CODEC_UNSPECIFIED: Codec
CODEC_H264: Codec
CODEC_PRORES: Codec
CODEC_FFV1: Codec
JOB_STATE_UNSPECIFIED: JobState
JOB_STATE_QUEUED: JobState
JOB_STATE_RUNNING: JobState
JOB_STATE_PUBLISHING: JobState
JOB_STATE_DONE: JobState
JOB_STATE_CANCELLING: JobState
JOB_STATE_CANCELLED: JobState
JOB_STATE_FAILED: JobState
STAGE_UNSPECIFIED: Stage
STAGE_PLANNING: Stage
STAGE_LIGHTING: Stage
STAGE_DELIVERING: Stage
STAGE_PUBLISHING: Stage
PLACE_UNSPECIFIED: Place
PLACE_TAKE: Place
PLACE_ABOVE: Place
VERDICT_UNSPECIFIED: Verdict
VERDICT_TAKEN: Verdict
VERDICT_DISCARDED: Verdict

class Rational(_message.Message):
    __slots__ = ("numerator", "denominator")
    NUMERATOR_FIELD_NUMBER: _ClassVar[int]
    DENOMINATOR_FIELD_NUMBER: _ClassVar[int]
    numerator: int
    denominator: int
    def __init__(self, numerator: _Optional[int] = ..., denominator: _Optional[int] = ...) -> None: ...

class ClipRange(_message.Message):
    __slots__ = ("path", "first", "count", "rate")
    PATH_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    path: str
    first: int
    count: int
    rate: Rational
    def __init__(self, path: _Optional[str] = ..., first: _Optional[int] = ..., count: _Optional[int] = ..., rate: _Optional[_Union[Rational, _Mapping]] = ...) -> None: ...

class MediaFacts(_message.Message):
    __slots__ = ("path", "frames", "rate", "width", "height", "pixel_aspect", "rotation", "codec", "pixel_format", "bit_depth", "color_primaries", "color_transfer", "color_matrix", "color_range", "is_variable_rate", "is_interlaced", "timecode", "reel", "has_audio", "container", "notes", "has_alpha")
    PATH_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    PIXEL_ASPECT_FIELD_NUMBER: _ClassVar[int]
    ROTATION_FIELD_NUMBER: _ClassVar[int]
    CODEC_FIELD_NUMBER: _ClassVar[int]
    PIXEL_FORMAT_FIELD_NUMBER: _ClassVar[int]
    BIT_DEPTH_FIELD_NUMBER: _ClassVar[int]
    COLOR_PRIMARIES_FIELD_NUMBER: _ClassVar[int]
    COLOR_TRANSFER_FIELD_NUMBER: _ClassVar[int]
    COLOR_MATRIX_FIELD_NUMBER: _ClassVar[int]
    COLOR_RANGE_FIELD_NUMBER: _ClassVar[int]
    IS_VARIABLE_RATE_FIELD_NUMBER: _ClassVar[int]
    IS_INTERLACED_FIELD_NUMBER: _ClassVar[int]
    TIMECODE_FIELD_NUMBER: _ClassVar[int]
    REEL_FIELD_NUMBER: _ClassVar[int]
    HAS_AUDIO_FIELD_NUMBER: _ClassVar[int]
    CONTAINER_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    HAS_ALPHA_FIELD_NUMBER: _ClassVar[int]
    path: str
    frames: int
    rate: Rational
    width: int
    height: int
    pixel_aspect: Rational
    rotation: int
    codec: str
    pixel_format: str
    bit_depth: int
    color_primaries: str
    color_transfer: str
    color_matrix: str
    color_range: str
    is_variable_rate: bool
    is_interlaced: bool
    timecode: str
    reel: str
    has_audio: bool
    container: str
    notes: _containers.RepeatedScalarFieldContainer[str]
    has_alpha: bool
    def __init__(self, path: _Optional[str] = ..., frames: _Optional[int] = ..., rate: _Optional[_Union[Rational, _Mapping]] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., pixel_aspect: _Optional[_Union[Rational, _Mapping]] = ..., rotation: _Optional[int] = ..., codec: _Optional[str] = ..., pixel_format: _Optional[str] = ..., bit_depth: _Optional[int] = ..., color_primaries: _Optional[str] = ..., color_transfer: _Optional[str] = ..., color_matrix: _Optional[str] = ..., color_range: _Optional[str] = ..., is_variable_rate: bool = ..., is_interlaced: bool = ..., timecode: _Optional[str] = ..., reel: _Optional[str] = ..., has_audio: bool = ..., container: _Optional[str] = ..., notes: _Optional[_Iterable[str]] = ..., has_alpha: bool = ...) -> None: ...

class Image(_message.Message):
    __slots__ = ("data", "mime_type", "width", "height")
    DATA_FIELD_NUMBER: _ClassVar[int]
    MIME_TYPE_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    mime_type: str
    width: int
    height: int
    def __init__(self, data: _Optional[bytes] = ..., mime_type: _Optional[str] = ..., width: _Optional[int] = ..., height: _Optional[int] = ...) -> None: ...

class ProbeRequest(_message.Message):
    __slots__ = ("path", "poster_frame", "poster_width")
    PATH_FIELD_NUMBER: _ClassVar[int]
    POSTER_FRAME_FIELD_NUMBER: _ClassVar[int]
    POSTER_WIDTH_FIELD_NUMBER: _ClassVar[int]
    path: str
    poster_frame: int
    poster_width: int
    def __init__(self, path: _Optional[str] = ..., poster_frame: _Optional[int] = ..., poster_width: _Optional[int] = ...) -> None: ...

class ProbeResponse(_message.Message):
    __slots__ = ("facts", "poster")
    FACTS_FIELD_NUMBER: _ClassVar[int]
    POSTER_FIELD_NUMBER: _ClassVar[int]
    facts: MediaFacts
    poster: Image
    def __init__(self, facts: _Optional[_Union[MediaFacts, _Mapping]] = ..., poster: _Optional[_Union[Image, _Mapping]] = ...) -> None: ...

class Color(_message.Message):
    __slots__ = ("red", "green", "blue")
    RED_FIELD_NUMBER: _ClassVar[int]
    GREEN_FIELD_NUMBER: _ClassVar[int]
    BLUE_FIELD_NUMBER: _ClassVar[int]
    red: float
    green: float
    blue: float
    def __init__(self, red: _Optional[float] = ..., green: _Optional[float] = ..., blue: _Optional[float] = ...) -> None: ...

class Lamp(_message.Message):
    __slots__ = ("role", "azimuth", "elevation", "kelvin", "tint", "color", "stops", "size", "at", "radius")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    AZIMUTH_FIELD_NUMBER: _ClassVar[int]
    ELEVATION_FIELD_NUMBER: _ClassVar[int]
    KELVIN_FIELD_NUMBER: _ClassVar[int]
    TINT_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    STOPS_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    RADIUS_FIELD_NUMBER: _ClassVar[int]
    role: Role
    azimuth: float
    elevation: float
    kelvin: float
    tint: float
    color: Color
    stops: float
    size: float
    at: Point
    radius: float
    def __init__(self, role: _Optional[_Union[Role, str]] = ..., azimuth: _Optional[float] = ..., elevation: _Optional[float] = ..., kelvin: _Optional[float] = ..., tint: _Optional[float] = ..., color: _Optional[_Union[Color, _Mapping]] = ..., stops: _Optional[float] = ..., size: _Optional[float] = ..., at: _Optional[_Union[Point, _Mapping]] = ..., radius: _Optional[float] = ...) -> None: ...

class Point(_message.Message):
    __slots__ = ("x", "y")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ...) -> None: ...

class Ambient(_message.Message):
    __slots__ = ("stops", "kelvin", "tint", "color")
    STOPS_FIELD_NUMBER: _ClassVar[int]
    KELVIN_FIELD_NUMBER: _ClassVar[int]
    TINT_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    stops: float
    kelvin: float
    tint: float
    color: Color
    def __init__(self, stops: _Optional[float] = ..., kelvin: _Optional[float] = ..., tint: _Optional[float] = ..., color: _Optional[_Union[Color, _Mapping]] = ...) -> None: ...

class Light(_message.Message):
    __slots__ = ("prompt", "lamps", "ambient", "exposure", "haze", "source_white", "keys", "bias")
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    LAMPS_FIELD_NUMBER: _ClassVar[int]
    AMBIENT_FIELD_NUMBER: _ClassVar[int]
    EXPOSURE_FIELD_NUMBER: _ClassVar[int]
    HAZE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_WHITE_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    BIAS_FIELD_NUMBER: _ClassVar[int]
    prompt: str
    lamps: _containers.RepeatedCompositeFieldContainer[Lamp]
    ambient: Ambient
    exposure: float
    haze: float
    source_white: float
    keys: _containers.RepeatedCompositeFieldContainer[LightKey]
    bias: float
    def __init__(self, prompt: _Optional[str] = ..., lamps: _Optional[_Iterable[_Union[Lamp, _Mapping]]] = ..., ambient: _Optional[_Union[Ambient, _Mapping]] = ..., exposure: _Optional[float] = ..., haze: _Optional[float] = ..., source_white: _Optional[float] = ..., keys: _Optional[_Iterable[_Union[LightKey, _Mapping]]] = ..., bias: _Optional[float] = ...) -> None: ...

class LightKey(_message.Message):
    __slots__ = ("media_frame", "light")
    MEDIA_FRAME_FIELD_NUMBER: _ClassVar[int]
    LIGHT_FIELD_NUMBER: _ClassVar[int]
    media_frame: int
    light: Light
    def __init__(self, media_frame: _Optional[int] = ..., light: _Optional[_Union[Light, _Mapping]] = ...) -> None: ...

class LightRequest(_message.Message):
    __slots__ = ("prompt", "preset", "light", "lamp", "key_fill", "exposure", "haze")
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    PRESET_FIELD_NUMBER: _ClassVar[int]
    LIGHT_FIELD_NUMBER: _ClassVar[int]
    LAMP_FIELD_NUMBER: _ClassVar[int]
    KEY_FILL_FIELD_NUMBER: _ClassVar[int]
    EXPOSURE_FIELD_NUMBER: _ClassVar[int]
    HAZE_FIELD_NUMBER: _ClassVar[int]
    prompt: str
    preset: str
    light: Light
    lamp: Lamp
    key_fill: float
    exposure: float
    haze: float
    def __init__(self, prompt: _Optional[str] = ..., preset: _Optional[str] = ..., light: _Optional[_Union[Light, _Mapping]] = ..., lamp: _Optional[_Union[Lamp, _Mapping]] = ..., key_fill: _Optional[float] = ..., exposure: _Optional[float] = ..., haze: _Optional[float] = ...) -> None: ...

class Prompts(_message.Message):
    __slots__ = ("relight", "video", "background", "negative")
    RELIGHT_FIELD_NUMBER: _ClassVar[int]
    VIDEO_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_FIELD_NUMBER: _ClassVar[int]
    NEGATIVE_FIELD_NUMBER: _ClassVar[int]
    relight: str
    video: str
    background: str
    negative: str
    def __init__(self, relight: _Optional[str] = ..., video: _Optional[str] = ..., background: _Optional[str] = ..., negative: _Optional[str] = ...) -> None: ...

class Diffusion(_message.Message):
    __slots__ = ("mode", "steps", "strength", "guidance", "gamma", "relight_steps", "relight_strength", "relight_guidance", "image_loras", "video_loras", "light_image", "background", "video_model", "models")
    MODE_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    GUIDANCE_FIELD_NUMBER: _ClassVar[int]
    GAMMA_FIELD_NUMBER: _ClassVar[int]
    RELIGHT_STEPS_FIELD_NUMBER: _ClassVar[int]
    RELIGHT_STRENGTH_FIELD_NUMBER: _ClassVar[int]
    RELIGHT_GUIDANCE_FIELD_NUMBER: _ClassVar[int]
    IMAGE_LORAS_FIELD_NUMBER: _ClassVar[int]
    VIDEO_LORAS_FIELD_NUMBER: _ClassVar[int]
    LIGHT_IMAGE_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_FIELD_NUMBER: _ClassVar[int]
    VIDEO_MODEL_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    mode: Mode
    steps: int
    strength: float
    guidance: float
    gamma: float
    relight_steps: int
    relight_strength: float
    relight_guidance: float
    image_loras: _containers.RepeatedCompositeFieldContainer[Lora]
    video_loras: _containers.RepeatedCompositeFieldContainer[Lora]
    light_image: str
    background: bool
    video_model: str
    models: str
    def __init__(self, mode: _Optional[_Union[Mode, str]] = ..., steps: _Optional[int] = ..., strength: _Optional[float] = ..., guidance: _Optional[float] = ..., gamma: _Optional[float] = ..., relight_steps: _Optional[int] = ..., relight_strength: _Optional[float] = ..., relight_guidance: _Optional[float] = ..., image_loras: _Optional[_Iterable[_Union[Lora, _Mapping]]] = ..., video_loras: _Optional[_Iterable[_Union[Lora, _Mapping]]] = ..., light_image: _Optional[str] = ..., background: bool = ..., video_model: _Optional[str] = ..., models: _Optional[str] = ...) -> None: ...

class Lora(_message.Message):
    __slots__ = ("path", "weight")
    PATH_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    path: str
    weight: float
    def __init__(self, path: _Optional[str] = ..., weight: _Optional[float] = ...) -> None: ...

class GetServerInfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ServerInfo(_message.Message):
    __slots__ = ("protocol", "version", "server_id", "engines", "presets", "codecs", "device")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SERVER_ID_FIELD_NUMBER: _ClassVar[int]
    ENGINES_FIELD_NUMBER: _ClassVar[int]
    PRESETS_FIELD_NUMBER: _ClassVar[int]
    CODECS_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    protocol: int
    version: str
    server_id: str
    engines: _containers.RepeatedCompositeFieldContainer[Engine]
    presets: _containers.RepeatedCompositeFieldContainer[Preset]
    codecs: _containers.RepeatedCompositeFieldContainer[CodecInfo]
    device: str
    def __init__(self, protocol: _Optional[int] = ..., version: _Optional[str] = ..., server_id: _Optional[str] = ..., engines: _Optional[_Iterable[_Union[Engine, _Mapping]]] = ..., presets: _Optional[_Iterable[_Union[Preset, _Mapping]]] = ..., codecs: _Optional[_Iterable[_Union[CodecInfo, _Mapping]]] = ..., device: _Optional[str] = ...) -> None: ...

class Engine(_message.Message):
    __slots__ = ("name", "title", "summary", "version", "licence", "limits", "reads_words")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LICENCE_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    READS_WORDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    summary: str
    version: str
    licence: str
    limits: EngineLimits
    reads_words: bool
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., summary: _Optional[str] = ..., version: _Optional[str] = ..., licence: _Optional[str] = ..., limits: _Optional[_Union[EngineLimits, _Mapping]] = ..., reads_words: bool = ...) -> None: ...

class EngineLimits(_message.Message):
    __slots__ = ("long_side", "multiple", "frames", "overlap", "preroll", "scopes", "deliveries", "needs_device")
    LONG_SIDE_FIELD_NUMBER: _ClassVar[int]
    MULTIPLE_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    OVERLAP_FIELD_NUMBER: _ClassVar[int]
    PREROLL_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    NEEDS_DEVICE_FIELD_NUMBER: _ClassVar[int]
    long_side: int
    multiple: int
    frames: int
    overlap: int
    preroll: int
    scopes: _containers.RepeatedScalarFieldContainer[Scope]
    deliveries: _containers.RepeatedScalarFieldContainer[Delivery]
    needs_device: bool
    def __init__(self, long_side: _Optional[int] = ..., multiple: _Optional[int] = ..., frames: _Optional[int] = ..., overlap: _Optional[int] = ..., preroll: _Optional[int] = ..., scopes: _Optional[_Iterable[_Union[Scope, str]]] = ..., deliveries: _Optional[_Iterable[_Union[Delivery, str]]] = ..., needs_device: bool = ...) -> None: ...

class Preset(_message.Message):
    __slots__ = ("name", "title", "group", "summary", "light")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    LIGHT_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    group: str
    summary: str
    light: Light
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., group: _Optional[str] = ..., summary: _Optional[str] = ..., light: _Optional[_Union[Light, _Mapping]] = ...) -> None: ...

class CodecInfo(_message.Message):
    __slots__ = ("codec", "title", "suffixes")
    CODEC_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SUFFIXES_FIELD_NUMBER: _ClassVar[int]
    codec: Codec
    title: str
    suffixes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, codec: _Optional[_Union[Codec, str]] = ..., title: _Optional[str] = ..., suffixes: _Optional[_Iterable[str]] = ...) -> None: ...

class PreviewRequest(_message.Message):
    __slots__ = ("path", "media_frame", "light", "engine", "width", "format", "amount", "prompts", "scope", "mask", "seed", "diffusion", "series", "whole_section", "mask_grow")
    PATH_FIELD_NUMBER: _ClassVar[int]
    MEDIA_FRAME_FIELD_NUMBER: _ClassVar[int]
    LIGHT_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PROMPTS_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    DIFFUSION_FIELD_NUMBER: _ClassVar[int]
    SERIES_FIELD_NUMBER: _ClassVar[int]
    WHOLE_SECTION_FIELD_NUMBER: _ClassVar[int]
    MASK_GROW_FIELD_NUMBER: _ClassVar[int]
    path: str
    media_frame: int
    light: LightRequest
    engine: str
    width: int
    format: ImageFormat
    amount: float
    prompts: Prompts
    scope: Scope
    mask: str
    seed: int
    diffusion: Diffusion
    series: str
    whole_section: bool
    mask_grow: float
    def __init__(self, path: _Optional[str] = ..., media_frame: _Optional[int] = ..., light: _Optional[_Union[LightRequest, _Mapping]] = ..., engine: _Optional[str] = ..., width: _Optional[int] = ..., format: _Optional[_Union[ImageFormat, str]] = ..., amount: _Optional[float] = ..., prompts: _Optional[_Union[Prompts, _Mapping]] = ..., scope: _Optional[_Union[Scope, str]] = ..., mask: _Optional[str] = ..., seed: _Optional[int] = ..., diffusion: _Optional[_Union[Diffusion, _Mapping]] = ..., series: _Optional[str] = ..., whole_section: bool = ..., mask_grow: _Optional[float] = ...) -> None: ...

class PreviewResponse(_message.Message):
    __slots__ = ("image", "light", "unmatched_words", "seconds", "section")
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    LIGHT_FIELD_NUMBER: _ClassVar[int]
    UNMATCHED_WORDS_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    SECTION_FIELD_NUMBER: _ClassVar[int]
    image: Image
    light: Light
    unmatched_words: _containers.RepeatedScalarFieldContainer[str]
    seconds: float
    section: FrameSpan
    def __init__(self, image: _Optional[_Union[Image, _Mapping]] = ..., light: _Optional[_Union[Light, _Mapping]] = ..., unmatched_words: _Optional[_Iterable[str]] = ..., seconds: _Optional[float] = ..., section: _Optional[_Union[FrameSpan, _Mapping]] = ...) -> None: ...

class RelightRequest(_message.Message):
    __slots__ = ("clip", "light", "engine", "prompts", "scope", "delivery", "amount", "mask", "seed", "output", "diffusion", "exposures", "mask_grow")
    CLIP_FIELD_NUMBER: _ClassVar[int]
    LIGHT_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    PROMPTS_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    DIFFUSION_FIELD_NUMBER: _ClassVar[int]
    EXPOSURES_FIELD_NUMBER: _ClassVar[int]
    MASK_GROW_FIELD_NUMBER: _ClassVar[int]
    clip: ClipRange
    light: LightRequest
    engine: str
    prompts: Prompts
    scope: Scope
    delivery: Delivery
    amount: float
    mask: str
    seed: int
    output: Output
    diffusion: Diffusion
    exposures: _containers.RepeatedCompositeFieldContainer[ShotExposure]
    mask_grow: float
    def __init__(self, clip: _Optional[_Union[ClipRange, _Mapping]] = ..., light: _Optional[_Union[LightRequest, _Mapping]] = ..., engine: _Optional[str] = ..., prompts: _Optional[_Union[Prompts, _Mapping]] = ..., scope: _Optional[_Union[Scope, str]] = ..., delivery: _Optional[_Union[Delivery, str]] = ..., amount: _Optional[float] = ..., mask: _Optional[str] = ..., seed: _Optional[int] = ..., output: _Optional[_Union[Output, _Mapping]] = ..., diffusion: _Optional[_Union[Diffusion, _Mapping]] = ..., exposures: _Optional[_Iterable[_Union[ShotExposure, _Mapping]]] = ..., mask_grow: _Optional[float] = ...) -> None: ...

class ShotExposure(_message.Message):
    __slots__ = ("first", "end", "exposure")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    EXPOSURE_FIELD_NUMBER: _ClassVar[int]
    first: int
    end: int
    exposure: float
    def __init__(self, first: _Optional[int] = ..., end: _Optional[int] = ..., exposure: _Optional[float] = ...) -> None: ...

class Output(_message.Message):
    __slots__ = ("path", "codec", "no_audio", "for_host", "sheet")
    PATH_FIELD_NUMBER: _ClassVar[int]
    CODEC_FIELD_NUMBER: _ClassVar[int]
    NO_AUDIO_FIELD_NUMBER: _ClassVar[int]
    FOR_HOST_FIELD_NUMBER: _ClassVar[int]
    SHEET_FIELD_NUMBER: _ClassVar[int]
    path: str
    codec: Codec
    no_audio: bool
    for_host: bool
    sheet: str
    def __init__(self, path: _Optional[str] = ..., codec: _Optional[_Union[Codec, str]] = ..., no_audio: bool = ..., for_host: bool = ..., sheet: _Optional[str] = ...) -> None: ...

class PlanJobRequest(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: RelightRequest
    def __init__(self, request: _Optional[_Union[RelightRequest, _Mapping]] = ...) -> None: ...

class JobPlan(_message.Message):
    __slots__ = ("shots", "windows", "working_width", "working_height", "disk_bytes", "memory_bytes", "seconds", "light", "codec", "warnings", "unmatched_words", "device")
    SHOTS_FIELD_NUMBER: _ClassVar[int]
    WINDOWS_FIELD_NUMBER: _ClassVar[int]
    WORKING_WIDTH_FIELD_NUMBER: _ClassVar[int]
    WORKING_HEIGHT_FIELD_NUMBER: _ClassVar[int]
    DISK_BYTES_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    LIGHT_FIELD_NUMBER: _ClassVar[int]
    CODEC_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    UNMATCHED_WORDS_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    shots: _containers.RepeatedCompositeFieldContainer[FrameSpan]
    windows: int
    working_width: int
    working_height: int
    disk_bytes: int
    memory_bytes: int
    seconds: float
    light: Light
    codec: Codec
    warnings: _containers.RepeatedScalarFieldContainer[str]
    unmatched_words: _containers.RepeatedScalarFieldContainer[str]
    device: str
    def __init__(self, shots: _Optional[_Iterable[_Union[FrameSpan, _Mapping]]] = ..., windows: _Optional[int] = ..., working_width: _Optional[int] = ..., working_height: _Optional[int] = ..., disk_bytes: _Optional[int] = ..., memory_bytes: _Optional[int] = ..., seconds: _Optional[float] = ..., light: _Optional[_Union[Light, _Mapping]] = ..., codec: _Optional[_Union[Codec, str]] = ..., warnings: _Optional[_Iterable[str]] = ..., unmatched_words: _Optional[_Iterable[str]] = ..., device: _Optional[str] = ...) -> None: ...

class FrameSpan(_message.Message):
    __slots__ = ("first", "end")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    first: int
    end: int
    def __init__(self, first: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class SubmitJobRequest(_message.Message):
    __slots__ = ("request", "idempotency_key", "parent_job")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    PARENT_JOB_FIELD_NUMBER: _ClassVar[int]
    request: RelightRequest
    idempotency_key: str
    parent_job: str
    def __init__(self, request: _Optional[_Union[RelightRequest, _Mapping]] = ..., idempotency_key: _Optional[str] = ..., parent_job: _Optional[str] = ...) -> None: ...

class Job(_message.Message):
    __slots__ = ("id", "state", "request", "progress", "take", "problem", "seq", "created", "updated", "parent_job", "position", "priority", "is_paused", "eta_seconds")
    ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    TAKE_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    UPDATED_FIELD_NUMBER: _ClassVar[int]
    PARENT_JOB_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    IS_PAUSED_FIELD_NUMBER: _ClassVar[int]
    ETA_SECONDS_FIELD_NUMBER: _ClassVar[int]
    id: str
    state: JobState
    request: RelightRequest
    progress: Progress
    take: Take
    problem: Problem
    seq: int
    created: float
    updated: float
    parent_job: str
    position: int
    priority: int
    is_paused: bool
    eta_seconds: float
    def __init__(self, id: _Optional[str] = ..., state: _Optional[_Union[JobState, str]] = ..., request: _Optional[_Union[RelightRequest, _Mapping]] = ..., progress: _Optional[_Union[Progress, _Mapping]] = ..., take: _Optional[_Union[Take, _Mapping]] = ..., problem: _Optional[_Union[Problem, _Mapping]] = ..., seq: _Optional[int] = ..., created: _Optional[float] = ..., updated: _Optional[float] = ..., parent_job: _Optional[str] = ..., position: _Optional[int] = ..., priority: _Optional[int] = ..., is_paused: bool = ..., eta_seconds: _Optional[float] = ...) -> None: ...

class Progress(_message.Message):
    __slots__ = ("stage", "done", "total", "fraction", "eta_seconds")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    FRACTION_FIELD_NUMBER: _ClassVar[int]
    ETA_SECONDS_FIELD_NUMBER: _ClassVar[int]
    stage: Stage
    done: int
    total: int
    fraction: float
    eta_seconds: float
    def __init__(self, stage: _Optional[_Union[Stage, str]] = ..., done: _Optional[int] = ..., total: _Optional[int] = ..., fraction: _Optional[float] = ..., eta_seconds: _Optional[float] = ...) -> None: ...

class Take(_message.Message):
    __slots__ = ("path", "clip", "width", "height", "engine", "engine_version", "light", "amount", "codec", "timecode", "reel", "seconds", "sheet", "warnings", "unmatched_words", "source_timecode", "source_frames", "map_folder", "map_keys", "exposures")
    PATH_FIELD_NUMBER: _ClassVar[int]
    CLIP_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    ENGINE_VERSION_FIELD_NUMBER: _ClassVar[int]
    LIGHT_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    CODEC_FIELD_NUMBER: _ClassVar[int]
    TIMECODE_FIELD_NUMBER: _ClassVar[int]
    REEL_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    SHEET_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    UNMATCHED_WORDS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_TIMECODE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FRAMES_FIELD_NUMBER: _ClassVar[int]
    MAP_FOLDER_FIELD_NUMBER: _ClassVar[int]
    MAP_KEYS_FIELD_NUMBER: _ClassVar[int]
    EXPOSURES_FIELD_NUMBER: _ClassVar[int]
    path: str
    clip: ClipRange
    width: int
    height: int
    engine: str
    engine_version: str
    light: Light
    amount: float
    codec: Codec
    timecode: str
    reel: str
    seconds: float
    sheet: str
    warnings: _containers.RepeatedScalarFieldContainer[str]
    unmatched_words: _containers.RepeatedScalarFieldContainer[str]
    source_timecode: str
    source_frames: int
    map_folder: str
    map_keys: _containers.RepeatedScalarFieldContainer[str]
    exposures: _containers.RepeatedCompositeFieldContainer[ShotExposure]
    def __init__(self, path: _Optional[str] = ..., clip: _Optional[_Union[ClipRange, _Mapping]] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., engine: _Optional[str] = ..., engine_version: _Optional[str] = ..., light: _Optional[_Union[Light, _Mapping]] = ..., amount: _Optional[float] = ..., codec: _Optional[_Union[Codec, str]] = ..., timecode: _Optional[str] = ..., reel: _Optional[str] = ..., seconds: _Optional[float] = ..., sheet: _Optional[str] = ..., warnings: _Optional[_Iterable[str]] = ..., unmatched_words: _Optional[_Iterable[str]] = ..., source_timecode: _Optional[str] = ..., source_frames: _Optional[int] = ..., map_folder: _Optional[str] = ..., map_keys: _Optional[_Iterable[str]] = ..., exposures: _Optional[_Iterable[_Union[ShotExposure, _Mapping]]] = ...) -> None: ...

class Problem(_message.Message):
    __slots__ = ("code", "message", "hint", "retryable")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    RETRYABLE_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    hint: str
    retryable: bool
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., hint: _Optional[str] = ..., retryable: bool = ...) -> None: ...

class GetJobRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class ListJobsRequest(_message.Message):
    __slots__ = ("limit", "only_open")
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    ONLY_OPEN_FIELD_NUMBER: _ClassVar[int]
    limit: int
    only_open: bool
    def __init__(self, limit: _Optional[int] = ..., only_open: bool = ...) -> None: ...

class ListJobsResponse(_message.Message):
    __slots__ = ("jobs", "is_queue_paused")
    JOBS_FIELD_NUMBER: _ClassVar[int]
    IS_QUEUE_PAUSED_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[Job]
    is_queue_paused: bool
    def __init__(self, jobs: _Optional[_Iterable[_Union[Job, _Mapping]]] = ..., is_queue_paused: bool = ...) -> None: ...

class WatchJobRequest(_message.Message):
    __slots__ = ("id", "after_seq", "with_previews")
    ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQ_FIELD_NUMBER: _ClassVar[int]
    WITH_PREVIEWS_FIELD_NUMBER: _ClassVar[int]
    id: str
    after_seq: int
    with_previews: bool
    def __init__(self, id: _Optional[str] = ..., after_seq: _Optional[int] = ..., with_previews: bool = ...) -> None: ...

class JobEvent(_message.Message):
    __slots__ = ("seq", "state", "progress", "warning", "preview", "heartbeat", "waiting", "job")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    WARNING_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    JOB_FIELD_NUMBER: _ClassVar[int]
    seq: int
    state: JobState
    progress: Progress
    warning: str
    preview: Image
    heartbeat: Heartbeat
    waiting: Waiting
    job: Job
    def __init__(self, seq: _Optional[int] = ..., state: _Optional[_Union[JobState, str]] = ..., progress: _Optional[_Union[Progress, _Mapping]] = ..., warning: _Optional[str] = ..., preview: _Optional[_Union[Image, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., waiting: _Optional[_Union[Waiting, _Mapping]] = ..., job: _Optional[_Union[Job, _Mapping]] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Waiting(_message.Message):
    __slots__ = ("position", "eta_seconds")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ETA_SECONDS_FIELD_NUMBER: _ClassVar[int]
    position: int
    eta_seconds: float
    def __init__(self, position: _Optional[int] = ..., eta_seconds: _Optional[float] = ...) -> None: ...

class CancelJobRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class RetryJobRequest(_message.Message):
    __slots__ = ("id", "idempotency_key")
    ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    id: str
    idempotency_key: str
    def __init__(self, id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class PauseJobRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class ResumeJobRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class MoveJobRequest(_message.Message):
    __slots__ = ("id", "before")
    ID_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    id: str
    before: str
    def __init__(self, id: _Optional[str] = ..., before: _Optional[str] = ...) -> None: ...

class PrioritizeJobRequest(_message.Message):
    __slots__ = ("id", "priority")
    ID_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    id: str
    priority: int
    def __init__(self, id: _Optional[str] = ..., priority: _Optional[int] = ...) -> None: ...

class PauseQueueRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ResumeQueueRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class QueueState(_message.Message):
    __slots__ = ("is_paused", "waiting")
    IS_PAUSED_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    is_paused: bool
    waiting: int
    def __init__(self, is_paused: bool = ..., waiting: _Optional[int] = ...) -> None: ...

class ListCacheRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Cache(_message.Message):
    __slots__ = ("folder", "bytes", "limit_bytes", "clips")
    FOLDER_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    LIMIT_BYTES_FIELD_NUMBER: _ClassVar[int]
    CLIPS_FIELD_NUMBER: _ClassVar[int]
    folder: str
    bytes: int
    limit_bytes: int
    clips: _containers.RepeatedCompositeFieldContainer[CachedClip]
    def __init__(self, folder: _Optional[str] = ..., bytes: _Optional[int] = ..., limit_bytes: _Optional[int] = ..., clips: _Optional[_Iterable[_Union[CachedClip, _Mapping]]] = ...) -> None: ...

class CachedClip(_message.Message):
    __slots__ = ("path", "engine", "windows", "bytes", "used", "is_open")
    PATH_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    WINDOWS_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    USED_FIELD_NUMBER: _ClassVar[int]
    IS_OPEN_FIELD_NUMBER: _ClassVar[int]
    path: str
    engine: str
    windows: int
    bytes: int
    used: float
    is_open: bool
    def __init__(self, path: _Optional[str] = ..., engine: _Optional[str] = ..., windows: _Optional[int] = ..., bytes: _Optional[int] = ..., used: _Optional[float] = ..., is_open: bool = ...) -> None: ...

class ClearCacheRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ClearCacheResponse(_message.Message):
    __slots__ = ("windows", "bytes", "kept_bytes")
    WINDOWS_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    KEPT_BYTES_FIELD_NUMBER: _ClassVar[int]
    windows: int
    bytes: int
    kept_bytes: int
    def __init__(self, windows: _Optional[int] = ..., bytes: _Optional[int] = ..., kept_bytes: _Optional[int] = ...) -> None: ...

class OpenPageRequest(_message.Message):
    __slots__ = ("clip", "host_session")
    CLIP_FIELD_NUMBER: _ClassVar[int]
    HOST_SESSION_FIELD_NUMBER: _ClassVar[int]
    clip: str
    host_session: str
    def __init__(self, clip: _Optional[str] = ..., host_session: _Optional[str] = ...) -> None: ...

class Page(_message.Message):
    __slots__ = ("url",)
    URL_FIELD_NUMBER: _ClassVar[int]
    url: str
    def __init__(self, url: _Optional[str] = ...) -> None: ...

class MeasureTakeRequest(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: str
    def __init__(self, job: _Optional[str] = ...) -> None: ...

class Measures(_message.Message):
    __slots__ = ("measures",)
    MEASURES_FIELD_NUMBER: _ClassVar[int]
    measures: _containers.RepeatedCompositeFieldContainer[Measure]
    def __init__(self, measures: _Optional[_Iterable[_Union[Measure, _Mapping]]] = ...) -> None: ...

class Measure(_message.Message):
    __slots__ = ("name", "title", "unit", "source", "take", "verdict")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TAKE_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    unit: str
    source: float
    take: float
    verdict: str
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., unit: _Optional[str] = ..., source: _Optional[float] = ..., take: _Optional[float] = ..., verdict: _Optional[str] = ...) -> None: ...

class OpenHostSessionRequest(_message.Message):
    __slots__ = ("host", "host_version", "project")
    HOST_FIELD_NUMBER: _ClassVar[int]
    HOST_VERSION_FIELD_NUMBER: _ClassVar[int]
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    host: str
    host_version: str
    project: str
    def __init__(self, host: _Optional[str] = ..., host_version: _Optional[str] = ..., project: _Optional[str] = ...) -> None: ...

class HostSession(_message.Message):
    __slots__ = ("id", "page_url")
    ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_URL_FIELD_NUMBER: _ClassVar[int]
    id: str
    page_url: str
    def __init__(self, id: _Optional[str] = ..., page_url: _Optional[str] = ...) -> None: ...

class TimelineClip(_message.Message):
    __slots__ = ("host_id", "name", "clip", "timeline_frame", "timeline_count", "timeline_rate", "track")
    HOST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CLIP_FIELD_NUMBER: _ClassVar[int]
    TIMELINE_FRAME_FIELD_NUMBER: _ClassVar[int]
    TIMELINE_COUNT_FIELD_NUMBER: _ClassVar[int]
    TIMELINE_RATE_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    host_id: str
    name: str
    clip: ClipRange
    timeline_frame: int
    timeline_count: int
    timeline_rate: Rational
    track: int
    def __init__(self, host_id: _Optional[str] = ..., name: _Optional[str] = ..., clip: _Optional[_Union[ClipRange, _Mapping]] = ..., timeline_frame: _Optional[int] = ..., timeline_count: _Optional[int] = ..., timeline_rate: _Optional[_Union[Rational, _Mapping]] = ..., track: _Optional[int] = ...) -> None: ...

class OfferClipRequest(_message.Message):
    __slots__ = ("session", "clip")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    CLIP_FIELD_NUMBER: _ClassVar[int]
    session: str
    clip: TimelineClip
    def __init__(self, session: _Optional[str] = ..., clip: _Optional[_Union[TimelineClip, _Mapping]] = ...) -> None: ...

class OfferClipResponse(_message.Message):
    __slots__ = ("offer",)
    OFFER_FIELD_NUMBER: _ClassVar[int]
    offer: str
    def __init__(self, offer: _Optional[str] = ...) -> None: ...

class WatchHostSessionRequest(_message.Message):
    __slots__ = ("session", "after_seq")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQ_FIELD_NUMBER: _ClassVar[int]
    session: str
    after_seq: int
    def __init__(self, session: _Optional[str] = ..., after_seq: _Optional[int] = ...) -> None: ...

class HostEvent(_message.Message):
    __slots__ = ("seq", "started", "result", "problem", "discarded", "offer", "place")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    DISCARDED_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    seq: int
    started: JobStarted
    result: Take
    problem: Problem
    discarded: Discarded
    offer: str
    place: Place
    def __init__(self, seq: _Optional[int] = ..., started: _Optional[_Union[JobStarted, _Mapping]] = ..., result: _Optional[_Union[Take, _Mapping]] = ..., problem: _Optional[_Union[Problem, _Mapping]] = ..., discarded: _Optional[_Union[Discarded, _Mapping]] = ..., offer: _Optional[str] = ..., place: _Optional[_Union[Place, str]] = ...) -> None: ...

class Discarded(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class JobStarted(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: str
    def __init__(self, job: _Optional[str] = ...) -> None: ...

class ResolveResultRequest(_message.Message):
    __slots__ = ("session", "offer", "verdict", "problem")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    session: str
    offer: str
    verdict: Verdict
    problem: Problem
    def __init__(self, session: _Optional[str] = ..., offer: _Optional[str] = ..., verdict: _Optional[_Union[Verdict, str]] = ..., problem: _Optional[_Union[Problem, _Mapping]] = ...) -> None: ...

class ResolveResultResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
