"""国家地名信息库的公开查询（仿）: public standard names and counts of same-name and same-sound places, as that interface asks.

Every function takes a session of the public role. A name that stands in several forms is counted once; counts end at MOST.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.names import forms, words
from geo.names.forms import EXACT, SOUND, key
from geo.names.readings import read
from geo.store import published_units
from geo.store.engine import allow
from geo.store.search_looking import TIMEOUT_MS

#: Counting stops here: a question that so many names answer is answered "at least".
MOST = 10_000
#: Every tone mark after decomposition.
_MARKED = re.compile("[\u0300\u0301\u0304\u030c]")


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition on published.name_form: its SQL, the keys that find it (name_form_keys_gin), its values."""

    condition: str
    keys: tuple[int, ...]
    values: Mapping[str, Any]


def named(name: str, *, exact: bool) -> Asked | None:
    """Names that are written so (精确), or that have it in them (模糊). None for a question without text."""
    folded, _ = forms.fold(name)
    if not folded:
        return None
    if exact:
        return Asked("f.form = :text", (key(EXACT, folded),), {"text": folded})
    grams = tuple(dict.fromkeys(key(forms.GRAM, g) for g in forms.grams(folded)))
    if not any(forms.is_han(c) for c in folded):
        # Written in letters: the spelling is looked through instead of the characters.
        letters = "".join(forms.syllable(part)[0] for part in re.split(r"[\s'’-]+", name) if part)
        pieces = forms.trigrams(letters)
        if not pieces:
            return None
        keys = tuple(dict.fromkeys(key(forms.TRIGRAM, p) for p in pieces))
        return Asked("strpos(f.plain, :text) > 0", keys, {"text": letters})
    return Asked("strpos(f.form, :text) > 0", grams, {"text": folded})


def sounding(name: str) -> Asked | None:
    """Names of the same sound: a spelling with tone marks asks for its tones too, one without, or characters, for
    the syllables alone."""
    folded, _ = forms.fold(name)
    if any(forms.is_han(c) for c in folded):
        letters = "".join(forms.syllable(r.syllable)[0] or r.character for r in read(folded))
    else:
        letters = "".join(forms.syllable(part)[0] for part in re.split(r"[\s'’-]+", name) if part)
    if not letters:
        return None
    keys = (key(SOUND, letters),)
    if _MARKED.search(unicodedata.normalize("NFD", name)):
        toned = re.sub(r"[\s'’-]", "", unicodedata.normalize("NFC", name).lower())
        return Asked(
            "f.plain = :text and regexp_replace(lower(f.romanization), '[[:space:]''’-]', '', 'g') = :toned",
            keys,
            {"text": letters, "toned": toned},
        )
    return Asked("f.plain = :text", keys, {"text": letters})


# The condition is on name_form, by name_form_keys_gin; the record of the page's names by place_name_number_ix.
_FOUND = """
    from published.name_form f
    where f.keys @> cast(:keys as integer[]) and {condition} and f.kind = 'name' and f.status = 'standard'
      and f.valid @> cast(:at as date) and starts_with(f.unit_code, :code)"""
_OF_TYPE = """
      and exists (select from published.place_name t where t.number = f.number and t.valid @> cast(:at as date)
                  and starts_with(t.gb_code, :type))"""
_PAGE = "select f.number {found} order by f.rank, f.id limit :limit offset :offset"
_TOTAL = "select count(*) from (select {found} limit :most) c"
_BY_CODE = """
    select left(c.unit_code, :digits) as code, count(*) as count
    from (select f.place_id, f.unit_code {found} limit :most) c
    group by 1 order by 2 desc, 1"""
_BY_TYPE = """
    select c.category, coalesce(n.gb_code, '') as gb_code, count(*) as count
    from (select f.number, f.category {found} limit :most) c
    left join lateral (select p.gb_code from published.place_name p where p.number = c.number
                       and p.valid @> cast(:at as date) limit 1) n on true
    group by 1, 2 order by 3 desc, 1, 2"""
