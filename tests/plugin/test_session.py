"""An editor's session from click to take: the real bridge, server and Draft, a plain timeline."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

import av
import numpy as np
import psutil
import pytest
from plugin.plain_host import PlainHost

from lav_plugin import notices
from lav_plugin.bridge_client import Bridge
from lav_plugin.connection import CONNECTED, OFF, RESTARTING
from lav_plugin.host import Unfit
from lav_plugin.messages import PROTOCOL, Greeting, LightRequest, Rational, Timeline
from lav_plugin.renders import FAILED
from lav_plugin.session import Session
from lav_plugin.settings import Settings
from lav_proto.v1 import relight_pb2 as pb

GREETING = Greeting(PROTOCOL, "plain", "1", "0.1.0")
WINDOW = Settings(LightRequest(preset="soft-window"), "soft-window", "Soft window", "draft")
LIMIT = 90.0  # seconds; test machines are shared
FRAMES = 280  # of the long clip; 120 of them are work for a few seconds


def command(home: Path) -> list[str]:
    return [sys.executable, "-P", "-m", "lav_client.entry", "--home", str(home), "bridge"]


class Editor:
    """A session, pumped as a timer would."""

    def __init__(self, words: list[str], host: PlainHost) -> None:
        self.host = host
        self.session = Session(host, lambda news: Bridge(words, GREETING, news))
        self.chips: list[str] = []

    def until(self, done: Callable[[], object]) -> None:
        deadline = time.monotonic() + LIMIT
        while not done():
            assert time.monotonic() < deadline, (self.chips, self.session.board.notice)
            self.session.pump()
            if self.chips[-1:] != [self.session.connection.chip]:
                self.chips.append(self.session.connection.chip)
            time.sleep(0.005)

    def relight(self, settings: Settings = WINDOW) -> None:
        self.session.orders.relight(self.host.chosen(), lambda _: settings)

    def until_done(self) -> None:
        self.until(lambda: not self.session.renders.open)

    def until_running(self) -> None:
        self.until(lambda: any(one.fraction for one in self.session.renders.all.values()))

    def code(self) -> str:
        return self.session.board.notice.problem.code if self.session.board.notice else ""

    def bridge(self) -> psutil.Process:
        (found,) = [child for child in psutil.Process().children() if is_bridge(child)]
        return found


def is_bridge(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE and process.cmdline()[-1:] == ["bridge"]
    return False


@pytest.fixture
def folder(server) -> Path:
    path = server.folder / uuid4().hex[:8]
    path.mkdir()
    return path


@pytest.fixture
def editor(server) -> Iterator[Editor]:
    editor = Editor(command(server.home), PlainHost())
    yield editor
    editor.session.close()


@pytest.fixture
def short(folder: Path, make_clip) -> Path:
    return make_clip(folder / "short.mp4")


@pytest.fixture
def long(folder: Path, make_clip) -> Path:
    return make_clip(folder / "long.mp4", FRAMES)


def test_nothing_is_started_before_something_is_asked(editor: Editor) -> None:
    editor.session.pump()
    assert editor.session.connection.chip == OFF
    assert not [child for child in psutil.Process().children() if is_bridge(child)]
    editor.session.connection.connect(start=False)
    editor.until(lambda: editor.session.connection.chip == CONNECTED)
    info = editor.session.connection.info
    assert info is not None
    assert info.device
    assert {"soft-window", "moonlight"} <= {one.name for one in info.presets}
    assert "draft" in {one.name for one in info.engines}


def test_where_no_server_runs_none_is_started_unasked(tmp_path: Path) -> None:
    editor = Editor(command(tmp_path), PlainHost())
    editor.session.connection.connect(start=False)
    editor.until(lambda: editor.session.connection.chip == OFF)
    assert editor.session.board.notice is None
    assert not (tmp_path / "server.json").exists()
    editor.session.close()


def test_a_missing_bridge_is_said_with_the_way_to_name_one(short: Path) -> None:
    editor = Editor([str(short.with_name("no such program"))], PlainHost())
    editor.host.put("a", short, 0, 12)
    editor.relight()
    editor.until(lambda: editor.code() == "BRIDGE_MISSING")
    (render,) = editor.session.renders.all.values()
    assert render.state == FAILED
    editor.session.close()


def test_the_newest_preview_is_shown_and_no_other(editor: Editor, short: Path) -> None:
    clip = editor.host.put("a", short, 0, 24)
    for frame in range(8):
        editor.session.previews.look(clip, frame, WINDOW)
    editor.until(lambda: not editor.session.previews.is_busy)
    preview = editor.session.previews.last
    assert preview is not None
    assert (preview.clip, preview.media_frame) == ("a", 7)
    assert preview.image.startswith(b"\x89PNG")
    assert preview.light.exposure is not None
    assert editor.session.board.notice is None
    for _ in range(20):
        editor.session.pump()
    assert editor.session.previews.last is preview


def test_a_preview_that_fails_is_told_and_the_last_one_stays(editor: Editor, short: Path) -> None:
    clip = editor.host.put("a", short, 0, 24)
    editor.session.previews.look(clip, 24, WINDOW)
    editor.until(lambda: not editor.session.previews.is_busy)
    assert editor.code() == "RANGE_OUTSIDE"


def test_an_estimate_says_the_light_and_leaves_nothing(editor: Editor, short: Path) -> None:
    clip = editor.host.put("a", short, 0, 24)
    words = Settings(LightRequest("moonlight from the left, umbrella"), engine="draft")
    editor.session.estimates.plan(clip, words)
    editor.until(lambda: editor.session.estimates.last)
    estimate = editor.session.estimates.last
    assert estimate is not None
    assert estimate.plan.seconds > 0
    assert estimate.plan.light is not None
    assert (estimate.plan.light.lamps[0].azimuth or 0) < 0
    assert "umbrella" in estimate.plan.unmatched_words
    assert list(short.parent.iterdir()) == [short]


def test_several_clips_are_relit_with_handles_and_shown(
    editor: Editor, short: Path, folder: Path, make_clip
) -> None:
    other = make_clip(folder / "other.mp4")
    editor.host.put("a", short, 6, 6)
    editor.host.put("b", other, 14, 10)
    editor.relight(replace(WINDOW, handles=4))
    assert len(editor.host.renders()) == 2, "kept before they are sent"
    editor.until_done()
    a, b = editor.host.kept["a"], editor.host.kept["b"]
    assert [(one.takes[0].span.first, one.takes[0].span.end) for one in (a, b)] == [
        (2, 16),
        (10, 24),
    ]
    assert (a.active, a.original.path) == (0, str(short))
    assert Path(a.takes[0].path) == folder / "LAV Takes" / "short_lav_soft-window_v001.mov"
    assert Path(b.takes[0].path).is_file()
    assert a.takes[0].light.exposure is not None
    assert editor.host.steps == ["show 0", "show 0"]
    assert editor.host.renders() == ()


def test_handles_end_where_the_file_does_whatever_the_editor_believes(
    editor: Editor, short: Path
) -> None:
    editor.host.put("a", short, 6, 12, 144)  # as Blender counts a file whose sound is longer
    editor.relight()
    editor.until_done()
    (take,) = editor.host.kept["a"].takes
    assert (take.span.first, take.span.end) == (0, 24)


def test_a_clip_that_goes_on_beyond_its_file_is_refused(editor: Editor, short: Path) -> None:
    editor.host.put("a", short, 6, 40, 144)
    editor.relight()
    editor.until_done()
    notice = editor.session.board.notice
    assert notice is not None
    assert notice.problem.code == "RANGE_OUTSIDE"
    assert "24 frames" in notice.problem.message
    assert editor.host.renders() == ()
    assert editor.host.kept == {}


def test_frames_that_cannot_be_told_by_number_are_baked_first(editor: Editor, folder: Path) -> None:
    clip = uneven(folder / "phone.mp4")
    editor.host.put("a", clip, 0, 20)
    editor.relight()
    editor.until_done()
    notice = editor.session.board.notice
    assert notice is not None
    assert (notice.problem.code, notice.action, notice.about) == ("NEEDS_BAKE", notices.BAKE, "a")
    assert editor.host.kept == {}


def uneven(path: Path) -> Path:
    """24 frames, with a hitch as telephones make them."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(30))
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 600)
        for at in range(24):
            frame = av.VideoFrame.from_ndarray(np.full((135, 160), 90, np.uint8), "yuv420p")
            frame.pts, frame.time_base = 20 * at + (37 if at > 9 else 0), Fraction(1, 600)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def test_a_take_above_is_placed_there(editor: Editor, short: Path) -> None:
    editor.host.put("a", short, 0, 12)
    editor.relight(replace(WINDOW, above=True))
    editor.until_done()
    assert len(editor.host.above) == 1
    assert editor.host.steps == ["above"]


