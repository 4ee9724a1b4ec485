"""命名审查 /names/check: a proposed name against the regulation and the register, answered while typing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from shapely.geometry import shape
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, Response

from api.doors import PublicReading, Reading, district_of, language
from api.naming import BadPlace, Conclusion, conclude, take_turn
from api.pages.rendering import approval, around, environment, page, person_of, status_of, viewing_date
from geo.names.articles import article_of
from geo.names.categories import Category
from geo.names.rules.proposal import Proposal
from geo.names.rules.run import discover
from geo.problems import BadInput, Problem
from geo.store import naming_words, published_units
from geo.store.name_facts import HIDDEN, unit_names
from geo.text import Text
from maps import name_check_map
from maps.boundary_map import About
from maps.page import Assets, MapParts

router = APIRouter(include_in_schema=False)

FIELDS = ("name", "category", "unit", "lon", "lat", "replaces")
#: A longer text is not even shown again.
LONGEST = 1000


class BadQuestion(BadInput):
    """A field of the form cannot be understood."""

    code = "bad-question"
    title = Text("“{given}”不能作{field}，请重新选择", "“{given}” is no {field}; choose again")


CATEGORY, UNIT = Text("类别", "category"), Text("乡镇代码", "township code")


@router.get("/names/check")
def show(request: Request, session: Reading, public: PublicReading) -> Response:
    """The page; with a question in its address, the answer too, so that it can be passed on."""
    return _page(request, session, public, dict(request.query_params))


@router.post("/names/check")
async def post(request: Request, session: Reading, public: PublicReading) -> Response:
    """The question of a browser without JavaScript."""
    from starlette.concurrency import run_in_threadpool

    form = await request.form()
    given = {key: value for key, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_page, request, session, public, given)


@router.get("/names/check/answer")
def answer(request: Request, session: Reading) -> Response:
    """The answer alone, as HTML."""
    content, status = answered(request, session, dict(request.query_params))
    context = {**around(request), **content}
    html = environment().get_template("name_answer.html").render(context)
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})


@router.get("/names/rules")
def rules(request: Request, session: Reading) -> Response:
    """The rules with their articles and examples."""
    off = naming_words.base(session).off
    listed = [
        {
            "code": rule.code,
            "article": rule.article,
            "text": article_of(rule.code),
            "source": rule.source,
            "cases": rule.cases,
            "on": rule.code not in off,
        }
        for rule in discover()
    ]
    return page(request, "name_rules.html", rules=listed)


def _page(request: Request, session: Session, public: Session, given: Mapping[str, str]) -> Response:
    content, status = answered(request, session, given)
    at = viewing_date(request)
    code = district_of(request).code
    found = published_units.units(public, at=at, after="", limit=1000, level="township", shapes=True)
    # By code, since townships keep theirs when a district ends.
    units = [u for u in found if u["code"].startswith(code)]
    form = {field: str(given.get(field, ""))[:LONGEST] for field in FIELDS}
    return page(
        request,
        "name_check.html",
        status=status,
        map=_map(request, units),
        units=units,
        categories=[c.value for c in Category],
        form=form,
        demo=any(u["demo"] for u in units),
        **content,
    )


def _map(request: Request, units: list[dict[str, Any]]) -> MapParts:
    district, spoken = district_of(request), language(request)
    about = About(
        district=district.name_en if spoken == "en" else district.name,
        on=viewing_date(request),
        approval=approval(spoken),
        officer=False,
        language=spoken,
        target=0,
        settled=0,
        compact=True,
    )
    outlines = [(u["name"], shape(u["geometry"])) for u in units if u["geometry"]]
    return name_check_map.build(outlines, about, Assets(), request.state.nonce)


def answered(request: Request, session: Session, given: Mapping[str, str]) -> tuple[dict[str, Any], int]:
    """What name_answer.html shows, and the status: nothing asked, an answer, or a refusal."""
    content: dict[str, Any] = {"answer": None, "findings": [], "problem": None, "again": lambda name: ""}
    if not given.get("name", "").strip():
        return content, 200
    try:
        proposal = _proposal(given)
        take_turn(request)
        found = conclude(session, proposal, person_of(request), viewing_date(request))
    except Problem as problem:
        return {**content, "problem": problem.text}, status_of(problem)
    spoken = language(request)
    sources = {rule.code: rule.source for rule in discover()}
    codes = {c["unit"] for f in found.told["findings"] for c in f["collides"] if c["unit"]}
    names = unit_names(session, codes, viewing_date(request)) if codes else {}
    findings = [
        {
            **said,
            "text": article_of(said["rule"]),
            "source": sources[said["rule"]],
            "meets": _meets(found, i, spoken, names),
        }
        for i, said in enumerate(found.told["findings"])
    ]
    again = {key: given[key] for key in FIELDS if given.get(key) and key != "name"}
    return {
        **content,
        "answer": found.told,
        "findings": findings,
        "again": lambda name: urlencode({"name": name, **again}),
    }, 200


def _meets(found: Conclusion, number: int, spoken: str, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The names that a finding meets, for the list and the map."""
    told = found.told["findings"][number]["collides"]
    answer = []
    for said, existing in zip(told, found.met[number], strict=True):
        answer.append(
            {
                "name": HIDDEN.in_language(spoken) if said["name"] == HIDDEN.zh else said["name"],
                "why": said["why"],
                "about": " · ".join(
                    filter(None, (str(said["category"]), names.get((said["unit"] or "")[:9]) or said["unit"]))
                ),
                "distance": far(said["distance_m"]),
                "lon": existing.lon if existing is not None else None,
                "lat": existing.lat if existing is not None else None,
            }
        )
    return answer


def far(metres: float | None) -> str:
    """A distance in words; nothing where it is not known."""
    if metres is None:
        return ""
    return f"{metres:.0f} m" if metres < 1000 else f"{metres / 1000:.1f} km"


def _proposal(given: Mapping[str, str]) -> Proposal:
    """Raises BadQuestion and BadPlace."""
    word = given.get("category", "").strip()
    try:
        category = Category(word) if word else None
    except ValueError:
        raise BadQuestion(given=word[:40], field=CATEGORY) from None
    unit = given.get("unit", "").strip()
    if unit and not (unit.isascii() and unit.isdigit() and len(unit) in (6, 9, 12)):
        raise BadQuestion(given=unit[:40], field=UNIT)
    point: list[float | None] = []
    for key in ("lon", "lat"):
        text = given.get(key, "").strip()
        try:
            point.append(float(text) if text else None)
        except ValueError:
            raise BadPlace() from None
    return Proposal(
        given["name"].strip()[:LONGEST],
        category or Category.OTHER,
        unit or None,
        point[0],
        point[1],
        given.get("replaces", "").strip()[:100] or None,
        category_given=category is not None,
    )
