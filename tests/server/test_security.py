"""Files outside the roots cannot be reached, by whatever road."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lav_engine.errors import Code, LavError
from lav_server.names import oddity
from lav_server.security import Roots, check_unmoved


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """inside/ is a root, outside/ is not."""
    for name in ("inside/shots", "outside"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "clip.mov").write_bytes(b"x")
    return tmp_path


@pytest.fixture
def roots(tree: Path) -> Roots:
    return Roots((tree / "inside",))


def code_of(call: object, *arguments: object) -> Code:
    with pytest.raises(LavError) as refused:
        call(*arguments)  # pyright: ignore[reportCallIssue]
    assert refused.value.message.endswith(".")
    return refused.value.code


def test_a_clip_inside_is_found(tree: Path, roots: Roots) -> None:
    clip = tree / "inside/shots/clip.mov"
    assert roots.source(clip) == clip
    assert roots.source(tree / "inside/shots/../shots/./clip.mov") == clip


@pytest.mark.parametrize(
    "path",
    ["outside/clip.mov", "inside/../outside/clip.mov", "inside/shots/../../outside/clip.mov"],
)
def test_dots_do_not_lead_outside(tree: Path, roots: Roots, path: str) -> None:
    assert code_of(roots.source, tree / path) == Code.outside_roots


def test_links_do_not_lead_outside(tree: Path, roots: Roots) -> None:
    (tree / "inside/file.mov").symlink_to(tree / "outside/clip.mov")
    (tree / "inside/folder").symlink_to(tree / "outside")
    assert code_of(roots.source, tree / "inside/file.mov") == Code.outside_roots
    assert code_of(roots.source, tree / "inside/folder/clip.mov") == Code.outside_roots
    assert code_of(roots.target, tree / "inside/folder/new.mov") == Code.outside_roots


def test_links_inside_are_followed(tree: Path, roots: Roots) -> None:
    (tree / "inside/link.mov").symlink_to(tree / "inside/shots/clip.mov")
    assert roots.source(tree / "inside/link.mov") == tree / "inside/shots/clip.mov"


def test_a_root_that_is_a_link_works(tree: Path) -> None:
    (tree / "link").symlink_to(tree / "inside")
    assert Roots((tree / "link",)).source(tree / "inside/shots/clip.mov")


def test_links_in_circles_are_a_sentence(tree: Path, roots: Roots) -> None:
    (tree / "inside/a.mov").symlink_to(tree / "inside/b.mov")
    (tree / "inside/b.mov").symlink_to(tree / "inside/a.mov")
    assert code_of(roots.source, tree / "inside/a.mov") == Code.media_missing


def test_what_is_outside_is_not_even_said_to_be_missing(tree: Path, roots: Roots) -> None:
    assert code_of(roots.source, tree / "outside/none.mov") == Code.outside_roots


@pytest.mark.parametrize("path", ["clip.mov", "./clip.mov", "//host/share/clip.mov"])
def test_only_full_local_paths_are_taken(roots: Roots, path: str) -> None:
    assert code_of(roots.source, Path(path)) == Code.bad_value


@pytest.mark.parametrize("path", ["http://a/b.mov", "rtsp://a"])
def test_a_network_address_is_refused_as_one(roots: Roots, path: str) -> None:
    with pytest.raises(LavError, match="Download") as refused:
        roots.source(Path(path))
    assert refused.value.code == Code.media_unsupported
    assert path in refused.value.message


def test_a_folder_a_pipe_and_a_device_are_no_clips(tree: Path, roots: Roots) -> None:
    os.mkfifo(tree / "inside/pipe.mov")
    assert code_of(roots.source, tree / "inside/shots") == Code.media_unreadable
    assert code_of(roots.source, tree / "inside/pipe.mov") == Code.media_unreadable
    assert code_of(Roots((Path("/dev"),)).source, Path("/dev/zero")) == Code.media_unreadable


def test_a_missing_clip_is_said_to_be_missing(tree: Path, roots: Roots) -> None:
    assert code_of(roots.source, tree / "inside/none.mov") == Code.media_missing


def test_a_new_file_may_be_written_inside(tree: Path, roots: Roots) -> None:
    assert roots.target(tree / "inside/new.mov") == tree / "inside/new.mov"


def test_nothing_that_exists_is_a_target(tree: Path, roots: Roots) -> None:
    (tree / "inside/dangling.mov").symlink_to(tree / "inside/nowhere")
    assert code_of(roots.target, tree / "inside/shots/clip.mov") == Code.output_exists
    assert code_of(roots.target, tree / "inside/shots") == Code.output_exists
    assert code_of(roots.target, tree / "inside/dangling.mov") == Code.output_exists


def test_a_target_needs_its_folder(tree: Path, roots: Roots) -> None:
    assert code_of(roots.target, tree / "inside/none/new.mov") == Code.output_unwritable


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (".hidden.mov", "begins with a dot"),
        ("..", "is none"),
        ("a\nb.mov", r"has a control character \(U\+000A\)"),
        ("a\x1b[2Jb.mov", r"has a control character \(U\+001B\)"),
        ("a\x00.mov", r"has a control character \(U\+0000\)"),
        ("a\u2028b.mov", r"has a control character \(U\+2028\)"),
        ("take\u202evom.exe", r"turns the writing around \(U\+202E\)"),
        ("take\u2067vom.exe", r"turns the writing around \(U\+2067\)"),
        ("x" * 300 + ".mov", "is longer than 200 bytes"),
    ],
)
def test_odd_names_are_no_targets(tree: Path, roots: Roots, name: str, why: str) -> None:
    with pytest.raises(LavError, match=why) as refused:
        roots.target(tree / "inside" / name)
    assert refused.value.code == Code.bad_value


@pytest.mark.parametrize(
    "name",
    [
        "Screen Recording 2026-01-01 at 3.04\u202fPM_relit.mp4",  # as macOS names them
        "Interview\u00a0: prise 2.mov",
        "\u6771\u4eac\u3000\u591c.mov",
        "\U0001f469\u200d\U0001f680.mov",  # one emoji of two, joined
        "\u05e9\u05dc\u05d5\u05dd\u200f.mov",  # right to left, with a mark that turns nothing
        "thin\u2009space.mov",
    ],
)
def test_names_that_people_and_systems_give_are_taken(tree: Path, roots: Roots, name: str) -> None:
    assert roots.target(tree / "inside" / name).name == name


def test_the_refusal_names_the_roots_and_the_option(tree: Path, roots: Roots) -> None:
    with pytest.raises(LavError) as refused:
        roots.source(tree / "outside/clip.mov")
    assert str(tree / "inside") in refused.value.message
    assert f"--root {tree / 'outside'}" in refused.value.hint


def hint_for(call: object, *arguments: object) -> str:
    with pytest.raises(LavError) as refused:
        call(*arguments)  # pyright: ignore[reportCallIssue]
    assert refused.value.code == Code.outside_roots
    return str(refused.value)


def test_the_advice_keeps_the_roots_there_are(tree: Path, roots: Roots) -> None:
    said = hint_for(roots.target, tree / "outside/new.mov")
    assert f"--root {tree / 'inside'} --root {tree / 'outside'}`" in said


def test_the_advice_for_a_link_is_where_it_leads(tree: Path, roots: Roots) -> None:
    (tree / "inside/file.mov").symlink_to(tree / "outside/clip.mov")
    said = hint_for(roots.source, tree / "inside/file.mov")
    assert f"It really lies in {tree / 'outside'}." in said
    assert f"--root {tree / 'outside'}`" in said


@pytest.mark.parametrize("path", ["/clip.mov", "/etc/hostname", "/nowhere/at/all/clip.mov"])
def test_nobody_is_told_to_open_a_whole_drive_or_what_is_not_there(roots: Roots, path: str) -> None:
    assert "--root" not in hint_for(roots.source, Path(path))


def test_a_device_outside_is_said_to_be_none(roots: Roots) -> None:
    assert code_of(roots.source, Path("/dev/zero")) == Code.media_unreadable


def test_what_was_checked_must_not_have_moved_when_it_is_used(tree: Path, roots: Roots) -> None:
    clip = roots.source(tree / "inside/shots/clip.mov")
    target = roots.target(tree / "inside/shots/new.mov")
    check_unmoved(clip, target.parent, None)
    (tree / "inside/shots").rename(tree / "inside/away")
    (tree / "inside/shots").symlink_to(tree / "outside")
    assert code_of(check_unmoved, clip) == Code.outside_roots
    assert code_of(check_unmoved, target.parent) == Code.outside_roots


@pytest.mark.parametrize(
    "path", ["\\\\host\\share\\clip.mov", "\\\\?\\C:\\clip.mov", "//?/C:/clip.mov", "//./pipe/lav"]
)
def test_shares_and_raw_names_of_windows_are_no_paths(roots: Roots, path: str) -> None:
    assert code_of(roots.source, Path(path)) == Code.bad_value
    assert code_of(roots.target, Path(path)) == Code.bad_value


@pytest.mark.parametrize("name", ["NUL", "con.mov", "Com1.take.mov", "a.mov:b", "a.mov.", "a?.mov"])
def test_names_that_windows_reads_otherwise_are_odd_there(name: str) -> None:
    assert oddity(name, is_windows=True)
    assert not oddity("contact.mov", is_windows=True)


@pytest.mark.parametrize("folder", ["a" * 300, "a" * 300 + "/b", "/".join(["b" * 200] * 15)])
def test_names_too_long_for_a_disk_are_a_sentence(tree: Path, roots: Roots, folder: str) -> None:
    inside = tree / "inside" / folder
    assert code_of(roots.source, inside / "clip.mov") == Code.media_missing
    assert code_of(roots.folder, inside, "models") == Code.media_missing
    assert code_of(roots.target, inside / "new.mov") == Code.output_unwritable
    assert code_of(roots.source, tree / "outside" / folder / "clip.mov") == Code.outside_roots


def test_a_root_written_with_other_code_points_is_another_folder(tree: Path) -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    (tree / composed).mkdir()
    (tree / composed / "clip.mov").write_bytes(b"x")
    roots = Roots((tree / composed,))
    assert roots.source(tree / composed / "clip.mov")
    assert code_of(roots.source, tree / decomposed / "clip.mov") == Code.outside_roots
