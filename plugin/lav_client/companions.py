"""What the client writes beside a take: a timeline and the light."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lav_client import otio, output
from lav_client.result import Result
from lav_engine.light import lightfile
from lav_proto.v1 import relight_pb2 as pb


@dataclass(frozen=True, slots=True)
class Companions:
    """Absolute paths of files still to be written; None is not asked for."""

    otio: Path | None = None
    light: Path | None = None

    @classmethod
    def checked(cls, timeline: Path | None, light: Path | None) -> Self:
        """Raises LavError where one of them cannot be written, long before there is a take."""
        return cls(
            output.check_new(timeline) if timeline else None,
            output.check_new(light) if light else None,
        )

    def check_apart(self, **others: Path | None) -> None:
        """Raises LavError where two results would be one file; `others` by their options."""
        named = {"--otio": self.otio, "--save-light": self.light}
        output.check_apart({**{f"--{name}": path for name, path in others.items()}, **named})

    def written(self, job: pb.Job) -> Result:
        """Writes them for a job that is done."""
        result = Result(job.id, job.take, self.otio, self.light)
        if self.otio:
            otio.write(otio.timeline_for(result.take, result.job), self.otio)
        if self.light:
            output.write_new(self.light, lightfile.to_json(result.light).encode())
        return result

    def watch_command(self, job_id: str) -> str:
        """What to type to follow the job and still get them."""
        words = ["lav", "jobs", "watch", job_id]
        words += ["--otio", str(self.otio)] if self.otio else []
        words += ["--save-light", str(self.light)] if self.light else []
        return shlex.join(words)
