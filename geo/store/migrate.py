"""Migrations: bring a database to the newest schema, or say in one sentence why that cannot be."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

import psycopg.errors as pg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from geo.problems import Unavailable
from geo.store.engine import LOGINS, can_log_in, passwords_file, server_of, with_driver
from geo.text import Text

HERE = Path(__file__).resolve().parent / "migrations"

#: Two upgrades at once follow each other; the number only has to be the same everywhere.
UPGRADE_LOCK = 7_308_112

LOCK_TIMEOUT = "10s"
STATEMENT_TIMEOUT = "15min"


class WrongLocale(Unavailable):
    """The database cannot tell Chinese characters from anything else."""

    code = "database-locale"
    title = Text(
        "数据库 {name} 的编码是 {encoding}、字符分类是 {ctype}，无法检索汉字；请用 UTF8 与 C.UTF-8（或 zh_CN.UTF-8）重建",
        "Database {name} has encoding {encoding} and ctype {ctype}, under which Chinese text cannot be "
        "searched; create it anew with UTF8 and C.UTF-8 (or zh_CN.UTF-8)",
    )


class ExtensionMissing(Unavailable):
    """An extension is not installed on the server, or may not be created by this login."""

    code = "database-extension"
    title = Text(
        "数据库缺少扩展 {extension}：请管理员安装 PostGIS 3.3 以上版本，并执行 CREATE EXTENSION {extension}",
        "The database lacks the extension {extension}: ask its administrator to install PostGIS 3.3 or newer "
        "and to run CREATE EXTENSION {extension}",
    )


class OldServer(Unavailable):
    """The server is older than what is supported."""

    code = "database-old"
    title = Text(
        "PostgreSQL {version} 太旧，需要 15 以上版本",
        "PostgreSQL {version} is too old; version 15 or newer is needed",
    )


EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")


def configuration() -> Config:
    """Alembic's configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    return config


def upgrade(url: str | URL) -> None:
    """Bring the database of `url` (the owner's) to the newest schema.

    Raises WrongLocale, ExtensionMissing, OldServer; alembic's own error where a database is newer than
    this code. Safe to run twice, and from two processes at once.
    """
    address = with_driver(url)
    engine = create_engine(
        address, poolclass=NullPool, connect_args={"connect_timeout": 10, "client_encoding": "utf8"}
    )
    try:
        with engine.connect() as connection:
            connection.execute(text(f"select pg_advisory_lock({UPGRADE_LOCK})"))
            connection.commit()
            try:
                check_server(connection)
                add_extensions(connection)
                connection.execute(text(f"set lock_timeout = '{LOCK_TIMEOUT}'"))
                connection.execute(text(f"set statement_timeout = '{STATEMENT_TIMEOUT}'"))
                connection.commit()
                config = configuration()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                connection.commit()
                draw_passwords(connection, address)
            finally:
                connection.rollback()
                connection.execute(text(f"select pg_advisory_unlock({UPGRADE_LOCK})"))
                connection.commit()
    finally:
        engine.dispose()


def newest() -> str | None:
    """The newest revision that this code knows."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


def current(connection: Connection) -> str | None:
    """The revision that a database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def check_server(connection: Connection) -> None:
    """Refuse a server or a database that would fail later and silently.

    Under ctype C, pg_trgm finds no trigram in Chinese text at all; a character class shows the same
    blindness without the extension.
    """
    version, number, name, encoding, ctype, sees = connection.execute(
        text(
            "select current_setting('server_version'), current_setting('server_version_num')::int,"
            " datname, pg_encoding_to_char(encoding), datctype, '渝' ~ '^[[:alpha:]]$'"
            " from pg_database where datname = current_database()"
        )
    ).one()
    if number < 150_000:
        raise OldServer(version=version)
    if encoding != "UTF8" or not sees:
        raise WrongLocale(name=name, encoding=encoding, ctype=ctype)


def add_extensions(connection: Connection) -> None:
    """Create the extensions that are missing. Raises ExtensionMissing."""
    present = set(connection.scalars(text("select extname from pg_extension")))
    for name in EXTENSIONS:
        if name in present:
            continue
        try:
            connection.execute(text(f"create extension {name}"))
        except DBAPIError as error:
            if isinstance(error.orig, pg.FeatureNotSupported | pg.UndefinedFile | pg.InsufficientPrivilege):
                raise ExtensionMissing(extension=name) from error
            raise
    connection.commit()


def draw_passwords(connection: Connection, url: URL) -> None:
    """Give the roles of an outside server passwords of their own, kept in var/roles.json (mode 0600).

    Does nothing where the roles can log in already (the private cluster's socket), where another
    installation on the same server has set passwords before (they are not ours to change: SET ROLE is
    used instead), or where this login may not set passwords.
    """
    path = passwords_file()
    known: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    mine = dict(known.get(server_of(url), {}))
    for name in LOGINS.values():
        if can_log_in(url.set(username=name, password=mine.get(name))):
            continue
        try:
            taken = connection.scalar(
                text("select rolpassword is not null from pg_authid where rolname = :name"), {"name": name}
            )
            if taken:
                continue
            drawn = secrets.token_urlsafe(32)
            connection.exec_driver_sql(f"alter role {name} login password '{drawn}'")
            connection.commit()
        except DBAPIError:
            connection.rollback()
            continue
        mine[name] = drawn
    if mine != known.get(server_of(url), {}):
        known[server_of(url)] = mine
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(known, file, indent=1)
        os.replace(fresh, path)
