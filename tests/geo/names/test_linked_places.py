"""Linked Places: what is said of a place, and that both published schemas agree with how.

The format's own schema files lie in data/placenames/linked_places; the second schema, the World Historical
Gazetteer's, is not shipped: what it asks beyond the first stands here as checks of its own, with its patterns.
"""

from __future__ import annotations

import json
import re
import zipfile
from datetime import date
from typing import Any

import pytest

from geo.names import linked_places as lp
from geo.settings import ROOT

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
referencing = pytest.importorskip("referencing", reason="referencing is not installed")

FOLDER = ROOT / "data" / "placenames" / "linked_places"
ABOUT = lp.About("https://yudi.example", date(2024, 12, 31), "资料：渝北区地名库")
HOME = "https://pleiades.stoa.org/linkedplaces/schema/"


def version(name: str = "月隐湖社区", **more: Any) -> dict[str, Any]:
    given = {
        "number": 7,
        "place_id": 3,
        "code": "500112013012",
        "name": name,
        "generic": "社区",
        "romanization": "Yuèyǐnhú Shèqū",
        "category": "村委会、居委会所在地",
        "status": "standard",
        "unit_code": "500112013",
        "names_unit": "500112013012",
        "meaning": None,
        "origin": None,
        "history": None,
        "description": None,
        "document": "测试批复〔2020〕1号",
        "sources": [],
        "facts": {},
        "demo": False,
        "valid_from": date(2020, 6, 30),
        "valid_to": None,
        "geometry": None,
        "geometry_source": None,
    }
    return {**given, **more}


def link(**more: Any) -> dict[str, Any]:
    return {
        "from_number": 7, "from_name": "月隐湖社区", "from_place": 3, "to_number": 9, "to_name": "龙山社区",
        "to_place": 5, "kind": "merged", "on_date": date(2022, 10, 31), "document": None, "source": "年度名录",
        "demo": False, **more,
    }  # fmt: skip


POINT = {"type": "Point", "coordinates": [106.5, 29.7]}
CASES = {
    "plain": ([version()], []),
    "no dates": ([version(valid_from=None)], []),
    "ended before the start is known": ([version(valid_from=None, valid_to=date(1958, 1, 1))], []),
    "between two cut-offs": (
        [
            version(
                valid_to=date(2022, 10, 31),
                facts={"named_on": "2019-10-31/2020-06-30", "until_between": ["2021-10-31", "2022-10-31"]},
            )
        ],
        [],
    ),
    "sources": (
        [version(sources=[{"title": "名录 2020", "url": "https://a.example/x y"}, {"title": ""}])],
        [],
    ),
    "no document": ([version(document=None)], []),
    "point": ([version(geometry=POINT, geometry_source="imported")], []),
    "collection": (
        [
            version(
                geometry={
                    "type": "GeometryCollection",
                    "geometries": [
                        POINT,
                        {"type": "GeometryCollection", "geometries": [POINT]},
                        {"type": "LineString", "coordinates": [[106, 29, 5], [107, 30, 6]]},
                    ],
                },
                geometry_source="surveyed",
            )
        ],
        [],
    ),
    "demo": ([version(demo=True, geometry=POINT, geometry_source="demo")], [link(demo=True)]),
    "succession": ([version(valid_to=date(2022, 10, 31))], [link()]),
    "predecessor": ([version(number=9, place_id=5)], [link()]),
    "river": ([version("御临河", category="自然地理实体", generic="河", names_unit=None)], []),
    "other": ([version("某处", category="其他", generic="", names_unit=None)], []),
    "texts": ([version(meaning="意", origin="源", history='"}<script>', description=None)], []),
}


