"""地方 /places/{id} and 地名 /names/{number}: what a place is called, was called, and where it lies.

The address of a place is stable and stands for the place in every format: a browser gets the page, a program
asks for Linked Places or GeoJSON by its Accept header.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response

from api.doors import PublicReading, district_of, language
from api.pages.passing_on import qr, sharing
from api.pages.rendering import approval, page, viewing_date
from api.sharing import GEOJSON, about_of, linked_places, schema_place, wanted_format
from geo import days
from geo.names import linked_places as lpf
from geo.problems import NotFound
from geo.store import announcements, comments, files, name_history, published_names, published_units
from geo.store.published_units import names_of
from geo.terms import NAME_STATUS_NAMES, NameStatus
from geo.text import Text
from maps import place_map
from maps.boundary_map import About
from maps.page import Assets, MapParts, json_block

router = APIRouter(include_in_schema=False)

#: 使用义务: what the standing of a name means for who writes it.
DUTY: dict[NameStatus, Text] = {
    NameStatus.STANDARD: Text(
        "标准地名，公文、标志、地图和传媒等应当使用（《地名管理条例》第十五至二十二条）",
        "A standard name: documents, signs, maps and media have to use it (Regulation on Place Names, Art. 15–22)",
    ),
    NameStatus.FORMER: Text("曾用名，不再使用", "A former name, no longer in use"),
    NameStatus.VANISHED: Text("已消失，供查考", "Vanished; kept for reference"),
    NameStatus.HISTORIC: Text("历史地名，供查考和保护", "A historic name, for reference and protection"),
    NameStatus.VARIANT: Text(
        "别名、异写，不代替标准地名", "A variant; it does not replace the standard name"
    ),
    NameStatus.SHORT: Text("简称，不代替标准地名", "A short form; it does not replace the standard name"),
    NameStatus.DIALECT: Text(
        "方言名，不代替标准地名", "A dialect name; it does not replace the standard name"
    ),
}

KINDS: dict[str, Text] = {
    "renamed": Text("更名为", "renamed"),
    "merged": Text("并入", "merged into"),
    "split": Text("析置", "split into"),
    "moved": Text("划归", "moved to"),
    "recoded": Text("改代码", "recoded as"),
    "abolished": Text("撤销", "abolished"),
    "vanished": Text("消失", "vanished"),
}

SOURCES: dict[str, Text] = {
    "surveyed": Text("实测", "surveyed"),
    "imported": Text("资料导入", "from a source list"),
    "derived": Text("推算", "derived"),
    "demo": Text("演示（虚构）", "demonstration (invented)"),
}


@router.get("/names/{number:int}")
def show_name(request: Request, number: int, session: PublicReading) -> Response:
    """The page of one name: its place, with this name in front. Raises NoSuchName."""
    _storable(number)
    place_id = name_history.place_of(session, number)
    return _show(request, session, place_id, number)


@router.get("/places/{place_id:int}")
def show_place(request: Request, place_id: int, session: PublicReading) -> Response:
    """The stable address of a place, in the format that is asked for. Raises NoSuchPlace."""
    _storable(place_id)
    return _show(request, session, place_id, None)


@router.get("/places/{place_id:int}/pictures/{sha256}")
def picture(place_id: int, sha256: str, session: PublicReading) -> Response:
    """A picture that a public name of the place names, and no other file."""
    _storable(place_id)
    versions = name_history.versions_of_place(session, place_id)
    known = {p.get("sha256") for v in versions for p in v["pictures"] if isinstance(p, dict)}
    if sha256 not in known:
        raise NotFound()
    with files.open_file(sha256) as file:
        head = file.read(16)
    kind = next((kind for magic, kind in PICTURES.items() if head.startswith(magic)), None)
    if kind is None:
        raise NotFound()
    return FileResponse(
        files.place(sha256), media_type=kind, headers={"Cache-Control": "public, max-age=86400"}
    )


#: Pictures that are shown, by their first bytes; anything else is not.
PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}


def _storable(number: int) -> None:
    if not 0 < number < 2**63:
        raise NotFound()


def _show(request: Request, session: Session, place_id: int, number: int | None) -> Response:
    at = viewing_date(request)
    wanted = wanted_format(request)
    found = name_history.place_at(session, place_id, at)
    versions = found["versions"]
    if wanted is not None:
        about = about_of(request, at)
        feature = linked_places(versions, found["successions"], about)
        document = feature if wanted == GEOJSON else lpf.collection([feature])
        return JSONResponse(document, media_type=wanted, headers={"Vary": "Accept"})
    shown = _lead(found, number)
    answer = page(request, "place.html", **_content(request, session, found, shown, at))
    answer.headers["Vary"] = "Accept, Cookie"
    return answer


@dataclass(frozen=True)
class PlaceShown:
    """What a small page says of a place: the name in front, its standing, the units it lies in, its map."""

    name: Mapping[str, Any]
    status_name: Text
    parents: list[dict[str, Any]]
    map: MapParts | None


def shown_place(
    request: Request, session: Session, *, number: int | None = None, place_id: int | None = None
) -> PlaceShown:
    """A place on the date looked at, for a page without all the rest. Raises NoSuchName, NoSuchPlace."""
    at = viewing_date(request)
    _storable(number or place_id or 0)
    place = name_history.place_of(session, number) if number is not None else int(place_id or 0)
    name = _lead(name_history.place_at(session, place, at), number)
    units = name_history.unit_versions(session, {name["unit_code"]})
    drawn = position_map(request, session, name, [], at, language(request)) if name["geometry"] else None
    standing = NAME_STATUS_NAMES[NameStatus(name["status"])]
    return PlaceShown(name, standing, name_history.lying_in(units, name["unit_code"], at), drawn)


def _lead(found: Mapping[str, Any], number: int | None) -> Mapping[str, Any]:
    """The version in front: of the name asked for, else what the place is called on the date; the last one
    where there is none then."""
    versions: list[Mapping[str, Any]] = found["versions"]
    called: Mapping[str, Any] | None = found["called"]
    if number is not None:
        own = [v for v in versions if v["number"] == number]
        held = [v for v in own if name_history.in_force(v, found["at"])]
        return (held or own)[-1]
    return called or versions[-1]


def _content(
    request: Request, session: Session, found: Mapping[str, Any], shown: Mapping[str, Any], at: date
) -> dict[str, Any]:
    spoken = language(request)
    versions = found["versions"]
    units = name_history.unit_versions(session, {v["unit_code"] for v in versions})
    point = _point(shown["geometry"])
    cluster = name_history.cluster(session, shown, at, point=point)
    about = about_of(request, at)
    parents = name_history.lying_in(units, shown["unit_code"], at)
    standing = [v for v in versions if v["status"] == "standard"] or versions
    chain = name_history.chain(session, shown["number"])
    for row in cluster:
        row["units"] = name_history.lying_in(
            name_history.unit_versions(session, [row["unit_code"]]), row["unit_code"], at
        )[-1:]
    near = (
        []
        if point is None
        else published_names.nearby(session, place=found["place_id"], at=at, lon=point[0], lat=point[1])
    )
    lie_in = names_of(session, [row["unit_code"][:9] for row in near], at)
    starts = [v["valid_from"] for v in versions]
    uri = about.place(found["place_id"])
    return {
        **sharing(request, shown["name"], link=uri),
        "qr": qr(uri),
        "near": [row | {"unit": lie_in.get(row["unit_code"][:9], "")} for row in near],
        "name": shown,
        "in_force": name_history.in_force(shown, at),
        "called": found["called"],
        "gone": found["gone"],
        "known_since": None if None in starts else min(starts),
        "status_name": NAME_STATUS_NAMES[NameStatus(shown["status"])],
        "duty": DUTY[NameStatus(shown["status"])],
        "status_names": {s.value: t for s, t in NAME_STATUS_NAMES.items()},
        "kinds": KINDS,
        "parents": parents,
        "moves": name_history.moves(units, standing),
        "timeline": timeline(versions),
        "span": next(
            (v for v in timeline(versions) if v["number"] == shown["number"] and v["name"] == shown["name"]),
            shown,
        ),
        "links": chain["links"],
        "others": _others(found, shown),
        "cluster": cluster,
        "uri": uri,
        "schema": json_block(
            "schema-place",
            schema_place(
                shown,
                uri=uri,
                others=[v["name"] for v in _others(found, shown)],
                within=[u["name"] for u in parents],
                point=point,
            ),
            "application/ld+json",
        ),
        "attribution": about.attribution,
        "place_id": found["place_id"],
        "demo": found["demo"],
        "invented_position": shown["geometry_source"] == "demo",
        "cite_date": at,
        "map": position_map(request, session, shown, cluster, at, spoken) if shown["geometry"] else None,
        "point": point,
        "announced": announcements.of_names(session, {v["number"] for v in versions}),
        "before_public": comments.of_names(session, {v["number"] for v in versions}, days.today()),
        "uncertain": {
            f"{v['number']}:{v['valid_from']}": (
                v["facts"].get("from_between"),
                v["facts"].get("until_between"),
            )
            for v in versions
        },
        "now": None if found["called"] is None else found["called"]["number"],
    }


def timeline(versions: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The names of a place one after the other, as a reader tells them: a name that only changed its unit is one
    stretch, and that a name is out of use is told by its end."""
    answer: list[dict[str, Any]] = []
    for version in versions:
        before = next(
            (r for r in answer if r["number"] == version["number"] and r["name"] == version["name"]), None
        )
        if (
            before is not None
            and before["status"] == version["status"]
            and before["valid_to"] == version["valid_from"]
        ):
            before["valid_to"] = version["valid_to"]
        elif before is None or NameStatus(version["status"]) not in name_history.GONE:
            answer.append(dict(version))
    return sorted(answer, key=lambda r: r["valid_from"] or date.min)


