"""地名沿革（公开）: what a place was called on a date, which names followed each other, and which are gone.

Every function takes a session of the public role and reads the published views only. Geometry is GeoJSON in
EPSG:4490, longitude first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby, islice
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.problems import NotFound
from geo.store.names import NoSuchName
from geo.store.published_units import names_of
from geo.terms import NameStatus
from geo.text import Text

Record = dict[str, Any]

#: Standings of names that are no longer in use.
GONE = (NameStatus.FORMER, NameStatus.VANISHED, NameStatus.HISTORIC)

#: The longest chain that is followed, in names: a cycle or a mistake must not be endless.
LONGEST_CHAIN = 200

VERSION = """
    n.number, n.place_id, n.code, n.name, n.specific, n.generic, n.romanization, n.category, n.gb_code,
    n.status, n.unit_code, n.names_unit, n.meaning, n.origin, n.history, n.description, n.document,
    n.approved_by, n.approved_on, n.announcement, n.announced_on, n.sources, n.pictures, n.facts,
    n.importance, n.demo, lower(n.valid) as valid_from, upper(n.valid) as valid_to, n.geometry_source,
    st_asgeojson(n.geometry, 7) as geometry
"""

# place_name_place_ix
OF_PLACE = f"""
    select {VERSION} from published.place_name n where n.place_id = :place
    order by lower(n.valid) nulls first, n.status <> 'standard', n.number"""

# place_name_place_ix, many at once.
OF_PLACES = f"""
    select {VERSION} from published.place_name n where n.place_id = any(:places)
    order by n.place_id, lower(n.valid) nulls first, n.status <> 'standard', n.number"""

# place_name_place_ix, in its order.
EVERY = f"""
    select {VERSION} from published.place_name n
    order by n.place_id, lower(n.valid) nulls first, n.status <> 'standard', n.number"""

# place_name_number_ix
PLACE_OF = "select place_id from published.place_name n where n.number = :number limit 1"

# name_succession_from_ix, name_succession_to_ix
TOUCHING = """
    select s.id, s.from_number, s.to_number, s.kind, s.on_date, s.document, s.source, s.demo
    from published.name_succession s
    where s.from_number = any(:numbers) or s.to_number = any(:numbers)"""

# place_name_number_ix; the last version of each, which is what a link of a chain shows.
LAST_OF = f"""
    select distinct on (n.number) {VERSION} from published.place_name n where n.number = any(:numbers)
    order by n.number, lower(n.valid) desc nulls last"""

# place_name_specific_ix, place_name_name_ix. A natural village's name is written solid and has no generic part of
# its own (兴隆场): there the stem and one more character count.
CLUSTER = """
    select n.number, n.place_id, n.name, n.romanization, n.category, n.unit_code, n.demo,
           st_x(st_pointonsurface(n.geometry)) as lon, st_y(st_pointonsurface(n.geometry)) as lat,
           case when n.geometry is not null and cast(:lon as float) is not null then
               round(st_distance(st_centroid(n.geometry)::geography,
                                 st_setsrid(st_makepoint(:lon, :lat), 4490)::geography)) end as distance_m
    from published.place_name n
    where (n.specific = :stem or (n.name >= :stem and n.name < :beyond and n.category = '自然村'
                                  and length(n.name) <= length(:stem) + 1))
      and n.status = 'standard' and n.valid @> cast(:at as date)
      and n.place_id <> :place and left(n.unit_code, 6) = any(:counties)
    order by distance_m nulls last, n.unit_code <> :unit, n.importance desc, n.number
    limit :limit"""

UNITS = """
    select code, name, level, parent_code, lower(valid) as valid_from, upper(valid) as valid_to
    from published.admin_unit where code = any(:codes) order by lower(valid) nulls first"""


class NoSuchPlace(NotFound):
    """No place with a public name has this id."""

    code = "no-such-place"
    title = Text(
        "没有编号为 {place_id} 的地方，或其地名不公开",
        "There is no place with the id {place_id}, or its names are not public",
    )


def _rows(session: Session, sql: str, **values: Any) -> list[Record]:
    rows = [dict(row) for row in session.execute(text(sql), values).mappings()]
    for row in rows:
        if isinstance(row.get("geometry"), str):
            row["geometry"] = json.loads(row["geometry"])
    return rows


def in_force(version: Mapping[str, Any], at: date) -> bool:
    """Whether a version holds on a date."""
    start, end = version["valid_from"], version["valid_to"]
    return (start is None or start <= at) and (end is None or at < end)


def place_of(session: Session, number: int) -> int:
    """The id of the place that a public name belongs to. Raises NoSuchName."""
    found: int | None = session.scalar(text(PLACE_OF), {"number": number})
    if found is None:
        raise NoSuchName(number=number)
    return found


def versions_of_place(session: Session, place_id: int) -> list[Record]:
    """Every public version of every name of a place, the oldest first. Raises NoSuchPlace."""
    found = _rows(session, OF_PLACE, place=place_id)
    if not found:
        raise NoSuchPlace(place_id=place_id)
    return found


def versions_of_places(session: Session, places: Iterable[int]) -> dict[int, list[Record]]:
    """As versions_of_place, for many places by their ids; one without a public name is absent."""
    answer: dict[int, list[Record]] = {}
    wanted = sorted(set(places))
    for row in _rows(session, OF_PLACES, places=wanted) if wanted else ():
        answer.setdefault(row["place_id"], []).append(row)
    return answer


def every_place(session: Session, *, chunk: int = 500) -> Iterator[tuple[list[Record], list[Record]]]:
    """Every place with a public name, one by one: its versions, the oldest first, and the successions that touch
    them. Rows are streamed, successions read for `chunk` places at once."""
    found = session.execute(text(EVERY).execution_options(yield_per=2000)).mappings()
    places = ([dict(row) for row in rows] for _, rows in groupby(found, key=lambda row: row["place_id"]))
    while some := list(islice(places, chunk)):
        for versions in some:
            for row in versions:
                row["geometry"] = json.loads(row["geometry"]) if row["geometry"] else None
        numbers = sorted({row["number"] for versions in some for row in versions})
        touching: dict[int, list[Record]] = {}
        for link in successions(session, numbers):
            for number in {link["from_number"], link["to_number"]}:
                touching.setdefault(number, []).append(link)
        for versions in some:
            links = {x["id"]: x for row in versions for x in touching.get(row["number"], ())}
            yield versions, list(links.values())


def called(versions: Iterable[Mapping[str, Any]], at: date) -> Mapping[str, Any] | None:
    """What the place was called on a date: its standard name (标准地名) then, else the name that the register
    holds of that time in another standing. None before the register's first and after its last word."""
    held = [v for v in versions if in_force(v, at)]
    order = list(NameStatus)
    ranked = sorted(held, key=lambda v: (v["status"] != "standard", order.index(NameStatus(v["status"]))))
    return ranked[0] if ranked else None


