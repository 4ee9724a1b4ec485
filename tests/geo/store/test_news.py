"""News: heard when the transaction has committed, by those who wait for that submission."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from sqlalchemy import make_url

from geo.store import engine, news
from tests.loops import finish


def test_news_are_heard_once_they_are_true(module_database: str) -> None:
    listener = news.Listener(make_url(module_database))
    sessions = engine.sessions("app")
    one, two, three = uuid4(), uuid4(), uuid4()

    async def hear() -> tuple[bool, bool]:
        with listener.hearing(one) as first, listener.hearing(two) as second, listener.hearing(two) as again:
            while not listener.listening:
                await asyncio.sleep(0.01)
            with sessions() as session:
                news.tell(session, one)
                session.rollback()
            with sessions.begin() as session:
                news.tell(session, two)
                news.tell(session, three)  # nobody waits for it
            await asyncio.wait_for(asyncio.gather(second.wait(), again.wait()), 30)
            return first.is_set(), second.is_set()

    try:
        assert finish(hear()) == (False, True)
        assert not listener._waiting
    finally:
        listener.close()


def test_without_a_database_nobody_is_told_that_somebody_listens() -> None:
    listener = news.Listener(make_url("postgresql+psycopg://nobody@/none?host=/nowhere"))

    async def wait() -> bool:
        with listener.hearing(uuid4()):
            return listener.listening

    assert finish(wait()) is False
    listener.close()
