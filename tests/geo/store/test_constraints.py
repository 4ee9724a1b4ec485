"""What the database itself refuses, whoever asks: the application's role by direct SQL, and the owner too."""

from __future__ import annotations

from datetime import date

import psycopg.errors as pg
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from geo.store import audit
from geo.terms import LineState
from tests import builders as b

CODE = f"{b.XINGLONG}-{b.CIZHU}"
VERSIONED = ("admin_unit", "boundary_line", "boundary_marker", "tripoint", "public_shape")


def refusal(session: Session, statement: str, **values: object) -> type[BaseException]:
    """The kind of error that a statement meets; the session stays usable."""
    with pytest.raises(DBAPIError) as error, session.begin_nested():
        session.execute(text(statement), values)
        session.execute(text("set constraints all immediate"))
    return type(error.value.orig)


def district(session: Session) -> b.SmallDistrict:
    """Units, a line with a version, a marker, a tripoint and a public shape."""
    maker = b.person(session)
    shapes = b.small_district(session, maker.id)
    line = b.line(session, maker.id, CODE, b.CIZHU, b.XINGLONG, shapes.lines[CODE])
    b.marker(session, maker.id, CODE, 1, 106.75, 29.85)
    b.tripoint(session, maker.id, (b.XINGLONG, b.CIZHU, b.DASHENG), *b.EAST_POINT)
    session.execute(
        text(
            "insert into public_shape (kind, code, line_id, valid, tolerance_m, geometry)"
            " select 'line', code, id, valid, 50, geometry from boundary_line where id = :id"
        ),
        {"id": line.id},
    )
    audit.append(session, actor=maker, act="test", subject_kind="test", subject="1", reason="测试")
    return shapes


@pytest.fixture(params=["session", "app_session"])
def anyone(request: pytest.FixtureRequest) -> Session:
    """The owner's session, then the application's."""
    return request.getfixturevalue(request.param)


def test_the_roles_are_true_logins(app_session: Session, public_session: Session) -> None:
    ask = text("select session_user, current_user")
    assert tuple(app_session.execute(ask).one()) == ("yudi_app", "yudi_app")
    assert tuple(public_session.execute(ask).one()) == ("yudi_public", "yudi_public")


@pytest.mark.parametrize("table", VERSIONED)
def test_a_version_is_never_changed_or_deleted(anyone: Session, table: str) -> None:
    district(anyone)
    refused = {pg.RestrictViolation, pg.InsufficientPrivilege}
    columns = {
        "admin_unit": "name = '别名'", "boundary_line": "length_m = length_m + 1", "boundary_marker": "height = 1",
        "tripoint": "unit1 = '1'", "public_shape": "tolerance_m = 1",
    }  # fmt: skip
    assert refusal(anyone, f"update {table} set {columns[table]}") in refused
    assert (
        refusal(
            anyone,
            f"update {table} set geometry = st_translate(geometry, 1e-12, 0) where geometry is not null",
        )
        in refused
    )
    assert refusal(anyone, f"update {table} set valid = daterange('2001-01-01', null)") in refused
    assert refusal(anyone, f"delete from {table}") in refused
    assert refusal(anyone, f"truncate {table} cascade") in refused


@pytest.mark.parametrize("table", VERSIONED)
def test_closing_is_the_one_change_there_is(anyone: Session, table: str) -> None:
    district(anyone)
    close = f"update {table} set recorded = tstzrange(lower(recorded), clock_timestamp())"
    future = (
        f"update {table} set recorded = tstzrange(lower(recorded), clock_timestamp() + interval '1 hour')"
    )
    earlier = (
        f"update {table} set recorded = tstzrange(lower(recorded) - interval '1 year', clock_timestamp())"
    )
    assert refusal(anyone, future) is pg.RestrictViolation
    assert refusal(anyone, earlier) is pg.RestrictViolation
    anyone.execute(text(close))
    assert refusal(anyone, close) is pg.RestrictViolation  # once
    assert (
        refusal(anyone, f"update {table} set recorded = tstzrange(lower(recorded), null)")
        is pg.RestrictViolation
    )


@pytest.mark.parametrize("role", ["session", "app_session"])
def test_demonstration_goes_by_the_owner_who_says_so(role: str, request: pytest.FixtureRequest) -> None:
    who: Session = request.getfixturevalue(role)
    maker = b.user(who).id
    b.unit(who, maker, "500112901", "演示街道", demo=True)
    b.unit(who, maker, "500112902", "真街道")
    may_delete = role == "session"
    assert refusal(who, "delete from admin_unit where demo") is (
        pg.RestrictViolation if may_delete else pg.InsufficientPrivilege
    )
    who.execute(text("set local yudi.removing_demo = 'on'"))
    if not may_delete:
        assert refusal(who, "delete from admin_unit where demo") is pg.InsufficientPrivilege
        return
    assert refusal(who, "delete from admin_unit") is pg.RestrictViolation
    assert who.execute(text("delete from admin_unit where demo returning id")).all()


