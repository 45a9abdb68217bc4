"""The table of Resolve's interface beside the stubs that others have made of it.

They are on PyPI as fusionscript-stubs; where they are not installed there is nothing to compare.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, files

import pytest
from resolve.fake.api import Signature, table

SIMPLE = {"str": "str", "int": "int", "bool": "bool", "float": "number"}
NEWER = {"GetSelectedClips", "GetTimeline", "GetProjectAttributesInCurrentFolder"}  # than they are


def stubs() -> ast.Module:
    try:
        found = [one for one in files("fusionscript-stubs") or () if one.name == "fusionscript.pyi"]
    except PackageNotFoundError:
        pytest.skip("fusionscript-stubs are not installed")
    return ast.parse(found[0].read_text(encoding="utf-8"))


def methods() -> Iterator[tuple[str, ast.FunctionDef, Signature | None]]:
    """Of the objects that both know; those with overloads are merged in the table, and left out."""
    for kind in stubs().body:
        if isinstance(kind, ast.ClassDef) and kind.name in table():
            for one in kind.body:
                if isinstance(one, ast.FunctionDef) and not one.decorator_list:
                    yield kind.name, one, table()[kind.name].get(one.name)


def test_every_method_of_the_stubs_is_in_the_table() -> None:
    missing = [f"{kind}.{one.name}" for kind, one, known in methods() if known is None]
    assert missing == []


def test_the_table_takes_as_many_arguments_of_the_same_types() -> None:
    wrong = []
    for kind, one, known in methods():
        given = one.args.args[1:]
        if known is None or one.args.vararg:
            continue
        if len(given) != known.most:
            wrong.append(f"{kind}.{one.name}: {len(given)} arguments, {known.most} in the table")
        for argument, said in zip(given, known.arguments, strict=False):
            name = argument.annotation.id if isinstance(argument.annotation, ast.Name) else ""
            wanted, has = SIMPLE.get(name, "any"), said.rstrip("?")
            is_alike = "any" in (wanted, has) or has == wanted or {has, wanted} == {"int", "number"}
            if not is_alike:
                wrong.append(f"{kind}.{one.name}: {argument.arg} is {name}, {has} in the table")
    assert wrong == []


def test_the_table_has_no_methods_of_its_own() -> None:
    known: dict[str, set[str]] = {}
    for kind in stubs().body:
        if isinstance(kind, ast.ClassDef) and kind.name in table():
            known[kind.name] = {one.name for one in kind.body if isinstance(one, ast.FunctionDef)}
    extra = {
        name
        for kind, names in known.items()
        for name in set(table()[kind]) - names
        if not name.endswith(("Preset", "PresetList"))
    }
    assert extra == NEWER
