"""Whatever path a client sends, nothing outside the roots is read, written or made."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from soaking import size

from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb

LIGHT = pb.LightRequest(lamp=pb.Lamp(azimuth=-60), exposure=0.0)
FUZZ = settings(
    max_examples=size(60, 3000),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NAMES = [
    *("..", ".", "", " ", "~", "*", "clip.mov", "link.mov", "dangling.mov", "pipe.mov", "new.mov"),
    *("folder", "link", "loop", "up", "outside", "media", "home", "secret.txt", "none"),
    *("a" * 255, "a" * 256, "é" * 200, "caf\u00e9", "cafe\u0301", "\u202emov.pilc", "\ufeff"),
    *(
        "%2e%2e",
        "..%2f..",
        "..\\..",
        "..;",
        "\\",
        "CON",
        "nul.mov",
        "clip.mov:x",
        "clip.mov.",
        "\n",
    ),
    *("/etc/passwd", "$HOME", "`id`", "-i", "%s", "\x7f", "clip\0.mov", "new.mov\0.png"),
]
STARTS = [
    *("{in}/", "{in}/", "{in}/", "{out}/", "{in}/../", "{in}//", "/", "//", "///", "", "./", "~/"),
    *("/proc/self/root{out}/", "/proc/self/cwd/", "/dev/", "/dev/fd/", "/sys/", "C:\\", "C:/"),
    *("\\\\?\\", "\\\\?\\UNC\\h\\s\\", "\\\\.\\pipe\\", "\\\\host\\share\\", "//host/share/"),
    *("file://", "file://{out}/", "http://127.0.0.1:9/", "concat:{out}/", "subfile:,,start,0,:"),
]


@st.composite
def paths(draw: st.DrawFn) -> str:
    """With {in} and {out} for the two folders."""
    names = st.one_of(st.sampled_from(NAMES), st.text(max_size=12))
    parts = draw(st.lists(names, min_size=1, max_size=6))
    return draw(st.sampled_from(STARTS)) + draw(st.sampled_from(["/", "/", "//", "\\"])).join(parts)


def put(path: str, tree) -> str:
    return path.replace("{in}", str(tree.inside)).replace("{out}", str(tree.outside))


def ours(path: str, tree) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(tree.inside)


def refused(call: Callable[[], object]) -> bool:
    """Whether it was, in a sentence; what nobody foresaw, and a lost child, fail."""
    try:
        call()
        return False
    except LavError as error:
        said = error
    assert said.code not in (Code.internal, Code.worker_lost, Code.server_down), said
    assert said.message.endswith((".", "?"))
    return True


@FUZZ
@given(path=paths())
@example("{in}/link/clip.mov")
@example("{in}/link.mov")
@example("{in}/folder/up/outside/clip.mov")
@example("{in}/../outside/clip.mov")
@example("/proc/self/root{out}/clip.mov")
@example("{in}/" + "/".join(["a" * 255] * 15))
@example("/dev/" + "/".join(["é" * 127] * 30))
def test_no_path_of_a_clip_leads_outside(server, tree, path: str) -> None:
    path = put(path, tree)
    if not refused(lambda: server.client.probe(Path(path), poster_width=16)):
        assert ours(path, tree)
    tree.sentinel.check()


FIELDS: dict[str, Callable[[pb.RelightRequest, str], object]] = {
    "clip": lambda request, path: setattr(request.clip, "path", path),
    "mask": lambda request, path: setattr(request, "mask", path),
    "output": lambda request, path: setattr(request.output, "path", path),
    "sheet": lambda request, path: setattr(request.output, "sheet", path),
    "light image": lambda request, path: setattr(request.diffusion, "light_image", path),
    "models": lambda request, path: setattr(request.diffusion, "models", path),
    "LoRA": lambda request, path: request.diffusion.image_loras.add(path=path),
}


@FUZZ
@given(field=st.sampled_from(sorted(FIELDS)), path=paths())
@example("output", "{in}/link/new.mov")
@example("output", "{in}/dangling.mov")
@example("output", "{in}/folder/up/outside/new.mov")
@example("sheet", "{in}/link/new.png")
@example("mask", "{in}/link/clip.mov")
@example("light image", "{out}/secret.txt")
@example("models", "{in}/link")
@example("LoRA", "{in}/link/clip.mov")
def test_no_path_of_a_job_leads_outside(server, tree, field: str, path: str) -> None:
    """Planned, so that nothing is lit; submitting checks the same and then makes the job."""
    request = server.request(tree.inside / "clip.mov", "never-there.mov")
    try:
        FIELDS[field](request, put(path, tree))
    except (UnicodeEncodeError, ValueError):  # no message can carry it
        return
    if not refused(lambda: server.client.plan(request)) and path:
        assert ours(put(path, tree), tree)
    tree.sentinel.check()


@contextmanager
def swapping(link: Path, inside: Path, outside: Path) -> Iterator[None]:
    """`link` leads in and out by turns, thousands of times a second."""
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for target in (inside, outside):
                fresh = link.with_name("fresh")
                fresh.symlink_to(target)
                fresh.replace(link)

    link.symlink_to(inside)
    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        link.unlink()


def test_a_link_that_changes_under_a_request_leads_nowhere_else(server, tree) -> None:
    """A path is resolved once; what was checked is what is used."""
    request = server.request(tree.inside / "clip.mov", "swap/swapped.mov")
    accepted = 0
    with swapping(tree.inside / "swap", tree.inside / "folder", tree.outside):
        for number in range(size(25, 400)):
            request.output.path = str(tree.inside / "swap" / f"swapped{number}.mov")
            request.clip.path = str(tree.inside / "swap" / "clip.mov")
            with suppress(LavError):
                job = server.client.submit(request)
                accepted += 1
                assert job.request.output.path.startswith(str(tree.inside / "folder"))
                assert job.request.clip.path == str(tree.inside / "folder" / "clip.mov")
    assert accepted
    for job in server.client.jobs(limit=1000, only_open=True):
        list(server.client.watch(job.id))
    tree.sentinel.check()


RATES = st.tuples(*[st.one_of(st.integers(-2, 30_000), st.integers(-(2**63), 2**63 - 1))] * 2)
NUMBERS = st.one_of(
    st.integers(-3, 8),
    st.sampled_from([2**31, 2**53 - 1, 2**53, 2**63 - 1, -(2**63), 10**12]),
)


@FUZZ
@given(first=NUMBERS, count=NUMBERS, rate=st.none() | RATES)
@example(0, 0, (0, 0))
@example(5, 2, None)
@example(2**63 - 1, 2**63 - 1, (2**63 - 1, 2**63 - 1))
def test_a_range_that_is_none_is_refused_and_one_that_is_has_its_frames(
    server, tree, first: int, count: int, rate: tuple[int, int] | None
) -> None:
    request = server.request(tree.inside / "clip.mov", "ranged.mov")
    request.clip.first, request.clip.count = first, count
    if rate is not None:
        request.clip.rate.CopyFrom(pb.Rational(numerator=rate[0], denominator=rate[1]))
    is_whole = 0 <= first < 6 and (count == 0 or first + count <= 6) and count >= 0
    is_rate = rate is None or (rate[1] > 0 and rate[0] == 24 * rate[1])
    if is_whole and is_rate:
        assert server.client.plan(request).windows >= 1
    else:
        assert refused(lambda: server.client.submit(request)), f"{first}:{count} at {rate}"
    refused(lambda: server.client.plan(request))


@FUZZ
@given(frame=NUMBERS, width=NUMBERS, amount=st.floats(width=64))
def test_a_preview_of_anything_is_a_picture_or_a_sentence(
    server, tree, frame: int, width: int, amount: float
) -> None:
    request = pb.PreviewRequest(
        path=str(tree.inside / "clip.mov"),
        media_frame=frame,
        light=LIGHT,
        engine="fault",
        width=max(min(width, 2**31 - 1), -(2**31)),
        amount=amount,
    )
    refused(lambda: server.client.preview(request))


@pytest.mark.parametrize("name", ["outside", "read-only"])
def test_the_tree_notices_what_it_must(tree, name: str, tmp_path: Path) -> None:
    """The sentinel itself: a file read, and a file made, are seen."""
    folder = tmp_path / name
    folder.mkdir()
    (folder / "file").write_text("x")
    sentinel = type(tree.sentinel)(folder, tree.sentinel.tells_reading)
    sentinel.arm()
    if sentinel.tells_reading:
        (folder / "file").read_text()
        with pytest.raises(AssertionError):
            sentinel.check()
    sentinel.arm()
    (folder / "new").touch()
    with pytest.raises(AssertionError):
        sentinel.check()


def test_a_folder_that_becomes_a_link_while_its_job_runs_is_not_written_to(server, tree) -> None:
    moving = tree.inside / "moving"
    moving.mkdir()
    request = server.request(tree.inside / "clip.mov", "moving/moved.mov", fault="slow " * 10)
    job = server.client.submit(request)
    server.until_lit(job)
    moving.rename(tree.inside / "moved")
    moving.symlink_to(tree.outside)
    last = list(server.client.watch(job.id))[-1].job
    assert last.state == pb.JOB_STATE_FAILED
    tree.sentinel.check()
