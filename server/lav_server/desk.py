"""The desk child: probes, posters, previews and plans, one after the other, while jobs run.

Started as `python -m lav_server.desk`.
"""

from __future__ import annotations

import faulthandler
import logging
import signal
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from google.protobuf.message import Message as Proto

from lav_engine import catalog
from lav_engine.delivery import deliver
from lav_engine.engines.base import Engine, Identified, Window
from lav_engine.errors import Code, LavError
from lav_engine.estimate import map_bytes, memory_bytes, render_seconds, take_bytes
from lav_engine.frames import engine_size
from lav_engine.measures import measure
from lav_engine.media.colour import rgb_to_planes
from lav_engine.media.planes import Layout
from lav_engine.media.probe import probe
from lav_engine.preparation import check_request, plan
from lav_engine.preview import poster, preview
from lav_engine.request import whole_range
from lav_engine.spec import EngineSpec, Lamp, Light, MediaFacts, Options, RelightRequest
from lav_engine.viewing import copy
from lav_proto.v1 import relight_pb2 as pb
from lav_server import logs
from lav_server.children import SIGKILL, Message, Parent, signal_on_parent_death
from lav_server.pictures import encoded
from lav_server.problem import from_error, from_surprise
from lav_server.reports import pack, unpack
from lav_server.room import Needs
from lav_server.security import check_unmoved
from lav_server.wire import (
    DEFAULT_ENGINE,
    amount_from_wire,
    clip_from_wire,
    grow_from_wire,
    light_request_from_wire,
    light_to_wire,
    mask_from_wire,
    options_from_wire,
    path_from_wire,
    request_from_wire,
    request_to_wire,
)
from lav_server.wire_results import facts_to_wire, picture_to_wire, plan_to_wire, problem_to_wire

log = logging.getLogger(__name__)

PREVIEW_WIDTH = 960
Tell = Callable[[float], None]  # hears which fraction is done


def probe_clip(request: pb.ProbeRequest) -> pb.ProbeResponse:
    path = path_from_wire(request.path, "clip")
    check_unmoved(path)
    response = pb.ProbeResponse(facts=facts_to_wire(probe(path)))
    if request.poster_width > 0:
        image = encoded(poster(path, request.poster_frame, request.poster_width))
        response.poster.CopyFrom(picture_to_wire(image))
    return response


def preview_frame(request: pb.PreviewRequest) -> pb.PreviewResponse:
    clip, mask = path_from_wire(request.path, "clip"), mask_from_wire(request)
    check_unmoved(clip, mask)
    spec = catalog.engine(request.engine or DEFAULT_ENGINE)
    result = preview(
        clip,
        request.media_frame,
        light_request_from_wire(request.light),
        _engine(spec),
        spec,
        width=request.width or PREVIEW_WIDTH,
        amount=amount_from_wire(request),
        options=options_from_wire(request),
        mask=mask,
        grow=grow_from_wire(request),
        in_section=request.whole_section,
    )
    picture = encoded(result.image, is_png=request.format == pb.IMAGE_FORMAT_PNG)
    first, end = result.section or (0, 0)
    return pb.PreviewResponse(
        image=picture_to_wire(picture),
        light=light_to_wire(result.light),
        unmatched_words=result.unmatched_words,
        seconds=result.seconds,
        section=pb.FrameSpan(first=first, end=end) if result.section else None,
    )


def plan_job(request: pb.RelightRequest) -> pb.JobPlan:
    wanted, spec, _ = _looked_at(request)
    return plan_to_wire(plan(wanted, spec, _engine(spec)))


def copy_clip(request: pb.RelightRequest, tell: Tell) -> pb.ClipRange:
    """The clip, small, as the output's file."""
    clip, path = clip_from_wire(request.clip), path_from_wire(request.output.path, "output")
    check_unmoved(clip.path, path.parent)
    for fraction in copy(clip, path):
        tell(fraction)
    return request.clip


def measure_take(take: pb.Take, tell: Tell) -> pb.Measures:
    clip, path = clip_from_wire(take.clip), path_from_wire(take.path, "take")
    check_unmoved(clip.path, path)
    return pb.Measures(measures=[pb.Measure(**asdict(one)) for one in measure(clip, path)])