_RECORDS = """
    select number, place_id, code, name, romanization, category, gb_code, unit_code, names_unit, meaning, origin,
           history, facts, demo, ST_AsGeoJSON(geometry, 7, 0) as geometry
    from published.place_name
    where number = any(:numbers) and valid @> cast(:at as date) and status = 'standard'"""
_OLD = """
    select distinct place_id, name from published.name_form
    where place_id = any(:places) and kind = 'name' and status in ('former', 'variant', 'historic')
    order by place_id, name"""


def _bounded(session: Session) -> None:
    """A question waits no longer than one of the search (the door answers that the database is busy)."""
    allow(session, TIMEOUT_MS / 1000)


def _sql(statement: str, asked: Asked, type_code: str) -> Any:
    found = _FOUND.format(condition=asked.condition) + (_OF_TYPE if type_code else "")
    return text(statement.format(found=found))


def _values(asked: Asked, code: str, at: date, type_code: str, more: Mapping[str, Any]) -> dict[str, Any]:
    keys = list(asked.keys)
    # The unit has a key at the lengths of codes; other lengths are only compared.
    if len(code) in (2, 6, 9, 12):
        keys.append(key(forms.UNIT, code))
    return {**asked.values, "keys": keys, "code": code, "at": at, "type": type_code, "most": MOST, **more}


def page(
    session: Session, asked: Asked, *, code: str, type_code: str, at: date, size: int, number: int
) -> tuple[list[dict[str, Any]], int]:
    """One page of names (the first is 1) as records of the national library, and how many there are up to MOST."""
    _bounded(session)
    more = {"limit": size, "offset": (number - 1) * size}
    values = _values(asked, code, at, type_code, more)
    numbers = list(session.scalars(_sql(_PAGE, asked, type_code), values))
    total = session.scalar(_sql(_TOTAL, asked, type_code), values) or 0
    return records(session, numbers, at), total


def records(session: Session, numbers: Iterable[int], at: date) -> list[dict[str, Any]]:
    """Names by number, in their order, with the fields of the national library; unknown numbers are left out."""
    wanted = list(numbers)
    if not wanted:
        return []
    rows = {
        r["number"]: dict(r)
        for r in session.execute(text(_RECORDS), {"numbers": wanted, "at": at}).mappings()
    }
    places = [r["place_id"] for r in rows.values()]
    old: dict[int, list[str]] = {}
    for place_id, name in session.execute(text(_OLD), {"places": places}):
        old.setdefault(place_id, []).append(name)
    return [_record(rows[n], old.get(rows[n]["place_id"], [])) for n in wanted if n in rows]


def _record(row: Mapping[str, Any], old: list[str]) -> dict[str, Any]:
    unit = row["unit_code"]
    names, codes = division_names(), _division_codes(unit)
    facts = row["facts"] or {}
    return {
        "id": str(row["number"]),
        "standard_name": row["name"],
        "roman_alphabet_spelling": row["romanization"],
        "ethnic_minorities_writing": facts.get("minority_writing") or "",
        "place_type": type_name(row["gb_code"] or "", row["category"]),
        "place_type_code": row["gb_code"] or "",
        "place_code": row["code"] or "",
        "province": codes[0],
        "province_name": names.get(unit[:2], ""),
        "city": codes[1],
        "city_name": names.get(unit[:4], ""),
        "area": codes[2],
        "area_name": names.get(unit[:6], ""),
        "gdm": _gdm(row["geometry"]),
        "place_origin": row["origin"] or "",
        "place_meaning": row["meaning"] or "",
        "place_history": (row["history"] or "") if not row["names_unit"] else "",
        "old_name": "、".join(name for name in old if name != row["name"]),
        "government_history": (row["history"] or "") if row["names_unit"] else "",
        "demo": row["demo"],
    }


