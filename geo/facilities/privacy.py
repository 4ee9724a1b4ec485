"""Small numbers (小数抑制): counts of people that would point at persons are not given out."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def small(counts: tuple[int, ...], least: int) -> bool:
    """Whether any of a cell's counts is of a few people. None at all says nothing of anybody."""
    return any(0 < c < least for c in counts)


def hidden(cells: Mapping[Key, tuple[int, ...]], least: int, total_public: bool = True) -> frozenset[Key]:
    """The cells of one total that must not be shown: the small ones, and enough others.

    cells: counts by cell, all of one sum that is public (elders, covered, not covered …). Where one cell alone
    is hidden, or the hidden ones sum to few people, the total gives them away: further cells are hidden with
    them, the smallest first, until at least two are and no hidden sum is small (补充抑制).
    """
    out = {key for key, counts in cells.items() if small(counts, least)}
    if not out or not total_public:
        return frozenset(out)
    rest = sorted(
        (key for key in cells if key not in out), key=lambda k: (sum(cells[k]) == 0, sum(cells[k]), str(k))
    )
    width = len(next(iter(cells.values())))
    while rest and (len(out) < 2 or any(0 < sum(cells[k][i] for k in out) < least for i in range(width))):
        out.add(rest.pop(0))
    return frozenset(out)
