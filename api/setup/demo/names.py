"""Loading (装入) of the names of the register: facts of data/placenames/register, and invented names beside them.

A fact is entered in the name of the system's own account, is no demonstration, and stays when that goes. Its
position is another matter: where the district's shapes are generated, a village lies somewhere in its generated
area, and the row says so by `geometry_source` demo. Everything else that is invented carries the mark `demo`.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import Sequence as Numbers
from sqlalchemy import exists, func, insert, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from api.setup.demo import accounts
from api.setup.demo.names_invented import as_row, invent, picture
from geo.names.categories import Category
from geo.names.parts import split
from geo.settings import DATA
from geo.store import files as store_files
from geo.store import search_forms
from geo.store.tables import SRID, AdminUnit, BuiltUpArea, NameSuccession, Place, PlaceName

FOLDER = DATA / "placenames" / "register"
FACTS = "地名名录（事实）"
POSITION = "；位置为演示（虚构）"
INVENTED = "演示数据（虚构）"
#: Subdistricts whose generated areas make the invented built-up area: 双龙湖、两路、双凤桥.
TOWN, TOWN_SINCE = ("500112002", "500112016", "500112017"), date(2016, 1, 1)
OTHER_SYSTEM = "某城市平台区划代码（2025-04，未核实）"
GEONAMES = "GeoNames, CC BY 4.0"
#: How much a name weighs in a ranking, by the length of its unit's code; one out of use weighs less.
IMPORTANCE = {2: 100, 6: 90, 9: 70, 12: 40}
OUT_OF_USE = 15
BATCH = 500

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Lists:
    """The rows of data/placenames/register as they stand there: names, successions, points."""

    names: list[dict[str, str]]
    successions: list[dict[str, str]]
    points: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Area:
    """A unit's generated area. kind: 村, 社区, 镇 … since: when the unit's life began."""

    kind: str
    since: date
    shape: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Loaded:
    """How much was entered: versions of real and of invented names, successions."""

    facts: int
    invented: int
    successions: int


def lists(folder: Path = FOLDER) -> Lists:
    """Every district's lists in a folder: any file named by a 6-digit code is one."""
    found = Lists([], [], {})
    for path in sorted(p for p in folder.glob("*.csv") if re.fullmatch(r"\d{6}", p.stem)):
        found.names.extend(_read(path))
        found.successions.extend(_read(path.with_name(f"{path.stem}_succession.csv")))
        found.points.update({r["place"]: r for r in _read(path.with_name(f"{path.stem}_points.csv"))})
    return found


def wanted(session: Session) -> bool:
    """Whether this system entered the units and no name stands beside them: an empty register, or a database
    from before there was one."""
    system = select(AdminUnit.id).where(AdminUnit.made_by == accounts.system_user(session).id)
    return not session.scalar(select(exists().where(PlaceName.id > 0))) and bool(
        session.scalar(select(system.exists()))
    )


def load_names(session: Session, *, seed: int, folder: Path = FOLDER) -> Loaded:
    """Enter the names, within the caller's transaction (owner's role), after the units.

    Generated areas are taken from the database, so that a database that was filled before gets the same.
    seed: of the invented names.
    """
    read = lists(folder)
    system = accounts.system_user(session).id
    areas = _areas(session)
    rows = [_fact(row, read.points, areas) for row in read.names]
    keys = [(row["place"], row["name"]) for row in read.names]
    numbers = _numbered(session, keys, [p for p, _ in keys], rows, demo=False)
    made = _invented(session, areas, seed)
    _numbered(
        session, [(str(i), "") for i in range(len(made))], [str(i) for i in range(len(made))], made, demo=True
    )
    for row in rows + made:
        row["made_by"] = system
    _insert(session, PlaceName, rows + made)
    given = [_succession(r, numbers, system) for r in read.successions]
    _insert(session, NameSuccession, given)
    _insert(session, BuiltUpArea, _built_up(areas, system))
    search_forms.rebuild(session)
    return Loaded(len(rows), len(made), len(given))


def _built_up(areas: Mapping[str, Area], made_by: int) -> list[dict[str, Any]]:
    """One invented built-up area (建成区): the generated areas of the subdistricts in the middle of the town."""
    parts = [areas[code] for code in TOWN if code in areas]
    if len(parts) < len(TOWN):
        return []
    whole = shapely.union_all([part.shape for part in parts])
    outline = shapely.MultiPolygon([shapely.Polygon(p.exterior) for p in shapely.get_parts(whole)])
    return [
        {
            "code": "demo-liangluchengqu", "name": "两路城区（演示）", "source": "演示数据（虚构）：由三个街道的生成范围拼成",
            "geometry": from_shape(outline, srid=SRID), "valid": Range(TOWN_SINCE, None, bounds="[)"),
            "reason": INVENTED, "demo": True, "made_by": made_by,
        }
    ]  # fmt: skip


def _areas(session: Session) -> dict[str, Area]:
    """The generated area (EPSG:4490) of each unit that has one, of its newest life."""
    statement = (
        select(
            AdminUnit.code, AdminUnit.kind, func.lower(AdminUnit.valid), func.ST_AsBinary(AdminUnit.geometry)
        )
        .where(AdminUnit.geometry_source == "demo", func.upper_inf(AdminUnit.recorded))
        .order_by(AdminUnit.code, func.lower(AdminUnit.valid))
    )
    found = session.execute(statement).all()
    shapes = shapely.from_wkb([bytes(r[3]) for r in found])
    return {r[0]: Area(r[1], r[2], shape) for r, shape in zip(found, shapes, strict=True)}


