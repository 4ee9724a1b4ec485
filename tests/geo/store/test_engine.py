"""Engines: a connection is asked whether it is there still, but not several times in a request."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, make_url, text

from geo.store import engine


def test_a_connection_is_asked_only_after_a_while_and_a_dead_one_replaced(
    module_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = engine.engine_of(make_url(module_database), "app")
    asked: list[Any] = []
    ping = made.dialect.do_ping
    monkeypatch.setattr(
        made.dialect, "do_ping", lambda connection: asked.append(connection) or ping(connection)
    )
    new: list[Any] = []
    event.listen(made, "connect", lambda connection, record: new.append(connection))

    def process() -> int:
        with made.connect() as connection:
            return connection.scalar(text("select pg_backend_pid()"))

    try:
        first = process()
        assert [process(), process()] == [first, first] and not asked
        monkeypatch.setattr(engine, "FRESH", 0.0)
        assert process() == first and len(asked) == 1
        with engine.engine("owner").begin() as owner:
            owner.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": first})
        assert process() != first and len(new) == 2
    finally:
        made.dispose()
