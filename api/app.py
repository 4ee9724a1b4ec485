"""The app: every router of api.routes and api.pages behind one gate, with limits, headers and log."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from sqlalchemy.orm import Session, sessionmaker
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Match, get_route_path
from starlette.types import ASGIApp, Receive, Scope, Send

import api.pages
import api.routes
from api import errors, intake, log, waiting
from api.assets import Static
from api.doors import GATE
from api.pages.rendering import error_page
from api.routes.tiles import TileApp, TileDoor
from api.security import webhooks
from api.security.headers import HostFence, SecureHeaders
from api.security.limits import BodyLimit
from api.security.oidc import Provider
from api.security.settings import DoorSettings
from api.security.watch import Watch
from geo import settings as settings_of_geo
from geo.approvals import holidays
from maps.tiles.serve import Tiles

STATIC = Path(__file__).resolve().parent / "static"

DESCRIPTION = """舆地：地名与行政区域界线的地理信息服务。错误按 RFC 9457 返回，`code` 不变，`title` 中文，`title_en` 英文。
坐标为 EPSG:4490，经度在前。列表带 `limit`、`cursor`，返回 `{items, next}`。

Yudi: a geoservice for place names and administrative boundaries. Errors are RFC 9457 problem details with a
stable `code`, a Chinese `title` and an English `title_en`. Coordinates are EPSG:4490, longitude first.
Lists take `limit` and `cursor` and answer `{items, next}`."""


def routers() -> Iterator[APIRouter]:
    """The router of every module of api.routes and api.pages that has one, in the order of names."""
    for package in (api.routes, api.pages):
        for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
            router = getattr(importlib.import_module(f"{package.__name__}.{module.name}"), "router", None)
            if isinstance(router, APIRouter):
                yield router


def fence(router: APIRouter) -> None:
    """Let a router be asked only for paths that begin as one of its own do: with hundreds of routes, trying each is a
    good part of a page's work."""
    routes = [route for route in router.routes if isinstance(route, APIRoute)]
    words = {first_word(route.path) for route in routes}
    ask = router.matches

    def matches(scope: Scope) -> tuple[Match, Scope]:
        return ask(scope) if first_word(get_route_path(scope)) in words else (Match.NONE, {})

    if len(routes) == len(router.routes) and not any("{" in word for word in words):
        router.matches = matches  # type: ignore[method-assign]


def first_word(path: str) -> str:
    """What a path begins with; behind /api/v1 what stands there."""
    parts = path.split("/", 4)
    word = parts[3] if len(parts) > 3 and parts[1] == "api" else parts[min(1, len(parts) - 1)]
    return word.partition(".")[0]


class Site(FastAPI):
    """The app, with the door of the tiles before all that is done with other requests."""

    door: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self.door or self.behind)(scope, receive, send)

    async def behind(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(scope, receive, send)


def create_app(
    *,
    sessions: Callable[[str], sessionmaker[Session]] | None = None,
    settings: DoorSettings | None = None,
) -> FastAPI:
    """Assemble the app. It keeps no state between requests but its pools and counters.

    sessions: maker of database sessions by role ("app", "public", "search"); the store's own by default.
    settings: read from the environment by default.
    """
    if sessions is None:
        from geo.store.engine import sessions as of_store

        sessions = of_store
    door_settings = settings or DoorSettings.from_environment()
    log.configure()
    # Settings that are not in order stop the start, not the first step of a case.
    webhooks.targets()
    holidays.working_days()
    metrics = log.Metrics()
    tiles = Tiles()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        intake.sweep()
        yield
        app.state.tiles.close()
        waiting.close(app)

    app = Site(
        title="舆地 Yudi",
        description=DESCRIPTION,
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        dependencies=[GATE],
        responses=errors.problems(),
        lifespan=life,
        middleware=[
            Middleware(SecureHeaders, settings=door_settings),
            Middleware(log.RequestLog, metrics=metrics, on_error=errors.of_anything),
            Middleware(HostFence, settings=door_settings),
            # Level 9 takes four times as long as 6 for a hundredth less.
            Middleware(GZipMiddleware, minimum_size=1024, compresslevel=6),
            Middleware(BodyLimit, settings=door_settings),
            Middleware(Watch),
        ],
    )
    state: Any = app.state
    state.sessions = sessions
    state.settings = door_settings
    state.district = settings_of_geo.district()
    state.metrics = metrics
    state.error_page = error_page
    state.provider = None if door_settings.oidc is None else Provider(door_settings.oidc)
    errors.install(app)
    app.mount("/static", Static(directory=STATIC, check_dir=False), name="static")
    # Before all routers: a map asks for dozens of tiles at once.
    state.tiles = tiles
    app.door = TileDoor(app.behind, tiles=tiles, settings=door_settings, metrics=metrics)
    app.mount("/tiles", TileApp(tiles, fenced=door_settings.maps_fenced), name="tiles")
    for router in routers():
        fence(router)
        app.include_router(router)
    return app
