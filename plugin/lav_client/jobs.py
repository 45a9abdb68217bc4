"""`lav jobs`: what the server is working on and has worked on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from lav_client import report, show
from lav_client.client import connect
from lav_client.companions import Companions
from lav_client.extend import extend
from lav_client.options import AsJson, JobId, SaveLight, Timeline
from lav_client.result import Stopped, finished
from lav_client.values import whole
from lav_proto.v1 import relight_pb2 as pb

app = typer.Typer(no_args_is_help=True, help="List, watch, extend, cancel and order renders.")

AnyJob = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="The job; the whole queue if left out.")
]
STATES = {
    pb.JOB_STATE_QUEUED: "waiting",
    pb.JOB_STATE_RUNNING: "running",
    pb.JOB_STATE_PUBLISHING: "running",
    pb.JOB_STATE_DONE: "done",
    pb.JOB_STATE_CANCELLING: "stopping",
    pb.JOB_STATE_CANCELLED: "cancelled",
    pb.JOB_STATE_FAILED: "failed",
}


@app.command("list")
def list_jobs(
    ctx: typer.Context,
    only_open: Annotated[
        bool, typer.Option("--open", metavar="", help="Only those not ended yet.")
    ] = False,
    limit: Annotated[
        int,
        typer.Option(
            "--limit",
            parser=whole(1, 1000, "a number from 1 to 1000"),
            metavar="N",
            help="At most this many.",
        ),
    ] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the newest renders first."""
    with connect(ctx.obj, start=False) as client:
        jobs = client.jobs(limit=limit, only_open=only_open)
        is_paused = client.is_queue_paused()
    if as_json:
        return report.data([_record(job) for job in jobs])
    if is_paused:
        report.say("The queue is paused; `lav jobs resume` starts it again.")
    if not jobs:
        return report.say("There are no renders yet.")
    report.table(_row(job) for job in jobs)


@app.command()
def watch(
    ctx: typer.Context,
    job_id: JobId,
    timeline: Timeline = None,
    save_light: SaveLight = None,
    as_json: AsJson = False,
) -> None:
    """Follow a render to its end. Ctrl+C stops watching; the render goes on."""
    companions = Companions.checked(timeline, save_light)
    with connect(ctx.obj, start=False) as client:
        job = client.job(job_id)
        companions.check_apart(output=Path(job.request.output.path))
        try:
            job = finished(show.follow(client, job, companions))
        except KeyboardInterrupt:
            again = companions.watch_command(job_id)
            raise Stopped(f"The render goes on; `{again}` follows it again.") from None
        info = client.server_info()
    result = companions.written(job)
    if as_json:
        report.data(result.record())
    else:
        report.take(result, info, job.request)


@app.command()
def cancel(ctx: typer.Context, job_id: JobId, as_json: AsJson = False) -> None:
    """Stop a render. A take that was already finished stays."""
    with connect(ctx.obj, start=False) as client:
        client.cancel(job_id)
        job = show.ended(client, client.job(job_id))
    if as_json:
        report.data(_record(job))
    else:
        report.say(f"Job {job.id} is {STATES.get(job.state, 'unknown')}.")


@app.command()
def retry(ctx: typer.Context, job_id: JobId, as_json: AsJson = False) -> None:
    """Render again what failed or was cancelled. Sections that were finished are not lit again."""
    with connect(ctx.obj, start=False) as client:
        job = client.retry(job_id)
    said = f"Job {job.id} goes on where {job_id} had come to."
    _tell(job, f"{said} `lav jobs watch {job.id}` follows it.", as_json)


app.command()(extend)


@app.command()
def pause(ctx: typer.Context, job_id: AnyJob = None, as_json: AsJson = False) -> None:
    """Let a render wait, or the whole queue. A render that runs stops at its last section."""
    with connect(ctx.obj, start=False) as client:
        if job_id is None:
            return _tell_queue(client.pause_queue(), as_json)
        job = client.pause(job_id)
    ended = STATES.get(job.state, "over")
    is_over = not job.is_paused
    said = f"Job {job.id} is {ended} already." if is_over else f"Job {job.id} is paused."
    _tell(job, said, as_json)


