"""天地图 through this site: the token stays on the server, only what is configured is asked for, and a server that does
not answer as it should spoils nothing."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image

from api.routes import basemap as route
from geo.basemap import basemap

TOKEN = "0123456789abcdef-token"


def png() -> bytes:
    """A tile whose pixels in row i are grey of i."""
    out = io.BytesIO()
    grey = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 256, axis=1)
    Image.fromarray(grey).save(out, "PNG")
    return out.getvalue()


class Tianditu(BaseHTTPRequestHandler):
    asked: ClassVar[list[dict[str, str]]] = []
    answer: ClassVar[tuple[int, bytes]] = (200, b"")

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.asked.append(
            {"path": parts.path, "cookie": self.headers.get("Cookie", "")}
            | {k: v[0] for k, v in parse_qs(parts.query).items()}
        )
        status, body = self.answer
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def tianditu(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Tianditu]]:
    """A server of 天地图 on this machine, and the site set up for it."""
    server = HTTPServer(("127.0.0.1", 0), Tianditu)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    monkeypatch.setenv("YUDI_TIANDITU_TOKEN", TOKEN)
    monkeypatch.setenv("YUDI_TIANDITU_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(route, "KEPT", route.Kept())
    Tianditu.asked, Tianditu.answer = [], (200, png())
    yield Tianditu
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_tile_comes_through_the_site_once_and_the_token_stays(
    client: Any, tianditu: Any, capfd: Any
) -> None:
    for _ in range(2):
        answer = client.get("/basemap/vec/12/3262/1691", headers={"Cookie": "yudi_lang=en"})
        assert answer.status_code == 200 and answer.content == png()
        assert (
            answer.headers["content-type"] == "image/png"
            and "max-age=86400" in answer.headers["cache-control"]
        )
        assert "set-cookie" not in answer.headers
    assert len(tianditu.asked) == 1, "the second time it is at hand"
    asked = tianditu.asked[0]
    assert asked["path"] == "/vec_w/wmts" and asked["tk"] == TOKEN and asked["cookie"] == ""
    assert (asked["TILEMATRIX"], asked["TILECOL"], asked["TILEROW"], asked["TILEMATRIXSET"]) == (
        "12",
        "3262",
        "1691",
        "w",
    )
    page = client.get("/maps/boundaries").text
    assert '"basemap":{"layers":["vec","cva"],"datum":"cgcs2000"' in page, "CGCS2000: nothing is shifted"
    assert "底图：天地图，审图号 待填" in page and "tianditu.gov.cn" not in page
    assert "img-src 'self'" in client.get("/maps/boundaries").headers["content-security-policy"]
    assert TOKEN not in page + client.get("/").text + "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "path", ["img/12/1/1", "secret/12/1/1", "vec/0/0/0", "vec/19/1/1", "vec/3/8/1", "vec/3/1/8"]
)
def test_nothing_but_the_configured_layers_and_zooms(client: Any, tianditu: Any, path: str) -> None:
    assert client.get(f"/basemap/{path}").status_code == 404
    assert tianditu.asked == []


@pytest.mark.parametrize(
    "given", [(500, b""), (302, b""), (200, b"<html>quota</html>"), (200, b"\x89PNG" + b"0" * 700_000)]
)
def test_what_is_no_tile_is_refused_in_words_without_the_token(
    client: Any, tianditu: Any, given: Any, capfd: Any
) -> None:
    tianditu.answer = given
    answer = client.get("/basemap/vec/5/25/12")
    assert answer.status_code == 503 and answer.json()["code"] == "basemap-away"
    assert "地图仍可使用" in answer.json()["title"]
    assert TOKEN not in answer.text + "".join(capfd.readouterr())


def test_tiles_in_degrees_become_web_mercator(
    client: Any, tianditu: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YUDI_TIANDITU_MATRIX", "c")
    z, x, y = 10, 815, 422
    answer = client.get(f"/basemap/cva/{z}/{x}/{y}")
    assert answer.status_code == 200
    assert {a["path"] for a in tianditu.asked} == {"/cva_c/wmts"} and {
        a["TILECOL"] for a in tianditu.asked
    } == {str(x)}
    shown = np.asarray(Image.open(io.BytesIO(answer.content)).convert("L"))[:, 0].astype(int)
    for j in (0, 100, 255):
        # The row of a latitude, by the definition of both schemes.
        north = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (y + (j + 0.5) / 256) / 2**z))))
        row = (90 - north) / 360 * 2**z * 256
        assert shown[j] == int(row) % 256
        assert str(int(row) // 256) in {a["TILEROW"] for a in tianditu.asked}


def test_without_a_setting_there_is_nothing(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert basemap() is None and client.get("/basemap/vec/12/1/1").status_code == 404
    assert '"basemap"' not in client.get("/maps/boundaries").text
    monkeypatch.setenv("YUDI_BASEMAP_URL", "https://tiles.example/{z}/{x}/{y}.png")
    monkeypatch.setenv("YUDI_BASEMAP_APPROVAL", "试字第 2 号")
    for datum in ("wgs84", "gcj02"):
        monkeypatch.setenv("YUDI_BASEMAP_DATUM", datum)
        assert f'"datum":"{datum}"' in client.get("/maps/boundaries").text
    page = client.get("/maps/boundaries").text
    assert "审图号 试字第 2 号" in page and "tiles.example" not in page
    for name, bad in (("YUDI_BASEMAP_DATUM", "bd09"), ("YUDI_BASEMAP_URL", "file:///etc/{z}")):
        monkeypatch.setenv(name, bad)
        with pytest.raises(ValueError, match="YUDI_BASEMAP"):
            basemap()
        monkeypatch.setenv("YUDI_BASEMAP_DATUM", "wgs84")
