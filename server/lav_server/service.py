"""The service: each call checks its paths, then hands over to the desk or the queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

from lav_engine.errors import Code, LavError
from lav_engine.spec import Diffusion, Lora, Output, RelightRequest
from lav_proto.v1 import relight_pb2 as pb
from lav_proto.v1 import relight_pb2_grpc
from lav_server.boundary import Context
from lav_server.config import HOST
from lav_server.desk_link import Desk
from lav_server.host_sessions import HostSessions, Session
from lav_server.jobs import Event, Job, JobState, Notice, Progress, Waiting
from lav_server.queue import Queue
from lav_server.security import Roots
from lav_server.web.sessions import Sessions
from lav_server.wire import (
    enum_to_wire,
    mask_from_wire,
    path_from_wire,
    request_from_wire,
    request_to_wire,
)
from lav_server.wire_diffusion import diffusion_from_wire, diffusion_to_wire
from lav_server.wire_results import (
    cache_to_wire,
    job_to_wire,
    picture_to_wire,
    progress_to_wire,
    waiting_to_wire,
)

MOST_JOBS = 1000  # in one list
LONGEST_KEY = 200  # characters
WIDEST = 4096  # pixels of a preview or poster
LOOK = 0.3  # seconds between looks at a host session


@dataclass(frozen=True, slots=True)
class Relight(relight_pb2_grpc.RelightServicer):
    info: pb.ServerInfo
    roots: Roots
    desk: Desk
    planner: Desk  # a desk of its own: plans read whole clips, and previews must not wait
    queue: Queue
    sessions: Sessions  # of the local page
    hosts: HostSessions
    viewer: Desk  # one more: copies and measures read whole takes, and plans must not wait

    async def GetServerInfo(
        self, request: pb.GetServerInfoRequest, context: Context
    ) -> pb.ServerInfo:
        return self.info

    async def Probe(self, request: pb.ProbeRequest, context: Context) -> pb.ProbeResponse:
        _check_width(request.poster_width)
        request.path = await self._source(request.path)
        return await self.desk.probe(request)

    async def Preview(self, request: pb.PreviewRequest, context: Context) -> pb.PreviewResponse:
        _check_width(request.width)
        _check_format(request.format)
        request.path = await self._source(request.path)
        if mask := mask_from_wire(request):
            request.mask = str(await asyncio.to_thread(self.roots.source, mask, "mask"))
        wanted = diffusion_from_wire(request.diffusion)
        settings = await asyncio.to_thread(self._settings, wanted)
        request.diffusion.CopyFrom(diffusion_to_wire(settings))
        return await self.desk.preview(request)

    async def PlanJob(self, request: pb.PlanJobRequest, context: Context) -> pb.JobPlan:
        wanted = await asyncio.to_thread(self._accepted, request.request)
        return await self.planner.plan(request_to_wire(wanted))

    async def SubmitJob(self, request: pb.SubmitJobRequest, context: Context) -> pb.Job:
        key = _checked_key(request.idempotency_key)
        job = await self.queue.by_key(key)
        if job is None:
            if request.parent_job:
                await self.queue.job(request.parent_job)
            wanted = await asyncio.to_thread(self._accepted, request.request)
            checked = await self.desk.check(request_to_wire(wanted))
            job = await self.queue.submit(checked, key, request.parent_job)
        return self._wire(job)

    async def GetJob(self, request: pb.GetJobRequest, context: Context) -> pb.Job:
        return self._wire(await self.queue.job(request.id))

    async def ListJobs(self, request: pb.ListJobsRequest, context: Context) -> pb.ListJobsResponse:
        limit = min(request.limit or 50, MOST_JOBS)
        jobs = await self.queue.jobs(max(limit, 0), request.only_open)
        is_paused = await self.queue.is_paused()
        return pb.ListJobsResponse(jobs=map(self._wire, jobs), is_queue_paused=is_paused)

    async def WatchJob(
        self, request: pb.WatchJobRequest, context: Context
    ) -> AsyncIterator[pb.JobEvent]:
        seq = request.after_seq
        async with aclosing(self.queue.watch(request.id, seq)) as news:
            async for one in news:
                if isinstance(one, Event):
                    seq = one.seq
                    yield await self._event(request.id, one)
                elif isinstance(one, Progress):
                    yield pb.JobEvent(seq=seq, progress=progress_to_wire(one))
                elif isinstance(one, Notice):
                    yield pb.JobEvent(seq=seq, warning=one.text)
                elif isinstance(one, Waiting):
                    yield pb.JobEvent(seq=seq, waiting=waiting_to_wire(one))
                elif one is None:
                    yield pb.JobEvent(seq=seq, heartbeat=pb.Heartbeat())
                elif request.with_previews:
                    yield pb.JobEvent(seq=seq, preview=picture_to_wire(one))

    async def CancelJob(self, request: pb.CancelJobRequest, context: Context) -> pb.Job:
        return self._wire(await self.queue.cancel(request.id))

    async def RetryJob(self, request: pb.RetryJobRequest, context: Context) -> pb.Job:
        key = _checked_key(request.idempotency_key)
        job = await self.queue.by_key(key)
        if job is None:
            failed = await self.queue.job(request.id)
            _check_retried(failed)
            again = request_to_wire(failed.request)
            wanted = await asyncio.to_thread(self._accepted, again)
            checked = await self.desk.check(request_to_wire(wanted))
            job = await self.queue.submit(checked, key, failed.id)
        return self._wire(job)

    async def PauseJob(self, request: pb.PauseJobRequest, context: Context) -> pb.Job:
        return self._wire(await self.queue.pause(request.id))

    async def ResumeJob(self, request: pb.ResumeJobRequest, context: Context) -> pb.Job:
        return self._wire(await self.queue.resume(request.id))

    async def MoveJob(self, request: pb.MoveJobRequest, context: Context) -> pb.Job:
        return self._wire(await self.queue.move(request.id, request.before))

    async def PrioritizeJob(self, request: pb.PrioritizeJobRequest, context: Context) -> pb.Job:
        return self._wire(await self.queue.prioritize(request.id, request.priority))

    async def PauseQueue(self, request: pb.PauseQueueRequest, context: Context) -> pb.QueueState:
        await self.queue.pause_all(True)
        return await self._queue_state()

    async def ResumeQueue(self, request: pb.ResumeQueueRequest, context: Context) -> pb.QueueState:
        await self.queue.pause_all(False)
        return await self._queue_state()

    async def ListCache(self, request: pb.ListCacheRequest, context: Context) -> pb.Cache:
        stock = self.queue.stock
        return cache_to_wire(stock.folder, stock.limit, await stock.clips())

    async def ClearCache(
        self, request: pb.ClearCacheRequest, context: Context
    ) -> pb.ClearCacheResponse:
        removed = await self.queue.stock.clear()
        return pb.ClearCacheResponse(
            windows=removed.windows, bytes=removed.size, kept_bytes=removed.kept
        )

    async def OpenPage(self, request: pb.OpenPageRequest, context: Context) -> pb.Page:
        clip = await self._source(request.clip) if request.clip else ""
        if request.host_session:
            self.hosts.session(request.host_session)
        return pb.Page(url=self._page(clip=clip, host=request.host_session))

    async def MeasureTake(self, request: pb.MeasureTakeRequest, context: Context) -> pb.Measures:
        return await self.viewer.measure(await self.take(request.job))

    async def OpenHostSession(
        self, request: pb.OpenHostSessionRequest, context: Context
    ) -> pb.HostSession:
        session = self.hosts.open(request)
        return pb.HostSession(id=session.id, page_url=self._page(host=session.id))

    async def OfferClip(
        self, request: pb.OfferClipRequest, context: Context
    ) -> pb.OfferClipResponse:
        session = self.hosts.session(request.session)
        request.clip.clip.path = await self._source(request.clip.clip.path)
        return pb.OfferClipResponse(offer=session.add(request.clip).id)

    async def WatchHostSession(
        self, request: pb.WatchHostSessionRequest, context: Context
    ) -> AsyncIterator[pb.HostEvent]:
        seq = request.after_seq
        with self.hosts.session(request.session).watched():
            while True:
                session = self.hosts.session(request.session)
                await self.tell_failures(session)
                for event in session.since(seq):
                    seq = event.seq
                    yield event
                await asyncio.sleep(LOOK)

    async def ResolveResult(
        self, request: pb.ResolveResultRequest, context: Context
    ) -> pb.ResolveResultResponse:
        session = self.hosts.session(request.session)
        problem = request.problem if request.HasField("problem") else None
        session.resolve(session.offer(request.offer), request.verdict, problem)
        return pb.ResolveResultResponse()

    async def tell_failures(self, session: Session) -> None:
        """Of the renders that were started for its offers."""
        for offer in list(session.offers.values()):
            if offer.job and not offer.is_closed and offer.failed != offer.job:
                job = self._wire(await self.queue.job(offer.job))
                if job.state == pb.JOB_STATE_FAILED:
                    session.fail(offer, job.problem)

    async def take(self, job_id: str) -> pb.Take:
        """A finished take, with its files and its source's checked once more. Raises LavError."""
        take = self._wire(await self.queue.job(job_id)).take
        if not take.path:
            raise LavError(
                "This render has no take yet.", "Wait until it is done.", Code.media_missing
            )
        take.clip.path = await self._source(take.clip.path)
        take.path = await self._source(take.path)
        return take

    def _page(self, **shown: str) -> str:
        """The page's address, good for one browser."""
        said = {name: value for name, value in shown.items() if value}
        said = urlencode({"code": self.sessions.code(), **said})
        return f"http://{HOST}:{self.sessions.port}/#{said}"

    async def _queue_state(self) -> pb.QueueState:
        waiting = await self.queue.waiting()
        return pb.QueueState(is_paused=await self.queue.is_paused(), waiting=len(waiting))

    def _wire(self, job: Job) -> pb.Job:
        return job_to_wire(job, self.queue.progress(job.id))

    async def _event(self, job_id: str, event: Event) -> pb.JobEvent:
        if event.state is None:
            return pb.JobEvent(seq=event.seq, warning=event.warning)
        job = self._wire(await self.queue.job(job_id))
        return pb.JobEvent(seq=event.seq, state=enum_to_wire(event.state), job=job)

    async def _source(self, path: str) -> str:
        """On a thread: a share that hangs must not hang the server."""
        clip = path_from_wire(path, "clip")
        return str(await asyncio.to_thread(self.roots.source, clip))

    def _accepted(self, message: pb.RelightRequest) -> RelightRequest:
        """The request with its paths resolved and allowed; the desk checks the rest."""
        request = request_from_wire(message)
        clip = replace(request.clip, path=self.roots.source(request.clip.path))
        mask = self.roots.source(request.mask, "mask") if request.mask else None
        options = request.options
        options = replace(options, diffusion=self._settings(options.diffusion))
        output = self._output(request.output)
        return replace(request, clip=clip, mask=mask, options=options, output=output)

    def _settings(self, settings: Diffusion) -> Diffusion:
        image, models = settings.light_image, settings.models
        return replace(
            settings,
            image_loras=self._loras(settings.image_loras),
            video_loras=self._loras(settings.video_loras),
            light_image=self.roots.source(image, "light image") if image else None,
            models=self.roots.folder(models, "models") if models else None,
        )

    def _loras(self, loras: tuple[Lora, ...]) -> tuple[Lora, ...]:
        return tuple(replace(one, path=self.roots.source(one.path, "LoRA")) for one in loras)

    def _output(self, output: Output) -> Output:
        sheet = output.sheet
        if sheet is not None:
            sheet = self.roots.target(_check_sheet(sheet), "contact sheet")
        return replace(output, path=self.roots.target(output.path), sheet=sheet)


def _check_retried(job: Job) -> None:
    if job.state not in (JobState.failed, JobState.cancelled):
        raise LavError(
            f"Job {job.id} is {job.state}; there is nothing to try again.",
            "Only renders that failed or were cancelled can be.",
        )


def _check_sheet(sheet: Path) -> Path:
    if sheet.suffix.lower() != ".png":
        raise LavError(f"{sheet.name} is no file name for a PNG.", "End it in .png.")
    return sheet


def _check_width(width: int) -> None:
    if not 0 <= width <= WIDEST:
        raise LavError(f"A picture cannot be {width} pixels wide.", f"Ask for at most {WIDEST}.")


def _check_format(value: int) -> None:
    if value not in pb.ImageFormat.values():
        raise LavError(
            f"This server knows no image format number {value}.",
            "Ask for JPEG (1) or PNG (2).",
            Code.version_skew,
        )


def _checked_key(key: str) -> str:
    if not 0 < len(key) <= LONGEST_KEY:
        raise LavError(
            f"The idempotency key has {len(key)} characters.",
            f"Send one of 1 to {LONGEST_KEY}, new for every new job.",
        )
    return key
