"""The doctor about add-ons: old ones, and ones that would not find us."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from lav_client import addon, blender_addon
from lav_client.health import addons
from lav_client.health.check import State
from lav_plugin import record

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="places of another system")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_DATA_HOME": str(tmp_path / "data")}


@pytest.fixture
def place(environment: dict[str, str]) -> Path:
    """Of an add-on of this version, that finds us."""
    folder = Path(environment["XDG_CONFIG_HOME"]) / "blender" / "4.5"
    place = folder / "extensions" / "user_default" / addon.ID
    blender_addon.place(place)
    remember(environment, [sys.executable, "bridge"])
    return place


def remember(environment: dict[str, str], command: list[str]) -> None:
    path = record.path(environment)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"bridge": command, "version": "1"}))


def test_without_the_add_on_the_doctor_says_how_to_get_it(environment):
    (check,) = addons.checks(environment)
    assert check.state == State.ok
    assert "lav install blender" in check.text


def test_an_add_on_of_this_version_that_finds_us_is_fine(environment, place):
    assert [check.state for check in addons.checks(environment)] == [State.ok, State.ok]


def test_an_old_add_on_is_told(environment, place):
    manifest = place / addon.MANIFEST
    manifest.write_text(manifest.read_text().replace(addon.version(), "0.0.1"))
    (old, _) = addons.checks(environment)
    assert old.state == State.warn
    assert "Blender 4.5 has 0.0.1" in old.text
    assert "lav install blender" in old.fix


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (["/gone/python", "bridge"], "no longer there"),
        (["/bin/sh", "bridge"], "another LAV Bridge"),
        ([], "is not there"),
    ],
)
def test_an_add_on_that_would_not_find_us_is_told(environment, place, command, why):
    remember(environment, command)
    (_, way) = addons.checks(environment)
    assert way.state == State.warn
    assert why in way.text
