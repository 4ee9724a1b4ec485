"""Migrations: on an empty database, twice, against the models, and refused where the database is unfit."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

from geo.store import engine, migrate
from geo.store.tables import Base


def fresh(server: URL, options: str) -> Iterator[URL]:
    name = f"yudi_test_{os.getpid()}_{uuid4().hex[:8]}"
    with psycopg.connect(engine.libpq(server), autocommit=True) as admin:
        admin.execute(f"create database {name} template template0 {options}")
        yield server.set(database=name)
        admin.execute(f"drop database {name} with (force)")


@pytest.fixture
def blind(server_url: URL) -> Iterator[URL]:
    """A database of ctype C."""
    yield from fresh(server_url, "encoding 'UTF8' locale 'C'")


@pytest.fixture
def latin(server_url: URL) -> Iterator[URL]:
    yield from fresh(server_url, "encoding 'SQL_ASCII' locale 'C'")


def test_a_plain_c_ctype_is_refused_with_one_sentence(blind: URL) -> None:
    with pytest.raises(migrate.WrongLocale) as refusal:
        migrate.upgrade(blind)
    assert "C.UTF-8" in refusal.value.text.zh and "C.UTF-8" in refusal.value.text.en
    assert "\n" not in refusal.value.text.zh
    with psycopg.connect(engine.libpq(blind)) as connection:
        assert connection.execute(
            "select count(*) from pg_tables where schemaname = 'public'"
        ).fetchone() == (0,)


def test_another_encoding_is_refused(latin: URL) -> None:
    with pytest.raises(migrate.WrongLocale, match="SQL_ASCII"):
        migrate.upgrade(latin)


def test_twice_changes_nothing_and_the_models_agree(database_url: str) -> None:
    migrate.upgrade(database_url)
    made = create_engine(engine.with_driver(database_url), poolclass=NullPool)
    with made.connect() as connection:
        assert migrate.current(connection) == migrate.newest() is not None
        ours = set(Base.metadata.tables)

        def include(thing: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
            # The queue's tables and PostGIS's are not ours to describe.
            return kind != "table" or not reflected or name in ours

        context = MigrationContext.configure(
            connection,
            opts={"include_object": include, "compare_type": True, "compare_server_default": False},
        )
        assert compare_metadata(context, Base.metadata) == []


def test_chinese_is_searchable(database_url: str) -> None:
    with psycopg.connect(engine.libpq(engine.with_driver(database_url))) as connection:
        assert connection.execute("select cardinality(show_trgm('渝北区兴隆镇')) > 0").fetchone() == (True,)


def test_geometry_of_submissions_is_written_without_an_attempt_to_pack_it(database_url: str) -> None:
    """It took three times as long as the writing, and saved nothing."""
    with psycopg.connect(engine.libpq(engine.with_driver(database_url))) as connection:
        assert dict(
            connection.execute(
                "select attrelid::regclass::text, attstorage::text from pg_attribute where attname = 'geometry'"
                " and attrelid in ('submission_feature'::regclass, 'finding'::regclass)"
            ).fetchall()
        ) == {"submission_feature": "e", "finding": "e"}


def test_check_constraints_are_those_of_the_models(database_url: str) -> None:
    """What alembic does not compare: checks and exclusions, by name."""
    with psycopg.connect(engine.libpq(engine.with_driver(database_url))) as connection:
        there = {
            (table, name)
            for table, name in connection.execute(
                "select relname, conname from pg_constraint c join pg_class t on t.oid = c.conrelid"
                " where contype in ('c', 'x') and connamespace = 'public'::regnamespace"
            ).fetchall()
            if table in Base.metadata.tables
        }
    from sqlalchemy import CheckConstraint
    from sqlalchemy.dialects.postgresql import ExcludeConstraint

    said = {
        (
            table.name,
            str(constraint.name)
            if isinstance(constraint, ExcludeConstraint)
            else f"{table.name}_{constraint.name}_check",
        )
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint | ExcludeConstraint)
    }
    assert {(t, n.replace(f"{t}_{t}_", f"{t}_").replace("_check_check", "_check")) for t, n in said} == there


def test_an_outside_server_gets_drawn_passwords(
    server_url: URL, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a role cannot log in, a password is drawn for it and kept where only the owner reads it."""
    monkeypatch.setenv("YUDI_VAR", str(tmp_path))
    url = engine.with_driver(database_url)
    admitted: list[tuple[str | None, str | None]] = []

    def closed(address: URL) -> bool:
        admitted.append((address.username, str(address.password) if address.password else None))
        return False

    monkeypatch.setattr("geo.store.migrate.can_log_in", closed)
    made = create_engine(url, poolclass=NullPool)
    with made.connect() as connection:
        has = "select rolname from pg_authid where rolname like 'yudi_%' and rolpassword is not null"
        before = set(connection.scalars(text(has)))
        connection.rollback()
        migrate.draw_passwords(connection, url)
        connection.commit()
        path = tmp_path / "roles.json"
        # The server is shared with other installations: those that have a password already keep theirs.
        drawn = json.loads(path.read_text())[engine.server_of(url)] if path.exists() else {}
        assert set(drawn) == {"yudi_app", "yudi_public"} - before
        if drawn:
            assert path.stat().st_mode & 0o777 == 0o600 and all(len(p) > 30 for p in drawn.values())
            assert engine.passwords(url) == drawn
            for name in drawn:
                connection.exec_driver_sql(f"alter role {name} password null")
            connection.commit()
    assert {name for name, _ in admitted} == {"yudi_app", "yudi_public"}


def test_without_a_login_the_role_is_taken(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.store.engine.can_log_in", lambda url: False)
    made = engine.engine_of(engine.with_driver(database_url), "public")
    try:
        for _ in range(2):  # also on a connection that comes back from the pool
            with made.connect() as connection:
                assert connection.scalar(text("select current_user")) == "yudi_public"
    finally:
        made.dispose()


def test_errors_of_the_server_are_said_plainly(database_url: str) -> None:
    import psycopg.errors as pg

    for kind, problem in (
        (pg.DiskFull, engine.DatabaseFull),
        (pg.LockNotAvailable, engine.DatabaseBusy),
        (pg.QueryCanceled, engine.DatabaseBusy),
        (pg.DeadlockDetected, engine.Overtaken),
        (psycopg.OperationalError, engine.DatabaseAway),
    ):
        found = engine.problem_of(kind("x"))
        assert type(found) is problem and found.text.zh and found.text.en
    assert engine.problem_of(pg.UndefinedTable("x")) is None and engine.problem_of(ValueError()) is None


def test_no_database_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YUDI_DATABASE_URL")
    with pytest.raises(engine.NoDatabase, match="yudi up"):
        engine.database_url()


@pytest.fixture(autouse=True)
def database_named(database_url: str) -> None:
    """So that a test may take the name away."""
