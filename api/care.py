"""Care (养老): what the routes and the pages of facilities both ask: the moment, coverage, sites, figures, drafts."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.sparse
import shapely
from sqlalchemy.orm import Session

from api.nearby import walking
from geo.days import SHANGHAI
from geo.facilities.coverage import (
    Communities,
    Share,
    demand,
    seconds_to_nearest,
    summed,
    withheld,
)
from geo.facilities.coverage import (
    coverage as covered_shares,
)
from geo.facilities.facility import Facility, Standing, standing
from geo.facilities.holidays import days_of_rest
from geo.facilities.kinds import Figure, figures, rules
from geo.facilities.register import columns, draft
from geo.facilities.siting import Sites, best_sites
from geo.facilities.supply import Held, Supply, supply
from geo.problems import Unavailable
from geo.reading.rows import Draft
from geo.settings import DistrictSettings
from geo.store import facilities as store
from geo.store import streets
from geo.store.published_units import holders, holding, units
from geo.store.streets import Streets
from geo.text import Text
from geo.walking.model import Profile, model
from geo.walking.reach import to_and_from


class NoStreetsYet(Unavailable):
    code = "no-streets"
    title = Text(
        "还没有步行路网或社区人数，不能计算覆盖；请先导入（docs/facilities.md）",
        "There is no street network or no community totals yet; bring them in first (docs/facilities.md)",
    )


@dataclass(frozen=True)
class Moment:
    """Now in Beijing, and the date looked at."""

    local: datetime
    at: date

    @classmethod
    def now(cls, at: date) -> Moment:
        """This minute: hours open and close by minutes, so that what is made of it is good for the whole of it."""
        return cls(datetime.now(UTC).astimezone(SHANGHAI).replace(second=0, microsecond=0), at)

    def standing(self, f: Facility) -> Standing:
        return self.standings([f])[0]

    def standings(self, found: Sequence[Facility]) -> list[Standing]:
        """What is true of each at this moment."""
        known, rest = rules(), days_of_rest()
        return [standing(f, self.local, known, rest, self.at) for f in found]


def minutes(seconds: float) -> int:
    """Whole minutes, never fewer than it takes."""
    return max(1, math.ceil(seconds / 60 - 1e-9))


# --- coverage -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Coverage:
    """Coverage of a district by facilities of some kinds, with what must be said beside it."""

    district: Share
    townships: list[Share]
    communities: list[Share]
    hidden: frozenset[str]
    supply: list[Supply]
    kinds: tuple[str, ...]
    minutes: float
    profile: Profile
    parameters: Text
    streets: Streets
    elders_on: date | None
    demo: bool


def coverage(
    own: Session,
    public: Session,
    district: str,
    at: date,
    codes: Sequence[str],
    minutes_most: float,
    profile: Profile,
) -> Coverage:
    """Share of residents 60+ within reach, there and back. own: of the application's role. Raises NoStreetsYet."""
    state = streets.newest(own, district)
    areas, elders_on, demo = store.communities(own, district, at)
    if state is None or not areas.code:
        raise NoStreetsYet()
    every = store.facilities(public, at, district=district)
    chosen = [f for f in every if f.kind in codes and f.placed and f.status.value == "open"]
    places = tuple((f.lon or 0.0, f.lat or 0.0) for f in chosen)
    shares = _shares(state, profile, places, minutes_most, _Areas(areas, elders_on))
    names = store.unit_names(public, {s.code for s in shares}, at)
    townships = summed(shares, names, 9)
    of_township = {t.code: t.elders for t in townships}
    counts: dict[str, int] = {}
    for s in shares:
        counts[s.code[:9]] = counts.get(s.code[:9], 0) + 1
    beds = {u: int(v) for f, u, m, v, _ in _latest(own, district, at) if f == "family_care_beds"}
    held = [
        Held(f.kind, f.unit_code, f.beds or 0, f.nursing_beds or 0) for f in every if f.status.value == "open"
    ]
    supplied = supply({t.code: t.name for t in townships}, of_township, counts, held, beds)
    return Coverage(
        summed(shares, {district: ""}, 6)[0], townships, list(shares), withheld(shares, rules()), supplied, tuple(codes),
        minutes_most, profile, model().sentence(profile), state, elders_on, demo or state.demo,
    )  # fmt: skip


class _Areas:
    """Communities as a key: the same codes, names, totals and outlines are the same demand."""

    def __init__(self, areas: Communities, on: date | None) -> None:
        self.areas = areas
        drawn = hashlib.blake2b(b"".join(shapely.to_wkb(np.array(areas.shape, dtype=object))), digest_size=16)
        self._key = (areas.code, areas.name, areas.elders.tobytes(), on, drawn.digest())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Areas) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@lru_cache(maxsize=16)
