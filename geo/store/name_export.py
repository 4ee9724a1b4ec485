"""Export of names (地名导出): rows of the register as they stand on a date, streamed, public or whole.

The columns are those that an import reads, so that an export comes back in without a change.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.names.register import FURTHER, columns
from geo.problems import BadInput
from geo.store.search_units import members
from geo.terms import NAME_STATUS_NAMES, NameStatus
from geo.text import Text, cell

#: Columns of an export: key of the register's column -> how a row gives it.
KEYS = (
    "number", "code", "name", "romanization", "category", "gb_code", "status", "unit", "lon", "lat", "geometry", "meaning", "origin",
    "history", "description", "document", "approved_by", "approved_on", "announcement", "announced_on", "valid_from", "source", *FURTHER,
)  # fmt: skip
FORMATS = (".csv", ".xlsx", ".gpkg", ".geojson", ".zip")

# Names in force on a date. The schema is one of two constants; served by the primary key's order of the scan.
ROWS = """
    select n.number, n.place_id, n.code, n.name, n.specific, n.generic, n.romanization, n.category, n.gb_code, n.status,
           n.unit_code, n.meaning, n.origin, n.history, n.description, n.document, n.approved_by, n.approved_on,
           n.announcement, n.announced_on, n.sources, n.facts, n.importance, n.demo, lower(n.valid) as valid_from,
           ST_AsBinary(n.geometry) as wkb, ST_GeometryType(n.geometry) as kind
    from {schema}.place_name n
    where n.valid @> cast(:at as date) {open} {where}
    order by n.unit_code, n.category, n.number"""


# Changes with every version that is published or closed: name_form has one row for each form in force.
FINGERPRINT = (
    "select coalesce(max(version_id), 0), count(*), coalesce(sum(version_id), 0) from published.name_form"
)


class NoSuchFormat(BadInput):
    """A file name whose ending is no format that names are written in."""

    code = "no-such-format"
    title = Text(
        "不能写成“{ending}”，可用：{known}", "“{ending}” is no format to write names in; use one of: {known}"
    )


def fingerprint(session: Session) -> str:
    """Which state of the public register this is: another text after every change of it."""
    return "-".join(str(v) for v in session.execute(text(FINGERPRINT)).one())


def rows(
    session: Session, *, public: bool, at: date, unit: str | None = None, category: str | None = None
) -> Iterator[dict[str, Any]]:
    """Names in force on a date, one by one; geometry as WKB (EPSG:4490). public: what everybody may see."""
    where = ""
    values: dict[str, Any] = {"at": at}
    if unit:
        within, bound = members(session, unit, at).condition("n.unit_code", "unit")
        where += f" and {within}"
        values |= bound
    if category:
        where += " and n.category = :category"
        values["category"] = category
    statement = ROWS.format(
        schema="published" if public else "public",
        open="" if public else "and upper_inf(n.recorded)",
        where=where,
    )
    found = session.execute(text(statement).execution_options(yield_per=2000), values)
    for row in found:
        yield dict(row._mapping)


def cells(row: dict[str, Any]) -> dict[str, str]:
    """A row by the keys of the register's columns, as text; what is unknown is empty."""
    import shapely

    facts: dict[str, Any] = row["facts"]
    answer: dict[str, Any] = {
        **{k: row[k] for k in KEYS if k in row},
        **{k: facts.get(k) for k in FURTHER},
        "unit": row["unit_code"],
        "status": NAME_STATUS_NAMES[NameStatus(row["status"])].zh,
        "source": next((s.get("title") for s in row["sources"] if isinstance(s, dict)), None),
    }
    if row["wkb"] is not None:
        shape = shapely.from_wkb(bytes(row["wkb"]))
        if shape.geom_type == "Point":
            answer["lon"], answer["lat"] = repr(shape.x), repr(shape.y)
        else:
            answer["geometry"] = shapely.to_wkt(shape, rounding_precision=-1)
    return {k: _said(answer.get(k)) for k in KEYS}


