"""Shapefile sets: one .shp with its companions becomes one layer."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError
from shapely.errors import ShapelyError

from geo.reading import bulk, describe, encoding
from geo.reading.dbf import Dbf, read_dbf, rename_fields
from geo.reading.layers import EncodingDecision
from geo.reading.notes import Notes, listed
from geo.reading.package import UP03, UP08, Dataset
from geo.reading.rings import shape_of
from geo.reading.shapefile import MAGIC, TYPES, UP12, UP13, UP14, UP15, Shapes, judge_rings, read_shapes
from geo.reading.systems import Stated
from geo.settings import Limits
from geo.terms import Severity
from geo.text import Text


@dataclass
class Raw:
    """A layer before its system, role and fields are decided. geometry: 3D as in the file."""

    name: str
    geometry_type: str
    features: int
    attributes: pd.DataFrame
    geometry: NDArray[np.object_]
    encoding: EncodingDecision | None
    stated: Stated
    has_m: bool = False
    z: NDArray[np.float64] | None = None
    fids: NDArray[np.int64] | None = None
    deleted: tuple[int, ...] = ()
    oriented: tuple[int, ...] = ()
    unclosed: tuple[int, ...] = ()
    unread: tuple[int, ...] = ()
    bare: tuple[int, ...] = ()
    hint: str = ""

    @property
    def columns(self) -> list[str]:
        """Names of the attributes."""
        return [str(name) for name in self.attributes.columns]

    def frame(self) -> geopandas.GeoDataFrame:
        """Attributes and 2D geometry."""
        return bulk.to_frame(bulk.Bulk(self.attributes, self.geometry))


def read_set(dataset: Dataset, given: str | None, limits: Limits, notes: Notes) -> Raw | None:
    """The layer of a shapefile set, its findings noted; None where its geometry cannot be read.

    Raises Refused over the limits.
    """
    name, parts = dataset.name, dataset.parts
    _complete(name, parts, notes)
    shapes = read_shapes(parts["shp"], parts.get("shx"))
    dbf = read_dbf(parts["dbf"]) if "dbf" in parts else None
    if int(shapes.points.sum()) > limits.vertices:
        raise notes.refuse(UP08, f"{name}：{int(shapes.points.sum())} > {limits.vertices} 顶点 (vertices)")
    if dbf is not None and len(dbf.fields) > limits.fields:
        raise notes.refuse(UP08, f"{name}：字段 {len(dbf.fields)} > {limits.fields} (fields)")
    _structure(name, shapes, dbf, notes)
    if shapes.kind not in TYPES or len(shapes.data) < 100:
        return None
    codec, decision = _encoding(dataset, dbf, given, notes)
    names = _names(dbf, codec, notes, name)
    attributes = _attributes(dataset, dbf, names, codec, len(shapes), notes)
    deleted = tuple(i for i in (dbf.deleted if dbf is not None else ()) if i < len(shapes))
    if deleted:
        notes.say(UP14, name, layer=name, records=deleted[:1000], count=len(deleted))
    oriented = judge_rings(shapes)
    geometry, unclosed, lost, kind = _geometry(dataset, shapes, limits, notes)
    keep = np.setdiff1d(np.arange(len(shapes)), np.array(deleted, dtype=np.int64))
    prj = parts["prj"].read_bytes() if "prj" in parts else None
    gone = set(deleted)
    return Raw(
        name=name,
        geometry_type=kind,
        features=max(len(shapes), dbf.stated if dbf is not None and not dbf.broken else 0),
        attributes=attributes.iloc[keep],
        geometry=geometry[keep],
        encoding=decision if dbf is not None and dbf.fields else None,
        stated=Stated(text=_prj_text(prj)),
        has_m=shapes.has_m,
        z=bulk.heights(geometry[keep]) if shapes.has_z else None,
        deleted=deleted,
        oriented=tuple(i for i in oriented if i not in gone),
        unclosed=tuple(i for i in unclosed if i not in gone),
        unread=tuple(sorted({*lost, *(row for row, _ in shapes.broken if row >= 0)})),
        bare=tuple(i for i in keep.tolist() if dbf is None or dbf.broken or i >= len(dbf.rows)),
    )


def _prj_text(prj: bytes | None) -> str | None:
    if prj is None:
        return None
    for codec in ("utf-8-sig", "utf-16" if prj[:2] in (b"\xff\xfe", b"\xfe\xff") else "gb18030"):
        try:
            return prj.decode(codec)
        except UnicodeDecodeError:
            continue
    return prj.decode("latin-1")


def _complete(name: str, parts: dict[str, Any], notes: Notes) -> None:
    if "dbf" not in parts:
        notes.say(UP03, name, ".dbf", layer=name)
    if "shx" not in parts:
        notes.say(
            UP03, name, ".shx", layer=name, severity=Severity.WARNING,
            text=Text("{0}：缺少 {1}，已在副本上重建", "{0}: {1} is missing and was rebuilt on a copy"),
        )  # fmt: skip


def _structure(name: str, shapes: Shapes, dbf: Dbf | None, notes: Notes) -> None:
    """UP12, UP13 and UP15 from our own readers."""
    broken = [(row, why) for row, why in shapes.broken]
    if dbf is not None:
        broken += [(-1, why) for why in dbf.broken]
    if broken:
        reasons = listed(dict.fromkeys(why for _, why in broken), 3)
        records = [row for row, _ in broken if row >= 0][:1000]
        notes.say(UP13, name, reasons, layer=name, records=records, count=len(broken))
    odd = shapes.odd + (dbf.odd if dbf is not None else [])
    if odd and not broken:
        notes.say(UP15, name, listed(odd), layer=name)
    counts = {len(shapes)}
    counts |= {shapes.index} if shapes.index is not None else set()
    counts |= {dbf.stated} if dbf is not None and not dbf.broken else set()
    if len(counts) > 1 and not any(row == -1 for row, _ in shapes.broken):
        index = "—" if shapes.index is None else shapes.index
        rows = "—" if dbf is None else dbf.stated
        notes.say(UP12, name, len(shapes), index, rows, layer=name)


def _encoding(
    dataset: Dataset, dbf: Dbf | None, given: str | None, notes: Notes
) -> tuple[str, EncodingDecision]:
    raws = [encoding.Raw(v, full) for v, full in dbf.texts()] if dbf is not None else []
    raws += [encoding.Raw(f.name, len(f.name) >= 9) for f in dbf.fields] if dbf is not None else []
    declared: list[tuple[str, str]] = []
    if "cpg" in dataset.parts:
        declared.append((dataset.parts["cpg"].read_bytes()[:200].decode("latin-1"), ".cpg"))
    if dbf is not None and dbf.language in encoding.LDID:
        declared.append((f"LDID/{dbf.language}", f"LDID 0x{dbf.language:02X}"))
    return encoding.decide(raws, declared, given, notes, dataset.name)


def _names(dbf: Dbf | None, codec: str, notes: Notes, layer: str) -> list[str]:
    return encoding.decode_names([f.name for f in dbf.fields], codec, notes, layer) if dbf is not None else []


def _attributes(
    dataset: Dataset, dbf: Dbf | None, names: list[str], codec: str, count: int, notes: Notes
) -> pd.DataFrame:
    """The attribute table, one row a physical record of the .shp; text decoded once, by us.

    GDAL reads a copy whose fields are called F0, F1 … as ISO-8859-1, which gives every byte back.
    """
    if dbf is None or dbf.broken or not dbf.fields or not len(dbf.rows):
        empty = pd.DataFrame({n: np.full(count, None, dtype=object) for n in names}, index=range(count))
        return empty
    copy = dataset.path.with_name(f"t_{dataset.path.stem}.dbf")
    shutil.copyfile(dataset.parts["dbf"], copy)
    rename_fields(copy, len(dbf.fields))
    _undelete(copy, dbf)
    whole = bulk.read(copy, None, encoding="ISO-8859-1")
    table = whole.attributes
    if len(table) != count or not np.array_equal(whole.fids, np.arange(count)):
        # GDAL's ids of a table are its record numbers: what it leaves out stays a gap.
        table = table.set_axis(whole.fids, axis=0).reindex(range(count))
    cut = 0
    texts: set[str] = set()
    found: dict[int, pd.Series[Any]] = {}
    for number, item in enumerate(dbf.fields):
        column = f"F{number}"
        if column not in table:
            continue
        found[number] = table[column]
        if item.type not in "NFIBL" and found[number].dtype == object:
            values, some, words = _decoded(found[number].to_numpy(), codec, item.width)
            found[number] = pd.Series(values, index=table.index, dtype=object)
            cut += some
            texts.update(v for v in words if not v.isascii() or "?" in v)
    encoding.judge_texts([*sorted(texts), *names], cut, notes, dataset.name)
    answer = pd.DataFrame(found, index=table.index)
    answer.columns = pd.Index([names[n] for n in found], dtype=object)
    return answer


def _undelete(copy: Any, dbf: Dbf) -> None:
    """GDAL leaves deleted rows out of a table: in the copy they are all alive, so that rows stay in step."""
    if dbf.deleted:
        with copy.open("r+b") as file:
            data = file.read()
            head, width = int.from_bytes(data[8:10], "little"), int.from_bytes(data[10:12], "little")
            for row in dbf.deleted:
                file.seek(head + row * width)
                file.write(b" ")


def _decoded(
    values: NDArray[np.object_], codec: str, width: int
) -> tuple[NDArray[np.object_], int, set[str]]:
    """Text decoded from ISO-8859-1 back to bytes and once through the codec, none and empty as None; how many
    different ones were cut in two; all different ones."""
    known: dict[str, str] = {}
    cut = 0
    answer = np.full(len(values), None, dtype=object)
    for row, value in enumerate(values):
        if not isinstance(value, str):
            answer[row] = None if pd.isna(value) else value
            continue
        text = known.get(value)
        if text is None:
            text, split = _text(value, codec, width)
            known[value] = text
            cut += split
        answer[row] = text or None
    return answer, cut, {text for text in known.values() if text}


def _text(value: str, codec: str, width: int) -> tuple[str, int]:
    """One text decoded, and 1 where it was cut in two."""
    raw = value.encode("latin-1", errors="replace").strip(b"\x00")
    if raw.isascii():
        return value.strip("\x00").strip(), 0
    try:
        text, split = encoding.decode(raw, codec, full=len(raw) >= width)
    except UnicodeDecodeError:
        return raw.decode(encoding.decoder_of(codec), errors="replace").strip(), 0
    return text.strip(), int(split)


def _geometry(
    dataset: Dataset, shapes: Shapes, limits: Limits, notes: Notes
) -> tuple[NDArray[np.object_], tuple[int, ...], list[int], str]:
    """Geometries by physical record: GDAL's, and ours for the rows that GDAL would drop; rows left open; rows
    that nobody can read; and the type."""
    count = len(shapes)
    answer = np.full(count, None, dtype=object)
    base = TYPES[shapes.kind]
    bad = {row for row, _ in shapes.broken}
    # GDAL is asked for geometry alone, on names of its own: no table, so no rows are skipped as deleted.
    shp = dataset.path.with_name(f"g_{dataset.path.stem}.shp")
    shutil.copyfile(dataset.parts["shp"], shp)
    _write_index(shapes, shp.with_suffix(".shx"))
    if not shapes.data.startswith(MAGIC):
        # What no header vouches for is opened by the one driver that may, before any other could be tried.
        describe.layers(Dataset("shapefile", dataset.name, shp), limits, notes)
    try:
        found = bulk.read(shp, None)
    except DataSourceError as error:
        raise notes.refuse(UP13, dataset.name, describe.why(error), layer=dataset.name) from None
    kind = re.sub(r" Z?M?$", "", found.kind)
    inside = found.fids < count
    answer[found.fids[inside]] = found.geometry[inside]
    unclosed: list[int] = []
    lost: list[int] = []
    doubtful = _doubtful(shapes, answer, bad)
    for row in doubtful:
        try:
            with np.errstate(invalid="ignore"):
                answer[row], opened = shape_of(shapes, row)
        except (ShapelyError, ValueError):
            lost.append(row)
            continue
        if opened:
            unclosed.append(row)
    if lost:
        notes.say(
            UP13, dataset.name, "几何无法解析 (geometry cannot be parsed)",
            layer=dataset.name, records=lost[:1000], count=len(lost),
        )  # fmt: skip
    if base == "MultiPatch":
        kind = "MultiPatch"
        for row in range(count):
            if answer[row] is not None:
                answer[row] = shapely.GeometryCollection([answer[row]])
    return answer, tuple(unclosed), lost, kind


def _doubtful(shapes: Shapes, answer: NDArray[np.object_], bad: set[int]) -> list[int]:
    """Rows that GDAL gave nothing or nothing whole for, though the file has something there."""
    missing = np.array([g is None for g in answer], dtype=bool)
    empty = np.zeros(len(answer), dtype=bool)
    empty[~missing] = shapely.is_empty(answer[~missing])
    something = shapes.types != 0
    counted = np.zeros(len(answer), np.int64)
    lined = np.isin(shapes.types, (3, 13, 23, 5, 15, 25))
    counted[~missing] = shapely.get_num_coordinates(answer[~missing])
    lost = lined & (counted != shapes.points)
    lost[shapes.hollow] = True
    # A point that is no number is an empty one in WKB, but was written by somebody (GE07).
    single = np.flatnonzero(np.isin(shapes.types, (1, 11, 21)) & (shapes.points > 0))
    lost[single[~np.isfinite(shapes.coordinates(single)).all(axis=1)]] = True
    for row in np.flatnonzero(np.isin(shapes.types, (8, 18, 28)) & (shapes.points > 0)):
        lost[row] = not bool(np.isfinite(shapes.rings(int(row))[0]).all())
    return [int(i) for i in np.flatnonzero(something & (missing | empty | lost)) if int(i) not in bad]


def _write_index(shapes: Shapes, path: Any) -> None:
    """An index of the records that were walked: the file's own may be absent or lie."""
    pairs = np.zeros((len(shapes), 2), dtype=">i4")
    pairs[:, 0], pairs[:, 1] = (shapes.start - 8) // 2, shapes.size // 2
    head = bytearray(shapes.data[:100])
    head[24:28] = ((100 + 8 * len(shapes)) // 2).to_bytes(4, "big")
    path.write_bytes(bytes(head) + pairs.tobytes())