def _fact(
    row: Mapping[str, str], points: Mapping[str, Mapping[str, str]], areas: Mapping[str, Area]
) -> dict[str, Any]:
    """The columns of one version of a real name."""
    category = Category(row["category"])
    parts = split(row["name"], category)
    sources = [{"title": s, "url": "", "note": ""} for s in row["source"].split("|")]
    shape, how, reason = None, None, FACTS
    if (point := points.get(row["place"])) is not None:
        shape, how = shapely.Point(float(point["lon"]), float(point["lat"])), "imported"
        sources.append(
            {
                "title": GEONAMES, "url": f"https://www.geonames.org/{point['geonameid']}",
                "note": "位置为居民点中心，可有数千米误差",
            }
        )  # fmt: skip
    elif len(row["code"]) >= 9 and row["code"] in areas:
        shape, how = areas[row["code"]].shape.representative_point(), "demo"
        reason = FACTS + POSITION
    weight = IMPORTANCE[2 if row["gb_code"] == "21200" else len(row["code"])]
    return {
        "specific": parts.specific, "generic": parts.generic, **{k: row[k] or None for k in _PLAIN},
        "name": row["name"], "unit_code": row["unit_code"], "status": row["status"], "category": category.value,
        "valid": Range(_day(row["valid_from"]), _day(row["valid_to"]), bounds="[)"), "reason": reason,
        "sources": sources, "pictures": [], "facts": _facts(row), "meaning": None, "demo": False,
        "importance": weight if row["status"] == "standard" else weight - OUT_OF_USE,
        "geometry": None if shape is None else from_shape(shape, srid=SRID), "geometry_source": how,
    }  # fmt: skip


_PLAIN = ("code", "gb_code", "names_unit", "origin", "history", "description", "document", "romanization")


def _facts(row: Mapping[str, str]) -> dict[str, Any]:
    """What the columns of the register have no place for."""
    facts: dict[str, Any] = {
        key: row[key].split("/") for key in ("from_between", "until_between") if row[key]
    }  # fmt: skip
    if row["titles"]:
        facts["committee"] = [re.sub("（.*", "", t) for t in row["titles"].split("；")]
    if row["other_code"]:
        facts["other_codes"] = [{"system": OTHER_SYSTEM, "code": row["other_code"]}]
    if row["vanished_because"]:
        facts["vanished_because"] = row["vanished_because"]
    return facts


def _invented(session: Session, areas: Mapping[str, Area], seed: int) -> list[dict[str, Any]]:
    """The columns of the invented names of the generated areas of villages and communities."""
    small = {c: a for c, a in areas.items() if len(c) == 12}
    rows: list[dict[str, Any]] = []
    for one in invent({c: a.shape for c, a in small.items()}, {c: a.kind for c, a in small.items()}, seed):
        rows.append(
            as_row(one, one.unit_code[:9])
            | {
                "valid": Range(small[one.unit_code].since, None, bounds="[)"), "reason": INVENTED,
                "geometry": from_shape(one.shape, srid=SRID),
                "pictures": [_picture(session, len(rows))] if one.pictured else [],
            }
        )  # fmt: skip
    return rows


def _picture(session: Session, number: int) -> dict[str, str]:
    """A drawn picture, kept as any uploaded file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "demo.png"
        path.write_bytes(picture(number))
        kept = store_files.keep(session, path, "image/png")
    return {
        "sha256": kept.sha256, "caption": "演示图片（虚构，由程序绘制） demonstration picture, drawn by a program",
        "licence": "CC0-1.0",
    }  # fmt: skip


def _numbered(
    session: Session, keys: list[Key], places: list[str], rows: list[dict[str, Any]], *, demo: bool
) -> dict[Key, int]:
    """Give every row its name's number and its place's id, a new one for each key; the numbers by key."""
    names = list(dict.fromkeys(keys))
    series = func.generate_series(1, len(names))
    numbers = dict(
        zip(names, session.scalars(select(Numbers("place_name_number").next_value()).select_from(series)), strict=True)
    )  # fmt: skip
    things = list(dict.fromkeys(places))
    made: list[int] = []
    for start in range(0, len(things), BATCH):
        batch = [{"demo": demo} for _ in things[start : start + BATCH]]
        made.extend(session.scalars(insert(Place).returning(Place.id, sort_by_parameter_order=True), batch))
    ids = dict(zip(things, made, strict=True))
    for row, key, place in zip(rows, keys, places, strict=True):
        row["number"], row["place_id"] = numbers[key], ids[place]
    return numbers


def _succession(row: Mapping[str, str], numbers: Mapping[Key, int], system: int) -> dict[str, Any]:
    between = f"；发生在 {row['between'].replace('/', ' 与 ')} 之间" if row["between"] else ""
    return {
        "from_number": numbers[(row["from_place"], row["from_name"])],
        "to_number": numbers[(row["to_place"], row["to_name"])] if row["to_name"] else None,
        "kind": row["kind"], "on_date": date.fromisoformat(row["on_date"]), "document": row["document"] or None,
        "source": row["source"] + between, "made_by": system, "demo": False,
    }  # fmt: skip


def _insert(session: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), BATCH):
        session.execute(insert(table), rows[start : start + BATCH])
    session.flush()


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _read(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
