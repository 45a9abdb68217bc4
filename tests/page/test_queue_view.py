"""The queue in the browser is the server's, whatever happens to the browser or the server."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from page_seen import Heard, Open, barriers, lit

from lav_proto.v1 import relight_pb2 as pb

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

Running = Callable[..., AbstractContextManager[Any]]
PHONE = {"width": 390, "height": 844}


def slow(server, clip: Path, name: str) -> str:
    """A render of a few seconds, by its id."""
    request = server.request(clip, name, fault="slow")
    return server.client.submit(request).id


def card(page: Page, job: str) -> Locator:
    return page.locator(f".job[data-job='{job}']")


def ended(page: Page, job: str, state: str = "DONE") -> None:
    page.wait_for_selector(f".job[data-job='{job}'][data-state=JOB_STATE_{state}]")


def queue(page: Page) -> Page:
    page.get_by_role("link", name="Queue").click()
    return page


@pytest.mark.slow
def test_a_render_is_cancelled_and_tried_again(server, clip: Path, open_page: Open) -> None:
    page = queue(open_page(server))
    job = slow(server, clip, "cancelled.mp4")
    card(page, job).get_by_role("button", name="Cancel").click()
    ended(page, job, "CANCELLED")
    card(page, job).get_by_role("button", name="Try again").click()
    page.locator(".job[data-state=JOB_STATE_RUNNING]").wait_for()
    newest = server.client.jobs()[0]
    assert newest.parent_job == job
    ended(page, newest.id)


@pytest.mark.slow
def test_a_page_that_is_loaded_again_goes_on_where_it_was(
    server, sample: Path, clip: Path, open_page: Open
) -> None:
    page = open_page(server, sample)
    lit(page)
    page.get_by_role("button", name="Right", exact=True).click()
    job = slow(server, clip, "reloaded.mp4")
    page.reload()
    lit(page)
    assert page.get_by_label("Around, as a number").input_value() == "70"
    queue(page)
    page.reload()
    card(page, job).wait_for()
    ended(page, job)


@pytest.mark.slow
def test_two_browsers_see_the_same_queue(server, clip: Path, open_page: Open) -> None:
    desk, phone = queue(open_page(server)), queue(open_page(server, viewport=PHONE))
    desk.get_by_role("button", name="Pause queue").click()
    phone.get_by_role("button", name="Resume queue").wait_for()
    jobs = [slow(server, clip, f"{name}.mp4") for name in ("one", "two", "three")]
    card(phone, jobs[2]).get_by_role("button", name="Move up").click()
    turned = [jobs[0], jobs[2], jobs[1]]
    for page in (desk, phone):
        page.wait_for_function(
            "(jobs) => [...document.querySelectorAll('.job')].slice(0, 3)"
            ".every((card, at) => card.dataset.job === jobs[at])",
            arg=turned,
        )
    assert phone.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    for job in jobs:
        card(desk, job).get_by_role("button", name="Cancel").click()
        ended(phone, job, "CANCELLED")
    phone.get_by_role("button", name="Resume queue").click()
    desk.get_by_role("button", name="Pause queue").wait_for()
    assert barriers(phone) == []


@pytest.mark.slow
def test_many_tabs_of_one_browser_share_its_few_connections(server, open_page: Open) -> None:
    first = open_page(server)
    first.get_by_role("link", name="Setup").click()
    tabs = [first.context.new_page() for _ in range(7)]
    for tab in tabs:
        tab.goto(first.url)
        tab.locator("#connection").get_by_text("Connected").wait_for()
    assert tabs[-1].evaluate("() => fetch('/browse').then((answer) => answer.status)") == 200
    for tab in tabs:
        queue(tab).get_by_text("memory used").wait_for()
    first.close()  # the one that had the connection
    server.client.pause_queue()
    for tab in tabs:
        tab.get_by_role("button", name="Resume queue").wait_for()
    tabs[0].close()
    server.client.resume_queue()
    for tab in tabs[1:]:
        tab.get_by_role("button", name="Pause queue").wait_for()


@pytest.mark.slow
def test_the_keyboard_stays_with_a_render_that_moves(server, clip: Path, open_page: Open) -> None:
    page = queue(open_page(server))
    server.client.pause_queue()
    jobs = [slow(server, clip, f"keyboard {n}.mp4") for n in range(4)]
    up = card(page, jobs[3]).get_by_role("button", name="Move up")
    up.focus()
    for place in (2, 1, 0):
        page.keyboard.press("Enter")
        page.wait_for_function(
            "([job, at]) => document.querySelectorAll('.job')[at].dataset.job === job",
            arg=[jobs[3], place],
        )
    assert page.evaluate("() => document.activeElement.textContent") == "Move down"
    for job in jobs:
        server.client.cancel(job)
    server.client.resume_queue()


@pytest.mark.slow
def test_a_server_that_starts_again_finds_its_page_waiting(
    running_server: Running,
    make_clip: Callable[..., Path],
    tmp_path: Path,
    open_page: Open,
    heard: Heard,
) -> None:
    (tmp_path / "media").mkdir()
    clip = make_clip(tmp_path / "media" / "clip.mp4", frames=60)
    with running_server(tmp_path / "home", tmp_path / "media") as server:
        page = queue(open_page(server))
        job = slow(server, clip, "restarted.mp4")
        card(page, job).get_by_text(re.compile("Lighting")).wait_for()
    page.get_by_text("Connection lost").wait_for()
    with running_server(tmp_path / "home", tmp_path / "media") as server:
        page.locator("#connection").get_by_text("Connected").wait_for()
        ended(page, job)
        assert server.client.job(job).state == pb.JOB_STATE_DONE
    heard.forgive("net::ERR")
