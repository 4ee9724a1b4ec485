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

# place_name_unit_code_ix by equality, name_form_number_ix. In force on the date; a vanished name is in force as such.
NAMES = """
    with found as (
        select distinct on (n.number) n.number, n.place_id, n.name, n.romanization, n.category, n.status, n.unit_code,
               n.names_unit, n.importance, n.demo, n.meaning, n.facts ->> 'story' as story,
               n.facts ->> 'named_on' as named_on, n.facts ->> 'founded' as founded,
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
    geometry, EPSG:4490). names and items: rows in the order of the list. whole: whether all names are here."""

    units: geopandas.GeoDataFrame
    names: list[dict[str, Any]]
    items: list[dict[str, Any]]
    whole: bool


def village_map(
    session: Session, *, district: str, at: date, within: str | None = None, most: int | None = None
) -> VillageMap:
    """The village names (乡村地名) of a district, or of one township or village of it, on a date.

    within: 9- or 12-digit code. most: names that are wanted, MOST by default. Raises NoSuchPartOfMap.
    """
    most = MOST if most is None else most
    units = frame(session, PUBLIC_UNITS, district=district, at=at)
    townships: Sequence[str] = list(units.loc[units["level"] == "township", "code"])
    villages = {
        code: parent for code, parent in session.execute(text(VILLAGE_CODES), {"at": at, "codes": townships})
    }
    wanted = [*townships, *villages]
    name_of: str | None = None
    if within is not None:
        if within in townships:
            wanted = [within, *(code for code, parent in villages.items() if parent == within)]
        elif within in villages:
            wanted, name_of = [within, villages[within]], within
        else:
            raise NoSuchPartOfMap(code=within)
    asked = {"units": wanted, "at": at, "categories": list(CATEGORIES), "most": most + 1}
    names = [dict(row) for row in session.execute(text(NAMES), asked).mappings()]
    if name_of is not None:
        names = [n for n in names if n["names_unit"] == name_of or n["unit_code"] == name_of]
    items = [dict(row) for row in session.execute(text(ITEMS), asked).mappings()]
    return VillageMap(units, names[:most], items, len(names) <= most)


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
