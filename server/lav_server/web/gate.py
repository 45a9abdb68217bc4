"""What every answer to a browser passes: who asked, from which page, and what the page may do."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lav_engine.errors import Code
from lav_server.problem import Problem
from lav_server.web.answers import refused
from lav_server.web.sessions import Sessions

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
OPEN = ("/", "/enter")  # and all under /static/: nothing of the user's is in them


class Gate:
    """Turns away other sites' pages, names that only point here, and who has no session.

    DNS rebinding fails at Host, a foreign page's requests at Origin and Sec-Fetch-Site, another
    user of this computer at the session.
    """

    def __init__(self, app: ASGIApp, sessions: Sessions, hosts: Collection[str]) -> None:
        """`hosts` are "name:port" as this server is really reached."""
        self._app = app
        self._sessions = sessions
        self._hosts = frozenset(hosts)
        self._origins = frozenset(f"http://{host}" for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        turned_away = self._turned_away(HTTPConnection(scope))
        await (turned_away or self._app)(scope, receive, guarded)

    def _turned_away(self, asked: HTTPConnection) -> JSONResponse | None:
        if not self._is_from_here(asked.headers):
            said = "This page asked in the name of another site."
            return refused(Problem(Code.unauthenticated, said, "Open the page with `lav page`."))
        path = asked.url.path
        if path in OPEN or path.startswith("/static/"):
            return None
        if not self._sessions.knows(asked.cookies.get(cookie_name(self._hosts), "")):
            said = "This browser is not known to the server."
            return refused(Problem(Code.unauthenticated, said, "Open the page with `lav page`."))
        return None

    def _is_from_here(self, headers: Headers) -> bool:
        if headers.get("host", "") not in self._hosts:
            return False
        if headers.get("origin", next(iter(self._origins))) not in self._origins:
            return False
        return headers.get("sec-fetch-site", "none") in ("same-origin", "none")


def cookie_name(hosts: Collection[str]) -> str:
    """With the port in it: cookies know no ports, and another home's server has another."""
    return f"lav-{next(iter(hosts)).rpartition(':')[2]}"
