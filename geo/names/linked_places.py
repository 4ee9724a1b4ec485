"""Linked Places format (关联地名格式, LPF): places with their names over time, as other gazetteers read them.

One feature a place. The output holds to both published schemas: the JSON Schema files of the format (draft,
kept in data/placenames/linked_places/) and version 2 of the World Historical Gazetteer's. What these forbid is
left out: no licence beside the features, no certainty inside `when`, no citation without an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from geo.names.categories import Category
from geo.terms import NAME_STATUS_NAMES, NameStatus

Record = Mapping[str, Any]

#: The context that the format's schema asks for; the text is that of version 1.1, which 1.2.2 uses too.
CONTEXT = (
    "https://raw.githubusercontent.com/isawnyu/linked-places-format/main/linkedplaces-context-v1.1.jsonld"
)

MEDIA_TYPE = "application/ld+json"

#: Getty AAT concepts, where one means what the category or the generic part means; else none is claimed.
#: Source: the format's own list of place types (AAT, ODC-By; data/placenames/linked_places/).
AAT_BY_GENERIC: dict[tuple[Category, str], tuple[int, str]] = {
    (Category.COUNTY_UP, "省"): (300000774, "province"),
    (Category.COUNTY_UP, "自治区"): (300387107, "autonomous region"),
    (Category.COUNTY_UP, "县"): (300000771, "county"),
    (Category.COUNTY_UP, "自治县"): (300000771, "county"),
    (Category.NATURAL, "江"): (300008707, "river"),
    (Category.NATURAL, "河"): (300008707, "river"),
    (Category.NATURAL, "湖"): (300008680, "lake"),
    (Category.NATURAL, "湖泊"): (300008680, "lake"),
    (Category.NATURAL, "山脉"): (300386831, "mountain range"),
    (Category.NATURAL, "山"): (300008795, "mountain"),
    (Category.NATURAL, "山峰"): (300008795, "mountain"),
    (Category.NATURAL, "岛"): (300008791, "island"),
    (Category.NATURAL, "群岛"): (300386853, "island group"),
    (Category.NATURAL, "半岛"): (300008804, "peninsula"),
    (Category.NATURAL, "盆地"): (300386845, "basin"),
    (Category.NATURAL, "平原"): (300008805, "plain"),
    (Category.NATURAL, "高原"): (300132339, "plateau"),
    (Category.NATURAL, "沙漠"): (300008916, "desert"),
    (Category.NATURAL, "峡谷"): (300008761, "valley"),
    (Category.NATURAL, "泉"): (300008697, "spring"),
    (Category.NATURAL, "瀑布"): (300008736, "waterfall"),
    (Category.NATURAL, "海"): (300008694, "sea"),
    (Category.FACILITY, "桥"): (300007836, "bridge"),
    (Category.FACILITY, "大桥"): (300007836, "bridge"),
    (Category.FACILITY, "特大桥"): (300007836, "bridge"),
    (Category.FACILITY, "水库"): (300006191, "reservoir"),
    (Category.FACILITY, "大坝"): (300006084, "dam"),
    (Category.FACILITY, "机场"): (300000681, "airport"),
    (Category.FACILITY, "铁路"): (300008591, "railroad"),
    (Category.FACILITY, "公路"): (300008217, "road"),
    (Category.PARK, "广场"): (300008304, "square"),
}
AAT_BY_CATEGORY: dict[Category, tuple[int, str]] = {
    Category.COUNTY_UP: (300232418, "administrative division"),
    Category.SUBDISTRICT: (300232418, "administrative division"),
    Category.TOWNSHIP: (300232418, "administrative division"),
    Category.NATURAL_VILLAGE: (300008372, "village"),
    Category.PARK: (300008187, "park"),
}

#: GeoNames feature classes; X where the category leaves the kind open.
CLASSES: dict[Category, str] = {
    Category.COUNTY_UP: "A",
    Category.SUBDISTRICT: "A",
    Category.TOWNSHIP: "A",
    Category.COMMITTEE: "P",
    Category.NATURAL_VILLAGE: "P",
    Category.PARK: "L",
    Category.ZONE: "L",
    Category.STREET: "R",
    Category.ESTATE: "S",
    Category.FACILITY: "S",
    Category.OTHER: "X",
}
WATERS = "江河溪湖泊沱渠塘池淀泉潭滩川水瀑布海港"

#: How sure a position is, by where it came from.
CERTAINTY = {
    "surveyed": "certain",
    "imported": "less-certain",
    "derived": "less-certain",
    "demo": "uncertain",
}

#: What a succession says of two places. Within one place the names tell it themselves.
RELATIONS = {
    "renamed": ("dct:isReplacedBy", "更名为", "renamed"),
    "merged": ("dct:isReplacedBy", "并入", "merged into"),
    "split": ("dct:isReplacedBy", "析置", "split into"),
    "moved": ("dct:isReplacedBy", "划归后为", "moved, then"),
    "recoded": ("dct:isReplacedBy", "改代码后为", "recoded as"),
    "abolished": ("dct:isReplacedBy", "撤销后归", "abolished, then"),
    "vanished": ("dct:isReplacedBy", "消失后归", "vanished, then"),
}

_INTERVAL = re.compile(r"^(\d{4}(?:-\d{2}(?:-\d{2})?)?)/(\d{4}(?:-\d{2}(?:-\d{2})?)?)$")


@dataclass(frozen=True, slots=True)
class About:
    """What every feature needs: the site's address (no slash at its end), the date looked at, the licence."""

    base: str
    at: date
    attribution: str

    def place(self, place_id: int) -> str:
        """The stable address (稳定网址) of a place."""
        return f"{self.base}/places/{place_id}"

    def name(self, number: int) -> str:
        return f"{self.base}/names/{number}"

    def unit(self, code: str) -> str:
        return f"{self.base}/api/v1/admin-units/{code}"


