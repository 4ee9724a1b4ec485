"""养老地图 /maps/elderly-care, the list /facilities, comparing, coverage: what everybody may see."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from shapely.geometry import shape
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import care
from api.doors import (
    At,
    District,
    Language,
    PublicReading,
    Reading,
    district_of,
    language,
    public_of,
    reading,
    take_turn,
)
from api.keeping import kept_json
from api.nearby import near
from api.pages.facility_words import w
from api.pages.figure_words import how
from api.pages.passing_on import sharing
from api.pages.rendering import approval, page, person_of, status_of, viewing_date
from api.sharing import base_of
from geo.facilities.compare import NotToCompare, compare
from geo.facilities.facility import Facility
from geo.facilities.kinds import CARE, GROUPS, kinds
from geo.problems import BadInput
from geo.settings import DistrictSettings
from geo.store import facilities as store
from geo.store.kept import kept
from geo.store.published_units import units
from geo.terms import UserRole
from geo.text import Text
from geo.walking.model import PROFILES, Profile
from maps import area_map, care_leaflet, care_list, care_map
from maps.boundary_map import About
from maps.care_list import Item, fits
from maps.page import Assets, MapParts
from maps.words import word

router = APIRouter(include_in_schema=False)
EDITORS = (UserRole.FACILITY_EDITOR, UserRole.ADMINISTRATOR)
FILTERS = ("group", "unit", "mode", "service", "open", "q")
#: What else of the address the links between the parts of the list keep, where no cookie does.
CARRIED = ("at", "lang", "elder")


def filters(request: Request) -> dict[str, str]:
    """The reader's filters as the address gives them; what is no filter of ours is left out."""
    given = {k: request.query_params.get(k, "").strip()[:50] for k in FILTERS}
    return {k: v for k, v in given.items() if v}


def care_items(
    session: Session, district: str, at: date, groups: tuple[str, ...] = CARE, moment: care.Moment | None = None
) -> Sequence[Item]:  # fmt: skip
    """Facilities of the map on a date, canteens first, then by township. moment: when they are asked for, now unless
    given."""
    when = moment or care.Moment.now(at)

    def found() -> Sequence[Facility]:
        codes = [k.code for k in kinds().values() if k.group in groups]
        order = {g: i for i, g in enumerate(groups)}
        every = store.facilities(session, at, district=district, kind_codes=codes)
        return sorted(every, key=lambda f: (order[f.of.group], f.unit_code, f.number))

    def made() -> Sequence[Item]:
        every = kept(session, ("facilities", district, at, groups), found)
        return tuple(Item(f, s) for f, s in zip(every, when.standings(every), strict=True))

    return kept(session, ("care", district, at, groups), made, also=when.local)


def outlines(session: Session, district: str, at: date) -> Sequence[tuple[str, Any]]:
    """Name and outline of the townships on a date."""

    def made() -> Sequence[tuple[str, Any]]:
        rows = units(session, at=at, after="", limit=500, level="township", parent=district, shapes=True)
        return tuple((r["name"], shape(r["geometry"])) for r in rows if r["geometry"])

    return kept(session, ("outlines", district, at), made)


def about_list(district: DistrictSettings, moment: care.Moment, spoken: str) -> care_list.About:
    """What the list says of itself."""
    return care_list.About(
        district=district.name_en if spoken == "en" else district.name, on=moment.at, now=moment.local,
        approval=approval(spoken), language=spoken,
    )  # fmt: skip


def built(request: Request, session: Session, *, near: bool = True) -> tuple[MapParts, bool]:
    """The elderly-care map with the filters of the address, and whether anything on it is invented. near: whether it may
    ask for a position."""
    at, district, spoken = viewing_date(request), district_of(request), language(request)
    moment = care.Moment.now(at)
    items = care_items(session, district.code, at, moment=moment)
    part = request.query_params.get("part", "")
    about = replace(
        about_list(district, moment, spoken),
        nearby="/api/v1/facilities/nearby" if near else None,
        filters=filters(request),
        rest="/maps/elderly-care/rest?" + urlencode({"at": at.isoformat(), "lang": spoken}),
        part=int(part) if part.isascii() and part.isdigit() and len(part) < 6 else 1,
        carried={k: v[:20] for k in CARRIED if (v := request.query_params.get(k))},
    )
    townships = kept(
        session, ("townships", district.code, at), lambda: care.townships(session, district.code, at)
    )
    grounds = outlines(session, district.code, at)
    parts = care_map.build(items, grounds, townships, about, Assets(), request.state.nonce)
    return parts, any(i.facility.demo for i in items)


