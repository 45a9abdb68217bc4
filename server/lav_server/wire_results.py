"""Results on the wire: facts, plans, takes and jobs as lav.v1 messages, every field both ways."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lav_engine.catalog import CodecSpec
from lav_engine.errors import Code
from lav_engine.spec import Codec, EngineSpec, Lane, MediaFacts, Plan, Stage, Take
from lav_proto.v1 import relight_pb2 as pb
from lav_server.cache import CachedClip
from lav_server.jobs import Job, Picture, Progress, Waiting
from lav_server.problem import Problem
from lav_server.wire import (
    clip_from_wire,
    clip_to_wire,
    codec_to_wire,
    exposures_from_wire,
    exposures_to_wire,
    light_from_wire,
    light_to_wire,
    request_to_wire,
)
from lav_server.wire_values import (
    enum_from_wire,
    enum_to_wire,
    path_to_wire,
    rational_from_wire,
    rational_to_wire,
)

FACTS = (  # what is the same on both sides
    "frames",
    "width",
    "height",
    "rotation",
    "codec",
    "pixel_format",
    "bit_depth",
    "color_primaries",
    "color_transfer",
    "color_matrix",
    "color_range",
    "is_variable_rate",
    "is_interlaced",
    "timecode",
    "reel",
    "has_audio",
    "container",
    "has_alpha",
)
TAKE = (
    "width",
    "height",
    "engine",
    "engine_version",
    "amount",
    "timecode",
    "reel",
    "seconds",
    "source_timecode",
    "source_frames",
)


def facts_to_wire(facts: MediaFacts) -> pb.MediaFacts:
    return pb.MediaFacts(
        path=path_to_wire(facts.path),
        rate=rational_to_wire(facts.rate),
        pixel_aspect=rational_to_wire(facts.pixel_aspect),
        notes=facts.notes,
        **{name: getattr(facts, name) for name in FACTS},
    )


def facts_from_wire(message: pb.MediaFacts) -> MediaFacts:
    return MediaFacts(
        path=Path(message.path),
        rate=rational_from_wire(message.rate, "rate"),
        pixel_aspect=rational_from_wire(message.pixel_aspect, "pixel aspect"),
        notes=tuple(message.notes),
        **{name: getattr(message, name) for name in FACTS},
    )


def picture_to_wire(picture: Picture) -> pb.Image:
    return pb.Image(
        data=picture.data,
        mime_type=picture.mime_type,
        width=picture.width,
        height=picture.height,
    )


def picture_from_wire(message: pb.Image) -> Picture:
    return Picture(message.data, message.mime_type, message.width, message.height)


def plan_to_wire(plan: Plan) -> pb.JobPlan:
    return pb.JobPlan(
        shots=[pb.FrameSpan(first=first, end=end) for first, end in plan.shots],
        windows=plan.windows,
        working_width=plan.working_size[0],
        working_height=plan.working_size[1],
        disk_bytes=plan.disk_bytes,
        memory_bytes=plan.memory_bytes,
        seconds=plan.seconds,
        light=light_to_wire(plan.light),
        codec=codec_to_wire(plan.codec),
        warnings=plan.warnings,
        unmatched_words=plan.unmatched_words,
        device=plan.device,
    )


def plan_from_wire(message: pb.JobPlan) -> Plan:
    return Plan(
        shots=tuple((span.first, span.end) for span in message.shots),
        windows=message.windows,
        working_size=(message.working_width, message.working_height),
        disk_bytes=message.disk_bytes,
        memory_bytes=message.memory_bytes,
        seconds=message.seconds,
        light=light_from_wire(message.light),
        codec=enum_from_wire(Codec, message.codec, Codec.h264),
        warnings=tuple(message.warnings),
        unmatched_words=tuple(message.unmatched_words),
        device=message.device,
    )


def take_to_wire(take: Take) -> pb.Take:
    return pb.Take(
        path=path_to_wire(take.path),
        clip=clip_to_wire(take.clip),
        light=light_to_wire(take.light),
        codec=codec_to_wire(take.codec),
        sheet=path_to_wire(take.sheet),
        map_folder=path_to_wire(take.map_folder),
        map_keys=take.map_keys,
        exposures=exposures_to_wire(take.exposures),
        warnings=take.warnings,
        unmatched_words=take.unmatched_words,
        **{name: getattr(take, name) for name in TAKE},
    )


def take_from_wire(message: pb.Take) -> Take:
    return Take(
        path=Path(message.path),
        clip=clip_from_wire(message.clip),
        light=light_from_wire(message.light),
        codec=enum_from_wire(Codec, message.codec, Codec.h264),
        sheet=Path(message.sheet) if message.sheet else None,
        map_folder=Path(message.map_folder) if message.map_folder else None,
        map_keys=tuple(message.map_keys),
        exposures=exposures_from_wire(message),
        warnings=tuple(message.warnings),
        unmatched_words=tuple(message.unmatched_words),
        **{name: getattr(message, name) for name in TAKE},
    )


def progress_to_wire(progress: Progress) -> pb.Progress:
    return pb.Progress(
        stage=enum_to_wire(progress.stage),
        done=progress.done,
        total=progress.total,
        fraction=progress.fraction,
        eta_seconds=progress.eta_seconds,
    )


def progress_from_wire(message: pb.Progress) -> Progress:
    eta = message.eta_seconds if message.HasField("eta_seconds") else None
    stage = enum_from_wire(Stage, message.stage, Stage.planning)
    return Progress(stage, message.done, message.total, message.fraction, eta)


def problem_to_wire(problem: Problem) -> pb.Problem:
    return pb.Problem(
        code=problem.code,
        message=problem.message,
        hint=problem.hint,
        retryable=problem.retryable,
    )


def problem_from_wire(message: pb.Problem) -> Problem:
    """A code that a newer program made up reads as INTERNAL; its sentence stays."""
    code = Code(message.code) if message.code in set(Code) else Code.internal
    return Problem(code, message.message, message.hint, message.retryable)


def job_to_wire(job: Job, progress: Progress | None) -> pb.Job:
    """`progress` is the running job's newest, which is not stored."""
    return pb.Job(
        id=job.id,
        state=enum_to_wire(job.state),
        request=request_to_wire(job.request),
        progress=progress_to_wire(progress) if progress else None,
        take=take_to_wire(job.take) if job.take else None,
        problem=problem_to_wire(job.problem) if job.problem else None,
        seq=job.seq,
        created=job.created,
        updated=job.updated,
        parent_job=job.parent,
        position=job.position,
        priority=job.priority,
        is_paused=job.is_paused,
        eta_seconds=job.eta_seconds,
    )


