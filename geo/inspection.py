"""Inspection (成果检查) of one file: read it, lay it out, check it. One function for the command line,
the worker and the tests; `inspect_apart` runs it in a limited process.

What needs GDAL and GEOS is imported where it is used: a command that only asks the limited process for its
answer need not load them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo import days
from geo.reading.layers import Layer, ReadOptions
from geo.settings import DistrictSettings, Limits, Tolerances, district, tolerances
from geo.terms import Profile, Role, Verdict
from geo.text import Text

if TYPE_CHECKING:
    import pyarrow as pa
    import pyproj

    from geo.checks.scene import Published, Scene, Units
    from geo.crs.plane import Plane
    from geo.findings import Finding

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Surroundings:
    """What the inspection knows of the world: settings, units, and what is published around.

    published: a Published in the district's plane, or None without a database.
    """

    district: DistrictSettings | None = None
    units: Units | None = None
    published: Published | None = None
    as_of: date | None = None
    tolerances: Tolerances | None = None


@dataclass(frozen=True)
class Inspection:
    """The answer of `check`: findings in the contract's order, and the layers behind them."""

    file: str
    sha256: str
    profile: Profile
    layers: tuple[Layer, ...]
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        from geo.findings import verdict

        return verdict(self.findings)

    def to_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "sha256": self.sha256,
            "profile": self.profile.value,
            "verdict": self.verdict.value,
            "layers": [layer.to_json() for layer in self.layers],
            "findings": [finding.to_json() for finding in self.findings],
        }


def inspect(
    path: Path,
    options: ReadOptions,
    limits: Limits,
    surroundings: Surroundings | None = None,
    *,
    file: str | None = None,
    progress: Progress = lambda step, share: None,
    work: Path | None = None,
    after_reading: Callable[[tuple[Layer, ...]], None] = lambda layers: None,
) -> Inspection:
    """Read and check one file, in this process: `inspect_apart` is for files that nobody vouches for.

    file: the name to show, where the path is not the one the surveyor gave. work: a folder to unpack into.
    progress: called with a step ("reading", "checking") and the share done, 0 to 1.
    after_reading: called with the layers before they are checked.
    Never raises on what a file holds: that is what findings are for.
    """
    from geo.checks.run import run
    from geo.reading.read import read

    around = surroundings or Surroundings()
    progress("reading", 0.0)
    reading = read(path, options, limits, around.district, file=file, work=work)
    progress("checking", 0.4)
    after_reading(reading.layers)
    findings = list(reading.findings)
    scenes = list(scenes_of(reading.layers, options.profile, around))
    for number, scene in enumerate(scenes):
        findings.extend(run(scene))
        progress("checking", 0.4 + 0.6 * (number + 1) / len(scenes))
    findings.sort(key=lambda f: f.order)
    findings = said_once(findings)
    return Inspection(reading.file, reading.sha256, options.profile, reading.layers, tuple(findings))


def scenes_of(layers: tuple[Layer, ...], profile: Profile, around: Surroundings) -> list[Scene]:
    """The scenes to check: one of all layers in profile township, one a layer in generic.

    In township, layers whose system has no authorised way to the district's zone are checked in their own
    coordinates, those of one system together: the lines of a file are there for its markers all the same.
    """
    import pandas as pd

    from geo.checks.scene import Scene, empty_frame, frame_of
    from geo.crs.plane import Plane

    if not layers:
        return []
    common = Scene(
        profile=profile,
        plane=Plane.local(None, (0.0, 0.0, 0.0, 0.0), authorised=False),
        tolerances=around.tolerances or tolerances(),
        lines=empty_frame(Role.LINES),
        markers=empty_frame(Role.MARKERS),
        tripoints=empty_frame(Role.TRIPOINTS),
        polygons=empty_frame(Role.POLYGONS),
        district=around.district,
        units=around.units,
        as_of=around.as_of or days.today(),
    )
    together: list[tuple[Layer, Plane]] = []
    alone: list[tuple[Layer, Plane]] = []
    for layer in layers:
        crs = layer.crs.crs
        if profile is Profile.TOWNSHIP and around.district and crs is not None and layer.crs.authorised:
            together.append((layer, Plane.of_zone(around.district.zone, crs)))
        else:
            alone.append((layer, local_plane(layer, crs)))
    scenes = []
    if together:
        frames: dict[Role, list[Any]] = {}
        for layer, plane in together:
            if layer.role is not None:
                frames.setdefault(layer.role, []).append(frame_of(layer, plane))
        merged = {role: pd.concat(parts, ignore_index=True) for role, parts in frames.items()}
        # The plane's way back to file coordinates is the first layer's: places are given in EPSG:4490.
        scenes.append(_with(common, merged, together[0][1], tuple(x for x, _ in together), around.published))
    for group in _of_one_system(alone) if profile is Profile.TOWNSHIP else [[layer] for layer, _ in alone]:
        plane = local_plane(group[0], group[0].crs.crs, *group[1:])
        frames = {}
        for layer in group:
            if layer.role is not None:
                frames.setdefault(layer.role, []).append(frame_of(layer, plane))
        merged = {
            role: parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
            for role, parts in frames.items()
        }
        scenes.append(_with(common, merged, plane, tuple(group), None))
    return scenes


