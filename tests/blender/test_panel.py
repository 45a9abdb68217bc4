"""The panel as it is drawn: Debian's Blender on a screen of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import pytest
from blender import coded
from blender.conftest import INSIDE, PLUGIN

pytestmark = [pytest.mark.blender, pytest.mark.timeout(300)]
NEEDED = ("blender", "xvfb-run", "import")  # the last is ImageMagick's
LIMIT = 200  # seconds
SIDEBAR = 300  # pixels


@pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)), reason=f"takes {', '.join(NEEDED)} on the PATH"
)
def test_the_panel_is_drawn_and_follows_a_clip_to_its_take(server, tmp_path: Path) -> None:
    clip = coded.write(server.folder / "clip.mp4", range(48))
    told = tmp_path / "told.json"
    given = json.dumps({"clip": str(clip), "folder": str(tmp_path), "told": str(told)})
    script = str(INSIDE / "drawn.py")
    blender = ["blender", "--factory-startup", "-p", "0", "0", "1400", "1200", "--python", script]
    words = [sys.executable, "-P", "-m", "lav_client.entry", "--home", str(server.home), "bridge"]
    done = subprocess.run(
        ["xvfb-run", "-a", "-s", "-screen 0 1400x1200x24", *blender, "--", given],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(PLUGIN), str(INSIDE)]),
            "BLENDER_USER_RESOURCES": str(tmp_path / "user"),
            "LAV_BRIDGE": json.dumps(words),
            "LIBGL_ALWAYS_SOFTWARE": "1",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    assert "Traceback" not in done.stdout + done.stderr, "drawing fails without a word elsewhere"
    said = json.loads(told.read_text())
    assert said["timer"]
    assert (said["takes"], said["is_shown"]) == (1, True)
    assert said["notice"] == "MEDIA_MISSING"
    drawn = [cv2.imread(path, cv2.IMREAD_GRAYSCALE) for path in said["pictures"]]
    assert len(drawn) == 4
    for one in drawn:
        assert one is not None
        edges = cv2.Canny(one[40:, -SIDEBAR:], 60, 120).any(axis=1)
        assert edges.sum() > 150, "rows of the sidebar with something in them"
