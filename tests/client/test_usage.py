"""What people type wrong: one sentence that names it, exit code 2, no server, no traceback."""

from __future__ import annotations

import json
import os

import pytest

from lav_client.cli import run

NUMBERS = {
    "--azimuth": ("nan", "inf", "left"),
    "--elevation": ("nan", "91", "-91"),
    "--kelvin": ("nan", "-5600", "0"),
    "--tint": ("nan", "51"),
    "--stops": ("nan", "-inf", "11"),
    "--size": ("nan", "-0.1", "1.1"),
    "--key-fill": ("nan", "-4", "0"),
    "--haze": ("nan", "-1", "2"),
    "--exposure": ("nan", "", "99"),
    "--amount": ("nan", "-0.5", "1.5"),
}
TYPED = [
    *((option, value) for option, values in NUMBERS.items() for value in values),
    ("--from", "nowhere"),
    ("--codec", "theora"),
    ("--scope", "sky"),
    ("--range", "-1:5"),
    ("--range", "5"),
    ("--in", "soon"),
    ("--out", "1:2"),
]


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.mark.parametrize(("option", "value"), TYPED)
def test_a_value_that_cannot_be_is_refused_by_name(option, value, home, capsys):
    assert run(["--home", str(home), "relight", "clip.mov", option, value]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert option in told.err
    assert told.err.count("\n") == 1
    assert not home.exists()


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["relight"],
        ["melt", "clip.mov"],
        ["relight", "clip.mov", "--sparkle"],
        ["relight", "clip.mov", "--range", "0:5", "--in", "00:00:00:00"],
        ["preview", "clip.mov", "-o", "a.png"],
        ["preview", "clip.mov", "--at", "-1", "-o", "a.png"],
        ["preview", "clip.mov", "--at", "1.5", "-o", "a.png"],
        ["preview", "clip.mov", "--at", "9" * 30, "-o", "a.png"],
        ["jobs", "watch"],
        ["jobs", "list", "--limit", "0"],
    ],
)
def test_a_command_that_cannot_be_is_refused(argv, capsys):
    assert run(argv) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_with_json_an_error_is_one_object_on_stdout(capsys):
    assert run(["relight", "clip.mov", "--size", "2", "--json"]) == 2
    told = capsys.readouterr()
    error = json.loads(told.out)["error"]
    assert error["code"] == "USAGE"
    assert "--size" in error["message"]
    assert told.err == ""


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{", "JSON"),
        ("[]", "saved light"),
        ('{"lav_light": 1, "lamps": [{"stops": NaN}]}', "stops"),
        ('{"lav_light": 9}', "version"),
        ("\udcff", "cannot be read"),
    ],
)
def test_a_light_file_that_is_none_is_refused_by_name(text, word, tmp_path, capsys):
    file = tmp_path / "light.json"
    file.write_bytes(text.encode(errors="surrogateescape"))
    assert run(["relight", "clip.mov", "--light", str(file)]) == 2
    told = capsys.readouterr().err
    assert "light.json" in told
    assert word in told


def test_a_light_file_that_is_missing_is_refused(tmp_path, capsys):
    assert run(["relight", "clip.mov", "--light", str(tmp_path / "no.json")]) == 2
    assert "no.json" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--otio", "--save-light"])
def test_a_file_that_exists_is_refused_before_anything_is_rendered(option, home, tmp_path, capsys):
    mine = tmp_path / "mine"
    mine.write_text("mine")
    assert run(["--home", str(home), "relight", "clip.mov", option, str(mine)]) == 1
    assert "already exists" in capsys.readouterr().err
    assert mine.read_text() == "mine"
    assert not home.exists()


@pytest.mark.parametrize("option", ["--otio", "--save-light"])
@pytest.mark.parametrize("path", ["/proc/x.json", "nowhere/x.json", "x" * 250])
def test_a_file_that_cannot_be_written_is_refused_before_too(option, path, home, capsys):
    assert run(["--home", str(home), "relight", "clip.mov", "--from", "left", option, path]) == 1
    assert "cannot be written" in capsys.readouterr().err
    assert not home.exists()


def test_a_prompt_without_a_light_in_it_is_refused_with_its_words(home, capsys):
    argv = ["relight", "clip.mov", "--prompt", "a walking bear"]
    assert run(["--home", str(home), *argv]) == 2
    told = capsys.readouterr().err
    assert "walking, bear" in told
    assert "lav presets" in told
    assert not home.exists()


def test_a_saved_light_and_a_preset_are_one_too_many(tmp_path, capsys):
    saved = tmp_path / "light.json"
    assert run(["relight", "clip.mov", "--light", str(saved), "--preset", "noir"]) == 2
    assert "not both" in capsys.readouterr().err


def test_a_pipe_is_no_light_and_is_not_waited_for(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe")
    assert run(["relight", "clip.mov", "--light", str(tmp_path / "pipe")]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["http://a.b/clip.mov", "https://a.b/clip.mov", "s3://a/b.mov"])
def test_the_network_is_not_read(path, home, capsys):
    assert run(["--home", str(home), "relight", path, "--from", "left"]) == 1
    told = capsys.readouterr().err
    assert not home.exists()
    assert path in told
    assert "Download" in told


def test_a_preview_has_the_name_of_a_picture(home, tmp_path, capsys):
    argv = ["preview", "a.mov", "--at", "0", "--from", "left", "-o", str(tmp_path / "a.gif")]
    assert run(["--home", str(home), *argv]) == 2
    assert ".jpg" in capsys.readouterr().err
    assert not home.exists()


def test_refusals_are_in_our_words(capsys):
    for argv in (["--codec", "divx"], ["--scope", "sky"], ["--amount", "7"]):
        assert run(["relight", "a.mov", *argv]) == 2
    assert run(["preview", "a.mov", "-o", "a.png", "--at", "-1"]) == 2
    assert run(["jobs", "list", "--limit", "0"]) == 2
    told = capsys.readouterr().err
    assert "h264, prores, ffv1" in told
    assert "'-1' is not a frame number" in told
    assert "alue error" not in told
    assert "Input should" not in told


def test_the_command_alone_is_its_help_and_nothing_else(capsys):
    assert run([]) == 2
    told = capsys.readouterr()
    assert "Usage: lav" in told.out + told.err
    assert "after the command" not in told.out + told.err


def test_a_preview_never_replaces_a_picture(home, tmp_path, capsys):
    mine = tmp_path / "mine.png"
    mine.write_text("mine")
    assert run(["--home", str(home), "preview", "a.mov", "--at", "0", "-o", str(mine)]) == 1
    assert "already exists" in capsys.readouterr().err
    assert not home.exists()


@pytest.mark.parametrize(
    "argv", [["relight"], ["preview"], ["probe"], ["presets"], ["doctor"], ["jobs"], ["server"]]
)
def test_every_command_explains_itself(argv, capsys):
    assert run([*argv, "--help"]) == 0
    assert "Usage: lav" in capsys.readouterr().out


def test_the_version_is_the_packages(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("lav 0.")