def _of_one_system(layers: list[tuple[Layer, Plane]]) -> list[list[Layer]]:
    """Layers by reference system, in order; those of an unknown one by whether they hold degrees."""
    groups: dict[tuple[str | None, bool, bool], list[Layer]] = {}
    for layer, plane in layers:
        crs = layer.crs.crs
        degrees = plane.scale[0] != plane.scale[1]
        key = (None if crs is None else crs.to_wkt(), degrees, layer.crs.authorised)
        groups.setdefault(key, []).append(layer)
    return list(groups.values())


def said_once(findings: list[Finding]) -> list[Finding]:
    """Without repetitions of what speaks of no layer and no record: that a check was left out is said once,
    however many scenes left it out."""
    said: set[tuple[str, str]] = set()
    answer = []
    for finding in findings:
        if finding.layer is None and not finding.ids and not finding.features and finding.geometry is None:
            if (finding.code, finding.text.zh) in said:
                continue
            said.add((finding.code, finding.text.zh))
        answer.append(finding)
    return answer


def local_plane(layer: Layer, crs: pyproj.CRS | None, *others: Layer) -> Plane:
    """The file's own coordinates scaled to metres; one plane for layers of one system."""
    import numpy as np
    import shapely

    from geo.crs.plane import Plane

    coordinates = shapely.get_coordinates(layer.frame.geometry.to_numpy())
    if others:
        more = [shapely.get_coordinates(other.frame.geometry.to_numpy()) for other in others]
        coordinates = np.concatenate([coordinates, *more])
    if len(coordinates) and not np.isfinite(coordinates.min() + coordinates.max()):
        coordinates = coordinates[np.isfinite(coordinates).all(axis=1)]
    if len(coordinates):
        # Column by column: along the rows of two numpy takes ten times as long.
        x, y = coordinates[:, 0], coordinates[:, 1]
        west, south, east, north = x.min(), y.min(), x.max(), y.max()
    else:
        west = south = east = north = 0.0
    return Plane.local(crs, (west, south, east, north), authorised=layer.crs.authorised)


def _with(
    scene: Scene,
    frames: Mapping[Role, Any],
    plane: Plane,
    layers: tuple[Layer, ...],
    published: Published | None,
) -> Scene:
    return replace(
        scene,
        plane=plane,
        layers=layers,
        published=published,
        **{role.value: frame for role, frame in frames.items()},
    )


