"""Check Setup against every Resolve: it reads what is there, and opens no dialogue."""

from __future__ import annotations

from pathlib import Path

import pytest
from resolve.acting import act
from resolve.fake.profiles import ALL
from resolve.fake.stage import stage
from resolve.here import HELLO, Here

from lav_client import resolve_check
from lav_client.resolve_link import Link
from lav_client.resolve_proxy import connect
from lav_plugin.resolve.edition import STUDIO_ONLY


def checked(resolve: object, home: Path) -> dict[str, str]:
    """By the name of the link."""
    here = Here(resolve)
    here.answers.put(HELLO)
    link = Link(here)
    hello = link.hello()
    lines = list(resolve_check.report(connect(link), hello, home))
    link.end("")
    return {line[6:].partition(":")[0]: line for line in lines}


@pytest.mark.parametrize("profile", ALL, ids=lambda one: one.name)
def test_every_link_is_whole_in_every_resolve(profile, tmp_path):
    scene = act(tmp_path, profile.name)
    scene.scene.other("transition", "Cross Dissolve", at=58, count=4)
    scene.scene.other("title", "Text+", track=2)
    said = checked(scene.scene.resolve, tmp_path / "home")
    assert [line for line in said.values() if not line.startswith("ok")] == []
    assert ("Studio" in said["Resolve"]) == profile.is_studio
    assert ".".join(map(str, profile.version)) in said["Resolve"]
    assert "3 read, under the playhead: 'a.mov'" in said["Clips"]
    assert not scene.scene.world.is_modal
    assert not {name.partition(".")[2] for name, _ in scene.scene.world.calls} & STUDIO_ONLY


def test_without_a_project_each_link_that_needs_one_says_so(tmp_path):
    scene = stage("21.1-free")
    scene.world.project = None
    said = checked(scene.resolve, tmp_path)
    for link in ("Project", "Timeline", "Clips"):
        assert "No project is open. Open a project" in said[link]
    assert said["Server"].startswith("ok")


def test_while_a_dialogue_is_open_the_links_are_broken_and_named(tmp_path):
    scene = stage("21.1-free")
    scene.world.is_modal = True
    said = checked(scene.resolve, tmp_path)
    assert {name for name, line in said.items() if line.startswith("FAIL")} >= {
        "Resolve",
        "Project",
    }
