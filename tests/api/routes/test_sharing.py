"""What search engines and other sites are told: robots.txt, sitemap, Open Graph and schema.org of a place."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from api.pages import sitemap
from geo.names.categories import Category
from geo.settings import district
from geo.store import public
from geo.store.engine import sessions
from geo.terms import NameStatus
from tests import builders as b

MARKS = ["</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}${1}`", "a&b<!--"]


@pytest.fixture(scope="module")
def numbers(module_database: str) -> dict[str, int]:
    """A village with a hostile story, and a name that is not public."""
    with sessions("app").begin() as session:
        maker = b.person(session).id
        b.small_district(session, maker)
        village = b.place_name(
            session, maker, "老湾", Category.NATURAL_VILLAGE, unit_code=b.XINGLONG, point=(106.72, 29.84),
            meaning="".join(MARKS), facts={"story": "".join(MARKS)},
        )  # fmt: skip
        secret = b.place_name(session, maker, "拟用村", status=NameStatus.PROPOSED)
        public.refresh(session, district(b.DISTRICT), b.SINCE)
    return {"village": village.number, "secret": secret.number}


@pytest.fixture(autouse=True)
def filled(numbers: dict[str, int]) -> None:
    """Every test looks at these names."""


def places(text: str) -> list[str]:
    return [e.text or "" for e in ElementTree.fromstring(text).iter() if e.tag.endswith("}loc")]


def test_robots_names_the_sitemap_and_keeps_out_of_the_inner_pages(client: Any) -> None:
    said = client.get("/robots.txt").text
    assert "Disallow: /survey" in said and re.search(r"^Sitemap: http://\S+/sitemap\.xml$", said, re.M)


def test_the_sitemap_holds_every_public_name_and_nothing_else(
    client: Any, numbers: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "PART", 1)
    parts = places(client.get("/sitemap.xml").text)
    paths = ["/" + p.split("/", 3)[3] for p in parts]
    assert paths[0] == "/sitemaps/0.xml" and len(paths) == numbers["village"] + 1
    found = [place for path in paths for place in places(client.get(path).text)]
    assert any(p.endswith(f"/names/{numbers['village']}") for p in found)
    assert not any(p.endswith(f"/names/{numbers['secret']}") for p in found)
    for page in places(client.get("/sitemaps/0.xml").text):
        assert client.get("/" + page.split("/", 3)[3]).status_code == 200, page
    for bad in ("/sitemaps/99999.xml", "/sitemaps/99999999999.xml", "/sitemaps/x.xml"):
        assert client.get(bad).status_code == 404


def test_a_place_is_told_as_schema_org_has_it_and_its_words_stay_words(
    client: Any, numbers: dict[str, int]
) -> None:
    page = client.get(f"/names/{numbers['village']}").text
    told = json.loads(
        re.search(r'type="application/ld\+json" id="schema-place">(.*?)</script>', page, re.S)[1]
    )
    assert told["@type"] == "Place" and told["name"] == "老湾" and told["description"] == "".join(MARKS)
    assert told["geo"]["longitude"] == 106.72 and told["@id"] == told["url"]
    assert told["containedInPlace"]["name"] == "兴隆镇"
    assert "<script>alert" not in page and "<img src=x" not in page and "49" not in told["description"]
    head = page.partition("</head>")[0]
    assert re.search(r'<meta property="og:title" content="老湾（Lǎowān）">', head)
    assert head.count("</script>") == head.count("<script")
    assert f'href="/report?about=/names/{numbers["village"]}"' in page
    form = client.get(f"/report?about=/names/{numbers['village']}").text
    assert re.search(rf'value="{numbers["village"]}"', form)


def test_which_township_a_point_lies_in(client: Any) -> None:
    assert 'action="/where"' in client.get("/where?lon=106.72&lat=29.84").text
    said = client.post("/where", data={"lon": "106.72", "lat": "29.84"}).text
    assert "兴隆镇" in said and f"/maps/villages?township={b.XINGLONG}" in said
    assert "不在本行政区" in client.post("/where", data={"lon": "100", "lat": "29.84"}).text
    for bad in ("", "nan", "1e999", "200", "<script>", "{{7*7}}", "\u202e1"):
        answer = client.post("/where", data={"lon": bad, "lat": "29.84"})
        assert answer.status_code == 422 and "经度（-180 到 180）" in answer.text
        assert '<script>"' not in answer.text and "49" not in answer.text.partition("<form")[2][:400]
    home = client.get("/").text
    assert 'href="/where"' in home and 'href="/maps/elderly-care?group=meal&amp;open=1"' in home
