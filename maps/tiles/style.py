"""Style (图式) of the vector tiles for MapLibre: constants only; names come with the tiles.

MapLibre's zoom is Leaflet's less one, and a tile's zoom is MapLibre's. Without `glyphs` every character is
drawn from the machine's own fonts. Symbols without a file: js/map-tiles.js draws them when they are missed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from maps.labels import SANS, SERIF
from maps.theme import HALO, INK, SEAL, SECOND, TINTS, TOWNSHIP_LINE, UNIT_LABEL
from maps.tiles.layers import DEEPEST, LAYERS

VILLAGE = "#3B342D"
HAMLET = "#766C61"
WATER_LABEL = "#4E8092"
#: A village name that is in the tiles from this zoom or an earlier one is drawn as a famous one (乡村著名).
FAMOUS_RANK = 9

#: Symbols that js/map-tiles.js draws: name -> (form, colour).
SYMBOLS: dict[str, tuple[str, str]] = {
    "yudi-famous": ("diamond", SEAL),
    "yudi-village": ("dot", VILLAGE),
    "yudi-hamlet": ("ring", HAMLET),
    "yudi-gone": ("cross", HAMLET),
    "yudi-marker": ("square", INK),
    "yudi-facility": ("dot", "#2F6F9F"),
}

IN_USE = ["!", ["in", ["get", "status"], ["literal", ["former", "vanished", "historic"]]]]


def source(layer: str, *, at: date | None = None, base: str = "/tiles/") -> dict[str, Any]:
    """The MapLibre source of a layer. A relative address: js/map-tiles.js puts the host before it."""
    query = f"?at={at.isoformat()}" if at else ""
    return {
        "type": "vector",
        "tiles": [f"{base}{layer}/{{z}}/{{x}}/{{y}}.mvt{query}"],
        "minzoom": 0,
        "maxzoom": DEEPEST,
    }


def style(
    layers: Iterable[str] = ("townships", "villages"), *, at: date | None = None, base: str = "/tiles/"
) -> dict[str, Any]:
    """A MapLibre style of tile layers (maps.tiles.layers.LAYERS): grounds below, lines, then names.

    Labels never overlap: what is placed first, keeps its place. Townships' names come first, then names by
    rank. Raises KeyError for an unknown layer.
    """
    chosen = list(dict.fromkeys(layers))
    if unknown := set(chosen) - set(LAYERS):
        raise KeyError(f"no tile layers: {sorted(unknown)}")
    drawn = [(order, made) for name in chosen for order, made in _DRAWN[name]]
    return {
        "version": 8,
        "sources": {name: source(name, at=at, base=base) for name in chosen},
        # A symbol layer that stands later is placed earlier: township names last.
        "layers": [made for _, made in sorted(drawn, key=lambda pair: pair[0])],
    }


def _name(id: str, of: str, filter: list[Any], symbol: str, colour: str, size: list[Any], **more: Any) -> Any:
    """A layer of names with a symbol in one, so that no symbol lies under another's name."""
    return {
        "id": id,
        "type": "symbol",
        "source": of,
        "source-layer": of,
        "filter": filter,
        "layout": {
            "icon-image": symbol,
            "icon-size": 0.25,
            "icon-allow-overlap": False,
            "text-field": ["get", "label"],
            "text-font": SANS,
            "text-size": size,
            "text-variable-anchor": ["left", "right", "top", "bottom"],
            "text-radial-offset": 0.5,
            "text-padding": 2,
            "symbol-sort-key": ["get", "rank"],
            **more,
        },
        "paint": {"text-color": colour, "text-halo-color": HALO, "text-halo-width": 1.3},
    }


def _ramp(*stops: float) -> list[Any]:
    return ["interpolate", ["linear"], ["zoom"], *stops]


_FAMOUS = ["<=", ["get", "rank"], FAMOUS_RANK]
_GONE = ["in", ["get", "status"], ["literal", ["former", "vanished", "historic"]]]


def _kind(*kinds: str) -> list[Any]:
    return ["in", ["get", "kind"], ["literal", list(kinds)]]