def waiting_to_wire(waiting: Waiting) -> pb.Waiting:
    return pb.Waiting(position=waiting.position, eta_seconds=waiting.eta_seconds)


def cache_to_wire(folder: Path, limit: int, clips: Sequence[CachedClip]) -> pb.Cache:
    return pb.Cache(
        folder=path_to_wire(folder),
        bytes=sum(clip.size for clip in clips),
        limit_bytes=limit,
        clips=[
            pb.CachedClip(
                path=clip.path,
                engine=clip.engine,
                windows=clip.windows,
                bytes=clip.size,
                used=clip.used,
                is_open=clip.is_open,
            )
            for clip in clips
        ],
    )


def engine_to_wire(spec: EngineSpec) -> pb.Engine:
    limits = spec.limits
    return pb.Engine(
        name=spec.name,
        title=spec.title,
        summary=spec.summary,
        version=spec.version,
        licence=spec.licence,
        reads_words=spec.reads_words,
        limits=pb.EngineLimits(
            long_side=limits.long_side,
            multiple=limits.multiple,
            frames=limits.frames,
            overlap=limits.overlap,
            preroll=limits.preroll,
            scopes=[enum_to_wire(scope) for scope in limits.scopes],
            deliveries=[enum_to_wire(delivery) for delivery in limits.deliveries],
            needs_device=limits.lane == Lane.device,
        ),
    )


def codec_info_to_wire(codec: CodecSpec) -> pb.CodecInfo:
    return pb.CodecInfo(codec=codec_to_wire(codec.name), title=codec.title, suffixes=codec.suffixes)
