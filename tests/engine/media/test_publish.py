"""Of several that want one name one gets it, and nothing is overwritten."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest
from film_takes import assert_nothing_else

from lav_engine import publish
from lav_engine.errors import Code, LavError


def test_of_two_that_publish_at_once_one_wins(tmp_path: Path) -> None:
    target, outcomes = tmp_path / "take.mov", []
    ready = threading.Barrier(8)

    def race(content: bytes) -> None:
        reserved = publish.reserve(target)
        reserved.temp.write_bytes(content)
        ready.wait(10)
        try:
            publish.publish(reserved)
            outcomes.append(content)
        except LavError:
            publish.discard(reserved)

    racers = [threading.Thread(target=race, args=(b"%d" % n,)) for n in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(30)
    assert [target.read_bytes()] == outcomes
    assert_nothing_else(tmp_path, "take.mov")


def test_where_links_do_not_exist_nothing_is_overwritten_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: object, target: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    reserved = publish.reserve(tmp_path / "take.mov")
    reserved.temp.write_bytes(b"whole")
    late = publish.reserve(tmp_path / "take.mov")
    publish.publish(reserved)
    with pytest.raises(LavError, match="exists already"):
        publish.publish(late)
    publish.discard(late)
    assert (tmp_path / "take.mov").read_bytes() == b"whole"
    assert_nothing_else(tmp_path, "take.mov")


@pytest.mark.parametrize(
    ("number", "code", "hint"),
    [
        (errno.ENOSPC, Code.disk_short, "Free some space"),
        (errno.EIO, Code.output_unwritable, "Check the disk"),
        (errno.EROFS, Code.output_unwritable, "a folder you can write to"),
    ],
)
def test_what_a_disk_says_is_told_with_what_to_do(number: int, code: Code, hint: str) -> None:
    with pytest.raises(LavError) as refused, publish.writing(Path("/takes/take.mov")):
        raise OSError(number, os.strerror(number))
    assert refused.value.code == code
    assert "take.mov" in refused.value.message
    assert hint in refused.value.hint
