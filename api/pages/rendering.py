"""Rendering: what every page shows around its own content. Templates are escaped, scripts carry the nonce.

Page wording stands in api/locale/pages.json, Chinese and English side by side; a test keeps both full.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.doors import LANGUAGE_COOKIE, Sight, district_of, language, reading, secure, seeing
from api.errors import status_of as status_of
from api.security import map_fence
from api.security.access import OFFICERS, WORKERS
from api.security.person import Person
from geo import days, settings
from geo.problems import NotLoggedIn
from geo.terms import LINE_STATE_NAMES, LineState, UserRole
from geo.text import Text
from maps.page import MapParts
from maps.panels import line_swatch
from maps.sheets.words import NO_APPROVAL
from maps.theme import STATE_COLOURS, STATE_DASHES

HERE = Path(__file__).resolve().parent
LOCALE = HERE.parent / "locale" / "pages.json"
STATIC = HERE.parent / "static"

#: The cookie of the date that a reader chose to look at; gone with the browser's session.
DATE_COOKIE = "yudi_at"

#: 长辈版: kept like the language.
ELDER_COOKIE = "yudi_elder"


@cache
def words() -> Mapping[str, Text]:
    """Every sentence of the pages by key."""
    raw = json.loads(LOCALE.read_text(encoding="utf-8"))
    return {key: Text(*pair) for key, pair in raw.items()}


@cache
def sentences(spoken: str) -> Mapping[str, str]:
    """Every sentence in one language: a page asks for hundreds."""
    return {key: text.in_language(spoken) for key, text in words().items()}


@cache
def notices() -> frozenset[str]:
    """Keys of the sentences that say what was done."""
    return frozenset(key for key in words() if key.startswith("done_"))


def approval(spoken: str) -> str:
    """审图号 of the maps (`YUDI_MAP_APPROVAL`), or the words that there is none."""
    import os

    return os.environ.get("YUDI_MAP_APPROVAL", "").strip() or NO_APPROVAL.in_language(spoken)


def viewing_date(request: Request) -> date:
    """The date that the reader looks at: `?at=`, else his choice kept in a cookie, else the setting.

    A date that cannot be read is no choice; an empty one takes the choice back.
    """
    asked, kept = request.query_params.get("at"), request.cookies.get(DATE_COOKIE)
    for given in (asked, None if asked == "" else kept):
        if given:
            try:
                return date.fromisoformat(given)
            except ValueError:
                continue
    return settings.as_of()


def elder(request: Request) -> bool:
    """Whether the reader wants the elder version (长辈版): `?elder=1` or 0, else as he chose before."""
    return (request.query_params.get("elder") or request.cookies.get(ELDER_COOKIE)) == "1"


def person_of(request: Request) -> Person | None:
    """Who is logged in, as the gate found out."""
    known = getattr(request.state, "known", None)
    return None if known is None else known.person


def actor_of(request: Request) -> Person:
    """Who acts by a form. Raises NotLoggedIn."""
    actor = person_of(request)
    if actor is None:
        raise NotLoggedIn()
    return actor


@cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["moment"] = moment
    made.filters["readable"] = readable
    made.globals["static"] = static
    return made


def static(name: str) -> str:
    """Address of one of our own files, with its time of change so that a new version is fetched."""
    path = STATIC / name
    stamp = int(path.stat().st_mtime) if path.is_file() else 0
    return f"/static/{name}?v={stamp:x}"


def moment(value: Any) -> str:
    """A point in time as Chinese offices read it: date and minute in Beijing time."""
    if value is None:
        return ""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(days.SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return str(value)


def readable(value: Any) -> str:
    """A JSON value over several lines."""
    return json.dumps(value, ensure_ascii=False, indent=1)


def swatch(state: str) -> Markup:
    """The line symbol of a state, as the maps draw it."""
    of = LineState(state)
    return line_swatch(STATE_COLOURS[of], STATE_DASHES[of])


def around(request: Request) -> dict[str, Any]:
    """What the base layout needs: language, person, date, navigation, tokens."""
    spoken = language(request)
    person = person_of(request)
    known = getattr(request.state, "known", None)
    at = viewing_date(request)
    district = district_of(request)

    known_words = sentences(spoken)

    def t(key: str, **values: object) -> str:
        text = known_words[key]
        return text.format(**values) if values else text

    def said(text: Text) -> str:
        return text.in_language(spoken)

    other = {**dict(request.query_params), "lang": "zh" if spoken == "en" else "en"}
    large = {**dict(request.query_params), "elder": "0" if elder(request) else "1"}
    navigation = [
        ("/maps/boundaries", t("nav_map")),
        ("/maps/villages", t("nav_villages")),
        ("/maps/elderly-care", t("nav_care")),
    ]
    if person and person.holds(*WORKERS):
        navigation.append(("/survey", t("nav_survey")))
    if person and person.holds(*OFFICERS):
        navigation.append(("/review", t("nav_review")))
    if person and person.holds(UserRole.REGISTRAR, UserRole.ADMINISTRATOR):
        navigation.append(("/registry", t("nav_registry")))
    navigation.append(("/names", t("nav_search")))
    navigation.append(("/names/check", t("nav_names")))
    navigation.append(("/announcements", t("nav_announcements")))
    navigation.append(("/apply", t("nav_apply")))
    navigation.append(("/dashboard", t("nav_dashboard")))
    if person and person.holds(UserRole.ADMINISTRATOR):
        navigation.append(("/admin/users", t("nav_admin")))
    return {
        "t": t,
        "said": said,
        "lang": spoken,
        "html_lang": "en" if spoken == "en" else "zh-CN",
        "person": person,
        "csrf": (known.csrf or "") if known else "",
        "nonce": getattr(request.state, "nonce", ""),
        "at": at,
        "today": days.today(),
        "default_date": settings.as_of(),
        "district": district.name_en if spoken == "en" else district.name,
        "district_settings": district,
        "navigation": navigation,
        "path": request.url.path,
        "language_href": f"{request.url.path}?{urlencode(other)}",
        "elder": elder(request),
        "elder_href": f"{request.url.path}?{urlencode(large)}",
        "approval": approval(spoken),
        "line_state": lambda state: said(LINE_STATE_NAMES[LineState(state)]),
        "line_states": list(LineState),
        "state_swatch": swatch,
        "notice": request.query_params.get("done"),
        "notices": notices(),
        "demo": False,
        "map": None,
    }


def page(request: Request, template: str, *, status: int = 200, **content: Any) -> Response:
    """One page. Keeps the language and the date that the reader chose by address."""
    context = {**around(request), **content}
    if isinstance(context["map"], MapParts) and map_refused(request):
        context["map"] = stand_in(context["map"], context["lang"])
    response = HTMLResponse(environment().get_template(template).render(context), status_code=status)
    keep(request, response)
    return response


def map_refused(request: Request) -> bool:
    """Whether the map of a page that everybody may open stays away, as nobody has approved it."""
    access = getattr(request.state, "access", None)
    public = access is None or access.public
    return public and map_fence.fenced(request.app.state.settings, person_of(request))


def stand_in(parts: MapParts, spoken: str) -> MapParts:
    """What stands in a map's place: the sentence that says why and what to do."""
    said = map_fence.MapNotApproved.title.in_language(spoken)
    head = Markup('<link rel="stylesheet" href="{}">\n').format(static("css/tokens.css"))
    return replace(
        parts,
        head=head,
        body=Markup('<p class="map-refused" role="note">{}</p>').format(said),
        scripts=Markup(),
    )


