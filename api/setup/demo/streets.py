"""Streets (步行路网) of the demonstration: towns in grids on invented hills, with steps, lifts, an escalator and
footbridges, and a road from every village to its town. All of it invented; the walking model itself is tested on
real streets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from api.setup.demo.generate import SOURCE, District
from api.setup.demo.terrain import Relief
from geo.walking.model import ESCALATOR, LIFT, PATH, STEPS, STREET
from geo.walking.network import Network, build
from geo.walking.ways import Ways

Floats = NDArray[np.float64]
#: Blocks of a town in each direction, and their side in metres.
BLOCKS = {"街道": 16, "镇": 9}
BLOCK = 88.0
#: A path steeper than this is a flight of steps; the highest flights of a subdistrict have a lift beside them.
STEEP, LIFTED = 0.11, 9.0
LIFT_HOURS, LIFT_FARE = "每天 06:00-23:00", "1 元，65 岁以上免费"


@dataclass
class Drawn:
    """Ways so far: lines in the district's plane with heights, and what each is."""

    lines: list[Floats]
    kind: list[int]
    structure: list[bool]
    one_way: list[bool]
    name: list[str]
    hours: list[str]
    fare: list[str]

    def add(
        self,
        line: Floats,
        kind: int,
        name: str = "",
        *,
        structure: bool = False,
        hours: str = "",
        fare: str = "",
    ) -> None:
        self.lines.append(line)
        self.kind.append(kind)
        self.structure.append(structure)
        self.one_way.append(kind == ESCALATOR)
        self.name.append(name)
        self.hours.append(hours)
        self.fare.append(fare)


class Ground:
    """Invented heights: the district's relief, with the terraces that make a city of stairs."""

    def __init__(self, demo: District, random: np.random.Generator) -> None:
        west, south, east, north = demo.outline.bounds
        self.relief = Relief(random, (west, south), (east, north))
        self.phase = random.uniform(0, 2 * np.pi, 4)

    def __call__(self, points: Floats) -> Floats:
        x, y = points.T
        p = self.phase
        hills = 13 * np.sin(x / 190 + p[0]) * np.sin(y / 230 + p[1]) + 5 * np.sin((x + y) / 75 + p[2])
        return np.round(self.relief(points) + hills, 1)


def town_centres(demo: District) -> dict[str, Floats]:
    """The middle of each township's town, in the plane."""
    return {
        code: np.array(shapely.get_coordinates(shapely.point_on_surface(shape))[0])
        for code, shape in zip(demo.townships["code"], demo.townships.geometry, strict=True)
    }


def village_centres(demo: District) -> dict[str, Floats]:
    """The middle of each village or community, in the plane."""
    rows = demo.units[demo.units["level"] == "village"]
    points = shapely.get_coordinates(shapely.point_on_surface(rows.geometry.to_numpy()))
    return dict(zip(rows["code"], points, strict=True))


def streets(demo: District) -> Network:
    """The network of the demonstration. The same district gives the same network."""
    random = np.random.default_rng((demo.plan.seed, 7))
    ground = Ground(demo, random)
    drawn = Drawn([], [], [], [], [], [], [])
    centres = town_centres(demo)
    towns = {c: _town(drawn, demo, c, at, ground, random) for c, at in centres.items()}
    for code, at in village_centres(demo).items():
        _village(drawn, at, towns[code[:9]], ground, random)
    to_degrees = pyproj.Transformer.from_crs(demo.townships.crs, 4490, always_xy=True)
    lines = np.empty(len(drawn.lines), dtype=object)
    for i, line in enumerate(drawn.lines):
        lon, lat = to_degrees.transform(line[:, 0], line[:, 1])
        lines[i] = shapely.LineString(np.column_stack((lon, lat, line[:, 2])))
    n = len(lines)

    def texts(values: list[str]) -> NDArray[np.object_]:
        out = np.empty(n, dtype=object)
        out[:] = values
        return out

    return build(
        Ways(
            lines, np.array(drawn.kind, dtype=np.int8), np.array(drawn.structure), np.ones(n, dtype=bool),
            np.array(drawn.one_way), np.zeros(n, dtype=np.int32), texts(drawn.name), texts(drawn.hours),
            texts(drawn.fare), np.zeros(n, dtype=bool), source=SOURCE, dated=demo.plan.as_of.isoformat(),
        )
    )  # fmt: skip


