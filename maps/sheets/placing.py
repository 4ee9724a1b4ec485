"""Placing (注记配置): names laid on a sheet by importance, none over another, a symbol or the edge.

Pure geometry in millimetres on paper, y downwards. Greedy: the most important name takes the best of its
places, the next the best of what is left; a name without any place is left out and reported.
"""

from __future__ import annotations

import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: Millimetres of a point (1/72 inch).
POINT_MM = 25.4 / 72

#: Owner of the boxes along a line: names keep off it, symbols may stand on it.
LINE = -3

#: Side of the cells in which boxes are looked up.
CELL_MM = 12.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on paper."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two share more than an edge."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, other: Box) -> bool:
        """Whether all of it lies in the other."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )

    def grown(self, by: float) -> Box:
        """The box with a margin around it."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A name that asks for a place: at x, y; `sides` in order of preference, `gap` to the symbol at a side.

    key: whatever finds it again. smaller: sizes to try by turns, as shares of its own. reach: how far
    from its point its middle may come. symbol: radius of the name's own symbol at x, y, which needs its place too. along: places on a line instead, each x, y and the angle (degrees, clockwise
    on paper) at which the name follows it, `gap` above.
    """

    key: int
    text: str
    x: float
    y: float
    size_mm: float
    rank: float = 0.0
    spacing_em: float = 0.0
    sides: tuple[str, ...] = ("centre",)
    gap: float = 0.0
    must: bool = False
    smaller: tuple[float, ...] = (1.0,)
    reach: float = math.inf
    symbol: float = 0.0
    along: tuple[tuple[float, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """A name in its place: its middle, the boxes it covers, the angle it is turned by, its share of its size."""

    key: int
    x: float
    y: float
    boxes: tuple[Box, ...]
    angle: float = 0.0
    share: float = 1.0


#: Sides in the order that a reader likes: at the right of its dot, then left, above, below, corners.
AROUND = ("right", "left", "top", "bottom", "right-top", "right-bottom", "left-top", "left-bottom")
OVER = ("centre", "up", "down", "up2", "down2")


def width_em(text: str) -> float:
    """How wide a text is set, in its own size: 1 for a Chinese character, about the half for a Latin one.
    On the generous side, so that no box is too small."""
    return sum(_advance(character) for character in text)


def _advance(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if unicodedata.combining(character):
        return 0.0
    if character in "“”‘’—…·":
        return 1.0
    if character.isupper() or character in "mwMW@%&":
        return 0.78
    return 0.36 if character in " .,:;'il|!" else 0.6


def size_of(wanted: Wanted) -> tuple[float, float]:
    """Width and height of a name, millimetres."""
    spaced = max(len(wanted.text) - 1, 0) * wanted.spacing_em
    return (width_em(wanted.text) + spaced) * wanted.size_mm, 1.08 * wanted.size_mm


class Occupied:
    """Boxes already on the sheet, found by the cells they touch."""

    def __init__(self, boxes: Sequence[Box] = ()) -> None:
        self.cells: dict[tuple[int, int], list[tuple[Box, int]]] = defaultdict(list)
        for box in boxes:
            self.add(box)

    def add(self, box: Box, owner: int = -1) -> None:
        for cell in self._cells(box):
            self.cells[cell].append((box, owner))

    def meets(self, box: Box, owner: int = -2, *, over_lines: bool = False) -> bool:
        """Whether a box of another owner is in the way. over_lines: a line is not."""
        return any(
            box.meets(other) and by != owner and not (over_lines and by == LINE)
            for cell in self._cells(box)
            for other, by in self.cells.get(cell, ())
        )

    @staticmethod
    def _cells(box: Box) -> Iterator[tuple[int, int]]:
        for column in range(int(box.left // CELL_MM), int(box.right // CELL_MM) + 1):
            for row in range(int(box.top // CELL_MM), int(box.bottom // CELL_MM) + 1):
                yield column, row


def place(
    wanted: Sequence[Wanted], window: Box, symbols: Sequence[tuple[Box, int]] = (), taken: Sequence[Box] = ()
) -> tuple[list[Placed], list[Wanted], list[Wanted]]:
    """The names that find a place, those left out, and of these the ones whose symbol still stands alone.

    window: where names may stand. symbols: boxes of the symbols with the key of their own name, which may
    come near its own. taken: furniture on the map. Ties of rank go by text, so that the same names give the
    same sheet in any order.
    """
    occupied = Occupied(taken)
    for box, owner in symbols:
        occupied.add(box, owner)
    placed: list[Placed] = []
    left_out: list[Wanted] = []
    for one in sorted(wanted, key=lambda w: (not w.must, w.rank, w.text, w.x, w.y)):
        own = _symbol(one)
        chosen: Placed | None = None
        # A dot under a more important name is not drawn, and then neither is its own name.
        for option in (
            _options(one)
            if own is None or one.must or not occupied.meets(own, one.key, over_lines=True)
            else ()
        ):
            if not all(box.within(window) for box in option.boxes):
                continue
            if not any(occupied.meets(box.grown(0.25), one.key) for box in option.boxes):
                chosen = option
                break
            if one.must and chosen is None:
                chosen = option
        if chosen is None:
            left_out.append(one)
            continue
        for box in chosen.boxes:
            occupied.add(box)
        if own is not None:
            occupied.add(own, one.key)
        placed.append(chosen)
    bare = []
    for one in left_out:
        own = _symbol(one)
        if own is not None and own.within(window) and not occupied.meets(own, one.key, over_lines=True):
            bare.append(one)
    return placed, left_out, bare


def _symbol(one: Wanted) -> Box | None:
    r = one.symbol
    return Box(one.x - r, one.y - r, one.x + r, one.y + r) if r else None


def _options(one: Wanted) -> Iterator[Placed]:
    """The places that a name may take, the best first."""
    width, height = size_of(one)
    for x, y, angle in one.along:
        yield _turned(one, x, y, angle, width, height)
    if one.along:
        return
    for share in one.smaller:
        wide, high = width * share, height * share
        for side in one.sides:
            x, y = _middle(side, one, wide, high)
            if math.hypot(x - one.x, y - one.y) > one.reach:
                continue
            box = Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
            yield Placed(one.key, x, y, (box,), share=share)


def _turned(one: Wanted, x: float, y: float, angle: float, width: float, height: float) -> Placed:
    """A name over a line: its middle a gap above, covered by squares as high as the name."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    up = one.gap + height / 2
    x, y = x + sin * up, y - cos * up
    number = max(math.ceil(width / height), 1)
    half = height / 2
    boxes = []
    for i in range(number):
        at = -width / 2 + half + (width - height) * (i / (number - 1) if number > 1 else 0.5)
        px, py = x + cos * at, y + sin * at
        boxes.append(Box(px - half, py - half, px + half, py + half))
    return Placed(one.key, x, y, tuple(boxes), angle)


def _middle(side: str, one: Wanted, width: float, height: float) -> tuple[float, float]:
    """Where the middle of a name comes, at a side of its place."""
    across, down = one.gap + width / 2, one.gap + height / 2
    slant = one.gap * 0.6
    return {
        "centre": (one.x, one.y),
        "up": (one.x, one.y - height),
        "down": (one.x, one.y + height),
        "up2": (one.x, one.y - 2.2 * height),
        "down2": (one.x, one.y + 2.2 * height),
        "right": (one.x + across, one.y),
        "left": (one.x - across, one.y),
        "top": (one.x, one.y - down),
        "bottom": (one.x, one.y + down),
        "right-top": (one.x + slant + width / 2, one.y - slant - height / 2),
        "right-bottom": (one.x + slant + width / 2, one.y + slant + height / 2),
        "left-top": (one.x - slant - width / 2, one.y - slant - height / 2),
        "left-bottom": (one.x - slant - width / 2, one.y + slant + height / 2),
    }[side]
