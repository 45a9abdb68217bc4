"""An editor and the page work on one clip: offered, rendered, handed back, placed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pages import Browser

from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_server.host_sessions import (
    MOST,
    MOST_EVENTS,
    MOST_OFFERS,
    MOST_WATCHERS,
    SILENCE,
    HostSessions,
)


@pytest.fixture
def session(server) -> pb.HostSession:
    return server.client.open_host_session("blender", version="5.2", project="film.blend")


@pytest.fixture
def browser(session: pb.HostSession) -> Browser:
    """Let in by the editor's own address."""
    return Browser(session.page_url).let_in()


def offered(server, session: pb.HostSession, clip: Path) -> str:
    there = pb.TimelineClip(host_id="strip.1", name="Shot 1", clip=pb.ClipRange(path=str(clip)))
    return server.client.offer_clip(session.id, there)


def posted(browser: Browser, path: str, **said: str):
    return browser.told("POST", path, json.dumps(said))


def ended(server, job: pb.Job) -> pb.Job:
    for _ in server.client.watch(job.id):
        pass
    return server.client.job(job.id)


def test_the_editors_address_names_its_session(session: pb.HostSession) -> None:
    assert parse_qs(urlsplit(session.page_url).fragment)["host"] == [session.id]


def test_a_sessions_page_is_opened_again(server, session: pb.HostSession) -> None:
    again = Browser(server.client.open_page(host_session=session.id)).let_in()
    with again.events(f"/host/{session.id}") as seen:
        told = seen.next("host")
    assert (told["host"], told["project"]) == ("blender", "film.blend")
    with pytest.raises(LavError) as refused:
        server.client.open_page(host_session="nobody")
    assert refused.value.code == Code.job_unknown


def test_a_clip_goes_from_the_editor_to_the_page_and_back(
    server, session: pb.HostSession, browser: Browser, clip: Path
) -> None:
    events: Iterator[pb.HostEvent] = server.client.watch_host_session(session.id)
    with browser.events(f"/host/{session.id}") as seen:
        assert seen.next("host")["offers"] == []
        offer = offered(server, session, clip)
        shown = seen.next("host")["offers"][0]
        assert (shown["offer"], shown["clip"]["name"]) == (offer, "Shot 1")
        assert shown["clip"]["clip"]["path"] == str(clip)
        job = server.client.submit(server.request(clip, "placed.mp4"))
        posted(browser, f"/host/{session.id}/job", offer=offer, job=job.id)
        started = next(events)
        assert (started.offer, started.started.job) == (offer, job.id)
        assert ended(server, job).state == pb.JOB_STATE_DONE
        result = f"/host/{session.id}/result"
        posted(browser, result, offer=offer, verdict="VERDICT_TAKEN", place="above")
        handed = next(events)
        assert (handed.offer, handed.place) == (offer, pb.PLACE_ABOVE)
        assert handed.result.path == str(server.folder / "placed.mp4")
        server.client.resolve_result(session.id, offer, pb.VERDICT_TAKEN)
        while (shown := seen.next("host")["offers"][0])["verdict"] != "VERDICT_TAKEN":
            pass
        assert (shown["job"], shown["place"]) == (job.id, "above")
    again = server.client.watch_host_session(session.id, after_seq=started.seq)
    assert next(again) == handed


def test_a_discarded_offer_is_told_to_the_editor(
    server, session: pb.HostSession, browser: Browser, clip: Path
) -> None:
    offer = offered(server, session, clip)
    posted(browser, f"/host/{session.id}/result", offer=offer, verdict="VERDICT_DISCARDED")
    event = next(server.client.watch_host_session(session.id))
    assert (event.WhichOneof("event"), event.offer) == ("discarded", offer)


def test_a_render_that_fails_is_told_once_to_the_editor(
    server, session: pb.HostSession, browser: Browser, clip: Path
) -> None:
    offer = offered(server, session, clip)
    job = server.client.submit(server.request(clip, "failing.mp4", fault="error"))
    posted(browser, f"/host/{session.id}/job", offer=offer, job=job.id)
    failed = ended(server, job)
    assert failed.state == pb.JOB_STATE_FAILED
    events = server.client.watch_host_session(session.id)
    assert next(events).WhichOneof("event") == "started"
    assert next(events).problem == failed.problem
    posted(browser, f"/host/{session.id}/result", offer=offer, verdict="VERDICT_DISCARDED")
    assert next(events).WhichOneof("event") == "discarded"


def test_what_the_editor_could_not_place_is_shown(
    server, session: pb.HostSession, browser: Browser, clip: Path
) -> None:
    offer = offered(server, session, clip)
    problem = pb.Problem(code="BAD_VALUE", message="The track is locked.")
    server.client.resolve_result(session.id, offer, pb.VERDICT_DISCARDED, problem)
    with browser.events(f"/host/{session.id}") as seen:
        shown = seen.next("host")["offers"][0]
    assert (shown["problem"]["message"], shown["verdict"]) == ("The track is locked.", "")


