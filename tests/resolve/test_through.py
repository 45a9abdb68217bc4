"""The adapter through each menu script: Resolve hears the same calls as directly, and the timeline
ends the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from resolve.acting import Act, act
from resolve.fake.profiles import ALL
from resolve.here import HELLO, Here
from resolve.lua_run import lua
from resolve.luajit import needs_luajit

from lav_client.resolve_link import Link
from lav_client.resolve_proxy import connect
from lav_plugin.resolve.edition import edition
from lav_plugin.resolve.host import ResolveHost

WAYS = [("python", one.name) for one in ALL if one.lists_python]
WAYS += [pytest.param("lua", one.name, marks=needs_luajit) for one in ALL]


@contextmanager
def linked(way: str, resolve: Any, folder: Path) -> Iterator[Link]:
    if way == "python":
        here = Here(resolve)
        here.answers.put(HELLO)
        link = Link(here)
        link.hello()
        yield link
        link.end("")
        return
    run, spool = lua(folder / "run", resolve)
    with run:
        link = Link(spool)
        link.hello()
        yield link
        link.end("")
        link.close()
        run.output()


def through(way: str, scene: Act, folder: Path) -> Iterator[Act]:
    """The same, with a host whose `resolve` is at the other end of a script."""
    if way == "directly":
        yield scene
        return
    with linked(way, scene.scene.resolve, folder) as link:
        guarded = connect(link, edition(connect(link)).check)
        scene.scene.world.calls.clear()
        scene.host = ResolveHost(guarded, str(folder / "ours"))
        yield scene


def heard(scene: Act) -> list[tuple[Any, ...]]:
    """What Resolve was asked, without which object was meant."""
    plain = (str, int, float, bool, type(None))
    return [
        (name, *(one if isinstance(one, plain) else type(one).__name__ for one in given))
        for name, given in scene.scene.world.calls
    ]


def played(way: str, profile: str, folder: Path) -> tuple[Any, ...]:
    """A clip is chosen, gets a take above it and one in its place, and loses both."""
    folder.mkdir()
    scene = act(folder, profile)
    scene.scene.world.calls.clear()
    scene.host = ResolveHost(scene.scene.resolve, str(folder / "ours"))
    for on in through(way, scene, folder):
        chosen = on.host.chosen()
        takes = on.takes(on.take())
        on.host.place_above(on.id, takes)
        above = on.shown(), on.tracks()
        on.host.show(on.id, takes)
        shown = on.shown(), on.tracks()
        return chosen.clips[0].first, above, shown, tuple(on.host.notes), heard(on)
    raise AssertionError("nothing was played")


@pytest.mark.parametrize(("way", "profile"), WAYS)
def test_resolve_hears_the_same_through_a_script_as_directly(way, profile, tmp_path):
    there = played(way, profile, tmp_path / "a")
    assert len(there[-1]) > 50
    assert there == played("directly", profile, tmp_path / "b")
