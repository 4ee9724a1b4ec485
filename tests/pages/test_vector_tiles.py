"""Vector tiles in a Folium map in the browser: drawn by MapLibre, found by a click, without a word on the console."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from api.app import create_app
from maps.page import Assets, OfflineFigure, OfflineMap, json_block
from maps.vector_tiles import VectorTiles
from tests.pages.conftest import until, until_page, watch

CENTRE = (29.84, 106.75)


def page(request: Request) -> HTMLResponse:
    """A map with nothing but tiles, put together as the maps of the site are."""
    nonce = request.state.nonce
    assets = Assets()
    figure = OfflineFigure(assets)
    on = OfflineMap(CENTRE, 12, "yudi_labels")
    on.add_to(figure)
    layers = ("townships", "boundary_lines", "markers_public", "villages")
    tiles = VectorTiles(layers, worker=assets.url("maplibre_worker"))
    tiles.add_to(on)
    styles, element, scripts = figure.pieces(nonce)
    names = {"map": on.get_name(), "layer": tiles.get_name()}
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>瓦片</title><link rel="icon" href="/static/icon.svg">{styles}</head>'
        f'<body class="map-page"><div data-stage class="stage">{element}</div>{json_block("names", names)}{scripts}</body></html>'
    )


@pytest.fixture(scope="module")
def url(demo_database: str) -> Iterator[str]:
    app = create_app()
    app.router.routes.insert(0, Route("/try", page))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started, "the server's start")
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


LABELS = """() => {
    const layer = window[JSON.parse(document.getElementById("names").textContent).layer];
    const drawing = layer.getMaplibreMap && layer.getMaplibreMap();
    if (!drawing || !drawing.loaded() || !drawing.areTilesLoaded()) return null;
    return drawing.queryRenderedFeatures().map((f) => [f.source, f.layer.type, f.properties.label]);
}"""
CLICK = """(name) => {
    const names = JSON.parse(document.getElementById("names").textContent);
    const map = window[names.map], layer = window[names.layer], drawing = layer.getMaplibreMap();
    const one = drawing.queryRenderedFeatures().find((f) => f.properties.label === name && f.geometry.type === "Point");
    const [lng, lat] = one.geometry.coordinates;
    return Yudi.tileFeature(map, layer, { latlng: { lng, lat } });
}"""


def test_tiles_are_drawn_and_found(url: str, browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUDI_AS_OF", "2024-12-31")
    context = browser.new_context(viewport={"width": 1000, "height": 700}, base_url=url, locale="zh-CN")
    troubles: list[str] = []
    opened = context.new_page()
    watch(opened, troubles, ())
    opened.goto("/try")
    drawn = until_page(opened, lambda: troubles or opened.evaluate(LABELS), "the tiles", 40)
    assert not troubles, troubles
    sources = {(source, kind) for source, kind, _ in drawn}
    assert {
        ("townships", "fill"),
        ("townships", "symbol"),
        ("boundary_lines", "line"),
        ("villages", "symbol"),
    } <= sources
    label = next(name for source, kind, name in drawn if source == "villages" and name)
    found = opened.evaluate(CLICK, label)
    assert found["source"] == "villages" and found["properties"]["label"] and isinstance(found["id"], int)
    shown = opened.request.get(f"/api/v1/place-names/{found['id']}").json()
    assert shown["name"] == found["properties"]["name"]
    # 长辈版: every name of the tiles has 18 pt at least, at every zoom.
    sizes = opened.evaluate(
        """() => {
            document.body.classList.add("elder");
            const own = window[JSON.parse(document.getElementById("names").textContent).layer].getMaplibreMap().getStyle();
            return Yudi.vectorTiles(own, {}).options.style.layers.filter((l) => l.type === "symbol").map((l) => l.layout["text-size"]);
        }"""
    )
    assert len(sizes) > 5 and all(min(size[4::2]) >= 24 for size in sizes), sizes
    context.close()
    assert not troubles, troubles
