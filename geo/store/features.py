"""Collections (数据集) of published features, page by page: for OGC API Features and the bulk files.

Every statement reads the published views with a session of the public's role. A feature is a version: its id is the
record's key, followed by `@` and the day from which the version is in force, where that is known. Without a time the
features are those in force on the site's date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.text import Text

Row = dict[str, Any]
#: (west, south, east, north) in degrees, EPSG:4490.
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a collection's features: SQL expression, JSON type, and what it is. filter: whether it may be
    asked for by its value."""

    sql: str
    type: str
    title: Text
    filter: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection. source: a FROM clause with the alias f; key, valid, geometry: expressions over it."""

    id: str
    title: Text
    description: Text
    source: str
    key: str
    geometry_type: str
    properties: Mapping[str, Property]
    valid: str = "f.valid"
    geometry: str = "f.geometry"
    #: Whether pages are found in published.map_name first, and what more is asked for there.
    names: str | None = None
    tiles: bool = field(default=True)


def _text(column: str, zh: str, en: str, filter: bool = False) -> Property:
    return Property(f"f.{column}", "string", Text(zh, en), filter)


def _flag(column: str, zh: str, en: str) -> Property:
    return Property(f"f.{column}", "boolean", Text(zh, en))


_DEMO = _flag("demo", "演示数据（虚构）", "demonstration data, invented")
_DOCUMENT = _text("document", "文号", "document")
_DAY = "string:date"
_STATUS = "standard former vanished historic variant short dialect"

_NAME = {
    "number": Property("f.number", "integer", Text("地名编号", "number of the name"), True),
    "name": _text("name", "地名", "name", True),
    "romanization": _text("romanization", "罗马字母拼写", "romanization"),
    "category": _text("category", "地名类别：" + " ".join(c.value for c in Category), "category", True),
    "status": _text("status", "地名状态 " + _STATUS, "standing: " + _STATUS, True),
    "code": _text("code", "地名代码", "code"),
    "gb_code": _text("gb_code", "类别代码", "code of the category"),
    "unit_code": _text("unit_code", "所在政区代码", "code of the unit that it lies in", True),
    "meaning": _text("meaning", "地名含义", "meaning"),
    "origin": _text("origin", "地名来历", "origin"),
    "document": _DOCUMENT,
    "announced_on": Property("f.announced_on", _DAY, Text("公告日期", "date of the announcement")),
    "importance": Property("f.importance", "integer", Text("重要性 0–100", "importance, 0 to 100")),
    "place_id": Property("f.place_id", "integer", Text("地方编号", "number of the place")),
    "demo": _DEMO,
}

COLLECTIONS: dict[str, Collection] = {
    made.id: made
    for made in (
        Collection(
            "place_names", Text("地名", "Place names"),
            Text("公开的地名（标准地名、曾用名、消失地名等）", "Public names: standard, former, vanished and others"),
            "published.place_name_version f", "f.number", "geometry", _NAME, names="true",
        ),
        Collection(
            "villages", Text("村名", "Village names"),
            Text("行政村、社区和自然村的名称", "Names of villages, communities and hamlets"),
            "published.place_name_version f", "f.number", "geometry", _NAME, names="m.villages",
        ),
        Collection(
            "townships", Text("乡镇、街道", "Townships"),
            Text("乡镇、街道的概括范围", "Townships with their generalised areas"),
            "published.admin_unit f", "f.code", "multipolygon",
            {
                "code": _text("code", "区划代码", "code", True),
                "name": _text("name", "名称", "name", True),
                "parent_code": _text("parent_code", "上级代码", "code of the parent", True),
                "statistical": _text("statistical", "统计用区划代码", "statistical code"),
                "document": _DOCUMENT,
                "source": _text("source", "来源", "source"),
                "tolerance_m": Property("f.tolerance_m", "number", Text("概括容差（米）", "tolerance of the generalisation, metres")),
                "demo": _DEMO,
            },
        ),
        Collection(
            "boundary_lines", Text("已勘定界线", "Settled boundary lines"),
            Text("已勘定界线（概括）；未勘定的不公开", "Settled lines, generalised; others are not public"),
            "published.boundary_line f", "f.code", "linestring",
            {
                "code": _text("code", "界线代码", "code", True),
                "name": _text("name", "名称", "name", True),
                "left_code": _text("left_code", "左侧政区代码", "unit on the left", True),
                "right_code": _text("right_code", "右侧政区代码", "unit on the right", True),
                "level": _text("level", "级别", "level", True),
                "length_m": Property("f.length_m", "number", Text("长度（米）", "length, metres")),
                "settled_on": Property("f.settled_on", _DAY, Text("勘定日期", "settled on")),
                "document": _DOCUMENT,
                "demo": _DEMO,
            },
        ),
        Collection(
            "markers_public", Text("界桩（公开）", "Markers"),
            Text("已勘定界线的界桩，位置取整到 0.001 度", "Markers of settled lines, rounded to 0.001 degree"),
            "published.boundary_marker f", "f.number", "point",
            {
                "number": _text("number", "界桩编号", "number", True),
                "display_number": _text("display_number", "桩面编号", "number as shown"),
                "kind": _text("kind", "类型码", "type code", True),
                "line_code": _text("line_code", "界线代码", "code of the line", True),
                "condition": _text("condition", "完好状况", "condition"),
                "demo": _DEMO,
            },
        ),
        Collection(
            "protected_names", Text("地名保护名录", "Protected names"),
            Text("已公布的保护名录所列地名", "Names on published protection lists"),
            """(select e.id, e.number, n.name, l.title as list, l.kind, l.batch, l.document, l.published_on, e.kind_class,
                       e.state, e.demo or l.demo as demo, daterange(l.published_on, null) as valid, n.geometry
                from published.protection_entry e
                join published.protection_list l on l.id = e.list_id
                left join lateral (
                    select p.name, p.geometry from published.place_name p where p.number = e.number
                    order by upper(p.valid) desc nulls first limit 1
                ) n on true) f""",
            "f.id", "geometry",
            {
                "number": Property("f.number", "integer", Text("地名编号", "number of the name"), True),
                "name": _text("name", "地名", "name", True),
                "list": _text("list", "名录", "list"),
                "kind": _text("kind", "名录种类 historic rural", "kind of the list", True),
                "batch": Property("f.batch", "integer", Text("批次", "batch"), True),
                "kind_class": _text("kind_class", "保护类别", "class"),
                "state": _text("state", "accepted 在册 withdrawn 已撤", "accepted or withdrawn", True),
                "document": _DOCUMENT,
                "published_on": Property("f.published_on", _DAY, Text("公布日期", "published on")),
                "demo": _DEMO,
            },
            tiles=False,
        ),
        Collection(
            "facilities", Text("设施", "Facilities"),
            Text("公开的设施（养老服务等）", "Public facilities, such as those of elderly care"),
            "published.facility f", "f.number", "point",
            {
                "number": Property("f.number", "integer", Text("设施编号", "number"), True),
                "name": _text("name", "名称", "name", True),
                "kind": _text("kind", "类别代码", "code of the kind", True),
                "mode": _text("mode", "模式", "mode", True),
                "status": _text("status", "状态", "status", True),
                "grade": _text("grade", "等级", "grade"),
                "unit_code": _text("unit_code", "所在政区代码", "code of the unit", True),
                "address": _text("address", "地址", "address"),
                "phone": _text("phone", "电话", "telephone"),
                "operator": _text("operator", "运营方", "operator"),
                "beds": Property("f.beds", "integer", Text("床位", "beds")),
                "nursing_beds": Property("f.nursing_beds", "integer", Text("护理型床位", "nursing beds")),
                "checked_on": Property("f.checked_on", _DAY, Text("核实日期", "checked on")),
                "demo": _DEMO,
            },
        ),
    )
}  # fmt: skip

#: What a collection reads more than it gives.
_ONLY = {"townships": "f.level = 'township' and f.geometry is not null"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. times: first and last day, None for open ends; boxes: one, or two across 180°; equal: values
    of properties; after: key and first day of the last feature of the page before; srid: of the answer; flip: whether
    it gives north before east."""

    times: tuple[date | None, date | None]
    boxes: Sequence[Box] = ()
    equal: Mapping[str, Any] = field(default_factory=dict)
    after: tuple[Any, str] | None = None
    limit: int = 100
    srid: int = 4326
    flip: bool = False
    only: tuple[Any, date | None] | None = None


