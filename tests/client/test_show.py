"""Progress: a live line on a terminal, plain lines in a pipe."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from lav_client.report import table, unmatched
from lav_client.show import Bar, Lines
from lav_engine.errors import counted
from lav_proto.v1 import relight_pb2 as pb


def progress(stage: pb.Stage, done: int, eta: float | None = None) -> pb.Progress:
    return pb.Progress(stage=stage, done=done, total=48, fraction=done / 48, eta_seconds=eta)


def test_a_terminal_shows_stage_per_cent_frames_and_time_left():
    screen = StringIO()
    with Bar(Console(file=screen, force_terminal=True, width=120)) as bar:
        bar.show(progress(pb.STAGE_LIGHTING, 12, 75.0))
    for part in ("Lighting", "25%", "12/48 frames", "1:15 left"):
        assert part in screen.getvalue()


def test_a_pipe_gets_a_line_per_stage_and_per_ten_per_cent(capsys):
    with Lines() as lines:
        for done in range(49):
            lines.show(progress(pb.STAGE_LIGHTING, done))
        lines.show(progress(pb.STAGE_PUBLISHING, 48))
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "Lighting: 0 %, 0/48 frames"
    assert told[-1] == "Checking the take: 100 %, 48/48 frames"
    assert len(told) == 12


def test_columns_leave_out_what_is_not_known(capsys):
    table([("Reel", ""), ("Frames", "48"), ("", "24 fps")])
    assert capsys.readouterr().out == "Frames  48\n        24 fps\n"


def test_one_frame_is_not_frames():
    assert (counted(1), counted(2)) == ("1 frame", "2 frames")


def test_unmatched_words_name_the_engine_by_its_title():
    info = pb.ServerInfo(engines=[pb.Engine(name="draft", title="Draft")])
    assert unmatched(info, "draft", ["bear"]) == "Draft did not understand: bear"
    assert unmatched(info, "draft", []) == ""
