"""Frames for other sites and oEmbed: /embed alone may be framed, without cookies; unknown addresses are not found."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from api.embedding import NothingToEmbed, embedded, snippet
from api.security.permissions import TABLE

BASE = "http://testserver"
FRAMES = ("/embed/villages", "/embed/boundaries", "/embed/elderly-care", "/embed/areas")


@pytest.mark.parametrize("path", FRAMES)
def test_a_frame_is_for_every_site_and_knows_no_cookie(client: Any, path: str) -> None:
    answer = client.get(path + "?lang=en&at=2020-01-01", headers={"Cookie": "yudi_lang=zh; yudi_elder=1"})
    assert answer.status_code == 200, answer.text
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors *" in policy and "'unsafe" not in policy and "script-src 'nonce-" in policy
    assert "x-frame-options" not in answer.headers and "set-cookie" not in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    text = answer.text
    assert '<html lang="en">' in text and "Open the whole page" in text, "the address decides, not the cookie"
    assert 'class="full embed"' in text and "elder.css" not in text and "yudi_at" not in text
    assert "审图号" in client.get(path).text, "the approval number stands on a frame too"
    assert "/login" not in text and 'method="post"' not in text, "a frame is read-only"
    assert client.post(path).status_code == 405


def test_a_session_is_not_seen_in_a_frame(login_as: Any) -> None:
    from geo.terms import UserRole

    officer = login_as(UserRole.APPROVER)
    assert "内部版" in officer.get("/maps/boundaries").text
    assert "内部版" not in officer.get("/embed/boundaries").text


def test_nothing_else_may_be_framed(client: Any) -> None:
    for path in (
        "/",
        "/maps/villages",
        "/names",
        "/where",
        "/oembed",
        "/report",
        "/embedded",
        "/static/none.js",
        "/facilities",
    ):
        headers = client.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert headers["x-frame-options"] == "DENY", path
    for method, path in TABLE:
        assert not path.startswith("/embed/") or method == "GET", path


def test_pages_say_where_their_frame_is(client: Any) -> None:
    page = client.get("/maps/boundaries?at=2024-12-31").text
    url = quote(f"{BASE}/maps/boundaries?at=2024-12-31", safe="")
    for kind, form in (("application/json", "json"), ("text/xml", "xml")):
        assert (
            f'<link rel="alternate" type="{kind}+oembed" href="{BASE}/oembed?url={url}&amp;format={form}"'
            in page
        )
    assert f'data-frame="{BASE}/embed/boundaries?at=2024-12-31"' in page


def test_the_home_page_and_the_areas_have_the_frames_of_their_maps(client: Any) -> None:
    for page, frame, title in (
        ("/", "/embed/boundaries", "渝北区界线图"),
        ("/facilities/areas?at=2024-06-30", "/embed/areas?at=2024-06-30", "渝北区政策区域图"),
    ):
        said = client.get("/oembed", params={"url": BASE + page}).json()
        assert f'src="{BASE}{frame}"' in said["html"] and said["title"] == title
    page = client.get("/facilities/areas").text
    assert f'data-frame="{BASE}/embed/areas"' in page and "json+oembed" in page


def test_oembed_in_both_formats_within_the_consumers_limits(client: Any) -> None:
    url = f"{BASE}/maps/villages?township=500112101&evil=1&lang=en#v=12.5/29.8/106.7&township=3"
    told = client.get("/oembed", params={"url": url, "maxwidth": 400, "maxheight": 300})
    assert told.status_code == 200 and told.headers["access-control-allow-origin"] == "*"
    said = told.json()
    assert (said["version"], said["type"], said["width"], said["height"]) == ("1.0", "rich", 400, 300)
    assert said["title"] == "Map of village names, Yubei District" and said["provider_url"] == BASE + "/"
    frame = f"{BASE}/embed/villages?township=500112101&amp;lang=en#v=12.5/29.8/106.7&amp;township=3"
    assert f'<iframe src="{frame}"' in said["html"] and 'width="400" height="300"' in said["html"]
    xml = client.get("/oembed", params={"url": f"{BASE}/maps/elderly-care", "format": "xml"})
    assert xml.headers["content-type"].startswith("text/xml")
    root = ElementTree.fromstring(xml.text)
    assert root.tag == "oembed" and root.findtext("title") == "渝北区养老地图"
    assert f'src="{BASE}/embed/elderly-care"' in (root.findtext("html") or "")


@pytest.mark.parametrize(
    "url",
    [
        "http://other.example/maps/villages", "https:/maps", f"{BASE}/login", f"{BASE}/maps/secret", f"{BASE}/names/0",
        f"{BASE}/names/999999", f"{BASE}/places/999999", f"{BASE}/names/{'9' * 30}", "javascript:alert(1)", "http://[", "",
    ],
)  # fmt: skip
def test_what_cannot_be_framed_is_not_found(client: Any, url: str) -> None:
    assert client.get("/oembed", params={"url": url}).status_code == 404


def test_other_formats_and_nonsense(client: Any) -> None:
    answer = client.get("/oembed", params={"url": f"{BASE}/maps/villages", "format": "yaml"})
    assert answer.status_code == 501 and answer.json()["title"] == "只提供 json 和 xml 两种格式"
    assert client.get("/oembed").status_code == 422
    for limit in ("0", "-5", "x", "1e9"):
        answer = client.get("/oembed", params={"url": f"{BASE}/maps/villages", "maxwidth": limit})
        assert answer.status_code == 422, limit
    assert "/maps/" in NothingToEmbed.title.zh and "/maps/" in NothingToEmbed.title.en


@pytest.mark.parametrize("hostile", ['"><script>alert(1)</script>', "</iframe>{{7*7}}", "‮乱"])
def test_a_hostile_title_stays_text_in_the_snippet(hostile: str) -> None:
    made = snippet("http://x/embed/names/1", hostile, "100%", 300)
    root = ElementTree.fromstring(made)
    assert root.get("title") == hostile and len(root) == 0
    assert embedded("/names/1", {"at": '"><b>', "next": "x"}).frame == "/embed/names/1?at=%22%3E%3Cb%3E"  # type: ignore[union-attr]