def _names(of: str) -> list[tuple[int, Any]]:
    """Village names of a layer: hamlets, villages, famous ones; vanished ones apart."""
    return [
        (40, _name(f"{of}-gone", of, ["all", _GONE, _kind("committee", "natural_village")],
                   "yudi-gone", HAMLET, _ramp(11, 10.5, 14, 12))),
        (41, _name(f"{of}-hamlet", of, ["all", IN_USE, ["!", _FAMOUS], _kind("natural_village")],
                   "yudi-hamlet", HAMLET, _ramp(11, 11, 14, 12.5))),
        (42, _name(f"{of}-village", of, ["all", IN_USE, ["!", _FAMOUS], _kind("committee")],
                   "yudi-village", VILLAGE, _ramp(9, 11.5, 14, 14))),
        (43, _name(f"{of}-famous", of, ["all", IN_USE, _FAMOUS, _kind("committee", "natural_village")],
                   "yudi-famous", SEAL, _ramp(8, 12.5, 14, 15))),
    ]  # fmt: skip


def _place_names() -> list[tuple[int, Any]]:
    of = "place_names"
    others = _kind("park", "zone", "street", "estate", "facility", "other")
    units = _name(
        f"{of}-units", of, ["all", IN_USE, _kind("county_up", "township", "subdistrict")],
        "", UNIT_LABEL, _ramp(5, 12, 8, 13, 13, 18),
    )  # fmt: skip
    del units["layout"]["icon-image"]
    units["layout"] |= {"text-font": SERIF, "text-variable-anchor": ["center", "top", "bottom"]}
    natural = _name(
        f"{of}-natural", of, ["all", IN_USE, _kind("natural")], "", WATER_LABEL, _ramp(10, 11, 14, 13)
    )
    del natural["layout"]["icon-image"]
    natural["layout"]["text-font"] = [f"Italic,{SERIF[0].removeprefix('Bold,')}"]
    return [
        (38, _name(f"{of}-other", of, ["all", IN_USE, others], "yudi-hamlet", SECOND, _ramp(12, 11, 15, 12.5))),
        (39, natural),
        *_names(of),
        (50, units),
    ]  # fmt: skip


_DRAWN: dict[str, list[tuple[int, Any]]] = {
    "townships": [
        (10, {
            "id": "townships-fill", "type": "fill", "source": "townships", "source-layer": "townships",
            "paint": {"fill-color": ["match", ["get", "tint"],
                                     *(v for i, colour in enumerate(TINTS) for v in (i, colour)), TINTS[0]],
                      "fill-antialias": False},
        }),
        (11, {
            "id": "townships-edge", "type": "line", "source": "townships", "source-layer": "townships",
            "layout": {"line-join": "round"},
            # Neighbours draw their shared border twice, over each other: solid, since dashes would not meet.
            "paint": {"line-color": TOWNSHIP_LINE, "line-width": _ramp(8, 0.5, 13, 1.2), "line-opacity": 0.7},
        }),
        (60, {
            "id": "townships-label", "type": "symbol", "source": "townships",
            "source-layer": "township_labels",
            "layout": {
                "text-field": ["get", "label"], "text-font": SERIF, "text-size": _ramp(8, 11.5, 10, 14, 13, 22),
                "text-letter-spacing": _ramp(8, 0.06, 13, 0.18), "text-max-width": 20, "text-padding": 2,
                "text-variable-anchor": ["center", "top", "bottom", "left", "right"],
                "text-radial-offset": 0.36, "symbol-sort-key": ["get", "rank"],
            },
            "paint": {"text-color": UNIT_LABEL, "text-halo-color": HALO, "text-halo-width": 1.3},
        }),
    ],
    "boundary_lines": [
        (20, {
            "id": "boundary_lines", "type": "line", "source": "boundary_lines",
            "source-layer": "boundary_lines", "layout": {"line-join": "round", "line-cap": "round"},
            "paint": {"line-color": "#1B6B4A", "line-width": _ramp(8, 1, 14, 2.4)},
        }),
        (30, {
            "id": "boundary_lines-label", "type": "symbol", "source": "boundary_lines",
            "source-layer": "boundary_lines", "minzoom": 10.5,
            "layout": {"symbol-placement": "line-center", "text-field": ["get", "label"], "text-font": SANS,
                       "text-size": _ramp(10, 10.5, 14, 13), "text-offset": [0, -1], "text-padding": 6},
            "paint": {"text-color": SECOND, "text-halo-color": HALO, "text-halo-width": 1.5},
        }),
    ],
    "markers_public": [
        (31, _name("markers_public", "markers_public", ["has", "label"], "yudi-marker", INK, _ramp(12, 11, 15, 12))),
    ],
    "facilities": [
        (32, _name("facilities", "facilities", ["!=", ["get", "status"], "closed"], "yudi-facility", INK, _ramp(12, 11, 15, 13))),
    ],
    "villages": _names("villages"),
    "place_names": _place_names(),
}  # fmt: skip