@dataclass(frozen=True, slots=True)
class Checked:
    """A request with its range and rate filled in, against which nothing speaks."""

    request: pb.RelightRequest
    needs: Needs
    identity: str  # of the engine's models; "" where it has none


def check_job(request: pb.RelightRequest) -> Checked:
    wanted, spec, facts = _looked_at(request)
    size = engine_size(facts, spec.limits)
    needs = Needs(
        take_bytes(wanted, facts),
        map_bytes(wanted, size),
        memory_bytes(facts, size, spec),
        render_seconds(wanted, facts),
    )
    engine = _engine(spec)
    identity = engine.identity(wanted.options) if isinstance(engine, Identified) else ""
    return Checked(request_to_wire(wanted), needs, identity)


def _looked_at(request: pb.RelightRequest) -> tuple[RelightRequest, EngineSpec, MediaFacts]:
    """The request with its range and rate filled in. Raises LavError where its clip forbids it."""
    wanted = request_from_wire(request)
    check_unmoved(wanted.clip.path, wanted.mask)
    spec = catalog.engine(wanted.engine)
    facts = check_request(wanted, spec)
    _check_rate(wanted, facts)
    return replace(wanted, clip=whole_range(wanted.clip, facts)), spec, facts


CALLS: dict[str, tuple[type[Proto], Callable[[Any], Proto | Checked]]] = {
    "probe": (pb.ProbeRequest, probe_clip),
    "preview": (pb.PreviewRequest, preview_frame),
    "plan": (pb.RelightRequest, plan_job),
    "check": (pb.RelightRequest, check_job),
}
LONG_CALLS: dict[str, tuple[type[Proto], Callable[[Any, Tell], Proto]]] = {
    "copy": (pb.RelightRequest, copy_clip),
    "measure": (pb.Take, measure_take),
}


def answer(message: Message, tell: Tell) -> Message:
    """One call's answer, or the problem it met. Nothing gets past this boundary.

    `tell` hears how far a long one is.
    """
    name, body = message["call"], message["body"]
    try:
        if name in LONG_CALLS:
            kind, long_call = LONG_CALLS[name]
            return _told(long_call(unpack(kind, body), tell))
        kind, call = CALLS[name]
        return _told(call(unpack(kind, body)))
    except LavError as error:
        problem = from_error(error)
    except Exception as error:
        log.exception("The call %s failed", message["call"])
        problem = from_surprise(error, "reading this clip")
    return {"problem": pack(problem_to_wire(problem))}


def _told(result: Proto | Checked) -> Message:
    if isinstance(result, Checked):
        told = {"needs": asdict(result.needs), "identity": result.identity}
        return {"answer": pack(result.request), **told}
    return {"answer": pack(result)}


def main() -> None:
    parent = Parent()
    faulthandler.enable()
    logs.start_child()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the daemon's to handle
    signal_on_parent_death(SIGKILL)
    _warm_up()
    for message in parent.messages():
        parent.send(_answered(parent, message))


def _answered(parent: Parent, message: Message) -> Message:
    number = message["id"]

    def tell(fraction: float) -> None:
        parent.send({"id": number, "fraction": fraction})

    return {"id": number, **answer(message, tell)}


@cache
def _engine(spec: EngineSpec) -> Engine:
    return catalog.load_engine(spec)


def _warm_up() -> None:
    """Loads and compiles what the first preview would otherwise wait for."""
    grey = np.full((1, 54, 96, 3), 0.5, np.float32)
    light = Light(lamps=(Lamp(),), exposure=0.0)
    engine = _engine(catalog.engine(DEFAULT_ENGINE))
    *_, last = engine.relight(Window(0, grey, Fraction(25)), light, Options())
    assert last.fields is not None
    layout = Layout(96, 54, depth=8, across=1, down=1, matrix="rgb", is_full_range=True)
    deliver(rgb_to_planes(grey[0], layout), last.fields.gain[0], last.fields.flare[0])


def _check_rate(request: RelightRequest, facts: MediaFacts) -> None:
    if request.clip.rate not in (0, facts.rate):
        raise LavError(
            f"The clip is said to run at {float(request.clip.rate):.3f} frames per second, but "
            f"{facts.path.name} runs at {float(facts.rate):.3f}; frames would not match.",
            "Undo the retime or conform of this clip, or leave the rate out.",
            Code.media_unsupported,
        )


if __name__ == "__main__":
    main()
