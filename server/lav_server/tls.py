"""What a server shows to other machines: a certificate from an authority of its own, and a token.

The authority signs once and its key is never written: nobody can make a second server that its
clients would trust.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lav_engine.errors import Code, LavError

CA, CERTIFICATE, KEY, TOKEN = "ca.pem", "server.pem", "server.key", "token"
SHORTEST_TOKEN = 32  # characters
OTHERS = 0o077  # permissions of anybody but the owner


@dataclass(frozen=True, slots=True)
class Identity:
    """PEM, and the token every client must carry."""

    key: bytes
    certificate: bytes
    token: str


def init(folder: Path, names: Sequence[str]) -> datetime:
    """Makes a folder for `lav-server --tls`; `names` are host names and IP addresses of the server.

    Returns when the certificate ends. Replaces nothing. Raises LavError.
    """
    if not names:
        raise LavError("A certificate needs a name of the server.", "Give --name HOST.")
    try:
        from lav_server import certificates
    except ModuleNotFoundError as error:
        raise LavError(
            "Certificates are made with a package that is not installed.",
            "Install it: pip install 'lav-bridge[remote]'.",
            Code.unsupported,
        ) from error
    ca, certificate, key, end = certificates.signed(names)
    token = secrets.token_urlsafe(32).encode()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, data in ((CA, ca), (CERTIFICATE, certificate), (KEY, key), (TOKEN, token)):
            is_secret = name in (KEY, TOKEN)
            _write_new(folder / name, data, 0o600 if is_secret else 0o644)
    except FileExistsError as error:
        raise LavError(
            f"{error.filename} exists already, and nothing is ever replaced.",
            "Choose another folder.",
            Code.output_exists,
        ) from None
    except OSError as error:
        raise LavError(
            f"{folder} cannot be written: {error.strerror}.",
            "Choose another folder.",
            Code.output_unwritable,
        ) from None
    return end


def read(folder: Path) -> Identity:
    """What `init` has made. Raises LavError, also where others may read a secret."""
    try:
        token = _secret(folder / TOKEN).decode(errors="replace").strip()
        identity = Identity(_secret(folder / KEY), (folder / CERTIFICATE).read_bytes(), token)
    except OSError as error:
        raise LavError(
            f"{error.filename} cannot be read: {error.strerror}.",
            f"Make a certificate and a token with `lav server tls-init {folder}`.",
        ) from None
    if len(token) < SHORTEST_TOKEN:
        raise LavError(
            f"The token in {folder / TOKEN} has {len(token)} characters and could be guessed.",
            f"Use at least {SHORTEST_TOKEN}, or make a new one with `lav server tls-init`.",
        )
    return identity


def _secret(path: Path) -> bytes:
    if sys.platform != "win32" and path.stat().st_mode & OTHERS:
        raise LavError(
            f"Other users of this computer can read {path}.", f"Run `chmod 600 {path}` first."
        )
    return path.read_bytes()


def _write_new(path: Path, data: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
