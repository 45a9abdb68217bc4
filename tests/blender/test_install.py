"""`lav install blender` with real Blenders: installed by their own means, ticked, used, removed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lav_client import addon

pytestmark = pytest.mark.blender

COMMAND = [sys.executable, "-P", "-m", "lav_client.entry"]
LIMIT = 150  # seconds; test machines are shared
# A bpy module as the program it is the inside of: the same command, answered by the same code.
PROGRAM = """\
#!{python}
import os, sys
import bpy
if "--version" in sys.argv:
    print("Blender", bpy.app.version_string)
else:
    bpy.utils.load_scripts()
    sys.path.append(bpy.utils.system_resource("SCRIPTS", path="addons_core"))
    from bl_pkg.bl_extension_cli import cli_extension_handler
    assert sys.argv[1:4] == ["--background", "--command", "extension"], sys.argv
    bpy.context.preferences.use_preferences_save = True
    code = cli_extension_handler(sys.argv[4:])
    sys.stdout.flush()
    os._exit(code)
os._exit(0)
"""
# What a user sees: whether the box is ticked after a fresh start, and whether the add-on loads.
LOOK = """\
import json, os, sys, bpy
bpy.ops.wm.read_userpref()
bpy.utils.load_scripts()
ticked = [one.module for one in bpy.context.preferences.addons if "lav_bridge" in one.module]
print("seen:", json.dumps([ticked, [one for one in ticked if one in sys.modules]]))
sys.stdout.flush()
os._exit(0)
"""


@pytest.fixture
def program(blender, tmp_path) -> Path:
    if not blender.is_module:
        return blender.path
    path = tmp_path / "blender"
    path.write_text(PROGRAM.format(python=blender.path))
    path.chmod(0o755)
    return path


@pytest.fixture
def user(tmp_path) -> dict[str, str]:
    """A user of their own: settings, data folder, and no variables of this one."""
    own = {name: text for name, text in os.environ.items() if not name.startswith("LAV_")}
    resources = tmp_path / "resources"
    resources.mkdir()
    return {
        **own,
        "BLENDER_USER_RESOURCES": str(resources),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }


@pytest.fixture
def lav(user) -> Callable[..., dict[str, Any]]:
    def call(*words: object) -> dict[str, Any]:
        ran = subprocess.run(
            [*COMMAND, *map(str, words), "--json"], env=user, capture_output=True, timeout=LIMIT
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return json.loads(ran.stdout)

    return call


def seen(blender: Any, user: dict[str, str], folder: Path) -> tuple[list[str], list[str]]:
    """Modules that are ticked, and those of them that are loaded."""
    script = folder / "look.py"
    script.write_text(LOOK)
    words = [] if blender.is_module else ["--background", "--python"]
    ran = subprocess.run(
        [blender.path, *words, script], env=user, capture_output=True, text=True, timeout=LIMIT
    )
    (line,) = [line for line in ran.stdout.splitlines() if line.startswith("seen:")]
    ticked, loaded = json.loads(line.removeprefix("seen:"))
    return ticked, loaded


def test_it_is_installed_ticked_brought_up_to_date_and_removed(
    blender, program, user, lav, tmp_path
):
    (told,) = lav("install", "blender", "--blender", program)["blenders"]
    assert (told["state"], told["installed"]) == ("enabled", addon.version())
    ticked, loaded = seen(blender, user, tmp_path)
    assert len(ticked) == 1
    assert loaded == ticked
    record = json.loads((tmp_path / "data" / "lav-bridge" / "install.json").read_text())
    assert record["bridge"][0] == sys.executable
    place = Path(told["place"])
    older = (place / addon.MANIFEST).read_text().replace(addon.version(), "0.0.1")
    (place / addon.MANIFEST).write_text(older)
    (place / "left_behind.py").write_text("")
    beside = place.with_name("somebody_elses")
    beside.mkdir()
    (told,) = lav("install", "blender", "--blender", program)["blenders"]
    assert "in the place of 0.0.1" in told["said"]
    assert not (place / "left_behind.py").exists()
    assert seen(blender, user, tmp_path)[1] == ticked
    (told,) = lav("uninstall", "blender", "--blender", program)["blenders"]
    assert told["state"] == "removed"
    assert seen(blender, user, tmp_path) == ([], [])
    assert not place.exists()
    assert beside.exists()


def test_files_laid_where_it_looks_are_found_and_can_be_ticked(blender, program, user, tmp_path):
    """What is done for a Blender of which only the folder is known."""
    code = (
        "import sys; from pathlib import Path; import os\n"
        "from dataclasses import replace\n"
        "from lav_client import blenders, blender_addon\n"
        "(one,) = blenders.found(os.environ, [Path(sys.argv[1])])\n"
        "print(blender_addon.install(replace(one, program=None)).state)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, program], env=user, capture_output=True, text=True
    )
    assert ran.stdout.strip() == "placed", ran.stderr
    script = tmp_path / "tick.py"
    script.write_text(
        "import os, sys, bpy, addon_utils\n"
        "new = bpy.app.version >= (4, 2)\n"
        "name = 'bl_ext.user_default.lav_bridge' if new else 'lav_bridge'\n"
        "known = [one.__name__ for one in addon_utils.modules(refresh=True)]\n"
        "done = addon_utils.enable(name)\n"
        "print('ticked:', name in known, done is not None)\n"
        "sys.stdout.flush(); os._exit(0)\n"
    )
    words = [] if blender.is_module else ["--background", "--python"]
    ran = subprocess.run(
        [blender.path, *words, script], env=user, capture_output=True, text=True, timeout=LIMIT
    )
    assert "ticked: True True" in ran.stdout, ran.stdout + ran.stderr


def test_the_zip_is_one_that_blender_itself_calls_valid(blender, program, user, tmp_path):
    if not blender.is_module:
        pytest.skip("Blenders before 4.2 know no extensions")
    path = addon.write(tmp_path)
    words = ["--background", "--command", "extension", "validate", path]
    ran = subprocess.run([program, *words], env=user, capture_output=True, text=True, timeout=LIMIT)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Success" in ran.stdout
