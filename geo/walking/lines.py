"""Street networks as plain lines (GeoPackage, shapefile, GeoJSON): one column a fact, names in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray

from geo.problems import BadInput
from geo.text import Text
from geo.walking import osm
from geo.walking.model import ESCALATOR, LIFT, PATH, STEPS, STREET
from geo.walking.ways import Ways

#: Words for each kind in a column `kind`; the values of OpenStreetMap's `highway` are understood too.
WORDS = {
    "道路": STREET, "街道": STREET, "street": STREET, "人行道": PATH, "步道": PATH, "小路": PATH, "天桥": PATH,
    "path": PATH, "梯坎": STEPS, "梯道": STEPS, "台阶": STEPS, "steps": STEPS, "自动扶梯": ESCALATOR,
    "escalator": ESCALATOR, "电梯": LIFT, "lift": LIFT, "elevator": LIFT,
}  # fmt: skip
_COLUMNS = {
    "kind": ("kind", "highway", "类型", "道路类型"),
    "name": ("name", "名称"),
    "structure": ("structure", "bridge", "tunnel", "桥隧"),
    "wheels": ("wheelchair", "wheels", "轮椅"),
    "one_way": ("one_way", "oneway_foot", "单向"),
    "level": ("level", "layer", "层"),
    "hours": ("hours", "opening_hours", "开放时间"),
    "fare": ("fare", "charge", "收费"),
    "access": ("access", "通行"),
    "handrail": ("handrail", "扶手"),
}
_NO = frozenset(("no", "false", "0", "否", "无", "禁止", "private", "不通"))


class NoStreets(BadInput):
    code = "no-streets"
    title = Text(
        "{0} 里没有可用的道路线：需要带坐标系的线图层",
        "{0} holds no usable streets: a layer of lines with a reference system is needed",
    )


class UnknownWay(BadInput):
    code = "unknown-way"
    title = Text(
        "第 {0} 条线的道路类型“{1}”不认识；请用 道路、人行道、梯坎、自动扶梯、电梯 之一",
        "Line {0} is of an unknown kind, {1}; use street, path, steps, escalator or lift",
    )


def read(path: Path, layer: str | None = None, source: str = "", dated: str = "") -> Ways:
    """The ways of a layer of lines, the first such layer unless one is named. Heights are in the lines' Z.

    A line without a kind is a street; one whose access is no, and one with a kind that only vehicles use, is
    left out. Raises NoStreets and UnknownWay.
    """
    try:
        name = layer or next(
            str(n) for n, kind in pyogrio.list_layers(path) if kind and "LineString" in str(kind)
        )
        frame = pyogrio.read_dataframe(path, layer=name)
    except Exception:
        raise NoStreets(path.name) from None
    if frame.crs is None or not len(frame):
        raise NoStreets(path.name)
    lower = {str(c).lower(): str(c) for c in frame.columns}

    def column(key: str) -> list[str]:
        found = next((lower[c] for c in _COLUMNS[key] if c in lower), None)
        return [""] * len(frame) if found is None else [_text(v) for v in frame[found]]

    kinds = [_kind(i, text) for i, text in enumerate(column("kind"))]
    access = column("access")
    parts, of = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    chosen = np.array(
        [kinds[i] is not None and access[i].lower() not in _NO and not shapely.is_empty(p) for p, i in zip(parts, of, strict=True)],
        dtype=bool,
    )  # fmt: skip
    parts, of = parts[chosen], of[chosen]
    if not len(parts):
        raise NoStreets(path.name)

    def texts(key: str) -> NDArray[np.object_]:
        values = column(key)
        out = np.empty(len(of), dtype=object)
        out[:] = [values[i] for i in of]
        return out

    def flags(key: str) -> NDArray[np.bool_]:
        values = column(key)
        return np.array([values[i] != "" and values[i].lower() not in _NO for i in of], dtype=bool)

    wheelchair = column("wheels")
    return Ways(
        lines=_in_degrees(parts, pyproj.CRS(frame.crs)),
        kind=np.array([kinds[i] for i in of], dtype=np.int8),
        structure=flags("structure"),
        wheels=np.array([wheelchair[i] == "" or wheelchair[i].lower() not in _NO for i in of], dtype=bool),
        one_way=flags("one_way"),
        level=np.array([_number(column_value) for column_value in texts("level")], dtype=np.int32),
        name=texts("name"),
        hours=texts("hours"),
        fare=texts("fare"),
        handrail=flags("handrail"),
        source=source,
        dated=dated,
    )


def read_any(path: Path, source: str = "", dated: str = "") -> Ways:
    """A network of any form that is read: OpenStreetMap (.osm, .pbf, also .gz) or a layer of lines."""
    if path.name.endswith((".osm", ".pbf", ".osm.gz")):
        try:
            return osm.read(path, dated)
        except ValueError:
            raise NoStreets(path.name) from None
    return read(path, source=source, dated=dated)


def _kind(index: int, text: str) -> int | None:
    if not text:
        return STREET
    if text in WORDS:
        return WORDS[text]
    known = osm.walkable({"highway": text})
    if known is None and not text.isascii():
        raise UnknownWay(index + 1, text)
    return known


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value).strip()


def _number(text: str) -> int:
    try:
        return round(10 * float(text))
    except ValueError:
        return 0


def _in_degrees(lines: NDArray[np.object_], crs: pyproj.CRS) -> NDArray[np.object_]:
    if crs.is_geographic:
        return lines
    change = pyproj.Transformer.from_crs(crs, "EPSG:4490", always_xy=True)

    def moved(c: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = change.transform(c[:, 0], c[:, 1])
        return np.column_stack((x, y, c[:, 2:]))

    has = shapely.has_z(lines)
    out = lines.copy()
    for z in (True, False):
        if (has == z).any():
            out[has == z] = shapely.transform(lines[has == z], moved, include_z=z)
    return out