def features(session: Session, collection: Collection, asked: Asked) -> list[Row]:
    """Up to limit + 1 features in the order of their keys and days, with geometry as GeoJSON text."""
    where, values = _conditions(collection, asked)
    values |= {"first": asked.times[0], "last": asked.times[1], "most": asked.limit + 1}
    if collection.names is not None:
        values["versions"] = _versions(session, collection, asked, values)
        where = ["f.version = any(:versions)"]
    statement = f"""
        select {collection.key} as key, coalesce(lower({collection.valid})::text, '') as since,
               lower({collection.valid}) as valid_from, upper({collection.valid}) as valid_to,
               {", ".join(f"{p.sql} as p_{name}" for name, p in collection.properties.items())},
               ST_AsGeoJSON({_shown(collection.geometry, asked)}, {3 if _metres(asked.srid) else 7}, 0) as shape
        from {collection.source}
        where {" and ".join(where)}
        order by {collection.key}, coalesce(lower({collection.valid})::text, '') collate "C" limit :most"""
    found = session.execute(text(statement), values).mappings()
    return [dict(row) for row in found]


def _versions(session: Session, collection: Collection, asked: Asked, values: Row) -> list[int]:
    """Which versions of names make the page. Served by map_name_number_ix, map_name_all_gist, map_name_shape_gist."""
    where = [collection.names or "true", "m.valid && daterange(:first, :last, '[]')"]
    for name in asked.equal:
        column = {"category": "kind"}.get(name, name)
        where.append(f"m.{column} = :equal_{name}")
    if "category" in asked.equal:
        values["equal_category"] = _kind(asked.equal["category"])
    if asked.boxes:
        # What has no place is in every box, as the standard demands.
        near = ["(m.point is null and m.shape is null)"]
        for i, box in enumerate(asked.boxes):
            west, south, east, north = box
            values[f"mercator_{i}"] = (
                f"LINESTRING({west} {max(-85.06, min(85.06, south))}, {east} {max(-85.06, min(85.06, north))})"
            )
            envelope = f"ST_MakeEnvelope(:w{i}, :s{i}, :e{i}, :n{i}, 4490)"
            near.append(
                f"(m.shape is null and m.point && ST_Expand(ST_Transform(ST_GeomFromText(:mercator_{i}, 4326), 3857), 0.01))"
            )
            near.append(
                f"(m.shape is not null and m.shape && {envelope} and ST_Intersects(m.shape, {envelope}))"
            )
        where.append(f"({' or '.join(near)})")
    if asked.after is not None:
        where.append(
            "m.number >= :after_key and (m.number, coalesce(lower(m.valid)::text, '') collate \"C\") > (:after_key, :after_since)"
        )
    if asked.only is not None:
        where.append("m.number = :only_key and lower(m.valid) is not distinct from cast(:only_since as date)")
    statement = f"""
        select m.version_id from published.map_name m where {" and ".join(where)}
        order by m.number, coalesce(lower(m.valid)::text, '') collate "C" limit :most"""
    return list(session.scalars(text(statement), values))


