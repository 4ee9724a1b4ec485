"""Stretches of zooms (分级概括): a coverage of areas, simpler for every stretch of zooms, shared borders kept.

Each stretch is simplified for its last zoom: what the screen hardly shows is left out (a tile has 512 pixels). A corner between neighbours is simplified once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

#: (first zoom, last zoom); the last stretch is not simplified. As in r0008_map.sql and maps/tiles/serve.py.
STRETCHES = ((0, 5), (6, 7), (8, 9), (10, 12), (13, 18))
#: Pixels of the whole world at zoom 0.
PIXELS = 512
#: A corner that spans no more than the square of so many pixels is left out: it moves the line by less than one.
CORNER = 1.5


def stretches(
    areas: NDArray[np.object_], world: float = 360.0
) -> Iterator[tuple[int, int, NDArray[np.object_]]]:
    """(first zoom, last zoom, areas) of every stretch, the deepest first.

    areas: (n,) polygons or multipolygons, a valid coverage. world: the width of the whole world in their units
    (degrees, or 40 075 016.69 m in EPSG:3857). What is no valid coverage is answered as it is: it could not be
    simplified without gaps.
    """
    whole = bool(len(areas)) and bool(shapely.coverage_is_valid(areas))
    for first, last in reversed(STRETCHES):
        if last == STRETCHES[-1][1] or not whole:
            yield first, last, areas
        else:
            # The tolerance is the side of the square that a left-out corner spans.
            yield (
                first,
                last,
                np.asarray(shapely.coverage_simplify(areas, CORNER * world / PIXELS / 2**last), dtype=object),
            )