def _others(found: Mapping[str, Any], shown: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The other names of the place, each writing once, with its last standing."""
    names: dict[str, Mapping[str, Any]] = {}
    for version in found["versions"]:
        if version["name"] != shown["name"]:
            names[version["name"]] = version
    return list(names.values())


def _point(geometry: Mapping[str, Any] | None) -> tuple[float, float] | None:
    import shapely

    if geometry is None:
        return None
    middle = shapely.geometry.shape(geometry).representative_point()
    return (float(middle.x), float(middle.y))


def position_map(
    request: Request, session: Session, shown: Mapping[str, Any], cluster: Any, at: date, spoken: str
) -> MapParts:
    """The small map of where a name lies. shown: name, geometry (GeoJSON, EPSG:4490), geometry_source, demo."""
    import shapely

    district = district_of(request)
    outlines = [
        (u["name"], shapely.geometry.shape(u["geometry"]))
        for u in published_units.units(
            session, at=at, after="", limit=500, level="township", parent=district.code, shapes=True
        )
        if u["geometry"]
    ]
    about = About(
        district=district.name_en if spoken == "en" else district.name,
        on=at,
        approval=approval(spoken),
        language=spoken,
    )
    source = SOURCES["demo" if shown["demo"] else shown["geometry_source"]].in_language(spoken)
    return place_map.build(
        shown["name"],
        shown["geometry"],
        cluster,
        outlines,
        about,
        Assets(),
        request.state.nonce,
        source=source,
        number=shown.get("number"),
    )


@router.get("/places")
def nowhere() -> Response:
    """There is no list of places but that of their names."""
    return RedirectResponse("/names", status_code=308)