def test_audit_and_steps_are_append_only(anyone: Session) -> None:
    district(anyone)
    maker = b.user(anyone).id
    b.demarcation(anyone, "500112001", "500112002", "甲—乙线", state=LineState.PREPARING, made_by=maker)
    anyone.execute(text("set constraints all immediate"))
    refused = {pg.RestrictViolation, pg.InsufficientPrivilege}
    for table, change in (("audit_event", "reason = '改'"), ("demarcation_step", "reason = '改'")):
        assert refusal(anyone, f"update {table} set {change}") in refused
        assert refusal(anyone, f"delete from {table}") in refused
        assert refusal(anyone, f"truncate {table}") in refused


def test_the_audit_chain_cannot_be_forked(anyone: Session) -> None:
    district(anyone)
    copy = (
        "insert into audit_event (id, actor, act, subject_kind, subject, reason, algorithm, previous, hash)"
        " select {id}, actor, act, subject_kind, subject, reason, algorithm, {previous}, '\\x01' from audit_event limit 1"
    )
    assert refusal(anyone, copy.format(id="id + 2", previous="hash")) is pg.IntegrityConstraintViolation
    assert refusal(anyone, copy.format(id="id + 1", previous="previous")) is pg.IntegrityConstraintViolation
    anyone.execute(text(copy.format(id="id + 1", previous="hash")))


def test_one_version_at_a_time(anyone: Session) -> None:
    maker = b.user(anyone).id
    b.unit(anyone, maker, "500112138", "兴隆镇", valid=b.since(date(2000, 1, 1), date(2010, 1, 1)))
    b.unit(anyone, maker, "500112138", "兴隆镇", valid=b.since(date(2010, 1, 1)))
    with pytest.raises(DBAPIError) as error, anyone.begin_nested():
        b.unit(anyone, maker, "500112138", "兴隆镇", valid=b.since(date(2009, 12, 31), date(2010, 1, 2)))
    assert isinstance(error.value.orig, pg.ExclusionViolation)


def test_every_version_has_one_validity_a_maker_and_a_reason(app_session: Session) -> None:
    """In the catalogue of the database: of each table what the other tests show of one."""
    overlaps = dict(
        app_session.execute(
            text(
                "select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint where contype = 'x'"
            )
        ).all()
    )
    keys = {t: "number" if t in ("boundary_marker", "tripoint") else "code" for t in VERSIONED}
    for table, key in keys.items():
        said = overlaps[table]
        assert all(part in said for part in (f"{key} WITH =", "valid WITH &&", "recorded WITH &&")), said
    links = app_session.execute(
        text(
            "select conrelid::regclass::text, confrelid::regclass::text, a.attname, a.attnotnull from pg_constraint c"
            " join pg_attribute a on a.attrelid = conrelid and a.attnum = conkey[1] where contype = 'f'"
        )
    ).all()
    for table in VERSIONED[:-1]:
        assert {(table, "app_user", "made_by", True), (table, "submission", "submission_id", False)} <= {
            *map(tuple, links)
        }
    shapes = dict(
        app_session.execute(
            text(
                "select f_table_name || '.' || type, srid from geometry_columns where f_table_schema = 'public'"
            )
        ).all()
    )
    typed = ("admin_unit.MULTIPOLYGON", "boundary_line.LINESTRING", "boundary_marker.POINT", "tripoint.POINT")
    assert [shapes[name] for name in typed] == [4490] * 4, "one stored system"


def insert_line(geometry: str, **more: str) -> str:
    values = {
        "code": f"'{CODE}'", "name": "'x'", "left_code": "'1'", "right_code": "'2'", "level": "'township'",
        "length_m": "1", "valid": "daterange('1990-01-01', '1991-01-01')", "reason": "'x'",
        "made_by": "(select min(id) from app_user)", "geometry": geometry,
    } | more  # fmt: skip
    return f"insert into boundary_line ({', '.join(values)}) values ({', '.join(values.values())})"


