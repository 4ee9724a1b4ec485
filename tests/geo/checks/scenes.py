"""Builder of scenes: layers from simple tuples, laid out exactly as an inspection lays them out.

A feature is a geometry (shapely, or WKT), or a tuple (geometry, {our field name: value}), or for
markers and tripoints ((x, y[, z]), {…}). Coordinates are metres in the district's zone (EPSG:4545,
moved to (370000, 3300000) so that small numbers can be drawn), unless `crs` says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.checks.run import discover
from geo.checks.run import run as run_checks
from geo.checks.scene import FIELDS, Published, Scene, Units, empty_frame, frame_of
from geo.crs.plane import Plane
from geo.findings import Finding
from geo.reading.layers import CrsDecision, Layer
from geo.settings import DistrictSettings, Tolerances
from geo.settings import tolerances as default_tolerances
from geo.terms import Profile, Role
from geo.text import Text

ORIGIN = (370_000.0, 3_300_000.0)
ZONE = 4545
BOX = (106.0, 29.0, 107.5, 30.5)


def there(geometry: Any) -> Any:
    """Small numbers to the place that scenes are set in."""
    return shapely.transform(geometry, lambda c: c + ORIGIN)


def here(geometry: Any) -> Any:
    """A place in the plane back to small numbers."""
    return shapely.transform(geometry, lambda c: c - ORIGIN)


def square(x: float, y: float, size: float = 1000.0) -> Any:
    return shapely.box(x, y, x + size, y + size)


def district() -> DistrictSettings:
    return DistrictSettings(
        code="500112", name="渝北区", name_en="Yubei", box=BOX, zone=ZONE,
        settled_target=18, target_year=2024,
        marker_pattern=r"^(?P<line>\d{9}-\d{9}(?:-\d+)?)(?P<serial>\d{3})(?P<kind>[QABCDE])$",
    )  # fmt: skip


def layer(
    role: Role | None,
    features: Iterable[Any],
    *,
    name: str | None = None,
    crs: int | pyproj.CRS | None = ZONE,
    moved: bool = True,
    **more: Any,
) -> Layer:
    """One layer as the reader gives it. moved: small numbers are moved to ORIGIN, then to `crs`."""
    system = None if crs is None else pyproj.CRS.from_user_input(crs)
    if isinstance(crs, pyproj.CRS):
        crs = crs.to_epsg()
    geometries: list[Any] = []
    rows: list[dict[str, Any]] = []
    heights: list[float] = []
    for feature in features:
        shape, values = (
            feature if isinstance(feature, tuple) and isinstance(feature[1], dict) else (feature, {})
        )
        height = float("nan")
        if isinstance(shape, str):
            shape = shapely.from_wkt(shape)
        elif isinstance(shape, tuple):
            if len(shape) == 3:
                height = float(shape[2])
            shape = shapely.Point(shape[:2])
        geometries.append(shape)
        rows.append(dict(values))
        heights.append(float(values.get("z", height)))
    column = np.empty(len(geometries), dtype=object)
    column[:] = geometries
    if moved:
        column = there(column)
        if crs not in (None, ZONE):
            column = Plane.of_zone(ZONE, system).to_source(column)
    names = [n for n in dict.fromkeys(k for r in rows for k in r) if n != "z"]
    frame = geopandas.GeoDataFrame(
        {n: pd.Series([r.get(n) for r in rows], dtype=object) for n in names},
        geometry=geopandas.GeoSeries(column, index=range(len(column))),
    )
    kinds = {g.geom_type for g in geometries if g is not None} or {"Unknown"}
    return Layer(
        name=name or (role.value if role else "layer"),
        role=role,
        geometry_type=more.pop("geometry_type", sorted(kinds)[0] if len(kinds) == 1 else "Unknown"),
        features=len(frame),
        frame=frame,
        crs=CrsDecision(
            system,
            crs,
            system.name if system else "none",
            "declared" if system else "none",
            Text("测试", "test"),
        ),
        encoding=None,
        fields={n: n for n in names if role is not None and n in FIELDS[role]},
        z=np.array(heights) if np.isfinite(heights).any() else None,
        **more,
    )


def frame(role: Role, features: Iterable[Any], **columns: Any) -> Any:
    """A frame as in Published: as the scene's own, without layer and record."""
    rows = list(features)
    if not rows:
        return empty_frame(role).drop(columns=["layer", "record"])
    made = layer(role, rows)
    answer = frame_of(made, Plane.of_zone(ZONE, pyproj.CRS.from_epsg(ZONE))).drop(columns=["layer", "record"])
    for extra in ("state",):
        if extra in made.frame:
            answer[extra] = made.frame[extra].to_numpy()
    return answer


