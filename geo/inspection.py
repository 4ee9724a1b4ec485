"""Inspection (成果检查) of one file: read it, lay it out, check it. One function for the command line,
the worker and the tests; `geo.reading.child` runs it in a limited process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.checks.run import run
from geo.checks.scene import Published, Scene, Units, empty_frame, frame_of
from geo.crs.plane import Plane
from geo.findings import Finding, verdict
from geo.reading.layers import Layer, ReadOptions
from geo.reading.read import read
from geo.settings import DistrictSettings, Limits, Tolerances, tolerances
from geo.terms import Profile, Role, Verdict

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
) -> Inspection:
    """Read and check one file.

    file: the name to show, where the path is not the one the surveyor gave.
    progress: called with a step ("reading", "checking") and the share done, 0 to 1.
    Never raises on what a file holds: that is what findings are for.
    """
    around = surroundings or Surroundings()
    progress("reading", 0.0)
    reading = read(path, options, limits, around.district, file=file)
    progress("checking", 0.4)
    findings = list(reading.findings)
    scenes = list(scenes_of(reading.layers, options.profile, around))
    for number, scene in enumerate(scenes):
        findings.extend(run(scene))
        progress("checking", 0.4 + 0.6 * (number + 1) / len(scenes))
    findings.sort(key=lambda f: f.order)
    return Inspection(reading.file, reading.sha256, options.profile, reading.layers, tuple(findings))


def scenes_of(layers: tuple[Layer, ...], profile: Profile, around: Surroundings) -> list[Scene]:
    """The scenes to check: one of all layers in profile township, one a layer in generic.

    In township, layers whose system has no authorised way to the district's zone are checked by
    themselves in their own coordinates.
    """
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
        as_of=around.as_of or date.today(),
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
    for layer, plane in alone:
        merged = {} if layer.role is None else {layer.role: frame_of(layer, plane)}
        scenes.append(_with(common, merged, plane, (layer,), None))
    return scenes


def local_plane(layer: Layer, crs: pyproj.CRS | None) -> Plane:
    """The file's own coordinates scaled to metres."""
    coordinates = shapely.get_coordinates(layer.frame.geometry.to_numpy())
    coordinates = coordinates[np.isfinite(coordinates).all(axis=1)]
    if len(coordinates):
        (west, south), (east, north) = coordinates.min(axis=0), coordinates.max(axis=0)
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
