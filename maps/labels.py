"""Labels (注记): the MapLibre style of the names of a map. Constants only: the names come as data.

MapLibre's zoom is Leaflet's less one. Without `glyphs` in the style every character is drawn from the
machine's fonts, with `text-font` as the list of faces; weight is read from the first name.
"""

from __future__ import annotations

from typing import Any

from maps.theme import HALO, INK, SECOND, THIRD, UNIT_LABEL

SERIF = ["Bold,Noto Serif CJK SC,Source Han Serif SC,Songti SC,STSong,SimSun,serif"]
SERIF_REGULAR = ["Noto Serif CJK SC,Source Han Serif SC,Songti SC,STSong,SimSun,serif"]
SANS = ["Noto Sans CJK SC,Source Han Sans SC,PingFang SC,Microsoft YaHei,SimHei,sans-serif"]

EMPTY: dict[str, Any] = {"type": "geojson", "data": {"type": "FeatureCollection", "features": []}}


def label_text(name: str) -> str:
    """A name as drawn on the map: half-width brackets, because the full-width opening one loses its ink."""
    return name.replace("（", "(").replace("）", ")")


def style() -> dict[str, Any]:
    """Township names first, then line names along their lines, then marker numbers; what would collide
    is left out and appears when zoomed in."""
    return {
        "version": 8,
        "sources": {"names": EMPTY, "ways": EMPTY},
        "layers": [
            {
                "id": "markers",
                "type": "symbol",
                "source": "names",
                "minzoom": 13,
                "filter": ["==", ["get", "kind"], "marker"],
                "layout": {
                    "text-field": ["get", "text"],
                    "text-font": SANS,
                    "text-size": 11.5,
                    "text-variable-anchor": ["left", "right", "top", "bottom"],
                    "text-radial-offset": 0.6,
                    "text-padding": 3,
                },
                "paint": {"text-color": INK, "text-halo-color": HALO, "text-halo-width": 1.3},
            },
            {
                "id": "ways",
                "type": "symbol",
                "source": "ways",
                "minzoom": 10.5,
                "layout": {
                    "symbol-placement": "line-center",
                    "text-field": ["get", "text"],
                    "text-font": SANS,
                    "text-size": ["interpolate", ["linear"], ["zoom"], 10, 10.5, 14, 13],
                    "text-letter-spacing": 0.05,
                    "text-max-angle": 45,
                    "text-offset": [0, -1],
                    "text-padding": 6,
                },
                "paint": {"text-color": SECOND, "text-halo-color": HALO, "text-halo-width": 1.5},
            },
            {
                "id": "outside",
                "type": "symbol",
                "source": "names",
                "filter": ["==", ["get", "kind"], "outside"],
                "layout": {
                    "text-field": ["get", "text"],
                    "text-font": SERIF_REGULAR,
                    "text-size": 14,
                    "text-letter-spacing": 0.35,
                    "text-anchor": ["get", "anchor"],
                },
                "paint": {"text-color": THIRD},
            },
            {
                "id": "units",
                "type": "symbol",
                "source": "names",
                "filter": ["==", ["get", "kind"], "unit"],
                "layout": {
                    "text-field": ["get", "text"],
                    "text-font": SERIF,
                    "text-size": ["interpolate", ["linear"], ["zoom"], 8, 11.5, 10, 14, 13, 22],
                    "text-letter-spacing": ["interpolate", ["linear"], ["zoom"], 8, 0.06, 13, 0.18],
                    # Not left or right: a name beside its unit reads as its neighbour's.
                    "text-variable-anchor": ["center", "top", "bottom"],
                    "text-radial-offset": 0.36,
                    "text-max-width": 20,
                    "text-padding": 2,
                    "symbol-sort-key": ["get", "rank"],
                },
                "paint": {"text-color": UNIT_LABEL, "text-halo-color": HALO, "text-halo-width": 1.3},
            },
            {
                # Where a sign stands over the map: placed first and not seen, so that no name runs under it.
                "id": "pins",
                "type": "symbol",
                "source": "names",
                "filter": ["==", ["get", "kind"], "pin"],
                "layout": {
                    "text-field": ["get", "text"],
                    "text-font": SANS,
                    "text-size": 18,
                    "text-anchor": "bottom",
                    "text-offset": [0, -0.6],
                    "text-padding": 8,
                    "text-allow-overlap": True,
                },
                "paint": {"text-opacity": 0.01},
            },
        ],
    }
