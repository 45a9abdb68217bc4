"""`lav models`: what is here, what is not, and whether it is whole, in one sentence each."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from lav_client.cli import run
from lav_engine.engines.diffusion import models as registry

PROGRAM = "import sys; from lav_client.cli import run; sys.exit(run(sys.argv[1:]))"


def ran(capsys, *argv: object) -> tuple[int, str, str]:
    code = run([str(word) for word in ("models", *argv)])
    told = capsys.readouterr()
    return code, told.out, told.err


def weights() -> bytes:
    """A whole safetensors file of one tensor."""
    header = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(8)


@pytest.fixture
def iclight(tmp_path: Path) -> Path:
    """A folder with one model of one weight."""
    file = tmp_path / "iclight-fc" / "iclight_sd15_fc.safetensors"
    file.parent.mkdir()
    file.write_bytes(weights())
    return tmp_path


def test_the_list_says_what_is_here_and_what_the_rest_costs(iclight, capsys):
    code, out, _ = ran(capsys, "list", "--models", iclight)
    assert code == 0
    rows = {line.split()[0]: line for line in out.splitlines()[1:]}
    assert list(rows) == list(registry.MODELS)
    assert rows["iclight-fc"].split()[1] == "yes"
    assert rows["wan2.1-1.3b"].split()[1] == "no"
    assert "28.9 GB" in rows["wan2.1-1.3b"]
    assert "CreativeML OpenRAIL-M" in rows["realistic-vision-v51"]
    assert "all, optional" in rows["sam2.1-tiny"]


def test_the_list_is_data_for_programs(iclight, capsys):
    code, out, _ = ran(capsys, "list", "--models", iclight, "--json")
    records = {record["name"]: record for record in json.loads(out)}
    assert code == 0
    assert records["iclight-fc"]["path"] == str(iclight / "iclight-fc")
    assert records["wan2.1-1.3b"]["path"] is None
    assert records["wan2.1-1.3b"]["engine"] == "wan"
    assert [name for name in records if records[name]["optional"]] == ["sam2.1-tiny"]
    assert records["wan2.1-1.3b"]["licence"]["name"] == "Apache-2.0"


def test_a_path_is_printed_or_the_command_that_fetches_it(iclight, capsys):
    assert ran(capsys, "path", "iclight-fc", "--models", iclight)[:2] == (
        0,
        f"{iclight / 'iclight-fc'}\n",
    )
    code, out, err = ran(capsys, "path", "iclight-fbc", "--models", iclight)
    assert (code, out) == (1, "")
    assert "lav models pull iclight-fbc" in err


def test_whole_weights_pass_and_broken_ones_fail_with_the_file(iclight, capsys):
    assert ran(capsys, "verify", "--models", iclight)[:2] == (0, "ok  iclight-fc\n")
    file = iclight / "iclight-fc" / "iclight_sd15_fc.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    code, _, err = ran(capsys, "verify", "iclight-fc", "--models", iclight)
    assert code == 1
    assert f"{file} cannot be used: it is cut off" in err


@pytest.fixture
def wan(tmp_path: Path) -> Path:
    """A folder with a video model whose networks are one weight each."""
    for part, stem in (
        ("transformer", "diffusion_pytorch_model"),
        ("vae", "diffusion_pytorch_model"),
        ("text_encoder", "model"),
    ):
        folder = tmp_path / "wan2.1-1.3b" / part
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}")
        (folder / f"{stem}.safetensors").write_bytes(weights())
    (tmp_path / "wan2.1-1.3b" / "tokenizer").mkdir()
    (tmp_path / "wan2.1-1.3b" / "tokenizer" / "tokenizer.json").write_text("{}")
    return tmp_path


def _renamed(model: Path) -> None:
    (model / "text_encoder" / "model.safetensors").rename(
        model / "text_encoder" / "diffusion_pytorch_model.safetensors"
    )


@pytest.mark.parametrize(
    ("breakage", "named"),
    [
        (_renamed, "text_encoder"),
        (lambda model: (model / "tokenizer" / "tokenizer.json").write_text("{"), "tokenizer.json"),
        (lambda model: (model / "tokenizer" / "tokenizer.json").unlink(), "tokenizer"),
        (lambda model: shutil.rmtree(model / "tokenizer"), "tokenizer"),
        (
            lambda model: (model / "vae" / "x.safetensors.index.json").write_text(
                '{"weight_map": null}'
            ),
            "x.safetensors.index.json",
        ),
    ],
    ids=["renamed", "junk", "no vocabulary", "no tokenizer", "no map"],
)
def test_what_cannot_run_is_not_whole(wan, capsys, breakage, named):
    assert ran(capsys, "verify", "--models", wan)[:2] == (0, "ok  wan2.1-1.3b\n")
    breakage(wan / "wan2.1-1.3b")
    code, out, err = ran(capsys, "verify", "--models", wan)
    assert (code, out) == (1, "")
    assert f"{named} cannot be used" in err
    listed = ran(capsys, "list", "--models", wan)[1].splitlines()
    assert next(row.split()[1] for row in listed if row.startswith("wan2.1-1.3b")) == "broken"


def test_an_unknown_name_is_a_mistake_in_the_command(capsys):
    code, _, err = ran(capsys, "pull", "wan9")
    assert code == 2
    assert "no model called 'wan9'" in err


SERVED = {
    "README.md": b"IC-Light",
    "iclight_sd15_fc.safetensors": weights(),
    "iclight_sd15_fbc.safetensors": weights()[:-1],
}


class Hub(BaseHTTPRequestHandler):
    """Speaks as much of Hugging Face's protocol as one repository takes."""

    commit = "a" * 40
    repo = "/api/models/lllyasviel/ic-light"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        answers = {
            f"{self.repo}/revision/main": json.dumps({"id": "x", "sha": self.commit}).encode(),
            f"{self.repo}/tree/{self.commit}": json.dumps(
                [
                    {"type": "file", "path": name, "size": len(file), "oid": sha1(file).hexdigest()}
                    for name, file in SERVED.items()
                ]
            ).encode(),
        }
        answer = answers.get(path, SERVED.get(path.rpartition("/")[2]))
        self.send_response(404 if answer is None else 200)
        answer = answer or b""
        self.send_header("X-Repo-Commit", self.commit)
        self.send_header("ETag", f'"{sha1(answer).hexdigest()}"')
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(answer)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def pulled(tmp_path: Path, name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: Hugging Face's library reads the environment once."""
    everything = {**os.environ, "HF_HOME": str(tmp_path / "hf"), **environment}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, "models", "pull", name],
        env=everything,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_model_is_fetched_alone_checked_and_found_again_offline(tmp_path, hub):
    pytest.importorskip("huggingface_hub")
    result = pulled(tmp_path, "iclight-fc", HF_ENDPOINT=hub)
    assert result.returncode == 0, result.stderr
    folder = Path(result.stdout.strip())
    assert [file.name for file in folder.iterdir()] == ["iclight_sd15_fc.safetensors"]
    again = pulled(tmp_path, "iclight-fc", HF_HUB_OFFLINE="1")
    assert (again.returncode, again.stdout) == (0, result.stdout)