# -- apart ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What the limited process answered.

    report: the contract's `check` object; each finding also has its "key". details: one object a layer, in
    the report's order: "name", "columns" (all fields of the file), "crs", "encoding" and "role" (the
    reasons, zh and en), "swapped", "deleted" (rows), "normalised" (counts). features: columns role, layer,
    record (int64), ident, fields (JSON: our names -> values), z (double), geometry (WKB, EPSG:4490,
    longitude first; null where there is no authorised transformation or no sound geometry).
    """

    report: dict[str, Any]
    details: tuple[dict[str, Any], ...] = ()
    features: pa.Table | None = None

    @property
    def verdict(self) -> Verdict:
        return Verdict(self.report["verdict"])


def inspect_apart(
    path: Path,
    options: ReadOptions,
    limits: Limits,
    surroundings: Surroundings | None = None,
    *,
    file: str | None = None,
    progress: Progress = lambda step, share: None,
    features: bool = True,
) -> Answer:
    """Read and check one file in a limited process of its own.

    A parser that dies is an answer (UP13), one that goes over its limits too (UP08). What comes back is JSON
    and Arrow bytes; nothing that the process sent is ever unpickled. features: whether they are wanted.
    Raises FileNotFoundError, and DiskFull or ParserUnavailable (geo.reading.apart) where the machine is at fault.
    """
    from geo.reading import apart

    name = file or path.name
    if not path.exists():
        raise FileNotFoundError(path)
    outcome = apart.run(path, name, options, limits, surroundings, features=features, progress=progress)
    if outcome.failure == "disk":
        raise apart.DiskFull
    if outcome.failure is None and outcome.report is not None:
        try:
            return _answer(outcome.report, outcome.features)
        except (KeyError, TypeError, ValueError) as error:
            outcome.failure, outcome.detail = "crash", str(error)[:120]
    return Answer(_obituary(path, name, options.profile, limits, outcome.failure or "crash", outcome.detail))


def _answer(report: dict[str, Any], features: bytes | None) -> Answer:
    """The child's answer, checked for its shape. Raises ValueError, KeyError, TypeError."""
    details = tuple(report.pop("details"))
    Verdict(report["verdict"])
    if not all(isinstance(f["code"], str) and isinstance(f["key"], str) for f in report["findings"]):
        raise ValueError("findings without code or key")
    if features is None:
        return Answer(report, details)
    import pyarrow as pa

    try:
        with pa.ipc.open_stream(features) as reader:
            table = reader.read_all()
        table.validate(full=True)
    except pa.ArrowException as error:
        raise ValueError(f"features: {error}") from None
    if table.schema != feature_schema():
        raise ValueError("features of another schema")
    return Answer(report, details, table)


_LIMIT_WORDS = {
    "time": Text("读取超过 {wall} 秒", "reading took longer than {wall} s"),
    "processor": Text("处理器时间超过 {cpu} 秒", "more than {cpu} s of processor time"),
    "memory": Text("内存超过 {memory} MB", "more than {memory} MB of memory"),
    "file": Text("解压后的文件超过 {size} MB", "an unpacked file of more than {size} MB"),
}


def _obituary(
    path: Path, name: str, profile: Profile, limits: Limits, failure: str, detail: str
) -> dict[str, Any]:
    """The report on a file whose reader did not answer."""
    from geo.findings import Hit
    from geo.reading.package import UP08
    from geo.reading.read import sha256
    from geo.reading.shapefile import UP13

    if failure in _LIMIT_WORDS:
        words = _LIMIT_WORDS[failure].fill(
            wall=limits.wall_seconds, cpu=limits.cpu_seconds, memory=limits.memory_bytes // 1024**2,
            size=limits.unpacked_bytes // 1024**2,
        )  # fmt: skip
        rule, says = UP08, (f"{words.zh} ({words.en})",)
    else:
        rule, says = UP13, (name, f"读取程序中止 (the parser ended) {detail}".strip())  # type: ignore[assignment]
    finding = rule.finding(Hit(says=says), profile)
    dead = Inspection(name, sha256(path), profile, (), (finding,))
    report = report_of(dead)
    report.pop("details")
    return report


def report_of(inspection: Inspection) -> dict[str, Any]:
    """The contract's object with each finding's key, and the details of each layer."""
    report = inspection.to_json()
    for given, finding in zip(report["findings"], inspection.findings, strict=True):
        given["key"] = finding.key
    report["details"] = [_details(layer) for layer in inspection.layers]
    return report


def _details(layer: Layer) -> dict[str, Any]:
    from geo.reading.normalise import counts

    def said(text: Text | None) -> dict[str, str] | None:
        return None if text is None else {"zh": text.zh, "en": text.en}

    return {
        "name": layer.name,
        "columns": [str(c) for c in layer.frame.columns if c != "geometry"],
        "crs": said(layer.crs.reason),
        "encoding": said(layer.encoding.reason if layer.encoding else None),
        "role": said(layer.recognised),
        "swapped": layer.crs.swapped,
        "deleted": len(layer.deleted),
        "normalised": counts(layer),
    }


def feature_schema() -> pa.Schema:
    """The columns of `Answer.features`."""
    import pyarrow as pa

    return pa.schema(
        [
            ("role", pa.string()), ("layer", pa.string()), ("record", pa.int64()), ("ident", pa.string()),
            ("fields", pa.string()), ("z", pa.float64()), ("geometry", pa.binary()),
        ]
    )  # fmt: skip