def _kind(category: str) -> str:
    return next((c.name.lower() for c in Category if c.value == category), "")


def _conditions(collection: Collection, asked: Asked) -> tuple[list[str], Row]:
    where = [f"{collection.valid} && daterange(:first, :last, '[]')", _ONLY.get(collection.id, "true")]
    values: Row = {}
    for name, value in asked.equal.items():
        where.append(f"{collection.properties[name].sql} = :equal_{name}")
        values[f"equal_{name}"] = value
    near = [f"{collection.geometry} is null"] if asked.boxes else []
    for i, (west, south, east, north) in enumerate(asked.boxes):
        envelope = f"ST_MakeEnvelope(:w{i}, :s{i}, :e{i}, :n{i}, 4490)"
        near.append(
            f"({collection.geometry} && {envelope} and ST_Intersects({collection.geometry}, {envelope}))"
        )
        values |= {f"w{i}": west, f"s{i}": south, f"e{i}": east, f"n{i}": north}
    if near:
        where.append(f"({' or '.join(near)})")
    since = f"coalesce(lower({collection.valid})::text, '')"
    if asked.after is not None:
        where.append(f'({collection.key}, {since} collate "C") > (:after_key, :after_since)')
        values |= {"after_key": asked.after[0], "after_since": asked.after[1]}
    if asked.only is not None:
        where.append(
            f"{collection.key} = :only_key and lower({collection.valid}) is not distinct from cast(:only_since as date)"
        )
        values |= {"only_key": asked.only[0], "only_since": asked.only[1]}
    return where, values


def _metres(srid: int) -> bool:
    return srid not in (4326, 4490)


def _shown(geometry: str, asked: Asked) -> str:
    """The geometry in the system of the answer. EPSG:4490, 4326 and CRS84 are taken for one: they differ by less
    than a metre, and no published position is better than that."""
    shape = geometry
    if asked.srid == 3857:
        shape = f"ST_Transform(ST_SetSRID({shape}, 4326), 3857)"
    elif _metres(asked.srid):
        shape = f"ST_Transform({shape}, {int(asked.srid)})"
    return f"ST_FlipCoordinates({shape})" if asked.flip else shape


def extent(session: Session, collection: Collection) -> Box | None:
    """The box of all features, degrees; None where there are none with a place."""
    if collection.names is not None:
        # Points of the web map, back in degrees; what is more than a point lies around its own.
        found = session.execute(
            text(
                "select ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) from (select ST_Transform(ST_SetSRID(ST_Extent(m.point)::geometry,"
                f" 3857), 4326) as b from published.map_name m where {collection.names}) x where b is not null"
            )
        ).first()
    else:
        found = session.execute(
            text(
                "select ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) from (select ST_Extent("
                f"{collection.geometry}) as b from {collection.source} where {_ONLY.get(collection.id, 'true')}) x where b is not null"
            )
        ).first()
    return None if found is None else tuple(round(v, 6) for v in found)