def _shares(
    state: Streets,
    profile: Profile,
    places: tuple[tuple[float, float], ...],
    minutes_most: float,
    areas: _Areas,
) -> tuple[Share, ...]:
    walk = walking(state, profile, places)
    where = demand(walk.graph, areas.areas)
    lon, lat = np.array([p[0] for p in places]), np.array([p[1] for p in places])
    legs = np.where(np.isfinite(walk.metres), walk.metres, 0.0) / model().speed(profile)
    seconds = seconds_to_nearest(walk.graph, where, walk.nodes, legs, lon, lat, minutes_most * 60)
    return tuple(covered_shares(where, areas.areas, seconds, minutes_most * 60))


def coverage_out(found: Coverage) -> dict[str, Any]:
    """Coverage as JSON, small numbers withheld."""

    def row(s: Share, hide: bool) -> dict[str, Any]:
        elders, covered, _ = s.counts
        return {
            "code": s.code, "name": s.name, "elders": None if hide else elders, "covered": None if hide else covered,
            "share": None if hide or s.share is None else round(s.share, 4), "withheld": hide,
            "by_straight_line": None if hide else round(s.by_line),
        }  # fmt: skip

    hidden_townships = withheld(found.townships, rules(), 6)
    return {
        "district": row(found.district, False),
        "townships": [row(t, t.code in hidden_townships) for t in found.townships],
        "communities": [row(c, c.code in found.hidden) for c in found.communities],
        "kinds": list(found.kinds), "minutes": found.minutes, "profile": found.profile.value,
        "parameters": found.parameters.zh, "parameters_en": found.parameters.en, "elders_on": found.elders_on,
        "streets": {"source": found.streets.source, "dated": found.streets.dated, "demo": found.streets.demo},
        "demo": found.demo,
    }  # fmt: skip


def sites(
    own: Session,
    district: str,
    at: date,
    codes: Sequence[str],
    minutes_most: float,
    profile: Profile,
    count: int,
) -> dict[str, Any]:
    """The best next sites, one candidate a community: what they reach beside what is reached, and the price of greed.

    Raises NoStreetsYet, TooManySites.
    """
    state = streets.newest(own, district)
    areas, _, demo = store.communities(own, district, at)
    if state is None or not areas.code:
        raise NoStreetsYet()
    every = store.facilities(own, at, district=district, officer=True)
    chosen = [f for f in every if f.kind in codes and f.placed and f.status.value == "open"]
    places = tuple((f.lon or 0.0, f.lat or 0.0) for f in chosen)
    walk = walking(state, profile, places)
    g = walk.graph
    where = demand(g, areas)
    limit = minutes_most * 60
    lon, lat = np.array([p[0] for p in places]), np.array([p[1] for p in places])
    legs = np.where(np.isfinite(walk.metres), walk.metres, 0.0) / model().speed(profile)
    reached = seconds_to_nearest(g, where, walk.nodes, legs, lon, lat, limit) <= limit
    candidates = _candidates(where.node, where.weight, where.community, len(areas.code))
    rows, cols = [], []
    open_points = np.flatnonzero(~reached & (where.node >= 0))
    for i, (_, node) in enumerate(candidates):
        seconds = to_and_from(g, node, limit)[where.node[open_points]]
        near = open_points[np.isfinite(seconds)]
        rows.append(np.full(len(near), i))
        cols.append(near)
    covers = scipy.sparse.csr_array(
        (np.ones(sum(map(len, rows))), (np.concatenate(rows), np.concatenate(cols))),
        shape=(len(candidates), len(where.node)),
    )
    best: Sites = best_sites(covers, where.weight, min(count, len(candidates)))
    net = g.network

    def place(index: int) -> dict[str, Any]:
        community, node = candidates[index]
        return {
            "code": areas.code[community], "name": areas.name[community], "lon": round(float(net.lon[node]), 6),
            "lat": round(float(net.lat[node]), 6),
        }  # fmt: skip

    return {
        "sites": [place(i) for i in best.chosen], "gained": round(best.gained), "bound": round(best.bound), "proven": best.proven,
        "greedy": [place(i) for i in best.greedy], "greedy_gained": round(best.greedy_gained),
        "cost_of_greed": round(best.cost_of_greed), "seconds": round(best.seconds, 3),
        "covered_before": round(float(where.weight[reached].sum())), "elders": round(float(areas.elders.sum())),
        "candidates": len(candidates), "minutes": minutes_most, "profile": profile.value,
        "parameters": model().sentence(profile).zh, "parameters_en": model().sentence(profile).en, "demo": demo or state.demo,
    }  # fmt: skip


def _candidates(node: Any, weight: Any, community: Any, count: int) -> list[tuple[int, int]]:
    """One candidate a community: the node on a street where most of its people are."""
    out = []
    for c in range(count):
        own = np.flatnonzero((community == c) & (node >= 0))
        if len(own):
            out.append((c, int(node[own[np.argmax(weight[own])]])))
    return out


# --- figures --------------------------------------------------------------------------------------------


