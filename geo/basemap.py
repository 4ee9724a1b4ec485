"""Basemap (底图): a ground from outside, where one is configured, and what its coordinates are.

天地图 by token, or any other tiles in the Web Mercator scheme. CGCS2000 and WGS 84 differ by less than a metre: nothing is
shifted over them. A basemap in GCJ-02 is hundreds of metres off: over it, and over it alone, what is shown is shifted,
by the page and for the eye; data, addresses and answers keep their true coordinates.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from geo.text import Text

DATUMS = ("cgcs2000", "wgs84", "gcj02")
#: 天地图: what is asked for of each kind, the ground and the names on it.
KINDS = {"vec": ("vec", "cva"), "img": ("img", "cia"), "ter": ("ter", "cta")}
TIANDITU = "https://t{s}.tianditu.gov.cn"
#: Where its tiles are: LAYER_w in Web Mercator, LAYER_c in degrees (both CGCS2000).
WMTS = (
    "/{layer}_{matrix}/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default"
    "&TILEMATRIXSET={matrix}&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={token}"
)
LAST_ZOOM = 18


@dataclass(frozen=True)
class Basemap:
    """name: as it is credited; layers: asked for by these names, the lowest first; template: where from; matrix: "w" or
    "c"; datum: of DATUMS; approval: its map-approval number (审图号), None where none is configured."""

    name: Text
    layers: tuple[str, ...]
    template: str
    matrix: str = "w"
    datum: str = "cgcs2000"
    approval: str | None = None
    token: str = ""

    def address(self, layer: str, z: int, x: int, y: int) -> str:
        """Where a tile is fetched by the server. It holds the token: it must reach no page and no log."""
        told = {
            "layer": layer,
            "z": z,
            "x": x,
            "y": y,
            "s": (x + y) % 8,
            "matrix": self.matrix,
            "token": self.token,
        }
        return self.template.format(**told)

    def credit(self, language: str) -> str:
        """What stands at the foot of every map over it."""
        number = self.approval or Text("待填", "none given").in_language(language)
        return (
            Text("底图：{0}，审图号 {1}", "Basemap: {0}, approval no. {1}")
            .fill(self.name.in_language(language), number)
            .in_language(language)
        )


def basemap() -> Basemap | None:
    """The configured basemap: YUDI_TIANDITU_TOKEN with YUDI_TIANDITU_KIND, _MATRIX and _URL, or YUDI_BASEMAP_URL with
    YUDI_BASEMAP_NAME and _DATUM; YUDI_BASEMAP_APPROVAL for both. None by default. Raises ValueError for a setting that is
    none of those offered."""
    env = os.environ
    approval = env.get("YUDI_BASEMAP_APPROVAL", "").strip() or None
    token, url = env.get("YUDI_TIANDITU_TOKEN", "").strip(), env.get("YUDI_BASEMAP_URL", "").strip()
    if token:
        kind, matrix = env.get("YUDI_TIANDITU_KIND", "vec"), env.get("YUDI_TIANDITU_MATRIX", "w")
        if kind not in KINDS or matrix not in ("w", "c"):
            raise ValueError("YUDI_TIANDITU_KIND is vec, img or ter; YUDI_TIANDITU_MATRIX is w or c")
        base = env.get("YUDI_TIANDITU_URL", TIANDITU).rstrip("/")
        return Basemap(
            Text("天地图", "Tianditu"), KINDS[kind], base + WMTS, matrix, "cgcs2000", approval, token
        )
    if url:
        datum = env.get("YUDI_BASEMAP_DATUM", "wgs84").lower()
        if datum not in DATUMS or not url.startswith(("http://", "https://")) or "{z}" not in url:
            raise ValueError(
                "YUDI_BASEMAP_URL is an address with {z}, {x}, {y}; YUDI_BASEMAP_DATUM is cgcs2000, wgs84 or gcj02"
            )
        name = env.get("YUDI_BASEMAP_NAME", "").strip() or "底图"
        return Basemap(
            Text(name, name if name != "底图" else "basemap"), ("base",), url, "w", datum, approval
        )
    return None
