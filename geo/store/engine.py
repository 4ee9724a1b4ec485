"""Engines and sessions, one per database role.

owner    migrates and loads; the login of YUDI_DATABASE_URL itself.
app      yudi_app: reads and writes records, cannot change or delete a version, a step or an audit event.
public   yudi_public: sees nothing but the views of schema `published`.
search   yudi_public too, for questions that are answered while somebody types: no transaction round a statement, whose
         two ways to the server and back would take longer than its answer, nothing but reading, and a short time limit.

app and public are true logins where that is possible: on a socket of the private cluster by trust or peer,
on an outside server with passwords that the migration drew into var/roles.json. Where neither works (the
outside login may not create roles with passwords) the connection is the owner's and takes the role with
SET ROLE: the same grants hold for every statement of Yudi, but a statement smuggled in could RESET ROLE.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import psycopg
import psycopg.errors as pg
from sqlalchemy import URL, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.orm import Session, sessionmaker

from geo.problems import Conflict, Problem, Unavailable
from geo.settings import ROOT
from geo.text import Text

Login = Literal["owner", "app", "public", "search"]

LOGINS: dict[str, str] = {"app": "yudi_app", "public": "yudi_public", "search": "yudi_public"}

#: Seconds that a statement may take, by role: a page waits, a migration sets its own.
STATEMENT_SECONDS: dict[str, int] = {"owner": 600, "app": 60, "public": 20, "search": 3}
LOCK_SECONDS = 10
#: Seconds after its last use within which a connection is taken to be there still, and is not asked: a request has
#: several transactions, and a database does not end and come back in less.
FRESH = 1.0


class NoDatabase(Unavailable):
    """No database is named."""

    code = "no-database"
    title = Text(
        "未设置数据库，请运行 ./yudi up，或设置 YUDI_DATABASE_URL",
        "No database is set; run ./yudi up, or set YUDI_DATABASE_URL",
    )


class DatabaseAway(Unavailable):
    """The database does not answer."""

    code = "database-away"
    title = Text(
        "数据库暂时无法连接，请稍后再试；未确认的操作没有保存",
        "The database does not answer; try again shortly. What was not confirmed was not saved",
    )


class DatabaseFull(Unavailable):
    """The database has no room left."""

    code = "database-full"
    title = Text(
        "数据库所在磁盘已满，操作没有保存；请管理员清理磁盘后再试",
        "The database's disk is full and nothing was saved; ask the administrator to free space, then retry",
    )


class DatabaseBusy(Unavailable):
    """A statement or a lock took longer than it may."""

    code = "database-busy"
    title = Text(
        "系统繁忙，操作没有保存，请稍后再试",
        "The system is busy and nothing was saved; try again shortly",
    )


class Overtaken(Conflict):
    """Another transaction was first."""

    code = "overtaken"
    title = Text(
        "另一人同时办理了相关事项，本次操作没有保存；请刷新后再试",
        "Someone else acted on the same records and nothing was saved; reload and try again",
    )


def database_url() -> URL:
    """The owner's URL from YUDI_DATABASE_URL, with the psycopg 3 driver. Raises NoDatabase."""
    given = os.environ.get("YUDI_DATABASE_URL")
    if not given:
        raise NoDatabase()
    return with_driver(given)


def with_driver(url: str | URL) -> URL:
    """The URL with psycopg 3 as its driver, whatever of PostgreSQL it names."""
    return make_url(url).set(drivername="postgresql+psycopg")


def passwords_file() -> Path:
    """Where the drawn passwords of an outside server lie, mode 0600."""
    return Path(os.environ.get("YUDI_VAR", ROOT / "var")) / "roles.json"


def server_of(url: URL) -> str:
    """What tells one server from another: host and port."""
    return f"{url.query.get('host') or url.host or ''}:{url.port or url.query.get('port') or 5432}"


def passwords(url: URL) -> dict[str, str]:
    """The drawn passwords of the roles on this server, by role name; empty where there are none."""
    path = passwords_file()
    if not path.exists():
        return {}
    known: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return known.get(server_of(url), {})


def login_url(url: URL, role: Login) -> tuple[URL, str | None]:
    """(URL to connect with, role to take by SET ROLE or None). Tries the true login once."""
    if role == "owner":
        return url, None
    name = LOGINS[role]
    own = url.set(username=name, password=passwords(url).get(name))
    return (own, None) if can_log_in(own) else (url, name)


