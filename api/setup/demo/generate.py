"""Generator of the demonstration district 演示数据（虚构）: pure, seeded, without network or database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import geopandas
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from api.setup.demo.lines import county_lines, township_lines, tripoints
from api.setup.demo.markers import markers
from api.setup.demo.plan import Plan, plan
from api.setup.demo.states import long_settled, with_states
from api.setup.demo.subdivision import NoFit, Subdivision, cells, outline, settle, subdivide
from api.setup.demo.terrain import Relief, Warp
from geo.boundaries.unit_lists import in_force, unit_lists
from geo.settings import DistrictSettings
from geo.settings import district as configured

#: How far the outline stays inside the district's box, metres: more than the warp ever moves a point here.
MARGIN = 1_100.0
#: No line between two townships is shorter, metres (before the warp).
SHORTEST = 650.0
REACH = {"镇": 6_200.0, "街道": 2_300.0}
SOURCE = "演示数据（虚构） demonstration data"


@dataclass(frozen=True)
class District:
    """The generated district, every frame in EPSG:4545, metres, coordinates rounded to 0.1 mm.

    units: code, name, level, parent, geometry (Polygon or MultiPolygon) of district, townships, villages.
    lines: code, name, level, left_code, right_code, state, in_dispute, inspection_due, document,
    survey_date, agreement_date, approval_date, length_m (geodesic), geometry.
    county_lines: the district's border by neighbour, the same columns.
    markers: number, display_number, line_code, kind, height, offset_m, accuracy_m, condition, custodian.
    tripoints: number, unit1, unit2, unit3 (a neighbour's 6-digit code on the district's border), height.
    """

    settings: DistrictSettings
    plan: Plan
    units: geopandas.GeoDataFrame
    lines: geopandas.GeoDataFrame
    county_lines: geopandas.GeoDataFrame
    markers: geopandas.GeoDataFrame
    tripoints: geopandas.GeoDataFrame

    @property
    def townships(self) -> geopandas.GeoDataFrame:
        rows = self.units[self.units["level"] == "township"]
        return rows.reset_index(drop=True)

    @property
    def outline(self) -> shapely.Polygon:
        return self.units.loc[self.units["level"] == "county", "geometry"].iloc[0]


def generate(settings: DistrictSettings | None = None, seed: int | None = None) -> District:
    """The demonstration of a district, the configured one unless another is given. The same seed, by
    default the plan's, gives the same bytes.

    Raises FileNotFoundError where the district has no plan, and NoFit where no subdivision can be found
    near the seed.
    """
    settings = settings or configured()
    chosen = plan(settings.code)
    seed = chosen.seed if seed is None else seed
    names, villages = _units(settings.code, chosen.as_of)
    centres, neighbours = _places(settings.zone, chosen, list(names))
    for attempt in range(20):
        try:
            random = np.random.default_rng((seed, attempt))
            warp = Warp(random)
            sub = _subdivision(settings, chosen, names, villages, centres, warp, random)
            break
        except NoFit:
            continue
    else:
        raise NoFit(f"no subdivision near seed {seed}")
    units = _unit_frame(settings, chosen, sub, names)
    outer = units.loc[units["level"] == "county", "geometry"].iloc[0]
    west, south, east, north = outer.bounds
    relief = Relief(random, (west, south), (east, north))
    township_names = {c: n for c, (n, _) in names.items()}
    crs = f"EPSG:{settings.zone}"
    lines = with_states(township_lines(sub, township_names, crs), chosen, random)
    around = long_settled(county_lines(sub, settings, neighbours, crs))
    points = tripoints(lines, around, settings.code, relief, crs)
    marks = markers(lines, points, units, township_names, relief, random, crs)
    return District(settings, chosen, units, lines, around, marks, points)


def _units(code: str, on: date) -> tuple[dict[str, tuple[str, str]], dict[str, list[str]]]:
    """Names and kinds of the townships by code, and the villages' codes by township, of the unit list."""
    table = in_force(unit_lists(), on)
    townships = table[(table["level"] == "township") & (table["parent"] == code)]
    names = {r.code: (r[3], r.kind) for r in townships.itertuples()}
    villages: dict[str, list[str]] = {c: [] for c in names}
    for r in table[table["level"] == "village"].sort_values("code").itertuples():
        if r.parent in villages:
            villages[r.parent].append(r.code)
    return names, villages


def _places(
    zone: int, chosen: Plan, codes: list[str]
) -> tuple[dict[str, NDArray[np.float64]], list[tuple[str, str, NDArray[np.float64]]]]:
    to_plane = pyproj.Transformer.from_crs(4490, zone, always_xy=True)

    def point(row: dict[str, str]) -> NDArray[np.float64]:
        return np.array(to_plane.transform(float(row["lon"]), float(row["lat"])))

    centres = {row["code"]: point(row) for row in chosen.places}
    if missing := set(codes) - set(centres):
        raise KeyError(f"places.csv lacks {sorted(missing)}")
    return centres, [(r["code"], r["name"], point(r)) for r in chosen.neighbours]


def _subdivision(
    settings: DistrictSettings,
    chosen: Plan,
    names: dict[str, tuple[str, str]],
    villages: dict[str, list[str]],
    centres: dict[str, NDArray[np.float64]],
    warp: Warp,
    random: np.random.Generator,
) -> Subdivision:
    order = list(names)
    at = np.array([centres[c] for c in order])
    reach = np.array([REACH[names[c][1]] for c in order])
    border = outline(at, reach, _box(settings))
    settled = settle(at, border, random, SHORTEST)
    straight = dict(zip(order, cells(settled, border), strict=True))
    return subdivide(straight, villages, chosen.enclave, warp, random)


def _box(settings: DistrictSettings) -> shapely.Polygon:
    to_plane = pyproj.Transformer.from_crs(4490, settings.zone, always_xy=True)
    edge = shapely.segmentize(shapely.box(*settings.box), 0.01)
    corners = np.column_stack(to_plane.transform(*shapely.get_coordinates(edge).T))
    return shapely.Polygon(corners).buffer(-MARGIN).simplify(5.0)


def _unit_frame(
    settings: DistrictSettings, chosen: Plan, sub: Subdivision, names: dict[str, tuple[str, str]]
) -> geopandas.GeoDataFrame:
    table = in_force(unit_lists(), chosen.as_of)
    village_names = dict(zip(table["code"], table["name"], strict=True))
    rows: list[tuple[str, str, str, str, shapely.Geometry]] = []
    township_of = np.array([sub.villages[v][:9] for v in sub.area_village])
    whole = shapely.coverage_union_all(sub.areas)
    rows.append((settings.code, settings.name, "county", settings.code[:2] + "0000", whole))
    for code, (name, _) in names.items():
        shape = shapely.coverage_union_all(sub.areas[township_of == code])
        rows.append((code, name, "township", settings.code, shape))
    for index, code in enumerate(sub.villages):
        shape = shapely.coverage_union_all(sub.areas[sub.area_village == index])
        rows.append((code, village_names[code], "village", code[:9], shape))
    return geopandas.GeoDataFrame(
        rows, columns=["code", "name", "level", "parent", "geometry"], geometry="geometry",
        crs=f"EPSG:{settings.zone}",
    )  # fmt: skip
