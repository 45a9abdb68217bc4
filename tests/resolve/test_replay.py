"""A user's transcript becomes a test: what was recorded answers again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from resolve.here import HELLO, Here
from resolve.project import Resolve
from resolve.replay import Replay

from lav_client import resolve_check
from lav_client.resolve_link import Absent, Failed, Link
from lav_client.resolve_proxy import connect
from lav_client.resolve_record import Transcript


class Newer(Resolve):
    def GetCurrentPage(self) -> Any:
        raise RuntimeError("a dialogue is open")


def checked(link: Link, transcripts: Path | None, home: Path) -> list[str]:
    hello = link.hello()
    try:
        if transcripts is None:
            return list(resolve_check.report(connect(link), hello, home))
        with Transcript(transcripts, link, hello):
            return list(resolve_check.report(connect(link), hello, home))
    finally:
        link.end("")


def recorded(resolve: Any, folder: Path) -> tuple[list[str], Path]:
    here = Here(resolve)
    here.answers.put(HELLO)
    said = checked(Link(here), folder, folder / "home")
    return said, folder / "resolve-answers.jsonl"


@pytest.mark.parametrize("resolve", [Resolve(), Resolve(has_timeline=False), Newer()])
def test_check_setup_says_of_a_transcript_what_it_said_of_resolve(tmp_path, resolve):
    said, path = recorded(resolve, tmp_path)
    assert len(said) == 8
    assert checked(Link(Replay(path)), None, tmp_path / "home") == said


def test_what_was_never_asked_is_an_error_that_names_it(tmp_path):
    _, path = recorded(Resolve(), tmp_path)
    resolve = connect(Link(Replay(path)))
    with pytest.raises(Failed, match=r"GetMediaStorage.* is not in"):
        resolve.GetMediaStorage()


def test_what_resolve_lacked_it_lacks_again(tmp_path):
    here = Here(Resolve())
    here.answers.put(HELLO)
    link = Link(here)
    hello = link.hello()
    with Transcript(tmp_path, link, hello), pytest.raises(Absent):
        connect(link).GetFairlightPresets()
    link.end("")
    with pytest.raises(Absent, match="has no GetFairlightPresets"):
        connect(Link(Replay(tmp_path / "resolve-answers.jsonl"))).GetFairlightPresets()


def test_a_transcript_takes_the_last_one_s_place_and_is_private(tmp_path):
    old = tmp_path / "resolve-answers.jsonl"
    kept = tmp_path / "kept"
    kept.write_text("theirs")
    old.symlink_to(kept)
    _, path = recorded(Resolve(), tmp_path)
    assert not path.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o600
    assert kept.read_text() == "theirs"
