"""Which files a server may read and write: only below its roots, wherever links and dots lead."""

from __future__ import annotations

import os
import re
import shlex
import stat
import string
import sys
from dataclasses import dataclass
from pathlib import Path

from lav_engine.errors import Code, LavError
from lav_server.names import oddity

WHOLE_DRIVE = 2  # parts of a path: "/" and "/work" are too much to open to a server
ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+(.*)")  # two letters at least: C: is a drive
VOLUMES = ("/Volumes", "/media", "/mnt", "/run/media")


@dataclass(frozen=True, slots=True)
class Roots:
    """The user's own folder, mounted volumes, and what the server was started with."""

    extra: tuple[Path, ...] = ()
    own: tuple[Path, ...] = ()  # the server's, for what it was given; not spoken of

    def folders(self) -> list[Path]:
        """As they are now: volumes come and go."""
        return [folder.resolve() for folder in (Path.home(), *self.extra, *_volumes())]

    def _open(self) -> list[Path]:
        return [*self.folders(), *(folder.resolve() for folder in self.own)]

    def source(self, path: Path, what: str = "clip") -> Path:
        """A regular file that may be read, with every link resolved. Raises LavError."""
        resolved = self._allowed(path, what)
        try:
            mode = resolved.stat().st_mode
        except OSError as error:
            reason = "does not exist" if isinstance(error, FileNotFoundError) else "can't be opened"
            raise LavError(
                f"{path} {reason}.", "Check the path; is the drive connected?", Code.media_missing
            ) from None
        if not stat.S_ISREG(mode):
            raise _no_file(path, mode, what)
        return resolved

    def folder(self, path: Path, what: str) -> Path:
        """A folder that may be read. Raises LavError."""
        resolved = self._allowed(path, what, is_folder=True)
        if not os.path.isdir(resolved):
            raise LavError(f"There is no folder {path}.", "Check the path.", Code.media_missing)
        return resolved

    def target(self, path: Path, what: str = "output") -> Path:
        """Where a new file may go: the folder exists, the file does not. Raises LavError."""
        if reason := oddity(path.name):
            said = f"{path.name!r} is no name for an {what} file: it {reason}."
            raise LavError(said, "Choose another name.")
        folder = self._allowed(path.parent, what, is_folder=True)
        if not os.path.isdir(folder):
            raise LavError(
                f"The folder {path.parent} does not exist, so nothing can be written there.",
                "Create it or choose another one.",
                Code.output_unwritable,
            )
        if not os.access(folder, os.W_OK | os.X_OK):
            raise LavError(
                f"The folder {path.parent} cannot be written to.",
                "Choose another folder or change its permissions.",
                Code.output_unwritable,
            )
        if os.path.lexists(folder / path.name):
            raise LavError(
                f"{path} exists already, and files are never replaced.",
                "Choose another name.",
                Code.output_exists,
            )
        return folder / path.name

    def _allowed(self, path: Path, what: str, is_folder: bool = False) -> Path:
        check_local(path)
        if not path.is_absolute() or str(path).startswith(("\\\\", "//")):
            raise LavError(
                f"{path} is not the full path of a local file.",
                f"Give the {what}'s path from the root of its drive.",
            )
        resolved = _resolve(path)
        if not any(resolved.is_relative_to(folder) for folder in self._open()):
            raise self._outside(path, resolved, what, is_folder)
        return resolved

    def _outside(self, path: Path, resolved: Path, what: str, is_folder: bool) -> LavError:
        mode = _mode(resolved)
        if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            return _no_file(path, mode, what)
        folder = resolved if is_folder else resolved.parent
        names = ", ".join(str(folder) for folder in self.folders())
        is_linked = resolved != Path(os.path.abspath(path))
        return LavError(
            f"{path} is outside the folders this server may use ({names})."
            + (f" It really lies in {folder}." if is_linked else ""),
            self._way_in(folder, what),
            Code.outside_roots,
        )

    def _way_in(self, folder: Path, what: str) -> str:
        """Nobody is told to open a whole drive, nor a folder that is not there."""
        if len(folder.parts) <= WHOLE_DRIVE or not os.path.isdir(folder):
            return f"Put the {what} below one of them."
        roots = " ".join(f"--root {shlex.quote(str(root))}" for root in (*self.extra, folder))
        return f"Restart it with that one too: `lav server stop`, then `lav server start {roots}`."


def check_unmoved(*paths: Path | None) -> None:
    """Raises LavError where a path that was resolved when it was checked leads elsewhere by now.

    Called where the path is used: by then a folder may have become a link to another one.
    """
    for path in paths:
        if path is not None and _resolve(path) != path:
            raise LavError(
                f"{path} leads to another place than when the request was checked.",
                "Send the request again once its folders stay as they are.",
                Code.outside_roots,
            )


def check_local(path: Path) -> None:
    """Raises LavError for a network address; what exists under such a name is a file."""
    match = ADDRESS.match(str(path))
    if match and not os.path.exists(path):
        raise LavError(
            f"{match[1]}://{match[2]} is an address, and the network is not read.",
            "Download the clip first and give the path of the file.",
            Code.media_unsupported,
        )


def _no_file(path: Path, mode: int, what: str) -> LavError:
    return LavError(
        f"{path} is {_kind(mode)}, not a {what}.",
        "Give the path of one media file.",
        Code.media_unreadable,
    )


def _resolve(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a loop of links
        raise LavError(
            f"{path} leads in circles.", "Repair the links in its path.", Code.media_missing
        ) from None


def _mode(path: Path) -> int:
    """0 where there is nothing, or nothing that can be looked at."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return 0


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    return "a device"


def _volumes() -> list[Path]:
    if sys.platform == "win32":
        system = os.environ.get("SYSTEMDRIVE", "C:")
        drives = [f"{letter}:" for letter in string.ascii_uppercase]
        return [Path(f"{d}\\") for d in drives if d != system and Path(f"{d}\\").exists()]
    found = []
    for parent in VOLUMES:
        try:
            found += [Path(entry.path) for entry in os.scandir(parent) if entry.is_dir()]
        except OSError:  # not on this system, or not for this user
            continue
    return found
