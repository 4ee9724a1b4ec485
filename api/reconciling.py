"""匹配服务: what the Reconciliation Service API 0.2 says of this register, its batches, matches, cells and previews.

Entities are places (地方) by their stable id, types the categories of the regulation.
"""

from __future__ import annotations

import html
import json
from datetime import date
from typing import Any

import shapely

from geo import days
from geo.names.categories import Category
from geo.names.matching import Scored, Wanted, decided, match
from geo.problems import BadInput, TooLarge
from geo.store import name_history, name_matches
from geo.store.name_history import NoSuchPlace
from geo.terms import NAME_STATUS_NAMES, NameStatus
from geo.text import Text

PATH = "/api/v1/reconcile"
#: Other sites frame it: it stands where alone that is allowed (api.security.headers).
PREVIEW = "/embed/reconcile"
#: Queries in one batch, places in one extension, characters of a query, candidates at most.
BATCH, EXTENDED, CHARACTERS, MOST = 50, 500, 200, 25
#: What can be fetched of a place, and what a query can be refined by.
PROPERTIES: dict[str, Text] = {
    "romanization": Text("罗马字母拼写", "romanization"),
    "category": Text("类别", "category"),
    "unit": Text("所在政区", "unit"),
    "unit_code": Text("所在政区代码", "code of the unit"),
    "code": Text("地名代码", "place-name code"),
    "status": Text("状态", "standing"),
    "former": Text("曾用名、别名", "former and variant names"),
    "valid_from": Text("启用日期", "in force from"),
    "lon": Text("经度", "longitude"),
    "lat": Text("纬度", "latitude"),
    "uri": Text("稳定网址", "stable URI"),
}
REFINING = ("unit", "unit_code", "category")


class NotABatch(BadInput):
    """`queries` is not what the specification describes."""

    code = "not-a-batch"
    title = Text(
        "queries 须为 JSON 对象，每项含 query 或 properties（Reconciliation API 0.2）",
        "`queries` is a JSON object whose members have query or properties (Reconciliation API 0.2)",
    )


class BatchTooLarge(TooLarge):
    """More than the manifest's batchSize."""

    code = "batch-too-large"
    title = Text("一次最多 {most} 项，请分批发送", "At most {most} at once: send smaller batches")


def manifest(base: str) -> dict[str, Any]:
    """服务清单: what the service is and offers."""
    service = base + PATH
    suggest = {
        kind: {
            "service_url": service,
            "service_path": f"/suggest/{kind}",
            "flyout_service_url": service,
            "flyout_service_path": f"/flyout/{kind}?id=${{id}}",
        }
        for kind in ("entity", "type", "property")
    }
    return {
        "versions": ["0.2"],
        "name": "舆地标准地名 Yudi standard place names",
        "identifierSpace": f"{base}/places/",
        "schemaSpace": f"{base}/names/data",
        "documentation": f"{base}/names/data",
        "view": {"url": f"{base}/places/{{{{id}}}}"},
        "preview": {"url": f"{base}{PREVIEW}?id={{{{id}}}}", "width": 420, "height": 220},
        "suggest": suggest,
        "extend": {
            "propose_properties": {"service_url": service, "service_path": "/properties"},
            "property_settings": [],
        },
        "defaultTypes": [{"id": c.value, "name": c.value} for c in Category],
        "batchSize": BATCH,
    }


