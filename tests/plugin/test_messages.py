"""The bridge's messages are lav.v1's own: same names, and nothing is lost on the way."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from google.protobuf import json_format

from lav_plugin import messages
from lav_proto.v1 import relight_pb2 as pb

OWN = {"Greeting", "Greeted", "Connecting", "Watching", "Timeline", "TimelineItem"}
RENAMED = {"JobName": "RetryJobRequest", "Jobs": "ListJobsResponse"}
MESSAGES = [
    one
    for name, one in vars(messages).items()
    if isinstance(one, type) and is_dataclass(one) and name not in OWN
]


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_a_message_has_only_fields_of_the_wire(kind: type) -> None:
    wire = getattr(pb, RENAMED.get(kind.__name__, kind.__name__)).DESCRIPTOR.fields_by_name
    assert {one.name for one in fields(kind)} <= set(wire)  # type: ignore[arg-type]
    for one in fields(kind):  # type: ignore[arg-type]
        nested = wire[one.name].message_type
        assert one.metadata.get("of") == (nested.name if nested else None)


def test_a_request_is_the_same_after_the_wire() -> None:
    light = messages.Light(
        prompt="neon",
        lamps=(messages.Lamp("ROLE_KEY", azimuth=-60.0, stops=0.0, at=messages.Point(0.0, 0.5)),),
        exposure=0.0,
        keys=(messages.LightKey(10, messages.Light("dusk")),),
    )
    asked = messages.RelightRequest(
        clip=messages.ClipRange("/a.mov", 0, 12, messages.Rational(24000, 1001)),
        light=messages.LightRequest(light=light),
        amount=0.0,
        output=messages.Output("/b.mov", for_host=True),
    )
    sent = json_format.ParseDict(messages.to_json(asked), pb.RelightRequest())
    back: dict[str, Any] = json_format.MessageToDict(sent, preserving_proto_field_name=True)
    assert messages.from_json(messages.RelightRequest, back) == asked


def test_what_a_newer_bridge_adds_is_passed_over() -> None:
    said = {"device": "CPU", "colour_of_the_case": "black", "engines": [{"name": "x", "new": {}}]}
    info = messages.from_json(messages.ServerInfo, said)
    assert info.device == "CPU"
    assert info.engines == (messages.Engine("x"),)
