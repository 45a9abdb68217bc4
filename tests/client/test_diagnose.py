"""The report: it says what it holds before it is written, and nothing private is in it."""

from __future__ import annotations

import json
import zipfile
from fractions import Fraction
from pathlib import Path

import pytest

from lav_client.cli import run
from lav_client.health import device
from lav_client.names import Names
from lav_client.records import jobs_of
from lav_engine.spec import ClipRange, LightRequest, Output, RelightRequest
from lav_server.store import Store

SECRETS = ("Interview", "Secret", "a very private wish", "tok" * 10)


def request(folder: Path, number: int) -> RelightRequest:
    clip = ClipRange(folder / f"Interview-{number}.mov", 0, 24, Fraction(24))
    output = Output(folder / f"Secret take {number}.mov")
    return RelightRequest(clip, LightRequest(prompt="a very private wish"), output)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / "logs").mkdir(parents=True)
    store = Store(home / "jobs.sqlite")
    for number in range(3):
        store.add(request(tmp_path, number), f"key-{number}")
    store.close()
    (home / "logs/desk.log").write_text(
        "Reading Interview-1.mov made the reader fail\n"
        f'{{"text": "{Path.home()}/other/Interview-9 (b).mov failed, Bearer {"tok" * 10}"}}\n'
    )
    return home


def test_it_lists_what_goes_in_and_leaves_out_what_is_private(home, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(device, "is_installed", lambda name: False)  # spares loading torch
    path = tmp_path / "report.zip"
    assert run(["--home", str(home), "diagnose", "-o", str(path)]) == 0
    told = capsys.readouterr()
    assert told.out.strip() == str(path)
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(held) == {
        *("doctor.json", "versions.json", "config.json", "jobs.json", "logs/desk.log")
    }
    assert all(name in told.err for name in held)
    for name, text in held.items():
        assert not [secret for secret in SECRETS if secret in text], name
        assert str(Path.home()) not in text.replace(f"{Path.home()}-", ""), name
    assert len(json.loads(held["jobs.json"])) == 3
    assert json.loads(held["jobs.json"])[0]["state"] == "queued"
    assert json.loads(held["doctor.json"])
    assert json.loads(held["versions.json"])["packages"]["numpy"]


def test_a_report_replaces_nothing(home, tmp_path, capsys):
    path = tmp_path / "report.zip"
    path.write_text("mine")
    assert run(["--home", str(home), "diagnose", "-o", str(path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "OUTPUT_EXISTS"
    assert path.read_text() == "mine"


def test_one_file_has_one_alias_in_jobs_and_logs(home):
    names = Names()
    newest, *_ = jobs_of(home / "jobs.sqlite", names)
    clip = newest["clip"].split(" [")[0]
    hidden = names.hidden(json.dumps([newest["clip"], "/x/Interview-2.mov", clip]))
    told, elsewhere, path = json.loads(hidden)
    alias = told.split(" [")[0]
    assert alias.startswith("file-")
    assert alias.endswith(".mov")
    assert path == alias
    assert "Interview" not in elsewhere
    assert Names().alias(clip) != alias


def test_a_database_nobody_can_read_is_a_sentence_in_the_report(tmp_path):
    path = tmp_path / "jobs.sqlite"
    assert jobs_of(path, Names()) == "There is no job database."
    path.write_text("no database " * 100)
    assert "unusable" in jobs_of(path, Names())
