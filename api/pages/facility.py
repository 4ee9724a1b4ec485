"""设施页 /facilities/{number}: one facility for everybody; forms for its editors and its operator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from geoalchemy2.shape import to_shape
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from api import care
from api.acts import edit_facilities, enter_figures, import_facilities, import_names
from api.doors import PublicReading, Reading, district_of, language, transaction
from api.pages.facility_words import w
from api.pages.forms import day, received, sent, whole
from api.pages.rendering import actor_of, page, person_of, reading_of, sight_of, status_of, viewing_date
from api.security.access import FACILITY_EDITORS
from api.security.limits import TABLE_BYTES
from api.security.person import Person
from geo import days
from geo.facilities.facility import Facility
from geo.facilities.kinds import ACCESS, GRADES, MODES, NATURES, SERVICES, figures, kinds
from geo.facilities.register import columns
from geo.problems import Problem
from geo.store import facilities as store
from geo.store import tables
from geo.terms import FACILITY_STATUS_NAMES, UserRole
from geo.text import Text
from maps import care_list
from maps.care_list import Item

router = APIRouter(include_in_schema=False)


@router.get("/facilities/new")
def ask_new(request: Request, session: PublicReading) -> Response:
    """An empty form."""
    return _form(request, session, {"status": "open"})


@router.post("/facilities/new")
async def enter(request: Request) -> Response:
    """Enter a facility, or show the form again with what is wrong."""

    def act(session: Session, actor: Person, form: FormData) -> str:
        fields = {k: str(form.get(k) or "") for k in columns()}
        given = care.drafted(session, fields, district_of(request), viewing_date(request))
        row = edit_facilities.enter(session, actor, given, reason=str(form.get("reason") or ""))
        return f"/facilities/{row.number}"

    def again(form: FormData, problem: Problem) -> Response:
        with sight_of(request) as sight:
            return _form(
                request, sight.session, {k: str(form.get(k) or "") for k in (*columns(), "reason")}, problem
            )

    return await _act(request, act, again)


@router.get("/facilities/import")
def ask_import(request: Request) -> Response:
    """The form of an import."""
    return _import(request)


@router.post("/facilities/import")
async def bring_in(request: Request) -> Response:
    """Bring a file in and tell what became of it."""
    actor = actor_of(request)
    async with request.form() as form:
        return await run_in_threadpool(_brought, request, actor, form)


def _brought(request: Request, actor: Person, form: FormData) -> Response:
    at, district = viewing_date(request), district_of(request)
    figures_too = str(form.get("what") or "") == "figures"
    try:
        with (
            received(sent(form), limit=TABLE_BYTES) as came,
            import_names.read(came.path, came.filename) as table,
            transaction(request) as session,
        ):
            if figures_too:
                names = care.townships(session, district.code, at)
                done = enter_figures.bring_in(session, actor, table, file=came.filename, names=names)
            else:
                done, _ = import_facilities.bring_in(
                    session, actor, table, file=came.filename, unit_of=care.unit_finder(session, district.code, at),
                    kind=str(form.get("kind") or "") or None, box=district.box,
                )  # fmt: skip
            if form.get("dry"):
                session.rollback()
    except Problem as problem:
        return _figures(request, problem=problem) if figures_too else _import(request, problem=problem)
    return (
        _figures(request, done=done)
        if figures_too
        else _import(request, done=done, tried=bool(form.get("dry")))
    )


def _import(
    request: Request, *, done: Any = None, tried: bool = False, problem: Problem | None = None
) -> Response:
    return page(
        request, "facility_import.html", status=200 if problem is None else status_of(problem), w=w(language(request)),
        problem=None if problem is None else problem.text, done=done, tried=tried,
        kinds=[(k.code, k.name) for k in kinds().values() if k.place],
    )  # fmt: skip


@router.get("/facilities/figures")
def ask_figures(request: Request) -> Response:
    """Monthly figures of the year looked at."""
    return _figures(request)


@router.post("/facilities/figures")
async def enter_figure(request: Request) -> Response:
    """Enter one figure, or a table of them."""
    actor = actor_of(request)
    async with request.form() as form:
        upload = form.get("file")
        if isinstance(upload, UploadFile) and upload.filename:
            return await run_in_threadpool(_brought, request, actor, form)

        def act(session: Session, person: Person, given: FormData) -> str:
            month = day(given, "month_day") or enter_figures.month_of(str(given.get("month") or ""))
            enter_figures.enter(
                session, person, str(given.get("figure") or ""), str(given.get("unit") or ""), month,
                str(given.get("value") or ""), reason=str(given.get("reason") or "月报"),
                names=care.townships(session, district_of(request).code, viewing_date(request)),
            )  # fmt: skip
            return "/facilities/figures?done=registry"

        return await run_in_threadpool(_acted, request, act, lambda f, p: _figures(request, problem=p), form)


def _figures(request: Request, *, done: Any = None, problem: Problem | None = None) -> Response:
    at, district = viewing_date(request), district_of(request)
    with reading_of(request) as session:
        rows = store.figures(session, district.code, date(at.year, 1, 1), at)
        names = care.townships(session, district.code, at)
        totals = care.totals(session, district.code, at)
    latest: dict[tuple[str, str], Any] = {}
    for row in rows:
        latest[row[1], row[0]] = row
    return page(
        request, "facility_figures.html", status=200 if problem is None else status_of(problem), w=w(language(request)),
        problem=None if problem is None else problem.text, done=done, names=names, latest=latest,
        figures=list(figures().values()), totals=totals, month=at.strftime("%Y-%m"), demo=any(r[4] for r in rows),
    )  # fmt: skip


@router.get("/facilities/{number:int}")
def show(request: Request, number: int, session: PublicReading, own: Reading) -> Response:
    """One facility. Raises NoSuchFacility."""
    return _one(request, number, session, own)


@router.post("/facilities/{number:int}")
async def change(request: Request, number: int) -> Response:
    """One act on a facility: report, hours, edit, verify, inspect."""

    def act(session: Session, actor: Person, form: FormData) -> str:
        what, reason = str(form.get("act") or ""), str(form.get("reason") or "")
        if what == "report":
            edit_facilities.report(
                session, actor, number, vacancies=_count(form, "vacancies"), nursing=_count(form, "nursing"),
                notice=str(form.get("notice") or ""),
            )  # fmt: skip
        elif what == "hours":
            edit_facilities.set_hours(
                session,
                actor,
                number,
                str(form.get("hours") or ""),
                version=whole(form, "version"),
                reason=reason,
            )
        elif what == "verify":
            on = day(form, "on") or days.today()
            edit_facilities.verify(session, actor, number, on=on, version=whole(form, "version"))
        elif what == "assign":
            edit_facilities.assign(
                session,
                actor,
                number,
                _count(form, "operator"),
                version=whole(form, "version"),
                reason=reason,
            )
        elif what == "inspect":
            edit_facilities.inspect(
                session, actor, number, on=day(form, "on") or days.today(), kind=str(form.get("kind") or ""),
                says=str(form.get("says") or ""), hazards=[],
            )  # fmt: skip
        else:
            old = texts(store.current(session, number))
            fields = {k: str(form.get(k) or "").strip() for k in columns() if k in form}
            changed = {k: v for k, v in fields.items() if v != old.get(k, "")}
            if {"lon", "lat"} & set(changed):
                changed |= {k: fields[k] for k in ("lon", "lat") if k in fields}
            given = care.changed(session, number, changed, district_of(request), viewing_date(request))
            edit_facilities.change(
                session, actor, number, given, version=whole(form, "version"), reason=reason
            )
        return f"/facilities/{number}?done=registry"

    def again(form: FormData, problem: Problem) -> Response:
        with sight_of(request) as sight, reading_of(request) as own:
            return _one(request, number, sight.session, own, problem, dict(form))

    return await _act(request, act, again)


def _one(
    request: Request, number: int, session: Session, own: Session, problem: Problem | None = None,
    given: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    at, district, spoken = viewing_date(request), district_of(request), language(request)
    person = person_of(request)
    editor = person is not None and person.holds(*FACILITY_EDITORS)
    f: Facility
    row: tables.Facility | None = None
    reporter = editor
    if person is not None and person.holds(*FACILITY_EDITORS, UserRole.FACILITY_OPERATOR):
        f = store.facility(own, number, at, district=district.code, officer=True)
        row = store.current(own, number)
        reporter = editor or f.operator_id == person.organisation_id
        if not editor and not reporter:
            f = store.facility(session, number, at, district=district.code)
    else:
        f = store.facility(session, number, at, district=district.code)
    moment = care.Moment.now(at)
    item = Item(f, moment.standing(f))
    about = care_list.About(district.name, at, moment.local, "", spoken)
    return page(
        request, "facility.html", status=200 if problem is None else status_of(problem), w=w(spoken), f=f,
        standing=item.standing, rows=care_list.rows(item, about, full=True), demo=f.demo, editor=editor,
        reporter=reporter and person is not None, version=row.id if row is not None else 0,
        problem=None if problem is None else problem.text, given=given or {},
        status_name=FACILITY_STATUS_NAMES[f.status], internal=dict(row.internal) if editor and row is not None else {},
        versions=store.history(own, number) if editor else [], inspected=store.inspections(own, number) if editor else [],
        reports=store.reports(own, number) if reporter and person is not None else [],
        texts=texts(row) if editor and row is not None else {}, groups=_fields(), today=moment.local.date(),
        operators=store.operators(own) if editor else [],
        symbol=care_list.symbol(f.of.group, f.of.symbol),
    )  # fmt: skip


def _form(
    request: Request, session: Session, given: dict[str, str], problem: Problem | None = None
) -> Response:
    return page(
        request, "facility_new.html", status=200 if problem is None else status_of(problem), w=w(language(request)),
        problem=None if problem is None else problem.text, texts=given, groups=_fields(),
    )  # fmt: skip


def _fields() -> list[dict[str, Any]]:
    """The fields of a form in the order of the register, with choices where there are any."""
    choices: dict[str, list[tuple[str, Text]]] = {
        "kind": [(k.code, k.name) for k in kinds().values() if k.place],
        "mode": [(m.value, t) for m, t in MODES.items()],
        "nature": list(NATURES.items()),
        "status": [(s.value, t) for s, t in FACILITY_STATUS_NAMES.items()],
        "grade": list(GRADES.items()),
    }
    return [
        {
            "key": c.key,
            "title": c.title,
            "choices": choices.get(c.key, []),
            "required": c.key in ("name", "kind"),
        }
        for c in columns().values()
    ]


def texts(row: tables.Facility) -> dict[str, str]:
    """What a form shows of a row: our column key -> text, as a file would have it."""
    out: dict[str, str] = {}
    for key, column in columns().items():
        if column.into == "table":
            value = {"unit": row.unit_code}.get(key, getattr(row, key, None))
        else:
            value = getattr(row, column.into).get(key)
        if key == "hours":
            value = dict(row.hours).get("text", "")
        elif key == "services":
            value = "、".join(SERVICES[s].zh if s in SERVICES else s for s in row.services)
        elif key == "access":
            value = "、".join(ACCESS[k].zh if k in ACCESS else k for k, v in row.access.items() if v)
        elif key in ("lon", "lat"):
            place = None if row.geometry is None else to_shape(row.geometry)  # type: ignore[arg-type]
            value = None if place is None else round(place.x if key == "lon" else place.y, 7)
        elif isinstance(value, list):
            value = "、".join(map(str, value))
        elif value in ("yes", "no"):
            value = {"yes": "是", "no": "否"}[value]
        out[key] = "" if value is None else str(value)
    return out


def _count(form: FormData, field: str) -> int | None:
    return whole(form, field) if str(form.get(field) or "").strip() else None


async def _act(
    request: Request,
    act: Callable[[Session, Person, FormData], str],
    again: Callable[[FormData, Problem], Response],
) -> Response:
    async with request.form() as form:
        return await run_in_threadpool(_acted, request, act, again, form)


def _acted(
    request: Request, act: Callable[[Session, Person, FormData], str],
    again: Callable[[FormData, Problem], Response], form: FormData,
) -> Response:  # fmt: skip
    """Carry a form out and go where it says; where it is refused, show the page again with what is wrong."""
    actor = actor_of(request)
    try:
        with transaction(request) as session:
            there = act(session, actor, form)
    except Problem as problem:
        return again(form, problem)
    return RedirectResponse(there, status_code=303)
