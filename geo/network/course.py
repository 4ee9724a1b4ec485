"""Course (走向) of a line or border: distances from many points to it, by an index of its segments.

GEOS measures from a prepared geometry at some 0.2 ms a point whatever is asked; with the segments in a
tree it is a tenth of that, and a county line is asked for ten thousands of points.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.network.build import segments

#: Points to look at along a line at most; on longer lines they stand farther apart than a metre.
MANY = 2_000


class Course:
    """A line, multiline, or the border of a polygon, in a plane, metres."""

    def __init__(self, line: BaseGeometry) -> None:
        pieces = segments(np.array([line], dtype=object))
        self.line = line
        self._tree = shapely.STRtree(pieces.lines())

    def distance(self, xy: NDArray[np.float64], reach: float | None = None) -> NDArray[np.float64]:
        """Metres from each of (n, 2) places; infinite where the line has no length, and beyond `reach`,
        which spares the search for what is far."""
        answer = np.full(len(xy), np.inf)
        if len(self._tree.geometries):
            which, metres = self._tree.query_nearest(
                shapely.points(xy), max_distance=reach, return_distance=True, all_matches=False
            )
            answer[which[0]] = metres
        return answer

    def vertices(self) -> NDArray[np.float64]:
        """Its vertices, each once."""
        x, y = shapely.get_coordinates(self.line).T
        # As complex numbers: sorting rows takes ten times as long.
        once = np.unique(x + 1j * y)
        return np.stack([once.real, once.imag], axis=1)

    def stations(self, step: float = 1.0) -> NDArray[np.float64]:
        """Its vertices and places between them, `step` metres apart or as far as MANY of them allow."""
        step = max(step, float(shapely.length(self.line)) / MANY)
        return np.asarray(shapely.get_coordinates(shapely.segmentize(self.line, step)))
