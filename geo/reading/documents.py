"""Documents: GeoPackage, file geodatabase, KML and GeoJSON, each looked at before GDAL opens it."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.sax import SAXException, handler

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio.errors
import pyproj
import shapely
from pyproj.exceptions import CRSError

from geo.checks.catalogue import CHECKS
from geo.reading import bulk, describe, encoding, geojson, kml
from geo.reading.document_text import UTF8, text_of
from geo.reading.layers import EncodingDecision, ReadOptions
from geo.reading.notes import Notes, listed
from geo.reading.package import UP02, UP04, UP08, UP09, UP10, Dataset
from geo.reading.sets import Raw
from geo.reading.shapefile import UP13
from geo.reading.systems import Stated
from geo.settings import Limits
from geo.terms import Severity
from geo.text import Text

UP11 = CHECKS.declare(
    code="UP11",
    severity=Severity.ERROR,
    message=Text("{0}：XML 含 DTD 或实体定义", "{0}: the XML holds a DTD or entities"),
    remedy=Text(
        "去掉 <!DOCTYPE> 和实体后重新导出 KML", "Export the KML again without <!DOCTYPE> and entities"
    ),
    source="docs/checks.md",
)

EMPTY_LAYER = Text(
    "还有一个空图层“{0}”，没有要素，已忽略",
    "There is one more layer, “{1}”, without features; it was ignored",
)

LINKS_ONLY = Text(
    "{0}：KML 里只有网络链接（{1}），数据不在文件内；链接从不跟随",
    "{0}: the KML holds network links only ({1}), not the data; links are never followed",
)
LINKS_REMEDY = Text(
    "在 Google Earth 或奥维中打开链接的内容，选中图形所在文件夹，“将位置另存为” KMZ/KML 后上传",
    "Open what the link shows in Google Earth, save the folder that holds the shapes as KMZ or KML, and upload that",
)


def read_document(dataset: Dataset, options: ReadOptions, limits: Limits, notes: Notes) -> list[Raw]:
    """The layers of one file, findings noted. Raises Refused where it cannot go on."""
    decided = UTF8
    stated: dict[str, Stated] = {}
    if dataset.kind == "geopackage":
        stated = _geopackage(dataset, limits, notes)
    elif dataset.kind == "kml":
        decided = _kml(dataset, options, notes)
    elif dataset.kind == "json":
        decided, one = geojson.prepare(dataset, options, limits, notes)
        stated = {"": one} if one is not None else {}
    if dataset.kind == "kml":
        return _kml_layers(dataset, decided, limits, notes)
    layers = describe.layers(dataset, limits, notes)
    spatial = [d for d in layers if d.geometry != "None"]
    if not spatial:
        if notes.blocked:
            return []
        raise notes.refuse(UP02, listed(d.name for d in layers) or dataset.name)
    return [
        raw
        for d in spatial
        if (raw := _layer(dataset, d, decided, stated.get(d.name, stated.get("")), limits, notes)) is not None
    ]


def _kml_layers(dataset: Dataset, decided: EncodingDecision, limits: Limits, notes: Notes) -> list[Raw]:
    """Folders as layers, one for each kind of geometry; an empty one beside filled ones is left out and said."""
    document = kml.read(dataset.path.read_bytes())
    folders = document.layers
    if document.bare and (document.links or document.pictures):
        if not dataset.alone:
            notes.say(UP10, listed([f"{dataset.name}.kml", *document.links]))
            return []
        if document.links:
            says = listed(document.links, 4)
            raise notes.refuse(UP02, dataset.name, says, text=LINKS_ONLY, remedy=LINKS_REMEDY)
        raise notes.refuse(UP02, f"{dataset.name}：只有叠加图片，没有地标 (overlays, no placemarks)")
    if document.links:
        notes.say(UP10, listed(f"NetworkLink {link}" for link in dict.fromkeys(document.links)))
    if len(folders) > limits.layers:
        raise notes.refuse(UP08, f"图层 {len(folders)} > {limits.layers} (layers)")
    if not folders:
        raise notes.refuse(UP02, dataset.name)
    stated = Stated(crs=pyproj.CRS.from_epsg(4326), origin="KML")
    found = [
        part
        for name, whole in folders
        for part in _by_dimension(
            _raw(dataset, name or dataset.name, "Unknown", whole, decided, stated, limits, notes)
        )
    ]
    if any(len(r.geometry) for r in found):
        for raw in (r for r in found if not len(r.geometry)):
            notes.say(UP04, raw.name, raw.name, layer=raw.name, text=EMPTY_LAYER)
        found = [r for r in found if len(r.geometry)]
    return found


def _layer(
    dataset: Dataset,
    described: describe.Described,
    decided: EncodingDecision,
    stated: Stated | None,
    limits: Limits,
    notes: Notes,
) -> Raw | None:
    try:
        whole = bulk.read(dataset.path, described.name)
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pa.ArrowException,
        UnicodeDecodeError,
        ValueError,
    ) as error:
        notes.say(UP13, described.name, describe.why(error), layer=described.name)
        return None
    if dataset.kind == "geopackage":
        whole.lost += _not_geometry(dataset, described.name, whole)
    return _raw(
        dataset,
        described.name,
        described.geometry,
        whole,
        _as_written(whole.codec, decided, described.name, notes),
        stated or _stated(dataset, described),
        limits,
        notes,
    )


def _as_written(codec: str | None, decided: EncodingDecision, layer: str, notes: Notes) -> EncodingDecision:
    """The encoding that a layer's texts are in, where it is not the one that the format promises."""
    if codec == "utf-8":
        return decided
    if codec is None:
        notes.say(encoding.EN03, layer, "UTF-8", layer=layer)
        return decided
    name = encoding.shown(codec)
    notes.say(encoding.EN02, layer, decided.name, name, layer=layer)
    why = Text(f"声明为 {decided.name}，实为 {name}", f"{decided.name} by definition, but written in {name}")
    return EncodingDecision(name, "guessed", why)


