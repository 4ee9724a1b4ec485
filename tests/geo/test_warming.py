"""Warming: what the process that inspections are forked from does ahead of them."""

from __future__ import annotations

import pyproj

from geo import inspection
from geo.crs import datums
from geo.crs.zones import candidates
from geo.reading import recognise
from geo.settings import district
from geo.terms import Role


def test_every_step_succeeds_and_leaves_the_districts_systems_known():
    """In the process itself a failure is swallowed: each inspection would then do the work again."""
    datums.parse.cache_clear()
    recognise._lookup.cache_clear()
    assert len(list(inspection.warm())) > 2
    known = datums.parse.cache_info().hits
    home = district()
    for epsg in candidates(home.box, home.zone):
        found = datums.parse(pyproj.CRS.from_epsg(epsg).to_wkt("WKT1_ESRI"))
        assert found is not None and datums.code_of(found) is not None
    assert datums.parse.cache_info().hits - known == len(candidates(home.box, home.zone))
    looked = recognise._lookup.cache_info().misses
    for role in (Role.LINES, Role.POLYGONS):
        recognise.map_fields(role, ["code"])
    assert recognise._lookup.cache_info().misses == looked
