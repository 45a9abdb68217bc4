"""Where DaVinci Resolve looks for scripts, by its own scripting README, and where ours speak."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from lav_engine.errors import Code, LavError
from lav_plugin import record

MAKER = ("Blackmagic Design", "DaVinci Resolve")
SUBFOLDER = "Utility"  # of every page
TALK = "resolve-talk"  # beside what is remembered of projects, which outlives an uninstallation


def scripts(environment: Mapping[str, str]) -> list[Path]:
    """The user's own folder first, then everyone's. Subfolders are Resolve's pages."""
    home = Path.home()
    if sys.platform == "win32":
        roaming = Path(environment.get("APPDATA") or home / "AppData" / "Roaming")
        everyone = Path(environment.get("PROGRAMDATA") or "C:/ProgramData")
        mine, all_users = roaming.joinpath(*MAKER, "Support"), everyone.joinpath(*MAKER)
    elif sys.platform == "darwin":
        inside = Path("Library", "Application Support", *MAKER)
        mine, all_users = home / inside, Path("/") / inside
    else:
        mine, all_users = home / ".local" / "share" / "DaVinciResolve", Path("/opt/resolve")
    return [folder / "Fusion" / "Scripts" for folder in (mine, all_users)]


def is_here(environment: Mapping[str, str]) -> bool:
    """Whether Resolve was installed for everyone, or started by this user."""
    return any(folder.parent.parent.exists() for folder in scripts(environment))


def from_the_store() -> bool:
    """Apple's App Store puts programs into a sandbox that starts none of ours."""
    apps = Path("/Applications")
    return sys.platform == "darwin" and any(apps.glob("DaVinci Resolve*/Contents/_MASReceipt"))


def talk(environment: Mapping[str, str]) -> Path:
    """The folder in which scripts speak with the bridge. In ASCII on Windows: Lua there opens no
    other, so what is not lies in the folder of all users, under a name of this one."""
    folder = record.path(environment).parent / TALK
    if sys.platform != "win32" or str(folder).isascii():
        return folder
    everyone = Path(environment.get("PROGRAMDATA") or "C:/ProgramData")
    return everyone / "lav-bridge" / sha256(str(folder).encode()).hexdigest()[:12] / TALK


def command_for_lua(words: list[str]) -> list[str]:
    """As Windows' command line takes it from Lua, without a window of its own. Raises LavError."""
    if sys.platform != "win32":
        return words
    program = Path(words[0]).with_name("pythonw.exe")
    words = [str(program) if program.exists() else words[0], *words[1:]]
    words = [word if word.isascii() else _short(word) for word in words]
    if all(word.isascii() and not set(word) & set('"%') for word in words):
        return words
    raise LavError(
        "Resolve's Lua can start no program whose path has letters beyond A to Z, \" or %, so "
        "nothing can be relit from it.",
        "Install LAV Bridge in another folder, such as C:\\lav, or use `lav install resolve "
        "--python` with Resolve Studio.",
        Code.unsupported,
    )


def _short(word: str) -> str:
    """A file's second name of eight letters; the same where it has none."""
    if sys.platform != "win32":
        return word
    import ctypes

    found = ctypes.create_unicode_buffer(500)
    ctypes.windll.kernel32.GetShortPathNameW(word, found, len(found))
    return found.value or word