def _raw(
    dataset: Dataset,
    layer: str,
    stated_type: str,
    whole: bulk.Bulk,
    decided: EncodingDecision,
    stated: Stated,
    limits: Limits,
    notes: Notes,
) -> Raw:
    """A layer's rows with names, texts, heights and type decided."""
    vertices = int(shapely.get_num_coordinates(whole.geometry).sum())
    if vertices > limits.vertices:
        raise notes.refuse(UP08, f"{layer}：{vertices} > {limits.vertices} 顶点 (vertices)")
    if whole.lost:
        records = whole.lost[:1000]
        notes.say(
            UP13, layer, "几何无法解析 (geometry cannot be parsed)",
            layer=layer, records=records, count=len(whole.lost),
            fids=[str(whole.fids[i]) for i in records] if dataset.kind == "geopackage" else (),
        )  # fmt: skip
    name = dataset.name if dataset.kind == "json" or not layer else layer
    columns = [str(c) for c in whole.attributes.columns]
    names = encoding.unique(columns, [], notes, name)
    whole.attributes.columns = pd.Index(names, dtype=object)
    texts = {
        str(v)
        for column in whole.attributes
        if whole.attributes[column].dtype == object
        for v in whole.attributes[column].dropna().unique()
        if not str(v).isascii() or "?" in str(v)
    }
    encoding.judge_texts([*sorted(texts), *names], 0, notes, name)
    z = bulk.heights(whole.geometry)
    if dataset.kind == "kml" and z is not None and not np.nan_to_num(z).any():
        z = None  # KML writes 0 where it has no height
    geometry_type = _type(whole, stated_type)
    return Raw(
        name=name,
        geometry_type=geometry_type,
        features=len(whole.geometry),
        attributes=whole.attributes,
        geometry=whole.geometry,
        encoding=decided,
        stated=stated,
        has_m=whole.has_m,
        z=z,
        fids=whole.fids if dataset.kind == "geopackage" else None,
        unclosed=tuple(whole.unclosed),
        unread=tuple(sorted({*whole.lost, *dataset.unread})),
    )


