"""乡村地名图的分页清单: the list of the map where there are more names than one answer holds, page by page, of what
the map shows, filtered on the server.

For a session of the public role: reads the published views alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.store.village_names import JOIN, OF_VILLAGE, parts_of
from geo.terms import ProgrammeKind

Box = tuple[float, float, float, float]

#: 主题: famous (名录或有相关项目), protected (保护名录), story, village, hamlet, gone; or the kind of an item.
THEMES = {
    "famous": "m.number = any(:famous)",
    "protected": "m.number = any(:protected)",
    "story": "n.facts ? 'story' and coalesce(n.facts ->> 'story', '') <> ''",
    "village": "m.kind = 'committee'",
    "hamlet": "m.kind = 'natural_village'",
    "gone": "m.status <> 'standard'",
} | {f"item:{kind.value}": "m.number = any(:itemed)" for kind in ProgrammeKind}
_YEAR = (
    "cast(coalesce(substring(n.facts ->> 'named_on' from '^[0-9]{4}'),"
    " substring(n.facts ->> 'founded' from '^[0-9]{4}'),"
    " substring(n.facts -> 'from_between' ->> 1 from '^[0-9]{4}')) as integer)"
)
#: 命名年代, by the year of naming, else that of the village's beginning, else of the yearly list that first shows it.
PERIODS = {
    "before1949": f"{_YEAR} < 1949",
    "to1978": f"{_YEAR} between 1949 and 1978",
    "to2000": f"{_YEAR} between 1979 and 2000",
    "since2000": f"{_YEAR} > 2000",
    "unknown": f"{_YEAR} is null",
}

# Names of weight: few. protection_entry by its state, items by unit and date.
FAMOUS = """
    select coalesce((select array_agg(distinct e.number) from published.protection_entry e where e.state = 'accepted'), '{}') as protected,
           coalesce((select array_agg(distinct cast(n as bigint)) from published.programme_item i cross join jsonb_array_elements_text(i.name_numbers) n
                     where i.unit_code = any(:units) and i.valid @> cast(:at as date)), '{}') as with_items,
           coalesce((select array_agg(distinct cast(n as bigint)) from published.programme_item i cross join jsonb_array_elements_text(i.name_numbers) n
                     where i.unit_code = any(:units) and i.valid @> cast(:at as date) and i.kind = :kind), '{}') as itemed"""

# map_name_all_gist where there is a box. The facts of a version are read only where a filter asks for them.
FOUND = """
    select m.version_id, m.number, count(*) over () as matching
    from published.map_name m {join}
    where m.villages and m.valid @> cast(:at as date) and m.unit_code = any(:units)
      and m.status in ('standard', 'former', 'vanished', 'historic') {more}
    order by (m.number = any(:famous)) desc, (m.status = 'standard') desc, m.importance desc, m.number
    offset :after limit :most"""
BOX = "and m.point && ST_Transform(ST_SetSRID(ST_MakeEnvelope(:west, :south, :east, :north), 4326), 3857)"
# What the search box finds, as on the map of few names: characters and pinyin inside, initials from the first.
LIKE = """and m.number in (
    select f.number from published.name_form f
    where f.unit_code = any(:units) and f.kind = 'name'
      and (f.name ilike :inside or f.plain like :inside or f.initials like :begins))"""

# place_name_pkey, name_form_number_ix; one by one, as the planner expects of the view more than a hundred of all names.
ROWS = """
    select n.number, n.place_id, n.name, n.romanization, n.category, n.status, n.unit_code, n.names_unit,
           n.importance, n.demo, n.meaning, n.facts ->> 'story' as story, n.facts ->> 'named_on' as named_on,
           n.facts ->> 'founded' as founded, n.facts -> 'from_between' ->> 1 as first_listed, n.pictures <> '[]' as pictured,
           ST_X(ST_PointOnSurface(n.geometry)) as lon, ST_Y(ST_PointOnSurface(n.geometry)) as lat,
           w.plain, w.initials, n.number = any(:protected) as protected
    from unnest(cast(:versions as bigint[])) with ordinality v(version, place)
    cross join lateral (select * from published.place_name_version p where p.version = v.version limit 1) n
    left join lateral (
        select plain, initials from published.name_form where number = n.number and kind = 'name' and name = n.name limit 1
    ) w on true
    order by v.place"""


@dataclass(frozen=True)
class Wanted:
    """What is asked for. unit: a township of the map. box: west, south, east, north in degrees, None for everywhere,
    and then names without a position too. theme, period: keys of THEMES and PERIODS. number: this name alone."""

    unit: str | None = None
    box: Box | None = None
    q: str = ""
    theme: str = ""
    period: str = ""
    number: int | None = None


@dataclass(frozen=True)
class Page:
    """rows: as village_names.village_map has them. famous: which of them are drawn as such. matching: how many names
    there are in all. after: where the next page begins, None behind the last. townships: codes, in the order of the map's."""

    rows: list[dict[str, Any]]
    famous: list[int]
    matching: int
    after: int | None
    townships: list[str]


def page(
    session: Session, wanted: Wanted, *, district: str, at: date, within: str | None, after: int, limit: int
) -> Page:
    """One page of the names that are wanted, the famous first, then by standing and importance. KeyError for an
    unknown theme or period; raises NoSuchPartOfMap."""
    units, only, townships = parts_of(session, district=district, at=at, within=within)
    if wanted.unit is not None:
        units = [code for code in units if code.startswith(wanted.unit)]
    few = session.execute(
        text(FAMOUS), {"units": units, "at": at, "kind": wanted.theme.removeprefix("item:")}
    ).one()
    famous = sorted({*few.protected, *few.with_items})
    more: list[str] = []
    asked: dict[str, Any] = {
        "at": at, "units": units, "famous": famous, "protected": few.protected, "itemed": few.itemed, "after": after,
        "most": limit,
    }  # fmt: skip
    if wanted.box is not None:
        more.append(BOX)
        asked |= dict(zip(("west", "south", "east", "north"), wanted.box, strict=True))
    if wanted.number is not None:
        more.append("and m.number = :number")
        asked["number"] = wanted.number
    if wanted.q:
        more.append(LIKE)
        escaped = wanted.q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").lower()
        asked |= {"inside": f"%{escaped}%", "begins": f"{escaped}%"}
    filters = [THEMES[wanted.theme]] if wanted.theme else []
    filters += [PERIODS[wanted.period]] if wanted.period else []
    if only is not None:
        filters.append(OF_VILLAGE)
        asked["only"] = only
    more += [f"and {condition}" for condition in filters]
    join = JOIN if any("n." in condition for condition in filters) else ""
    statement = FOUND.format(join=join, more=" ".join(more))
    found: Sequence[Any] = session.execute(text(statement), asked).all()
    rows = [
        dict(row)
        for row in session.execute(
            text(ROWS), {"versions": [f.version_id for f in found], "protected": few.protected}
        ).mappings()
    ]
    matching = found[0].matching if found else 0
    behind = after + len(found)
    weighty = sorted({row["number"] for row in rows} & set(famous))
    return Page(rows, weighty, matching, behind if behind < matching else None, townships)
