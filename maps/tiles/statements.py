"""The statements that tiles are made by (出瓦片的语句), and how their answers are read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from maps.tiles.cache import Address, Change
from maps.tiles.layers import LAST_ZOOM, LAYERS

HERE = Path(__file__).resolve().parent

#: Last zooms of the stretches that areas and lines are generalised for (r0008_map.sql).
STRETCHES = (5, 7, 9, 12, 18)
#: (last zoom, condition): which index of names serves a zoom.
RANKS = (
    (8, "n.rank <= 8 and n.rank <= w.z"),
    (10, "n.rank <= 10 and n.rank <= w.z"),
    (12, "n.rank <= 12 and n.rank <= w.z"),
    (LAST_ZOOM, "n.rank <= w.z"),
)
#: Bytes that no tile exceeds; features are left out from the least important on until it fits.
MOST_BYTES = 500_000
MOST_FEATURES = 6_000
#: More changes than this at once, and all kept tiles are looked upon as old.
MOST_CHANGES = 5_000

#: The parameters of every statement, in the order of $1, $2 …, with the types that they have there (int[], date[]).
PARAMETERS = {"z": 1007, "x": 1007, "y": 1007, "at": 1182, "most": 1007}


def group_of(address: Address) -> tuple[str, int]:
    """Addresses of one group are made by one statement: the layer, and the stretch that its zoom lies in."""
    layer, z = address.layer, address.z
    return layer, (_AREAS if layer in ("townships", "boundary_lines") else _NAMES)[z]


_AREAS = [next(last for last in STRETCHES if z <= last) for z in range(LAST_ZOOM + 1)]
_NAMES = [next(last for last, _ in RANKS if z <= last) for z in range(LAST_ZOOM + 1)]


@cache
def statement(layer: str, last: int) -> str:
    """The SQL of a group: the layer's file, with the two constants that choose its index."""
    name = "townships_cut" if layer == "townships" and 6 <= last <= 12 else layer
    text = (HERE / f"{name}.sql").read_text(encoding="utf-8")
    return text.replace("{last}", str(int(last))).replace("{rank}", dict(RANKS).get(last, RANKS[-1][1]))


@cache
def numbered(layer: str, last: int) -> str:
    """The same with its parameters as $1, $2 …"""
    places = {name: f"${place}" for place, name in enumerate(PARAMETERS, start=1)}
    return re.sub(r"%\((\w+)\)s", lambda found: places[found[1]], statement(layer, last))


def values(addresses: Sequence[Address], most: int) -> list[bytes]:
    """The parameters for these tiles, as PostgreSQL writes arrays."""
    return [
        _array(str(a.z) for a in addresses),
        _array(str(a.x) for a in addresses),
        _array(str(a.y) for a in addresses),
        _array(a.at.isoformat() for a in addresses),
        _array([str(most)] * len(addresses)),
    ]


def _array(items: Any) -> bytes:
    return f"{{{','.join(items)}}}".encode()


def empty(address: Address) -> bool:
    """Whether nothing of the layer shows at this zoom."""
    return address.z < LAYERS[address.layer].first_zoom


CHANGES = """
    select s.number, c.collection, c.villages, c.rank, c.x0, c.y0, c.x1, c.y1
    from published.change_set s join published.change c on c.set_id = s.id
    where s.number > %(after)s order by s.number limit %(most)s"""
NEWEST = "select coalesce(max(number), 0) from published.change_set"


def newest(connection: psycopg.Connection[Any]) -> int:
    """The number of the newest change set."""
    row = connection.execute(NEWEST).fetchone()
    return row[0] if row else 0


def changes_after(connection: psycopg.Connection[Any], after: int) -> list[Change] | None:
    """What was changed after a change set; None where it was too much to tell."""
    rows = connection.execute(CHANGES, {"after": after, "most": MOST_CHANGES + 1}).fetchall()
    if len(rows) > MOST_CHANGES:
        return None
    return [
        Change(number, (layer, "villages") if villages else (layer,), rank, None if x0 is None else (x0, y0, x1, y1))
        for number, layer, villages, rank, x0, y0, x1, y1 in rows
    ]  # fmt: skip