def _by_dimension(raw: Raw) -> list[Raw]:
    """A KML folder that mixes points, lines and polygons as one layer of each: folders have no type."""
    kinds = shapely.get_type_id(raw.geometry)
    dimension = np.select(
        [np.isin(kinds, (0, 4)), np.isin(kinds, (1, 2, 5)), np.isin(kinds, (3, 6))], [0, 1, 2], -1
    )
    present = [d for d in (2, 1, 0) if (dimension == d).any()]
    if len(present) < 2:
        return [raw]
    parts = []
    for d in present:
        # Rows without a geometry, and collections, stay with the first part: GE01 and GE08 speak of them.
        rows = (dimension == d) | ((dimension == -1) & (d == present[0]))
        number = {int(old): new for new, old in enumerate(np.flatnonzero(rows))}
        parts.append(
            replace(
                raw,
                name=f"{raw.name}_{_SUFFIX[d]}",
                geometry_type=("Point", "LineString", "Polygon")[d],
                features=int(rows.sum()),
                attributes=raw.attributes[rows].reset_index(drop=True),
                geometry=raw.geometry[rows],
                z=None if raw.z is None else raw.z[rows],
                unclosed=tuple(number[i] for i in raw.unclosed if i in number),
                unread=tuple(number[i] for i in raw.unread if i in number),
            )
        )
    return parts


_SUFFIX = ("点", "线", "面")


def _type(whole: bulk.Bulk, described: str) -> str:
    """The layer's geometry type: the stated one; what rows are, where the format states none."""
    if whole.curved:
        return "Curve" if described in ("Unknown", "Geometry") else described
    stated = re.sub(r"^(3D |2\.5D |3D Measured |Measured )| (Z|M|ZM)$|(25D)$", "", described)
    if stated not in ("Unknown", "Geometry", "", "None"):
        return stated
    kinds = {g.geom_type for g in whole.geometry if g is not None}
    bare = {k.removeprefix("Multi") for k in kinds}
    if len(bare) == 1:
        return kinds.pop() if len(kinds) == 1 else f"Multi{bare.pop()}"
    return "Unknown" if not kinds else "Mixed"


def _stated(dataset: Dataset, described: describe.Described) -> Stated:
    return Stated(text=described.crs or None, origin=dataset.kind)


# -- GeoPackage ---------------------------------------------------------------------------------------


