"""Whatever is done to the store, in whatever order: ends stay, one claim writes, none is lost."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings, strategies
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from soaking import size

from lav_engine.errors import Code, Fenced, LavError
from lav_engine.spec import ClipRange, Codec, Light, LightRequest, Output, RelightRequest, Take
from lav_server import claims
from lav_server.jobs import JobState, Window
from lav_server.problem import Problem
from lav_server.store import Store

S = JobState
CLIP = ClipRange(Path("/media/a.mov"), 0, 24, Fraction(24))
LOST = Problem(Code.worker_lost, "The worker was lost.", "Try again.", True)
OPEN = {S.queued, S.running, S.publishing, S.cancelling}
AT_WORK = OPEN - {S.queued}
ENDED = set(S) - OPEN
HOPELESS = 3  # workers lost in a row without a new window


@dataclass
class Known:
    """What must be true of a job."""

    key: str
    output: str
    state: JobState = S.queued
    epoch: int = 0
    lost: int = 0
    is_paused: bool = False
    windows: dict[int, tuple[int, str]] = field(default_factory=dict)  # epoch and key by index


class Jobs(RuleBasedStateMachine):
    """The real store, and beside it the little that matters of what it should hold."""

    jobs: Any = Bundle("jobs")
    claimed: Any = Bundle("claimed")  # (job, epoch): a worker that was given it, however long ago

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lav-soak-"))
        self.store = Store(self.folder / "jobs.sqlite")
        self.known: dict[str, Known] = {}

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    # --- what clients do

    @rule(target=jobs, key=strategies.sampled_from("abcdef"), output=strategies.sampled_from("xyz"))
    def submit(self, key: str, output: str) -> Any:
        request = RelightRequest(CLIP, LightRequest(prompt="noir"), Output(Path(f"/m/{output}")))
        same = [one for one, known in self.known.items() if known.key == key]
        is_taken = any(k.output == output and k.state in OPEN for k in self.known.values())
        if is_taken and not same:
            with pytest.raises(LavError) as taken:
                self.store.add(request, key)
            assert taken.value.code == Code.output_exists
            return multiple()
        job, is_new = self.store.add(request, key)
        assert is_new == (not same)
        if same:
            assert job.id == same[0]
            return multiple()
        self.known[job.id] = Known(key, output)
        return job.id

    @rule(job=jobs)
    def cancel(self, job: str) -> None:
        known = self.known[job]
        if known.state == S.queued:
            known.state = S.cancelled
        elif known.state in (S.running, S.publishing):
            known.state = S.cancelling
        self.store.cancel(job)

    @rule(job=jobs, wanted=strategies.booleans())
    def pause(self, job: str, wanted: bool) -> None:
        self.store.pause(job, wanted)
        if self.known[job].state in OPEN:
            self.known[job].is_paused = wanted

    @rule(job=jobs, priority=strategies.integers(-2, 2))
    def prioritize(self, job: str, priority: int) -> None:
        self.store.prioritize(job, priority)

    # --- what the queue and its workers do

    @rule(target=claimed)
    def claim(self) -> Any:
        order = self.store.waiting()
        job = self.store.claim()
        if job is None:
            waiting = [k for k in self.known.values() if k.state == S.queued and not k.is_paused]
            assert waiting == []
            return multiple()
        known = self.known[job.id]
        assert job.id == order[0]
        assert known.state == S.queued
        assert not known.is_paused
        known.state, known.epoch = S.running, known.epoch + 1
        assert job.epoch == known.epoch
        claims.claim(self.folder / job.id, job.epoch)
        return job.id, job.epoch

    @rule(worker=claimed, index=strategies.integers(0, 3), is_reused=strategies.booleans())
    def window(self, worker: tuple[str, int], index: int, is_reused: bool) -> None:
        """From any worker that ever was: only the newest claim's is listened to."""
        job, epoch = worker
        key = f"{epoch}-{index}"
        known = self.known[job]
        self.store.finish_window(job, epoch, Window(index, key, is_reused))
        if epoch == known.epoch:
            known.windows[index] = epoch, key
            known.lost = known.lost if is_reused else 0

    @rule(worker=claimed)
    def late_worker(self, worker: tuple[str, int]) -> None:
        job, epoch = worker
        if epoch == self.known[job].epoch:
            claims.check_claim(self.folder / job, epoch)
        else:
            with pytest.raises(Fenced):
                claims.check_claim(self.folder / job, epoch)

    @rule(job=jobs)
    def publishing(self, job: str) -> None:
        self.move(job, S.publishing, {S.running})

    @rule(job=jobs)
    def done(self, job: str) -> None:
        known = self.known[job]
        path = Path(f"/m/{known.output}")
        take = Take(path, CLIP, 16, 9, "draft", "1", Light(), 1.0, Codec.h264, "", "", 1.0)
        self.move(job, S.done, {S.running, S.publishing, S.cancelling}, take=take)

    @rule(job=jobs)
    def failed(self, job: str) -> None:
        self.move(job, S.failed, {S.running, S.publishing, S.cancelling}, problem=LOST)

    @rule(job=jobs)
    def stopped(self, job: str) -> None:
        self.move(job, S.cancelled, {S.queued, S.cancelling})

    @rule(worker=consumes(claimed))
    def worker_killed(self, worker: tuple[str, int]) -> None:
        job, epoch = worker
        known = self.known[job]
        if known.epoch != epoch or known.state not in AT_WORK:
            return  # nobody waits for that one any more
        known.lost += 1
        self.store.lose_worker(job, LOST)
        if known.state == S.cancelling:
            known.state = S.cancelled
        else:
            known.state = S.failed if known.lost >= HOPELESS else S.queued

    @rule()
    def server_killed(self) -> None:
        """In the middle of a write; the next one takes up what was being worked on."""
        self.store._db.execute("BEGIN IMMEDIATE")
        self.store._db.execute("UPDATE jobs SET state = 'done', epoch = epoch + 7, seq = 0")
        self.store.close()
        self.store = Store(self.folder / "jobs.sqlite")
        left = [one for one, known in self.known.items() if known.state in AT_WORK]
        assert [job.id for job in self.store.working()] == left
        for job in left:
            is_over = self.known[job].state == S.cancelling
            self.known[job].state = S.cancelled if is_over else S.queued
            self.store.move(job, self.known[job].state)

    def move(self, job: str, state: JobState, origins: set[JobState], **result: Any) -> None:
        known = self.known[job]
        if known.state in origins:
            known.state = state
        self.store.move(job, state, **result)

    # --- what must be true at any time

    @invariant()
    def nothing_is_lost_or_invented(self) -> None:
        found = {job.id: job for job in self.store.jobs(1000)}
        assert set(found) == set(self.known)
        for job_id, known in self.known.items():
            job = found[job_id]
            assert (job.state, job.epoch) == (known.state, known.epoch)
            assert (job.take is not None) == (known.state == S.done)
            assert (job.problem is not None) == (known.state == S.failed)

    @invariant()
    def events_have_no_gap_and_end_in_the_jobs_state(self) -> None:
        for job_id, known in self.known.items():
            events = self.store.events(job_id, 0)
            assert [event.seq for event in events] == list(range(1, len(events) + 1))
            states = [event.state for event in events if event.state]
            assert states[-1] == known.state
            assert not [state for state in states[:-1] if state in ENDED], "an end was left"
            assert self.store.job(job_id).seq == len(events)

    @invariant()
    def windows_are_those_of_claims_that_were_the_newest(self) -> None:
        with closing(sqlite3.connect(self.folder / "jobs.sqlite")) as db:
            rows = db.execute('SELECT job, number, epoch, "key" FROM windows').fetchall()
        stored = {(job, number): (epoch, key) for job, number, epoch, key in rows}
        expected = {(j, n): w for j, k in self.known.items() for n, w in k.windows.items()}
        assert stored == expected


def test_no_order_of_events_breaks_the_store() -> None:
    run_state_machine_as_test(
        Jobs,
        settings=settings(
            max_examples=size(20, 400),
            stateful_step_count=size(30, 60),
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