@app.command()
def resume(ctx: typer.Context, job_id: AnyJob = None, as_json: AsJson = False) -> None:
    """Let a paused render go on, or the whole queue."""
    with connect(ctx.obj, start=False) as client:
        if job_id is None:
            return _tell_queue(client.resume_queue(), as_json)
        job = client.resume(job_id)
    _tell(job, f"Job {job.id} is {_state(job)}{_place(job)}.", as_json)


@app.command()
def move(
    ctx: typer.Context,
    job_id: JobId,
    before: Annotated[
        str,
        typer.Option("--before", metavar="ID", help="The waiting job it goes before; else first."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Give a waiting render another place in the queue."""
    with connect(ctx.obj, start=False) as client:
        job = client.move(job_id, before=before)
    _tell(job, f"Job {job.id} is {_state(job)}{_place(job)}.", as_json)


@app.command(context_settings={"ignore_unknown_options": True})  # -10 is a number
def priority(
    ctx: typer.Context,
    job_id: JobId,
    value: Annotated[
        int,
        typer.Argument(
            metavar="N",
            parser=whole(-100, 100, "a number from -100 to 100"),
            help="-100 to 100; renders start with 0, and higher ones run first.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Let a render run before or after others."""
    with connect(ctx.obj, start=False) as client:
        job = client.prioritize(job_id, value)
    _tell(job, f"Job {job.id} has priority {job.priority}{_place(job)}.", as_json)


def _tell(job: pb.Job, said: str, as_json: bool) -> None:
    if as_json:
        report.data(_record(job))
    else:
        report.say(said)


def _tell_queue(queue: pb.QueueState, as_json: bool) -> None:
    if as_json:
        return report.data({"is_paused": queue.is_paused, "waiting": queue.waiting})
    waiting = "1 render is" if queue.waiting == 1 else f"{queue.waiting} renders are"
    report.say(f"The queue {'is paused' if queue.is_paused else 'goes on'}; {waiting} waiting.")


def _state(job: pb.Job) -> str:
    return "paused" if job.is_paused else STATES.get(job.state, "?")


def _place(job: pb.Job) -> str:
    return f", number {job.position} in the queue" if job.position else ""


def _row(job: pb.Job) -> tuple[str, ...]:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(job.created))
    clip = Path(job.request.clip.path).name
    told = job.problem.message if job.state == pb.JOB_STATE_FAILED else job.request.output.path
    return job.id, _state(job), _course(job), when, clip, told


def _course(job: pb.Job) -> str:
    """How far it is: its place in the queue, or what is done and the time left."""
    if job.position:
        left = f", {report.clock(job.eta_seconds)} left" if job.HasField("eta_seconds") else ""
        return f"#{job.position}{left}"
    if job.state != pb.JOB_STATE_RUNNING:
        return ""
    done = f"{job.progress.fraction:.0%}"
    if not job.progress.HasField("eta_seconds"):
        return done
    return f"{done}, {report.clock(job.progress.eta_seconds)} left"


def _record(job: pb.Job) -> dict[str, Any]:
    told = job if job.state == pb.JOB_STATE_QUEUED else job.progress
    eta = told.eta_seconds if told.HasField("eta_seconds") else None
    problem = {"code": job.problem.code, "message": job.problem.message, "hint": job.problem.hint}
    return {
        "job": job.id,
        "state": pb.JobState.Name(job.state).removeprefix("JOB_STATE_").lower(),
        "is_paused": job.is_paused,
        "position": job.position or None,
        "priority": job.priority,
        "parent": job.parent_job or None,
        "fraction": round(job.progress.fraction, 4),
        "eta_seconds": round(eta, 1) if eta is not None else None,
        "clip": job.request.clip.path,
        "output": job.request.output.path,
        "created": job.created,
        "error": problem if job.state == pb.JOB_STATE_FAILED else None,
    }