def _json(text: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise NotABatch() from None
    if not isinstance(given, dict):
        raise NotABatch()
    return given


def batch_of(text: str) -> dict[str, dict[str, Any]]:
    """The queries of a batch by their keys. Raises NotABatch, BatchTooLarge."""
    given = _json(text)
    if len(given) > BATCH:
        raise BatchTooLarge(most=BATCH)
    for query in given.values():
        if not isinstance(query, dict) or not isinstance(query.get("query", ""), str):
            raise NotABatch()
        properties = query.get("properties", [])
        if not isinstance(properties, list) or not all(
            isinstance(p, dict) and "pid" in p for p in properties
        ):
            raise NotABatch()
        if not query.get("query") and not properties:
            raise NotABatch()
    return given


def _value(given: Any) -> str:
    """A property's value as text: the first of a list, the name of an entity."""
    if isinstance(given, list):
        given = given[0] if given else ""
    if isinstance(given, dict):
        given = given.get("name") or given.get("id") or ""
    return str(given).strip()[:CHARACTERS]


def wanted_of(query: dict[str, Any]) -> Wanted:
    """What a query asks for. A type that is no category of ours, or several, restrict nothing."""
    given = {str(p["pid"]): _value(p.get("v")) for p in query.get("properties", [])}
    types = query.get("type")
    named = (
        types if isinstance(types, str) else (types[0] if isinstance(types, list) and len(types) == 1 else "")
    )
    word = given.get("category") or named
    category = Category(word) if word in set(Category) else None
    unit = given.get("unit_code") or given.get("unit") or None
    return Wanted(plain(query.get("query", "")), unit, category)


def plain(text: str) -> str:
    return "".join(c for c in text[:CHARACTERS] if c.isprintable())


def reconcile(session: Any, queries: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The result batch. A query that is the id of a place is answered with that place."""
    wanted = {key: wanted_of(query) for key, query in queries.items()}
    found = name_matches.candidates(session, list(wanted.values()))
    answer: dict[str, Any] = {}
    for (key, asked), candidates in zip(wanted.items(), found, strict=True):
        most = _limit(queries[key].get("limit"))
        result = match(asked, candidates, limit=most)
        sure = decided(result)
        answer[key] = {"result": [_candidate(s, sure and s is result.best) for s in result.candidates]}
    by_id = {key: w.name for key, w in wanted.items() if w.name.isascii() and w.name.isdigit()}
    if by_id:
        known = leads(session, [n for n in by_id.values() if len(n) < 19], days.today())
        for key, number in by_id.items():
            if number in known:
                answer[key]["result"].insert(0, _entity(known[number], score=100.0, match=True))
    return answer


def _limit(given: Any) -> int:
    return max(1, min(int(given), MOST)) if isinstance(given, int | float) and given == given else 5


def _candidate(scored: Scored, certain: bool) -> dict[str, Any]:
    c = scored.candidate
    words = [
        *([f"现名 {c.standard}"] if c.standard and c.standard != c.name else []),
        *c.units[::-1][:2],
        NAME_STATUS_NAMES[NameStatus(c.status)].zh,
        *(["演示数据（虚构）"] if c.demo else []),
    ]
    return {
        "id": str(c.place_id),
        "name": c.name,
        "description": "，".join(words),
        "score": scored.score,
        "match": certain,
        "type": [{"id": c.category, "name": c.category}],
        "features": [
            *({"id": name, "value": value} for name, value in scored.features.items()),
            *({"id": f"is_{kind}", "value": scored.kind.value == kind} for kind in ("exact", "variant", "homophone", "fuzzy")),
        ],
    }  # fmt: skip


def leads(session: Any, ids: list[str], at: date) -> dict[str, dict[str, Any]]:
    """Places by id, each as its version of the date with its other names; unknown ids are absent."""
    answer: dict[str, dict[str, Any]] = {}
    for place, versions in name_history.versions_of_places(session, [int(i) for i in ids]).items():
        lead = name_history.called(versions, at) or versions[-1]
        others = dict.fromkeys(v["name"] for v in versions if v["name"] != lead["name"])
        answer[str(place)] = {**lead, "others": list(others)}
    return answer


def _entity(lead: dict[str, Any], **more: Any) -> dict[str, Any]:
    status = NAME_STATUS_NAMES[NameStatus(lead["status"])].zh
    return {
        "id": str(lead["place_id"]),
        "name": lead["name"],
        "description": f"{lead['unit_code']}，{status}",
        "type": [{"id": lead["category"], "name": lead["category"]}],
        **more,
    }


def extended(session: Any, text: str, at: date, base: str) -> dict[str, Any]:
    """取属性: the wanted properties of places; an unknown place has none. Raises NotABatch, BatchTooLarge."""
    given = _json(text)
    ids, properties = given.get("ids"), given.get("properties")
    if not isinstance(ids, list) or not isinstance(properties, list):
        raise NotABatch()
    if len(ids) > EXTENDED:
        raise BatchTooLarge(most=EXTENDED)
    asked = [str(p.get("id")) for p in properties if isinstance(p, dict)]
    wanted = [p for p in asked if p in PROPERTIES]
    known_ids = [str(i) for i in ids]
    numbers = [i for i in known_ids if i.isascii() and i.isdigit() and len(i) < 19]
    known = leads(session, numbers, at)
    units = name_history.unit_versions(session, {v["unit_code"] for v in known.values()})
    rows = {
        i: {p: _cells(known.get(i), p, units, at, base) for p in wanted} for i in known_ids
    }  # fmt: skip
    meta = [{"id": p, "name": PROPERTIES[p].zh} for p in wanted]
    return {"meta": meta, "rows": rows}


def _cells(lead: dict[str, Any] | None, prop: str, units: Any, at: date, base: str) -> list[dict[str, Any]]:
    if lead is None:
        return []
    if prop in ("lon", "lat"):
        if lead["geometry"] is None:
            return []
        point = shapely.geometry.shape(lead["geometry"]).representative_point()
        return [{"float": round(point.x if prop == "lon" else point.y, 6)}]
    if prop == "former":
        return [{"str": name} for name in lead["others"]]
    if prop == "valid_from":
        return [{"date": f"{lead['valid_from'].isoformat()}T00:00:00Z"}] if lead["valid_from"] else []
    if prop == "unit":
        value: Any = "".join(u["name"] for u in name_history.lying_in(units, lead["unit_code"], at))
    elif prop == "status":
        value = NAME_STATUS_NAMES[NameStatus(lead["status"])].zh
    elif prop == "uri":
        value = f"{base}/places/{lead['place_id']}"
    else:
        value = lead[prop]
    return [{"str": str(value)}] if value else []


def snippet(session: Any, place_id: str, at: date, base: str) -> str:
    """A place in a few escaped lines of HTML. Raises NoSuchPlace."""
    lead = leads(session, [place_id], at).get(place_id)
    if lead is None:
        raise NoSuchPlace(place_id=place_id)
    units = name_history.unit_versions(session, {lead["unit_code"]})
    lies = (
        "".join(u["name"] for u in name_history.lying_in(units, lead["unit_code"], at)) or lead["unit_code"]
    )
    lines = [
        f'<h1><a href="{html.escape(base, quote=True)}/places/{int(place_id)}" target="_blank" rel="noopener">'
        f"{html.escape(lead['name'])}</a></h1>",
        f"<p>{html.escape(lead['romanization'])}</p>",
        f"<p>{html.escape(lead['category'])} · {html.escape(lies)} · "
        f"{html.escape(NAME_STATUS_NAMES[NameStatus(lead['status'])].zh)}</p>",
    ]
    if lead["others"]:
        lines.append(f"<p>曾用名、别名：{html.escape('、'.join(lead['others'][:6]))}</p>")
    if lead["demo"]:
        lines.append("<p>演示数据（虚构）</p>")
    return "".join(lines)
