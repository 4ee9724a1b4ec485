"""The queue (后台任务): jobs deferred inside the caller's own transaction, so that a job exists if and only
if what it works on was committed. Tables and functions are procrastinate's, in our database.
"""

from __future__ import annotations

from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.store.engine import database_url, libpq, login_url

#: Inspections wait in a queue of their own; upkeep does not stand behind them.
INSPECTIONS = "inspections"
UPKEEP = "upkeep"

#: A deferring process needs no pool: jobs go through the session's own connection.
_DEFERRER = App(connector=SyncPsycopgConnector())


def defer(
    session: Session,
    task: str,
    *,
    queue: str,
    once: str | None = None,
    lock: str | None = None,
    **arguments: Any,
) -> int | None:
    """Add a job to the queue, in the session's transaction. Returns its number.

    once: while a job of this name waits, another is not added (None is returned). lock: jobs of this name
    run one after another. arguments: JSON values, given to the task by name.
    """
    session.flush()
    try:
        # A savepoint: meeting the queueing lock must not end the caller's transaction. The session sets it
        # when the connection is asked for inside.
        with session.begin_nested():
            connection = session.connection().connection.driver_connection
            assert isinstance(connection, psycopg.Connection)
            return _DEFERRER.configure_task(
                task, queue=queue, queueing_lock=once, lock=lock, connection=connection
            ).defer(**arguments)
    except AlreadyEnqueued:
        return None


def worker_app() -> App:
    """The app of a worker process, as role app; tasks are added by api.worker."""
    address, taken = login_url(database_url(), "app")

    async def configure(connection: psycopg.AsyncConnection[Any]) -> None:
        # Each step of the queue is one statement, which needs no transaction round it.
        await connection.set_autocommit(True)
        if taken:
            await connection.execute(f"set role {taken}")
        # What a job did is on the disk when it says so. That it was taken or is done need not be: a job that
        # comes back after a power cut finds its work done.
        await connection.execute("set synchronous_commit = off")

    return App(
        connector=PsycopgConnector(
            conninfo=libpq(address),
            min_size=1,
            max_size=4,
            kwargs={"application_name": "yudi worker"},
            configure=configure,
        )
    )


def waiting(session: Session, queue: str = INSPECTIONS) -> int:
    """How many jobs wait."""
    return (
        session.scalar(
            text("select count(*) from procrastinate_jobs where status = 'todo' and queue_name = :queue"),
            {"queue": queue},
        )
        or 0
    )


def in_hand(session: Session, task: str, argument: str, value: str) -> bool:
    """Whether a job of a task with this argument waits or is being worked on."""
    return bool(
        session.scalar(
            text(
                "select exists (select from procrastinate_jobs where task_name = :task"
                " and status in ('todo', 'doing') and args ->> :argument = :value)"
            ),
            {"task": task, "argument": argument, "value": value},
        )
    )


def served(session: Session, within_seconds: float = 40.0) -> bool:
    """Whether a worker has given a sign of life lately; without one, jobs wait for nobody."""
    return bool(
        session.scalar(
            text(
                "select exists (select from procrastinate_workers"
                " where last_heartbeat > now() - make_interval(secs => :seconds))"
            ),
            {"seconds": within_seconds},
        )
    )