@router.get("/maps/elderly-care")
def show_map(request: Request, session: PublicReading) -> Response:
    """The map and its list on the date looked at, with the filters of the address."""
    parts, demo = built(request, session)
    return page(
        request,
        "care_map.html",
        map=parts,
        demo=demo,
        w=w(language(request)),
        **sharing(request, parts.title),
    )


@router.get("/maps/elderly-care/rest")
def show_rest(
    request: Request, session: PublicReading, district: District, at: At, lang: Language
) -> Response:
    """What the page fetches beside itself: the whole list, the ground and the words."""
    moment = care.Moment.now(at)

    def made() -> dict[str, Any]:
        items = care_items(session, district.code, at, moment=moment)
        return care_map.rest(items, outlines(session, district.code, at), about_list(district, moment, lang))

    return kept_json(request, session, ("care", district.code, at, lang), made, also=moment.local)


@router.get("/facilities")
def show_list(request: Request, session: PublicReading) -> Response:
    """All facilities, of other civil-affairs kinds too, by group; works without script."""
    at, district, spoken = viewing_date(request), district_of(request), language(request)
    want = filters(request)
    groups = tuple(g for g in GROUPS if g != "statistics")
    items = [i for i in care_items(session, district.code, at, groups) if fits(i, want)]
    about = about_list(district, care.Moment.now(at), spoken)
    person = person_of(request)
    return page(
        request, "facilities.html", w=w(spoken), demo=any(i.facility.demo for i in items), count=len(items), want=want,
        rows=[care_list.list_row(n, i, about) for n, i in enumerate(items)],
        groups=[(g, GROUPS[g]) for g in groups if g != "statistics"], townships=care.townships(session, district.code, at),
        editor=person is not None and person.holds(*EDITORS),
    )  # fmt: skip


@router.get("/facilities/compare")
def show_comparison(request: Request, session: PublicReading) -> Response:
    """Two to six facilities side by side (?n=1&n=2)."""
    at, district, spoken = viewing_date(request), district_of(request), language(request)
    numbers = [
        int(n) for n in request.query_params.getlist("n") if n.isascii() and n.isdigit() and len(n) < 19
    ]
    moment = care.Moment.now(at)
    problem = None
    chosen, rows = [], []
    try:
        if not 2 <= len(numbers) <= 6:
            raise NotToCompare()
        chosen = [store.facility(session, n, at, district=district.code) for n in numbers]
        rows = compare(chosen, [moment.standing(f) for f in chosen])
    except NotToCompare as refused:
        problem = refused
    return page(
        request, "facility_compare.html", status=200 if problem is None else status_of(problem), w=w(spoken),
        problem=None if problem is None else problem.text, chosen=chosen, rows=rows, demo=any(f.demo for f in chosen),
    )  # fmt: skip


@router.get("/facilities/coverage")
def show_coverage(request: Request, session: PublicReading, own: Reading) -> Response:
    """Coverage, supply and the plan's figures, each with its formula, inputs and date."""
    at, district, spoken = viewing_date(request), district_of(request), language(request)
    group = request.query_params.get("group", "meal")
    group = group if group in CARE else "meal"
    given = request.query_params.get("profile", "elder")
    profile = Profile(given) if given in set(Profile) else Profile.ELDER
    minutes = request.query_params.get("minutes", "15")
    minutes_most = float(minutes) if minutes in ("10", "15", "20", "30") else 15.0
    codes = [k.code for k in kinds().values() if k.group == group]
    problem, found = None, None
    try:
        found = care.coverage(own, session, district.code, at, codes, minutes_most, profile)
    except care.NoStreetsYet as missing:
        problem = missing.text
    out = None if found is None else care.coverage_out(found)
    return page(
        request, "care_coverage.html", w=w(spoken), how=how(request), problem=problem, out=out, found=found,
        groups=[(g, GROUPS[g]) for g in CARE], group=group, profile=profile.value, profiles=list(PROFILES.items()),
        minutes=int(minutes_most), totals=care.totals(own, district.code, at),
        supply={} if found is None else {s.code: s for s in found.supply}, demo=bool(found and found.demo),
        unit=request.query_params.get("unit", ""),
    )  # fmt: skip


