"""Every call of Resolve in our code is in the table of its interface, with arguments that fit."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from resolve.fake.api import Signature, table

from lav_plugin.resolve import edition

CODE = sorted((Path(__file__).parents[2] / "plugin" / "lav_plugin" / "resolve").glob("*.py"))
NAME = re.compile(r"[A-Z][a-z]+([A-Z][A-Za-z]*)*")


def calls(path: Path) -> Iterator[tuple[str, int, int]]:
    """Method, number of arguments and line of what is called on something, also by `each`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called, given = node.func, node.args
        if isinstance(called, ast.Attribute) and NAME.fullmatch(called.attr):
            yield called.attr, len(given), node.lineno
        if isinstance(called, ast.Name) and called.id == "each":
            method = given[1]
            assert isinstance(method, ast.Constant), f"{path.name}:{node.lineno}"
            yield str(method.value), len(given) - 2, node.lineno


def signatures(method: str) -> list[Signature]:
    return [methods[method] for methods in table().values() if method in methods]


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.stem)
def test_calls_are_in_the_table_with_a_fitting_number_of_arguments(path: Path) -> None:
    for method, count, line in calls(path):
        known = signatures(method)
        assert known, f"{path.name}:{line}: {method} is not in the table"
        fits = [one for one in known if one.least <= count <= one.most]
        assert fits, f"{path.name}:{line}: {method} does not take {count} arguments"


def test_the_calls_are_found() -> None:
    found = {method for path in CODE for method, _, _ in calls(path)}
    assert {
        "AppendToTimeline",
        "AddTake",
        "SaveProject",
        "GetUniqueId",
        "SetRenderSettings",
    } <= found
    assert len(found) > 70


def test_no_call_is_for_studio_alone() -> None:
    found = {method for path in CODE for method, _, _ in calls(path)}
    assert not found & edition.STUDIO_ONLY


def test_studios_own_methods_are_those_of_the_table() -> None:
    flagged = {
        name for methods in table().values() for name, one in methods.items() if one.is_studio
    }
    assert flagged == edition.STUDIO_ONLY - {"UIManager"}


def test_methods_that_are_not_in_every_version_are_asked_for_by_version() -> None:
    """Each stands in a function that asks, or that is only called where one has asked."""
    newest = {"GetSelectedClips": "SELECTED", "GetMarkInOut": "MARKS", "GetNodeGraph": "NODES"}
    newest |= {"GetSourceStartFrame": "SOURCE", "GetSourceEndTime": "SOURCE"}
    for path in CODE:
        said = path.read_text(encoding="utf-8")
        for method, constant in newest.items():
            if f".{method}(" in said:
                assert f"has({constant})" in said, f"{path.name}: {method}"
