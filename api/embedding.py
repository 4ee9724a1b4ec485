"""Embedding (嵌入): which pages have a version for other sites to frame, and how that is said to them.

One table for the frame of a page's "embed" control, for oEmbed and for the links by which programs find it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Request
from markupsafe import Markup

from api.sharing import base_of
from geo.problems import NotFound
from geo.text import Text

#: Page -> the frame of it.
MAPS = {
    "/maps/villages": Text("乡村地名图", "Map of village names"),
    "/maps/elderly-care": Text("养老地图", "Elderly-care map"),
    "/maps/boundaries": Text("界线图", "Map of boundaries"),
    "/facilities/areas": Text("政策区域图", "Map of areas of policy"),
    # The map of the home page is the boundary map.
    "/": Text("界线图", "Map of boundaries"),
}
FRAMES = {"/facilities/areas": "/embed/areas", "/": "/embed/boundaries"}
PLACE = re.compile(r"/(names|places)/(\d{1,18})")
#: What of a page's query its frame understands.
KEPT = ("at", "lang", "township", "village", "group", "unit", "mode", "service", "open", "q")
#: Sizes of a frame in pixels: of a map, of a place; and the least that is still of use.
MAP_SIZE, PLACE_SIZE, LEAST = (800, 520), (600, 420), (240, 200)


class NothingToEmbed(NotFound):
    """The address is of no page that may be framed."""

    code = "nothing-to-embed"
    title = Text(
        "没有可嵌入的页面：请给出本站的地图页或地名页地址（/maps/…、/names/编号）",
        "Nothing to embed there: give the address of a map or a place page of this site (/maps/…, /names/number)",
    )


@dataclass(frozen=True)
class Embedded:
    """A page's frame. page, frame: addresses on this site, with query and fragment; size: width, height; number: the
    name's, kind: "names" or "places" where it is of one, else empty."""

    page: str
    frame: str
    size: tuple[int, int]
    kind: str = ""
    number: int = 0


def embedded(path: str, query: Mapping[str, str] | None = None, fragment: str = "") -> Embedded | None:
    """The frame of a page, None where it has none."""
    kept = {key: value[:60] for key, value in (query or {}).items() if key in KEPT and value}
    rest = ("?" + urlencode(kept) if kept else "") + (f"#{fragment}" if fragment else "")
    if path in MAPS:
        return Embedded(path + rest, FRAMES.get(path, path.replace("/maps/", "/embed/")) + rest, MAP_SIZE)
    if found := PLACE.fullmatch(path):
        kind, number = found[1], int(found[2])
        if 0 < number < 2**63:
            return Embedded(path + rest, f"/embed/{kind}/{number}{rest}", PLACE_SIZE, kind, number)
    return None


def of_address(request: Request, url: str) -> Embedded:
    """The frame of a page of this site by its whole address. Raises NothingToEmbed."""
    try:
        parts = urlsplit(url.strip()[:2000])
        own = urlsplit(base_of(request))
        if parts.scheme not in ("http", "https") or parts.netloc.lower() != own.netloc.lower():
            raise NothingToEmbed()
        query = dict(parse_qsl(parts.query))
    except ValueError:
        raise NothingToEmbed() from None
    # A fragment reaches a page's script only; what a frame does not know of it, it leaves aside.
    fragment = re.sub(r"[^\w.,/%=&+-]", "", parts.fragment)[:300]
    found = embedded(parts.path, query, fragment)
    if found is None:
        raise NothingToEmbed()
    return found


def snippet(src: str, title: str, width: int | str, height: int) -> str:
    """The HTML that a page of others takes in."""
    return (
        f'<iframe src="{escape(src)}" title="{escape(title)}" width="{escape(str(width))}" height="{height}" '
        'loading="lazy" referrerpolicy="no-referrer" style="border:0;max-width:100%"></iframe>'
    )


def sizes(found: Embedded, most_wide: int | None, most_high: int | None) -> tuple[int, int]:
    """Width and height of a frame within the consumer's limits."""
    width, height = found.size
    return (
        min(width, max(most_wide, 1)) if most_wide else width,
        min(height, max(most_high, 1)) if most_high else height,
    )


def discovery(request: Request, title: str) -> Markup:
    """The links in a page's head by which programs find its oEmbed answer; empty where it has no frame."""
    found = embedded(request.url.path, dict(request.query_params))
    if found is None:
        return Markup()
    base = base_of(request)
    return Markup("\n").join(
        Markup('<link rel="alternate" type="{}+oembed" href="{}" title="{}">').format(
            kind, f"{base}/oembed?" + urlencode({"url": base + found.page, "format": form}), title
        )
        for kind, form in (("application/json", "json"), ("text/xml", "xml"))
    )
