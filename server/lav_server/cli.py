"""`lav-server`: the daemon's command line."""

from __future__ import annotations

import os
import sqlite3
import sys
import traceback

from lav_engine.errors import Code, LavError
from lav_server import app
from lav_server.config import HELD, from_arguments


def main() -> int:
    try:
        app.run(from_arguments(sys.argv[1:], os.environ))
    except LavError as error:
        sys.stderr.write(f"{error}\n")
        return HELD if error.code == Code.server_down else 1
    except (OSError, sqlite3.Error) as error:
        traceback.print_exc()
        sys.stderr.write(f"Its folder cannot be used: {error}.\n")  # a client reads the last line
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
