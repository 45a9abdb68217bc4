"""What a render will take, roughly: time, disk and memory, without an engine's models."""

from __future__ import annotations

from lav_engine.request import choose_codec
from lav_engine.spec import Codec, Delivery, EngineSpec, MediaFacts, RelightRequest

FRAME_SECONDS, MEGAPIXEL_SECONDS = 0.08, 0.12  # of a frame: delivery goes by size
BITS_PER_PIXEL = {Codec.h264: 2.0, Codec.prores: 5.6, Codec.ffv1: 14.0}  # of the take
PRORES_4444_BITS = 20.0  # 10 to 35, by grain and by how soft the alpha is
MAP_BYTES_PER_PIXEL = 6.0
PICTURE_BYTES_PER_PIXEL = 5.0  # an engine's own frames, kept with the map
PROCESS_BYTES = 300_000_000  # before there is a frame
WINDOW_BYTES_PER_PIXEL = 4 * 40  # of a window, at the working size: 40 floats
FULL_BYTES_PER_PIXEL = 6 * 24  # at the source's: 24 frames of three 16-bit planes


def render_seconds(request: RelightRequest, facts: MediaFacts) -> float:
    """Estimated time of a request with its range filled in, without what models take."""
    megapixels = facts.width * facts.height / 1e6
    return request.clip.count * (FRAME_SECONDS + MEGAPIXEL_SECONDS * megapixels)


def take_bytes(request: RelightRequest, facts: MediaFacts) -> int:
    """Of a request with its range filled in."""
    pixels = request.clip.count * facts.width * facts.height
    codec = choose_codec(request.output, facts)
    is_4444 = codec is Codec.prores and facts.has_alpha
    return round(pixels * (PRORES_4444_BITS if is_4444 else BITS_PER_PIXEL[codec]) / 8)


def map_bytes(request: RelightRequest, size: tuple[int, int]) -> int:
    """Of a request with its range filled in, lit at `size` (width, height)."""
    kept = MAP_BYTES_PER_PIXEL
    if request.delivery == Delivery.picture:
        kept += PICTURE_BYTES_PER_PIXEL
    return round(request.clip.count * size[0] * size[1] * kept)


def memory_bytes(facts: MediaFacts, size: tuple[int, int], spec: EngineSpec) -> int:
    """Estimated main memory of a render at `size` (width, height), without an engine's models."""
    limits = spec.limits
    width, height = size
    frames = limits.frames + limits.overlap + limits.preroll
    window = frames * width * height * WINDOW_BYTES_PER_PIXEL
    full = facts.width * facts.height * FULL_BYTES_PER_PIXEL
    return PROCESS_BYTES + window + full