def _town(
    drawn: Drawn, demo: District, code: str, centre: Floats, ground: Ground, random: np.random.Generator
) -> Floats:
    """A town's grid, turned; returns its corners, (k, 3), that roads may lead to."""
    row = demo.townships[demo.townships["code"] == code].iloc[0]
    blocks = BLOCKS["街道" if str(row["name"]).endswith("街道") else "镇"]
    turn = random.uniform(0, np.pi / 2)
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    steps = np.arange(blocks + 1) - blocks / 2
    u, v = np.meshgrid(steps, steps, indexing="ij")
    flat = (
        np.column_stack((u.ravel(), v.ravel())) * BLOCK + random.uniform(-9, 9, (u.size, 2))
    ) @ axes + centre
    corners = np.column_stack((flat, ground(flat)))
    inside = shapely.contains_xy(row["geometry"].buffer(-25), flat[:, 0], flat[:, 1])
    side = blocks + 1
    pairs = [(i * side + j, i * side + j + side, j % 4 == 0) for i in range(side - 1) for j in range(side)]
    pairs += [(i * side + j, i * side + j + 1, i % 4 == 0) for i in range(side) for j in range(side - 1)]
    flights: list[tuple[float, int, int]] = []
    for a, b, main in pairs:
        if not (inside[a] and inside[b]) or (not main and random.random() < 0.14):
            continue
        line = corners[[a, b]]
        rise = abs(line[1, 2] - line[0, 2])
        steep = rise > STEEP * float(np.hypot(*(line[1] - line[0])[:2]))
        drawn.add(line, STEPS if steep and not main else STREET if main else PATH)
        if steep and not main:
            flights.append((rise, a, b))
    if str(row["name"]).endswith("街道"):
        for number, (rise, a, b) in enumerate(sorted(flights, reverse=True)[:2], start=1):
            if rise > LIFTED:
                drawn.add(
                    corners[[a, b]],
                    LIFT,
                    f"{row['name']}{number}号公共电梯",
                    hours=LIFT_HOURS,
                    fare=LIFT_FARE,
                )
        if len(flights) > 2:
            _, a, b = sorted(flights, reverse=True)[2]
            low, high = (a, b) if corners[a, 2] < corners[b, 2] else (b, a)
            drawn.add(corners[[low, high]], ESCALATOR, f"{row['name']}自动扶梯", hours=LIFT_HOURS)
        middle = (side // 2) * side + side // 2
        if inside[middle] and inside[middle + 2]:
            ends = corners[[middle, middle + 2]]
            half = (ends[0] + ends[1]) / 2
            drawn.add(np.array([ends[0], half, ends[1]]), PATH, f"{row['name']}人行天桥", structure=True)
    return corners[inside] if inside.any() else np.append(centre, ground(centre[None])[0])[None]


def _village(drawn: Drawn, at: Floats, town: Floats, ground: Ground, random: np.random.Generator) -> None:
    """A village's lanes and its road to the nearest corner of the town."""
    steps = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)], dtype=float)
    flat = at + steps * 85 + random.uniform(-15, 15, (9, 2))
    lanes = np.column_stack((flat, ground(flat)))
    for a, b in (
        (0, 1),
        (1, 2),
        (3, 4),
        (4, 5),
        (6, 7),
        (7, 8),
        (0, 3),
        (3, 6),
        (1, 4),
        (4, 7),
        (2, 5),
        (5, 8),
    ):
        if random.random() < 0.88:
            drawn.add(lanes[[a, b]], PATH)
    near = town[np.argmin(np.hypot(*(town[:, :2] - at).T))]
    count = max(2, int(np.hypot(*(near[:2] - at)) / 130) + 1)
    share = np.linspace(0, 1, count + 1)[:, None]
    road = lanes[4, :2] * (1 - share) + near[:2] * share
    across = np.array([-(near[1] - at[1]), near[0] - at[0]]) / max(float(np.hypot(*(near[:2] - at))), 1.0)
    sway = np.sin(share * np.pi) * np.sin(share * 9 + random.uniform(0, 6)) * min(160.0, 18.0 * count)
    road = road + across * sway
    heights = ground(road)
    heights[0], heights[-1] = lanes[4, 2], near[2]
    road[0], road[-1] = lanes[4, :2], near[:2]
    drawn.add(np.column_stack((road, heights)), STREET)
