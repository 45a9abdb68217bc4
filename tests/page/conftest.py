"""A real Chromium at the page of a real server. Skipped where there is no Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from page_seen import Heard, Open

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SAMPLE = Path(__file__).parents[2] / "examples" / "sample.mp4"
PATIENCE = 60_000  # ms; test machines are shared
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Not for the whole session: while Playwright's loop runs, no other test may start one."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Every test ends with this: nothing was complained about, and nobody outside was asked."""
    heard = Heard()
    yield heard
    assert heard.unforgiven == []
    assert heard.outside == []


@pytest.fixture
def open_page(chromium: Browser, heard: Heard) -> Iterator[Open]:
    """Opens the page as `lav page` would, each time in a browser of its own."""
    contexts: list[Any] = []

    def opened(server, clip: Path | None = None, address: str = "", **options: Any) -> Page:
        options.setdefault("viewport", {"width": 1440, "height": 900})
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        heard.listen(page)
        page.goto(address or server.client.open_page(clip))
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def sample(server) -> Path:
    """The example clip, in the server's folder."""
    return Path(shutil.copy(SAMPLE, server.folder / "sample.mp4"))
