"""The light is chosen by looking: every drag is seen in the picture."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from page_seen import Heard, Open, barriers, lit, pixels

from lav_engine.light import lightfile

if TYPE_CHECKING:
    from playwright.sync_api import Page

PICTURE = ".picture"


def drag(page: Page, across: float, down: float) -> None:
    """Takes the key to a place of the picture, in parts of it."""
    handle = page.locator(".lamp[data-lamp='0']").bounding_box()
    frame = page.locator(".pad").bounding_box()
    assert handle
    assert frame
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    to = frame["x"] + across * frame["width"], frame["y"] + down * frame["height"]
    page.mouse.move(*to, steps=12)
    page.mouse.up()
    lit(page)


def tilt(page: Page, before: list[list[float]]) -> float:
    """How much more the left half has gained than the right half."""
    left, right = (sum(half) for half in pixels(page, PICTURE))
    left_before, right_before = (sum(half) for half in before)
    return left / left_before - right / right_before


def source(page: Page) -> list[list[float]]:
    page.locator("h2").first.click()
    page.keyboard.down("w")
    page.wait_for_selector(".picture[data-shows=source]")
    levels = pixels(page, PICTURE)
    page.keyboard.up("w")
    page.wait_for_selector(".picture[data-shows=light]")
    return levels


def test_a_lamp_dragged_to_the_left_lights_the_left(server, sample: Path, open_page: Open) -> None:
    page = open_page(server, sample)
    lit(page)
    before = source(page)
    drag(page, 0.22, 0.45)
    assert tilt(page, before) > 0.1
    drag(page, 0.78, 0.45)
    assert tilt(page, before) < -0.1


def test_the_amount_goes_from_the_source_to_the_light_without_the_server(
    server, sample: Path, open_page: Open
) -> None:
    page = open_page(server, sample)
    lit(page)
    before, full = source(page), pixels(page, PICTURE)
    page.wait_for_load_state()
    page.wait_for_timeout(200)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or request.url))
    halves = []
    for percent in ("50", "0"):
        page.get_by_label("Amount, as a number").fill(percent)
        page.keyboard.press("Enter")
        page.wait_for_timeout(100)
        halves.append(pixels(page, PICTURE))
    half, none = halves
    assert none == before
    for part in range(3):
        low, high = sorted((before[0][part], full[0][part]))
        assert low <= half[0][part] <= high
    assert not [one for one in asked if '"pad"' in one]


def test_a_render_is_followed_from_the_button_to_its_end(
    server, sample: Path, open_page: Open
) -> None:
    page = open_page(server, sample)
    lit(page)
    page.get_by_label("Frame number").fill("11")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Out", exact=True).click()
    page.get_by_role("button", name="Relight", exact=True).click()
    page.get_by_role("button", name="Show queue").click()
    shown = page.locator(".job").first
    shown.get_by_text(re.compile(r"(Lighting|Delivering|Planning) · \d+ %")).wait_for()
    job = shown.get_attribute("data-job") or ""
    page.wait_for_selector(f".job[data-job='{job}'][data-state=JOB_STATE_DONE]")
    take = server.client.job(job).take
    assert (take.clip.first, take.clip.count) == (0, 12)
    assert Path(take.path) == sample.with_name("sample_relit.mp4")


@pytest.mark.slow
def test_the_contact_sheet_shows_another_picture_for_every_preset(
    server, sample: Path, open_page: Open
) -> None:
    page = open_page(server, sample)
    page.wait_for_selector(".cells button")
    count = page.locator(".cells button").count()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.cells canvas')].every((one) => one.dataset.of)"
    )
    shown = {
        json.dumps(pixels(page, f".cells button:nth-child({index}) canvas"))
        for index in range(1, count + 1)
    }
    assert count >= 10
    assert len(shown) == count


def test_arrow_keys_move_the_chosen_lamp(server, sample: Path, open_page: Open) -> None:
    page = open_page(server, sample)
    lit(page)
    lamp = page.locator(".lamp[data-lamp='0']")
    lamp.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")
    around, height = (page.get_by_label(f"{name}, as a number") for name in ("Around", "Height"))
    assert (around.input_value(), height.input_value()) == ("-50", "31")
    page.wait_for_function("() => document.activeElement.ariaLabel.includes('50° left, 31° up')")


@pytest.mark.slow
def test_a_drag_has_one_preview_on_its_way_and_ends_with_the_newest(
    server, sample: Path, open_page: Open
) -> None:
    page = open_page(server, sample)
    lit(page)
    on_their_way: list[int] = []
    asked: list[str] = []

    def is_pads(body: str | None) -> bool:
        return body is not None and '"series":"pad ' in body

    def started(body: str | None) -> None:
        if body and is_pads(body):
            asked.append(body)
            on_their_way.append(on_their_way[-1] + 1 if on_their_way else 1)

    def ended(body: str | None) -> None:
        if is_pads(body) and on_their_way:
            on_their_way.append(on_their_way[-1] - 1)

    page.on("request", lambda request: started(request.post_data))
    page.on("requestfinished", lambda request: ended(request.post_data))
    for across in (0.2, 0.8, 0.3, 0.6):
        drag(page, across, 0.4)
    assert max(on_their_way) == 1
    newest = json.loads(asked[-1])["light"]["light"]["lamps"][0]
    shown = page.get_by_label("Around, as a number").input_value()
    assert newest["azimuth"] == float(shown)
    assert len(asked) < 4 * 12


def test_a_frame_is_shown_at_once_and_then_as_in_its_section(
    server, sample: Path, open_page: Open
) -> None:
    page = open_page(server)
    asked: list[dict] = []

    def listen(body: str | None) -> None:
        if body and '"series":"pad ' in body:
            asked.append(json.loads(body))

    page.on("request", lambda request: listen(request.post_data))
    page.get_by_label("Path of a clip").fill(str(sample))
    page.keyboard.press("Enter")
    lit(page)
    assert [one["whole_section"] for one in asked] == [False, True]
    drag(page, 0.22, 0.45)
    page.get_by_label("Frame number").fill("20")
    page.keyboard.press("Enter")
    lit(page)
    assert all(one["whole_section"] for one in asked[1:])
    page.get_by_label("Frame number").fill("44")
    page.keyboard.press("Enter")
    lit(page)
    assert [one["whole_section"] for one in asked[-2:]] == [False, True]
    assert "quick look" not in page.locator(".under").inner_text()


@pytest.mark.slow
def test_a_mask_is_found_by_browsing_and_grows(server, sample: Path, open_page: Open) -> None:
    picture = np.zeros((270, 480), np.uint8)
    picture[90:180, 160:320] = 255
    assert cv2.imwrite(str(sample.with_name("box.png")), picture)
    page = open_page(server, sample)
    lit(page)
    page.get_by_text("Subject and mask").click()
    grow = page.get_by_label("Grow, as a number")
    assert grow.is_disabled()
    page.get_by_label("Part").select_option("SCOPE_SUBJECT")
    page.get_by_role("button", name="Browse…").last.click()
    page.get_by_role("dialog").get_by_role("button", name="box.png").click()
    lit(page)
    before = pixels(page, PICTURE)
    grow.fill("50")
    page.keyboard.press("Enter")
    assert grow.input_value() == "10"
    lit(page)
    assert pixels(page, PICTURE) != before
    page.get_by_role("button", name="Relight", exact=True).click()
    page.get_by_role("button", name="Show queue").wait_for()
    request = server.client.jobs()[0].request
    assert (Path(request.mask).name, request.mask_grow) == ("box.png", 0.1)


@pytest.mark.slow
def test_a_number_out_of_reach_is_put_right_where_it_is_typed(
    server, sample: Path, open_page: Open
) -> None:
    page = open_page(server, sample)
    lit(page)
    around = page.get_by_label("Around, as a number")
    for typed, shown in (("500", "180"), ("", "180"), ("-500", "-180"), ("12.34", "12.3")):
        around.fill(typed)
        page.keyboard.press("Enter")
        assert around.input_value() == shown


@pytest.mark.slow
def test_words_that_say_no_light_are_named(server, sample: Path, open_page: Open) -> None:
    page = open_page(server, sample)
    lit(page)
    page.get_by_label("In words").fill("warm banana light from the right")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => document.querySelector('#unmatched').textContent.includes('banana')"
    )
    assert float(page.get_by_label("Around, as a number").input_value()) > 0


@pytest.mark.slow
def test_a_saved_light_is_one_that_the_command_line_reads(
    server, sample: Path, open_page: Open, tmp_path: Path
) -> None:
    page = open_page(server, sample)
    lit(page)
    page.click("[data-preset=three-point]")
    page.get_by_role("button", name="Add keyframe").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save light").click()
    file = tmp_path / "light.json"
    download.value.save_as(file)
    light = lightfile.from_json(file.read_text())
    assert [lamp.role for lamp in light.keys[0].light.lamps] == ["key", "fill", "rim"]
    page.click("[data-preset=noir]")
    page.set_input_files("input[accept*=json]", file)
    page.wait_for_selector(".marks button")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save light").click()
    download.value.save_as(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_text() == file.read_text()


LAMP = {"role": "key"}
KEYS = [
    {"media_frame": 0, "light": {"lamps": [LAMP]}},
    {"media_frame": 9, "light": {"lamps": [LAMP, {"role": "rim"}]}},
]


@pytest.mark.slow
def test_a_file_that_is_no_light_is_refused_and_the_light_stays(
    server, sample: Path, open_page: Open, tmp_path: Path, heard: Heard
) -> None:
    page = open_page(server, sample)
    lit(page)
    page.get_by_role("button", name="Right", exact=True).click()
    wrong = {
        "no number for kelvin": {"lamps": [{**LAMP, "kelvin": "abc"}]},
        "no lamp called": {"lamps": [{"role": "bogus"}]},
        "no lamp called 5": {"lamps": [{"role": 5}]},
        "up to 3 lamps": {"lamps": 5},
        "a list of up to 3": {"lamps": [LAMP] * 4},
        "other lamps from one": {"keys": KEYS},
        "three numbers": {"ambient": {"color": [1, 2]}},
        "is black": {"lamps": [{**LAMP, "color": [0, 0, 0]}]},
    }
    for words, said in wrong.items():
        file = tmp_path / "wrong.json"
        file.write_text(json.dumps({"lav_light": 1, **said}))
        page.set_input_files("input[accept*=json]", file)
        page.locator("#message").get_by_text(re.compile(words)).wait_for()
        assert page.get_by_label("Around, as a number").input_value() == "70"
    page.reload()
    lit(page)
    assert page.get_by_label("Around, as a number").input_value() == "70"
    heard.forgive("400")


@pytest.mark.slow
def test_what_is_said_of_a_light_is_undone_with_it(server, sample: Path, open_page: Open) -> None:
    page = open_page(server, sample)
    lit(page)
    page.click("[data-preset=noir]")
    page.wait_for_timeout(400)
    page.get_by_label("In words").fill("warm banana light from the right")
    page.keyboard.press("Enter")
    page.get_by_text("banana").wait_for()
    page.get_by_role("button", name="Undo").click()
    assert page.locator("#unmatched").inner_text() == ""
    assert page.locator("[data-preset=noir]").get_attribute("aria-pressed") == "true"


@pytest.mark.slow
def test_a_light_with_keyframes_is_another_on_another_frame(
    server, sample: Path, open_page: Open
) -> None:
    page = open_page(server, sample)
    lit(page)
    frame = page.get_by_label("Frame number")
    around = page.get_by_label("Around, as a number")
    page.get_by_role("button", name="Left", exact=True).click()
    page.get_by_role("button", name="Add keyframe").click()
    frame.fill("40")
    frame.press("Enter")
    page.get_by_role("button", name="Right", exact=True).click()
    frame.fill("20")
    frame.press("Enter")
    assert page.locator(".marks button").count() == 2
    assert around.input_value() == "0"
    lit(page)
    page.get_by_role("button", name="Keyframe at 0", exact=True).click()
    assert around.input_value() == "-70"


@pytest.mark.slow
def test_an_uploaded_file_shows_its_first_preview(server, sample: Path, open_page: Open) -> None:
    page = open_page(server)
    page.set_input_files("input[accept*=video]", sample)
    lit(page)
    assert page.locator(".opening h2").inner_text() == "sample.mp4"
    assert "uploads" in page.url


@pytest.mark.slow
def test_a_path_that_is_no_clip_is_explained(
    server, sample: Path, open_page: Open, heard: Heard
) -> None:
    page = open_page(server)
    page.get_by_label("Path of a clip").fill(str(sample.with_name("nowhere.mp4")))
    page.keyboard.press("Enter")
    message = page.locator("#message")
    message.get_by_text("does not exist").wait_for()
    late = Path(shutil.copy(sample, sample.with_name("nowhere.mp4")))
    page.get_by_role("button", name="Open", exact=True).click()
    lit(page)
    assert page.locator(".opening h2").inner_text() == late.name
    heard.forgive("404")


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_nobody_is_shut_out(server, sample: Path, open_page: Open, scheme: str) -> None:
    page = open_page(server, sample, color_scheme=scheme)
    lit(page)
    for view in ("Relight", "Compare", "Queue", "Setup"):
        page.get_by_role("link", name=view).click()
        page.wait_for_timeout(300)
        assert barriers(page) == []
