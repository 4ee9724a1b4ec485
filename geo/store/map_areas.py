"""Areas of the tiles (分级概括): simpler outlines for each stretch of zooms, shared borders kept.

The database's own triggers enter and withdraw the rows, at first moved to a coarse grid alone; here they get the simple
outlines of their coverage, for which PostGIS has no function before 3.4.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.network.stretches import STRETCHES, stretches

#: The width of the world on the web map, metres.
WORLD = 40_075_016.685578488

ROWS = """
    select part_a, part_b, lower(valid) as since, upper(valid) as until, ST_AsBinary(geometry) as geometry
    from published.map_shape where layer = 'townships' and to_zoom = 18
    order by key, lower(valid) nulls first"""
# map_shape_key_ix is of no help here, and no harm: a district has some hundred rows.
WRITE = """
    update published.map_shape set geometry = ST_GeomFromWKB(:shape, 3857)
    where layer = 'townships' and part_a = :part_a and part_b = :part_b and to_zoom = :last
      and ST_AsBinary(geometry) <> :shape"""


def simplify(session: Session) -> int:
    """Give the townships of the tiles the simple outlines of their coverage; returns how many changed.

    Each is simplified with those that are in force when it begins. To be called in the transaction that wrote
    the public shapes.
    """
    session.flush()
    rows = session.execute(text(ROWS)).all()
    shapes = np.array([shapely.from_wkb(bytes(row.geometry)) for row in rows], dtype=object)
    begins = sorted({row.since or date.min for row in rows})
    changed = 0
    for day in begins:
        present = [
            i for i, row in enumerate(rows)
            if (row.since or date.min) <= day and (row.until is None or day < row.until)
        ]  # fmt: skip
        fresh = [place for place, i in enumerate(present) if (rows[i].since or date.min) == day]
        for _, last, made in stretches(shapes[present], WORLD):
            if last == STRETCHES[-1][1]:
                continue
            for place in fresh:
                shape = made[place]
                if shape is None or shape.is_empty:
                    continue
                row = rows[present[place]]
                changed += session.execute(
                    text(WRITE),
                    {
                        "part_a": row.part_a, "part_b": row.part_b, "last": last,
                        "shape": shapely.to_wkb(shape, byte_order=1),
                    },
                ).rowcount  # type: ignore[attr-defined]  # fmt: skip
    return changed