@router.get("/facilities/areas")
def show_areas(request: Request, session: PublicReading) -> Response:
    """Areas of policy (火葬区 …) on the date looked at, with the days on which they changed."""
    at, district, spoken = viewing_date(request), district_of(request), language(request)
    areas = store.policy_areas(session, district.code, at)
    names = store.unit_names(session, {a["unit_code"] for a in areas}, at)
    grouped: dict[tuple[Any, ...], int] = {}
    for a in areas:
        key = (a["unit_code"], a["kind"], a["valid_from"], a["document"])
        grouped[key] = grouped.get(key, 0) + 1
    rows = [
        {
            "township": names.get(unit[:9], unit[:9]), "village": names.get(unit, unit), "count": count, "document": document,
            "kind": area_map.kind_name(kind, spoken), "since": since,
        }
        for (unit, kind, since, document), count in grouped.items()
    ]  # fmt: skip
    days = sorted({a["valid_from"] for a in store.policy_areas(session, district.code) if a["valid_from"]})[
        1:
    ]
    changes = [
        (before, day - timedelta(days=1) if before else day) for day in days[-2:] for before in (True, False)
    ]
    parts, demo = drawn_areas(request, session, areas)
    units_of = {a["unit_code"] for a in areas}
    return page(
        request, "care_areas.html", map=parts, w=w(spoken), how=how(request), rows=rows, changes=changes, demo=demo,
        totals=(len({u[:9] for u in units_of}), len(units_of), len(areas)), **sharing(request, parts.title),
    )  # fmt: skip


def drawn_areas(request: Request, session: PublicReading, areas: Any = None) -> tuple[MapParts, bool]:
    """The map of the areas of policy on the date looked at, and whether demonstration data are on it."""
    at, district, spoken = viewing_date(request), district_of(request), language(request)
    areas = store.policy_areas(session, district.code, at) if areas is None else areas
    about = About(
        district.name_en if spoken == "en" else district.name, at, approval(spoken), language=spoken
    )
    parts = area_map.build(areas, outlines(session, district.code, at), about, Assets(), request.state.nonce)
    return parts, any(a["demo"] for a in areas)


#: Leaflets that one address may have drawn: at once, and in a minute after that.
BURST, PER_MINUTE = 12, 6.0


class NoStart(BadInput):
    code = "no-start"
    title = Text("请先在养老地图上选出发的地方", "Choose where you start from on the elderly care map first")


@router.post("/facilities/leaflet")
async def print_leaflet(request: Request) -> Response:
    """“My 15 minutes” from a point, as PDF. The position is in the form's body and kept nowhere."""
    async with request.form() as form:
        given = {k: str(form.get(k) or "") for k in ("lon", "lat", "minutes", "profile")}
    try:
        lon, lat = float(given["lon"]), float(given["lat"])
        minutes_most = int(float(given["minutes"] or 15))
        profile = Profile(given["profile"] or "elder")
    except (ValueError, OverflowError):
        raise NoStart() from None
    return await run_in_threadpool(_leaflet, request, lon, lat, minutes_most, profile)


def _leaflet(request: Request, lon: float, lat: float, minutes_most: int, profile: Profile) -> Response:
    at, district, spoken = viewing_date(request), district_of(request), language(request)
    moment = care.Moment.now(at)
    take_turn(request, "leaflet", burst=BURST, per_minute=PER_MINUTE)
    with public_of(request) as session, contextmanager(reading)(request) as own:
        every = [i.facility for i in care_items(session, district.code, at)]
        answer = near(
            own,
            every,
            district=district.code,
            lon=lon,
            lat=lat,
            minutes=minutes_most,
            profile=profile,
            when=moment.local,
        )
    stops = [
        care_leaflet.Stop(n.facility, moment.standing(n.facility), n.minutes)
        for n in answer.items
        if n.facility.status.value == "open"
    ]
    streets = answer.streets
    made = care_leaflet.pdf(
        care_leaflet.Leaflet(
            lon=lon, lat=lat, minutes=minutes_most, who=PROFILES[profile], stops=stops, area=answer.area, lines=answer.lines,
            says=answer.says, parameters=answer.parameters, streets=None if streets is None else (streets.source, streets.dated),
            approval=word("approval", spoken, number=approval(spoken)),
            url=f"{base_of(request)}/maps/elderly-care#at={lon:.4f},{lat:.4f}&profile={profile.value}&minutes={minutes_most}",
            on=moment.local.date(), demo=any(s.facility.demo for s in stops) or bool(streets and streets.demo), language=spoken,
        )
    )  # fmt: skip
    return Response(
        made, media_type="application/pdf",
        headers={"Content-Disposition": 'inline; filename="my-15-minutes.pdf"', "Cache-Control": "no-store"},
    )  # fmt: skip