def between(value: object) -> tuple[str, str] | None:
    """The two dates of an uncertain one, written 2018-10-31/2019-10-31 or as a list of two; else None."""
    text = "/".join(map(str, value)) if isinstance(value, list) else value
    found = _INTERVAL.match(text) if isinstance(text, str) else None
    return (found[1], found[2]) if found else None


def uncertain(facts: Mapping[str, Any], keys: tuple[str, str], day: date) -> dict[str, str] | None:
    """The two cut-off dates between which a day lies that the register takes as the later one."""
    for key in keys:
        cut = between(facts.get(key))
        if cut and cut[1] == day.isoformat():
            return {"earliest": cut[0], "latest": cut[1]}
    return None


STARTS, ENDS = ("from_between", "named_on"), ("until_between", "abolished")


def when(version: Record, about: About) -> dict[str, Any]:
    """The time (when) of a version of a name: one timespan, which always has a start.

    A start or end known only to lie between two cut-off dates is given as earliest and latest. What is in force
    without end has an end no earlier than the date looked at: a span without end would mean its first day alone.
    """
    facts = version.get("facts") or {}
    first, after = version["valid_from"], version["valid_to"]
    last = None if after is None else after - timedelta(days=1)
    if first is None:
        start: dict[str, str] = {"latest": (last or about.at).isoformat()}
    else:
        start = uncertain(facts, STARTS, first) or {"in": first.isoformat()}
    if last is None:
        end = {"earliest": max(about.at, first or about.at).isoformat()}
    else:
        end = uncertain(facts, ENDS, last + timedelta(days=1)) or {"in": last.isoformat()}
    return {"timespans": [{"start": start, "end": end}]}


def citations(version: Record, about: About) -> list[dict[str, str]]:
    """The sources of a version. One without an address of its own is cited by the name's page."""
    answer = []
    for source in version.get("sources") or ():
        title = " ".join(str(source.get("title") or "").split())
        if title:
            address = str(source.get("url") or "")
            known = bool(re.match(r"^https?://\S+$", address))
            answer.append({"label": title, "@id": address if known else about.name(version["number"])})
    if version.get("document") and all(version["document"] != c["label"] for c in answer):
        answer.append({"label": str(version["document"]), "@id": about.name(version["number"])})
    return answer or [{"label": about.attribution, "@id": about.name(version["number"])}]


def attestations(versions: Iterable[Record], about: About) -> list[dict[str, Any]]:
    """The names of a place, each writing with its time and sources, then its spelling in Latin letters."""
    answer: list[dict[str, Any]] = []
    for version in versions:
        scope, cited = when(version, about), citations(version, about)
        answer.append({"toponym": version["name"], "lang": "zh", "citations": cited, "when": scope})
        if version["romanization"]:
            answer.append(
                {
                    "toponym": version["romanization"],
                    "lang": "zh-Latn-pinyin",
                    "citations": cited,
                    "when": scope,
                }
            )
    return answer


def aat_type(category: Category, generic: str) -> tuple[int, str] | None:
    """The AAT concept of a place, or None where the mapping is not sure."""
    return AAT_BY_GENERIC.get((category, generic)) or AAT_BY_CATEGORY.get(category)


def feature_class(category: Category, generic: str) -> str:
    """The GeoNames feature class; water (H) and land (T) are told apart by the generic part."""
    if category is Category.NATURAL:
        return "H" if generic and generic[-1] in WATERS else "T"
    return CLASSES[category]


def types(version: Record) -> list[dict[str, Any]]:
    """The type of the place, with the regulation's word for it as the source's label; none if not sure."""
    known = aat_type(Category(version["category"]), version["generic"])
    if known is None:
        return []
    labels = [{"label": version["category"], "lang": "zh"}]
    if version["generic"]:
        labels.append({"label": version["generic"], "lang": "zh"})
    return [{"identifier": f"aat:{known[0]}", "label": known[1], "sourceLabels": labels}]


def flat(value: Any) -> Any:
    """Coordinates of longitude and latitude alone."""
    if value and isinstance(value[0], int | float):
        return list(value[:2])
    return [flat(v) for v in value]


def parts(geometry: Record | None) -> Iterator[dict[str, Any]]:
    """The simple geometries of a GeoJSON geometry; a collection inside another is taken apart."""
    if not geometry:
        return
    if geometry["type"] == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from parts(part)
    elif geometry.get("coordinates"):
        yield {"type": geometry["type"], "coordinates": flat(geometry["coordinates"])}