def can_log_in(url: URL) -> bool:
    """Whether the server lets this login in."""
    try:
        psycopg.connect(libpq(url), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def libpq(url: URL) -> str:
    """The URL as libpq reads it: a blank, as in a socket's folder, is %20 there and never a plus."""
    address, mark, query = (
        url.set(drivername="postgresql").render_as_string(hide_password=False).partition("?")
    )
    return address + mark + query.replace("+", "%20")


def engine(role: Login) -> Engine:
    """The engine of a role for YUDI_DATABASE_URL; one per process, URL and role."""
    return _engine(database_url(), role)


_ENGINES: dict[tuple[URL, Login], Engine] = {}
_MAKING = Lock()


def _engine(url: URL, role: Login) -> Engine:
    with _MAKING:
        if (url, role) not in _ENGINES:
            _ENGINES[url, role] = engine_of(url, role)
        return _ENGINES[url, role]


def engine_of(url: URL, role: Login, **words: Any) -> Engine:
    """A new engine: connections of `role`, in UTC, with time limits for statements and locks."""
    address, taken = login_url(url, role)
    made = create_engine(
        address,
        connect_args={
            "connect_timeout": 10,
            "client_encoding": "utf8",
            "application_name": f"yudi {role}",
            "options": f"-c statement_timeout={STATEMENT_SECONDS[role] * 1000}"
            # Statements of milliseconds: compiling one, as the costs of spatial functions make the planner
            # think worth while, takes seconds.
            f" -c lock_timeout={LOCK_SECONDS * 1000} -c timezone=UTC -c jit=off"
            + (" -c default_transaction_read_only=on" if role == "search" else ""),
        },
        **({"isolation_level": "AUTOCOMMIT"} if role == "search" else {}),
        json_serializer=lambda value: json.dumps(value, ensure_ascii=False),
        **({"pool_size": 4, "max_overflow": 4} | words if "poolclass" not in words else words),
    )

    @event.listens_for(made, "checkin")
    def leave(connection: Any, record: Any) -> None:
        record.info["left"] = time.monotonic()

    @event.listens_for(made, "checkout")
    def ask(connection: Any, record: Any, proxy: Any) -> None:
        # A new connection has not been left yet, one that is made in the place of a dead one neither.
        left = record.info.get("left")
        if left is None or time.monotonic() - left < FRESH:
            return
        try:
            made.dialect.do_ping(connection)
        except psycopg.Error:
            raise InvalidatePoolError() from None

    if taken:

        @event.listens_for(made, "connect")
        def take_role(connection: Any, record: Any) -> None:
            with connection.cursor() as cursor:
                cursor.execute(f"set role {taken}")
            connection.commit()

    return made


def sessions(role: Login) -> sessionmaker[Session]:
    """A factory of sessions of a role. Committed at the door, never in an act."""
    return sessionmaker(engine(role), expire_on_commit=False)


#: What else to call when the connections are closed: others that hold some of their own.
ON_CLOSE: list[Callable[[], None]] = []


def close_engines() -> None:
    """Close the pools of all engines and forget them, as when the database is exchanged."""
    for close in ON_CLOSE:
        close()
    with _MAKING:
        for made in _ENGINES.values():
            made.dispose()
        _ENGINES.clear()


def problem_of(error: BaseException) -> Problem | None:
    """What to tell the user where the database refused for reasons of its own; None for our own mistakes."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, pg.DiskFull | pg.OutOfMemory):
        return DatabaseFull()
    if isinstance(cause, pg.LockNotAvailable | pg.QueryCanceled | pg.TooManyConnections):
        return DatabaseBusy()
    if isinstance(cause, pg.SerializationFailure | pg.DeadlockDetected | pg.ExclusionViolation):
        return Overtaken()
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return DatabaseAway()
    return None


def allow(session: Session, seconds: float) -> None:
    """How long a statement of the session's transaction may take: longer than a page's where a whole register is read,
    shorter where anybody's question may be dear."""
    most = f"{round(seconds * 1000)}ms"
    session.execute(text("select set_config('statement_timeout', :most, true)"), {"most": most})


def lightly(session: Session) -> None:
    """The session's transaction ends without waiting for the disk: for what is done again, or not missed, where
    the machine loses its power in the next half second. Everybody sees it at once all the same."""
    session.execute(text("set local synchronous_commit = off"))
