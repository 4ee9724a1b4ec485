"""乡村地名图的数据: the public village names of a district on a date, and what the programme collects around them.

For a session of the public role: reads the published views alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.problems import NotFound
from geo.store.frames import frame
from geo.store.kept import kept
from geo.store.map_frames import PUBLIC_UNITS
from geo.text import Text

#: Names that one answer holds: above it the map draws tiles and the list pages through the search.
MOST = 5_000
#: 自然村，村委会、居委会所在地: what the map of village names shows.
CATEGORIES = (Category.NATURAL_VILLAGE.value, Category.COMMITTEE.value)


class NoSuchPartOfMap(NotFound):
    """The code is no township or village of the district on that date."""

    code = "no-such-part-of-map"
    title = Text(
        "本行政区在该日期没有代码为 {code} 的镇街或村（社区）",
        "On that date the district has no township or village with the code {code}",
    )


# Townships of the district (admin_unit_parent_ix), then their villages by parent.
VILLAGE_CODES = """
    select code, parent_code from published.admin_unit
    where valid @> cast(:at as date) and level = 'village' and parent_code = any(:codes)"""

# admin_unit_parent_ix.
TOWNSHIP_CODES = """
    select code, not coalesce(ST_IsEmpty(geometry), true) as placed from published.admin_unit
    where valid @> cast(:at as date) and level = 'township' and parent_code = :district order by code"""

#: What a version of a name says beyond what the map has of it, looked up one by one whatever the planner expects, and
#: which are of one village. Served by place_name_pkey.
JOIN = """cross join lateral (
        select v.facts, v.names_unit, v.unit_code from published.place_name_version v where v.version = m.version_id limit 1
    ) n"""
OF_VILLAGE = "(n.names_unit = :only or n.unit_code = :only)"

# place_name_unit_code_ix by equality, name_form_number_ix. In force on the date; a vanished name is in force as such.
NAMES = """
    with found as (
        select distinct on (n.number) n.number, n.place_id, n.name, n.romanization, n.category, n.status, n.unit_code,
               n.names_unit, n.importance, n.demo, n.meaning, n.facts ->> 'story' as story,
               n.facts ->> 'named_on' as named_on, n.facts ->> 'founded' as founded,
               n.facts -> 'from_between' ->> 1 as first_listed,
               n.pictures <> '[]' as pictured,
               ST_X(ST_PointOnSurface(n.geometry)) as lon, ST_Y(ST_PointOnSurface(n.geometry)) as lat,
               lower(n.valid) as valid_from
        from published.place_name n
        where n.unit_code = any(:units) and n.category = any(:categories)
          and n.status in ('standard', 'former', 'vanished', 'historic') and n.valid @> cast(:at as date)
        order by n.number, lower(n.valid) desc
    )
    select f.*, w.plain, w.initials, exists (
        select from published.protection_entry e where e.number = f.number and e.state = 'accepted'
    ) as protected
    from found f
    left join lateral (
        select plain, initials from published.name_form where number = f.number and kind = 'name' and name = f.name limit 1
    ) w on true
    order by (f.status = 'standard') desc, f.importance desc, f.number
    limit :most"""

# Counted by the points of the map, whose rows are narrow; those of one village by their versions.
COUNTED = """
    select m.count, coalesce(m.demo, false) as demo, ST_XMin(e) as west, ST_YMin(e) as south, ST_XMax(e) as east,
           ST_YMax(e) as north
    from (
        select count(*) as count, bool_or(m.demo) as demo,
               ST_Transform(ST_SetSRID(ST_Extent(m.point)::geometry, 3857), 4326) as e
        from published.map_name m {join}
        where m.villages and m.valid @> cast(:at as date) and m.unit_code = any(:units)
          and m.status in ('standard', 'former', 'vanished', 'historic') {more}
    ) m"""

ITEMS = """
    select i.number, i.kind, i.title, i.theme, i.status, i.unit_code, i.name_numbers, i.says, i.responsible, i.on_date,
           i.facts, i.demo, ST_X(i.geometry) as lon, ST_Y(i.geometry) as lat
    from published.programme_item i
    where i.unit_code = any(:units) and i.valid @> cast(:at as date)
    order by i.kind, i.number
    limit :most"""


@dataclass(frozen=True)
class VillageMap:
    """What the map shows. units: townships and the county in force (code, name, level, parent_code, demo, source,
    geometry, EPSG:4490). names and items: rows in the order of the list. whole: whether all names are here, or would be
    where they are not read. count: of all names; box: where they lie (west, south, east, north in degrees, None without a
    position); demo: whether any is of the demonstration."""

    units: geopandas.GeoDataFrame
    names: list[dict[str, Any]]
    items: list[dict[str, Any]]
    whole: bool
    count: int
    box: tuple[float, float, float, float] | None
    demo: bool


def village_map(
    session: Session,
    *,
    district: str,
    at: date,
    within: str | None = None,
    most: int | None = None,
    read: bool = True,
) -> VillageMap:
    """The village names (乡村地名) of a district, or of one township or village of it, on a date.

    within: 9- or 12-digit code. most: names that are wanted, MOST by default. read: whether the names themselves are
    wanted, or only how many there are. Raises NoSuchPartOfMap.
    """
    most = MOST if most is None else most
    units = frame(session, PUBLIC_UNITS, district=district, at=at)
    wanted, only = _parts(session, list(units.loc[units["level"] == "township", "code"]), at, within)
    asked = {"units": wanted, "at": at, "categories": list(CATEGORIES), "most": most + 1, "only": only}
    counted = session.execute(text(counted_of(only)), asked).one()
    names: list[dict[str, Any]] = []
    if read:
        names = [dict(row) for row in session.execute(text(NAMES), asked).mappings()]
        if only is not None:
            names = [n for n in names if n["names_unit"] == only or n["unit_code"] == only]
    items = [dict(row) for row in session.execute(text(ITEMS), asked).mappings()]
    box = None if counted.west is None else (counted.west, counted.south, counted.east, counted.north)
    count = int(counted._mapping["count"])
    return VillageMap(units, names[:most], items, count <= most, count, box, counted.demo)


def without_names(session: Session, *, district: str, at: date, within: str | None = None) -> VillageMap:
    """What the map shows beside its names, with how many there are, kept while nothing is written. Nobody may change it.
    Raises NoSuchPartOfMap."""
    return kept(
        session, ("villages", district, at, within, MOST),
        lambda: village_map(session, district=district, at=at, within=within, read=False),
    )  # fmt: skip


def counted_of(only: str | None) -> str:
    """The statement that counts the names, of one village alone where there is one."""
    if only is None:
        return COUNTED.format(join="", more="")
    return COUNTED.format(join=JOIN, more=f"and {OF_VILLAGE}")


def parts_of(
    session: Session, *, district: str, at: date, within: str | None = None
) -> tuple[list[str], str | None, list[str]]:
    """The codes of the units whose names are shown, that of the one village where it is a village's map, and those of the
    townships that are drawn, in their order. Kept while nothing is written: nobody may change them. Raises NoSuchPartOfMap."""

    def found() -> tuple[list[str], str | None, list[str]]:
        townships = session.execute(text(TOWNSHIP_CODES), {"at": at, "district": district}).all()
        wanted, only = _parts(session, [t.code for t in townships], at, within)
        return wanted, only, [t.code for t in townships if t.placed]

    return kept(session, ("parts", district, at, within), found)


def _parts(
    session: Session, townships: Sequence[str], at: date, within: str | None
) -> tuple[list[str], str | None]:
    villages = {
        code: parent
        for code, parent in session.execute(text(VILLAGE_CODES), {"at": at, "codes": list(townships)})
    }
    if within is None:
        return [*townships, *villages], None
    if within in townships:
        return [within, *(code for code, parent in villages.items() if parent == within)], None
    if within in villages:
        return [within, villages[within]], within
    raise NoSuchPartOfMap(code=within)


def name_of_part(session: Session, code: str, *, at: date) -> str:
    """The name of a township or village on a date. Raises NoSuchPartOfMap."""
    name = session.scalar(
        text(
            "select name from published.admin_unit where code = :code and valid @> cast(:at as date) limit 1"
        ),
        {"code": code, "at": at},
    )
    if name is None:
        raise NoSuchPartOfMap(code=code)
    return str(name)
