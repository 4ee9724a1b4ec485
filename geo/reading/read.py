"""Read (读取): one uploaded file becomes layers and the findings met on the way."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from geo.reading import archive, documents, linear_features, recognise, sets, tables
from geo.reading.layers import CrsDecision, Layer, Reading, ReadOptions
from geo.reading.notes import Notes, Refused, listed
from geo.reading.package import UP02, UP04, UP08, Dataset
from geo.reading.reference import Unreadable, compare, decide, unreadable
from geo.reading.sets import Raw
from geo.settings import DistrictSettings, Limits
from geo.terms import Severity
from geo.text import Text


def read(
    path: Path,
    options: ReadOptions,
    limits: Limits,
    district: DistrictSettings | None,
    *,
    file: str | None = None,
    work: Path | None = None,
) -> Reading:
    """Read one file. Never raises on what it holds: that is what findings are for.

    file: the name to show, where the path is not the one the surveyor gave. work: a folder of our own to
    unpack into, emptied by who gave it; without one a temporary folder is made and removed.
    Raises OSError where the disk is full or the path is not there.
    """
    name = file or path.name
    notes = Notes(options.profile)
    digest = sha256(path)
    place = work if work is not None else Path(tempfile.mkdtemp(prefix="yudi-read-"))
    layers: list[Layer] = []
    try:
        datasets = archive.unpack(path, name, place, limits, notes)
        layers = _layers(datasets, options, limits, district, notes)
        _together(layers, options, notes)
    except Refused:
        pass
    finally:
        if work is None:
            shutil.rmtree(place, ignore_errors=True)
    findings = sorted(notes.findings, key=lambda f: f.order)
    return Reading(name, digest, tuple(layers), tuple(findings))


def sha256(path: Path) -> str:
    """The sum of a file, or of the files of a folder in order of their names."""
    digest = hashlib.sha256()
    parts = [p for p in sorted(path.iterdir()) if p.is_file()] if path.is_dir() else [path]
    for part in parts:
        with part.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def _layers(
    datasets: list[Dataset],
    options: ReadOptions,
    limits: Limits,
    district: DistrictSettings | None,
    notes: Notes,
) -> list[Layer]:
    raws: list[Raw] = []
    if len(datasets) > limits.layers:
        raise notes.refuse(UP08, f"图层 {len(datasets)} > {limits.layers} (layers)")
    only = len(datasets) == 1
    for dataset in datasets:
        if dataset.kind == "shapefile":
            raw = sets.read_set(dataset, options.encoding, limits, notes)
            raws.extend([raw] if raw is not None else [])
        elif dataset.kind == "table":
            raws.extend(tables.read_tables(dataset, options, limits, notes, only=only))
        else:
            raws.extend(documents.read_document(dataset, options, limits, notes))
        vertices = sum(int(shapely.get_num_coordinates(raw.geometry).sum()) for raw in raws)
        if vertices > limits.vertices:
            raise notes.refuse(UP08, f"顶点 {vertices} > {limits.vertices} (vertices)")
        if len(raws) > limits.layers:
            raise notes.refuse(UP08, f"图层 {len(raws)} > {limits.layers} (layers)")
    if not raws and not notes.blocked:
        raise notes.refuse(UP02, listed(d.name for d in datasets))
    names: dict[str, int] = {}
    answer = []
    boundaries = any(
        recognise.of_boundaries(raw.name, raw.geometry, raw.geometry_type, raw.columns, options)
        for raw in raws
    )
    for raw in raws:
        names[raw.name] = names.get(raw.name, 0) + 1
        if names[raw.name] > 1:
            raw.name = f"{raw.name} ({names[raw.name]})"
        answer.append(_layer(raw, options, district, notes, boundaries))
    return answer


def _layer(
    raw: Raw, options: ReadOptions, district: DistrictSettings | None, notes: Notes, boundaries: bool
) -> Layer:
    """Decide system, role and fields of one layer."""
    columns = raw.columns
    role, why = recognise.role_of(
        raw.name, raw.geometry, raw.geometry_type, columns, options, boundaries=boundaries
    )
    crs = _system(raw, options, district, notes)
    frame = raw.frame()
    if crs.swapped:
        frame["geometry"] = shapely.transform(frame.geometry.to_numpy(), lambda c: c[:, ::-1])
    elif raw.stated.swapped is not None:
        crs = replace(crs, swapped=True)  # a table, whose columns were exchanged when it was read
    return Layer(
        name=raw.name,
        role=role,
        geometry_type=raw.geometry_type,
        features=raw.features,
        frame=frame,
        crs=crs,
        encoding=raw.encoding,
        fields=recognise.fields_of(raw.name, role, columns, options),
        z=raw.z,
        has_m=raw.has_m,
        fids=raw.fids,
        deleted=raw.deleted,
        oriented=raw.oriented,
        unclosed=raw.unclosed,
        unread=raw.unread,
        bare=raw.bare,
        recognised=why,
    )


def _system(raw: Raw, options: ReadOptions, district: DistrictSettings | None, notes: Notes) -> CrsDecision:
    coordinates = shapely.get_coordinates(raw.geometry).astype(np.float64)
    try:
        return decide(raw.name, coordinates, raw.stated, options.crs, options.swapped, district, notes)
    except Unreadable:
        return unreadable(raw.name)


def _together(layers: list[Layer], options: ReadOptions, notes: Notes) -> None:
    """Findings on the layers of one file as a whole; a person who chose every role is not asked again."""
    _left_aside(layers, notes)
    if len(layers) < 2:
        return
    if options.role is None and not all(layer.name in options.roles for layer in layers):
        zh = listed(f"{x.name}→{x.role.value if x.role else _ASIDE.get(x.recognised, '?')}" for x in layers)
        notes.say(UP04, zh, zh, ids=tuple(x.name for x in layers), count=len(layers))
    compare(layers, notes)


#: Short words for why a layer of lines has no role.
_ASIDE: dict[Text | None, str] = {
    linear_features.NAMED: "道路、河流 (roads, rivers)",
    linear_features.NEITHER: "—",
}


def _left_aside(layers: list[Layer], notes: Notes) -> None:
    """UP04 on layers of lines that are not taken for boundaries: only to be known where others are checked, a
    warning where nothing is left to check."""
    severity = Severity.INFO if any(layer.role is not None for layer in layers) else Severity.WARNING
    for layer in layers:
        if layer.recognised in _ASIDE:
            named = layer.recognised is linear_features.NAMED
            notes.say(
                UP04, layer.name, layer=layer.name, severity=severity,
                text=linear_features.BESIDE if named else linear_features.UNCLEAR,
                remedy=linear_features.ROLE_REMEDY,
            )  # fmt: skip
