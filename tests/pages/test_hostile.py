"""Hostile names through everything that people and programs read: pages, lists, maps with their tooltips and cards,
feeds, files, tiles and leaflets show them as text. (Single maps, sheets and documents have tests of their own too.)"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import lxml.etree
import lxml.html
import mapbox_vector_tile
import pypdf
import pytest
from sqlalchemy import text

from geo.names.categories import Category
from geo.store.engine import sessions
from tests import builders as b
from tests.demonstration import someone
from tests.hostile import HOSTILE, WORKED_OUT, harm
from tests.pages.conftest import until_page
from tests.pages.every_page import PAGES, records

#: Texts of the demonstration that give way to hostile ones: table, column, and which rows.
SPOILED = (
    ("facility", "name", "true"),
    ("facility", "address", "address is not null"),
    ("facility", "operator", "operator is not null"),
    ("programme_item", "title", "true"),
    ("programme_item", "says", "true"),
    ("programme_item", "responsible", "true"),
    ("place_name_application", "name", "number is not null"),
    ("place_name_application", "contact_name", "number is not null"),
    ("announcement", "title", "true"),
    ("announcement", "says", "true"),
    ("protection_list", "title", "true"),
    ("protection_entry", "reasons", "true"),
    ("public_comment", "says", "true"),
    ("error_report", "says", "true"),
    ("demarcation", "name", "true"),
    ("admin_unit", "name", "level = 'township'"),
    ("policy_area", "name", "true"),
    ("community_area", "name", "true"),
    ("organisation", "name", "true"),
    ("app_user", "name", "login <> 'system'"),
    ("name_plan", "title", "true"),
)
#: Whose are repeated where there are more rows than hostile texts: unique names get a number behind them.
UNIQUE = {"organisation"}
#: Pages that show every one of them, and others that show some.
WHOLE = (
    "/facilities", "/facilities/coverage", "/figures", "/maps/boundaries", "/maps/elderly-care", "/maps/villages", "/names/check",
    "/names/{number:int}", "/registry/audit", "/registry/{number}", "/review", "/apply/{key}",
)  # fmt: skip
SOME = (
    "/", "/account", "/announcements", "/announcements/{year:int}/{serial:int}", "/applications/{number}", "/apply", "/apply/plans/{ref}",
    "/boundaries/{code}", "/comments", "/comments/{number}", "/facilities/areas", "/facilities/compare", "/facilities/sites",
    "/facilities/{number:int}", "/names", "/programme", "/protection", "/protection/{list_id}", "/registry", "/reports",
    "/review/plans/{ref}", "/review/{number}", "/survey/{number}", "/admin/audit", "/admin/claims", "/admin/users", "/embed/villages",
)  # fmt: skip
STORY = "；".join(HOSTILE)
AT = (106.6, 29.75)


@pytest.fixture(scope="module")
def known(site: Any) -> dict[str, str]:
    """The demonstration with hostile texts, and what the addresses of its pages name."""
    found = records()
    with sessions("app").begin() as session:
        maker = someone(session, "registrar").id
        for i, name in enumerate(HOSTILE):
            row = b.place_name(
                session, maker, name, Category.NATURAL_VILLAGE, point=(AT[0] + i / 500, AT[1]), unit_code="500112133", importance=90,
                meaning=STORY, origin=STORY, history=STORY, facts={"story": STORY}, sources=[{"title": STORY}], document=STORY,
            )  # fmt: skip
            found[f"hostile{i}"] = str(row.number)
        found["number"] = found["hostile0"]
    with sessions("owner").begin() as session:
        for table, column, where in SPOILED:
            session.execute(text(f"alter table {table} disable trigger user"))
            told = "(cast(:texts as text[]))[1 + s.n % :many]" + (" || s.n" if table in UNIQUE else "")
            session.execute(
                text(
                    f"update {table} t set {column} = {told} from (select ctid as at, row_number() over () as n"
                    f" from {table} where {where}) s where t.ctid = s.at"
                ),
                {"texts": list(HOSTILE), "many": len(HOSTILE)},
            )
            session.execute(text(f"alter table {table} enable trigger user"))
    return found


@pytest.fixture(scope="module")
def client(site: Any, known: dict[str, str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, timeout=60) as made:
        yield made


@pytest.fixture(scope="module")
def tokens(site: Any, client: httpx.Client) -> dict[str | None, dict[str, str]]:
    """Headers of every account that a page is visited by."""
    made: dict[str | None, dict[str, str]] = {None: {}}
    for login in {v.login for visits in PAGES.values() for v in visits if v.login}:
        body = {"user": login, "password": site.passwords[login], "kind": "token"}
        made[login] = {
            "Authorization": f"Bearer {client.post('/api/v1/sessions', json=body).json()['token']}"
        }
    return made


def squeezed(said: str) -> str:
    return "".join(said.split())


def test_every_page_shows_them_as_text(client: httpx.Client, known: dict[str, str], tokens: Any) -> None:
    seen: dict[str, set[str]] = {}
    for path, visits in PAGES.items():
        for visit in visits:
            client.cookies.clear()  # a date that was looked at is kept in one
            answer = client.get(
                visit.address.format(**known), headers={"Accept": "text/html", **tokens[visit.login]}
            )
            assert answer.status_code == 200, (visit, answer.status_code)
            page = lxml.html.fromstring(answer.text)
            assert harm(page) == [], (visit, harm(page))
            assert WORKED_OUT not in answer.text, visit
            said = squeezed(page.text_content())
            seen.setdefault(path, set()).update(h for h in HOSTILE if squeezed(h) in said)
    assert {p: set(HOSTILE) - seen[p] for p in WHOLE if set(HOSTILE) - seen[p]} == {}
    assert [p for p in SOME if not seen[p]] == []


def strings(value: Any) -> Iterator[str]:
    """Every text in a parsed answer."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def test_programs_get_them_whole(client: httpx.Client, known: dict[str, str]) -> None:
    for path in (
        "/api/v1/maps/villages?at=2024-12-31",
        "/api/v1/facilities?limit=500",
        "/api/v1/programme/items?limit=200",
        "/api/v1/published/facilities.geojson",
        "/ogc/collections/villages/items?f=json&limit=1000&bbox=106.59,29.74,106.63,29.76",
        "/ogc/collections/facilities/items?f=json&limit=500",
        "/api/v1/place-names/download.geojson?category=自然村",
        "/api/v1/place-names/download.lpf.json",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.text[:200])
        held = set(strings(answer.json()))
        assert set(HOSTILE) <= held, (path, set(HOSTILE) - held)
    for i, name in enumerate(HOSTILE):
        record = client.get(f"/api/v1/place-names/{known[f'hostile{i}']}").json()
        assert record["name"] == name and record["meaning"] == STORY
        # Linked Data by the stable address: Linked Places, and what stands in the page for search engines.
        uri = f"/names/{known[f'hostile{i}']}"
        linked = client.get(uri, headers={"Accept": "application/ld+json"}, follow_redirects=True)
        feature = linked.json()["features"][0]
        assert (
            linked.headers["content-type"] == "application/ld+json" and feature["properties"]["title"] == name
        )
        assert re.fullmatch(r"http://[^/]+/places/[0-9]+", feature["@id"]), "no name is part of it"
        page = lxml.html.fromstring(client.get(uri, headers={"Accept": "text/html"}).text)
        (block,) = page.xpath("//script[@type='application/ld+json']/text()")
        assert json.loads(block)["name"] == name and "</" not in block and harm(page) == []
    for path in ("/api/v1/place-names/download.csv", "/api/v1/published/facilities.csv"):
        rows = list(csv.reader(io.StringIO(client.get(path).content.decode("utf-8-sig"))))
        cells = {cell for row in rows for cell in row}
        # What a spreadsheet would work out stands behind an apostrophe.
        assert {h for h in HOSTILE if not h.startswith("=")} <= cells, path
        assert "=7919*7877" not in cells and "'=7919*7877" in cells, path
    feed = lxml.etree.fromstring(client.get("/announcements.atom").content)
    assert any(h in t for t in feed.itertext() for h in HOSTILE)
    assert not feed.xpath("//*[local-name()='x-evil']")
    for part in ("/sitemap.xml", "/sitemaps/0.xml"):
        lxml.etree.fromstring(client.get(part).content)


