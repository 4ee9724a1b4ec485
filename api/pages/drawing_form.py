"""绘图与坐标: the place of an application in a form, drawn on the map or typed line by line, and the map of places."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from sqlalchemy.orm import Session
from starlette.requests import Request

from api.doors import district_of, language
from api.pages.rendering import approval, viewing_date
from geo.problems import BadInput
from geo.store import published_units
from geo.text import Text
from maps import application_map
from maps.boundary_map import About
from maps.page import Assets, MapParts

KINDS: Mapping[str, Text] = {
    "point": Text("点", "Point"),
    "line": Text("线", "Line"),
    "polygon": Text("面", "Area"),
}
#: A shape that a list of pairs cannot say (several parts, holes) stays unless another is given.
KEEP = "keep"
LEAST = {"point": 1, "line": 2, "polygon": 3}


class BadCoordinates(BadInput):
    """The typed coordinates cannot be read."""

    code = "bad-coordinates"
    title = Text(
        "坐标第 {line} 行无法读取：每行写一对“经度, 纬度”，例如 106.83, 29.92",
        "Line {line} of the coordinates cannot be read: write “longitude, latitude”, such as 106.83, 29.92",
    )


class TooFewPoints(BadInput):
    """A line of one point, or an area of two."""

    code = "too-few-points"
    title = Text(
        "“{kind}”的坐标个数不对：点 1 个，线至少 2 个，面至少 3 个",
        "The number of coordinates does not fit “{kind}”: one for a point, two or more for a line, three or more for an area",
    )


def text_of(geometry: Mapping[str, Any] | None) -> tuple[str, str]:
    """A shape as the form says it: kind and lines of coordinates. geometry: GeoJSON, EPSG:4490."""
    if geometry is None:
        return "", ""
    kind, at = geometry["type"], geometry["coordinates"]
    if kind == "Point":
        return "point", _lines([at])
    if kind == "LineString":
        return "line", _lines(at)
    if kind == "Polygon" and len(at) == 1:
        return "polygon", _lines(at[0][:-1])
    return KEEP, ""


def shape_of(kind: str, text: str, kept: shapely.Geometry | None) -> shapely.Geometry | None:
    """The shape that a form says; None for none. kept: the one that stands. Raises BadCoordinates, TooFewPoints."""
    if kind == KEEP and not text.strip():
        return kept
    at = []
    for number, line in enumerate(re.split(r"\r\n|[\n;；]", text), 1):
        if not line.strip():
            continue
        try:
            lon, lat = (float(part) for part in re.split(r"[\s,，、]+", line.strip()))
        except ValueError:
            raise BadCoordinates(line=number) from None
        if not (abs(lon) <= 180 and abs(lat) <= 180):
            raise BadCoordinates(line=number)
        at.append((round(lon, 7), round(lat, 7)))
    if not at:
        return None
    kind = kind if kind in LEAST else {1: "point", 2: "line"}.get(len(at), "line")
    if len(at) < LEAST[kind] or (kind == "point" and len(at) > 1):
        raise TooFewPoints(kind=KINDS[kind])
    if kind == "point":
        return shapely.Point(at[0])
    return shapely.LineString(at) if kind == "line" else shapely.Polygon(at)


def _lines(at: Sequence[Sequence[float]]) -> str:
    return "\n".join(f"{lon:.7f}".rstrip("0").rstrip(".") + ", " + f"{lat:.7f}".rstrip("0").rstrip(".") for lon, lat, *_ in at)  # fmt: skip


def townships(request: Request, public: Session) -> list[dict[str, Any]]:
    """The district's townships in use on the date looked at, with their outlines. For the public's session."""
    code = district_of(request).code
    found = published_units.units(
        public, at=viewing_date(request), after="", limit=1000, level="township", shapes=True
    )
    return [u for u in found if u["code"].startswith(code)]


def places_map(
    request: Request,
    places: Sequence[tuple[str, Mapping[str, Any]]],
    units: Sequence[Mapping[str, Any]],
    *,
    draw: bool = False,
) -> MapParts:
    """The map of some places, or the one to draw on. places: (name, GeoJSON)."""
    district, spoken = district_of(request), language(request)
    about = About(
        district=district.name_en if spoken == "en" else district.name,
        on=viewing_date(request),
        approval=approval(spoken),
        language=spoken,
    )
    outlines = [(u["name"], shapely.geometry.shape(u["geometry"])) for u in units if u["geometry"]]
    return application_map.build(places, outlines, about, Assets(), request.state.nonce, draw=draw)