@pytest.mark.parametrize(
    ("path", "said", "code"),
    [
        ("/host/none/result", {}, "JOB_UNKNOWN"),
        ("/host/{session}/result", {"offer": "none"}, "JOB_UNKNOWN"),
        ("/host/{session}/result", {"offer": "{offer}"}, "BAD_VALUE"),
        ("/host/{session}/result", {"offer": "{offer}", "verdict": "VERDICT_TAKEN"}, "JOB_UNKNOWN"),
        (
            "/host/{session}/result",
            {"offer": "{offer}", "verdict": "VERDICT_TAKEN", "place": "below"},
            "BAD_VALUE",
        ),
        ("/host/{session}/job", {"offer": "{offer}", "job": "none"}, "JOB_UNKNOWN"),
        ("/host/{session}/job", {"offer": "{offer}", "path": "/etc"}, "BAD_VALUE"),
        ("/host/{session}/job", {"offer": "x" * 1000}, "BAD_VALUE"),
    ],
)
def test_the_page_can_ask_for_nothing_else(
    server,
    session: pb.HostSession,
    browser: Browser,
    clip: Path,
    path: str,
    said: dict[str, str],
    code: str,
) -> None:
    offer = offered(server, session, clip)
    body = json.dumps({name: value.format(offer=offer) for name, value in said.items()})
    assert browser.refused("POST", path.format(session=session.id), body)["code"] == code


def test_only_clips_within_the_roots_are_offered(server, session: pb.HostSession) -> None:
    with pytest.raises(LavError) as refused:
        offered(server, session, Path("/etc/passwd"))
    assert refused.value.code == Code.outside_roots


def test_a_session_nobody_knows_is_told(server) -> None:
    with pytest.raises(LavError) as refused:
        next(server.client.watch_host_session("nobody"))
    assert refused.value.code == Code.job_unknown


def test_an_odd_verdict_is_refused(server, session: pb.HostSession, clip: Path) -> None:
    offer = offered(server, session, clip)
    for verdict in (pb.VERDICT_UNSPECIFIED, 99):
        with pytest.raises(LavError) as refused:
            server.client.resolve_result(session.id, offer, verdict)
        assert refused.value.code == Code.bad_value


def test_a_watching_editor_does_not_hold_a_server_that_stops(
    running_server, tmp_path: Path
) -> None:
    (tmp_path / "media").mkdir()
    with running_server(tmp_path / "home", tmp_path / "media") as server:
        session = server.client.open_host_session("resolve")
        browser = Browser(session.page_url).let_in()
        ends: list[object] = []

        def watch() -> None:
            try:
                ends.extend(server.client.watch_host_session(session.id))
            except LavError as error:
                ends.append(error)

        watching = threading.Thread(target=watch)
        watching.start()
        with browser.events(f"/host/{session.id}") as seen:
            seen.next("host")
            server.process.terminate()
            assert server.process.wait(10) == 0
        watching.join(10)
        assert isinstance(ends[0], LavError)


def test_so_many_watch_a_session_and_those_who_leave_make_room(
    server, session: pb.HostSession, browser: Browser, clip: Path
) -> None:
    offer = offered(server, session, clip)
    posted(browser, f"/host/{session.id}/result", offer=offer, verdict="VERDICT_DISCARDED")
    watches = [server.client.watch_host_session(session.id) for _ in range(MOST_WATCHERS)]
    for watch in watches:
        next(watch)
    with pytest.raises(LavError) as full:
        next(server.client.watch_host_session(session.id))
    assert full.value.code == Code.queue_full
    watches[0].close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 10
    while True:
        try:
            assert next(server.client.watch_host_session(session.id)).offer == offer
            break
        except LavError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


# --- bounds -------------------------------------------------------------------------------------


def test_the_session_that_was_silent_longest_goes() -> None:
    now = [0.0]
    sessions = HostSessions(lambda: now[0])
    first = sessions.open(pb.OpenHostSessionRequest(host="blender"))
    others = []
    for _ in range(MOST):
        now[0] += 1
        sessions.session(first.id)
        others.append(sessions.open(pb.OpenHostSessionRequest()))
    assert sessions.session(first.id) is first
    with pytest.raises(LavError):
        sessions.session(others[0].id)
    now[0] += SILENCE + 1
    sessions.open(pb.OpenHostSessionRequest())
    with pytest.raises(LavError):
        sessions.session(first.id)


def test_offers_events_and_names_are_bounded() -> None:
    session = HostSessions().open(pb.OpenHostSessionRequest())
    offers = [session.add(pb.TimelineClip()) for _ in range(MOST_OFFERS)]
    with pytest.raises(LavError) as full:
        session.add(pb.TimelineClip())
    assert full.value.code == Code.queue_full
    session.discard(offers[3])
    assert session.add(pb.TimelineClip()).id in session.offers
    assert offers[3].id not in session.offers
    for number in range(MOST_EVENTS + 10):
        session.start(offers[0], str(number))
    assert len(session.since(0)) == MOST_EVENTS
    with pytest.raises(LavError):
        session.add(pb.TimelineClip(name="x" * 100_000))
    with pytest.raises(LavError):
        HostSessions().open(pb.OpenHostSessionRequest(project="x" * 1000))