def keep(request: Request, response: Response) -> None:
    """Remember a language, a date or the elder version given in the address."""
    https = secure(request)
    if request.query_params.get("lang") in ("zh", "en"):
        response.set_cookie(
            LANGUAGE_COOKIE,
            request.query_params["lang"],
            max_age=31_536_000,
            samesite="lax",
            httponly=True,
            secure=https,
        )
    if request.query_params.get("elder") in ("0", "1"):
        response.set_cookie(
            ELDER_COOKIE,
            request.query_params["elder"],
            max_age=31_536_000,
            samesite="lax",
            httponly=True,
            secure=https,
        )
    if "at" in request.query_params:
        given = request.query_params["at"]
        if given:
            response.set_cookie(
                DATE_COOKIE, viewing_date(request).isoformat(), samesite="lax", httponly=True, secure=https
            )
        else:
            response.delete_cookie(DATE_COOKIE)


@contextmanager
def sight_of(request: Request) -> Iterator[Sight]:
    """What this reader may see, for a page that is shown again after a refused form."""
    with contextmanager(seeing)(request, request.state.known) as sight:
        yield sight


@contextmanager
def reading_of(request: Request) -> Iterator[Session]:
    """A read-only session of the app role, for a page of officers and surveyors that is shown again."""
    with contextmanager(reading)(request) as session:
        yield session


def error_page(request: Request, status: int, title: Text) -> Response:
    """An error in the site's own clothes (see api.errors)."""
    return page(
        request, "error.html", status=status, code=status, title=title,
        request_id=getattr(request.state, "request_id", ""),
    )  # fmt: skip
