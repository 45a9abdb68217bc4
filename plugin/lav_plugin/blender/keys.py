"""As few keyframes as say the same. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence

Numbers = Sequence[float]


def thinned(samples: Sequence[Numbers]) -> list[int]:
    """Which samples to keep so that straight lines between them miss no number by more than 1.

    One alone where nothing changes (Ramer, Douglas, Peucker).
    """
    if all(_off(samples[0], one) <= 1 for one in samples):
        return [0]
    kept, open = {0, len(samples) - 1}, [(0, len(samples) - 1)]
    while open:
        first, last = open.pop()
        worst, at = 1.0, 0
        for between in range(first + 1, last):
            t = (between - first) / (last - first)
            line = [a + t * (b - a) for a, b in _pairs(samples[first], samples[last])]
            off = _off(line, samples[between])
            if off > worst:
                worst, at = off, between
        if at:
            kept.add(at)
            open += [(first, at), (at, last)]
    return sorted(kept)


def _off(a: Numbers, b: Numbers) -> float:
    return max(abs(x - y) for x, y in _pairs(a, b))


def _pairs(a: Numbers, b: Numbers) -> list[tuple[float, float]]:
    return list(zip(a, b))  # noqa: B905  (3.9 has no strict)