def features_table(layers: tuple[Layer, ...]) -> pa.Table:
    """All features of the layers that have a role, normalised, in EPSG:4490."""
    import pyarrow as pa

    from geo.reading.normalise import features

    tables = [features(layer, feature_schema()) for layer in layers if layer.role is not None]
    return pa.concat_tables(tables) if tables else feature_schema().empty_table()


def warm() -> Iterator[None]:
    """Do once what every inspection does once, for the process that inspections are forked from: what is
    imported, opened and looked up is then there for every upload. In steps, so that who drives them can take
    up work in between."""
    import tempfile

    import pyproj

    from geo.crs.datums import authorised, code_of, parse
    from geo.crs.zones import candidates

    home = district()
    for epsg in candidates(home.box, home.zone):
        # As a .prj says it, whoever wrote it: GDAL, QGIS and ArcGIS write the same text.
        declared = parse(pyproj.CRS.from_epsg(epsg).to_wkt("WKT1_ESRI"))
        if declared is not None and code_of(declared) is not None:
            authorised(declared)
        yield
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        one, two, three = folder / "a.geojson", folder / "b.csv", folder / "c.zip"
        one.write_text(json.dumps(_document(), ensure_ascii=False), encoding="utf-8")
        two.write_text(
            "点号,X,Y\n1,3300000.5,36370000.5\n2,3300100.5,36370000.5\n3,3300100.5,36370100.5\n", "gb18030"
        )
        three.write_bytes(_rehearsal())
        yield
        for profile in Profile:
            for path in (one, two, three):
                _through(path, profile, Surroundings(home), None)
                yield


def rehearse(folder: Path) -> None:
    """A small inspection of a file of ours, whose answer nobody wants: for a process that will do one. folder:
    empty, and empty afterwards. In profile generic: what it leaves undone is done when it is needed."""
    import shutil

    path, work = folder / "rehearsal.zip", folder / "work"
    path.write_bytes(_rehearsal())
    work.mkdir()
    _through(path, Profile.GENERIC, Surroundings(district()), work)
    shutil.rmtree(work)
    path.unlink()


def _through(path: Path, profile: Profile, around: Surroundings, work: Path | None) -> None:
    done = inspect(path, ReadOptions(profile=profile), Limits(), around, work=work)
    features_table(done.layers)
    json.dumps(report_of(done), ensure_ascii=False)


def _document() -> dict[str, Any]:
    """A township as GeoJSON."""
    ring = [[106.6, 29.8], [106.61, 29.8], [106.61, 29.81], [106.6, 29.81], [106.6, 29.8]]
    feature = {
        "type": "Feature",
        "properties": {"名称": "甲镇"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    return {"type": "FeatureCollection", "crs": crs, "features": [feature]}


@cache
def _rehearsal() -> bytes:
    """Two townships with the line between them and its markers, as shapefiles in a zip."""
    import io
    import tempfile
    import zipfile

    import geopandas
    import numpy as np
    import shapely

    east, north = 36_400_000.0, 3_290_000.0
    y = np.linspace(0.0, 4000.0, 400)
    course = np.column_stack((east + 40 * np.sin(y / 90), north + y))
    sides = []
    for far in (east - 3000, east + 3000):
        corners = [(far, north + 4000), (far, north)]
        sides.append(shapely.Polygon([*course, *corners]))
    codes = ["500112101", "500112102"]
    layers = {
        "面": ({"code": codes, "name": ["甲镇", "乙镇"]}, sides),
        "线": (
            {"code": ["-".join(codes)], "name": ["甲镇—乙镇线"], "left": codes[:1], "right": codes[1:]},
            [shapely.LineString(course)],
        ),
        "桩": (
            {"number": ["-".join(codes) + "001Q", "-".join(codes) + "002Q"], "kind": ["Q", "Q"]},
            [shapely.Point(course[k]) for k in (100, 300)],
        ),
    }
    answer = io.BytesIO()
    with tempfile.TemporaryDirectory() as name, zipfile.ZipFile(answer, "w", zipfile.ZIP_DEFLATED) as archive:
        for layer, (columns, shapes) in layers.items():
            frame = geopandas.GeoDataFrame(columns, geometry=shapes, crs=4524)
            frame.to_file(Path(name) / f"{layer}.shp", encoding="UTF-8", engine="pyogrio")
            for part in sorted(Path(name).glob(f"{layer}.*")):
                archive.write(part, part.name)
    return answer.getvalue()
