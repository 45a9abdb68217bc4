"""`lav jobs`: what the server is working on and has worked on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from lav_client import report, show
from lav_client.client import connect
from lav_client.companions import Companions
from lav_client.options import AsJson, SaveLight, Timeline
from lav_client.result import Stopped, finished
from lav_client.values import whole
from lav_proto.v1 import relight_pb2 as pb

app = typer.Typer(no_args_is_help=True, help="List, watch or cancel renders.")

JobId = Annotated[str, typer.Argument(metavar="ID", help="The job, as `lav jobs list` shows it.")]
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
    if as_json:
        return report.data([_record(job) for job in jobs])
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


def _row(job: pb.Job) -> tuple[str, ...]:
    percent = f"{job.progress.fraction:.0%}" if job.state == pb.JOB_STATE_RUNNING else ""
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(job.created))
    clip = Path(job.request.clip.path).name
    told = job.problem.message if job.state == pb.JOB_STATE_FAILED else job.request.output.path
    return job.id, STATES.get(job.state, "?"), percent, when, clip, told


def _record(job: pb.Job) -> dict[str, Any]:
    problem = {"code": job.problem.code, "message": job.problem.message, "hint": job.problem.hint}
    return {
        "job": job.id,
        "state": pb.JobState.Name(job.state).removeprefix("JOB_STATE_").lower(),
        "fraction": round(job.progress.fraction, 4),
        "clip": job.request.clip.path,
        "output": job.request.output.path,
        "created": job.created,
        "error": problem if job.state == pb.JOB_STATE_FAILED else None,
    }