@pytest.fixture(scope="module")
def published() -> Any:
    """The published schema files, put together as they were meant.

    Mended: `items` of features holds its schema under a key of its own and so checks nothing; two addresses are
    spelled in two ways; the language's file was never published; types stand for one type, not their list.
    """
    path = FOLDER / "schema.zip"
    found: dict[str, Any] = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            if entry.endswith(".schema.json"):
                text = archive.read(entry).decode().replace("string-nonempty", "string_nonempty")
                schema = json.loads(text)
                schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
                found[HOME + entry.removeprefix("schema/")] = schema
    found[HOME + "lang.schema.json"] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "string",
        "minLength": 2,
    }
    features = found[HOME + "features.schema.json"]
    features["items"] = features["items"]["feature"]
    of_feature = features["$defs"]["feature"]["properties"]
    features["$defs"]["feature"]["additionalProperties"] = of_feature.pop("additionalProperties")
    of_feature["types"] = {"type": "array", "items": of_feature["types"]}
    of_feature["geometry"] = {}
    registry = referencing.Registry().with_resources(
        (address, referencing.Resource.from_contents(s | {"$id": address})) for address, s in found.items()
    )
    return jsonschema.Draft202012Validator({"$ref": HOME + "linkedplaces.schema.json"}, registry=registry)


@pytest.mark.parametrize("case", CASES)
def test_the_first_schema_holds(published: Any, case: str) -> None:
    versions, links = CASES[case]
    document = json.loads(json.dumps(lp.collection([lp.feature(versions, links, ABOUT)])))
    assert [e.message for e in published.iter_errors(document)] == []


def test_the_first_schema_refuses_what_is_wrong(published: Any) -> None:
    """The mended schema checks: each of these must be an error."""
    for spoil in (
        lambda f: f.pop("@id"),
        lambda f: f["names"][0].pop("citations"),
        lambda f: f["names"][0]["when"].update(certainty="certain"),
        lambda f: f["when"].update(timespans=[{"end": {"in": "2020"}}]),
        lambda f: f.update(licence="x"),
    ):
        feature = lp.feature([version()], [], ABOUT)
        spoil(feature)
        assert list(published.iter_errors(lp.collection([feature])))


@pytest.fixture(scope="module")
def geojson() -> Any:
    path = FOLDER / "schema.zip"
    with zipfile.ZipFile(path) as archive:
        return jsonschema.Draft7Validator(json.loads(archive.read("schema/FeatureCollection.json")))


@pytest.mark.parametrize("case", CASES)
def test_it_is_geojson(geojson: Any, case: str) -> None:
    document = json.loads(json.dumps(lp.collection([lp.feature(*CASES[case], ABOUT)])))
    assert [e.message for e in geojson.iter_errors(document)] == []


LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-[A-Za-z]{2})?(-[A-Za-z0-9]{5,8})*$")
DATE = re.compile(r"^-?\d{1,4}(-(0[1-9]|1[0-2]))?(-([0-2][0-9]|3[01]))?$")
ADDRESS = re.compile(r"^(https?://\S+|\w+:\S+)$")
CERTAIN = {"certain", "less-certain", "uncertain"}


def whens(value: Any) -> Any:
    if isinstance(value, dict):
        if "timespans" in value:
            yield value
        for each in value.values():
            yield from whens(each)
    elif isinstance(value, list):
        for each in value:
            yield from whens(each)


@pytest.mark.parametrize("case", CASES)
def test_the_second_schema_holds(case: str) -> None:
    """What version 2 asks: geometry and names always, a class or a type, a time somewhere, addresses, languages,
    two coordinates, `in` or else earliest and latest, sources cited without a year as a number."""
    feature = json.loads(json.dumps(lp.feature(*CASES[case], ABOUT)))
    assert {"@id", "type", "properties", "geometry", "names"} <= set(feature)
    assert set(feature["properties"]["fclasses"]) <= set("AHLPRSTUVX")
    assert feature["properties"]["ccodes"] == ["CN"]
    assert list(whens(feature))
    for scope in whens(feature):
        assert set(scope) == {"timespans"}
        for span in scope["timespans"]:
            assert set(span) <= {"start", "end"} and "start" in span
            for terminus in span.values():
                assert set(terminus) in ({"in"}, {"earliest"}, {"latest"}, {"earliest", "latest"})
                assert all(DATE.match(v) for v in terminus.values())
    for name in feature["names"]:
        assert LANGUAGE.match(name["lang"])
        assert all(ADDRESS.match(c["@id"]) and "year" not in c for c in name["citations"])
    for geometry in (feature["geometry"] or {"geometries": []})["geometries"]:
        assert geometry["type"] != "GeometryCollection" and geometry["certainty"] in CERTAIN
        points = json.dumps(geometry["coordinates"])
        assert not re.search(r"[\d.]+, [\d.]+, [\d.]+", points)
    for relation in feature.get("relations", []):
        assert ADDRESS.match(relation["relationType"]) and ADDRESS.match(relation["relationTo"])
        assert relation.get("certainty", "certain") in CERTAIN
    assert ADDRESS.match(feature["@id"])


