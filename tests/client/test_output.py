"""Names beside the source, and files written whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from lav_client import output
from lav_engine.errors import Code, LavError
from lav_engine.spec import Codec
from lav_proto.v1 import relight_pb2 as pb


@pytest.mark.parametrize(
    ("codec", "depth", "expected"),
    [
        ("h264", 8, Codec.h264),
        ("hevc", 10, Codec.prores),
        ("prores", 10, Codec.prores),
        ("prores", 12, Codec.prores),
        ("ffv1", 8, Codec.ffv1),
        ("ffv1", 10, Codec.ffv1),
    ],
)
def test_a_take_is_what_its_source_suggests(codec, depth, expected):
    assert output.natural_codec(pb.MediaFacts(codec=codec, bit_depth=depth)) == expected


def test_a_take_of_a_clip_with_transparency_keeps_it():
    facts = pb.MediaFacts(codec="qtrle", bit_depth=8, has_alpha=True)
    assert output.natural_codec(facts) == Codec.prores


def test_takes_are_numbered_and_replace_nothing(tmp_path):
    source = tmp_path / "clip.mov"
    names = []
    for _ in range(3):
        path = output.beside(source, Codec.h264)
        path.touch()
        names.append(path.name)
    assert names == ["clip_relit.mov", "clip_relit_v002.mov", "clip_relit_v003.mov"]


def test_a_name_that_a_waiting_render_will_use_is_not_free(server, shot):
    facts = server.client.probe(shot).facts
    server.client.pause_queue()
    try:
        jobs = []
        for _ in range(3):
            request = server.request(shot, "set below")
            path, _ = output.named(None, None, facts, server.client.promised())
            request.output.path = str(path)
            jobs.append(server.client.submit(request))
        names = [Path(job.request.output.path).name for job in jobs]
        assert names == [f"{shot.stem}_relit{end}.mov" for end in ("", "_v002", "_v003")]
    finally:
        for job in server.client.jobs(only_open=True):
            server.client.cancel(job.id)
        server.client.resume_queue()


def test_a_container_the_codec_does_not_fit_is_replaced_by_its_usual_one(tmp_path):
    assert output.beside(tmp_path / "clip.ts", Codec.h264).name == "clip_relit.mp4"
    assert output.beside(tmp_path / "clip.mp4", Codec.prores).name == "clip_relit.mov"


def test_a_file_is_there_whole_and_alone(tmp_path):
    output.write_new(tmp_path / "a.json", b"all of it")
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]
    assert (tmp_path / "a.json").read_bytes() == b"all of it"


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(LavError, match="nowhere") as refused:
        output.check_new(tmp_path / "nowhere" / "a.json")
    assert refused.value.code == Code.output_unwritable


def test_a_file_in_the_way_of_the_folder_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(LavError) as refused:
        output.check_new(tmp_path / "file" / "a.json")
    assert refused.value.code == Code.output_unwritable


def test_two_results_in_one_file_are_refused_by_their_options(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    outputs = {"-o": tmp_path / "a.mov", "--sheet": None, "--otio": tmp_path / "link" / "a.mov"}
    with pytest.raises(LavError, match="-o and --otio both name"):
        output.check_apart(outputs)
    output.check_apart({**outputs, "--otio": tmp_path / "a.otio"})


def test_a_full_disk_is_its_own_failure(tmp_path):
    full = output.refused(tmp_path / "a.json", OSError(errno.ENOSPC, "No space left"))
    assert full.code == Code.disk_short
    assert "full" in full.message
    other = output.refused(tmp_path / "a.json", OSError(errno.EROFS, "Read-only file system"))
    assert other.code == Code.output_unwritable