def _latest(own: Session, district: str, at: date) -> list[tuple[str, str, date, Any, bool]]:
    """The last figure of every township in the year looked at."""
    last: dict[tuple[str, str], tuple[str, str, date, Any, bool]] = {}
    for row in store.figures(own, district, date(at.year, 1, 1), at):
        last[row[0], row[1]] = row
    return list(last.values())


@dataclass(frozen=True)
class Total:
    """A figure of the district: sum of the year, or of the last months, beside its target."""

    figure: Figure
    value: float | None
    last: date | None
    townships: int
    demo: bool

    @property
    def reached(self) -> bool | None:
        if self.figure.target is None or self.value is None:
            return None
        return self.value >= float(self.figure.target)


def totals(own: Session, district: str, at: date) -> list[Total]:
    """The plan's figures of the year looked at (月报数)."""
    rows = store.figures(own, district, date(at.year, 1, 1), at)
    latest = _latest(own, district, at)
    out = []
    for figure in figures().values():
        mine = [r for r in (rows if figure.adds else latest) if r[0] == figure.code]
        out.append(
            Total(
                figure, float(sum(r[3] for r in mine)) if mine else None, max((r[2] for r in mine), default=None),
                len({r[1] for r in mine}), any(r[4] for r in mine),
            )
        )  # fmt: skip
    return out


def figures_out(own: Session, district: str, at: date) -> list[dict[str, Any]]:
    """The figures as JSON."""
    return [
        {
            "figure": t.figure.code, "name": t.figure.name.zh, "name_en": t.figure.name.en, "unit": t.figure.unit.zh,
            "value": t.value, "target": None if t.figure.target is None else float(t.figure.target),
            "target_most": None if t.figure.target_most is None else float(t.figure.target_most),
            "targeted_on": t.figure.targeted_on, "reached": t.reached, "last_month": t.last, "townships": t.townships,
            "source": t.figure.source, "demo": t.demo,
        }
        for t in totals(own, district, at)
    ]  # fmt: skip


# --- drafts ---------------------------------------------------------------------------------------------


def townships(session: Session, district: str, at: date) -> dict[str, str]:
    """The townships of a district on a date, by code."""
    rows = units(session, at=at, after="", limit=500, level="township", parent=district)
    return {r["code"]: r["name"] for r in rows}


#: Places that are asked for one by one; for more the outlines are read.
FEW = 10


def unit_finder(
    session: Session, district: str, at: date
) -> Callable[[str, tuple[float, float] | None], str | None]:
    """A community or township by code, by name, or by where a place lies."""
    by_name: dict[str, set[str]] = {}
    codes: set[str] = set()
    above = townships(session, district, at)
    codes |= set(above)
    for code, name in above.items():
        by_name.setdefault(name, set()).add(code)
    for row in units(session, at=at, after=district, limit=20_000, level="village"):
        if row["parent_code"] in above:
            codes.add(row["code"])
            for word in (row["name"], above[row["parent_code"]] + row["name"]):
                by_name.setdefault(word, set()).add(row["code"])

    asked = 0
    inside: Callable[[float, float], list[str]] | None = None

    def find(word: str, place: tuple[float, float] | None) -> str | None:
        nonlocal asked, inside
        if word:
            if word in codes:
                return word
            found = by_name.get(word, set())
            return next(iter(found)) if len(found) == 1 else None
        if place is None:
            return None
        asked += 1
        if asked > FEW and inside is None:
            inside = holders(session, codes, at)
        found = inside(*place) if inside else [r["code"] for r in holding(session, *place, at)]
        return max(codes.intersection(found), key=len, default=None)

    return find


def drafted(session: Session, fields: Mapping[str, str], district: DistrictSettings, at: date) -> Draft:
    """What a form or a program gives for a new facility."""
    return draft(fields, unit_finder(session, district.code, at), district.box)


def changed(
    session: Session, number: int, fields: Mapping[str, str], district: DistrictSettings, at: date
) -> Draft:
    """What a form or a program gives for a facility that there is: the fields given, the others as they are.

    A field given empty is emptied. Raises NoSuchFacility.
    """
    old = store.current(session, number)
    known = {"name": old.name, "kind": old.kind, "unit": old.unit_code, "status": old.status}
    got = draft({**known, **fields}, lambda word, place: word if word == old.unit_code else
                unit_finder(session, district.code, at)(word, place), district.box)  # fmt: skip
    wanted = {"unit_code" if k == "unit" else k for k in fields}
    values: dict[str, Any] = {}
    for key in wanted & (set(columns()) | {"unit_code"}):
        into = columns()[key].into if key in columns() else "table"
        if into == "table":
            if key in got.values:
                values[key] = got.values[key]
            elif key not in ("name", "kind", "status", "lon", "lat", "unit_code"):
                values[key] = {} if key in ("hours", "access") else [] if key == "services" else None
        else:
            values.setdefault(into, {})[key] = got.values[into].get(key)
    return Draft(values, got.place, [p for p in got.problems if p[0] in fields or p[0] == "lon"])
