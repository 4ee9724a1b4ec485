"""Pages (公众页面) on a slow line: bytes until a page stands, first paint, and when a map can be used; and the map of
50,000 village names beside Folium's naive markers and beside the bare tile variant of the same names.

./yudi bench pages

The line is emulated by Chromium: 1.6 Mbit/s down, 0.75 Mbit/s up, 150 ms to each answer, and nothing kept from before.
The map engine is Leaflet, MapLibre, its bridge and its worker (whose own requests Chromium does not slow down); bytes are counted as
they are sent, headers and tiles included. The
server is the product's own. The two databases are made on the server of YUDI_DATABASE_URL under names of their own and
used as they stand where they are there; with YUDI_BENCH_KEEP set they stay, else they are dropped at the end.
"""

from __future__ import annotations

import os
import random
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import TimeoutError as PatienceOver
from playwright.sync_api import sync_playwright

from benchmarks import page_data
from benchmarks.measure import ROOT, WORK, Comparison, report, side
from benchmarks.tiles import DAY, server

NAMES = 50_000
SMALL, LARGE = "yudi_bench_pages_0", f"yudi_bench_pages_{NAMES}"
#: Chromium's own emulation of a slow line.
LINE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
ENGINE = re.compile(r"/static/vendor/(leaflet|maplibre-gl|maplibre-gl-leaflet)/")
BYTES, PAINT_MS, HTML_BYTES = 300_000, 1_000, 10_000
#: What is opened, and what says that its map can be used; {place} is a name of the register with a page.
PAGES = {
    "home": ("/", "[data-stage][data-ready]"),
    "village names": ("/maps/villages", "[data-stage][data-names]"),
    "elderly care": ("/maps/elderly-care", "[data-stage][data-ready]"),
    "boundaries": ("/maps/boundaries", "[data-stage][data-ready]"),
    "place": ("/names/{place}", "[data-stage][data-ready]"),
}
#: Peers are waited for so many times as long as ours took, or so many seconds.
PATIENCE, RUNS = 12, 5
TWO_FRAMES = (
    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"
)


@dataclass
class View:
    """One first view. Times in ms since the page was asked for; bytes as sent, apart for the engine's and all else."""

    engine: int = 0
    rest: int = 0
    html: int = 0
    paint: float = 0.0
    usable: float = 0.0
    files: dict[str, int] = field(default_factory=dict)


