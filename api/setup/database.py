"""The database inside a server: made with a UTF-8 ctype, with the extensions that Yudi needs."""

from __future__ import annotations

import psycopg
import psycopg.errors as pg
from psycopg import sql

from geo.problems import Unavailable
from geo.text import Text

EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")


class NoExtension(Unavailable):
    """An extension is missing and cannot be made."""

    code = "no-extension"
    title = Text(
        "数据库 {database} 没有扩展 {name}：请数据库管理员安装它并执行 CREATE EXTENSION {name}",
        "Database {database} lacks the extension {name}: ask its administrator to install it and run "
        "CREATE EXTENSION {name}",
    )


class WrongLocale(Unavailable):
    """Chinese cannot be searched in this database."""

    code = "database-locale"
    title = Text(
        "数据库 {database} 的字符集或区域不支持中文检索：请用 ENCODING 'UTF8' LOCALE 'C.UTF-8' 重新建库",
        "Database {database} cannot search Chinese: create it with ENCODING 'UTF8' LOCALE 'C.UTF-8'",
    )


class OutsideAway(Unavailable):
    """The named database does not answer."""

    code = "outside-database-away"
    title = Text(
        "连接不上 YUDI_DATABASE_URL 所指的数据库：{why}",
        "The database of YUDI_DATABASE_URL does not answer: {why}",
    )


def prepare(conninfo: str, *, may_create: bool) -> None:
    """Make the database (where `may_create`) and its extensions, and see that Chinese can be searched.

    conninfo: as libpq reads it, with the database's name. Raises OutsideAway, NoExtension, WrongLocale;
    the versions that suit are the migrations' to know.
    """
    name = str(psycopg.conninfo.conninfo_to_dict(conninfo).get("dbname") or "")
    try:
        connection = psycopg.connect(conninfo, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        if not may_create or f'database "{name}" does not exist' not in str(error):
            raise OutsideAway(why=" ".join(str(error).split())) from error
        create(conninfo, name)
        connection = psycopg.connect(conninfo, autocommit=True, connect_timeout=10)
    with connection:
        complete(connection, name)


def create(conninfo: str, name: str) -> None:
    with psycopg.connect(conninfo, dbname="postgres", autocommit=True) as admin:
        admin.execute(
            sql.SQL("create database {} template template0 encoding 'UTF8' locale 'C.UTF-8'").format(
                sql.Identifier(name)
            )
        )


def complete(connection: psycopg.Connection, name: str) -> None:
    """Extensions and locale of an open database."""
    present = {row[0] for row in connection.execute("select extname from pg_extension")}
    for extension in EXTENSIONS:
        if extension not in present:
            try:
                connection.execute(
                    sql.SQL("create extension if not exists {}").format(sql.Identifier(extension))
                )
            except (pg.InsufficientPrivilege, pg.UndefinedFile, pg.FeatureNotSupported) as error:
                raise NoExtension(database=name, name=extension) from error
    # Under a ctype of plain C, pg_trgm yields no trigrams for Chinese at all, silently.
    found = connection.execute(
        "select current_setting('server_encoding'), cardinality(show_trgm('渝北区'))"
    ).fetchone()
    if found is None or found[0] != "UTF8" or not found[1]:
        raise WrongLocale(database=name)