def published(
    *,
    lines: Iterable[Any] = (),
    markers: Iterable[Any] = (),
    tripoints: Iterable[Any] = (),
    polygons: Iterable[Any] = (),
    district: Any = None,
    county_line: Any = None,
) -> Published:
    """What is in force around an upload; lines may carry `state`."""
    return Published(
        lines=frame(Role.LINES, lines),
        markers=frame(Role.MARKERS, markers),
        tripoints=frame(Role.TRIPOINTS, tripoints),
        polygons=frame(Role.POLYGONS, polygons),
        district=None if district is None else there(district),
        county_line=None if county_line is None else there(county_line),
    )


def units(*rows: tuple[str, str]) -> Units:
    """A district's table of units from (code, name)."""
    return Units(
        pd.DataFrame(
            {
                "code": [r[0] for r in rows],
                "statistical": [None] * len(rows),
                "name": [r[1] for r in rows],
                "level": ["township"] * len(rows),
                "former_names": [()] * len(rows),
            }
        )
    )


def scene(
    *,
    lines: Iterable[Any] = (),
    markers: Iterable[Any] = (),
    tripoints: Iterable[Any] = (),
    polygons: Iterable[Any] = (),
    layers: Iterable[Layer] = (),
    published: Published | None = None,
    units: Units | None = None,
    profile: Profile = Profile.TOWNSHIP,
    crs: int | None = ZONE,
    tolerances: Tolerances | None = None,
    as_of: date = date(2024, 12, 31),
    today: date | None = None,
) -> Scene:
    """A scene of the features given; in profile generic of the one layer given."""
    made = [
        layer(role, features, crs=crs)
        for role, features in (
            (Role.LINES, list(lines)),
            (Role.MARKERS, list(markers)),
            (Role.TRIPOINTS, list(tripoints)),
            (Role.POLYGONS, list(polygons)),
        )
        if features
    ]
    made += list(layers)
    planes = [_plane(profile, each) for each in made]
    frames: dict[Role, list[Any]] = {}
    for each, plane in zip(made, planes, strict=True):
        if each.role is not None:
            frames.setdefault(each.role, []).append(frame_of(each, plane))
    assert profile is Profile.TOWNSHIP or len(made) == 1, "in generic each layer is a scene of its own"
    merged = {role: pd.concat(parts, ignore_index=True) for role, parts in frames.items()}
    return Scene(
        profile=profile,
        plane=planes[0],
        tolerances=tolerances or default_tolerances(),
        **{role.value: merged.get(role, empty_frame(role)) for role in Role},
        layers=tuple(made),
        district=district() if profile is Profile.TOWNSHIP else None,
        units=units,
        published=published,
        as_of=as_of,
        today=today or date(2026, 1, 1),
    )


def _plane(profile: Profile, made: Layer) -> Plane:
    """The plane that an inspection takes: the district's zone, or the file's own numbers in metres."""
    if profile is Profile.TOWNSHIP and made.crs.crs is not None:
        return Plane.of_zone(ZONE, made.crs.crs)
    coordinates = shapely.get_coordinates(made.frame.geometry.to_numpy())
    coordinates = coordinates[np.isfinite(coordinates).all(axis=1)]
    bounds = (*coordinates.min(axis=0), *coordinates.max(axis=0)) if len(coordinates) else (0.0,) * 4
    return Plane.local(made.crs.crs, bounds, authorised=made.crs.crs is not None)


def findings(made: Scene, *codes: str) -> list[Finding]:
    """The findings of these checks (of all where none is named); what a check raises is raised."""
    rules = [discover()[code] for code in codes] or None
    return run_checks(made, rules=rules, strict=True)
