"""How a job ended: a take, an error or a stop; and the take as the object that `--json` prints."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lav_client.span import rate_of
from lav_engine.errors import Code, LavError
from lav_engine.light import lightfile
from lav_engine.spec import Light
from lav_proto.v1 import relight_pb2 as pb
from lav_server import wire


class Stopped(Exception):
    """The job was cancelled: not an error, but no take either."""


@dataclass(frozen=True, slots=True)
class Result:
    """A take and what the client wrote for it."""

    job: str
    take: pb.Take
    otio: Path | None = None
    saved_light: Path | None = None

    @property
    def light(self) -> Light:
        return wire.light_from_wire(self.take.light)

    def record(self) -> dict[str, Any]:
        """Paths are absolute strings or None, the rate is exact ("24000/1001", "25")."""
        take = self.take
        return {
            "output": take.path,
            "otio": str(self.otio) if self.otio else None,
            "sheet": take.sheet or None,
            "frames": take.clip.count,
            "first": take.clip.first,
            "rate": str(rate_of(take.clip)),
            "width": take.width,
            "height": take.height,
            "timecode": take.timecode or None,
            "codec": codec_name(take.codec),
            "engine": take.engine,
            "exposure": take.light.exposure if take.light.HasField("exposure") else None,
            "amount": take.amount,
            "seconds": round(take.seconds, 3),
            "warnings": list(take.warnings),
            "unmatched_words": list(take.unmatched_words),
            "light": light_record(take.light),
            "job": self.job,
        }


def plan_record(plan: pb.JobPlan) -> dict[str, Any]:
    return {
        "shots": [[shot.first, shot.end] for shot in plan.shots],
        "sections": plan.windows,
        "working_width": plan.working_width,
        "working_height": plan.working_height,
        "device": plan.device or None,
        "seconds": round(plan.seconds, 3),
        "disk_bytes": plan.disk_bytes,
        "memory_bytes": plan.memory_bytes,
        "codec": codec_name(plan.codec),
        "exposure": plan.light.exposure if plan.light.HasField("exposure") else None,
        "light": light_record(plan.light),
        "warnings": list(plan.warnings),
        "unmatched_words": list(plan.unmatched_words),
    }


def light_record(light: pb.Light) -> dict[str, Any]:
    """The light as --save-light writes it."""
    return json.loads(lightfile.to_json(wire.light_from_wire(light)))


def codec_name(codec: pb.Codec) -> str | None:
    known = wire.codec_from_wire(codec)
    return known.value if known else None


def finished(job: pb.Job) -> pb.Job:
    """The job, if it is done. Raises LavError if it failed and Stopped if it was cancelled."""
    if job.state == pb.JOB_STATE_FAILED:
        problem = job.problem
        known = problem.code in set(Code)
        raise LavError(
            problem.message, problem.hint, Code(problem.code) if known else Code.internal
        )
    if job.state != pb.JOB_STATE_DONE:
        raise stopped(job)
    return job


def stopped(job: pb.Job) -> Stopped:
    if job.state == pb.JOB_STATE_DONE:
        return Stopped(f"The take was already finished; it is at {job.take.path}.")
    return Stopped("Cancelled; nothing was written.")