def settings_of(versions: Iterable[Record], about: About) -> dict[str, Any] | None:
    """Where the place lay and when, with how sure that is; the same position is told once. None if unknown."""
    answer: list[dict[str, Any]] = []
    for version in versions:
        for part in parts(version.get("geometry")):
            held = next((g for g in answer if g["coordinates"] == part["coordinates"]), None)
            if held is not None:
                held["when"]["timespans"] += when(version, about)["timespans"]
                continue
            certainty = (
                "uncertain" if version["demo"] else CERTAINTY[version["geometry_source"] or "imported"]
            )
            answer.append({**part, "when": when(version, about), "certainty": certainty})
    return {"type": "GeometryCollection", "geometries": answer} if answer else None


def relations(
    versions: Iterable[Record], links: Iterable[Record], place_id: int, about: About
) -> list[dict[str, Any]]:
    """In which unit the place lay and when, and which places came before and after it."""
    answer: list[dict[str, Any]] = []
    for version in versions:
        if version["unit_code"] != version["names_unit"]:
            answer.append(
                {
                    "relationType": "gvp:broaderPartitive",
                    "relationTo": about.unit(version["unit_code"]),
                    "label": f"属于 {version['unit_code']} (part of)",
                    "when": when(version, about),
                }
            )
    for link in links:
        towards = link["from_place"] == place_id
        other = link["to_place"] if towards else link["from_place"]
        if other is None or other == place_id:
            continue
        relation, zh, en = RELATIONS[link["kind"]]
        label = f"{link['from_name']} {zh} {link['to_name']} ({en})"
        source = link["document"] or link["source"]
        answer.append(
            {
                "relationType": relation if towards else "dct:replaces",
                "relationTo": about.place(other),
                "label": label,
                "when": {"timespans": [{"start": {"in": link["on_date"].isoformat()}}]},
                "citations": [{"label": source, "@id": about.name(link["from_number"])}],
                "certainty": "uncertain" if link["demo"] else "certain",
            }
        )
    return answer


def descriptions(versions: Iterable[Record], about: About) -> list[dict[str, str]]:
    """Meaning, origin and history (含义、来历、沿革) of the names, each text once."""
    said: dict[str, int] = {}
    for version in versions:
        for key in ("meaning", "origin", "history", "description"):
            if version.get(key):
                said.setdefault(str(version[key]), version["number"])
    return [{"@id": about.name(number), "value": text, "lang": "zh"} for text, number in said.items()]


def feature(versions: list[Record], links: Iterable[Record], about: About) -> dict[str, Any]:
    """A place as one LPF feature.

    versions: every public version of its names, the oldest first, at least one (keys of
    geo.store.name_history). links: the successions that touch them. Demonstration data say so in `properties`
    and have an uncertain position.
    """
    lead = _lead(versions, about.at)
    place_id = lead["place_id"]
    category = Category(lead["category"])
    ordered = [lead, *(v for v in versions if v is not lead)]
    status = NameStatus(lead["status"])
    demo = any(v["demo"] for v in versions)
    properties: dict[str, Any] = {
        "title": lead["name"],
        "ccodes": ["CN"],
        "fclasses": [feature_class(category, lead["generic"])],
        "romanization": lead["romanization"],
        "status": status.value,
        "status_name": NAME_STATUS_NAMES[status].zh,
        "attribution": about.attribution,
        "demo": demo,
    }
    if lead["code"]:
        properties["code"] = lead["code"]
    if demo:
        properties["note"] = "演示数据（虚构） Demonstration data (invented)"
    answer: dict[str, Any] = {
        "@id": about.place(place_id),
        "type": "Feature",
        "properties": properties,
        "when": {"timespans": [span for v in versions for span in when(v, about)["timespans"]]},
        "names": attestations(ordered, about),
        "geometry": settings_of(ordered, about),
    }
    for key, value in (
        ("types", types(lead)),
        ("relations", relations(versions, links, place_id, about)),
        ("descriptions", descriptions(versions, about)),
    ):
        if value:
            answer[key] = value
    return answer


def _lead(versions: list[Record], at: date) -> Record:
    """The version that the feature is titled by: the standard name of the date, else the last standard one,
    else the last of all."""
    for held in (
        [v for v in versions if v["status"] == "standard" and _holds(v, at)],
        [v for v in versions if v["status"] == "standard"],
    ):
        if held:
            return held[-1]
    return versions[-1]


def _holds(version: Record, at: date) -> bool:
    start, end = version["valid_from"], version["valid_to"]
    return (start is None or start <= at) and (end is None or at < end)


def collection(features: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """A FeatureCollection of a few features."""
    return {"type": "FeatureCollection", "@context": CONTEXT, "features": list(features)}


def stream(features: Iterable[str]) -> Iterator[str]:
    """A FeatureCollection piece by piece. features: each feature as JSON; one a line in the answer."""
    yield f'{{"type":"FeatureCollection","@context":"{CONTEXT}","features":[\n'
    before = ""
    for each in features:
        yield before + each
        before = ",\n"
    yield "\n]}\n"
