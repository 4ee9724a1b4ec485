"""健康检查: whether the process lives, whether it can serve, and what it counted."""

from __future__ import annotations

import ipaddress

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.responses import Response

from api.doors import District, MaybeActing, PublicReading, transaction
from api.log import Metrics
from geo.problems import NotAllowed
from geo.store import queue, submissions
from geo.terms import UserRole

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="存活 Alive")
def alive() -> dict[str, str]:
    """The process answers. Asks nothing of the database."""
    return {"status": "ok"}


@router.get("/readyz", summary="就绪 Ready")
def ready(session: PublicReading) -> dict[str, str]:
    """The database answers with the published views; 503 where it does not."""
    session.execute(text("select 1 from published.demarcation limit 1"))
    return {"status": "ok"}


@router.get("/metrics", summary="指标 Metrics (Prometheus)", response_class=Response)
def metrics(request: Request, person: MaybeActing, district: District) -> Response:
    """Requests of this process, submissions by state and the queue's length, for a scraper on the same
    machine or an administrator."""
    host = request.client.host if request.client else ""
    forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    if not (person and person.holds(UserRole.ADMINISTRATOR)) and (forwarded or not _loopback(host)):
        raise NotAllowed()
    counted: Metrics = request.app.state.metrics
    with transaction(request) as session:
        for state, count in submissions.states(session, district.code).items():
            counted.submissions.labels(state).set(count)
        counted.waiting.set(queue.waiting(session))
    return Response(generate_latest(counted.registry), media_type=CONTENT_TYPE_LATEST)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