def first_view(browser: Any, address: str, until: str, *, slow: bool = True) -> View:
    """Open a page in a browser that keeps nothing, and wait until its map can be used and the line is quiet."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    if slow:
        cdp = context.new_cdp_session(page)
        cdp.send("Network.enable")
        cdp.send("Network.emulateNetworkConditions", LINE)
    view = View()
    done: list[Any] = []
    page.on("requestfinished", lambda request: done.append(request))
    answer = page.goto(address, wait_until="load", timeout=60_000)
    page.wait_for_selector(until, timeout=60_000)
    view.usable = page.evaluate(TWO_FRAMES)
    page.wait_for_load_state("networkidle", timeout=60_000)
    for request in done:
        sizes = request.sizes()
        size = sizes["responseHeadersSize"] + sizes["responseBodySize"]
        view.files[request.url] = view.files.get(request.url, 0) + size
        if ENGINE.search(request.url):
            view.engine += size
        else:
            view.rest += size
    view.html = len(answer.body())
    view.paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    context.close()
    return view


def middle(views: list[View], what: str) -> float:
    return float(statistics.median(getattr(v, what) for v in views))


def a_place(port: int) -> int:
    """The number of a name with a page and a place on the map."""
    import httpx

    found = httpx.get(
        f"http://127.0.0.1:{port}/api/v1/maps/villages", params={"at": DAY.isoformat()}, timeout=60
    ).json()
    return int(next(n[0] for n in found["names"] if n[6] is not None))


def warm(port: int, paths: list[str]) -> None:
    """Ask both processes of the server for each page, so that none is seen for the first time."""
    import httpx

    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
        for path in paths * 4:
            client.get(path, headers={"Connection": "close"}).raise_for_status()


def light(browser: Any, runs: int = 3, only: tuple[str, ...] = tuple(PAGES)) -> list[Comparison]:
    """Bytes and first paint of the pages over the slow line."""
    table = []
    with _site(SMALL) as port:
        place = a_place(port)
        warm(port, [PAGES[name][0].format(place=place) for name in only])
        for name in only:
            path, until = PAGES[name]
            address = f"http://127.0.0.1:{port}" + path.format(place=place)
            views = [first_view(browser, address, until) for _ in range(runs)]
            rest, engine = middle(views, "rest"), middle(views, "engine")
            note = f"and {engine / 1000:.0f} kB of map engine; map usable after {middle(views, 'usable') / 1000:.2f} s"
            table.append(Comparison(f"{name}, bytes before the engine", rest, BYTES, 1.0, "bytes", note))
            table.append(Comparison(f"{name}, first paint", middle(views, "paint"), PAINT_MS, 1.0, "ms"))
            if os.environ.get("YUDI_BENCH_FILES"):
                for url, size in sorted(views[0].files.items(), key=lambda pair: -pair[1])[:14]:
                    print(f"    {size:>8} {urlsplit(url).path}", flush=True)
    return table


def _site(name: str) -> Any:
    count = 0 if name == SMALL else NAMES
    url = page_data.prepared(name, count)
    settings = {"YUDI_DATABASE_URL": url.render_as_string(hide_password=False), "YUDI_AS_OF": DAY.isoformat(),
                "YUDI_VAR": str(WORK / "pages")}  # fmt: skip
    return server(["-m", "api.cli._serve"], settings)


def bare_page() -> str:
    """The tile variant alone: a Folium map with the same two layers, and nothing around it."""
    from maps.page import Assets, OfflineFigure, OfflineMap
    from maps.vector_tiles import VectorTiles

    assets = Assets()
    figure = OfflineFigure(assets)
    on = OfflineMap((29.84, 106.75), 10, "yudi_labels")
    on.add_to(figure)
    VectorTiles(("townships", "villages"), at=DAY, worker=assets.url("maplibre_worker")).add_to(on)
    styles, element, scripts = figure.pieces("bare")
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>瓦片</title>{styles}</head>'
        f'<body class="map-page"><div class="stage" data-stage>{element}</div>{scripts}</body></html>'
    )


def naive(count: str, into: str) -> float:
    """Seconds that stock Folium takes to write one marker with a popup for each name; a process of its own."""
    import folium

    from benchmarks.page_data import names

    chance = random.Random(page_data.SEED)
    points = [(chance.uniform(106.4, 107.0), chance.uniform(29.6, 30.1)) for _ in range(int(count))]
    rows = list(names([("500112100", points)]))
    begun = time.perf_counter()
    drawn = folium.Map((29.84, 106.75), zoom_start=10, tiles=None)
    for row, (lon, lat) in zip(rows, points, strict=True):
        folium.Marker((lat, lon), popup=str(row[2])).add_to(drawn)
    drawn.save(into)
    return time.perf_counter() - begun


#: Stock Folium asks a foreign host for these; of jQuery it needs an element made of a text.
JQUERY = "window.$ = window.jQuery = (html) => { const t = document.createElement('template'); t.innerHTML = html; return [t.content.firstElementChild]; };"


def naive_view(browser: Any, path: Path, patience: float) -> tuple[float, bool]:
    """(seconds until the page of markers has loaded and drawn two frames, whether it came to that)."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    files = {"leaflet.js": "leaflet/dist/leaflet.js", "leaflet.css": "leaflet/dist/leaflet.css"}

    def local(route: Any) -> None:
        url = urlsplit(route.request.url)
        if url.scheme == "file":
            return route.continue_()
        found = next((f for name, f in files.items() if url.path.endswith("/" + name)), None)
        if found is not None:
            return route.fulfill(path=ROOT / "node_modules" / found)
        kind = "text/css" if url.path.endswith(".css") else "text/javascript"
        return route.fulfill(body=JQUERY if "jquery" in url.path else "", content_type=kind)

    page.route("**/*", local)
    begun = time.perf_counter()
    try:
        page.goto(path.as_uri(), wait_until="load", timeout=patience * 1000)
        page.evaluate(TWO_FRAMES)
        done = True
    except PatienceOver:
        done = False
    took = time.perf_counter() - begun
    if done:
        context.close()
    return took, done


def many(browser: Any, launch: Callable[[], Any]) -> list[Comparison]:
    """The map of 50,000 names: beside the bare tile variant, and beside naive markers."""
    with _site(LARGE) as port:
        base = f"http://127.0.0.1:{port}"
        shell = bare_page()
        warm(port, ["/maps/villages"])
        ours, bare = [], []
        for _ in range(RUNS):
            ours.append(first_view(browser, base + "/maps/villages", "[data-stage][data-names]", slow=False))
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            page = context.new_page()
            page.route(
                base + "/bare",
                lambda route: route.fulfill(body=shell, content_type="text/html; charset=utf-8"),
            )
            page.goto(base + "/bare", wait_until="load")
            bare.append(page.evaluate(TWO_FRAMES))
            context.close()
    html, seconds = middle(ours, "html"), middle(ours, "usable") / 1000
    path = WORK / "naive.html"
    built = side("pages", "naive", str(NAMES), str(path)).seconds
    other = launch()
    loaded, came = naive_view(other, path, max(10.0, PATIENCE * seconds))
    other.close()
    size = path.stat().st_size
    path.unlink()
    said = (
        f"written in {built:.1f} s, "
        + ("drawn" if came else "not yet drawn")
        + f" after {loaded:.1f} s, {size / 1e6:.0f} MB of HTML"
    )
    return [
        Comparison(f"{NAMES:,} names, HTML of the page", html, HTML_BYTES, 1.0, "bytes", f"naive markers {size:,}"),
        Comparison(f"{NAMES:,} names, usable / bare tile variant", seconds, statistics.median(bare) / 1000, 1.0, "s"),
        Comparison(f"{NAMES:,} names, usable / naive markers", seconds, built + loaded, 0.1, "s", said),
    ]  # fmt: skip


def main() -> list[dict[str, object]]:
    WORK.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:

        def launch() -> Any:
            return playwright.chromium.launch(
                executable_path=os.environ.get("YUDI_CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
            )

        browser = launch()
        table = light(browser) + many(browser, launch)
        browser.close()
    if not os.environ.get("YUDI_BENCH_KEEP"):
        for name in (SMALL, LARGE):
            page_data.drop(name)
    return report("Pages", table)
