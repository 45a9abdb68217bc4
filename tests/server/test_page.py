"""The page serves browsers of this computer that were let in, and no other site's pages."""

from __future__ import annotations

import http.client
import json
import socket
import stat
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from pages import Browser

from lav_server.web.patience import HEADERS
from lav_server.web.sessions import CODE_LIFE, LIFE, Sessions


def test_the_code_in_the_address_works_once(server) -> None:
    browser = Browser(server.client.open_page())
    assert browser.ask("POST", "/api/ListJobs")[0] == 401
    browser.let_in()
    assert browser.ask("POST", "/api/ListJobs")[0] == 200
    other = Browser(server.client.open_page())
    other.code = browser.code
    assert other.ask("POST", "/enter", other.code)[0] == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:{port}"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/", "/enter", "/api/GetServerInfo", "/events", "/static/x.js"])
def test_other_sites_are_turned_away_even_with_a_session(
    server, path: str, headers: dict[str, str]
) -> None:
    browser = Browser(server.client.open_page()).let_in()
    said = {name: value.format(port=browser.port) for name, value in headers.items()}
    status, text = browser.ask("POST", path, "{}", **said)
    assert status == 401
    assert json.loads(text)["code"] == "UNAUTHENTICATED"


def test_calls_are_the_wires_own_in_json(server, clip: Path) -> None:
    browser = Browser(server.client.open_page()).let_in()
    status, text = browser.ask("POST", "/api/Probe", json.dumps({"path": str(clip)}))
    assert (status, json.loads(text)["facts"]["frames"]) == (200, "24")


@pytest.mark.parametrize(
    ("call", "body", "status"),
    [
        ("Probe", "{", 400),
        ("Probe", '{"no_such_field": 1}', 400),
        ("Probe", "[" * 5000, 400),
        ("Probe", json.dumps({"path": "/etc/passwd"}), 403),
        ("WatchJob", "{}", 400),
        ("NoSuchCall", "{}", 400),
        ("GetJob", json.dumps({"id": "nobody"}), 404),
        ("GetJob", json.dumps({"id": "x" * 2**21}), 400),
    ],
)
def test_bad_requests_are_told_in_a_sentence(server, call: str, body: str, status: int) -> None:
    browser = Browser(server.client.open_page()).let_in()
    found, text = browser.ask("POST", f"/api/{call}", body)
    assert found == status
    assert json.loads(text)["message"].endswith(".")


def test_a_form_of_another_page_is_no_request(server) -> None:
    browser = Browser(server.client.open_page()).let_in()
    assert browser.ask("POST", "/api/PauseQueue", "{}", Content_Type="text/plain")[0] == 400
    assert not server.client.is_queue_paused()


def test_every_answer_forbids_what_the_page_does_not_need(server) -> None:
    browser = Browser(server.client.open_page())
    for path in ("/", "/static/nothing", "/api/ListJobs"):
        connection = http.client.HTTPConnection("127.0.0.1", browser.port, timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        assert "default-src 'none'" in (answer.getheader("content-security-policy") or "")
        assert answer.getheader("x-content-type-options") == "nosniff"
        assert answer.getheader("access-control-allow-origin") is None
        connection.close()


def test_sessions_outlive_a_restart_and_are_kept_as_hashes(tmp_path: Path) -> None:
    now = [1000.0]
    sessions = Sessions(tmp_path / "page.json", lambda: now[0])
    sessions.settle(4711)
    token = sessions.enter(sessions.code())
    assert token is not None
    assert token not in (tmp_path / "page.json").read_text()
    assert stat.S_IMODE((tmp_path / "page.json").stat().st_mode) == 0o600
    again = Sessions(tmp_path / "page.json", lambda: now[0])
    assert again.port == 4711
    assert again.knows(token)
    assert not again.knows("")
    now[0] += LIFE
    assert not again.knows(token)


def test_a_code_is_void_after_its_life(tmp_path: Path) -> None:
    now = [1000.0]
    sessions = Sessions(tmp_path / "page.json", lambda: now[0])
    code = sessions.code()
    now[0] += CODE_LIFE
    assert sessions.enter(code) is None


def test_a_code_is_not_read_beyond_its_length(server) -> None:
    browser = Browser(server.client.open_page())
    daemon = psutil.Process(server.process.pid)
    before = daemon.memory_info().rss
    with socket.create_connection(("127.0.0.1", browser.port), timeout=20) as line:
        head = f"POST /enter HTTP/1.1\r\nHost: 127.0.0.1:{browser.port}\r\n"
        line.sendall(f"{head}Content-Length: 1000000000\r\n\r\n".encode())
        with suppress(OSError):  # it hangs up
            for _ in range(100):
                line.sendall(bytes(2**20))
    assert daemon.memory_info().rss - before < 30 * 2**20
    assert browser.let_in().cookie


def test_a_connection_that_asks_for_nothing_is_ended(server) -> None:
    browser = Browser(server.client.open_page()).let_in()
    silent = socket.create_connection(("127.0.0.1", browser.port), timeout=3 * HEADERS)
    begun = socket.create_connection(("127.0.0.1", browser.port), timeout=3 * HEADERS)
    begun.sendall(b"GET / HTTP/1.1\r\n")
    again = browser.connect()
    again.request("GET", "/")
    again.getresponse().read()
    again.sock.sendall(b"GET / HTTP/1.1\r\n")
    with browser.events("/events") as watched:
        watched.next("jobs")
        started = time.monotonic()
        for line in (silent, begun, again.sock):
            with suppress(ConnectionResetError):
                assert line.recv(1) == b""
        assert time.monotonic() - started < 2 * HEADERS
        server.client.pause_queue()
        assert watched.next("jobs")["is_queue_paused"]  # a stream is no silence
        server.client.resume_queue()
    for line in (silent, begun, again):
        line.close()