def test_a_model_that_arrives_broken_is_told_at_once(tmp_path, hub):
    pytest.importorskip("huggingface_hub")
    result = pulled(tmp_path, "iclight-fbc", HF_ENDPOINT=hub)
    assert (result.returncode, result.stdout) == (1, "")
    assert "cut off" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "environment", [{"HF_ENDPOINT": "http://127.0.0.1:9"}, {"HF_HUB_OFFLINE": "1"}], ids=str
)
def test_no_network_is_one_sentence_with_the_licence_before_it(tmp_path, environment):
    pytest.importorskip("huggingface_hub")
    result = pulled(tmp_path, "iclight-fc", **environment)
    assert result.returncode == 1
    assert result.stdout == ""
    licence, sentence = result.stderr.splitlines()
    assert "Apache-2.0" in licence
    assert sentence.startswith("IC-Light could not be fetched from lllyasviel/ic-light: ")
    assert ("HF_HUB_OFFLINE or" in sentence) == ("HF_HUB_OFFLINE" in environment)
    assert ("Check the network" in sentence) == ("HF_ENDPOINT" in environment)
    assert not list(tmp_path.rglob("*.safetensors"))


def test_a_full_disk_is_noticed_before_the_download(tmp_path, capsys, monkeypatch):
    pytest.importorskip("huggingface_hub")
    monkeypatch.setattr("shutil.disk_usage", lambda _: _Full())
    code, _, err = ran(capsys, "pull", "iclight-fc", "--models", tmp_path / "models")
    assert code == 3
    assert "takes about 1.7 GB, 1.0 GB are free" in err
    assert not (tmp_path / "models").exists()


class _Full:
    free = 10**9
