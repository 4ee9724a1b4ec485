"""What the public's role can see: the views of schema published, and nothing through them that is restricted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import psycopg
import psycopg.errors as pg
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from geo.network.generalise import nearest_exact_m
from geo.settings import district, public_tolerance_m
from geo.store import audit, boundaries, engine, public
from geo.terms import LineState
from tests import builders as b

SETTLED, OPEN = f"{b.XINGLONG}-{b.CIZHU}", f"{b.TONGJING}-{b.DASHENG}"
DAY = date(2024, 12, 31)


@pytest.fixture(scope="module")
def filled(module_database: str) -> Iterator[b.SmallDistrict]:
    """One line settled, one accepted only, both with markers; a dispute; people."""
    with engine.sessions("owner").begin() as session:
        maker = b.person(session)
        shapes = b.small_district(session, maker.id)
        for code in (SETTLED, OPEN):
            left, right = shapes.sides[code]
            b.line(session, maker.id, code, left, right, shapes.lines[code])
            for serial, (lon, lat) in enumerate(shapes.lines[code].coords[5:35:10], 1):
                b.marker(session, maker.id, code, serial, lon, lat, height=321.0)
            row = boundaries.locked(session, code)
            boundaries.take(session, row, transition="check_results", to=LineState.RESULTS_CHECKED, on_date=date(2024, 1, 1),
                            actor_id=maker.id, reason="秘密理由", evidence=[])  # fmt: skip
        row = boundaries.locked(session, SETTLED)
        for to in ("agreement_signed", "submitted", "settled"):
            approval = [
                {"kind": "approval", "number": "渝北府〔2024〕9号", "date": "2024-06-01", "sha256": "0" * 64}
            ]
            boundaries.take(session, row, transition=to, to=to, on_date=date(2024, 6, 1), actor_id=maker.id,
                            reason="秘密理由", evidence=approval if to == "settled" else [])  # fmt: skip
        row = boundaries.locked(session, OPEN)
        boundaries.take(session, row, transition="set_dispute", to=row.state, on_date=date(2024, 7, 1), actor_id=maker.id,
                        reason="秘密理由", evidence=[])  # fmt: skip
        row.in_dispute = True
        b.tripoint(session, maker.id, (b.XINGLONG, b.CIZHU, b.DASHENG), *b.EAST_POINT)
        audit.append(session, actor=maker, act="test", subject_kind="t", subject="1", reason="秘密理由")
        public.refresh(session, district(b.DISTRICT), b.SINCE)
    yield shapes


@pytest.fixture
def reader(filled: b.SmallDistrict) -> Iterator[Session]:
    with engine.sessions("public")() as session:
        yield session


def test_no_table_is_readable(filled: b.SmallDistrict, module_database: str) -> None:
    url = engine.libpq(engine.with_driver(module_database).set(username="yudi_public"))
    with psycopg.connect(url, autocommit=True) as connection:
        names = [
            r[0]
            for r in connection.execute(
                "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'public'"
            )
        ]
        assert len(names) > 20
        for name in names:
            if name == "public.spatial_ref_sys":
                continue
            for statement in (
                f"select * from {name} limit 1",
                f"insert into {name} default values",
                f"delete from {name}",
            ):
                with pytest.raises(pg.InsufficientPrivilege):
                    connection.execute(statement)
        views = [
            r[0] for r in connection.execute("select viewname from pg_views where schemaname = 'published'")
        ]
        for view in views:
            connection.execute(f"select * from published.{view}")
            with pytest.raises((pg.InsufficientPrivilege, pg.ObjectNotInPrerequisiteState)):
                connection.execute(f"delete from published.{view}")


def test_published_rows_hold_nothing_restricted(reader: Session, filled: b.SmallDistrict) -> None:
    """Every value of every published row, searched for what must not be there."""
    exact = {round(v, 9) for line in filled.lines.values() for point in line.coords[1:-1] for v in point}
    views = reader.scalars(
        text("select viewname from pg_views where schemaname = 'published' order by 1")
    ).all()
    assert {"admin_unit", "boundary_line", "boundary_marker", "demarcation", "demarcation_step"} <= set(views)
    for view in views:
        for row in reader.execute(text(f"select to_jsonb(v) - 'geometry' as facts from published.{view} v")):
            said = str(row.facts)
            assert (
                "秘密" not in said
                and "用户" not in said
                and "321" not in said
                and "dispute" not in said.lower()
            )
        columns = {c for (c,) in reader.execute(text(
            "select column_name from information_schema.columns where table_schema = 'published' and table_name = :v"), {"v": view})}  # fmt: skip
        if "geometry" in columns:
            for (wkb,) in reader.execute(
                text(f"select st_asbinary(geometry) from published.{view} where geometry is not null")
            ):
                values = {round(v, 9) for v in shapely.get_coordinates(shapely.from_wkb(bytes(wkb))).ravel()}
                assert not values & exact, view


def test_only_the_settled_line_and_its_markers_are_there(reader: Session, filled: b.SmallDistrict) -> None:
    assert reader.scalars(text("select code from published.boundary_line")).all() == [SETTLED]
    markers = reader.execute(
        text("select line_code, st_x(geometry) x, st_y(geometry) y from published.boundary_marker")
    ).all()
    assert {m.line_code for m in markers} == {SETTLED} and len(markers) == 3
    assert all(round(m.x, 3) == m.x and round(m.y, 3) == m.y for m in markers)
    frames = boundaries.map_frames(reader, district=b.DISTRICT, at=DAY, officer=False)
    assert set(frames.pairs["code"]) == set(filled.lines) - {SETTLED}
    assert not frames.pairs["in_dispute"].any() and not frames.lines["in_dispute"].any()
    positions = shapely.get_coordinates(
        [shapely.Point(p) for c in (SETTLED, OPEN) for p in filled.lines[c].coords[5:35:10]]
    )
    for shape in [*frames.lines.geometry, *frames.units.geometry, *frames.pairs.geometry]:
        assert nearest_exact_m(shape, positions) > 9.9


def test_shapes_are_generalised_by_the_setting(
    filled: b.SmallDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine.sessions("owner")() as session:
        made = text("select distinct tolerance_m from public_shape where upper_inf(recorded)")
        assert session.scalars(made).all() == [50.0]
        monkeypatch.setenv("YUDI_PUBLIC_TOLERANCE_M", "120")
        public.refresh(session, district(b.DISTRICT), b.SINCE)
        assert session.scalars(made).all() == [120.0]
        session.rollback()
    monkeypatch.setenv("YUDI_PUBLIC_TOLERANCE_M", "-1")
    with pytest.raises(ValueError, match="negative"):
        public_tolerance_m()


def test_a_date_before_the_settlement_shows_no_line(reader: Session) -> None:
    before = boundaries.map_frames(reader, district=b.DISTRICT, at=date(2024, 5, 31), officer=False)
    assert before.lines.empty and before.markers.empty
    states = dict(zip(before.pairs["code"], before.pairs["state"], strict=True))
    assert states[SETTLED] == "results_checked" and states[OPEN] == "results_checked"


def test_units_without_a_shape_keep_their_row(filled: b.SmallDistrict) -> None:
    with engine.sessions("owner").begin() as session:
        maker = b.user(session).id
        b.unit(session, maker, "500112901", "甲街道", valid=b.since(date(1990, 1, 1), date(1999, 1, 1)))
    with engine.sessions("public")() as session:
        found = session.execute(
            text("select code, geometry from published.admin_unit where valid @> :at"),
            {"at": date(1995, 1, 1)},
        )
        assert [tuple(r) for r in found] == [("500112901", None)]


def test_the_exact_records_are_refused_by_name(reader: Session) -> None:
    for statement in ("select * from public.boundary_line", "select * from public.boundary_marker", "table finding",
                      "select procrastinate_defer_jobs_v1(array[row('q','t',0,null,null,'{}',null)::procrastinate_job_to_defer_v1])"):  # fmt: skip
        with pytest.raises(DBAPIError) as error, reader.begin_nested():
            reader.execute(text(statement))
        assert isinstance(error.value.orig, pg.InsufficientPrivilege)