def _geopackage(dataset: Dataset, limits: Limits, notes: Notes) -> dict[str, Stated]:
    """Whether the SQLite file is whole and a GeoPackage; the system of each layer by our own reading,
    because the undefined ones (srs_id -1 and 0) come out of GDAL as systems like any other."""
    try:
        journal = dataset.path.with_name(f"{dataset.path.name}-wal")
        # What a program had not yet written back lies in the journal beside the file.
        mode = "mode=rw" if journal.exists() else "mode=ro&immutable=1"
        connection = sqlite3.connect(f"file:{dataset.path}?{mode}", uri=True)
        try:
            if journal.exists():
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("PRAGMA trusted_schema=OFF")
            if (problem := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise notes.refuse(UP13, dataset.name, str(problem)[:80], layer=dataset.name)
            tables = {r[0].lower() for r in connection.execute("SELECT name FROM sqlite_master")}
            if "gpkg_contents" not in tables or "gpkg_spatial_ref_sys" not in tables:
                foreign = {"geometry_columns", "spatial_ref_sys", "tiles", "metadata"} & tables
                name = "SpatiaLite/SQLite" if foreign else "SQLite"
                raise notes.refuse(
                    UP13, dataset.name, f"{name}，不是 GeoPackage (SQLite not a GeoPackage)",
                    layer=dataset.name, remedy=UP09.remedy,
                )  # fmt: skip
            rows = connection.execute(
                "SELECT c.table_name, c.data_type FROM gpkg_contents c ORDER BY c.rowid"
            ).fetchall()
            if len(rows) > limits.layers:
                raise notes.refuse(UP08, f"图层 {len(rows)} > {limits.layers} (layers)")
            if "gpkg_geometry_columns" not in tables or not any(kind == "features" for _, kind in rows):
                raise notes.refuse(UP02, listed(name for name, _ in rows) or dataset.name)
            _columns_there(connection, tables, dataset, notes)
            systems = connection.execute(
                "SELECT g.table_name, g.srs_id, s.organization, s.organization_coordsys_id, s.definition"
                " FROM gpkg_geometry_columns g LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id"
            ).fetchall()
        finally:
            connection.close()
    except (sqlite3.Error, TypeError, UnicodeDecodeError, OverflowError) as error:
        raise notes.refuse(UP13, dataset.name, str(error)[:80], layer=dataset.name) from None
    return {str(name): _srs(*rest) for name, *rest in systems}


def _columns_there(connection: sqlite3.Connection, tables: set[str], dataset: Dataset, notes: Notes) -> None:
    """UP13 for a layer that the contents name and the file does not hold: GDAL leaves it out, or its geometry."""
    for table, column in connection.execute(
        "SELECT table_name, column_name FROM gpkg_geometry_columns"
    ).fetchall():
        name = str(table).replace('"', '""')
        if str(table).lower() not in tables:
            notes.say(UP13, str(table), "缺少表 (table is missing)", layer=str(table))
            continue
        try:
            own = {r[1].lower() for r in connection.execute(f'PRAGMA table_info("{name}")')}
        except sqlite3.Error as error:
            notes.say(UP13, str(table), str(error)[:80], layer=str(table))
            continue
        if str(column).lower() not in own:
            notes.say(UP13, str(table), f"缺少几何列 {column} (geometry column is missing)", layer=str(table))


def _not_geometry(dataset: Dataset, table: str, whole: bulk.Bulk) -> list[int]:
    """Rows whose geometry GDAL gives as none, where the column holds something that is no GeoPackage's
    geometry, such as the bare WKB of a program that copied a table."""
    rows = [i for i, shape in enumerate(whole.geometry) if shape is None]
    if not rows:
        return []
    try:
        with contextlib.closing(
            sqlite3.connect(f"file:{dataset.path}?mode=ro&immutable=1", uri=True)
        ) as connection:
            connection.execute("PRAGMA trusted_schema=OFF")
            ((column,),) = connection.execute(
                "SELECT column_name FROM gpkg_geometry_columns WHERE lower(table_name) = lower(?)", (table,)
            ).fetchall()
            name, geometry = (str(word).replace('"', '""') for word in (table, column))
            filled = {
                fid
                for (fid,) in connection.execute(f'SELECT rowid FROM "{name}" WHERE length("{geometry}") > 0')
            }
    except (sqlite3.Error, ValueError):
        return []  # a view has no rows of its own
    return [i for i in rows if int(whole.fids[i]) in filled]


def _srs(srs_id: Any, organization: Any, code: Any, definition: Any) -> Stated:
    if srs_id in (-1, 0, None) or (definition is None and code is None):
        return Stated(origin="GeoPackage")
    if str(organization).upper() == "EPSG" and isinstance(code, int):
        try:
            return Stated(crs=pyproj.CRS.from_epsg(code), origin="GeoPackage")
        except CRSError:
            pass
    text = str(definition or "")
    return Stated(text=None if text.strip().lower() in ("", "undefined") else text, origin="GeoPackage")


# -- KML ----------------------------------------------------------------------------------------------


def _kml(dataset: Dataset, options: ReadOptions, notes: Notes) -> EncodingDecision:
    """KML as UTF-8 without a DTD, checked by a parser that allows none, before GDAL sees it."""
    data = dataset.path.read_bytes()
    text, decided = text_of(dataset, data, options, notes, _xml_label(data))
    if re.search(r"<!\s*(DOCTYPE|ENTITY)", text[:65536], re.IGNORECASE):
        raise notes.refuse(UP11, dataset.name, layer=dataset.name)
    bare = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff"), count=1)
    clean = ('<?xml version="1.0" encoding="UTF-8"?>' + bare.lstrip()).encode("utf-8", errors="replace")
    import defusedxml.sax
    from defusedxml.common import DefusedXmlException

    try:
        defusedxml.sax.parseString(clean, handler.ContentHandler(), forbid_dtd=True)
    except DefusedXmlException:
        raise notes.refuse(UP11, dataset.name, layer=dataset.name) from None
    except (SAXException, ParseError, ValueError) as error:
        raise notes.refuse(
            UP13, dataset.name, str(error).replace("<unknown>", "XML")[:80], layer=dataset.name
        ) from None
    dataset.path = dataset.path.with_suffix(".kml")
    dataset.path.write_bytes(clean)
    return decided


def _xml_label(data: bytes) -> str | None:
    found = re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)", data[:300])
    return found.group(1).decode("ascii") if found else None
