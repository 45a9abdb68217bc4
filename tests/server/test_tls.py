"""Another machine: only with the certificate's authority and the token, and then as one at home."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from lav_client.cli import run
from lav_client.client import Client, connect
from lav_client.pathmap import PathMap
from lav_client.remote import Remote
from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_proto.v1 import relight_pb2_grpc
from lav_server import discovery, tls
from lav_server.config import from_arguments
from lav_server.wire import PROTOCOL

HERE = "/Volumes/footage"  # the storage, as the client's machine calls it


@dataclass(frozen=True)
class Studio:
    """A server with TLS, and a way to it from elsewhere."""

    home: Path
    footage: Path  # the storage, as the server calls it
    remote: Remote


@pytest.fixture(scope="module")
def studio(running_server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    base = tmp_path_factory.mktemp("studio")
    (base / "footage").mkdir()
    tls.init(base / "tls", ["127.0.0.1"])
    options = ("--tls", base / "tls", "--port", 0)
    with running_server(base / "home", base / "footage", *options):
        found = discovery.read(base / "home")
        yield Studio(
            base / "home",
            base / "footage",
            Remote(
                f"127.0.0.1:{found.tls_port}",
                (base / "tls" / "token").read_text(),
                (base / "tls" / "ca.pem").read_bytes(),
                PathMap.of([(HERE, str(base / "footage"))]),
            ),
        )


@pytest.fixture
def client(studio: Studio) -> Iterator[Client]:
    with connect(studio.remote) as client:
        yield client


def refused(remote: Remote) -> LavError:
    with pytest.raises(LavError) as refused:
        connect(remote)
    assert refused.value.message.endswith(".")
    assert refused.value.hint
    return refused.value


def test_the_daemon_answers_over_tls(client: Client) -> None:
    assert "fault" in {engine.name for engine in client.server_info().engines}


def test_a_wrong_token_is_refused(studio: Studio) -> None:
    for token in ("wrong", "", studio.remote.token[:-1], studio.remote.token + "x"):
        error = refused(replace(studio.remote, token=token))
        assert error.code == Code.unauthenticated
        assert "tls-init" in error.hint


def test_a_certificate_of_another_authority_is_refused(studio: Studio, tmp_path: Path) -> None:
    tls.init(tmp_path / "other", ["127.0.0.1"])
    error = refused(replace(studio.remote, ca=(tmp_path / "other" / "ca.pem").read_bytes()))
    assert error.code == Code.unauthenticated
    assert "not one that --ca vouches for" in error.message


def test_a_certificate_for_another_name_is_refused(studio: Studio) -> None:
    port = studio.remote.address.rpartition(":")[2]
    error = refused(replace(studio.remote, address=f"localhost:{port}"))
    assert "another name" in error.message


def test_a_port_without_tls_is_sent_nothing(studio: Studio) -> None:
    found = discovery.read(studio.home)
    assert found is not None
    assert "does not speak TLS" in refused(replace(studio.remote, address=found.address)).message


def test_nothing_is_said_without_tls(studio: Studio) -> None:
    metadata = (("authorization", f"Bearer {studio.remote.token}"),)
    with grpc.insecure_channel(studio.remote.address) as channel:
        with pytest.raises(grpc.RpcError) as dropped:
            relight_pb2_grpc.RelightStub(channel).GetServerInfo(
                pb.GetServerInfoRequest(), timeout=10, metadata=metadata
            )
        assert dropped.value.code() == grpc.StatusCode.UNAVAILABLE


def test_a_server_that_is_not_there_is_named(studio: Studio) -> None:
    error = refused(replace(studio.remote, address="127.0.0.1:1"))
    assert error.code == Code.server_down
    assert "127.0.0.1:1" in error.message


def test_health_needs_no_token_over_tls(studio: Studio) -> None:
    credentials = grpc.ssl_channel_credentials(studio.remote.ca)
    with grpc.secure_channel(studio.remote.address, credentials) as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_at_home_the_server_is_found_as_ever(studio: Studio) -> None:
    with connect(studio.home, start=False) as client:
        assert client.server_info().server_id


def test_a_job_goes_there_and_its_take_comes_back(
    studio: Studio, client: Client, make_clip
) -> None:
    make_clip(studio.footage / "clip.mp4")
    facts = client.probe(Path(f"{HERE}/clip.mp4")).facts
    assert (facts.path, facts.frames) == (f"{HERE}/clip.mp4", 24)
    request = pb.RelightRequest(
        clip=pb.ClipRange(path=f"{HERE}/clip.mp4"),
        engine="fault",
        light=pb.LightRequest(lamp=pb.Lamp(azimuth=-60)),
        output=pb.Output(path=f"{HERE}/take.mp4", sheet=f"{HERE}/sheet.png"),
    )
    job = client.submit(request)
    assert job.request.output.path == f"{HERE}/take.mp4"
    last = list(client.watch(job.id))[-1].job
    assert last.state == pb.JOB_STATE_DONE, last.problem
    for take in (last.take, client.job(job.id).take, client.jobs()[0].take):
        assert (take.path, take.sheet) == (f"{HERE}/take.mp4", f"{HERE}/sheet.png")
        assert take.clip.path == f"{HERE}/clip.mp4"
    assert (studio.footage / "take.mp4").stat().st_size > 0
    assert (studio.footage / "sheet.png").stat().st_size > 0
    with pytest.raises(LavError) as taken:
        client.submit(request)
    assert taken.value.code == Code.output_exists


@pytest.fixture
def lav(studio: Studio, tmp_path: Path) -> Callable[..., int]:
    """The command on a machine that knows the storage by a name of its own."""
    (tmp_path / "here").symlink_to(studio.footage)
    (tmp_path / "token").write_text(studio.remote.token)
    (tmp_path / "ca.pem").write_bytes(studio.remote.ca)
    (tmp_path / "remote.toml").write_text(
        f'[servers."{studio.remote.address}"]\nca = "ca.pem"\ntoken_file = "token"\n'
        f'[servers."{studio.remote.address}".paths]\n"{tmp_path}/here" = "{studio.footage}"\n'
    )
    start = ["--home", str(tmp_path), "--server", studio.remote.address]
    return lambda *words: run([*start, *map(str, words)])


def test_the_command_relights_there_and_writes_the_rest_here(
    studio: Studio, lav, tmp_path: Path, make_clip, capsys: pytest.CaptureFixture[str]
) -> None:
    make_clip(studio.footage / "shot.mp4")
    here = tmp_path / "here"
    words = ("relight", here / "shot.mp4", "--from", "left", "--engine", "fault", "--json")
    assert lav(*words, "--otio", tmp_path / "shot.otio") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["output"] == str(here / "shot_relit.mp4")
    assert (studio.footage / "shot_relit.mp4").exists()
    timeline = (tmp_path / "shot.otio").read_text()
    assert str(here / "shot.mp4") in timeline
    assert str(here / "shot_relit.mp4") in timeline
    assert str(studio.footage) not in timeline
    assert lav("jobs", "list") == 0
    assert str(here / "shot_relit.mp4") in capsys.readouterr().out


def test_the_command_shows_that_server_and_neither_starts_nor_stops_it(
    studio: Studio, lav, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lav("server", "status", "--json") == 0
    assert json.loads(capsys.readouterr().out)["address"] == studio.remote.address
    for words in (("start",), ("stop",), ("install-service", "--dry-run"), ("uninstall-service",)):
        assert lav("server", *words) == 2
        assert "of this computer" in capsys.readouterr().err
    with connect(studio.remote) as client:
        assert client.server_info().server_id


def test_a_server_of_another_protocol_is_refused_in_a_sentence(tmp_path: Path) -> None:
    """Whatever else it is, its first answer is understood."""

    class Later(relight_pb2_grpc.RelightServicer):
        def GetServerInfo(self, request: object, context: object) -> pb.ServerInfo:
            return pb.ServerInfo(protocol=PROTOCOL + 1, version="9.0")

    tls.init(tmp_path, ["127.0.0.1"])
    identity = tls.read(tmp_path)
    server = grpc.server(ThreadPoolExecutor(1))
    relight_pb2_grpc.add_RelightServicer_to_server(Later(), server)
    pair = (identity.key, identity.certificate)
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
    server.start()
    ca = (tmp_path / "ca.pem").read_bytes()
    error = refused(Remote(f"127.0.0.1:{port}", identity.token, ca))
    server.stop(0).wait()
    assert error.code == Code.version_skew
    assert f"protocol {PROTOCOL + 1}, this program {PROTOCOL}" in error.message
    assert error.hint == "Update lav-bridge here."


def test_sentences_for_others_name_no_home_and_folders_by_their_names(
    studio: Studio, client: Client
) -> None:
    for path in (f"{HERE}/none.mov", "/etc/passwd", str(studio.home / "none.mov")):
        with pytest.raises(LavError) as said:
            client.probe(Path(path))
        assert str(studio.home.parent) not in str(said.value)
        assert str(Path.home()) not in str(said.value)
    with (
        connect(studio.home, start=False) as local,
        pytest.raises(LavError, match=str(studio.footage)),
    ):
        local.probe(studio.footage / "none.mov")


def test_those_elsewhere_are_not_told_to_restart_a_server_of_theirs(client: Client) -> None:
    with pytest.raises(LavError) as outside:
        client.probe(Path("/proc/cpuinfo"))
    assert outside.value.code == Code.outside_roots
    assert "ask whoever runs that server" in outside.value.hint
    assert "lav server" not in outside.value.hint


def test_a_job_that_failed_names_no_home_to_others(
    studio: Studio, client: Client, make_clip
) -> None:
    make_clip(studio.footage / "lost.mp4")
    request = pb.RelightRequest(
        clip=pb.ClipRange(path=f"{HERE}/lost.mp4"),
        engine="fault",
        light=pb.LightRequest(lamp=pb.Lamp(azimuth=-60)),
        prompts=pb.Prompts(relight="error"),
        output=pb.Output(path=f"{HERE}/failed.mp4"),
    )
    job = client.submit(request)
    last = list(client.watch(job.id))[-1].job
    assert last.state == pb.JOB_STATE_FAILED
    for one in (last, client.job(job.id), *client.jobs()):
        assert str(studio.home.parent) not in str(one)


# --- what a server needs for it -------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "gpu.studio", "127.0.0.2", ""])
def test_without_tls_the_server_listens_on_this_computer_alone(host: str) -> None:
    with pytest.raises(LavError, match="does not listen") as refused:
        from_arguments(["--host", host], {})
    assert "tls-init" in refused.value.hint


def test_the_daemon_says_so_in_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lav_server.cli", "--home", tmp_path, "--host", "0.0.0.0"]
    failed = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert failed.returncode == 1
    assert failed.stderr.count("\n") == 1
    assert "does not listen on 0.0.0.0 without TLS" in failed.stderr
    assert list(tmp_path.iterdir()) == []


def test_secrets_are_for_their_owner_alone(tmp_path: Path) -> None:
    tls.init(tmp_path / "tls", ["gpu.studio", "10.0.0.2", "fe80::1"])
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "tls").iterdir()}
    assert modes == {"ca.pem": 0o644, "server.pem": 0o644, "server.key": 0o600, "token": 0o600}
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700
    for name in ("server.key", "token"):
        (tmp_path / "tls" / name).chmod(0o640)
        with pytest.raises(LavError, match="Other users"):
            tls.read(tmp_path / "tls")
        (tmp_path / "tls" / name).chmod(0o600)
    assert tls.read(tmp_path / "tls").token


def test_a_token_that_could_be_guessed_is_refused(tmp_path: Path) -> None:
    tls.init(tmp_path, ["gpu.studio"])
    (tmp_path / "token").write_text("\n")
    with pytest.raises(LavError, match="could be guessed"):
        tls.read(tmp_path)


def test_nothing_made_before_is_replaced(tmp_path: Path) -> None:
    tls.init(tmp_path, ["gpu.studio"])
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(LavError, match="exists already"):
        tls.init(tmp_path, ["gpu.studio"])
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_name_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LavError, match="neither a host name"):
        tls.init(tmp_path / "tls", ["gpu.stüdio"])
    assert not (tmp_path / "tls").exists()


def test_a_folder_without_them_is_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lav_server.cli", "--home", tmp_path / "home"]
    failed = subprocess.run(
        [*command, "--tls", tmp_path], capture_output=True, text=True, timeout=30
    )
    assert failed.returncode == 1
    assert "token cannot be read" in failed.stderr.splitlines()[-1]


def test_an_address_of_another_computer_is_a_sentence(tmp_path: Path) -> None:
    tls.init(tmp_path / "tls", ["gpu.studio"])
    command = [sys.executable, "-m", "lav_server.cli", "--home", tmp_path / "home"]
    command += ["--tls", tmp_path / "tls", "--host", "192.0.2.1"]  # RFC 5737: nobody's
    failed = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert failed.returncode == 1
    assert "192.0.2.1 cannot be used" in failed.stderr.splitlines()[-1]
    assert "Traceback" not in failed.stderr


def test_no_file_of_theirs_lets_a_client_make_certificates(tmp_path: Path) -> None:
    """The authority's own key is nowhere."""
    tls.init(tmp_path, ["gpu.studio"])
    keys = [path.name for path in tmp_path.iterdir() if b"PRIVATE KEY" in path.read_bytes()]
    assert keys == ["server.key"]


