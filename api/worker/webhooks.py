"""Sending webhooks: one attempt a job; what fails is tried again by the queue, later each time, and then given up."""

from __future__ import annotations

import contextlib
import ssl
import time
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from procrastinate import RetryStrategy
from sqlalchemy.orm import Session, sessionmaker

from api.security import webhooks as doors
from api.security.webhooks import ForbiddenAddress, Target
from geo.store import webhooks

#: Seconds that a receiver has to answer; bytes of its answer that are read.
TIMEOUT, ANSWER = 10.0, 4096
#: Attempts of a message: with the waits of RETRY the last comes some six hours after the first.
ATTEMPTS = 8


class NotDelivered(Exception):
    """The attempt failed; the queue tries again."""


#: The waits between them: 4 s, 16 s, a minute, 4 and 17 minutes, 1 h 8 min, 4 h 33 min.
RETRY = RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=4, retry_exceptions={NotDelivered})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt: the receiver's status, or why none came."""

    status: int | None
    error: str | None

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def for_good(self) -> bool:
        """Whether trying again is no use: the receiver is gone (410), or the address must not be called."""
        return self.status == 410 or self.error == "forbidden-address"


def deliver(sessions: sessionmaker[Session], id: uuid.UUID) -> None:
    """Send a message that waits, and note what became of it. Raises NotDelivered where it is to be tried again.

    No transaction is open while the receiver is waited for; sent twice after a crash, its id is the same.
    """
    with sessions() as session:
        row = webhooks.find(session, id)
        if row.state != webhooks.WAITING:
            return
        target, body, tried = doors.target(row.target), row.body.encode(), row.attempts
    answer = Answer(None, "no-such-target") if target is None else attempt(target, str(id), body)
    last = tried + 1 >= ATTEMPTS or answer.for_good or target is None
    state = webhooks.DELIVERED if answer.delivered else webhooks.GIVEN_UP if last else webhooks.WAITING
    with sessions.begin() as session:
        webhooks.note(session, id, state=state, status=answer.status, error=answer.error)
    if state == webhooks.WAITING:
        raise NotDelivered(f"{answer.status or answer.error}")


def attempt(target: Target, id: str, body: bytes) -> Answer:
    """One call. The name is resolved here and the address itself is called, under the name's certificate; no proxy,
    no redirect, no more of the answer than its status."""
    try:
        address = doors.callable_address(target)
    except ForbiddenAddress:
        return Answer(None, "forbidden-address")
    except OSError:
        return Answer(None, "no-address")
    parts = urlsplit(target.url)
    assert parts.hostname is not None
    url = httpx.URL(target.url).copy_with(host=address)
    sent: dict[str, str] = {
        **doors.headers(target, id, int(time.time()), body),
        "host": parts.netloc,
        "accept-encoding": "identity",
    }
    more: dict[str, Any] = {"sni_hostname": parts.hostname} if parts.scheme == "https" else {}
    try:
        with (
            httpx.Client(trust_env=False, follow_redirects=False, timeout=TIMEOUT) as client,
            client.stream("POST", url, content=body, headers=sent, extensions=more) as response,
        ):
            with contextlib.suppress(httpx.HTTPError):
                next(response.iter_raw(ANSWER), b"")
            return Answer(
                response.status_code, None if response.is_success else f"status {response.status_code}"
            )
    except httpx.TimeoutException:
        return Answer(None, "timeout")
    except (httpx.HTTPError, ssl.SSLError, OSError) as error:
        return Answer(None, type(error).__name__)
