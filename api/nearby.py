"""Near me (身边): what pages, routes and the leaflet ask of the walking model, with the graphs kept between requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from geo.facilities.facility import Facility
from geo.facilities.hours import BadHours, Openness, now, parse
from geo.problems import BadInput
from geo.store import streets
from geo.store.streets import Streets
from geo.text import Text
from geo.walking import reach
from geo.walking.graph import Graph, with_places
from geo.walking.model import LIFT, Profile, model
from geo.walking.reach import METHODS, Method

LONGEST = 60.0


class NoPlace(BadInput):
    code = "no-place"
    title = Text(
        "位置须为经度和纬度，时间须在 1 到 60 分钟之间",
        "A longitude and latitude are needed, and 1 to 60 minutes",
    )


@dataclass(frozen=True)
class Near:
    """One facility and its walking time, seconds: there, back, and the longer, which counts."""

    facility: Facility
    there: float
    back: float

    @property
    def minutes(self) -> int:
        """Whole minutes, never fewer than it takes."""
        return max(1, int(np.ceil(max(self.there, self.back) / 60 - 1e-9)))


@dataclass(frozen=True)
class Answer:
    """What lies near a place. area: GeoJSON-able shape in degrees; method says how the times were found."""

    items: list[Near]
    method: Method
    says: Text
    parameters: Text
    area: Any
    lines: Any
    streets: Streets | None


@dataclass(frozen=True)
class Walking:
    """A graph with the facilities set into it; node and metres from the street of each."""

    graph: Graph
    nodes: Any
    metres: Any


_LOCK = Lock()


@lru_cache(maxsize=12)
def _kept(
    sha256: str,
    profile: Profile,
    closed: frozenset[int],
    places: tuple[tuple[float, float], ...],
    numbers: object,
) -> Walking:
    network = streets.network(sha256)
    lon, lat = np.array([p[0] for p in places]), np.array([p[1] for p in places])
    return Walking(*with_places(network, profile, numbers, lon, lat, closed))  # type: ignore[arg-type]


def walking(
    state: Streets, profile: Profile, places: Sequence[tuple[float, float]], when: datetime | None = None
) -> Walking:
    """The graph of a profile with places in it, kept. when: local time, for lifts that are shut then; None: all open."""
    with _LOCK:
        return _kept(state.sha256, profile, closed_ways(state, when), tuple(places), model())


def closed_ways(state: Streets, when: datetime | None) -> frozenset[int]:
    """Ways that are shut at a moment by their own hours: lifts above all. Hours that cannot be read close nothing."""
    if when is None:
        return frozenset()
    network = streets.network(state.sha256)
    out = set()
    for way in np.unique(network.way[network.kind == LIFT]):
        try:
            hours = parse(str(network.hours[way]))
        except BadHours:
            continue
        if hours and now(hours, when).state is Openness.CLOSED:
            out.add(int(way))
    return frozenset(out)


def near(
    session: Session, facilities: Sequence[Facility], *, district: str, lon: float, lat: float, minutes: float,
    profile: Profile, when: datetime, shape: bool = True,
) -> Answer:  # fmt: skip
    """Facilities within reach there and back, the nearest first. session: of the application's role. Raises NoPlace."""
    if not (-180 <= lon <= 180 and -90 <= lat <= 90 and 1 <= minutes <= LONGEST):
        raise NoPlace()
    placed = [f for f in facilities if f.placed]
    places = [(f.lon or 0.0, f.lat or 0.0) for f in placed]
    limit, chosen = minutes * 60, model()
    state = streets.newest(session, district)
    found = None
    if state is not None:
        walk = walking(state, profile, places, when.replace(tzinfo=None))
        found = reach.reach(walk.graph, lon, lat, limit)
    lons, lats = np.array([p[0] for p in places]), np.array([p[1] for p in places])
    line = reach.straight(lon, lat, lons, lats, profile, chosen) if places else np.empty(0)
    if found is None:
        items = [Near(f, t, t) for f, t in zip(placed, line.tolist(), strict=True) if t <= limit]
        area = reach.circle(lon, lat, minutes, profile, chosen) if shape else None
        lines, method = None, Method.STRAIGHT
    else:
        legs = np.where(np.isfinite(walk.metres), walk.metres, 0.0) / chosen.speed(profile)
        items = []
        for f, node, leg in zip(placed, walk.nodes.tolist(), legs.tolist(), strict=True):
            if node >= 0:
                there, back = float(found.there[node]) + leg, float(found.back[node]) + leg
                if max(there, back) <= limit:
                    items.append(Near(f, there, back))
        area = reach.area(found) if shape else None
        lines, method = reach.lines(found) if shape else None, Method.NETWORK
    items.sort(key=lambda n: (max(n.there, n.back), n.facility.number))
    return Answer(items, method, METHODS[method], chosen.sentence(profile), area, lines, state)
