"""A take is known by the files that it was really made from, and says where they changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lav_proto.v1 import relight_pb2 as pb

Rendered = tuple[pb.Job, list[str]]


@pytest.fixture
def two(server, make_clip: Callable[..., Path]) -> tuple[Path, Path]:
    """A clip and another one of as many frames."""
    folder = server.folder
    clip, other = folder / "original.mp4", folder / "other.mp4"
    return make_clip(clip), make_clip(other, size=(192, 96))


def ended(server, job: pb.Job) -> Rendered:
    """The job at its end and its warnings."""
    events = list(server.client.watch(job.id))
    warnings = [event.warning for event in events if event.WhichOneof("event") == "warning"]
    return events[-1].job, warnings


def again(server, request: pb.RelightRequest, name: str) -> Rendered:
    wanted = pb.RelightRequest()
    wanted.CopyFrom(request)
    wanted.output.path = str(server.folder / name)
    return ended(server, server.client.submit(wanted))


def test_a_take_of_a_clip_that_was_swapped_is_never_handed_out_for_the_first_one(
    server, two: tuple[Path, Path]
) -> None:
    clip, other = two
    away = clip.with_name("away.mp4")
    server.client.pause_queue()
    request = server.request(clip, "swapped.mp4")
    job = server.client.submit(request)
    clip.rename(away)
    other.rename(clip)
    server.client.resume_queue()
    swapped, _ = ended(server, job)
    clip.rename(other)
    away.rename(clip)
    restored, warnings = again(server, request, "restored.mp4")
    assert warnings == []
    assert (swapped.take.width, restored.take.width) == (192, 160)


def test_a_clip_that_changed_while_it_was_rendered_is_warned_of_and_its_take_not_copied(
    server, two: tuple[Path, Path]
) -> None:
    clip, _ = two
    request = server.request(clip, "mixed.mp4", fault="slow")
    job = server.client.submit(request)
    server.until_lit(job)
    os.utime(clip)
    mixed, warnings = ended(server, job)
    assert [mixed.take.warnings[-1]] == warnings
    assert warnings[0].startswith(f"{clip.name} was changed while the clip was rendered")
    assert again(server, request, "whole.mp4")[1] == []
    assert "a copy of whole.mp4" in again(server, request, "copy.mp4")[1][0]


def test_a_clip_that_was_replaced_before_its_turn_is_known_as_what_it_is_now(
    server, two: tuple[Path, Path]
) -> None:
    clip, other = two
    server.client.pause_queue()
    request = server.request(clip, "replaced.mp4")
    job = server.client.submit(request)
    other.replace(clip)
    server.client.resume_queue()
    first, warnings = ended(server, job)
    assert warnings == []
    second, warnings = again(server, request, "of-the-same.mp4")
    assert len(warnings) == 1
    assert second.take.width == first.take.width == 192
