"""Every page at every size, in both versions and languages: nothing fails, nothing runs out of the page, axe finds
nothing. `./yudi test` opens each at 320 px in Chinese and turns it to 1440 px; `./yudi test --all` opens each anew for
every place of the matrix."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest

from api.doors import LANGUAGE_COOKIE
from api.pages.rendering import ELDER_COOKIE
from api.security.permissions import TABLE
from api.setup.demo.accounts import PEOPLE
from tests.pages.conftest import WITHOUT_GL, Site, watch
from tests.pages.every_page import FOR_MACHINES, NO_PAGES, NOTHING_INVENTED, PAGES, Visit, records
from tests.pages.looking import LOW, SMALL_TARGETS, SMALL_TEXT, WIDE, violations

WIDTHS = {320: 640, 768: 1024, 1440: 900}
MATRIX = sorted(product(WIDTHS, ("standard", "elder"), ("zh", "en")))
EVERY_RUN = ((320, 1440), "standard", "zh")


@dataclass
class Walk:
    """One tab for all pages. troubles: what its console and its requests said since they were last asked for."""

    page: Any
    site: Site
    records: dict[str, str]
    cookies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)

    def as_(self, login: str | None, version: str, language: str) -> None:
        """Be somebody, with a version and a language chosen before."""
        context = self.page.context
        if login and login not in self.cookies:
            body = {"user": login, "password": self.site.passwords[login], "kind": "cookie"}
            context.clear_cookies()
            assert context.request.post("/api/v1/sessions", data=body).status == 201
            self.cookies[login] = context.cookies()
        chosen = {LANGUAGE_COOKIE: language, ELDER_COOKIE: "1" if version == "elder" else "0"}
        context.clear_cookies()
        context.add_cookies(
            [*self.cookies.get(login or "", []), *({"name": n, "value": v, "url": self.site.url} for n, v in chosen.items())]
        )  # fmt: skip

    def see(self, visit: Visit, widths: tuple[int, ...], version: str, language: str) -> list[str]:
        """What is wrong with a page that is opened at the first width and turned to the others."""
        page = self.page
        self.as_(visit.login, version, language)
        self.turn(widths[0])
        address = visit.address.format(**self.records)
        framed = address.startswith("/embed/")  # without cookies: the address says all
        answer = page.goto(f"{address}?lang={language}" if framed else address)
        wrong = [] if answer.status == 200 else [f"answers {answer.status}"]
        scripts = re.findall(r"script-src ([^;]*)", answer.headers.get("content-security-policy", ""))
        if len(scripts) != 1 or not re.fullmatch(r"'nonce-[\w-]{20,}'|'none'", scripts[0].strip()):
            wrong.append(f"scripts are let in by {scripts}")
        if page.locator("[data-stage]").count():
            page.wait_for_selector("[data-stage][data-ready]")
            if {"zh": "审图号", "en": "approval"}[language] not in page.locator(
                "[data-stage] .foot"
            ).first.inner_text():
                wrong.append("its map says no approval number")
        if page.locator("h1").count() != 1 or not page.title():
            wrong.append("is not headed and titled once")
        excused = language == "en" or visit.address in NOTHING_INVENTED
        if not excused and "演示" not in page.locator("body").inner_text():
            wrong.append("does not say that its data are for demonstration")
        dated = page.locator("header .date summary")
        if dated.count() and "at=" not in address and "2024-12-31" not in dated.inner_text():
            wrong.append("does not say the date looked at")
        bilingual = address.startswith(
            "/ogc"
        )  # documents for those who build on them: both languages at once
        if (
            not bilingual
            and page.locator("html").get_attribute("lang") != {"zh": "zh-CN", "en": "en"}[language]
        ):
            wrong.append("speaks another language")
        large = version == "elder" and not framed and not bilingual
        for width in widths:
            self.turn(width)
            wrong += [f"at {width} px: {w}" for w in self.stands(width, large)]
            if folder := os.environ.get("YUDI_PICTURES"):
                name = re.sub(r"\W+", "-", visit.address).strip("-") or "home"
                page.screenshot(
                    path=f"{folder}/{name}-{visit.login}-{width}-{version}-{language}.png", full_page=True
                )
        wrong += self.troubles
        self.troubles.clear()
        return [f"{visit.address} as {visit.login or 'anybody'}, {version}, {language}: {w}" for w in wrong]

    def turn(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": WIDTHS[width]})

    def stands(self, width: int, large: bool) -> list[str]:
        """What is wrong with the page as it lies there. large: it is one of the elder version."""
        page = self.page
        wrong = list(page.evaluate(WIDE))
        if width == 320:
            wrong += page.evaluate(LOW)
        wrong += violations(page)
        if large:
            wrong += [f"small text: {t}" for t in page.evaluate(SMALL_TEXT)[:4]]
            wrong += [f"small target: {t}" for t in page.evaluate(SMALL_TARGETS)[:4]]
        return wrong


@pytest.fixture(scope="module")
def walk(site: Site, browser: Any) -> Iterator[Walk]:
    context = browser.new_context(base_url=site.url, locale="zh-CN")
    context.set_default_timeout(60_000)
    context.add_init_script(WITHOUT_GL)
    made = Walk(context.new_page(), site, records())
    watch(made.page, made.troubles, ())
    yield made
    context.close()


def test_no_page_is_forgotten() -> None:
    """What answers a GET is a page that is visited, a part of one, or for programs alone."""
    paths = {p for method, p in TABLE if method == "GET" and not p.startswith(FOR_MACHINES)}
    assert paths == {*PAGES, *NO_PAGES}, paths ^ {*PAGES, *NO_PAGES}
    assert not set(PAGES) & set(NO_PAGES)
    roles = {login: {str(r.value) for r in held} for login, _, held, _ in PEOPLE}
    for path, visits in PAGES.items():
        access = TABLE["GET", path]
        for visit in visits:
            may = access.public or (
                visit.login and (not access.roles or roles[visit.login] & {r.value for r in access.roles})
            )
            assert may, (path, visit)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_stands_on_a_small_phone_and_on_a_desk(walk: Walk, path: str) -> None:
    wrong = [w for visit in PAGES[path] for w in walk.see(visit, *EVERY_RUN)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.full
@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "version", "language"), MATRIX)
def test_a_page_stands_in_every_way(walk: Walk, path: str, width: int, version: str, language: str) -> None:
    wrong = [w for visit in PAGES[path] for w in walk.see(visit, (width,), version, language)]
    assert not wrong, "\n".join(wrong)
