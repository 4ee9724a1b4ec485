"""行政区划（公开）: units, what became of them, and which of them hold a point, as the published views say.

Every function takes a session of the public role. Geometry is the generalised outline in use, as GeoJSON in
EPSG:4490, longitude first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

Record = dict[str, Any]


def _rows(session: Session, sql: str, values: Mapping[str, Any]) -> list[Record]:
    rows = [dict(row) for row in session.execute(text(sql), dict(values)).mappings()]
    for row in rows:
        if isinstance(row.get("geometry"), str):
            row["geometry"] = json.loads(row["geometry"])
    return rows


def _geometry(wanted: bool) -> str:
    return "st_asgeojson(geometry, 7)" if wanted else "null"


_UNIT = """
    code, statistical, name, level, kind, parent_code, document, source, demo, lower(valid) as valid_from,
    upper(valid) as valid_to, {geometry} as geometry
"""


def units(
    session: Session,
    *,
    at: date,
    after: str,
    limit: int,
    level: str | None = None,
    parent: str | None = None,
    shapes: bool = False,
) -> list[Record]:
    """Units (行政区划) in force on a date, by code, with the generalised outline in use."""
    condition = "valid @> cast(:at as date) and code > :after"
    values: dict[str, Any] = {"at": at, "after": after, "limit": limit + 1}
    if level:
        condition += " and level = :level"
        values["level"] = level
    if parent:
        condition += " and parent_code = :parent"
        values["parent"] = parent
    columns = _UNIT.format(geometry=_geometry(shapes))
    sql = f"select {columns} from published.admin_unit where {condition} order by code limit :limit"
    return _rows(session, sql, values)


def times_of(session: Session, code: str) -> list[Record]:
    """All times of one unit, newest first, by its civil-affairs or its 12-digit statistical code; codes that
    are no longer in use too."""
    columns = _UNIT.format(geometry=_geometry(True))
    sql = f"select {columns} from published.admin_unit where code = :code or statistical = :code order by lower(valid) desc, code"
    return _rows(session, sql, {"code": code})


def successions(session: Session, code: str) -> list[Record]:
    """What became of a unit, and what it came from (区划沿革)."""
    return _rows(
        session,
        """
        select from_code, to_code, to_name, kind, on_date, document, source, demo
        from published.unit_succession where from_code = :code or to_code = :code
        order by on_date, from_code, to_code
        """,
        {"code": code},
    )


def holding(session: Session, lon: float, lat: float, at: date) -> list[Record]:
    """The units whose outline in use holds a point on a date, the largest first."""
    columns = _UNIT.format(geometry="null")
    sql = f"""
        select {columns} from published.admin_unit
        where valid @> cast(:at as date)
          and st_covers(geometry, st_setsrid(st_makepoint(:lon, :lat), 4490))
        order by array_position(array['province', 'county', 'township', 'village'], level::text), code
    """
    return _rows(session, sql, {"lon": lon, "lat": lat, "at": at})


def outlines_are_demonstration(session: Session, parent: str, at: date) -> bool:
    """Whether the outline in use of any unit right below another is demonstration data (演示数据) on a date."""
    sql = """select exists (select from published.admin_unit
        where valid @> cast(:at as date) and parent_code = :parent and demo and geometry is not null)"""
    return bool(session.scalar(text(sql), {"parent": parent, "at": at}))


def holders(session: Session, codes: Iterable[str], at: date) -> Callable[[float, float], list[str]]:
    """Codes of those of the units whose outline in use holds a point on a date, for many points: the outlines are read once."""
    rows = session.execute(
        text(
            "select code, st_asbinary(geometry) as shape from published.admin_unit"
            " where valid @> cast(:at as date) and code = any(:codes) and geometry is not null"
        ),
        {"codes": list(codes), "at": at},
    ).all()
    tree = shapely.STRtree([shapely.from_wkb(bytes(row.shape)) for row in rows])

    def find(lon: float, lat: float) -> list[str]:
        return [rows[i].code for i in tree.query(shapely.Point(lon, lat), predicate="intersects")]

    return find


NAMES = """
    select distinct on (u.code) u.code, u.name from published.admin_unit u
    where u.code = any(:codes) order by u.code, u.valid @> :at desc, upper(u.valid) desc nulls first"""


def names_of(session: Session, codes: Iterable[str], at: date) -> dict[str, str]:
    """Names of units on a date by code; of the last time that a unit was there, where it was not on the date."""
    rows = session.execute(text(NAMES), {"codes": sorted(set(codes)), "at": at})
    return {row.code: row.name for row in rows}