def _said(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


def headings() -> list[str]:
    """The official headings of the export, in its order."""
    return [columns()[k].title.zh for k in KEYS]


def write_csv(found: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    """CSV in UTF-8 with a mark, so that Excel reads it; in pieces."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow(headings())
    for row in found:
        writer.writerow([cell(value) for value in cells(row).values()])
        if buffer.tell() > 65536:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def write(found: Iterator[dict[str, Any]], out: Path) -> int:
    """Write names into a file by its ending (.csv .xlsx .gpkg .geojson .shp.zip); how many. Raises NoSuchFormat."""
    ending = out.suffix.lower()
    if ending not in FORMATS or (ending == ".zip" and not out.name.lower().endswith(".shp.zip")):
        raise NoSuchFormat(ending=out.suffix or out.name, known=".csv .xlsx .gpkg .geojson .shp.zip")
    counted = 0

    def counting() -> Iterator[dict[str, Any]]:
        nonlocal counted
        for row in found:
            counted += 1
            yield row

    if ending == ".csv":
        with out.open("wb") as file:
            file.writelines(write_csv(counting()))
    elif ending == ".xlsx":
        _workbook(counting(), out)
    else:
        _layer(counting(), out, ending)
    return counted


def _workbook(found: Iterator[dict[str, Any]], out: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("地名")
    sheet.append(headings())
    for row in found:
        line = []
        for value in cells(row).values():
            cell = WriteOnlyCell(sheet, value=None)
            # A text that begins with = is a name, never a formula.
            cell.value, cell.data_type = value or None, "s" if value else "n"
            line.append(cell)
        sheet.append(line)
    book.save(out)


def _layer(found: Iterator[dict[str, Any]], out: Path, ending: str) -> None:
    """A layer in EPSG:4490 with short field names (ten bytes hold them in a shapefile too)."""
    import geopandas
    import shapely

    records, shapes = [], []
    for row in found:
        records.append(cells(row))
        shapes.append(None if row["wkb"] is None else shapely.from_wkb(bytes(row["wkb"])))
    frame = geopandas.GeoDataFrame(records, columns=list(KEYS), geometry=shapes, crs=4490)
    frame = frame.drop(columns=["geometry"], errors="ignore") if "geometry" not in frame else frame
    if ending == ".zip":
        _shapefiles(frame, out)
        return
    frame.to_file(
        out, layer="place_names", driver="GPKG" if ending == ".gpkg" else "GeoJSON", engine="pyogrio"
    )


def _shapefiles(frame: Any, out: Path) -> None:
    """One shapefile a kind of geometry, in a zip, with the encoding beside it; names without position in a table."""
    import tempfile
    import zipfile

    names = {"number": "DJBH", "code": "DMDM", "name": "BZMC", "romanization": "LMZMPX", "category": "LBMC", "gb_code": "LBDM",
             "status": "ZT", "unit": "ZQDM", "document": "PZWH", "approved_on": "PZRQ", "meaning": "DMHY", "history": "LSYG"}  # fmt: skip
    short = frame[[*names, "geometry"]].rename(columns=names)
    kinds = {"Point": "points", "MultiPoint": "multipoints", "LineString": "lines", "MultiLineString": "lines",
             "Polygon": "areas", "MultiPolygon": "areas"}  # fmt: skip
    groups = short.geometry.geom_type.map(kinds).fillna("unplaced")
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for kind, part in short.groupby(groups):
            if kind == "unplaced":
                package.writestr(
                    "unplaced.csv", "\ufeff" + part.drop(columns="geometry").map(cell).to_csv(index=False)
                )
                continue
            part.to_file(
                Path(folder) / f"{kind}.shp", driver="ESRI Shapefile", encoding="UTF-8", engine="pyogrio"
            )
        for file in sorted(Path(folder).iterdir()):
            package.write(file, file.name)