def test_nothing_is_ever_overwritten_and_titles_tell_takes_apart(
    editor: Editor, short: Path
) -> None:
    editor.host.put("a", short, 0, 12)
    editor.relight()
    editor.relight()
    editor.until_done()
    # Whichever was told of first: both may be done at once.
    first, second = sorted(editor.host.kept["a"].takes, key=lambda take: take.path)
    assert Path(first.path).name == "short_lav_soft-window_v001.mov"
    assert Path(second.path).name == "short_lav_soft-window_v002.mov"
    assert [first.name, second.name] == ["Soft window", "Soft window 2"]


def test_a_file_that_takes_the_name_meanwhile_is_kept_and_the_take_gets_another(
    editor: Editor, long: Path
) -> None:
    editor.host.put("a", long, 0, 120, FRAMES)
    editor.relight()
    editor.until_running()
    taken = long.parent / "LAV Takes" / "long_lav_soft-window_v001.mov"
    taken.write_bytes(b"somebody else's")
    editor.until_done()
    assert taken.read_bytes() == b"somebody else's"
    (take,) = editor.host.kept["a"].takes
    assert Path(take.path).name == "long_lav_soft-window_v002.mov"


def test_projects_that_want_the_same_name_at_once_all_get_their_take(server, long: Path) -> None:
    editors = [Editor(command(server.home), PlainHost()) for _ in range(4)]
    for number, one in enumerate(editors):
        one.host.put("a", long, 0, 60, FRAMES)
        one.relight(replace(WINDOW, amount=1 - number / 10))  # four different takes
    for one in editors:
        one.until_done()
    takes = [one.host.kept["a"].takes[0] for one in editors]
    assert len({take.path for take in takes}) == 4
    assert [take.amount for take in takes] == [1.0, 0.9, 0.8, 0.7]
    for one in editors:
        one.session.close()


