"""Compiled loops: numba when first called, kept on disk where there is a place for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from numba import njit


@cache
def compiled(function: Callable[..., None]) -> Callable[..., None]:
    """`function` as machine code that releases the interpreter's lock. NaN must not go in."""
    options = {"nogil": True, "fastmath": True, "error_model": "numpy"}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # a read-only installation, and no home to write to either
        return njit(**options)(function)
