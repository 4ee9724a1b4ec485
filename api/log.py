"""Logs and metrics: one line of JSON a request, without positions, names, addresses or queries."""

from __future__ import annotations

import logging
import os
import sys
import time
import traceback
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo.problems import Problem

log = structlog.get_logger("yudi")


def configure() -> None:
    """JSON lines on standard error, and no access log of the server: its lines hold queries, and
    queries hold positions (`/locate?lon=…`)."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_StandardError(),
        cache_logger_on_first_use=False,
    )
    access = logging.getLogger("uvicorn.access")
    access.handlers.clear()
    access.propagate = False


class _StandardError:
    """Looks sys.stderr up at each line, so that a replaced stream is honoured."""

    def __call__(self, *args: Any) -> Any:
        return structlog.PrintLogger(sys.stderr)


class Metrics:
    """What /metrics shows. Several processes share one address and a scraper meets now one, now another:
    each counts under its own number, so that no series ever runs backwards."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.process = str(os.getpid())
        self.requests = Counter(
            "yudi_requests",
            "Requests answered",
            ("process", "method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "yudi_request_seconds", "Seconds until the answer", ("process", "route"), registry=self.registry
        )
        self.submissions = Gauge(
            "yudi_submissions", "Submissions in the database", ("state",), registry=self.registry
        )
        self.waiting = Gauge("yudi_inspections_waiting", "Inspections in the queue", registry=self.registry)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note one answered request."""
        self.requests.labels(self.process, method, route, str(status)).inc()
        self.seconds.labels(self.process, route).observe(seconds)


def frames_of(error: BaseException) -> list[str]:
    """Where an exception came from, without its words: those may hold what a user sent."""
    return [
        f"{f.filename.rsplit('/', 3)[-1]}:{f.lineno} {f.name}"
        for f in traceback.extract_tb(error.__traceback__)
    ]


class RequestLog:
    """Gives each request its id, logs and counts it, and turns what nobody caught into an
    answer."""

    def __init__(
        self, app: ASGIApp, metrics: Metrics, on_error: Callable[[Request, Exception], Response]
    ) -> None:
        self.app = app
        self.metrics = metrics
        self.on_error = on_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        begun = time.perf_counter()
        status = 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as error:
            if not isinstance(error, Problem):
                log.error(
                    "unexpected",
                    request_id=request_id,
                    kind=f"{type(error).__module__}.{type(error).__qualname__}",
                    frames=frames_of(error),
                )
            if status:
                raise
            response = self.on_error(Request(scope, receive), error)
            await response(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            spent = time.perf_counter() - begun
            self.metrics.count(scope["method"], route, status, spent)
            log.info(
                "request",
                request_id=request_id,
                method=scope["method"],
                route=route,
                status=status,
                ms=round(spent * 1000, 1),
            )