def test_another_amount_is_delivered_from_the_light_that_is_kept(
    editor: Editor, server, short: Path
) -> None:
    editor.host.put("a", short, 4, 12)
    editor.relight()
    editor.until_done()
    editor.session.orders.vary("a", 0, 0.5)
    editor.until_done()
    whole, half = editor.host.kept["a"].takes
    assert (whole.amount, half.amount) == (1.0, 0.5)
    assert whole.span == half.span
    jobs = [server.client.job(one.job) for one in (whole, half)]
    assert jobs[1].parent_job == whole.job
    assert list(jobs[0].take.map_keys) == list(jobs[1].take.map_keys)


def test_extending_lights_what_is_missing_alone(editor: Editor, server, long: Path) -> None:
    editor.host.put("a", long, 120, 40, FRAMES)
    editor.relight()
    editor.until_done()
    editor.host.put("a", long, 120, 140, FRAMES)
    editor.session.orders.extend("a")
    editor.until_done()
    before, after = editor.host.kept["a"].takes
    assert after.span.holds(before.span.first, 260)
    assert before.light == after.light
    keys = [set(server.client.job(one.job).take.map_keys) for one in (before, after)]
    assert keys[0] < keys[1]


def test_a_take_too_short_by_now_is_kept_and_extending_offered(editor: Editor, long: Path) -> None:
    editor.host.put("a", long, 100, 100, FRAMES)
    editor.relight()
    editor.until_running()
    editor.host.put("a", long, 100, 150, FRAMES)
    editor.until_done()
    assert editor.host.kept["a"].active == -1
    assert len(editor.host.kept["a"].takes) == 1
    notice = editor.session.board.notice
    assert notice is not None
    assert (notice.action, notice.about) == (notices.EXTEND, "a")
    editor.session.orders.extend(notice.about)
    editor.until_done()
    assert editor.host.kept["a"].active == 1


def test_a_render_the_user_cancels_leaves_nothing(editor: Editor, server, long: Path) -> None:
    editor.host.put("a", long, 0, 120, FRAMES)
    editor.relight()
    editor.until_running()
    ((key, render),) = editor.session.renders.all.items()
    editor.session.renders.cancel(key)
    editor.until(lambda: not editor.session.renders.all)
    assert server.client.job(render.record.job).state == pb.JOB_STATE_CANCELLED
    assert editor.session.board.notice is None
    assert editor.host.renders() == ()
    assert editor.host.kept == {}