def gone(versions: Iterable[Mapping[str, Any]], at: date) -> bool:
    """Whether no name of the place is in use on a date: it is vanished, abolished, or not yet there."""
    return not any(
        in_force(v, at) and v["status"] in ("standard", "variant", "short", "dialect") for v in versions
    )


def place_at(session: Session, place_id: int, at: date) -> Record:
    """A place as it is on a date: what it is called, its other names then, all versions, its successions.

    Keys: place_id, at, called (a version or None), others, versions, successions, gone. Raises NoSuchPlace.
    """
    versions = versions_of_place(session, place_id)
    now = called(versions, at)
    others = [v for v in versions if in_force(v, at) and (now is None or v["number"] != now["number"])]
    return {
        "place_id": place_id,
        "at": at,
        "called": now,
        "others": others,
        "versions": versions,
        "gone": gone(versions, at),
        "successions": successions(session, sorted({v["number"] for v in versions})),
        "demo": any(v["demo"] for v in versions),
    }


def successions(session: Session, numbers: list[int]) -> list[Record]:
    """The successions (沿革) that touch these names, in order of date, each with both names as words.

    Keys besides the table's: from_name, from_place, to_name, to_place.
    """
    links = _rows(session, TOUCHING, numbers=numbers)
    return _named(session, links)


def _named(session: Session, links: list[Record]) -> list[Record]:
    touched = {n for link in links for n in (link["from_number"], link["to_number"]) if n is not None}
    known = last_versions(session, touched)
    for link in links:
        for side in ("from", "to"):
            of = known.get(link[f"{side}_number"])
            link[f"{side}_name"] = None if of is None else of["name"]
            link[f"{side}_place"] = None if of is None else of["place_id"]
    return sorted(links, key=lambda link: (link["on_date"], link["id"]))


def last_versions(session: Session, numbers: Iterable[int]) -> dict[int, Record]:
    """The last version of each public name, by number."""
    wanted = sorted(set(numbers))
    rows = _rows(session, LAST_OF, numbers=wanted) if wanted else []
    return {row["number"]: row for row in rows}


def chain(session: Session, number: int) -> Record:
    """The whole chain (沿革链) that a name belongs to: what it came from and what became of it, as far as
    successions lead in both directions, at most LONGEST_CHAIN names.

    Keys: number, names (last version of each, the oldest first), links, complete. Raises NoSuchName.
    """
    place_of(session, number)
    seen, edge = {number}, {number}
    links: dict[int, Record] = {}
    while edge and len(seen) < LONGEST_CHAIN:
        found = _rows(session, TOUCHING, numbers=sorted(edge))
        links |= {link["id"]: link for link in found}
        reached = {n for link in found for n in (link["from_number"], link["to_number"]) if n is not None}
        edge = reached - seen
        seen |= edge
    names = sorted(
        last_versions(session, seen).values(),
        key=lambda v: (_first(links.values(), v["number"]), v["number"]),
    )
    return {
        "number": number,
        "names": names,
        "links": _named(session, list(links.values())),
        "complete": not edge,
    }


def _first(links: Iterable[Mapping[str, Any]], number: int) -> date:
    """When a name ended by the first link that leads away from it; far ahead for one that lives."""
    return min((link["on_date"] for link in links if link["from_number"] == number), default=date.max)


