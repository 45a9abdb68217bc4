"""Executors run one task at a time and report: in a child process for real, or in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Protocol

from lav_engine.errors import Code
from lav_server.children import Child, Message
from lav_server.jobs import Report, Task
from lav_server.problem import Problem
from lav_server.reports import report_from_message, task_to_message

WORKER = "lav_server.worker"
GRACE = 5.0  # seconds a worker may take to stop before it is killed

Work = Callable[[Task, threading.Event], Iterator[Report]]


class Executor(Protocol):
    """One task at a time, on one event loop. The job's states and files are the caller's."""

    def run(self, task: Task) -> AsyncGenerator[Report, None]:
        """Reports as they come. The last is the only one with `is_last`, whatever happens."""
        ...

    def cancel(self) -> None:
        """Asks the running task to stop; its last report then follows within the grace time,
        `cancelled` unless it had already ended. Without a running task it does nothing."""
        ...

    async def close(self) -> None:
        """Ends the executor and what it runs."""
        ...


class ChildExecutor:
    """A worker child, kept warm between tasks and replaced when it dies."""

    def __init__(self, log: Path, grace: float = GRACE) -> None:
        self._log = log
        self._grace = grace
        self._child: Child | None = None
        self._task: Task | None = None
        self._killer: asyncio.TimerHandle | None = None

    async def run(self, task: Task) -> AsyncGenerator[Report, None]:
        self._task = task
        try:
            child = await self._warm()
            child.send({"task": task_to_message(task)})
            if self._killer is not None:  # cancelled while the child was starting
                child.send({"cancel": task.job})
            while True:
                message = await child.receive()
                report = self._lost(child) if message is None else _report(message, task)
                if report is not None:
                    yield report
                    if report.is_last:
                        return
        finally:
            self._task = None
            if self._killer is not None:
                self._killer.cancel()
                self._killer = None

    def cancel(self) -> None:
        if self._task is None or self._killer is not None:
            return
        self._killer = asyncio.get_running_loop().call_later(self._grace, self._kill)
        if self._child is not None:
            self._child.send({"cancel": self._task.job})

    async def close(self) -> None:
        if self._child is not None:
            await self._child.close(self._grace)

    async def _warm(self) -> Child:
        if self._child is None or not self._child.is_running:
            self._child = await Child.start(WORKER, self._log)
        return self._child

    def _kill(self) -> None:
        if self._child is not None:
            self._child.kill()

    def _lost(self, child: Child) -> Report:
        if self._killer is not None:
            return Report(cancelled=True)
        return Report(
            problem=Problem(
                Code.worker_lost,
                f"The worker {child.ending()}, so this clip was not finished.",
                "Try again; if it happens again, render a shorter range.",
                retryable=True,
            )
        )


class ThreadExecutor:
    """The same in this process: for tests and debuggers. A hung task is not stopped."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    async def run(self, task: Task) -> AsyncGenerator[Report, None]:
        loop = asyncio.get_running_loop()
        reports: asyncio.Queue[Report] = asyncio.Queue()
        stop = self._stop = threading.Event()

        def work() -> None:
            for report in self._work(task, stop):
                loop.call_soon_threadsafe(reports.put_nowait, report)

        self._thread = threading.Thread(target=work, name="worker")
        self._thread.start()
        while True:
            report = await reports.get()
            if report.is_last:
                await asyncio.to_thread(self._thread.join)
            yield report
            if report.is_last:
                return

    def cancel(self) -> None:
        self._stop.set()

    async def close(self) -> None:
        self._stop.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)


def _report(message: Message, task: Task) -> Report | None:
    """None for what an older task still had to say."""
    if (message.pop("job"), message.pop("epoch")) != (task.job, task.epoch):
        return None
    return report_from_message(message)
