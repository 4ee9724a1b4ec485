"""Sharing (共享): what the pages and the interface say of a place in formats that others read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from fastapi import Request

from api.doors import district_of, settings_of
from geo.names import linked_places as lpf
from geo.names.linked_places import About

GEOJSON = "application/geo+json"
LINKED_PLACES = lpf.MEDIA_TYPE
#: What a program may ask for instead of the page, and what is meant by it.
FORMATS = {
    LINKED_PLACES: LINKED_PLACES,
    "application/vnd.geo+json": GEOJSON,
    GEOJSON: GEOJSON,
    "application/json": LINKED_PLACES,
}
SHORT = {"lpf": LINKED_PLACES, "geojson": GEOJSON, "html": None}


def base_of(request: Request) -> str:
    """The site's address as others reach it: YUDI_PUBLIC_URL, else as this request has it; no slash at the end."""
    return (settings_of(request).public_url or str(request.base_url)).rstrip("/")


def about_of(request: Request, at: date) -> About:
    """What every shared record says of where it is from."""
    return About(base_of(request), at, attribution(district_of(request).name, at))


def attribution(district: str, at: date) -> str:
    """The line that goes with every copy (资料来源)."""
    return f"资料：{district}地名库（舆地），数据日期 {at.isoformat()}，转载请注明来源"


def schema_place(
    name: Mapping[str, Any],
    *,
    uri: str,
    others: Iterable[str],
    within: Iterable[str],
    point: tuple[float, float] | None,
) -> dict[str, Any]:
    """A place as schema.org has it (JSON-LD), for search engines. within: names of the units, the largest first."""
    made: dict[str, Any] = {
        "@context": "https://schema.org", "@type": "Place", "@id": uri, "url": uri, "name": name["name"],
        "alternateName": list(dict.fromkeys([name["romanization"], *others])),
    }  # fmt: skip
    if told := name["meaning"] or name["facts"].get("story") or name["description"]:
        made["description"] = str(told)[:500]
    if name["code"]:
        made["identifier"] = name["code"]
    if point is not None:
        made["geo"] = {
            "@type": "GeoCoordinates",
            "longitude": round(point[0], 5),
            "latitude": round(point[1], 5),
        }
    for unit in within:
        made["containedInPlace"] = {"@type": "AdministrativeArea", "name": unit} | (
            {"containedInPlace": made["containedInPlace"]} if "containedInPlace" in made else {}
        )
    return made


def wanted_format(request: Request) -> str | None:
    """The format that is asked for by `?format=lpf|geojson` or by the Accept header; None for the page.

    A browser's Accept names text/html first; `*/*` alone, as curl sends it, gets the page too.
    """
    named = request.query_params.get("format")
    if named in SHORT:
        return SHORT[named]
    best: tuple[float, str | None] = (0.0, None)
    for part in request.headers.get("accept", "*/*").split(","):
        kind, *parameters = (p.strip().lower() for p in part.split(";"))
        weight = next((_weight(p[2:]) for p in parameters if p.startswith("q=")), 1.0)
        meant = FORMATS.get(kind, "") if kind not in ("text/html", "application/xhtml+xml", "*/*") else None
        if meant != "" and weight > best[0]:
            best = (weight, meant)
    return best[1]


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def linked_places(
    versions: list[Mapping[str, Any]], links: Iterable[Mapping[str, Any]], about: About
) -> dict[str, Any]:
    """A place as one Linked Places feature."""
    return lpf.feature(versions, links, about)
