"""Tasks and reports as messages of a child's channel: wire messages in base64, plain numbers."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from google.protobuf.message import Message as Proto

from lav_proto.v1 import relight_pb2 as pb
from lav_server.children import Message
from lav_server.jobs import Report, Task, Window
from lav_server.wire import request_from_wire, request_to_wire
from lav_server.wire_results import (
    picture_from_wire,
    picture_to_wire,
    problem_from_wire,
    problem_to_wire,
    progress_from_wire,
    progress_to_wire,
    take_from_wire,
    take_to_wire,
)

Kind = TypeVar("Kind", bound=Proto)

FIELDS = {
    "progress": (pb.Progress, progress_to_wire, progress_from_wire),
    "preview": (pb.Image, picture_to_wire, picture_from_wire),
    "take": (pb.Take, take_to_wire, take_from_wire),
    "problem": (pb.Problem, problem_to_wire, problem_from_wire),
}
PLAIN = ("warning", "cancelled", "is_leaving")


def pack(message: Proto) -> str:
    return b64encode(message.SerializeToString()).decode()


def unpack(kind: type[Kind], text: str) -> Kind:
    return kind.FromString(b64decode(text))


def task_to_message(task: Task) -> Message:
    return {
        "job": task.job,
        "epoch": task.epoch,
        "request": pack(request_to_wire(task.request)),
        "maps": str(task.maps),
        "folder": str(task.folder),
        "mount": str(task.mount or ""),
    }


def task_from_message(message: Message) -> Task:
    request = request_from_wire(unpack(pb.RelightRequest, message["request"]))
    maps, folder = Path(message["maps"]), Path(message["folder"])
    mount = Path(message["mount"]) if message["mount"] else None
    return Task(message["job"], message["epoch"], request, maps, folder, mount)


def report_to_message(report: Report) -> Message:
    """Only what is set."""
    message: Message = {}
    for name in PLAIN:
        value = getattr(report, name)
        if value is not None:
            message[name] = value
    if report.window is not None:
        message["window"] = asdict(report.window)
    for name, (_, to_wire, _) in FIELDS.items():
        value = getattr(report, name)
        if value is not None:
            message[name] = pack(to_wire(value))
    return message


def report_from_message(message: Message) -> Report:
    values = {name: message[name] for name in PLAIN if name in message}
    if "window" in message:
        values["window"] = Window(**message["window"])
    for name, (kind, _, from_wire) in FIELDS.items():
        if name in message:
            values[name] = from_wire(unpack(kind, message[name]))
    return Report(**values)
