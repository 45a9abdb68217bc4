"""The worker child: renders one job at a time. Started as `python -m lav_server.worker`."""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from queue import SimpleQueue

from lav_engine import catalog
from lav_engine.engines.base import Engine
from lav_engine.errors import Code, Fenced, LavError
from lav_engine.mapstore import MapStore
from lav_engine.relight import Progress as Step
from lav_engine.relight import relight
from lav_engine.spec import EngineSpec, Lane, RelightRequest
from lav_server import logs
from lav_server.children import Parent, signal_on_parent_death
from lav_server.claims import check_claim, journal
from lav_server.jobs import Progress, Report, Task, Window
from lav_server.mounts import check_there
from lav_server.pictures import encoded
from lav_server.problem import Problem, from_error, from_surprise
from lav_server.reports import report_to_message, task_from_message
from lav_server.security import check_unmoved
from lav_server.supervision import BEAT, FENCED

log = logging.getLogger(__name__)

REPORT_EVERY = 0.1  # seconds between progress reports of one stage
LAST_GRACE = 5.0  # seconds to tidy up after the daemon has gone


def work(task: Task, stop: threading.Event) -> Generator[Report]:
    """Renders the task; whatever goes wrong becomes its last report. This is the job boundary.

    Raises Fenced where the job has been claimed anew: nobody listens to this task any more.
    """
    try:
        yield from _render(task, stop)
    except Fenced:
        raise
    except LavError as error:
        yield Report(problem=from_error(error))
    except Exception as error:
        log.exception("Job %s failed", task.job)
        problem = from_surprise(error, "relighting this clip")
        yield Report(problem=problem, is_leaving=_has_spoilt_device(problem, task))


def _render(task: Task, stop: threading.Event) -> Generator[Report]:
    spec = catalog.engine(task.request.engine)
    maps, notes = MapStore(task.maps), journal(task.folder, task.epoch)
    check_unmoved(*_sources(task.request))
    fence = partial(_check_owned, task)
    pace = _Pace()
    with closing(relight(task.request, _engine(spec), spec, maps, notes, fence)) as steps:
        for step in steps:
            yield from _reports(step, pace)
            if stop.is_set() and step.take is None:
                yield Report(cancelled=True)
                return


def _sources(request: RelightRequest) -> tuple[Path | None, ...]:
    return request.clip.path, request.mask, request.options.diffusion.light_image


def _check_owned(task: Task) -> None:
    """Raises Fenced where the task is no longer ours, LavError where the output's folder isn't."""
    check_claim(task.folder, task.epoch)
    folder = task.request.output.path.parent
    check_unmoved(folder)
    check_there(folder, task.mount)


@cache
def _engine(spec: EngineSpec) -> Engine:
    """Kept for the next job: loading a model is most of a short job's time."""
    return catalog.load_engine(spec)


def _has_spoilt_device(surprise: Problem, task: Task) -> bool:
    """After a fault on it nothing more can run there, in this process; a new one can."""
    lane = catalog.engine(task.request.engine).limits.lane
    return surprise.code == Code.internal and lane == Lane.device


def _reports(step: Step, pace: _Pace) -> Iterator[Report]:
    if step.warning is not None:
        yield Report(warning=step.warning)
    if step.window is not None:
        assert step.key is not None
        yield Report(window=Window(step.window, step.key, step.is_reused))
    if step.preview is not None:
        yield Report(preview=encoded(step.preview))
    if pace.is_due(step):
        yield Report(progress=Progress(step.stage, step.done, step.total, step.fraction))
    if step.take is not None:
        yield Report(take=step.take)


class _Pace:
    """Holds progress back to a rate a person can read."""

    def __init__(self) -> None:
        self._last: tuple[object, float] = (None, 0.0)

    def is_due(self, step: Step) -> bool:
        stage, at = self._last
        now = time.monotonic()
        if step.stage == stage and now - at < REPORT_EVERY:
            return False
        self._last = (step.stage, now)
        return True


def main() -> None:
    parent = Parent()
    faulthandler.enable()
    lines = logs.start_child()
    stop = threading.Event()
    tasks: SimpleQueue[Task | None] = SimpleQueue()

    def leave(*_: object) -> None:
        """The daemon has gone: stop the job so that its temporary file goes too, then end."""
        faulthandler.dump_traceback_later(LAST_GRACE, exit=True)  # needs no help from Python
        stop.set()
        tasks.put(None)

    def listen() -> None:
        for message in parent.messages():
            if "task" in message:
                stop.clear()
                tasks.put(task_from_message(message["task"]))
            else:
                stop.set()
        leave()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the daemon's to handle
    signal_on_parent_death(signal.SIGTERM)
    threading.Thread(target=listen, daemon=True).start()
    threading.Thread(target=_beat, args=[parent], daemon=True).start()
    with suppress(BrokenPipeError), _leaving_when_fenced():  # nobody listens any more
        while (task := tasks.get()) is not None:
            lines.job = task.job
            with closing(work(task, stop)) as reports:
                for report in reports:
                    message = report_to_message(report)
                    parent.send({**message, "job": task.job, "epoch": task.epoch})
                    if report.is_leaving:
                        os._exit(0)
    os._exit(0)  # the listening thread may still hold stdin, which a normal exit would wait for


def _beat(parent: Parent) -> None:
    """Says that this process lives, however long a step takes."""
    with suppress(BrokenPipeError):
        while True:
            time.sleep(BEAT)
            parent.send({"beat": True})


@contextmanager
def _leaving_when_fenced() -> Iterator[None]:
    """The task's temporary files are gone by then; what is stored is the newer claim's."""
    try:
        yield
    except Fenced:
        log.warning("A newer claim has the job; leaving")
        os._exit(FENCED)


if __name__ == "__main__":
    main()
