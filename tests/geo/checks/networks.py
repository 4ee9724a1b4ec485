"""Line networks small enough to draw, shared by the tests of TP05 to TP16.

Three units round the point (500, 500): A south-west, B south-east, C north, in a square of 1000 m.
"""

from __future__ import annotations

import shapely

A, B, C, OUT = "500112101", "500112102", "500112103", "500105101"
AB, AC, BC = f"{A}-{B}", f"{A}-{C}", f"{B}-{C}"


def lines(*, middle=(500, 500), ab_end=None, codes=True):
    """The three inner lines from the district's border to the middle; each runs west or south... east."""
    made = {
        AB: ([ab_end or middle, (500, 250), (500, 0)], B, A),
        AC: ([(0, 500), (250, 500), middle], C, A),
        BC: ([middle, (750, 500), (1000, 500)], C, B),
    }
    return [
        (shapely.LineString(xy), {"code": code, "left": left, "right": right} if codes else {"code": code})
        for code, (xy, left, right) in made.items()
    ]


def border():
    """The district's border in three lines."""
    made = {
        f"{A}-{OUT}": ([(0, 500), (0, 0), (500, 0)], A, OUT),
        f"{B}-{OUT}": ([(500, 0), (1000, 0), (1000, 500)], B, OUT),
        f"{C}-{OUT}": ([(0, 500), (0, 1000), (1000, 1000), (1000, 500)], OUT, C),
    }
    return [
        (shapely.LineString(xy), {"code": code, "left": left, "right": right})
        for code, (xy, left, right) in made.items()
    ]


def polygons():
    return [
        (
            shapely.Polygon([(0, 0), (500, 0), (500, 250), (500, 500), (250, 500), (0, 500)]),
            {"code": A, "name": "甲镇"},
        ),
        (
            shapely.Polygon([(500, 0), (1000, 0), (1000, 500), (750, 500), (500, 500), (500, 250)]),
            {"code": B, "name": "乙镇"},
        ),
        (
            shapely.Polygon(
                [(0, 500), (250, 500), (500, 500), (750, 500), (1000, 500), (1000, 1000), (0, 1000)]
            ),
            {"code": C, "name": "丙镇"},
        ),
    ]


def district():
    """Its border has the vertices where the lines end."""
    return shapely.Polygon([(0, 0), (500, 0), (1000, 0), (1000, 500), (1000, 1000), (0, 1000), (0, 500)])
