"""The first lines of `lav`: small, so that Ctrl+C means the same while the rest still loads."""

from __future__ import annotations

import os
import signal
import sys

INTERRUPTED = 130
TOLD = b"Interrupted.\n"


def main() -> None:
    """SIGTERM and SIGHUP are Ctrl+C: a render is cancelled, and the exit code is 130."""
    _when_stopped(_leave)  # nothing has begun, and half-loaded modules must not hear of it
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its own words, on stderr before ours
    from lav_client.cli import run

    try:
        _when_stopped(signal.default_int_handler)
        sys.exit(run(sys.argv[1:]))
    except KeyboardInterrupt:
        _leave()


def _when_stopped(act: object) -> None:
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:  # nohup stays
            signal.signal(number, act)  # pyright: ignore[reportArgumentType]


def _leave(*_: object) -> None:
    os.write(2, TOLD)
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
