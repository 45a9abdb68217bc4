"""Before and after, in step and side by side; what is said of a take stays with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from page_seen import Open, barriers, pixels

from lav_proto.v1 import relight_pb2 as pb

if TYPE_CHECKING:
    from playwright.sync_api import Page

CANVAS = ".wipe canvas"
COUNT = 24  # frames of the take


@pytest.fixture(scope="module")
def take(server, sample: Path) -> str:
    """A take of the sample, two stops darker; by its job's id."""
    request = pb.RelightRequest(
        clip=pb.ClipRange(path=str(sample), first=8, count=COUNT),
        light=pb.LightRequest(light=pb.Light(ambient=pb.Ambient(stops=-2), exposure=0)),
        output=pb.Output(path=str(server.folder / "darker.mp4")),
    )
    job = server.client.submit(request)
    assert [event.job.state for event in server.client.watch(job.id)][-1] == pb.JOB_STATE_DONE
    return job.id


def shown(page: Page) -> Page:
    page.get_by_role("link", name="Compare").click()
    page.wait_for_selector(f"{CANVAS}[data-frame='0']")
    return page


def halves(page: Page) -> tuple[float, float]:
    left, right = (sum(half) / 3 for half in pixels(page, CANVAS))
    return left, right


def until(page: Page, key: str, is_down: bool = True) -> tuple[float, float]:
    (page.keyboard.down if is_down else page.keyboard.up)(key)
    page.wait_for_timeout(100)
    return halves(page)


@pytest.mark.slow
def test_the_wipe_shows_the_source_beside_the_take(server, take: str, open_page: Open) -> None:
    page = shown(open_page(server))
    before, after = halves(page)
    assert 0 < after < 0.7 * before
    swapped = until(page, "w")
    assert swapped[0] < 0.7 * before
    assert swapped[1] > 1.3 * after
    assert until(page, "w", is_down=False) == (before, after)
    page.get_by_label("Wipe").fill("1")
    assert halves(page)[1] > 1.3 * after
    page.get_by_label("Wipe").fill("0.5")
    until(page, "s")
    assert page.locator(CANVAS).evaluate("(one) => one.width / one.height") == pytest.approx(32 / 9)
    sides = halves(page)
    assert sides[1] < 0.7 * sides[0]
    until(page, "s", is_down=False)
    page.keyboard.press("d")
    assert page.get_by_text("Difference × 4").is_visible()


@pytest.mark.slow
def test_both_play_in_step(server, take: str, open_page: Open) -> None:
    page = shown(open_page(server))
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"() => Number(document.querySelector('{CANVAS}').dataset.frame) > 6")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(300)
    apart = page.evaluate(
        "() => { const [a, b] = document.querySelectorAll('video');"
        " return Math.abs(a.currentTime - b.currentTime); }"
    )
    assert apart < 1 / 24 / 2
    page.get_by_role("slider", name="Frame").fill(str(COUNT - 1))
    page.wait_for_selector(f"{CANVAS}[data-frame='{COUNT - 1}']")
    assert page.get_by_text(f"Frame {8 + COUNT - 1}").is_visible()
    before, after = halves(page)
    assert after < 0.7 * before


@pytest.mark.slow
def test_a_seek_to_the_last_frame_stays_there(server, take: str, open_page: Open) -> None:
    page = shown(open_page(server))
    first = halves(page)
    for _ in range(2):
        page.get_by_role("slider", name="Frame").fill(str(COUNT - 1))
        page.wait_for_timeout(600)
        times = "() => [...document.querySelectorAll('video')].map((one) => one.currentTime)"
        assert min(page.evaluate(times)) > (COUNT - 1) / 24
        assert halves(page) != first


@pytest.mark.slow
def test_what_is_held_is_let_go_when_the_window_is_left(server, take: str, open_page: Open) -> None:
    page = shown(open_page(server))
    before, after = halves(page)
    assert until(page, "w")[0] < 0.7 * before
    page.evaluate("() => dispatchEvent(new Event('blur'))")
    page.wait_for_timeout(100)
    assert halves(page) == (before, after)


@pytest.mark.slow
def test_a_new_version_on_a_page_that_began_with_compare(
    server, take: str, open_page: Open
) -> None:
    page = shown(open_page(server))
    page.reload()
    page.wait_for_selector(f"{CANVAS}[data-frame='0']")
    page.get_by_role("button", name="New version from this light").click()
    page.wait_for_selector(".stage[aria-busy=false] .picture[data-shows=light]")
    assert page.get_by_label("Ambient, as a number").input_value() == "-2"
    assert page.get_by_text(f"Relights {COUNT} frames, 8 to {8 + COUNT - 1}").is_visible()


@pytest.mark.slow
def test_names_and_notes_of_a_take_are_seen_in_every_browser(
    server, take: str, open_page: Open
) -> None:
    page, other = shown(open_page(server)), shown(open_page(server))
    page.get_by_label("Name").fill("Night, second try")
    page.get_by_label("Notes").fill("Darker than the reference.")
    page.get_by_label("Name").focus()
    other.get_by_role("button", name="Night, second try").wait_for()
    other.reload()
    shown(other)
    other.wait_for_function(
        "() => document.querySelector('#take-notes').value.startsWith('Darker')"
    )


@pytest.mark.slow
def test_measures_stand_beside_the_sources(server, take: str, open_page: Open) -> None:
    page = shown(open_page(server))
    page.get_by_role("rowheader", name="Flicker").wait_for()
    numbers = page.locator("[aria-label=Measures] tbody td").all_inner_texts()
    assert len([one for one in numbers if one[:1].isdigit() or one[:1] == "−"]) >= 8
    assert barriers(page) == []


@pytest.mark.slow
def test_a_new_version_begins_with_the_takes_own_light(server, take: str, open_page: Open) -> None:
    page = shown(open_page(server))
    page.get_by_role("button", name="New version from this light").click()
    page.wait_for_selector(".stage[aria-busy=false] .picture[data-shows=light]")
    assert page.get_by_label("Ambient, as a number").input_value() == "-2"
    assert page.get_by_label("Lock the exposure").is_checked()
    assert page.get_by_text(f"Relights {COUNT} frames, 8 to {8 + COUNT - 1}").is_visible()
