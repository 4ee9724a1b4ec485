"""What an inspection is told of the world, and what the map and the checks are told of units on a date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import shapely
from sqlalchemy.orm import Session

from geo.checks.scene import FIELDS
from geo.crs.plane import STORED, Plane
from geo.settings import district
from geo.store import boundaries, units
from geo.terms import LineState, Role
from tests import builders as b

CODE = f"{b.XINGLONG}-{b.CIZHU}"
DAY = date(2024, 12, 31)


def test_around_gives_frames_in_the_districts_plane(app_session: Session) -> None:
    maker = b.user(app_session).id
    shapes = b.small_district(app_session, maker)
    b.line(app_session, maker, CODE, b.CIZHU, b.XINGLONG, shapes.lines[CODE])
    b.marker(app_session, maker, CODE, 1, 106.75, 29.85, height=400.0)
    b.tripoint(app_session, maker, (b.XINGLONG, b.CIZHU, b.DASHENG), *b.EAST_POINT)
    row = boundaries.locked(app_session, CODE)
    boundaries.take(app_session, row, transition="check_results", to=LineState.RESULTS_CHECKED, on_date=date(2024, 2, 1),
                    actor_id=maker, reason="x", evidence=[])  # fmt: skip
    chosen = district(b.DISTRICT)
    told = boundaries.around(app_session, chosen, DAY)
    assert told is not None
    plane = Plane.of_zone(chosen.zone, STORED)
    assert told.lines.geometry.iloc[0].equals_exact(plane.project(shapes.lines[CODE]), 1e-9)
    line = told.lines.iloc[0]
    assert (line["code"], line["left"], line["right"], line["state"], line["ident"]) == (
        CODE, b.CIZHU, b.XINGLONG, "results_checked", CODE,
    )  # fmt: skip
    for role, frame in (
        (Role.LINES, told.lines),
        (Role.MARKERS, told.markers),
        (Role.TRIPOINTS, told.tripoints),
        (Role.POLYGONS, told.polygons),
    ):
        assert {*FIELDS[role], "ident", "z", "geometry"} <= set(frame.columns)
    assert told.markers["z"].iloc[0] == 400.0 and told.tripoints["ident"].iloc[0].count("-") == 2
    assert set(told.polygons["code"]) == set(shapes.units)
    assert told.district is not None
    assert told.district.symmetric_difference(plane.project(shapes.border)).area < 1e-3
    assert told.county_line is None
    # Before the step the line was undemarcated; before the units there was nothing.
    earlier = boundaries.around(app_session, chosen, date(2024, 1, 1))
    assert earlier is not None and list(earlier.lines["state"]) == ["undemarcated"]
    assert boundaries.around(app_session, chosen, date(1990, 1, 1)) is None


def test_far_away_is_not_around(app_session: Session) -> None:
    maker = b.user(app_session).id
    b.small_district(app_session, maker)
    elsewhere = replace(district(b.DISTRICT), code="110101", box=(116.0, 39.0, 117.0, 40.0))
    assert boundaries.around(app_session, elsewhere, DAY) is None


def test_the_publication_counts_and_locks(app_session: Session) -> None:
    assert boundaries.publication(app_session, "500999") == 0
    assert boundaries.lock_publication(app_session, "500999") == 0
    boundaries.touch_publication(app_session, "500999")
    assert boundaries.publication(app_session, "500999") == 1


def test_units_on_a_date_and_of_an_abolished_district(app_session: Session) -> None:
    maker, gone = b.user(app_session).id, date(2025, 11, 7)
    b.unit(app_session, maker, b.XINGLONG, "兴隆乡", valid=b.since(date(1990, 1, 1), date(2001, 1, 1)))
    b.unit(
        app_session,
        maker,
        b.XINGLONG,
        "兴隆镇",
        valid=b.since(date(2001, 1, 1), gone),
        statistical="500112138000",
    )
    b.unit(app_session, maker, b.XINGLONG, "兴隆镇", parent="500157", valid=b.since(gone))
    then = units.checked_units(app_session, b.DISTRICT, DAY)
    assert then is not None
    [row] = then.table.to_dict("records")
    assert (row["code"], row["name"], row["statistical"], row["former_names"]) == (
        b.XINGLONG,
        "兴隆镇",
        "500112138",
        ("兴隆乡",),
    )
    # 渝北区 is gone by then: its last day counts, so that what was surveyed under it stays citable.
    after = units.checked_units(app_session, b.DISTRICT, date(2026, 1, 1))
    assert after is not None and list(after.table["name"]) == ["兴隆镇"]
    assert units.names_at(app_session, b.DISTRICT, date(1995, 1, 1)) == {b.XINGLONG: "兴隆乡"}


def test_without_units_in_the_database_the_lists_answer(app_session: Session) -> None:
    told = units.checked_units(app_session, b.DISTRICT, DAY)
    assert told is not None and len(told.table) == 30
    assert units.checked_units(app_session, "999999", DAY) is None


def test_officers_see_every_line_and_the_outline_where_there_is_none(app_session: Session) -> None:
    maker = b.user(app_session).id
    shapes = b.small_district(app_session, maker)
    b.line(app_session, maker, CODE, b.CIZHU, b.XINGLONG, shapes.lines[CODE])
    frames = boundaries.map_frames(app_session, district=b.DISTRICT, at=DAY, officer=True)
    assert list(frames.lines["code"]) == [CODE]
    assert set(frames.pairs["code"]) == set(shapes.lines) - {CODE}
    for code, shape in zip(frames.pairs["code"], frames.pairs.geometry, strict=True):
        assert shape.equals(shapes.lines[code])  # the outline in use is the line that will be
    assert shapely.union_all(frames.units[frames.units["level"] == "township"].geometry.to_numpy()).equals(
        shapes.border
    )
    # An outline that nothing was published of: the public sees the facts, and no shape.
    public = boundaries.map_frames(app_session, district=b.DISTRICT, at=DAY, officer=False)
    assert len(public.units) == 5 and public.units.geometry.isna().all() and public.pairs.empty
