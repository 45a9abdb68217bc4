"""What `lav --server` is told, and what it keeps in remote.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from lav_client.cli import run
from lav_client.remote import Remote, remote, untrusted
from lav_engine.errors import LavError
from lav_server.config import TLS_PORT

PEM = b"-----BEGIN CERTIFICATE-----\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "ca.pem").write_bytes(PEM)
    (tmp_path / "token").write_text("secret\n")
    return tmp_path


def told(home: Path, server: str = "gpu.studio", maps: tuple[str, ...] = ()) -> Remote:
    return remote(home, server, home / "token", home / "ca.pem", maps)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("gpu.studio", f"gpu.studio:{TLS_PORT}"),
        ("gpu.studio:99", "gpu.studio:99"),
        ("10.0.0.2:1", "10.0.0.2:1"),
        ("[fe80::1]:1", "[fe80::1]:1"),
    ],
)
def test_a_server_is_called_by_host_and_port(home: Path, said: str, meant: str) -> None:
    assert told(home, said).address == meant


@pytest.mark.parametrize("said", ["", "http://gpu", "gpu:0", "gpu:99999", "a b", "unix:/x", "::1"])
def test_what_is_no_address_is_refused(home: Path, said: str) -> None:
    with pytest.raises(LavError, match="no server's address"):
        told(home, said)


def test_the_token_is_read_without_its_line_end(home: Path) -> None:
    assert told(home).token == "secret"


@pytest.mark.parametrize("pair", ["/a", "=/b", "/a=", "a=b"])
def test_a_pair_that_says_too_little_is_refused(home: Path, pair: str) -> None:
    with pytest.raises(LavError):
        told(home, maps=(pair,))


def test_a_file_in_the_home_keeps_it_all(home: Path) -> None:
    (home / "remote.toml").write_text(
        '[servers."gpu.studio"]\nca = "ca.pem"\ntoken_file = "token"\n'
        '[servers."gpu.studio".paths]\n"/Volumes/footage" = "/mnt/footage"\n'
    )
    kept = remote(home, f"gpu.studio:{TLS_PORT}", maps=["/a=/b"])
    assert (kept.token, kept.ca) == ("secret", PEM)
    assert kept.paths.there("/Volumes/footage/clip.mov") == "/mnt/footage/clip.mov"
    assert kept.paths.there("/a/clip.mov") == "/b/clip.mov"
    with pytest.raises(LavError, match="--token-file"):
        remote(home, "other.studio")


@pytest.mark.parametrize(
    "text",
    [
        "[servers",
        '[servers."gpu.studio"]\npath = 1',
        '[servers."gpu.studio"]\nca = 1',
        '[servers."gpu.studio"]\nca = "ca.pem"\ntoken_file = "token"\npaths = 3',
        "servers = 3",
        '[servers]\n"gpu.studio" = 3',
        b"\xff\xfe".decode("latin-1"),
    ],
)
def test_a_file_that_is_wrong_is_refused_in_a_sentence(home: Path, text: str) -> None:
    (home / "remote.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(LavError) as refused:
        remote(home, "gpu.studio")
    assert refused.value.message.endswith(".")


def test_files_that_are_something_else_are_refused(home: Path) -> None:
    (home / "other").write_bytes(b"\x80 no token")
    with pytest.raises(LavError, match="no token"):
        remote(home, "gpu", home / "other", home / "ca.pem")
    with pytest.raises(LavError, match="no certificate"):
        remote(home, "gpu", home / "token", home / "other")
    with pytest.raises(LavError, match="cannot be read"):
        remote(home, "gpu", home / "none", home / "ca.pem")


def test_a_broken_connection_is_not_called_a_broken_certificate() -> None:
    assert untrusted("Failed to connect to remote host: Connection refused") is None


@pytest.mark.parametrize(
    "argv",
    [
        ("--server", "gpu", "doctor"),
        ("--server", "gpu", "models", "list"),
        ("--map", "/a=/b", "presets"),
        ("--server", "gpu", "presets"),
    ],
)
def test_what_cannot_be_asked_elsewhere_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], argv: tuple[str, ...]
) -> None:
    assert run(["--home", str(tmp_path), *argv]) == 2
    assert capsys.readouterr().err.count("\n") == 1
