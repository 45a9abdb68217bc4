"""`lav-server`: the daemon's command line."""

from __future__ import annotations

import os
import sys

from lav_engine.errors import LavError
from lav_server import app
from lav_server.config import from_arguments


def main() -> int:
    try:
        app.run(from_arguments(sys.argv[1:], os.environ))
    except LavError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
