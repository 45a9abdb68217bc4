"""Resolve's objects from afar: what comes back, what may be given, what is let go."""

from __future__ import annotations

import gc
import threading
from typing import Any

import pytest
from resolve.here import HELLO, Here
from resolve.vectors import ODD, Item, World

from lav_client.resolve_link import Absent, Failed, Gone, Link
from lav_client.resolve_proxy import TOGETHER, connect


class Full(World):
    def GetMarkers(self, first: int) -> dict[Any, Any]:
        return {first: {"color": "Blue", "name": ODD}} if first else {}

    def GetSame(self, item: Item) -> Item:
        return item

    def SetClip(self, item: Item, pairs: list[dict[str, Any]]) -> str:
        return pairs[0]["mediaPoolItem"].GetName() + item.GetName()


@pytest.fixture
def here() -> Here:
    return Here(Full())


@pytest.fixture
def resolve(here) -> Any:
    return connect(Link(here))


def test_values_come_back_as_resolve_gives_them(resolve):
    assert resolve.GetVersion() == [21, 1, 0, 14, ""]
    assert resolve.Nothing() is None
    assert resolve.Echo(True) is True
    assert (type(resolve.Number("25")), resolve.Number("0.5")) == (int, 0.5)
    assert resolve.GetMarkers(1) == {1: {"color": "Blue", "name": ODD}}
    assert resolve.GetMarkers(0) == {}
    assert [item.GetName() for item in resolve.GetItemListInTrack("video", 1)] == [
        "video 1.0",
        "video 1.1",
    ]


def test_objects_go_back_as_themselves_alone_and_inside(resolve):
    first, second = resolve.GetItemListInTrack("video", 1)
    assert resolve.SetClip(first, [{"mediaPoolItem": second}]) == "video 1.1video 1.0"
    assert resolve.GetSame(first).GetName() == "video 1.0"


def test_a_constant_is_good_as_an_argument(resolve):
    assert resolve.Given("a.otio", resolve.EXPORT_OTIO) == "2 a.otio 7"


@pytest.mark.parametrize("said", [{"values": [{}]}, {"values": [[]]}])
def test_lua_s_empty_table_is_what_the_method_is_documented_to_give(here, resolve, said):
    here.executor.answer = lambda request: {"n": request["n"], **said}
    assert resolve.GetMarkers(1) == {}
    assert resolve.GetItemListInTrack("video", 1) == []


def test_lua_s_table_of_keys_1_and_2_is_a_dict_where_the_method_gives_one(here, resolve):
    marker = {"=": [["color", "Blue"]]}
    here.executor.answer = lambda request: {"n": request["n"], "values": [[marker, marker]]}
    assert resolve.GetMarkers(1) == {1: {"color": "Blue"}, 2: {"color": "Blue"}}


def test_many_calls_travel_together(here, resolve):
    items = resolve.GetItemListInTrack("video", 1)
    before = len(here.requests)
    calls = [(item, "GetName") for item in items] * TOGETHER
    assert resolve.many(calls) == ["video 1.0", "video 1.1"] * TOGETHER
    assert len(here.requests) - before == 2
    assert resolve.many([]) == []


def test_what_the_api_lacks_raises_as_calling_none_does(resolve):
    with pytest.raises(TypeError, match="has no GetSelectedClips"):
        resolve.GetSelectedClips()
    with pytest.raises(Absent):
        resolve.Given(resolve.EXPORT_X)


def test_what_fails_in_resolve_names_the_call(resolve):
    with pytest.raises(Failed, match="Fails: cannot"):
        resolve.many([(resolve, "GetVersion"), (resolve, "Fails")])


def test_private_names_are_not_asked_for(here, resolve):
    with pytest.raises(AttributeError):
        _ = resolve.__len__
    assert here.requests == []


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**60, [None], object(), {"@": 1}, b"", len]
)
def test_what_cannot_travel_is_refused_before_it_does(here, resolve, value):
    with pytest.raises(TypeError, match="cannot be given to Resolve"):
        resolve.Echo(value)
    assert here.requests == []


def test_no_call_that_is_guarded_against_leaves(here):
    def guard(method: str) -> None:
        if method == "GetItem":
            raise PermissionError(method)

    resolve = connect(Link(here), guard)
    with pytest.raises(PermissionError):
        resolve.many([(resolve, "GetVersion"), (resolve, "GetItem", "a")])
    assert here.requests == []
    (first, _) = resolve.GetItemListInTrack("video", 1)
    with pytest.raises(PermissionError):
        first.GetItem()


def test_objects_nobody_holds_are_let_go_with_the_next_request(here, resolve):
    items = resolve.GetItemListInTrack("video", 1)
    assert set(here.executor.objects) == {0, 1, 2}
    del items
    gc.collect()
    resolve.GetVersion()
    assert set(here.executor.objects) == {0}


def test_objects_of_calls_before_one_that_failed_are_let_go_too(here, resolve):
    with pytest.raises(Failed):
        resolve.many([(resolve, "GetItemListInTrack", "video", 1), (resolve, "Fails")])
    assert set(here.executor.objects) == {0, 1, 2}
    resolve.GetVersion()
    assert set(here.executor.objects) == {0}


def test_threads_take_turns(resolve):
    failures: list[BaseException] = []

    def ask(word: str) -> None:
        try:
            assert [resolve.Echo(word) for _ in range(50)] == [word] * 50
        except AssertionError as error:
            failures.append(error)

    threads = [threading.Thread(target=ask, args=(word,)) for word in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_script_that_stops_answering_is_gone_for_every_later_call(here):
    link = Link(here, pause=0.02, sign_limit=0.1)
    here.answers.put(HELLO)
    assert link.hello().language == "python"
    here.is_mute = True
    assert link.gone.wait(5)
    with pytest.raises(Gone):
        connect(link).GetVersion()
    link.close()


def test_a_script_is_asked_for_a_sign_of_life_while_nothing_else_is(here):
    link = Link(here, pause=0.02, sign_limit=5)
    here.answers.put(HELLO)
    link.hello()
    threading.Event().wait(0.3)
    link.end("")
    signs = [request for request in here.requests if set(request) == {"n"}]
    assert len(signs) >= 3
    assert not link.gone.is_set()
    count = len(here.requests)
    threading.Event().wait(0.1)
    assert len(here.requests) == count


def test_a_script_of_another_contract_is_named(here):
    link = Link(here)
    here.answers.put({"hello": {"contract": 2, "language": "lua", "script": "0.9.0"}})
    with pytest.raises(Exception, match=r"0\.9\.0.*lav install resolve"):
        link.hello()
    link.end("")