def cluster(
    session: Session,
    version: Mapping[str, Any],
    at: date,
    *,
    point: tuple[float, float] | None,
    counties: Iterable[str] = (),
    limit: int = 12,
) -> list[Record]:
    """Places of one name (同名簇): standard names with the same specific part in the same county, the nearest
    first (兴隆镇, 兴隆场, 兴隆社区). point: longitude and latitude to measure from, or None. counties: further
    county codes to look in."""
    stem = version["specific"]
    if version["category"] == Category.NATURAL_VILLAGE.value and len(stem) > 2:
        stem = stem[:-1]
    if not stem:
        return []
    lon, lat = point or (None, None)
    return _rows(
        session, CLUSTER, stem=stem, beyond=stem + "\U0010ffff", at=at, place=version["place_id"],
        counties=sorted({version["unit_code"][:6], *counties}), unit=version["unit_code"], lon=lon, lat=lat,
        limit=limit,
    )  # fmt: skip


def gone_names(
    session: Session,
    *,
    at: date,
    after: int,
    limit: int,
    standing: Iterable[NameStatus] = GONE,
    unit: str | None = None,
    category: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> list[Record]:
    """Names that are gone (消失地名、曾用名、历史地名) on a date, by number; up to limit + 1 rows.

    unit: code of the unit where they lay, any level. since, until: when they went out of use, both included.
    """
    wanted = [s.value for s in standing]
    conditions = ["n.status = any(:wanted)", "n.valid @> cast(:at as date)", "n.number > :after"]
    values: dict[str, Any] = {"wanted": wanted, "at": at, "after": after, "limit": limit + 1}
    if unit:
        conditions.append("starts_with(n.unit_code, :unit)")
        values["unit"] = unit
    if category:
        conditions.append("n.category = :category")
        values["category"] = category
    if since:
        conditions.append("lower(n.valid) >= :since")
        values["since"] = since
    if until:
        conditions.append("lower(n.valid) <= :until")
        values["until"] = until
    return _rows(
        session,
        f"select {VERSION} from published.place_name n where {' and '.join(conditions)}"
        " order by n.number limit :limit",
        **values,
    )


# place_name_gone_ix
GONE_FROM = """
    select distinct left(n.unit_code, 9) as code from published.place_name n
    where n.status in ('former', 'vanished', 'historic') and starts_with(n.unit_code, :unit)
      and n.valid @> cast(:at as date)"""


def gone_from(session: Session, unit: str, at: date) -> dict[str, str]:
    """The units below one in which names are gone, by code: their names, as they were last called."""
    codes = [row["code"] for row in _rows(session, GONE_FROM, unit=unit, at=at)]
    return dict(sorted(names_of(session, codes, at).items()))


def unit_versions(session: Session, codes: Iterable[str]) -> dict[str, list[Record]]:
    """All times of units and of what they lay in, by code, the oldest first."""
    known: dict[str, list[Record]] = {}
    wanted = {c for c in codes if c}
    while wanted:
        rows = _rows(session, UNITS, codes=sorted(wanted))
        known |= {code: [] for code in wanted}
        for row in rows:
            known[row["code"]].append(row)
        wanted = {row["parent_code"] for row in rows if row["parent_code"]} - set(known)
    return known


def lying_in(units: Mapping[str, list[Record]], code: str, at: date) -> list[Record]:
    """The units that a code names on a date, the largest first: 渝北区, 兴隆镇. A unit that is no more, or not
    yet, is shown as it was last or first."""
    answer: list[Record] = []
    while code and len(answer) < 6:
        times = units.get(code, [])
        if not times:
            break
        row = next((t for t in times if in_force(t, at)), None)
        if row is None:
            row = times[0] if times[0]["valid_from"] and at < times[0]["valid_from"] else times[-1]
        answer.append(row)
        code = row["parent_code"] or ""
    return answer[::-1]


def moves(units: Mapping[str, list[Record]], versions: Iterable[Mapping[str, Any]]) -> list[Record]:
    """How the place's township and district changed (隶属变化): stretches of time with the units of each.

    Keys: valid_from, valid_to, units. Stretches that say the same are one.
    """
    answer: list[Record] = []
    for version in versions:
        dates = {version["valid_from"]} | {
            day
            for times in units.values()
            for t in times
            for day in (t["valid_from"],)
            if day is not None and in_force(version, day)
        }
        starts = sorted(dates, key=lambda d: d or date.min)
        for start, following in zip(starts, [*starts[1:], version["valid_to"]], strict=True):
            held = lying_in(units, version["unit_code"], start or date.min)
            if (
                answer
                and [u["code"] for u in answer[-1]["units"]] == [u["code"] for u in held]
                and (
                    [u["name"] for u in answer[-1]["units"]] == [u["name"] for u in held]
                    and answer[-1]["valid_to"] == start
                )
            ):
                answer[-1]["valid_to"] = following
            else:
                answer.append({"valid_from": start, "valid_to": following, "units": held})
    return answer
