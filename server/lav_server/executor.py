"""Executors run one task at a time and report: in a child process for real, or in a thread."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Protocol

from lav_engine import catalog
from lav_engine.errors import Fenced
from lav_server.children import Child, Message
from lav_server.jobs import Report, Task
from lav_server.problem import Problem
from lav_server.reports import report_from_message, task_to_message
from lav_server.supervision import PATIENCE, STARTING, Watchdog, ended, hung

log = logging.getLogger(__name__)

WORKER = "lav_server.worker"
GRACE = 5.0  # seconds a worker may take to stop before it is killed
IDLE = 15 * 60.0  # seconds without a task after which a worker gives its memory back
LISTEN = 1.0  # seconds

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
    """A worker child, kept warm between tasks, replaced when it dies and ended when it hangs."""

    def __init__(
        self,
        log: Path,
        grace: float = GRACE,
        patience: float = PATIENCE,
        idle: float = IDLE,
        starting: float = STARTING,
    ) -> None:
        self._log = log
        self._grace = grace
        self._patience = patience
        self._idle = idle
        self._starting = starting
        self._child: Child | None = None
        self._task: Task | None = None
        self._killer: asyncio.TimerHandle | None = None
        self._unloader: asyncio.TimerHandle | None = None
        self._leaving: asyncio.Task[None] | None = None

    async def run(self, task: Task) -> AsyncGenerator[Report, None]:
        self._task = task
        self._stay()
        is_over = False
        try:
            child = await self._warm()
            child.send({"task": task_to_message(task)})
            if self._killer is not None:  # cancelled while the child was starting
                child.send({"cancel": task.job})
            lane = catalog.engine(task.request.engine).limits.lane
            dog = Watchdog(self._patience, lane, self._starting)
            while True:
                report = await self._next(child, task, dog)
                is_over = report.is_last
                if report.is_leaving:
                    log.warning("The worker leaves after job %s and is replaced", task.job)
                    self._unload()
                yield report
                if is_over:
                    return
        finally:
            self._task = None
            if not is_over:  # nobody listened to the end, and the next task must not wait for it
                self._kill()
                self._child = None
            if self._killer is not None:
                self._killer.cancel()
                self._killer = None
            self._unloader = asyncio.get_running_loop().call_later(self._idle, self._unload)

    def cancel(self) -> None:
        if self._task is None or self._killer is not None:
            return
        self._killer = asyncio.get_running_loop().call_later(self._grace, self._kill)
        if self._child is not None:
            self._child.send({"cancel": self._task.job})

    async def close(self) -> None:
        self._stay()
        self._unload()
        if self._leaving is not None:
            await self._leaving

    async def _warm(self) -> Child:
        if self._leaving is not None:  # one that still holds the device's memory
            await self._leaving
            self._leaving = None
        if self._child is None or not self._child.is_running:
            self._child = await Child.start(WORKER, self._log)
        return self._child

    async def _next(self, child: Child, task: Task, dog: Watchdog) -> Report:
        """The next report of the task, its last one where the child dies or hangs."""
        while True:
            try:
                message = await _received(child, dog)
            except TimeoutError:
                limit = dog.limit
                log.warning("The worker hangs at job %s and is ended", task.job)
                await child.end(self._grace)
                return self._lost(hung(limit))
            if message is None:
                return self._lost(ended(child.code))
            dog.beat()
            report = None if "beat" in message else _report(message, task)
            if report is not None:
                dog.report(report)
                return report

    def _stay(self) -> None:
        if self._unloader is not None:
            self._unloader.cancel()
            self._unloader = None

    def _unload(self) -> None:
        """Hands the memory of an idle worker back, and its device's."""
        if self._child is not None:
            self._leaving = asyncio.get_running_loop().create_task(self._child.close(self._grace))
            self._child = None

    def _kill(self) -> None:
        if self._child is not None:
            self._child.kill()

    def _lost(self, problem: Problem) -> Report:
        return Report(cancelled=True) if self._killer is not None else Report(problem=problem)


async def _received(child: Child, dog: Watchdog) -> Message | None:
    """The next message. Raises TimeoutError where the child is silent for too long."""
    try:
        async with asyncio.timeout(dog.left()):
            return await child.receive()
    except TimeoutError:
        # It may have been us who stood still: then there is something to read.
        async with asyncio.timeout(LISTEN):
            return await child.receive()


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
            try:
                for report in self._work(task, stop):
                    loop.call_soon_threadsafe(reports.put_nowait, report)
            except Fenced:
                loop.call_soon_threadsafe(reports.put_nowait, Report(cancelled=True))

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
