"""The types of `spec` as JSON and back, every number exactly. Standard library only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from fractions import Fraction
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def plain(value: Any, of_path: Callable[[Path], str] = str) -> Any:
    """What `json` can write; `of_path` says what stands for a path."""
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name), of_path) for f in fields(value)}
    if isinstance(value, tuple):
        return [plain(item, of_path) for item in value]
    if isinstance(value, Path):
        return of_path(value)
    return str(value) if isinstance(value, Fraction) else value


def typed(kind: Any, value: Any) -> Any:
    """The other way round. Raises ValueError, TypeError or KeyError where `value` is no `kind`."""
    if get_origin(kind) in (Union, UnionType):
        return None if value is None else typed(_needed(kind), value)
    if get_origin(kind) is tuple:
        kinds = get_args(kind)
        each = kinds[:1] * len(value) if kinds[-1] is Ellipsis else kinds
        return tuple(typed(one, item) for one, item in zip(each, value, strict=True))
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: typed(hints[name], item) for name, item in dict(value).items()})  # pyright: ignore[reportCallIssue]
    return kind(value)


def _needed(kind: Any) -> Any:
    """X of X | None."""
    return next(one for one in get_args(kind) if one is not NoneType)
