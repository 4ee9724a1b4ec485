"""Settings: one frozen class per concern, read once at a door (command, request, job), then passed down."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path

from geo import days

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"


@dataclass(frozen=True, slots=True)
class Tolerances:
    """The tolerances of all boundary checks: metres, square metres or degrees as the name says.

    Source of the values: data/boundaries/tolerances.csv, which names a source and date for each.
    """

    grid: float
    grid_generic: float
    equal: float
    snap: float
    displacement: float
    overlap_report_m2: float
    overlap_error_m2: float
    sliver_gap_width: float
    unit_width: float
    district_area_m2: float
    derived_area_m2: float
    derived_hausdorff: float
    zero_length: float
    zero_area_m2: float
    far_coordinate: float
    spike_angle_deg: float
    kickback_angle_deg: float
    spike_leg: float
    segment_short: float
    segment_long: float
    sliver_width: float
    sliver_area_m2: float
    height_low: float
    height_high: float
    decimals: float
    marker_near: float
    marker_far: float
    marker_turn_deg: float
    marker_spacing: float
    marker_table: float
    marker_twin: float
    stated_share: float
    stated_length: float
    extent_margin: float


@cache
def tolerances(path: Path = DATA / "boundaries" / "tolerances.csv") -> Tolerances:
    """The tolerance table. Raises KeyError where a row lacks and ValueError where one is unknown."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["key"]: float(row["value"]) for row in csv.DictReader(file)}
    names = {f.name for f in fields(Tolerances)}
    if unknown := set(rows) - names:
        raise ValueError(f"unknown tolerances in {path.name}: {sorted(unknown)}")
    return Tolerances(**{name: rows[name] for name in names})


@dataclass(frozen=True, slots=True)
class Limits:
    """What an upload may cost (docs/checks.md UP08): bytes, counts, seconds. Settings `YUDI_LIMIT_…`."""

    upload_bytes: int = 100 * 1024**2
    unpacked_bytes: int = 500 * 1024**2
    ratio: int = 200
    ratio_from_bytes: int = 1024**2
    entries: int = 2_000
    vertices: int = 1_000_000
    layers: int = 50
    fields: int = 255
    memory_bytes: int = 2 * 1024**3
    cpu_seconds: int = 60
    wall_seconds: int = 90

    @classmethod
    def from_environment(cls) -> Limits:
        """The defaults, each replaced by YUDI_LIMIT_<NAME> where that is set."""
        given = {
            f.name: int(os.environ[f"YUDI_LIMIT_{f.name.upper()}"])
            for f in fields(cls)
            if f"YUDI_LIMIT_{f.name.upper()}" in os.environ
        }
        return cls(**given)


@dataclass(frozen=True, slots=True)
class MaterialLimits:
    """What a file handed in with an application may cost. Settings `YUDI_MATERIAL_…`.

    bytes: of the file; unpacked: of an Office file's parts; pages: of a PDF; pixels: of a picture.
    """

    bytes: int = 50 * 1024**2
    unpacked: int = 300 * 1024**2
    pages: int = 1_000
    pixels: int = 60_000_000

    @classmethod
    def from_environment(cls) -> MaterialLimits:
        """The defaults, each replaced by YUDI_MATERIAL_<NAME> where that is set."""
        given = {
            f.name: int(os.environ[f"YUDI_MATERIAL_{f.name.upper()}"])
            for f in fields(cls)
            if f"YUDI_MATERIAL_{f.name.upper()}" in os.environ
        }
        return cls(**given)

    def of_the_reader(self) -> Limits:
        """What the process that reads it may take: a person waits for the answer."""
        return Limits(
            upload_bytes=self.bytes, unpacked_bytes=self.unpacked, memory_bytes=1536 * 1024**2,
            cpu_seconds=20, wall_seconds=30,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DistrictSettings:
    """What differs from district to district: read from data/boundaries/districts/<code>.json.

    box: west, south, east, north in degrees, EPSG:4490: the range that uploads are expected in.
    zone: EPSG code of the canonical CGCS2000 3-degree Gauss-Krüger zone, false easting 500 km.
    target_source: the document that sets the year's target.
    """

    code: str
    name: str
    name_en: str
    box: tuple[float, float, float, float]
    zone: int
    settled_target: int
    target_year: int
    marker_pattern: str
    target_source: str = ""


@cache
def district(code: str | None = None) -> DistrictSettings:
    """The configured district (`YUDI_DISTRICT`, default 500112). Raises FileNotFoundError."""
    import json

    name = code or os.environ.get("YUDI_DISTRICT", "500112")
    path = DATA / "boundaries" / "districts" / f"{name}.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["box"] = tuple(raw["box"])
    return DistrictSettings(**raw)


def as_of() -> date:
    """The valid date that pages and checks read (`YUDI_AS_OF`); the real date where none is set."""
    given = os.environ.get("YUDI_AS_OF")
    return date.fromisoformat(given) if given else days.today()


def public_tolerance_m() -> float:
    """How far the public's shapes are generalised, metres (`YUDI_PUBLIC_TOLERANCE_M`, default 50).

    Raises ValueError for what is no number or negative.
    """
    given = float(os.environ.get("YUDI_PUBLIC_TOLERANCE_M", "50"))
    if not given >= 0:
        raise ValueError(f"YUDI_PUBLIC_TOLERANCE_M must not be negative: {given}")
    return given
