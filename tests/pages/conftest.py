"""The site as people meet it: a server and a worker over the demonstration district, and a real Chromium
that reaches nothing but this machine. Every console error, refused script and foreign request fails the test."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn

from api.app import create_app
from api.security.settings import DoorSettings
from geo.settings import ROOT
from geo.store import queue
from tests import working
from tests.demonstration import Loaded, settings_of_the_demonstration
from tests.demonstration import demo_database as demo_database
from tests.demonstration import demonstration as demonstration

SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
#: A browser whose machine cannot draw with WebGL.
WITHOUT_GL = """{
    const real = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
        return /^webgl/.test(kind) ? null : real.call(this, kind, ...rest);
    };
}"""
#: A site's worker starts the process that reads uploads with the first of them: most modules have none, and what it
#: imports takes seconds. Maps in its documents to edit are coarse pictures; fine ones are made in tests/maps.
LIGHTLY = """
from api.worker import jobs
from maps.documents import word
from maps.sheets import press
jobs.warm = lambda: None
word.png = lambda sheet, ppi: press.png(sheet, ppi=50)
"""
#: What software GL says of itself; not ours.
NOT_OURS = ("GPU stall due to ReadPixels",)


@dataclass
class Site:
    """A running site. passwords: of the demonstration accounts, by login."""

    url: str
    passwords: dict[str, str]
    folder: Path


@pytest.fixture(scope="module")
def site(
    demo_database: str, demonstration: Loaded, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A server on a free loopback port, the demonstration loaded, the date as `up` has it; a worker begins with
    the first job that the server puts into the queue."""
    if not (ROOT / "api/static/vendor/leaflet/leaflet.js").is_file():
        pytest.skip("front-end assets are not installed; ./yudi test installs them")
    with (
        settings_of_the_demonstration(),
        running_site(demonstration, tmp_path_factory.mktemp("uploads")) as made,
    ):
        yield made


@contextmanager
def running_site(demonstration: Loaded, folder: Path) -> Iterator[Site]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = DoorSettings(
        login_burst=1000, login_per_minute=6000, upload_burst=1000, upload_per_minute=6000
    )
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings=settings), host="127.0.0.1", port=port, log_level="error")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    workers: list[BaseProcess] = []
    real = queue.defer

    def defer(*arguments: Any, **more: Any) -> int | None:
        if not workers:
            workers.append(working.start("--grace", "2", script=LIGHTLY))
        return real(*arguments, **more)

    queue.defer = defer
    try:
        until(lambda: server.started, "the server's start")
        yield Site(
            f"http://127.0.0.1:{port}",
            {a.login: a.password for a in demonstration.accounts},
            folder,
        )
    finally:
        queue.defer = real
        for worker in workers:
            worker.terminate()
        server.should_exit = True
        thread.join(timeout=10)
        for worker in workers:
            worker.join(timeout=20)
            assert worker.exitcode is not None, "the worker stops when it is told to"
            worker.close()


def until(holds: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """Wait for something that happens by itself; its answer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = holds()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"waited in vain for {what}")


@pytest.fixture()
def visit(site: Site, browser: Any) -> Iterator[Callable[..., Any]]:
    """visit(size, login=None, allow=(), gl=True, **context) -> a page. At the end of the test every page must be
    without console errors, refused scripts, failed or foreign requests. gl: whether the browser has WebGL2; drawn
    by the processor it takes seconds, so tests of something else do without, as an old machine does."""
    opened: list[tuple[Any, list[str]]] = []

    def enter(
        size: str = "desktop",
        login: str | None = None,
        allow: tuple[str, ...] = (),
        gl: bool = True,
        **options: Any,
    ) -> Any:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, base_url=site.url,
            **{"locale": "zh-CN", **options},
        )  # fmt: skip
        context.set_default_timeout(60_000)
        if not gl:
            context.add_init_script(WITHOUT_GL)
        troubles: list[str] = []
        opened.append((context, troubles))
        page = context.new_page()
        watch(page, troubles, allow)
        if login:
            body = {"user": login, "password": site.passwords[login], "kind": "cookie"}
            assert context.request.post("/api/v1/sessions", data=body).status == 201
        return page

    yield enter
    for context, _ in opened:
        context.close()
    troubles = [trouble for _, found in opened for trouble in found]
    assert not troubles, troubles


def watch(page: Any, troubles: list[str], allow: tuple[str, ...]) -> None:
    """Note what must not happen on a page; the browser itself finds no other machine. allow: parts of what the
    console may say, as the browser does of a refusal that a test is about."""

    def asked(request: Any) -> None:
        if urlsplit(request.url).hostname not in ("127.0.0.1", "localhost", None):
            troubles.append(f"foreign request: {request.url}")

    def said(message: Any) -> None:
        if message.type in ("error", "warning") and not any(
            text in message.text for text in (*NOT_OURS, *allow)
        ):
            troubles.append(f"console: {message.text}")

    page.on("request", asked)
    page.on("console", said)
    page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
    # A request that leaving the page broke off is none of the page's fault.
    page.on(
        "requestfailed",
        lambda r: (
            None if r.failure == "net::ERR_ABORTED" else troubles.append(f"failed: {r.url} {r.failure}")
        ),
    )


@pytest.fixture()
def drawn() -> Callable[[Any], Any]:
    """drawn(page): wait until the page's map stands and its names are placed; the stage."""

    def wait(page: Any) -> Any:
        page.wait_for_selector("[data-stage][data-ready]")
        stage = page.locator("[data-stage]")
        until_page(page, lambda: stage.get_attribute("data-labels"), "the names of the map")
        return stage

    return wait


def until_page(page: Any, holds: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """As `until`, letting the browser work meanwhile."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = holds()
        if answer:
            return answer
        page.wait_for_timeout(60)
    raise AssertionError(f"waited in vain for {what}")
