"""Scene: everything that a check may look at, in one metre plane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import geopandas
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo import frames
from geo.checks.sound import far, layer_rows, plain, sound
from geo.crs.plane import Plane
from geo.findings import Ref
from geo.reading.layers import Layer
from geo.settings import DistrictSettings, Tolerances, tolerances
from geo.terms import Profile, Role

#: Our names for the fields of each role; a frame of a scene has a column for each, None where the
#: file has no such field. The synonyms that the reader knows them by: data/boundaries/fields.csv.
FIELDS: Mapping[Role, tuple[str, ...]] = {
    Role.LINES: (
        "code", "name", "left", "right", "level", "status", "document",
        "survey_date", "agreement_date", "approval_date", "length_m", "length_km",
    ),
    Role.MARKERS: ("number", "line", "kind", "lon", "lat", "north", "east", "height", "offset_m"),
    Role.TRIPOINTS: ("number", "unit1", "unit2", "unit3", "lon", "lat", "north", "east", "height"),
    Role.POLYGONS: ("code", "name", "area_m2", "area_km2", "area_ha", "area_mu"),
}  # fmt: skip


@dataclass(frozen=True)
class Units:
    """The units of the configured district on the as-of date.

    table: columns code (9 digits, civil affairs), statistical (9 digits or None), name, level,
    former_names (tuple), optionally other_codes (tuple: of systems not verified); index RangeIndex.
    """

    table: pd.DataFrame

    def by_code(self) -> dict[str, str]:
        """Names by either code."""
        names = dict(zip(self.table["code"], self.table["name"], strict=True))
        for statistical, name in zip(self.table["statistical"], self.table["name"], strict=True):
            if statistical:
                names.setdefault(statistical, name)
        return names

    def names_of(self, code: str) -> tuple[str, ...]:
        """Every unit that a number can mean, the key's own first: the same number means different
        units in different systems (500112011 is 龙溪街道 or 仙桃街道)."""
        table = self.table
        hits = list(table.loc[table["code"] == code, "name"])
        hits += list(table.loc[table["statistical"] == code, "name"])
        if "other_codes" in table:
            hits += [n for n, o in zip(table["name"], table["other_codes"], strict=True) if code in o]
        return tuple(dict.fromkeys(hits))


@dataclass(frozen=True)
class Published:
    """What is in force around an upload, in the scene's plane. Frames as the scene's own, without
    layer and record; lines also have `state` (LineState value)."""

    lines: geopandas.GeoDataFrame
    markers: geopandas.GeoDataFrame
    tripoints: geopandas.GeoDataFrame
    polygons: geopandas.GeoDataFrame
    district: BaseGeometry | None
    county_line: BaseGeometry | None = None


@dataclass(frozen=True)
class Scene:
    """One upload laid out for checking.

    lines, markers, tripoints, polygons: frames with columns `layer`, `record`, `ident` (what to call
    the record), the names of FIELDS for the role, `z` (height or NaN), and `geometry` in `plane`,
    metres, 2D. Index: 0…n-1. In profile township all layers of one role are one frame; in generic
    each layer is a scene of its own. GE01-, GE07- and GE08-broken rows are already left out of them
    (`broken` has their Refs), and GE02-invalid polygons are in, so checks must survive them.
    layers: as read, in file coordinates, for the geometry checks. units: None where unknown.
    published: None without a database; checks that need it then say so with an I finding.
    today: the real date (AT07). as_of: the date that units are read on (AT02).
    """

    profile: Profile
    plane: Plane
    tolerances: Tolerances
    lines: geopandas.GeoDataFrame
    markers: geopandas.GeoDataFrame
    tripoints: geopandas.GeoDataFrame
    polygons: geopandas.GeoDataFrame
    layers: tuple[Layer, ...] = ()
    district: DistrictSettings | None = None
    units: Units | None = None
    published: Published | None = None
    as_of: date = field(default_factory=date.today)
    today: date = field(default_factory=date.today)

    def refs(self, role: Role, *rows: Any) -> tuple[Ref, ...]:
        """The records behind rows (positions) of one frame."""
        # Columns of a frame are slow to reach one cell at a time, and a bad file has thousands of hits.
        kept: dict[Role, Any] = self.__dict__.setdefault("_columns", {})
        if role not in kept:
            frame = self.frame(role)
            kept[role] = tuple(frame[name].to_numpy(dtype=object) for name in ("layer", "record", "ident"))
        layer, record, ident = kept[role]
        fids = self._fids()
        return tuple(
            Ref(layer[i], int(record[i]), ident[i], fids.get((layer[i], int(record[i])))) for i in rows
        )

    def _fids(self) -> dict[tuple[str, int], str]:
        """The ids that GeoPackages give their records, by layer and record number."""
        known: dict[tuple[str, int], str] | None = self.__dict__.get("_known_fids")
        if known is None:
            known = {
                (layer.name, int(record)): str(fid)
                for layer in self.layers
                if layer.fids is not None
                for record, fid in zip(layer.frame.index, layer.fids, strict=True)
            }
            self.__dict__["_known_fids"] = known
        return known

    def bare(self, role: Role) -> NDArray[np.bool_]:
        """Which rows of one frame have no row in the file's attribute table, (n,): their empty fields say
        nothing, and the reader has said why."""
        lost = {(layer.name, record) for layer in self.layers for record in layer.bare}
        frame = self.frame(role)
        pairs = zip(frame["layer"], frame["record"], strict=True) if lost else ()
        found = [(layer, int(record)) in lost for layer, record in pairs]
        return np.array(found, dtype=bool) if lost else np.zeros(len(frame), dtype=bool)

    def shapes(self, role: Role) -> NDArray[np.object_]:
        """The geometries of one frame, (n,), taken out of it once: not to be written to."""
        kept: dict[Role, NDArray[np.object_]] = self.__dict__.setdefault("_shapes", {})
        if role not in kept:
            kept[role] = np.asarray(self.frame(role).geometry.to_numpy(), dtype=object)
        return kept[role]

    def frame(self, role: Role) -> geopandas.GeoDataFrame:
        return {
            Role.LINES: self.lines,
            Role.MARKERS: self.markers,
            Role.TRIPOINTS: self.tripoints,
            Role.POLYGONS: self.polygons,
        }[role]


def empty_frame(role: Role) -> geopandas.GeoDataFrame:
    """A frame of a role without rows."""
    return _empty_frame(role).copy(deep=False)


@cache
def _empty_frame(role: Role) -> geopandas.GeoDataFrame:
    columns: dict[str, Any] = {
        name: pd.Series(dtype=object) for name in ("layer", "record", "ident", *FIELDS[role])
    }
    columns["z"] = pd.Series(dtype=float)
    return geopandas.GeoDataFrame(columns, geometry=geopandas.GeoSeries([], dtype="geometry"))


def frame_of(layer: Layer, plane: Plane) -> geopandas.GeoDataFrame:
    """A layer as a scene's frame: our field names, geometry in the plane.

    Rows that GE01, GE07 or GE08 speak of are left out; the layer's own frame keeps them. A multi
    geometry of one part is that part.
    """
    assert layer.role is not None
    source = layer.frame
    geometry = layer_rows(source)
    present = sound(geometry, layer.role, tolerances().far_coordinate)
    moved = plain(plane.project(geometry[present]))
    # A latitude past the pole has no place in the plane: projecting it gives infinity (CR05 says so).
    if (lost := far(moved, 1e15)).any():
        present[np.flatnonzero(present)[lost]] = False
        moved = moved[~lost]
    columns: dict[str, Any] = {
        "layer": layer.name,
        "record": source.index.to_numpy()[present],
    }
    for name in FIELDS[layer.role]:
        field_name = layer.fields.get(name)
        columns[name] = source[field_name].to_numpy(dtype=object)[present] if field_name in source else None
    columns["z"] = layer.z[present] if layer.z is not None else float("nan")
    count = len(moved)
    keys, names = (
        [None] * count if columns.get(name) is None else columns[name]
        for name in ("number" if layer.role in (Role.MARKERS, Role.TRIPOINTS) else "code", "name")
    )
    columns["ident"] = [_ident(a, b, r) for a, b, r in zip(keys, names, columns["record"], strict=True)]
    return frames.frame(columns, np.asarray(moved, dtype=object))


def ref_of(layer: Layer, position: int) -> Ref:
    """What to call a row of a layer as read: for checks on rows that no frame of a scene holds."""
    record = int(layer.frame.index[position])

    def value(*names: str) -> Any:
        column = next((layer.fields[n] for n in names if n in layer.fields), None)
        return layer.frame[column].iat[position] if column in layer.frame else None

    fid = None if layer.fids is None else str(layer.fids[position])
    return Ref(layer.name, record, _ident(value("code", "number"), value("name"), record), fid)


def _ident(code: Any, name: Any, record: int) -> str:
    for value in (code, name):
        if value is not None and not pd.isna(value) and str(value).strip():
            return str(value).strip()
    return f"#{record}"
