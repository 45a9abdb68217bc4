"""A browser as the page's server sees it, without the page: plain HTTP."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit


class Browser:
    """What a browser sends for a page; `let_in` exchanges the code in the address."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.port is not None
        self.port = parts.port
        self.code = parse_qs(parts.fragment)["code"][0]
        self.cookie = ""

    def ask(self, verb: str, path: str, body: str | bytes = "", **headers: str) -> tuple[int, str]:
        status, _, data = self.fetch(verb, path, body, **headers)
        return status, data.decode()

    def fetch(
        self, verb: str, path: str, body: str | bytes = "", **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = self.connect()
        sent = {"Content-Type": "application/json", "Cookie": self.cookie}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(verb, path, body, sent)
        answer = connection.getresponse()
        said = answer.getheader("set-cookie")
        if said:
            assert "HttpOnly" in said
            assert "SameSite=strict" in said
            self.cookie = said.partition(";")[0]
        data = answer.read()
        connection.close()
        return answer.status, answer.headers, data

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def told(self, verb: str, path: str, body: str | bytes = "", **said: str) -> Any:
        """The answer's JSON; `said` goes into the address."""
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in said.items())
        status, text = self.ask(verb, f"{path}?{query}" if query else path, body)
        assert status == 200, text
        return json.loads(text)

    def refused(self, verb: str, path: str, body: str | bytes = "", **said: str) -> Any:
        """The problem, with its `status`."""
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in said.items())
        status, text = self.ask(verb, f"{path}?{query}" if query else path, body)
        assert status >= 400, text
        return {**json.loads(text), "status": status}

    def events(self, path: str) -> EventStream:
        return EventStream(self, path)

    def let_in(self) -> Browser:
        assert self.ask("POST", "/enter", self.code)[0] == 200
        return self


class EventStream:
    """Server-sent events, one after the other: a context manager."""

    def __init__(self, browser: Browser, path: str) -> None:
        self._connection = browser.connect()
        self._connection.request("GET", path, headers={"Cookie": browser.cookie})
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200, self._answer.read()

    def __enter__(self) -> EventStream:
        return self

    def __exit__(self, *_: object) -> None:
        self._answer.close()
        self._connection.close()

    def next(self, kind: str) -> Any:
        """The content of the next event of that kind."""
        name = ""
        for line in self._answer:
            head, _, rest = line.decode().rstrip("\n").partition(": ")
            if head == "event":
                name = rest
            elif head == "data" and name == kind:
                return json.loads(rest)
        raise AssertionError("the stream ended")
