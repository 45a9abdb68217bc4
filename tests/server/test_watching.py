"""A mailbox keeps the newest and never grows; the remaining time follows the pace."""

from __future__ import annotations

import asyncio

import pytest

from lav_engine.errors import Code, LavError
from lav_engine.spec import Stage
from lav_server.jobs import Picture, Progress
from lav_server.pace import Pace
from lav_server.watching import Watchers


def at(fraction: float) -> Progress:
    return Progress(Stage.lighting, 0, 0, fraction)


def picture(name: bytes) -> Picture:
    return Picture(name, "image/jpeg", 1, 1)


def test_a_slow_watcher_gets_only_the_newest() -> None:
    watchers = Watchers()
    with watchers.watching("job") as slow:
        for n in range(1000):
            watchers.tell("job", at(n / 1000), picture(b"%d" % n))
        assert slow.take() == (at(0.999), picture(b"999"))
        assert slow.take() == (None, None)


def test_progress_alone_does_not_push_a_preview_out() -> None:
    watchers = Watchers()
    with watchers.watching("job") as watcher:
        watchers.tell("job", at(0.1), picture(b"a"))
        watchers.tell("job", at(0.2))
        assert watcher.take() == (at(0.2), picture(b"a"))


def test_a_late_watcher_starts_with_the_newest_progress() -> None:
    watchers = Watchers()
    watchers.tell("job", at(0.5))
    with watchers.watching("job") as watcher:
        assert watcher.take() == (at(0.5), None)
    watchers.forget("job")
    assert watchers.progress("job") is None


def test_more_watchers_than_there_may_be_are_refused_and_one_that_leaves_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lav_server.watching.MOST", 2)
    watchers = Watchers()
    with watchers.watching("a"):
        with watchers.watching("b"):
            with pytest.raises(LavError, match="2 others watch") as full, watchers.watching("a"):
                pass
            assert full.value.code == Code.queue_full
        with watchers.watching("a"):
            assert watchers.progress("a") is None


def test_waiting_ends_with_news_or_with_time() -> None:
    async def waits() -> tuple[bool, bool]:
        watchers = Watchers()
        with watchers.watching("job") as watcher:
            watchers.tell("job")
            return await watcher.wait(5), await watcher.wait(0.01)

    assert asyncio.run(waits()) == (True, False)


def pace_after(steps: list[tuple[float, float]]) -> float | None:
    """The remaining time after (seconds, fraction) steps."""
    times = iter([seconds for seconds, _ in steps])
    pace = Pace(lambda: next(times))
    return [pace.eta(fraction) for _, fraction in steps][-1]


def test_a_steady_pace_tells_the_remaining_time() -> None:
    assert pace_after([(n, n / 100) for n in range(41)]) == pytest.approx(60)


def test_a_new_pace_replaces_the_old_one() -> None:
    slow = [(10.0 * n, n / 100) for n in range(20)]
    fast = [(190.0 + n, 0.19 + n / 100) for n in range(1, 61)]
    assert pace_after(slow + fast) == pytest.approx(0.21 * 100, rel=0.5)


def test_before_anything_was_gained_nothing_is_promised() -> None:
    assert pace_after([(0, 0.0)]) is None
    assert pace_after([(0, 0.0), (10, 0.0)]) is None