def test_tiles_and_leaflet_hold_them(client: httpx.Client) -> None:
    import math

    z = 14
    y = math.asinh(math.tan(math.radians(AT[1])))
    x0, x1 = (int((lon + 180) / 360 * 2**z) for lon in (AT[0], AT[0] + len(HOSTILE) / 500))
    row = int((1 - y / math.pi) / 2 * 2**z)
    held: set[str] = set()
    for x in range(x0, x1 + 1):
        tile = mapbox_vector_tile.decode(client.get(f"/tiles/villages/{z}/{x}/{row}.mvt").content)
        held |= {s for layer in tile.values() for f in layer["features"] for s in strings(f["properties"])}
    assert set(HOSTILE) <= held, set(HOSTILE) - held
    client.cookies.clear()
    place = client.get("/api/v1/facilities?kind=E02&limit=1").json()["items"][0]
    made = client.post(
        "/facilities/leaflet",
        data={"lon": place["lon"], "lat": place["lat"], "minutes": "30", "profile": "carer"},
    )
    said = squeezed("".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(made.content)).pages))
    assert any(squeezed(h) in said for h in HOSTILE if h.isascii()) and WORKED_OUT not in said


def test_maps_draw_list_and_open_them_and_nothing_runs(visit: Any, known: dict[str, str]) -> None:
    """On the console nothing is said, no script of a name runs, and the card shows the name."""
    page = visit("phone", "reviewer", gl=False)
    page.add_init_script("window.evil = () => console.error('a name ran')")
    page.goto("/maps/villages#q=" + "坝")
    page.wait_for_selector("[data-stage][data-names]")
    for name in (HOSTILE[0], HOSTILE[2], HOSTILE[4]):
        page.goto("/maps/villages")
        page.wait_for_selector("[data-stage][data-names]")
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        page.fill("#village-q", name)
        until_page(page, lambda: "q=" in page.url, "what was typed to settle: rows move until then")
        row = page.locator("[data-rows] .row").filter(has=page.locator(".row-name", has_text=name)).first
        row.click()
        until_page(page, lambda n=name: page.locator(".card-title").inner_text() == n, name)
        until_page(page, lambda: HOSTILE[1] in page.locator("[data-card]").inner_text(), "the story")
    page.goto("/maps/elderly-care")
    page.wait_for_selector("[data-stage][data-ready]")
    shown = page.locator(".care-item:not([hidden])").first
    name = shown.locator("h3").inner_text()
    shown.locator("[data-show]").click()
    assert page.locator(".card-title").inner_text() == name in HOSTILE
    for path in ("/", "/maps/boundaries", f"/names/{known['hostile1']}", f"/boundaries/{known['line']}", f"/review/{known['case']}",
                 f"/comments/{known['comment']}", "/facilities/areas", "/where", "/names/check?name=<x-evil>"):  # fmt: skip
        page.goto(path)
        if page.locator("[data-stage]").count():
            page.wait_for_selector("[data-stage][data-ready]")
            if page.locator("[data-way]").count():
                page.locator("[data-way]").first.evaluate("e => e.click()")
        assert page.locator("x-evil, img[src=x]").count() == 0, path
    page.goto("/")
    page.fill("#q", HOSTILE[2][:6])
    page.wait_for_timeout(400)
    assert page.locator("x-evil, img[src=x]").count() == 0
    assert (
        page.evaluate(
            "JSON.stringify([...document.scripts].every((s) => s.nonce || s.type.includes('json')))"
        )
        == "true"
    )
