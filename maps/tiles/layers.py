"""Layers (图层) of the vector tiles: `/tiles/{layer}/{z}/{x}/{y}.mvt`, and what each feature says.

Adding a layer takes a row here, a .sql of its name beside this file and a published table with a trigger that
calls yudi_note_change (docs/ogc.md).

Features of every layer: id (the number of a name, else a number that only tells features apart), `name`
(as it is registered), `label` (as it is drawn: half-width brackets), `rank` (0 to 14: the zoom from which the
feature is in the tiles; the smaller, the more important), `kind`, and `demo` where it is of the demonstration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geo.text import Text

#: Tiles exist up to this zoom; those of DEEPEST hold everything, so that clients enlarge them beyond it.
LAST_ZOOM = 18
DEEPEST = 14
#: Tile units on a side, and those of the strip around it in which neighbours' features are held too.
EXTENT = 4096
BUFFER = 256


@dataclass(frozen=True, slots=True)
class TileLayer:
    """One layer. parts: the layers inside the tile, by name, with the fields of their features beyond those
    that all have (field -> meaning). first_zoom: tiles above it (smaller zooms) are empty."""

    name: str
    title: Text
    parts: Mapping[str, Mapping[str, Text]]
    first_zoom: int = 0


_STATUS = Text(
    "地名状态 standard former vanished historic variant short dialect", "standing of the name (NameStatus)"
)
_NAME_KIND = Text(
    "地名类别 county_up subdistrict township committee natural_village natural park zone street estate facility other",
    "category of the name (Category, lower case)",
)
_CODE = Text("区划代码", "code of the unit")

LAYERS: dict[str, TileLayer] = {
    layer.name: layer
    for layer in (
        TileLayer(
            "villages",
            Text("村名：行政村、社区和自然村", "Village names: administrative villages, communities, hamlets"),
            {"villages": {"kind": Text("committee 村、社区；natural_village 自然村", "committee or natural_village"),
                          "status": _STATUS}},
        ),
        TileLayer(
            "place_names",
            Text("地名", "Place names of all categories"),
            {"place_names": {"kind": _NAME_KIND, "status": _STATUS}},
        ),
        TileLayer(
            "townships",
            Text("乡镇、街道：概括后的范围与注记点", "Townships: generalised areas, and points for their names"),
            {
                "townships": {"code": _CODE, "tint": Text("着色编号 0–5", "number of a tint, 0 to 5")},
                "township_labels": {"code": _CODE},
            },
            first_zoom=6,
        ),
        TileLayer(
            "boundary_lines",
            Text("已勘定界线（概括）", "Settled boundary lines, generalised"),
            {"boundary_lines": {"code": Text("界线代码", "code of the line"),
                                "kind": Text("界线级别 township county", "level of the line"),
                                "status": Text("settled 已勘定", "always settled")}},
            first_zoom=6,
        ),
        TileLayer(
            "markers_public",
            Text("界桩（公开，位置取整到 0.001 度）", "Markers of settled lines, rounded to 0.001 degree"),
            {"markers_public": {"code": Text("界桩编号", "number of the marker"),
                                "kind": Text("类型码 Q A B C D E", "type code"),
                                "line": Text("界线代码", "code of its line")}},
            first_zoom=11,
        ),
        TileLayer(
            "facilities",
            Text("设施（养老服务等）", "Facilities, such as those of elderly care"),
            {"facilities": {"kind": Text("设施类别代码", "code of the kind"),
                            "status": Text("accepted open suspended closed", "accepted open suspended closed")}},
            first_zoom=9,
        ),
    )
}  # fmt: skip
