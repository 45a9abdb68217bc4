"""`lav server install-service`: the server as a systemd user unit, there from log-in on."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from lav_client import report
from lav_engine.errors import Code, LavError
from lav_server import hold
from lav_server.config import HELD, from_arguments

NAME = "lav-server.service"
INHERITED = ("HF_HOME",)  # where models lie; a unit sees nothing of a shell's settings
LIMIT = 30.0  # seconds for systemctl
UNIT = """\
[Unit]
Description=LAV Bridge server: relights clips for editors
StartLimitIntervalSec=120
StartLimitBurst=5

[Service]
Type=exec
ExecStart={command}
{environment}Restart=on-failure
RestartSec=2
# {held}: another server already has this home.
RestartPreventExitStatus={held}
# The server ends its children itself, within this time; jobs go on at its next start.
KillMode=mixed
TimeoutStopSec=10
NoNewPrivileges=yes

[Install]
WantedBy=default.target
"""

DryRun = Annotated[
    bool, typer.Option("--dry-run", metavar="", help="Print the unit, change nothing.")
]
Roots = Annotated[
    list[Path] | None,
    typer.Option(
        "--root",
        metavar="DIR",
        help="A folder it may also read and write, beside your home and mounted volumes.",
    ),
]
IdleUnload = Annotated[
    float | None,
    typer.Option(
        "--idle-unload",
        metavar="MINUTES",
        min=0.01,
        max=1e6,
        help="After which idle models leave the memory, the graphics card's too. Default: 15.",
    ),
]
CacheSize = Annotated[
    float | None,
    typer.Option(
        "--cache-size",
        metavar="GB",
        min=0.001,
        max=1e6,
        help="Disk space for light that is kept, so that nothing is lit twice. Default: 20.",
    ),
]
Host = Annotated[
    str | None,
    typer.Option("--host", metavar="ADDRESS", help="For other machines, with --tls: 0.0.0.0."),
]
Tls = Annotated[
    Path | None,
    typer.Option("--tls", metavar="DIR", help="Certificate and token, from `lav server tls-init`."),
]


def install(
    ctx: typer.Context,
    roots: Roots = None,
    host: Host = None,
    tls: Tls = None,
    idle_unload: IdleUnload = None,
    cache_size: CacheSize = None,
    dry_run: DryRun = False,
) -> None:
    """Start the server at every log-in, and again after a crash (Linux, systemd)."""
    options = words(roots, idle_unload, cache_size)
    options += ["--host", host] if host else []
    options += ["--tls", str(_folder(tls))] if tls else []
    from_arguments(options, {})  # what the server would refuse is refused now
    text = unit(ctx.obj, options, os.environ)
    if dry_run:
        return typer.echo(text, nl=False)
    _check_system()
    path = unit_path(os.environ)
    is_new = _written(path, text)
    report.say(f"{path} is {'written' if is_new else 'as it should be already'}.")
    if not _systemctl("daemon-reload"):
        return report.say(
            "systemd cannot be reached from here. After your next log-in on this computer, run:\n"
            f"  systemctl --user enable --now {NAME}"
        )
    _systemctl("enable", NAME, must=True)
    _hand_over(ctx.obj, is_new)
    report.say(
        f"Look at it with `systemctl --user status {NAME}`.\n"
        "To have it without anybody logged in: `loginctl enable-linger`."
    )


def words(
    roots: Sequence[Path] | None, idle_unload: float | None, cache_size: float | None
) -> list[str]:
    """The same as lav-server's options. Raises LavError for a root that is no folder."""
    options = [word for root in roots or () for word in ("--root", str(_folder(root)))]
    options += ["--idle-unload", f"{idle_unload:g}"] if idle_unload else []
    options += ["--cache-size", f"{cache_size:g}"] if cache_size else []
    return options


def uninstall(ctx: typer.Context, dry_run: DryRun = False) -> None:
    """Take the service away again. Jobs, takes and settings stay."""
    path = unit_path(os.environ)
    if not path.exists():
        return report.say("The service is not installed.")
    if dry_run:
        return report.say(f"Would stop and disable {NAME} and remove {path}.")
    _systemctl("disable", "--now", NAME)
    path.unlink()
    _systemctl("daemon-reload")
    report.say(f"The service is gone ({path} removed). `lav server start` starts it by hand.")


def unit(home: Path, options: Sequence[str], environment: Mapping[str, str]) -> str:
    """`options` are lav-server's own."""
    command = [sys.executable, "-P", "-m", "lav_server.cli", "--home", str(home), *options]
    inherited = (f"{name}={environment[name]}" for name in INHERITED if environment.get(name))
    return UNIT.format(
        command=" ".join(_quoted(word).replace("$", "$$") for word in command),
        environment="".join(f"Environment={_quoted(line)}\n" for line in inherited),
        held=HELD,
    )


def unit_path(environment: Mapping[str, str]) -> Path:
    configuration = environment.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(configuration) / "systemd" / "user" / NAME


def program(unit: Path) -> Path | None:
    """The Python that an installed unit starts."""
    line = next((x for x in unit.read_text().splitlines() if x.startswith("ExecStart=")), "")
    words = shlex.split(line.removeprefix("ExecStart="))
    return Path(words[0].replace("$$", "$").replace("%%", "%")) if words else None


def _quoted(word: str) -> str:
    """For systemd: percent signs are its own, and quotes keep spaces together."""
    if not word.isprintable():
        raise LavError(f"{word!r} cannot stand in a unit file.", "Use another folder.")
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _folder(path: Path) -> Path:
    folder = path.expanduser().absolute()
    if not folder.is_dir():
        raise LavError(f"{folder} is not a folder.", "Give a folder that exists.")
    return folder


def _check_system() -> None:
    if shutil.which("systemctl") is None:
        raise LavError(
            "A service can be installed on Linux with systemd only, and it is not here.",
            "`lav server start` starts the server by hand; commands also start it by themselves.",
            Code.unsupported,
        )


def _written(path: Path, text: str) -> bool:
    """Whether anything had to be changed."""
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text)
    fresh.replace(path)
    return True


def _hand_over(home: Path, is_new: bool) -> None:
    """Starts the unit, unless a server that was started by hand holds the home."""
    if _systemctl("is-active", "--quiet", NAME):
        if is_new:
            report.say(
                "It still runs with its old settings. To use the new ones:\n"
                f"  systemctl --user restart {NAME}"
            )
        else:
            report.say("It is running.")
        return
    found = hold.holder(home)
    if found is not None:
        return report.say(
            f"It will start at the next log-in. A server started by hand (process {found.pid}) "
            "runs now; to change over at once:\n"
            f"  lav server stop && systemctl --user start {NAME}"
        )
    _systemctl("start", NAME, must=True)
    report.say("It is running, and starts at every log-in.")


def _systemctl(*arguments: str, must: bool = False) -> bool:
    """Whether it went well. Raises LavError where it `must` and did not."""
    program = shutil.which("systemctl")
    if program is None:
        return False
    try:
        ended = subprocess.run(
            [program, "--user", *arguments],
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LavError(
            f"systemctl did not answer within {LIMIT:.0f} seconds.", "Try again.", Code.internal
        ) from None
    if ended.returncode and must:
        said = ended.stderr.strip().splitlines() or ["no message"]
        raise LavError(
            f"systemctl --user {' '.join(arguments)} failed: {said[-1]}",
            f"`journalctl --user -u {NAME}` may say more.",
            Code.internal,
        )
    return ended.returncode == 0
