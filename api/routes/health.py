"""健康检查: whether the process lives, whether it can serve, and what it counted."""

from __future__ import annotations

import ipaddress

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.responses import Response

from api.doors import MaybeActing, PublicReading
from geo.problems import NotAllowed
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
def metrics(request: Request, person: MaybeActing) -> Response:
    """Counters of this process, for a scraper on the same machine or an administrator."""
    host = request.client.host if request.client else ""
    forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    if not (person and person.holds(UserRole.ADMINISTRATOR)) and (forwarded or not _loopback(host)):
        raise NotAllowed()
    return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