def test_the_server_shows_in_its_record_where_others_find_it(studio: Studio) -> None:
    found = discovery.read(studio.home)
    assert found is not None
    assert studio.remote.address.endswith(f":{found.tls_port}")
    assert found.token != studio.remote.token


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a b/c",
        "gpu.studio:7443",
        "-gpu",
        "gpu-",
        "a..b",
        ".studio",
        "300.0.0.1",
        "größe.studio",
    ],
)
def test_a_name_no_client_could_use_gets_no_certificate(tmp_path: Path, name: str) -> None:
    with pytest.raises(LavError, match="neither a host name nor an IP address"):
        tls.init(tmp_path / "tls", [name])
    assert not (tmp_path / "tls").exists()


@pytest.mark.parametrize("name", ["gpu", "gpu-1.studio", "render_2", "*.studio", "::1", "10.0.0.2"])
def test_a_name_that_clients_can_use_gets_one(tmp_path: Path, name: str) -> None:
    tls.init(tmp_path / "tls", [name])
    assert (tmp_path / "tls" / tls.CERTIFICATE).exists()


def test_nothing_is_said_on_stderr_before_the_sentence(studio, tmp_path: Path) -> None:
    """gRPC has words of its own for a handshake that fails."""
    tls.init(tmp_path / "other", ["127.0.0.1"])
    port = discovery.read(studio.home).tls_port
    secrets = ("--ca", tmp_path / "other" / tls.CA, "--token-file", tmp_path / "other" / tls.TOKEN)
    where = ("--home", tmp_path, "--server", f"127.0.0.1:{port}", *secrets)
    said = subprocess.run(
        [sys.executable, "-m", "lav_client.entry", *where, "presets"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.returncode == 4
    assert len(said.stderr.splitlines()) == 1, said.stderr
    assert said.stderr.startswith("The server's certificate")
