"""GCJ-02 (火星坐标): the public approximation of the offset, for what is shown over a basemap that has it.

Only for display: nothing is stored, exchanged or answered in it. The same formula stands in js/map.js; a test compares
the two. Errors of some metres are the formula's own.
"""

from __future__ import annotations

import math

A, EE = 6378245.0, 0.00669342162296594323


def gcj02(lon: float, lat: float) -> tuple[float, float]:
    """A position of CGCS2000 (WGS 84) as a GCJ-02 basemap shows it; degrees. Outside China the same."""
    if not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271):
        return lon, lat
    x, y = lon - 105.0, lat - 35.0
    root = math.sqrt(abs(x))
    wave = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    radians = math.radians(lat)
    magic = 1 - EE * math.sin(radians) ** 2
    dlat = north * 180 / ((A * (1 - EE)) / (magic * math.sqrt(magic)) * math.pi)
    dlon = east * 180 / (A / math.sqrt(magic) * math.cos(radians) * math.pi)
    return lon + dlon, lat + dlat
