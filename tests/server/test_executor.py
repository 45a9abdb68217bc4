"""Both executors keep the same promises; the child keeps two more."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from fractions import Fraction
from pathlib import Path

import pytest

from lav_engine.errors import Code
from lav_engine.spec import (
    ClipRange,
    Lamp,
    Light,
    LightRequest,
    Options,
    Output,
    Prompts,
    RelightRequest,
    Stage,
)
from lav_server.claims import claim
from lav_server.executor import ChildExecutor, Executor, ThreadExecutor
from lav_server.jobs import Report, Task
from lav_server.worker import work

FAULT_ENGINE = Path(__file__).parents[1] / "fault_engine"
LIGHT = LightRequest(light=Light(lamps=(Lamp(),), exposure=0.0))

Scene = Callable[[Executor], Awaitable[None]]


@pytest.fixture(autouse=True)
def fault_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by this process and by its children."""
    monkeypatch.syspath_prepend(FAULT_ENGINE)
    path = [str(FAULT_ENGINE), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, make_clip: Callable[..., Path]) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", frames=12)


@pytest.fixture(params=["thread", "child"])
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Scene], None]:
    """Plays a scene with an executor of each kind, and closes it."""

    async def played(scene: Scene) -> None:
        is_child = request.param == "child"
        executor = ChildExecutor(tmp_path / "worker.log") if is_child else ThreadExecutor(work)
        try:
            await scene(executor)
        finally:
            await executor.close()

    return lambda scene: asyncio.run(played(scene))


@pytest.fixture
def task(tmp_path: Path, clip: Path) -> Callable[..., Task]:
    def make(fault: str = "", name: str = "take.mp4") -> Task:
        folder, maps = tmp_path / "jobs" / name, tmp_path / "maps"
        claim(folder, 1)
        maps.mkdir(exist_ok=True)
        (tmp_path / "takes").mkdir(exist_ok=True)
        request = RelightRequest(
            ClipRange(clip, 0, 12, Fraction(24)),
            LIGHT,
            Output(tmp_path / "takes" / name),
            engine="fault",
            options=Options(Prompts(relight=fault)),
        )
        return Task(name, 1, request, maps, folder)

    return make


async def everything(executor: Executor, task: Task) -> list[Report]:
    return [report async for report in executor.run(task)]


async def cancelled_when_lit(executor: Executor, task: Task) -> list[Report]:
    reports = []
    async for report in executor.run(task):
        reports.append(report)
        if report.progress is not None and report.progress.stage == Stage.lighting:
            executor.cancel()
    return reports


def test_a_task_ends_with_its_take(
    play: Callable[[Scene], None], task: Callable[..., Task], tmp_path: Path
) -> None:
    async def scene(executor: Executor) -> None:
        reports = await everything(executor, task())
        assert [report.is_last for report in reports] == [False] * (len(reports) - 1) + [True]
        assert reports[-1].take is not None
        assert reports[-1].take.path.exists()
        assert [report.window.index for report in reports if report.window] == [0, 1]
        assert any(report.preview for report in reports)

    play(scene)
    assert [path.name for path in (tmp_path / "takes").iterdir()] == ["take.mp4"]


def test_a_cancelled_task_leaves_nothing(
    play: Callable[[Scene], None], task: Callable[..., Task], tmp_path: Path
) -> None:
    async def scene(executor: Executor) -> None:
        reports = await cancelled_when_lit(executor, task("slow"))
        assert reports[-1].cancelled
        assert sum(report.is_last for report in reports) == 1

    play(scene)
    assert list((tmp_path / "takes").iterdir()) == []


@pytest.mark.parametrize(
    ("fault", "code"),
    [("error", Code.internal), ("memory", Code.memory_short), ("bad-shape", Code.internal)],
)
def test_a_failure_is_a_sentence_and_the_next_task_runs(
    play: Callable[[Scene], None], task: Callable[..., Task], fault: str, code: Code, tmp_path: Path
) -> None:
    async def scene(executor: Executor) -> None:
        problem = (await everything(executor, task(fault)))[-1].problem
        assert problem is not None
        assert problem.code == code
        assert "Traceback" not in problem.message
        assert list((tmp_path / "takes").iterdir()) == []
        assert (await everything(executor, task(name="next.mp4")))[-1].take

    play(scene)