def test_a_render_cancelled_before_the_server_answers_is_cancelled_there(
    editor: Editor, server, long: Path
) -> None:
    editor.host.put("a", long, 0, 120, FRAMES)
    editor.relight()
    ((key, render),) = editor.session.renders.all.items()
    editor.session.renders.cancel(key)
    editor.until(lambda: not editor.session.renders.all)
    assert server.client.job(render.record.job).state == pb.JOB_STATE_CANCELLED


def test_what_was_cancelled_elsewhere_is_told_and_tried_again(
    editor: Editor, server, long: Path
) -> None:
    editor.host.put("a", long, 0, 120, FRAMES)
    editor.relight()
    editor.until_running()
    ((_, render),) = editor.session.renders.all.items()
    server.client.cancel(render.record.job)
    editor.until(lambda: editor.code() == "CANCELLED")
    notice = editor.session.board.notice
    assert notice is not None
    assert notice.action == notices.RETRY
    assert editor.host.kept == {}
    editor.session.renders.retry(notice.about)
    editor.until_done()
    assert len(editor.host.kept["a"].takes) == 1


def test_a_bridge_killed_mid_render_is_started_again_and_the_take_comes(
    editor: Editor, long: Path
) -> None:
    editor.host.put("a", long, 0, 120, FRAMES)
    editor.relight()
    editor.until_running()
    killed = editor.bridge()
    killed.kill()
    editor.until_done()
    assert RESTARTING in editor.chips
    assert editor.session.connection.chip == CONNECTED
    assert len(editor.host.kept["a"].takes) == 1
    assert editor.bridge().pid != killed.pid