def _division_codes(unit: str) -> tuple[str, str, str]:
    """Province, prefecture and county of a unit's code, six digits each; empty where the code is shorter."""
    return (
        unit[:2].ljust(6, "0") if len(unit) >= 2 else "",
        unit[:4].ljust(6, "0") if len(unit) >= 6 else "",
        unit[:6] if len(unit) >= 6 else "",
    )


def _gdm(geometry: str | None) -> dict[str, Any] | None:
    """空间坐标: GeoJSON in CGCS2000, with the type in small letters as that interface has it; a single point as one of
    several."""
    if geometry is None:
        return None
    made = json.loads(geometry)
    if made["type"] == "Point":
        made = {"type": "MultiPoint", "coordinates": [made["coordinates"]]}
    return {**made, "type": made["type"].lower()}


@cache
def division_names() -> Mapping[str, str]:
    """Code -> name of the divisions of county level and above."""
    return {code: name for name, codes in words.divisions().items() for code in codes}


@cache
def _type_names() -> Mapping[str, str]:
    with (words.PLACE / "category_words.csv").open(encoding="utf-8", newline="") as file:
        # The first word of a class is its own; others of the same code are synonyms.
        names: dict[str, str] = {}
        for row in csv.DictReader(file):
            if row["gb_code"]:
                names.setdefault(row["gb_code"], row["word"])
        return names


def type_name(gb_code: str, category: str) -> str:
    """地名类别: the class of GB/T 18521 where it is known, else the category of the regulation."""
    return _type_names().get(gb_code, category)


def by_division(session: Session, asked: Asked, *, code: str, at: date) -> list[dict[str, Any]]:
    """同名（同音）区划统计: how many there are in each unit one level below `code` (provinces without one)."""
    _bounded(session)
    digits = next((d for d in (2, 6, 9, 12) if d > len(code)), 12)
    values = _values(asked, code, at, "", {"digits": digits})
    rows = [dict(r) for r in session.execute(_sql(_BY_CODE, asked, ""), values).mappings()]
    unknown = [r["code"] for r in rows if r["code"] not in division_names()]
    known = published_units.names_of(session, unknown, at) if unknown else {}
    return [
        {
            "name": division_names().get(r["code"]) or known.get(r["code"], ""),
            "code": r["code"],
            "count": r["count"],
        }
        for r in rows
    ]


def by_type(session: Session, asked: Asked, *, code: str, at: date) -> list[dict[str, Any]]:
    """同名（同音）类别统计: how many there are of each kind."""
    _bounded(session)
    rows = session.execute(_sql(_BY_TYPE, asked, ""), _values(asked, code, at, "", {})).mappings()
    return [
        {"type": type_name(r["gb_code"], r["category"]), "typeCode": r["gb_code"], "count": r["count"]}
        for r in rows
    ]


#: 级别, as the national library counts them.
LEVELS = {"province": 1, "county": 3, "township": 4, "village": 5}
# admin_unit by code; those below by their parent, a level a query.
_UNITS = """
    select distinct on (code) code, name, level, kind, parent_code from published.admin_unit
    where valid @> cast(:at as date) and {which} order by code"""


def divisions(session: Session, code: str, deeper: int, at: date) -> list[dict[str, Any]]:
    """行政区划: the unit of a code (the provinces without one) with the units below it, `deeper` levels."""
    which = "code = :code" if code else "level = 'province'"
    rows = session.execute(text(_UNITS.format(which=which)), {"at": at, "code": code}).mappings().all()
    top = [_division(dict(r)) for r in rows]
    level = top
    for _ in range(deeper):
        parents = {unit["code"]: unit for unit in level}
        if not parents:
            break
        statement = text(_UNITS.format(which="parent_code = any(:parents)"))
        level = []
        for row in session.execute(statement, {"at": at, "parents": list(parents)}).mappings():
            unit = _division(dict(row))
            parents[row["parent_code"]]["children"].append(unit)
            level.append(unit)
    return top


def _division(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": row["code"], "name": row["name"], "level": LEVELS[row["level"]],
        "type": row["kind"] or row["name"][-1:], "children": [],
    }  # fmt: skip
