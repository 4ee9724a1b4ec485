"""Surroundings of an inspection, from the generated district itself: what the database would tell after
loading it. For tests and for checking the tutorial without a database."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas
import pandas as pd
import shapely

from api.setup.demo.generate import District
from api.setup.demo.life import accepted_on
from geo.boundaries.unit_lists import units_of
from geo.checks.scene import FIELDS, Published
from geo.inspection import Surroundings
from geo.terms import Role


def surroundings(demo: District, at: date | None = None) -> Surroundings:
    """Units, accepted lines with their markers and tripoints, outlines in use, the district's border.

    at: the as-of date, by default the plan's.
    """
    at = at or demo.plan.as_of
    accepted = demo.lines[[accepted_on(r) is not None for r in demo.lines.itertuples()]]
    ends = {p for g in accepted.geometry for p in (g.coords[0], g.coords[-1])}
    names = {"left_code": "left", "right_code": "right", "line_code": "line"}
    lines = pd.concat([accepted, demo.county_lines], ignore_index=True)
    tripoints = demo.tripoints[[(p.x, p.y) in ends for p in demo.tripoints.geometry]]
    markers = demo.markers[demo.markers["line_code"].isin(accepted["code"])]
    published = Published(
        lines=_frame(lines.rename(columns=names), Role.LINES),
        markers=_frame(markers.rename(columns=names), Role.MARKERS),
        tripoints=_frame(tripoints, Role.TRIPOINTS),
        polygons=_frame(demo.townships, Role.POLYGONS),
        district=demo.outline,
        county_line=shapely.union_all(demo.county_lines.geometry.to_numpy()),
    )
    return Surroundings(demo.settings, units_of(demo.settings.code, at), published, at)


def _frame(rows: geopandas.GeoDataFrame, role: Role) -> geopandas.GeoDataFrame:
    """Generated rows as a scene's frame of a role, coordinates as they are."""
    data: dict[str, Any] = {
        name: pd.Series(list(rows[name]) if name in rows else [None] * len(rows), dtype=object)
        for name in FIELDS[role]
    }
    if "state" in rows:
        data["state"] = list(rows["state"])
    data["z"] = pd.Series(list(rows["height"]) if "height" in rows else [None] * len(rows), dtype=float)
    frame = geopandas.GeoDataFrame(data, geometry=list(rows.geometry))
    frame["ident"] = frame["number"] if "number" in frame else frame["code"]
    return frame
