"""附图的底图: what the attached map of a document shows around the names it is about, of what is published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import geopandas
from sqlalchemy.orm import Session

from geo.store.frames import frame
from geo.store.map_frames import PUBLIC_UNITS

#: Names that an attached map can hold; the most important ones are taken.
MOST = 300

# place_name_geometry_gist.
NAMES = """
    select n.name, n.demo, ST_AsBinary(ST_PointOnSurface(n.geometry)) as geometry
    from published.place_name n
    where n.geometry && ST_MakeEnvelope(:west, :south, :east, :north, 4490)
      and n.status = 'standard' and n.valid @> cast(:at as date)
      and n.category not in ('县级以上行政区划', '街道', '乡镇')
    order by n.importance desc, n.number
    limit :most"""


@dataclass(frozen=True)
class Ground:
    """names: name, demo, the most important first. units: code, name, level, demo. Each with `geometry`,
    EPSG:4490."""

    names: geopandas.GeoDataFrame
    units: geopandas.GeoDataFrame


def ground(session: Session, district: str, box: tuple[float, float, float, float], at: date) -> Ground:
    """Standard names in a box (west, south, east, north, degrees) on a date, and the district's units then."""
    west, south, east, north = box
    where = {"west": west, "south": south, "east": east, "north": north, "at": at, "most": MOST}
    return Ground(frame(session, NAMES, **where), frame(session, PUBLIC_UNITS, district=district, at=at))
