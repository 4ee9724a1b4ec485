"""Findings as a GeoPackage (检查意见包) that opens styled in QGIS.

Layers findings_points, findings_lines, findings_polygons and, for what has no place in EPSG:4490,
findings_without_place. The table `layer_styles` is where QGIS looks for a layer's default style:
OGR provider, `f_table_catalog` and `f_table_schema` empty, one row a layer with `useAsDefault`, and
itself registered in gpkg_contents as an attribute table.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geo.checks.styles import SEVERITIES, qml
from geo.checks.titles import title

#: Layer by dimension, with the geometry type that it is declared with.
LAYERS = {
    0: ("findings_points", "MultiPoint"),
    1: ("findings_lines", "MultiLineString"),
    2: ("findings_polygons", "MultiPolygon"),
}
WITHOUT_PLACE = "findings_without_place"
MEASURES = ("area_m2", "width_m", "distance_m", "length_m", "angle_deg", "count")

_LAYER_STYLES = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)
"""
_CONTENTS = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description)
VALUES ('layer_styles', 'attributes', 'layer_styles', 'QGIS layer styles')
"""
_STYLE = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,
                          styleName, styleQML, styleSLD, useAsDefault, description, owner)
VALUES ('', '', ?, 'geom', ?, ?, '', 1, '检查意见，按轻重着色 · findings by severity', '')
"""


def write_package(path: Path, reports: Iterable[Mapping[str, Any]]) -> None:
    """Write the findings of one or several reports (the contract's `check` objects) to `path`.

    The file appears whole or not at all; an older one is replaced. A finding of several kinds of
    geometry has a row in each layer. Raises OSError where the folder cannot be written.
    """
    import geopandas
    import pandas as pd
    import pyogrio

    rows: dict[int, list[dict[str, Any]]] = {dimension: [] for dimension in LAYERS}
    placeless: list[dict[str, Any]] = []
    for report in reports:
        for finding in report["findings"]:
            plain = _row(report.get("file", ""), finding)
            places = _places(finding.get("geometry"))
            for dimension, geometry in places:
                rows[dimension].append({**plain, "geometry": geometry})
            if not places:
                source = finding.get("source_geometry")
                placeless.append({**plain, "source_geometry": shape(source).wkt if source else None})
    with tempfile.TemporaryDirectory(dir=path.absolute().parent, prefix=".findings-") as folder:
        draft = Path(folder) / "findings.gpkg"
        columns = list(_row("", {}))
        for dimension, (layer, kind) in LAYERS.items():
            frame = geopandas.GeoDataFrame(
                _typed(pd.DataFrame(rows[dimension], columns=columns)),
                geometry=geopandas.GeoSeries([r["geometry"] for r in rows[dimension]], dtype="geometry"),
                crs="EPSG:4490",
            )
            pyogrio.write_dataframe(
                frame,
                draft,
                layer=layer,
                driver="GPKG",
                geometry_type=kind,
                promote_to_multi=True,
                layer_options={"GEOMETRY_NAME": "geom"},
            )
        table = _typed(pd.DataFrame(placeless, columns=[*columns, "source_geometry"]))
        pyogrio.write_dataframe(table, draft, layer=WITHOUT_PLACE, driver="GPKG")
        with closing(sqlite3.connect(draft)) as database, database:
            database.execute(_LAYER_STYLES)
            database.execute(_CONTENTS)
            for layer, kind in LAYERS.values():
                database.execute(_STYLE, (layer, layer, qml(kind)))
        os.replace(draft, path)


def _row(file: str, finding: Mapping[str, Any]) -> dict[str, Any]:
    code, severity = finding.get("code", ""), finding.get("severity", "")
    measure = finding.get("measure") or {}
    return {
        "code": code,
        "title": title(code).zh,
        "severity": severity,
        "severity_zh": SEVERITIES[severity].label.zh if severity in SEVERITIES else "",
        **{name: finding.get(name, "") for name in ("message", "message_en", "remedy", "remedy_en")},
        "layer": finding.get("layer"),
        "features": ", ".join(str(n) for n in finding.get("features", ())),
        "ids": ", ".join(finding.get("ids", ())),
        **{name: measure.get(name) for name in MEASURES},
        "measure": json.dumps(measure, ensure_ascii=False),
        "rule": finding.get("rule"),
        "file": file,
    }


def _typed(table: Any) -> Any:
    """Numbers as numbers and the rest as text even where a layer has no row, so that all layers of all
    packages have the same columns."""
    for name in table.columns:
        if name in MEASURES:
            table[name] = table[name].astype(float)
        elif name != "geometry":
            table[name] = table[name].astype(object).where(table[name].notna(), None).astype("str")
    return table


def _places(geometry: Mapping[str, Any] | None) -> list[tuple[int, BaseGeometry]]:
    """The parts of a place by dimension, one multi geometry each."""
    if geometry is None:
        return []
    parts: dict[int, list[BaseGeometry]] = {}
    waiting = [shape(geometry)]
    while waiting:
        part = waiting.pop(0)
        if part.geom_type == "GeometryCollection":
            waiting.extend(part.geoms)
        elif not part.is_empty:
            kind = int(shapely.get_dimensions(part))
            parts.setdefault(kind, []).extend(getattr(part, "geoms", [part]))
    multi = {0: shapely.multipoints, 1: shapely.multilinestrings, 2: shapely.multipolygons}
    # A ring drawn as a place is a line to GeoPackage.
    flat = {
        d: [shapely.LineString(p.coords) if p.geom_type == "LinearRing" else p for p in found]
        for d, found in parts.items()
    }
    return [(dimension, multi[dimension](found)) for dimension, found in sorted(flat.items())]
