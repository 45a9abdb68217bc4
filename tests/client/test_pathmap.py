"""The same file under two names, on the wire and back, whichever system either side runs."""

from __future__ import annotations

import pytest

from lav_client.pathmap import FIELDS, PathMap
from lav_engine.errors import LavError
from lav_proto.v1 import relight_pb2 as pb

MAP = PathMap.of(
    [("/Volumes/footage", "/mnt/footage"), ("/Volumes/footage/b", "/srv/b"), ("P:\\", "/mnt/p")]
)
PATHS = ("path", "mask", "sheet", "light_image", "models")  # what the wire calls its paths


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("/Volumes/footage/a/clip.mov", "/mnt/footage/a/clip.mov"),
        ("/Volumes/footage", "/mnt/footage"),
        ("/Volumes/footage/b/clip.mov", "/srv/b/clip.mov"),
        ("P:\\shots\\clip.mov", "/mnt/p/shots/clip.mov"),
        ("/elsewhere/clip.mov", "/elsewhere/clip.mov"),
        ("/Volumes/footage2/clip.mov", "/Volumes/footage2/clip.mov"),
    ],
)
def test_a_path_goes_there_and_comes_back(here: str, there: str) -> None:
    assert MAP.there(here) == there
    assert MAP.here(there) == here


def test_windows_letters_are_one_whatever_their_case() -> None:
    assert MAP.there("p:/Shots/clip.mov") == "/mnt/p/Shots/clip.mov"


def test_a_server_on_windows_gets_its_own_separators() -> None:
    windows = PathMap.of([("/Volumes/footage", "\\\\nas\\footage")])
    assert windows.there("/Volumes/footage/a/clip.mov") == "\\\\nas\\footage\\a\\clip.mov"
    assert windows.here("\\\\NAS\\footage\\a\\clip.mov") == "/Volumes/footage/a/clip.mov"


def test_dots_do_not_step_out_of_a_prefix() -> None:
    assert MAP.there("/Volumes/footage/../secret/clip.mov") == "/Volumes/footage/../secret/clip.mov"


@pytest.mark.parametrize(
    "pairs", [[("footage", "/mnt")], [("/a", "b")], [("/a", "/b"), ("/a/", "/c")]]
)
def test_a_map_that_cannot_be_is_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(LavError):
        PathMap.of(pairs)


def request() -> pb.RelightRequest:
    return pb.RelightRequest(
        clip=pb.ClipRange(path="/Volumes/footage/clip.mov"),
        mask="/Volumes/footage/matte.mov",
        diffusion=pb.Diffusion(
            light_image="/Volumes/footage/light.png",
            models="/Volumes/footage/models",
            image_loras=[pb.Lora(path="/Volumes/footage/a.safetensors")],
        ),
        output=pb.Output(path="/Volumes/footage/take.mov", sheet="/Volumes/footage/sheet.png"),
    )


def test_every_path_of_a_request_is_mapped_and_the_request_stays_as_it_was() -> None:
    asked = pb.SubmitJobRequest(request=request())
    sent = MAP.to_server(asked)
    assert "/Volumes" not in str(sent)
    assert str(sent).count("/mnt/footage/") == 7
    assert asked.request == request()
    assert MAP.from_server(sent).request == request()


def test_the_sentences_of_a_problem_name_folders_here() -> None:
    job = pb.Job(problem=pb.Problem(message="/mnt/footage/clip.mov is cut short."))
    assert MAP.from_server(job).problem.message == "/Volumes/footage/clip.mov is cut short."


def test_no_path_of_the_wire_is_forgotten() -> None:
    """Those of the server alone are never shown to another machine: map_folder, folder."""
    named = {
        (message.name, field.name)
        for message in pb.DESCRIPTOR.message_types_by_name.values()
        for field in message.fields
        if field.name in PATHS and field.type == field.TYPE_STRING
    }
    assert named == {(kind.DESCRIPTOR.name, name) for kind in FIELDS for name in FIELDS[kind]}
