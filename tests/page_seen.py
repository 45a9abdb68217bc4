"""What tests of the page see and hear in a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page, Request

Open = Callable[..., "Page"]


@dataclass
class Heard:
    """What a page said that it should not have said."""

    complaints: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._request)

    def forgive(self, words: str) -> None:
        """Leaves out what a test provokes, before or after."""
        self.forgiven.append(words)

    @property
    def unforgiven(self) -> list[str]:
        return [one for one in self.complaints if not any(word in one for word in self.forgiven)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} {message.location}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.hostname != "127.0.0.1":
            self.outside.append(request.url)


def pixels(page: Page, selector: str) -> list[list[float]]:
    """Mean levels of the left and right halves of a canvas: [[r, g, b], [r, g, b]], 0..255."""
    return page.evaluate(
        """(selector) => {
          const canvas = document.querySelector(selector);
          const { width, height } = canvas;
          const half = Math.floor(width / 2);
          return [0, width - half].map((x) => {
            const { data } = canvas.getContext("2d").getImageData(x, 0, half, height);
            const sums = [0, 0, 0];
            for (let at = 0; at < data.length; at++) if (at % 4 < 3) sums[at % 4] += data[at];
            return sums.map((sum) => sum / (half * height));
          });
        }""",
        selector,
    )


def barriers(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds serious or worse, and where."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious]


def lit(page: Page) -> None:
    """Waits until the preview of the light that is set is shown."""
    page.wait_for_selector(".stage[aria-busy=false] .picture[data-shows=light]")
