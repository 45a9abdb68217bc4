"""Opening a file that claims to be a clip, safely, and saying plainly why it can't be used."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import av
import av.error
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from lav_engine.errors import Code, MediaError

# Playlists and protocols would reach other files and the network through a file's content.
FORMATS = "mov,mp4,matroska,webm,mxf,avi,mpegts,mpeg"
READABLE = "Give a MOV, MP4, MKV, WebM, MXF, AVI or MPEG file."
AGAIN = "Copy or export it again, and check that it plays to its end."

LONGEST_SIDE = 16384  # pixels; also the largest side H.264 can hold
MOST_PIXELS = 140_000_000  # a 16K frame; one such frame is about 1 GB as float RGB
SHORTEST_SIDE = 16  # pixels; below that there is no picture to light

NOT_PICTURES = Disposition.attached_pic | Disposition.timed_thumbnails
PROTOCOL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # two letters at least: C: is a drive
SOUNDS = {8: (b"WAVE", b"AIFF", b"AIFC"), 0: (b"ID3", b"fLaC")}  # by offset, as below
SIGNATURES = {4: (b"ftyp", b"moov", b"mdat", b"wide", b"free"), 0: (b"\x1aE\xdf\xa3", b"RIFF")}


def check_file(path: Path) -> os.stat_result:
    """Raises MediaError unless `path` is a regular file with something in it."""
    name = path.name or str(path)
    if PROTOCOL.match(str(path)) and not path.exists():
        raise MediaError(
            f"{path} is an address, not a file.",
            "Copy the clip to a disk and give its path.",
            Code.media_missing,
        )
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise MediaError(
            f"There is no file {path}.", "Check the path.", Code.media_missing
        ) from None
    except OSError as error:
        raise MediaError(f"{name} cannot be read: {error.strerror}.", "Check the path.") from error
    except ValueError:
        raise MediaError(f"{name!r} cannot be read: no path.", "Check the path.") from None
    if stat.S_ISDIR(found.st_mode):
        raise MediaError(f"{name} is a folder, not a clip.", "Give the path of one media file.")
    if not stat.S_ISREG(found.st_mode):
        raise MediaError(f"{name} is a pipe or a device, not a file.", "Record it to a file first.")
    if found.st_size == 0:
        raise MediaError(f"{name} is empty.", AGAIN)
    return found


def open_clip(path: Path) -> tuple[InputContainer, VideoStream]:
    """The container and its picture, sizes checked before anything is decoded.

    The caller closes the container. Raises MediaError.
    """
    check_file(path)
    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    try:
        # An absolute path cannot be mistaken for a protocol.
        container = av.open(
            str(path.absolute()), container_options=options, metadata_errors="replace"
        )
    except PermissionError as error:
        raise MediaError(
            f"{path.name} cannot be read: permission denied.", "Check the file's permissions."
        ) from error
    except av.error.EOFError as error:  # a Matroska header with nothing behind it
        raise no_frames(path) from error
    except (av.error.FFmpegError, ValueError) as error:
        raise _unopened(path) from error
    try:
        return container, _picture(container, path)
    except MediaError:
        container.close()
        raise


def _picture(container: InputContainer, path: Path) -> VideoStream:
    streams = [one for one in container.streams.video if not one.disposition & NOT_PICTURES]
    if not streams and not container.streams.audio:
        raise no_frames(path)
    if not streams:
        raise _only_sound(path)
    stream = streams[0]
    if stream.codec_context is None:
        raise MediaError(
            f"{path.name} is coded in a way there is no decoder for.",
            "Convert it to ProRes, DNxHR or H.264.",
            Code.media_unsupported,
        )
    check_size(stream.codec_context.width, stream.codec_context.height, path)
    # Frames may claim another size than the header; the decoder must refuse those itself.
    stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
    return stream


def check_size(width: int, height: int, path: Path) -> None:
    """Raises MediaError for pictures too large to hold or too small to light; 0 is unknown."""
    size = f"{path.name} is {width} × {height} pixels"
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise MediaError(
            f"{size}; at most {LONGEST_SIDE} a side and {MOST_PIXELS // 1_000_000} million in "
            "all can be relit.",
            "Scale the clip down.",
            Code.media_unsupported,
        )
    if 0 < min(width, height) < SHORTEST_SIDE:
        raise MediaError(
            f"{size}, too small to light: at least {SHORTEST_SIDE} a side are needed.",
            "Give a larger clip.",
            Code.media_unsupported,
        )


def no_frames(path: Path) -> MediaError:
    return MediaError(
        f"{path.name} holds no frames: it was never filled, or it is cut short.", AGAIN
    )


def _only_sound(path: Path) -> MediaError:
    return MediaError(f"{path.name} holds sound but no picture.", "Give a clip with a video track.")


def _unopened(path: Path) -> MediaError:
    with path.open("rb") as file:
        head = file.read(16)
    if any(head[at:].startswith(marks) for at, marks in SOUNDS.items()):
        return _only_sound(path)
    if any(head[at:].startswith(marks) for at, marks in SIGNATURES.items()):
        return MediaError(f"{path.name} is cut short or damaged: no picture found in it.", AGAIN)
    return MediaError(f"{path.name} is not a clip this program reads.", READABLE)
