"""Names that a new file must not have, for they mislead a person, a terminal or a system.

All others may be: spaces of any width, joined emoji and every script are in names that cameras,
systems and people give.
"""

from __future__ import annotations

import os
import sys
import unicodedata

LONGEST = 200  # bytes; leaves room for the temporary file's own additions
# They turn what follows around: "gpj.mov" may read "vom.jpg".
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
BREAKING = frozenset({"Cc", "Zl", "Zp", "Cs"})  # categories: control, new line, half a character
DEVICES = {
    *("CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"),
    *(f"{port}{number}" for port in ("COM", "LPT") for number in "123456789¹²³"),
}
WINDOWS_ODD = frozenset('<>:"/\\|?*')


def oddity(name: str, is_windows: bool = sys.platform == "win32") -> str:
    """What is wrong with a file's name, to be said after "it"; "" where nothing is."""
    if name in ("", ".."):
        return "is none"
    if name.startswith("."):
        return "begins with a dot, which hides the file"
    if len(os.fsencode(name)) > LONGEST:
        return f"is longer than {LONGEST} bytes"
    for char in name:
        if char in TURNING:
            return f"has a character that turns the writing around (U+{ord(char):04X})"
        if unicodedata.category(char) in BREAKING:
            return f"has a control character (U+{ord(char):04X})"
    return _windows_oddity(name) if is_windows else ""


def _windows_oddity(name: str) -> str:
    """Names that mean a device, a hidden stream of a file, or a name other than they say."""
    if name.partition(".")[0].rstrip(" ").upper() in DEVICES:
        return "is a device's on Windows"
    if name[-1] in " .":
        return "ends with a space or a dot, which Windows drops"
    odd = next((char for char in name if char in WINDOWS_ODD), "")
    return f"has a {odd}, which Windows allows in no name" if odd else ""