def test_a_cancel_between_tasks_does_nothing(
    play: Callable[[Scene], None], task: Callable[..., Task]
) -> None:
    async def scene(executor: Executor) -> None:
        executor.cancel()
        assert (await everything(executor, task()))[-1].take
        executor.cancel()
        assert (await everything(executor, task(name="next.mp4")))[-1].take

    play(scene)


@pytest.mark.parametrize(("fault", "word"), [("crash", "SIGSEGV"), ("killed", "killed")])
def test_a_dead_child_is_said_to_be_lost_and_replaced(
    tmp_path: Path, task: Callable[..., Task], fault: str, word: str
) -> None:
    async def scene() -> None:
        executor = ChildExecutor(tmp_path / "worker.log")
        try:
            problem = (await everything(executor, task(fault)))[-1].problem
            assert problem is not None
            assert (problem.code, problem.retryable) == (Code.worker_lost, True)
            assert word in problem.message
            assert (await everything(executor, task(name="next.mp4")))[-1].take
        finally:
            await executor.close()

    asyncio.run(scene())


def test_a_child_that_does_not_hear_is_killed(tmp_path: Path, task: Callable[..., Task]) -> None:
    async def scene() -> None:
        executor = ChildExecutor(tmp_path / "worker.log", grace=0.5)
        try:
            running = asyncio.create_task(everything(executor, task("hang")))
            while not list((tmp_path / "takes").iterdir()):
                await asyncio.sleep(0.05)
            executor.cancel()
            reports = await asyncio.wait_for(running, 10)
            assert reports[-1].cancelled
        finally:
            await executor.close()

    asyncio.run(scene())


def test_an_engine_that_never_comes_back_is_ended(
    tmp_path: Path, task: Callable[..., Task]
) -> None:
    async def scene() -> None:
        executor = ChildExecutor(tmp_path / "worker.log", grace=0.5, patience=1.5)
        try:
            problem = (await everything(executor, task("hang")))[-1].problem
            assert problem is not None
            assert (problem.code, problem.retryable) == (Code.worker_lost, True)
            assert "stood still" in problem.message
            assert (await everything(executor, task(name="next.mp4")))[-1].take
        finally:
            await executor.close()

    asyncio.run(scene())


def test_a_child_that_is_stopped_before_its_first_beat_is_ended(
    tmp_path: Path, task: Callable[..., Task]
) -> None:
    """However long a model may take to load: nothing has said that one does."""

    async def scene() -> None:
        executor = ChildExecutor(tmp_path / "worker.log", grace=0.5, patience=60, starting=1)
        try:
            running = asyncio.create_task(everything(executor, task()))
            while executor._child is None:
                await asyncio.sleep(0)
            stopped = executor._child
            os.kill(stopped._process.pid, signal.SIGSTOP)
            problem = (await asyncio.wait_for(running, 20))[-1].problem
            assert problem is not None
            assert (problem.code, problem.retryable) == (Code.worker_lost, True)
            assert "stood still for 1 seconds" in problem.message
            assert not stopped.is_running
        finally:
            await executor.close()

    asyncio.run(scene())


def test_prints_do_not_disturb_the_channel(tmp_path: Path, task: Callable[..., Task]) -> None:
    async def scene() -> None:
        executor = ChildExecutor(tmp_path / "worker.log")
        try:
            assert (await everything(executor, task("print")))[-1].take
        finally:
            await executor.close()

    asyncio.run(scene())
    assert "an engine that talks" in (tmp_path / "worker.log").read_text()


def test_closing_ends_the_child(tmp_path: Path, task: Callable[..., Task]) -> None:
    async def scene() -> int:
        executor = ChildExecutor(tmp_path / "worker.log")
        await everything(executor, task())
        assert executor._child is not None
        pid = executor._child._process.pid
        await executor.close()
        return pid

    with pytest.raises(ProcessLookupError):
        os.kill(asyncio.run(scene()), 0)