def test_geometry_type_system_and_facts_are_checked(anyone: Session) -> None:
    district(anyone)
    line = "st_geomfromtext('LINESTRING(106 29, 107 30)', 4490)"
    anyone.execute(text(insert_line(line)))
    later = {"valid": "daterange('1991-01-01', '1992-01-01')"}
    for wrong, kind in (
        (insert_line("st_geomfromtext('POINT(106 29)', 4490)", **later), pg.InvalidParameterValue),
        (
            insert_line("st_geomfromtext('LINESTRING(106 29, 107 30)', 4326)", **later),
            pg.InvalidParameterValue,
        ),
        (
            insert_line("st_geomfromtext('LINESTRING Z(106 29 1, 107 30 1)', 4490)", **later),
            pg.InvalidParameterValue,
        ),
        (
            insert_line("st_geomfromtext('LINESTRING(106 29, 107 30, 107 29, 106 30)', 4490)", **later),
            pg.CheckViolation,
        ),
        (insert_line(line, **later | {"code": "'nonsense'"}), pg.CheckViolation),
        (insert_line(line, **later | {"code": "'500112001-500112002'"}), pg.ForeignKeyViolation),
        (insert_line(line, **later | {"right_code": "'1'"}), pg.CheckViolation),
        (insert_line(line, **later | {"reason": "''"}), pg.CheckViolation),
        (insert_line(line, **later | {"valid": "'empty'"}), pg.CheckViolation),
        (insert_line(line, **later | {"made_by": "-1"}), pg.ForeignKeyViolation),
        (insert_line(line, **later | {"submission_id": "gen_random_uuid()"}), pg.ForeignKeyViolation),
    ):
        assert refusal(anyone, wrong) is kind, wrong


def test_a_state_moves_only_with_its_step(anyone: Session) -> None:
    maker = b.user(anyone).id
    row = b.demarcation(anyone, b.XINGLONG, b.CIZHU, "兴隆—茨竹线")
    code = row.code
    assert (
        refusal(anyone, "update demarcation set state = 'settled' where code = :c", c=code)
        is pg.IntegrityConstraintViolation
    )
    assert (
        refusal(anyone, "update demarcation set version = 2 where code = :c", c=code)
        is pg.IntegrityConstraintViolation
    )
    step = (
        "insert into demarcation_step (code, version, transition, from_state, to_state, on_date, actor_id, reason)"
        " values (:c, {version}, 't', '{a}', '{b}', '{day}', :actor, 'x')"
    )
    for wrong in (
        {"version": 3, "a": "undemarcated", "b": "preparing"},  # leaves a number out
        {"version": 2, "a": "preparing", "b": "settled"},  # starts where the line is not
        {"version": 2, "a": "undemarcated", "b": "preparing"},  # without moving the line
    ):
        assert (
            refusal(anyone, step.format(**wrong, day="2024-01-02"), c=code, actor=maker)
            is pg.IntegrityConstraintViolation
        )
    anyone.execute(
        text(step.format(version=2, a="undemarcated", b="preparing", day="2024-01-02")),
        {"c": code, "actor": maker},
    )
    anyone.execute(
        text("update demarcation set state = 'preparing', version = 2 where code = :c"), {"c": code}
    )
    anyone.execute(text("set constraints all immediate"))
    early = step.format(version=3, a="preparing", b="field_survey", day="2024-01-01")
    assert refusal(anyone, early, c=code, actor=maker) is pg.IntegrityConstraintViolation
    assert refusal(anyone, "insert into demarcation (code, name, unit_a, unit_b, level, district, state)"
                   " values ('500112001-500112002', 'x', '1', '2', 'township', '500112', 'settled')") is pg.IntegrityConstraintViolation  # fmt: skip


def test_a_submission_is_not_accepted_against_its_verdict(anyone: Session) -> None:
    actor = b.person(anyone)
    b.submission(anyone, actor, verdict="reject", state="checked")
    assert refusal(anyone, "update submission set state = 'accepted'") is pg.CheckViolation
    assert refusal(anyone, "update submission set verdict = null") is pg.CheckViolation
    assert refusal(anyone, "update submission set state = 'lost'") is pg.CheckViolation


def test_the_application_cannot_touch_what_is_the_owners(app_session: Session) -> None:
    district(app_session)
    for statement in (
        "drop table audit_event",
        "alter table audit_event disable trigger all",
        "create table x (y int)",
        "create function published.x() returns int language sql as 'select 1'",
        "set session_replication_role = replica",
        "delete from app_user",
        "delete from submission",
        "delete from stored_file",
        "update demarcation set code = 'x'",
        "update demarcation set district = 'x'",
        "update stored_file set size = 0",
        "set role postgres",
    ):
        assert refusal(app_session, statement) is pg.InsufficientPrivilege, statement


def test_shapely_and_postgis_store_the_same_bits(app_session: Session) -> None:
    shapes = district(app_session)
    row = app_session.execute(
        text("select st_asbinary(geometry) from boundary_line where code = :c"), {"c": CODE}
    ).scalar_one()
    assert shapely.from_wkb(bytes(row)).equals_exact(shapes.lines[CODE], 0)
