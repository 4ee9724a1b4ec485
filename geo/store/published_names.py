"""地名（公开）: one public name with the other names of its place and its cluster. For the public's session."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.problems import NotFound
from geo.terms import NameStatus
from geo.text import Text


class NoSuchPublicName(NotFound):
    """No public name has this number."""

    code = "no-such-name"
    title = Text("没有编号为 {number} 的地名", "There is no place name with the number {number}")


# place_name_number_ix, through the view.
RECORD = """
    select number, place_id, code, name, specific, generic, romanization, readings, category, gb_code, status,
           unit_code, names_unit, meaning, origin, history, description, document, approved_by, approved_on,
           announcement, announced_on, sources, pictures, facts, importance, demo, lower(valid) as valid_from,
           upper(valid) as valid_to, ST_AsGeoJSON(geometry, 7, 0) as geometry, geometry_source
    from published.place_name where number = :number
    order by valid @> cast(:at as date) desc, lower(valid) desc nulls last limit 1"""

# name_form_place_ix.
OF_PLACE = """
    select number, name, status, category, unit_code, lower(valid) as valid_from, upper(valid) as valid_to
    from published.name_form where place_id = :place_id and kind = 'name' and latest and (number, name) <> (:number, :name)
    order by lower(valid) nulls first, number limit 100"""

# name_form_specific_ix: the same specific part (专名) in the county.
CLUSTER = """
    select number, name, status, category, unit_code, lower(valid) as valid_from, upper(valid) as valid_to
    from published.name_form
    where bare = (select bare from published.name_form where number = :number and name = :name and kind = 'name' limit 1)
      and unit_code like :county and kind = 'name' and latest and place_id <> :place_id
    order by rank, number limit 100"""

# name_form_point_gist, in the order of distance: of the :most nearest forms those that are standard names on the date.
NEARBY = """
    select f.number, f.name, f.category, f.unit_code, f.demo, ST_X(f.point) as lon, ST_Y(f.point) as lat,
           round(ST_Distance(f.point::geography, ST_SetSRID(ST_MakePoint(:lon, :lat), 4490)::geography)) as distance_m
    from (
        select * from published.name_form where point is not null
        order by point <-> ST_SetSRID(ST_MakePoint(:lon, :lat), 4490) limit :most
    ) f
    where f.kind = 'name' and f.status = 'standard' and f.valid @> cast(:at as date) and f.place_id <> :place
    order by distance_m, f.rank, f.number limit :limit"""


def nearby(
    session: Session, *, place: int, at: date, lon: float, lat: float, limit: int = 8, most: int = 200
) -> list[dict[str, Any]]:
    """Standard names of other places around a point on a date, the nearest first, with distance_m. lon, lat: degrees,
    EPSG:4490; most: forms that are looked at."""
    given = {"place": place, "at": at, "lon": lon, "lat": lat, "limit": limit, "most": most}
    return [dict(r) for r in session.execute(text(NEARBY), given).mappings()]


def record(session: Session, number: int, at: date) -> dict[str, Any]:
    """The public record of a name: the version in force on a date, else its last. Raises NoSuchPublicName.

    names: other names of its place; cluster: names of the same specific part in the county (兴隆镇, 兴隆场).
    """
    row = session.execute(text(RECORD), {"number": number, "at": at}).mappings().first()
    if row is None:
        raise NoSuchPublicName(number=number)
    found = dict(row)
    found["geometry"] = json.loads(found["geometry"]) if found["geometry"] else None
    found["must_be_used"] = NameStatus(found["status"]).must_be_used
    known = {
        "number": number, "name": found["name"], "place_id": found["place_id"], "county": found["unit_code"][:6] + "%",
    }  # fmt: skip
    found["names"] = [dict(r) for r in session.execute(text(OF_PLACE), known).mappings()]
    found["cluster"] = [dict(r) for r in session.execute(text(CLUSTER), known).mappings()]
    return found


#: Standard names in force on a date, by category.
COUNTS = """
    select category, count(*) as n from published.place_name
    where status = 'standard' and valid @> cast(:at as date) and unit_code like :district || '%' group by category"""


def counts(session: Session, *, district: str, at: date) -> dict[Category, int]:
    """How many standard names of each category a district has on a date; those that it has."""
    found = {
        Category(r.category): int(r.n)
        for r in session.execute(text(COUNTS), {"district": district, "at": at})
    }
    return {c: found[c] for c in Category if c in found}


def highest(session: Session) -> int:
    """The highest number of a public name, 0 where there is none."""
    return int(session.scalar(text("select coalesce(max(number), 0) from published.place_name")) or 0)


def numbers(session: Session, *, after: int, to: int) -> list[int]:
    """Numbers of the public names in (after, to], each once."""
    found = session.scalars(
        text(
            "select distinct number from published.place_name where number > :after and number <= :to order by number"
        ),
        {"after": after, "to": to},
    )
    return [int(number) for number in found]
