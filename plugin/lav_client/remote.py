"""A server on another machine: where it is, what proves it and us, which folders are the same.

`remote.toml` in the client's home keeps that for servers used often:

    [servers."gpu.studio:7443"]
    ca = "studio/ca.pem"              # relative to the file
    token_file = "studio/token"
    [servers."gpu.studio:7443".paths]
    "/Volumes/footage" = "/mnt/footage"   # here = there
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lav_client.pathmap import PathMap
from lav_engine.errors import Code, LavError
from lav_server.config import TLS_PORT

NAME = "remote.toml"
ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?")
# What BoringSSL and gRPC write, the more particular ones first.
HANDSHAKES = (
    (
        "WRONG_VERSION_NUMBER",
        "What answers there does not speak TLS, so nothing was sent to it.",
        "Give the port that the server says it listens on with TLS.",
    ),
    (
        "Hostname Verification Check failed",
        "The server's certificate is for another name than the one it was called by.",
        "Use that name, or make a certificate with `lav server tls-init --name HOST`.",
    ),
    (
        "andshake failed",
        "The server's certificate has ended or is not one that --ca vouches for; nothing was sent.",
        "Copy ca.pem again from the folder that `lav server tls-init` made there.",
    ),
)


@dataclass(frozen=True, slots=True)
class Remote:
    address: str  # host:port
    token: str
    ca: bytes  # PEM of the authority that signed the server's certificate
    paths: PathMap = PathMap()


def remote(
    home: Path,
    server: str,
    token_file: Path | None = None,
    ca: Path | None = None,
    maps: Sequence[str] = (),
) -> Remote:
    """What was given, and for what was not, the server's entry in `remote.toml`. Raises LavError.

    `maps` are like /folder/here=/folder/there.
    """
    address = _address(server)
    kept = _kept(home / NAME, address)
    return Remote(
        address,
        _token(token_file or _kept_path(home, kept, "token_file")),
        _certificate(ca or _kept_path(home, kept, "ca")),
        PathMap.of([*(_pair(text) for text in maps), *_kept_pairs(home, kept)]),
    )


def untrusted(said: str) -> LavError | None:
    """What gRPC says of a broken TLS handshake, as a sentence; None where it says nothing of it."""
    for sign, sentence, hint in HANDSHAKES:
        if sign in said:
            return LavError(sentence, hint, Code.unauthenticated)
    return None


def _address(text: str) -> str:
    match = ADDRESS.fullmatch(text)
    if match is None or not 0 < int(match["port"] or TLS_PORT) < 2**16:
        raise LavError(f"{text!r} is no server's address.", f"Write it as HOST:{TLS_PORT}.")
    return f"{match['host']}:{match['port'] or TLS_PORT}"


def _kept(path: Path, address: str) -> dict[str, Any]:
    """The entry of one server; empty where there is none."""
    try:
        servers = tomllib.loads(path.read_text()).get("servers", {})
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LavError(f"{path} cannot be read: {error}.", "Repair it, or remove it.") from None
    found = {_address(name): entry for name, entry in _table(path, servers).items()}
    entry = _table(path, found.get(address, {}))
    unknown = sorted(entry.keys() - {"ca", "token_file", "paths"})
    if unknown:
        raise LavError(
            f"{path} says {unknown[0]!r}, which means nothing.",
            "A server has ca, token_file and paths.",
        )
    return entry


def _table(path: Path, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise LavError(
            f"{path} says {value!r} where a table of values belongs.",
            'Write [servers."HOST:PORT"] and below it ca, token_file and paths.',
        )
    return value


def _kept_path(home: Path, kept: dict[str, Any], name: str) -> Path | None:
    value = kept.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise LavError(f"{name} in {home / NAME} is no path.", "Put it in quotes.")
    return home / Path(value).expanduser()


def _kept_pairs(home: Path, kept: dict[str, Any]) -> list[tuple[str, str]]:
    pairs = _table(home / NAME, kept.get("paths", {}))
    for here, there in pairs.items():
        if not isinstance(there, str):
            raise LavError(
                f"{home / NAME} says {there!r} where the other name of {here} belongs.",
                'Write "/folder/here" = "/folder/there".',
            )
    return list(pairs.items())


def _pair(text: str) -> tuple[str, str]:
    here, separator, there = text.partition("=")
    if not (here and separator and there):
        raise LavError(
            f"{text!r} says not which folder is which.", "Write /folder/here=/folder/there."
        )
    return here, there


def _token(path: Path | None) -> str:
    token = _read(path, "--token-file").decode("ascii", errors="replace").strip()
    if not token.isascii() or not token.isprintable() or " " in token or not token:
        raise LavError(f"{path} holds no token.", "Give the file `token` to --token-file.")
    return token


def _certificate(path: Path | None) -> bytes:
    data = _read(path, "--ca")
    if b"-----BEGIN CERTIFICATE-----" not in data:
        raise LavError(f"{path} holds no certificate.", "Give the file ca.pem to --ca.")
    return data


def _read(path: Path | None, option: str) -> bytes:
    if path is None:
        raise LavError(
            f"A server on another machine needs {option}.",
            "Copy ca.pem and token from the folder that `lav server tls-init` made there.",
        )
    try:
        return path.expanduser().read_bytes()
    except OSError as error:
        raise LavError(
            f"{path} cannot be read: {error.strerror}.", f"Check {option}.", Code.bad_value
        ) from None
