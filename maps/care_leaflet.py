"""“My 15 minutes” (我的十五分钟): what is within a walk of one point, on A4 in big type, for somebody without a screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import quoteattr

import numpy as np
import pyproj
import segno
import shapely

from geo.facilities.facility import Facility, Standing, price_text
from geo.text import Text
from maps.care_list import COLOURS, SHAPES
from maps.sheets.typeset import typeset

SOURCE = Path(__file__).with_name("care_leaflet.typ")
#: More than these no leaflet holds in big type.
MOST = 9
#: Size of the map in its own units; as wide as the paper's text.
WIDTH, HEIGHT = 890.0, 460.0

WORDS: dict[str, Text] = {
    "title": Text("我的{minutes}分钟", "My {minutes} minutes"),
    "subtitle": Text("{who}步行 {minutes} 分钟内能到、能回", "{who}: there and back, {minutes} minutes each way at most"),
    "demo": Text("演示数据（虚构），不要按此前往", "Invented demonstration: do not go by it"),
    "minutes": Text("{n} 分钟", "{n} min"),
    "nothing": Text("这段时间内步行到不了任何养老服务设施。", "No facility can be reached on foot in this time."),
    "scan": Text("扫码看地图", "Scan for the map"),
    "call": Text("去之前先打电话。印制日期 {date}，空床和开放时间以当天为准。", "Call before you go. Printed on {date}."),
    "more": Text("还有 {n} 处，见养老地图。", "{n} more on the elderly care map."),
    "map": Text("步行范围示意图", "Sketch of the area within reach"),
    "streets": Text("路网：{source}，{dated}。", "Streets: {source}, {dated}."),
}  # fmt: skip


@dataclass(frozen=True)
class Stop:
    """One facility of the leaflet, with its minutes."""

    facility: Facility
    standing: Standing
    minutes: int


@dataclass(frozen=True)
class Leaflet:
    """Everything that a leaflet says. area, streets: in degrees; url: where its QR code leads, empty for none."""

    lon: float
    lat: float
    minutes: int
    who: Text
    stops: Sequence[Stop]
    area: Any
    lines: Any
    says: Text
    parameters: Text
    streets: tuple[str, date] | None
    approval: str
    url: str
    on: date
    demo: bool
    language: str = "zh"


def pdf(leaflet: Leaflet, form: Literal["pdf", "png"] = "pdf") -> bytes:
    """The leaflet as PDF (or its first page as PNG). Raises NoChineseFont."""
    language = leaflet.language

    def t(key: str, **values: object) -> str:
        return WORDS[key].in_language(language).format(**values)

    shown = list(leaflet.stops[:MOST])
    number = {5: "五", 10: "十", 15: "十五", 20: "二十", 30: "三十"}.get(
        leaflet.minutes, str(leaflet.minutes)
    )
    code = segno.make_qr(leaflet.url, error="m") if leaflet.url else None
    notes = [t("call", date=leaflet.on.isoformat())]
    if len(leaflet.stops) > MOST:
        notes.insert(0, t("more", n=len(leaflet.stops) - MOST))
    notes.append(
        leaflet.says.in_language(language)
        + ("。" if language == "zh" else ". ")
        + leaflet.parameters.in_language(language)
    )
    if leaflet.streets is not None:
        notes.append(t("streets", source=leaflet.streets[0], dated=leaflet.streets[1].isoformat()))
    data = {
        "lang": language,
        "title": t("title", minutes=number if language == "zh" else leaflet.minutes),
        "subtitle": t("subtitle", who=leaflet.who.in_language(language), minutes=leaflet.minutes),
        "demo": t("demo") if leaflet.demo else None,
        "approval": leaflet.approval,
        "code": code is not None,
        "code_says": t("scan"),
        "code_alt": leaflet.url,
        "map_alt": t("map"),
        "nothing": t("nothing"),
        "items": [_item(i, s, language, t) for i, s in enumerate(shown, start=1)],
        "notes": notes,
    }
    pictures = {"map": sketch(leaflet, shown)}
    if code is not None:
        pictures["code"] = str(code.svg_inline(scale=1, border=2))
    return typeset(SOURCE.read_bytes(), data, pictures, on=leaflet.on, form=form, ppi=110)


def _item(number: int, stop: Stop, language: str, t: Any) -> dict[str, Any]:
    f, s = stop.facility, stop.standing
    price = price_text(f)
    facts = f.of.name.in_language(language) + (f"，{price.in_language(language)}" if price else "")
    return {
        "number": str(number), "name": f.name, "facts": facts, "hours": s.hours.in_language(language) if s.hours else "",
        "minutes": t("minutes", n=stop.minutes), "phone": f.phone or "", "colour": COLOURS.get(f.of.group, "#4F5B66"),
    }  # fmt: skip


def sketch(leaflet: Leaflet, shown: Sequence[Stop]) -> str:
    """The map of a leaflet as SVG: the area, its streets, the start, the numbered pins. Figures only, no names."""
    plane = pyproj.Transformer.from_crs(
        "EPSG:4490", f"+proj=tmerc +lat_0={leaflet.lat} +lon_0={leaflet.lon} +ellps=GRS80", always_xy=True
    )

    def flat(shape: Any) -> Any:
        return shapely.transform(shape, lambda c: np.column_stack(plane.transform(c[:, 0], c[:, 1])))

    area = flat(leaflet.area)
    west, south, east, north = area.bounds
    scale = min((WIDTH - 60) / max(east - west, 1), (HEIGHT - 60) / max(north - south, 1))
    middle = np.array(((west + east) / 2, (south + north) / 2))

    def at(points: Any) -> Any:
        return np.column_stack(
            ((points[:, 0] - middle[0]) * scale + WIDTH / 2, HEIGHT / 2 - (points[:, 1] - middle[1]) * scale)
        )

    def path(ring: Any, close: bool) -> str:
        points = at(shapely.get_coordinates(ring))
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + ("Z" if close else "")

    rings = [r for p in shapely.get_parts(area) for r in (p.exterior, *p.interiors)]
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:.0f}" height="{HEIGHT:.0f}" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}">',
        f'<rect width="{WIDTH:.0f}" height="{HEIGHT:.0f}" fill="#FBF7EF"/>',
        f'<path d={quoteattr("".join(path(r, True) for r in rings))} fill="#DDE7F3" fill-rule="evenodd" stroke="#1E5FAF" stroke-width="2.4"/>',
    ]
    if leaflet.lines is not None:
        streets = "".join(path(line, False) for line in shapely.get_parts(flat(leaflet.lines)))
        out.append(
            f'<path d={quoteattr(streets)} fill="none" stroke="#FFFFFF" stroke-width="4" stroke-linecap="round"/>'
        )
    for number, stop in reversed(list(enumerate(shown, start=1))):
        f = stop.facility
        place = np.array([plane.transform(f.lon, f.lat)])
        x, y = at(place)[0]
        colour = COLOURS.get(f.of.group, "#4F5B66")
        out.append(
            f'<g transform="translate({x - 27:.1f} {y - 27:.1f}) scale(2.25)"><path d={quoteattr(SHAPES.get(f.of.symbol, SHAPES["circle"]))}'
            f' fill="{colour}" stroke="#FFFFFF" stroke-width="1.4"/></g>'
            f'<text x="{x:.1f}" y="{y + 10:.1f}" font-size="29" font-weight="bold" fill="#FFFFFF" text-anchor="middle">{number}</text>'
        )
    x, y = at(np.zeros((1, 2)))[0]
    out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="13" fill="#1E5FAF" stroke="#FFFFFF" stroke-width="4"/>')
    metres = next((m for m in (1000, 500, 200, 100, 50) if m * scale < WIDTH / 4), 50)
    out.append(
        f'<path d="M30 {HEIGHT - 24:.0f}h{metres * scale:.1f}" stroke="#1A1612" stroke-width="4"/>'
        f'<text x="30" y="{HEIGHT - 34:.0f}" font-size="32" fill="#1A1612">{metres} m</text></svg>'
    )
    return "".join(out)
