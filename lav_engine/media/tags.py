"""FFmpeg's numbers for colour, in words, and the layout they give a picture."""

from __future__ import annotations

from av.video.codeccontext import VideoCodecContext
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

from lav_engine.errors import Code, MediaError
from lav_engine.media.planes import Layout
from lav_engine.spec import MediaFacts

UNKNOWN = "unknown"
Numbers = tuple[int, int, int, int]  # primaries, transfer, matrix, range

# The numbers are those of ITU-T H.273; words as FFmpeg and ffprobe print them.
PRIMARIES = {
    2: UNKNOWN,
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "film",
    9: "bt2020",
    10: "smpte428",
    11: "smpte431",
    12: "smpte432",
}
TRANSFERS = {
    2: UNKNOWN,
    1: "bt709",
    4: "gamma22",
    5: "gamma28",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    11: "iec61966-2-4",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    18: "arib-std-b67",
}
MATRICES = {
    2: UNKNOWN,
    0: "gbr",
    1: "bt709",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    9: "bt2020nc",
}
RANGES = {0: UNKNOWN, 1: "limited", 2: "full"}

HDR = {"smpte2084": "PQ", "arib-std-b67": "HLG", "linear": "linear"}
HD_HEIGHT = 720  # untagged pictures from here up are Rec.709, smaller ones Rec.601
MATRIX_OF = {
    "bt709": "bt709",
    "bt470bg": "bt601",
    "smpte170m": "bt601",
    "smpte240m": "bt709",  # close kin, and only in tapes of the nineties
    "bt2020nc": "bt2020",
}

# How FFmpeg stores it -> the planar format with the same codes. swscale only moves the bytes.
UNPACKED = {
    "nv12": "yuv420p",
    "nv21": "yuv420p",
    "nv16": "yuv422p",
    "nv24": "yuv444p",
    "yuyv422": "yuv422p",
    "uyvy422": "yuv422p",
    "vuya": "yuva444p",
    "p010le": "yuv420p10le",
    "p012le": "yuv420p12le",
    "p016le": "yuv420p16le",
    "p210le": "yuv422p10le",
    "y210le": "yuv422p10le",
    "y212le": "yuv422p12le",
    "p410le": "yuv444p10le",
    "xv30le": "yuv444p10le",
    "xv36le": "yuv444p12le",
    "ayuv64le": "yuva444p16le",
    "rgb24": "gbrp",
    "bgr24": "gbrp",
    "rgb0": "gbrp",
    "0rgb": "gbrp",
    "bgr0": "gbrp",
    "0bgr": "gbrp",
    "rgba": "gbrap",
    "bgra": "gbrap",
    "argb": "gbrap",
    "abgr": "gbrap",
    "rgb48le": "gbrp16le",
    "rgb48be": "gbrp16le",
    "bgr48le": "gbrp16le",
    "bgr48be": "gbrp16le",
    "rgba64le": "gbrap16le",
    "rgba64be": "gbrap16le",
    "bgra64le": "gbrap16le",
    "bgra64be": "gbrap16le",
    "x2rgb10le": "gbrp10le",
}


def number(table: dict[int, str], word: str) -> int:
    """FFmpeg's number for one of the table's words."""
    return next(key for key, value in table.items() if value == word)


def stated(source: VideoCodecContext | VideoFrame) -> Numbers:
    """What it says of its colour. A context must be asked first: decoding overwrites its tags."""
    return source.color_primaries, source.color_trc, source.colorspace, source.color_range


def words(container: Numbers, frame: VideoFrame) -> tuple[str, str, str, str]:
    """Primaries, transfer, matrix, range: the container's word where it has one, else the frame's.

    The container leads because editors go by it, and because frames may not know: DNxHD ones always
    say 709, ProRes ones often nothing. JPEG's own pixel formats are full range whatever the tags.
    """
    tables = PRIMARIES, TRANSFERS, MATRICES, RANGES
    told = zip(tables, container, stated(frame), strict=True)
    primaries, transfer, matrix, levels = (
        next((table[one] for one in both if table.get(one, UNKNOWN) != UNKNOWN), UNKNOWN)
        for table, *both in told
    )
    return primaries, transfer, matrix, "full" if frame.format.name.startswith("yuvj") else levels


def planar(pixel_format: str) -> str:
    """The planar little-endian format with the same codes."""
    if pixel_format.endswith("be") and pixel_format not in UNPACKED:
        return pixel_format[:-2] + "le"
    return UNPACKED.get(pixel_format, pixel_format)


def has_alpha(pixel_format: str) -> bool:
    """Whether it says how opaque each pixel is."""
    return any(one.is_alpha for one in VideoFormat(planar(pixel_format)).components)


def layout_of(facts: MediaFacts) -> Layout:
    """What the reader's planes mean. Grey pictures get neutral 4:2:0 chroma, so they can be lit.

    Raises MediaError for pixel formats nothing here reads.
    """
    name = planar(facts.pixel_format)
    form = VideoFormat(name, facts.width, facts.height)
    colours = [one for one in form.components if not one.is_alpha]
    depth = colours[0].bits
    is_grey = len(colours) == 1
    across = 2 if is_grey else _factor(facts.width, colours[1].width)
    down = 2 if is_grey else _factor(facts.height, colours[1].height)
    known = name.startswith(("yuv", "gbr", "gray")) and "f" not in name and 8 <= depth <= 16
    if not known or (across, down) not in ((1, 1), (2, 1), (2, 2)):
        raise MediaError(
            f"{facts.path.name} stores its picture as {facts.pixel_format}, which cannot be relit.",
            "Convert it to ProRes, DNxHR or H.264.",
            Code.media_unsupported,
        )
    is_full = facts.color_range == "full" or form.is_rgb
    matrix = "rgb" if form.is_rgb else _matrix(facts)
    return Layout(facts.width, facts.height, depth, across, down, matrix, is_full, has_alpha(name))


def pixel_format(layout: Layout) -> str:
    """FFmpeg's name of a layout."""
    alpha = "a" if layout.has_alpha else ""
    depth = "" if layout.depth == 8 else f"{layout.depth}le"
    if layout.is_rgb:
        return f"gbr{alpha}p{depth}"
    across, down = layout.across, layout.down
    sampling = {(1, 1): "444", (2, 1): "422", (2, 2): "420"}[across, down]
    return f"yuv{alpha}{sampling}p{depth}"


def assumptions(facts: MediaFacts) -> tuple[str, ...]:
    """What had to be guessed or simplified, as sentences for an editor."""
    notes = []
    if facts.color_matrix == UNKNOWN:
        standard = {"bt709": "Rec.709", "bt601": "Rec.601"}[_matrix(facts)]
        levels = "full" if facts.color_range == "full" else "video"
        notes.append(f"No colour tags: taken as {standard} for its height, {levels} range.")
    if facts.color_transfer in HDR:
        curve = HDR[facts.color_transfer]
        notes.append(
            f"Tagged {curve}: light is worked out as if it were Rec.709, so levels are off."
        )
    if facts.is_interlaced:
        notes.append("Interlaced: deinterlace it first; two fields in one cannot be relit.")
    return tuple(notes)


def _matrix(facts: MediaFacts) -> str:
    untagged = "bt709" if facts.height >= HD_HEIGHT else "bt601"
    return MATRIX_OF.get(facts.color_matrix, untagged)


def _factor(luma: int, chroma: int) -> int:
    return -(-luma // chroma) if chroma else 0
