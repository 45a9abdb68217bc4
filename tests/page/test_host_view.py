"""An editor sends a clip, the light is chosen on the page, and the take goes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from page_seen import Heard, Open, lit

from lav_proto.v1 import relight_pb2 as pb

COUNT = 10


@pytest.mark.slow
def test_an_address_put_into_an_open_tab_begins_anew(
    server, sample: Path, open_page: Open, heard: Heard
) -> None:
    page = open_page(server, address=server.client.open_page().partition("#")[0])
    page.get_by_text("not known to the server").wait_for()
    page.evaluate("(url) => (location.href = url)", server.client.open_page(sample))
    lit(page)
    assert "code=" not in page.url
    session = server.client.open_host_session("blender", version="5.0", project="Film")
    page.evaluate("(url) => (location.href = url)", session.page_url)
    page.locator("#host").get_by_text("Blender · 5.0 · Film").wait_for()
    assert "code=" not in page.url
    heard.forgive("401")


@pytest.mark.slow
def test_an_editor_that_is_gone_is_said_to_be(server, sample: Path, open_page: Open) -> None:
    page = open_page(server, address=f"{server.client.open_page(sample)}&host=nobody")
    page.locator("#host").get_by_text("Editor gone").wait_for()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2500)
    assert not [url for url in asked if "/host/" in url]


@pytest.mark.slow
def test_a_clip_of_an_editor_is_relit_and_handed_back(
    server, sample: Path, open_page: Open
) -> None:
    client = server.client
    session = client.open_host_session("resolve", version="21.1", project="Documentary")
    rate = pb.Rational(numerator=24, denominator=1)
    clip = pb.ClipRange(path=str(sample), first=5, count=COUNT, rate=rate)
    offer = client.offer_clip(session.id, pb.TimelineClip(host_id="7", name="Interview", clip=clip))
    page = open_page(server, address=session.page_url)
    lit(page)
    assert page.locator("#host").inner_text() == "DaVinci Resolve · 21.1 · Documentary"
    assert page.get_by_text(f"Relights {COUNT} frames, 5 to {4 + COUNT}").is_visible()
    page.get_by_role("button", name="Relight", exact=True).click()
    page.get_by_role("button", name="Track above").click()
    events = client.watch_host_session(session.id)
    event = next(one for one in events if one.WhichOneof("event") == "result")
    assert (event.offer, event.place) == (offer, pb.PLACE_ABOVE)
    assert (event.result.clip.first, event.result.clip.count) == (5, COUNT)
    page.get_by_text("DaVinci Resolve is placing the take.").wait_for()
    client.resolve_result(session.id, offer, pb.VERDICT_TAKEN)
    page.get_by_text("DaVinci Resolve has placed the take.").wait_for()