def test_a_server_killed_mid_render_is_said_started_again_and_goes_on(
    tmp_path: Path, running_server, make_clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # the one started in its place may work there
    (tmp_path / "media").mkdir()
    clip = make_clip(tmp_path / "media" / "long.mp4", 120)
    with running_server(tmp_path / "home", tmp_path / "media") as server:
        editor = Editor(command(server.home), PlainHost())
        editor.host.put("a", clip, 0, 120, 120)
        editor.relight()
        editor.until_running()
        ((_, render),) = editor.session.renders.all.items()
        job = render.record.job
        server.process.kill()
        server.process.wait()
        editor.until_done()
        assert RESTARTING in editor.chips
        (take,) = editor.host.kept["a"].takes
        assert take.job == job
        assert Path(take.path).is_file()
        editor.session.close()
        _stop(server.home)


def _stop(home: Path) -> None:
    from lav_server import discovery

    found = discovery.read(home)
    assert found is not None
    process = psutil.Process(found.pid)
    process.terminate()
    process.wait(15)


def test_a_render_survives_its_project_being_closed(editor: Editor, server, long: Path) -> None:
    editor.host.put("a", long, 0, 120, FRAMES)
    editor.relight()
    editor.until_running()
    editor.session.close()
    again = Editor(command(server.home), editor.host)
    again.session.reopened()
    notice = again.session.board.notice
    assert notice is not None
    assert (notice.problem.code, notice.action) == ("UNFINISHED", notices.RESUME)
    assert "1 unfinished render" in notice.problem.message
    again.session.resume()
    again.until_done()
    assert len(editor.host.kept["a"].takes) == 1
    assert editor.host.renders() == ()
    again.session.close()


def test_what_finished_while_the_project_was_closed_is_placed_once(
    editor: Editor, server, long: Path
) -> None:
    editor.host.put("a", long, 0, 60, FRAMES)
    editor.relight()
    editor.until(lambda: editor.host.renders() and editor.host.renders()[0]["job"])
    saved = editor.host.saved
    editor.session.close()
    list(server.client.watch(editor.host.renders()[0]["job"]))
    for _ in range(2):  # the second time as of a project saved before the take was placed
        editor.host.saved = saved
        again = Editor(command(server.home), editor.host)
        again.session.reopened()
        again.session.resume()
        again.until_done()
        assert len(editor.host.kept["a"].takes) == 1
        again.session.close()


def test_a_render_sent_but_never_answered_is_one_job(editor: Editor, server, short: Path) -> None:
    editor.host.put("a", short, 0, 12)
    editor.relight()
    saved = editor.host.saved
    editor.until_done()
    job = editor.host.kept["a"].takes[0].job
    again = Editor(command(server.home), editor.host)
    again.host.kept.clear()
    again.host.saved = saved
    again.session.reopened()
    again.session.resume()
    again.until_done()
    assert again.host.kept["a"].takes[0].job == job
    again.session.close()


def test_renders_that_are_not_resumed_are_forgotten(editor: Editor, short: Path) -> None:
    editor.host.put("a", short, 0, 12)
    editor.relight()
    editor.session.reopened()
    editor.session.dismiss()
    assert editor.host.renders() == ()
    assert editor.session.renders.all == {}


def test_renders_another_version_wrote_are_passed_over(editor: Editor) -> None:
    editor.host.keep_renders([{"key": "1", "shape": "new"}])
    editor.session.reopened()
    assert editor.session.board.notice is None


def test_a_clip_deleted_meanwhile_keeps_its_take_and_says_where(editor: Editor, long: Path) -> None:
    editor.host.put("a", long, 0, 200, FRAMES)
    editor.relight()
    editor.until_running()
    del editor.host.clips["a"]
    editor.until_done()
    assert editor.code() == "CLIP_GONE"
    notice = editor.session.board.notice
    assert notice is not None
    take = long.parent / "LAV Takes" / "long_lav_soft-window_v001.mov"
    assert str(take) in notice.problem.hint
    assert take.is_file()
    assert editor.host.kept == {}


def test_a_take_moved_with_its_project_is_found(editor: Editor, server, folder: Path, short: Path):
    editor.host.put("a", short, 0, 12)
    editor.relight()
    saved = editor.host.saved
    editor.until_done()
    moved = folder.rename(folder.with_name(folder.name + "-moved"))
    editor.host.kept.clear()
    editor.host.put("a", moved / "short.mp4", 0, 12)
    editor.host.saved = saved
    editor.session.reopened()
    editor.session.resume()
    editor.until_done()
    (take,) = editor.host.kept["a"].takes
    assert Path(take.path).parent == moved / "LAV Takes"


def test_a_finished_take_that_is_gone_is_rendered_again(editor: Editor, short: Path) -> None:
    editor.host.put("a", short, 0, 12)
    editor.relight()
    saved = editor.host.saved
    editor.until_done()
    Path(editor.host.kept["a"].takes[0].path).unlink()
    editor.host.kept.clear()
    editor.host.saved = saved
    editor.session.reopened()
    editor.session.resume()
    editor.until_done()
    (take,) = editor.host.kept["a"].takes
    assert Path(take.path).is_file()


def test_a_name_as_long_as_a_disk_takes_leads_to_a_take(
    editor: Editor, folder: Path, make_clip
) -> None:
    editor.host.put("a", make_clip(folder / f"{'漢' * 80}.mp4"), 0, 12)
    editor.relight()
    editor.until_done()
    (take,) = editor.host.kept["a"].takes
    assert Path(take.path).is_file()


def test_without_a_folder_beside_the_source_takes_go_beside_the_project(
    editor: Editor, folder: Path, make_clip
) -> None:
    (folder / "source").mkdir()
    clip = make_clip(folder / "source" / "clip.mp4")
    (folder / "source" / "LAV Takes").write_bytes(b"a file of that name")
    editor.host.put("a", clip, 0, 12)
    editor.relight()
    assert editor.code() == "OUTPUT_UNWRITABLE"
    assert editor.session.renders.all == {}
    editor.host.project = str(folder)
    editor.relight()
    editor.until_done()
    assert Path(editor.host.kept["a"].takes[0].path).parent == folder / "LAV Takes"


def test_a_problem_of_one_clip_does_not_keep_the_others(editor: Editor, short: Path) -> None:
    editor.host.put("gone", short.with_name("gone.mp4"), 0, 12)
    editor.host.put("a", short, 0, 12)
    editor.relight()
    editor.until_done()
    assert len(editor.host.kept["a"].takes) == 1
    assert editor.code() == "MEDIA_MISSING"
    (failed,) = editor.session.renders.all.values()
    assert failed.state == FAILED


def test_a_clip_that_is_not_fit_is_baked_and_relit_in_one_go(editor: Editor, short: Path) -> None:
    editor.host.unfit.append(Unfit("m", "Meta", "Meta is a group of clips.", True))
    editor.host.bake_to = str(short)
    editor.relight()
    notice = editor.session.board.notice
    assert notice is not None
    assert (notice.problem.code, notice.action, notice.about) == (
        "NEEDS_BAKE",
        notices.BAKE_AND_RELIGHT,
        "m",
    )
    editor.session.orders.bake_and_relight("m")
    editor.until(lambda: not editor.session.bakes.all)
    editor.until_done()
    (take,) = editor.host.above
    assert Path(take).is_file()
    assert editor.host.steps == ["above"]


def test_several_clips_are_baked_one_after_the_other(editor: Editor, short: Path) -> None:
    why = "It is a group of clips."
    editor.host.unfit.append(Unfit("x", "Sound", "Sound has no light.", False))
    editor.host.unfit.extend(Unfit(id, id, why, True) for id in "mnop")
    editor.host.bake_to = str(short)
    editor.relight()
    notice = editor.session.board.notice
    assert notice is not None
    assert (notice.action, notice.about) == (notices.BAKE_AND_RELIGHT, "m")
    assert "3 more" in notice.problem.message
    assert notice.problem.message.endswith("Sound has no light.")
    bakes = editor.session.bakes
    editor.session.orders.bake_and_relight("m")
    assert ([*bakes.all], [*bakes.waiting]) == (["m"], ["n", "o", "p"])
    bakes.cancel("o")
    editor.until(lambda: "n" in bakes.all)
    assert [one.clip_id for one in editor.host.bakes] == ["m", "n"]
    bakes.cancel("n")
    editor.until(lambda: not bakes.all and not bakes.waiting)
    editor.until_done()
    assert [one.clip_id for one in editor.host.bakes] == ["m", "n", "p"]
    assert len(editor.host.above) == 2


def test_a_bake_alone_relights_nothing_and_can_be_cancelled(editor: Editor) -> None:
    unfit = Unfit("m", "Meta", "Meta is a group of clips.", True)
    editor.session.orders.refuse((unfit,))
    notice = editor.session.board.notice
    assert notice is not None
    assert (notice.action, notice.about) == (notices.BAKE, "m")
    editor.session.bakes.start("m")
    editor.session.bakes.cancel("m")
    assert editor.host.bakes[0].is_cancelled
    editor.session.bakes.start("m")
    editor.until(lambda: not editor.session.bakes.all)
    assert editor.code() == "BAKED"
    assert editor.host.clips["m"].media.path == "baked.mov"
    assert editor.session.renders.all == {}


def test_with_nothing_chosen_that_is_said(editor: Editor) -> None:
    editor.relight()
    assert editor.code() == "NO_CLIP"


def test_takes_are_switched_compared_renamed_and_removed(editor: Editor, short: Path) -> None:
    editor.host.put("a", short, 0, 12)
    for _ in range(2):
        editor.relight()
        editor.until_done()
    session, host = editor.session, editor.host
    session.takes.show("a", 0)
    assert host.kept["a"].active == 0
    session.takes.compare("a")
    assert host.kept["a"].active == -1
    session.takes.compare("a")
    assert host.kept["a"].active == 0
    session.takes.rename("a", 1, "The second")
    session.takes.rename("a", 1, "  ")  # a name is needed to choose it by
    assert [one.name for one in host.kept["a"].takes] == ["Soft window", "The second"]
    path = Path(host.kept["a"].takes[0].path)
    session.takes.remove("a", 0)
    assert ([one.name for one in host.kept["a"].takes], host.kept["a"].active) == (
        ["The second"],
        -1,
    )
    assert path.is_file()
    session.takes.show("a", 7)
    assert session.board.notice is not None


def test_takes_return_through_a_timeline_file(editor: Editor, server, short: Path) -> None:
    editor.host.put("a", short, 2, 10)
    editor.relight()
    editor.until_done()
    path = short.parent / "cut.otio"
    editor.session.timelines.write(Timeline(str(path), "cut", Rational(24, 1), 0))
    editor.until(path.is_file)
    again = Editor(command(server.home), PlainHost())
    again.host.put("new", short, 2, 10)
    again.session.timelines.read(str(path))
    again.until(lambda: again.host.kept)
    (mine,), (theirs,) = editor.host.kept["a"].takes, again.host.kept["new"].takes
    assert (mine.path, mine.job, mine.span) == (theirs.path, theirs.job, theirs.span)
    assert theirs.asked == mine.asked
    again.session.close()
