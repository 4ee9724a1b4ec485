"""Without a map-approval number (审图号) public maps are for this machine alone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.app import create_app
from api.security import map_fence
from api.security.settings import DoorSettings, is_loopback
from tests.api.conftest import TestClient

MAPS = (
    "/maps/boundaries", "/maps/villages", "/maps/elderly-care",
    "/api/v1/maps/villages", "/tiles/villages/9/1/1.mvt", "/ogc/collections/villages/tiles/WebMercatorQuad/9/1/1",
)  # fmt: skip
OPEN = ("/", "/names", "/facilities", "/healthz", "/ogc/collections", "/api/v1/place-names?q=x")


def visitor(**settings: Any) -> Any:
    return TestClient(create_app(settings=DoorSettings(**settings)))


def test_for_others_every_map_is_refused_with_a_sentence(module_database: str) -> None:
    with visitor(host="0.0.0.0") as client:
        headers = {"Host": "127.0.0.1"}
        for path in MAPS:
            answer = client.get(path, headers=headers)
            assert answer.status_code == 403, path
            said = answer.json()
            assert said["code"] == "map-not-approved"
            assert "审图号" in said["title"] and "YUDI_MAP_APPROVAL" in said["title"]
            assert "--host" in said["title_en"] and "reviewed" in said["title_en"]
        assert (
            client.post("/facilities/leaflet", data={"lon": "1", "lat": "1"}, headers=headers).status_code
            == 403
        )
        page = client.get("/maps/villages", headers=headers | {"Accept": "text/html"})
        assert page.status_code == 403 and "未配置审图号，公众地图只能在本机查看" in page.text
        for path in OPEN:
            assert client.get(path, headers=headers).status_code == 200, path
        home = client.get("/", headers=headers).text
        assert 'id="map-data"' not in home and "leaflet" not in home, "the home page comes without its map"
        assert '<p class="map-refused" role="note">未配置审图号' in home
        assert "No map-approval number is configured" in client.get("/?lang=en", headers=headers).text


def test_here_or_with_a_number_maps_are_shown(module_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUDI_MAP_APPROVAL", "试字第 1 号")
    with visitor(host="0.0.0.0", map_approval="试字第 1 号") as client:
        headers = {"Host": "127.0.0.1"}
        page = client.get("/maps/boundaries", headers=headers)
        assert page.status_code == 200 and "审图号：试字第 1 号" in page.text
        assert client.get("/tiles/villages/9/1/1.mvt", headers=headers).status_code == 200
        home = client.get("/", headers=headers).text
        assert 'id="map-data"' in home and "map-refused" not in home


def test_listening_and_the_public_address_both_count() -> None:
    assert DoorSettings(host="10.1.2.3").maps_fenced
    assert DoorSettings(public_url="https://yudi.example").maps_fenced, "a front server serves it to others"
    assert not DoorSettings().maps_fenced
    assert not DoorSettings(host="::1", public_url="http://localhost:8000").maps_fenced
    assert not DoorSettings(public_url="https://yudi.example", map_approval="试字第 1 号").maps_fenced


def test_who_works_with_results_keeps_the_maps_of_the_work(module_database: str) -> None:
    class Officer:
        @staticmethod
        def holds(*roles: Any) -> bool:
            return True

    away = DoorSettings(host="0.0.0.0")
    map_fence.guard("/maps/boundaries", away, Officer())  # type: ignore[arg-type]
    assert not map_fence.fenced(away, Officer())  # type: ignore[arg-type]
    with pytest.raises(map_fence.MapNotApproved):
        map_fence.guard("/maps/villages", away, Officer())  # type: ignore[arg-type]
    with pytest.raises(map_fence.MapNotApproved):
        map_fence.guard("/maps/boundaries", away, None)


def test_what_is_a_loopback_address() -> None:
    for host in ("127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"):
        assert is_loopback(host), host
    for host in ("0.0.0.0", "::", "10.1.2.3", "yudi.example", ""):
        assert not is_loopback(host), host
    assert not re.search(r"\d", map_fence.MapNotApproved.title.zh.replace("--host", "")), (
        "no number is invented"
    )
