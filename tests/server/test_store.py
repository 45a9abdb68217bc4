"""The store keeps its promises over reopening, repeated keys, stale epochs and illegal moves."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from lav_engine.errors import Code, LavError
from lav_engine.spec import ClipRange, Codec, Light, LightRequest, Output, RelightRequest, Take
from lav_server.jobs import ENDED, REACHED_FROM, JobState, Window
from lav_server.problem import Problem
from lav_server.room import Needs
from lav_server.schema import MIGRATIONS
from lav_server.store import Store
from lav_server.store_thread import StoreThread
from lav_server.wire import request_to_wire

CLIP = ClipRange(Path("/media/a.mov"), 0, 24, Fraction(24000, 1001))
REQUEST = RelightRequest(CLIP, LightRequest(prompt="noir"), Output(Path("/media/b.mov")))
TAKE = Take(REQUEST.output.path, CLIP, 160, 90, "draft", "1", Light(), 1.0, Codec.h264, "", "", 1.5)
PROBLEM = Problem(Code.worker_lost, "The worker was lost.", "Try again.", True)

WAYS = {  # how to bring a queued job into each state
    JobState.queued: [],
    JobState.running: [JobState.running],
    JobState.publishing: [JobState.running, JobState.publishing],
    JobState.done: [JobState.running, JobState.publishing, JobState.done],
    JobState.cancelling: [JobState.running, JobState.cancelling],
    JobState.cancelled: [JobState.cancelled],
    JobState.failed: [JobState.running, JobState.failed],
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "jobs.sqlite")
    yield store
    store.close()


def named(name: str) -> RelightRequest:
    return replace(REQUEST, output=Output(Path("/media") / name))


def added(store: Store, count: int) -> list[str]:
    return [store.add(named(f"{n}.mov"), str(n))[0].id for n in range(count)]


def brought_to(store: Store, state: JobState) -> str:
    job, _ = store.add(REQUEST, "key")
    for step in WAYS[state]:
        store.move(job.id, step)
    return job.id


def test_a_job_is_the_same_after_reopening(tmp_path: Path) -> None:
    store = Store(tmp_path / "jobs.sqlite")
    job, _ = store.add(REQUEST, "key", parent="older")
    store.claim()
    done = store.move(job.id, JobState.done, take=TAKE)
    store.close()
    again = Store(tmp_path / "jobs.sqlite")
    assert again.job(job.id) == done
    assert (done.request, done.take, done.parent, done.epoch) == (REQUEST, TAKE, "older", 1)
    again.close()


def test_one_key_is_one_job(store: Store) -> None:
    first, is_new = store.add(REQUEST, "key")
    assert is_new
    assert store.add(named("c.mov"), "key") == (first, False)
    assert store.jobs(10) == [first]


def test_two_open_jobs_never_write_one_file(store: Store) -> None:
    first, _ = store.add(REQUEST, "1")
    with pytest.raises(LavError) as refused:
        store.add(REQUEST, "2")
    assert refused.value.code == Code.output_exists
    store.cancel(first.id)
    again, _ = store.add(REQUEST, "2")
    assert again.state == JobState.queued


def test_the_job_that_waited_longest_is_claimed_first(store: Store) -> None:
    ids = added(store, 3)
    claimed = [store.claim() for _ in range(4)]
    assert [job.id if job else None for job in claimed] == [*ids, None]


@pytest.mark.parametrize("start", JobState)
@pytest.mark.parametrize("end", JobState)
def test_only_the_moves_of_the_table_are_made(store: Store, start: JobState, end: JobState) -> None:
    job_id = brought_to(store, start)
    before = store.job(job_id)
    after = store.move(job_id, end)
    is_legal = start in REACHED_FROM[end]
    assert after.state == (end if is_legal else start)
    assert after.seq == before.seq + is_legal


@pytest.mark.parametrize("state", sorted(ENDED))
def test_an_ended_job_is_not_cancelled(store: Store, state: JobState) -> None:
    assert store.cancel(brought_to(store, state)).state == state


def test_events_are_numbered_without_gaps(store: Store) -> None:
    job, _ = store.add(REQUEST, "key")
    store.claim()
    store.warn(job.id, "A cut was found.")
    store.move(job.id, JobState.failed, problem=PROBLEM)
    events = store.events(job.id, 0)
    assert [event.seq for event in events] == [1, 2, 3, 4]
    assert [event.state for event in events] == [
        JobState.queued, JobState.running, None, JobState.failed,
    ]  # fmt: skip
    assert events[2].warning == "A cut was found."
    assert store.events(job.id, 3) == events[3:]
    assert store.job(job.id).problem == PROBLEM


def test_what_was_being_worked_on_is_known_after_a_stop(store: Store) -> None:
    ids = added(store, 4)
    for _ in ids[:3]:
        store.claim()
    store.move(ids[1], JobState.publishing)
    store.cancel(ids[2])
    assert [job.id for job in store.working()] == ids[:3]


def test_an_older_claim_stores_no_windows(store: Store) -> None:
    job, _ = store.add(REQUEST, "key")
    store.claim()
    store.move(job.id, JobState.queued)
    store.claim()
    store.finish_window(job.id, 1, Window(0, "old"))
    store.finish_window(job.id, 2, Window(1, "new"))
    assert store.open_keys() == {"new"}


def test_unknown_jobs_are_a_sentence(store: Store) -> None:
    with pytest.raises(LavError) as refused:
        store.job("nothing")
    assert refused.value.code == Code.job_unknown


PAGE = 4096  # bytes, as SQLite has them


def filled(path: Path) -> int:
    """Makes a database of a hundred jobs; the number of its pages."""
    store = Store(path)
    for job_id in added(store, 100):
        store.cancel(job_id)
    store.close()
    return path.stat().st_size // PAGE


def spoil(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek(page * PAGE)
        file.write(b"\xff" * PAGE)


def test_a_damaged_database_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(LavError, match=r"is damaged .*, so it cannot be used"):
        Store(tmp_path / "jobs.sqlite")


def test_a_database_is_opened_only_when_every_page_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    pages = filled(path)
    whole = path.read_bytes()
    assert pages > 10
    for page in range(pages):
        spoil(path, page)
        with pytest.raises(LavError) as refused:
            Store(path)
        assert str(path) in refused.value.message
        assert "Move it away" in refused.value.hint
        path.write_bytes(whole)
    Store(path).close()


def test_damage_while_the_server_runs_is_the_same_sentence(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    pages = filled(path)

    async def scene() -> None:
        store = Store(path)
        store._db.execute("PRAGMA shrink_memory")  # it remembers no page
        for page in range(1, pages):
            spoil(path, page)
        thread = StoreThread(store)
        with pytest.raises(LavError, match=f"The job database {path} is damaged"):
            await thread(Store.jobs, 10)
        await thread.close()

    asyncio.run(scene())


def test_a_record_that_is_nonsense_names_its_job(tmp_path: Path, store: Store) -> None:
    job, _ = store.add(REQUEST, "key")
    with sqlite3.connect(tmp_path / "jobs.sqlite") as db:
        db.execute("UPDATE jobs SET request = ?", (b"\xff" * 1000,))
    db.close()
    with pytest.raises(LavError, match=f"of job {job.id} is damaged"):
        store.jobs(10)


def test_a_folder_in_the_place_of_the_database_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").mkdir()
    with pytest.raises(LavError, match=r"jobs\.sqlite is a folder"):
        Store(tmp_path / "jobs.sqlite")


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "jobs.sqlite") as db:
        db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(LavError) as refused:
        Store(tmp_path / "jobs.sqlite")
    assert refused.value.code == Code.version_skew


def test_the_jobs_of_an_older_version_are_kept(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "jobs.sqlite") as db:
        db.executescript(f"{MIGRATIONS[0]}; PRAGMA user_version = 1;")
        for number in (1, 2):
            row = (f"id{number}", f"key{number}", "", "queued", "/media/b.mov", 0.0, 0.0)
            request = request_to_wire(REQUEST).SerializeToString()
            db.execute(
                "INSERT INTO jobs (id, key, parent, state, output, created, updated, request)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, request),
            )
    db.close()
    store = Store(tmp_path / "jobs.sqlite")
    assert store.waiting() == ["id1", "id2"]
    assert store.job("id1").request == REQUEST
    assert store.needs("id1") == Needs()
    store.close()


def test_jobs_from_before_forecasts_have_none_and_run_on(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "jobs.sqlite") as db:
        db.executescript(f"{MIGRATIONS[0]}; {MIGRATIONS[1]}; PRAGMA user_version = 2;")
        db.execute(
            "INSERT INTO jobs (id, key, parent, state, output, created, updated, request, needs)"
            " VALUES ('old', 'key', '', 'queued', '/media/b.mov', 0, 0, ?, '{\"take\": 7}')",
            (request_to_wire(REQUEST).SerializeToString(),),
        )
    db.close()
    store = Store(tmp_path / "jobs.sqlite")
    assert store.needs("old") == Needs(take=7)
    new, _ = store.add(named("new.mov"), "new", needs=Needs(seconds=3.0))
    assert store.forecast(None) == (0.0, {"old": None, new.id: 3.0})
    job = store.claim()
    assert job is not None
    assert store.move("old", JobState.done, take=TAKE, spent=1.0).state == JobState.done
    assert store.forecast(None)[1] == {new.id: 3.0}
    store.close()
