"""The Lua script as it is installed, but with a test at the other end of its folder."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from resolve.luajit import LuaJIT

from lav_client import resolve_entries
from lav_client.resolve_entries import Language
from lav_client.resolve_spool import Spool

TELLS_WHERE = r"""#!/bin/sh
for last; do :; done
printf %s "$last" > "$0.part"
mv "$0.part" "$0.said"
"""


def lua(
    folder: Path, resolve: Any, objects: str = "userdata", **changed: str
) -> tuple[LuaJIT, Spool]:
    """The script, started, and this end of its folder."""
    folder.mkdir(parents=True)
    bridge = folder / "tells where"
    bridge.write_text(TELLS_WHERE)
    bridge.chmod(0o755)
    script = folder / "entry.lua"
    text = resolve_entries.source(Language.lua)
    for name, value in changed.items():
        text = text.replace(f"local {name} = ", f"local {name} = {value} -- ")
    script.write_text(resolve_entries.baked(text, Language.lua, [str(bridge)], folder))
    run = LuaJIT(script, resolve, folder, objects)
    said, deadline = Path(f"{bridge}.said"), time.monotonic() + 20
    while not said.exists():
        assert time.monotonic() < deadline, run.output()
        time.sleep(0.01)
    return run, Spool(Path(said.read_text()))