@pytest.mark.parametrize(
    ("given", "start", "end"),
    [
        ({}, {"in": "2020-06-30"}, {"earliest": "2024-12-31"}),
        ({"valid_from": None}, {"latest": "2024-12-31"}, {"earliest": "2024-12-31"}),
        (
            {"facts": {"named_on": "2019-10-31/2020-06-30"}},
            {"earliest": "2019-10-31", "latest": "2020-06-30"},
            {"earliest": "2024-12-31"},
        ),
        # An interval of another version's start is not this one's.
        ({"facts": {"named_on": "1999-01-01/1999-12-31"}}, {"in": "2020-06-30"}, {"earliest": "2024-12-31"}),
        ({"valid_to": date(2022, 10, 31)}, {"in": "2020-06-30"}, {"in": "2022-10-30"}),
        (
            {"valid_to": date(2022, 10, 31), "facts": {"abolished": "2021-10-31/2022-10-31"}},
            {"in": "2020-06-30"},
            {"earliest": "2021-10-31", "latest": "2022-10-31"},
        ),
        ({"valid_from": date(2025, 11, 7)}, {"in": "2025-11-07"}, {"earliest": "2025-11-07"}),
    ],
)
def test_time(given: dict[str, Any], start: dict[str, str], end: dict[str, str]) -> None:
    assert lp.when(version(**given), ABOUT) == {"timespans": [{"start": start, "end": end}]}


@pytest.mark.parametrize(
    ("category", "generic", "aat", "letter"),
    [
        ("乡镇", "镇", 300232418, "A"),
        ("自然村", "", 300008372, "P"),
        ("村委会、居委会所在地", "社区", None, "P"),
        ("自然地理实体", "江", 300008707, "H"),
        ("自然地理实体", "山", 300008795, "T"),
        ("自然地理实体", "坪", None, "T"),
        ("街路巷", "路", None, "R"),
        ("设施", "大桥", 300007836, "S"),
        ("县级以上行政区划", "县", 300000771, "A"),
        ("其他", "", None, "X"),
    ],
)
def test_types_only_where_sure(category: str, generic: str, aat: int | None, letter: str) -> None:
    feature = lp.feature([version(category=category, generic=generic)], [], ABOUT)
    assert [t["identifier"] for t in feature.get("types", [])] == ([f"aat:{aat}"] if aat else [])
    assert feature["properties"]["fclasses"] == [letter]


def test_every_type_is_in_the_list_of_the_format() -> None:
    path = FOLDER / "feature_types_aat.tsv"
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    known = {(row[1], row[2].strip()) for row in rows}
    used = {*lp.AAT_BY_GENERIC.values(), *lp.AAT_BY_CATEGORY.values()}
    assert {(str(number), term) for number, term in used} <= known


def test_title_relations_and_marks() -> None:
    old = version(number=1, name="月影湖社区", status="former", valid_to=date(2020, 6, 30), valid_from=None)
    feature = lp.feature([old, version(demo=True)], [link()], ABOUT)
    assert feature["properties"]["title"] == "月隐湖社区"
    assert feature["properties"]["demo"] is True and "演示数据" in feature["properties"]["note"]
    assert [n["toponym"] for n in feature["names"][::2]] == ["月隐湖社区", "月影湖社区"]
    last = feature["relations"][-1]
    assert (last["relationType"], last["relationTo"]) == ("dct:isReplacedBy", "https://yudi.example/places/5")
    assert last["citations"][0]["label"] == "年度名录"


def test_the_whole_register_is_one_document() -> None:
    for count in (0, 1, 3):
        text = "".join(lp.stream(json.dumps({"n": n}) for n in range(count)))
        assert [f["n"] for f in json.loads(text)["features"]] == list(range(count))
