"""Waiting (等候): a client that says `Prefer: wait=5` (RFC 7240) has its answer when there is something new, or after so
many seconds. No thread and no connection of the pool is held meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from api.doors import Acting, transactions
from api.security.access import OFFICERS
from geo.store import news, submissions
from geo.terms import SubmissionState

#: Seconds that an answer is kept back at most: a server that is told to stop waits for it.
LONGEST = 5.0
#: Seconds between two looks of one who waits: where news are heard, and where they are not.
HEARD, DEAF = 2.0, 0.1

_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})", re.IGNORECASE)
_UNDER_WAY = (SubmissionState.RECEIVED.value, SubmissionState.INSPECTING.value)


def seconds(prefer: str) -> float:
    """How long a client is ready to wait, from its Prefer header."""
    found = _WAIT.search(prefer)
    return min(float(found.group(1)), LONGEST) if found else 0.0


def listener(request: Request) -> news.Listener:
    """This process's listener, on the database that the app's sessions are of."""
    state = request.app.state
    if getattr(state, "news", None) is None:
        state.news = news.Listener(transactions(request)("app").kw["bind"].engine.url)
    return state.news  # type: ignore[no-any-return]


async def until_news(
    submission_id: UUID,
    actor: Acting,
    request: Request,
    response: Response,
    prefer: Annotated[
        str, Header(description="wait=5：有变化或 5 秒后才回答 Answer when there is news")
    ] = "",
) -> None:
    """Wait until a submission that is being inspected has moved on. Who may see it is asked afterwards, by the route;
    whoever may not does not wait."""
    patience = seconds(prefer)
    if not patience:
        return
    organisation = None if actor.holds(*OFFICERS) else actor.organisation_id

    def look() -> tuple[object, ...] | None:
        with transactions(request)("app")() as session:
            # One statement needs no transaction round it.
            session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            return submissions.stage(session, submission_id, organisation)

    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    bell = listener(request)
    with bell.hearing(submission_id) as heard:
        first: tuple[object, ...] | None = None
        while True:
            # Asked before the look: what is told after it is heard.
            pause = HEARD if bell.listening else DEAF
            heard.clear()
            now = await run_in_threadpool(look)
            first = first or now
            left = end - loop.time()
            if now is None or now[0] not in _UNDER_WAY or now != first or left <= 0:
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(heard.wait(), min(pause, left))
                break  # it has moved on: how far, the route sees for itself
    response.headers["Preference-Applied"] = f"wait={patience:.0f}"


def close(app: FastAPI) -> None:
    """Listen no more."""
    if getattr(app.state, "news", None) is not None:
        app.state.news.close()
        app.state.news = None


UNTIL_NEWS = Depends(until_news)
