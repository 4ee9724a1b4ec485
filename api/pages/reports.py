"""纠错 /report: anybody says what is wrong and gets a number; /reports: the registrar's queue."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.acts import report
from api.doors import Reading, district_of, take_turn, transaction
from api.pages.forms import whole
from api.pages.rendering import actor_of, page, reading_of, status_of
from geo.problems import Problem
from geo.store import reports

router = APIRouter(include_in_schema=False)

#: Reports of one address: so many at once, and a minute.
BURST, PER_MINUTE = 5, 0.2
PER_PAGE = 50
SHOWN = ("subject_kind", "subject", "says", "phone")


@router.get("/report")
def form(request: Request) -> Response:
    """The form. `about` names what it is about: names/12, facilities/3, or a map's address."""
    kind, subject = about(request.query_params.get("about", ""))
    return _form(request, {"subject_kind": kind, "subject": subject})


@router.post("/report")
async def send(request: Request) -> Response:
    """Take a report and lead to its status."""
    given = await request.form()
    return await run_in_threadpool(_send, request, given)


def _send(request: Request, given: FormData) -> Response:
    filled = {key: str(given.get(key) or "") for key in SHOWN}
    try:
        take_turn(request, "report", burst=BURST, per_minute=PER_MINUTE)
        with transaction(request) as session:
            row = report.send(session, district=district_of(request).code, **filled)
            number = row.number
    except Problem as problem:
        return _form(request, filled, problem=problem.text, status=status_of(problem))
    return RedirectResponse(f"/report/{number}?done=report", 303)


def _form(request: Request, given: dict[str, Any], *, problem: Any = None, status: int = 200) -> Response:
    return page(request, "report.html", status=status, given=given, problem=problem)


@router.get("/report/find")
def find(request: Request) -> Response:
    """From a number typed in to its status."""
    return RedirectResponse(
        "/report/" + quote(request.query_params.get("number", "").strip()[:20] or "-", safe=""), 303
    )


@router.get("/report/{number}")
def status(request: Request, number: str, session: Reading) -> Response:
    """What became of a report. Its words and the phone are not shown: the number may be passed on. Raises NoSuchReport."""
    row = reports.by_number(session, number)
    return page(request, "report_status.html", row=row, state=reports.STATES[row.state])


@router.get("/reports")
def queue(request: Request, session: Reading) -> Response:
    """The registrar's queue: what waits first; `?done=1` those that are closed."""
    return _queue(request, session)


@router.post("/reports/{number}")
async def answer(request: Request, number: str) -> Response:
    """Take one up, or answer it."""
    given = await request.form()

    def act() -> Response:
        actor = actor_of(request)
        try:
            with transaction(request) as session:
                report.answer(
                    session, actor, number, str(given.get("state") or ""), reason=str(given.get("reason") or ""),
                    version=whole(given, "version"),
                )  # fmt: skip
        except Problem as problem:
            with reading_of(request) as session:
                return _queue(request, session, problem=problem.text, at=number, status=status_of(problem))
        return RedirectResponse("/reports?done=answered", 303)

    return await run_in_threadpool(act)


def _queue(
    request: Request, session: Any, *, problem: Any = None, at: str = "", status: int = 200
) -> Response:
    closed = request.query_params.get("closed") == "1"
    before = request.query_params.get("cursor", "")
    rows = reports.of_district(
        session, district_of(request).code, waiting=not closed,
        before=int(before) if before.isascii() and before.isdigit() else None, limit=PER_PAGE + 1,
    )  # fmt: skip
    return page(
        request, "reports.html", status=status, rows=rows[:PER_PAGE], states=reports.STATES, closed=closed,
        next_cursor=rows[PER_PAGE - 1].id if len(rows) > PER_PAGE else None, problem=problem, problem_at=at,
        links={row.number: link(row.subject_kind, row.subject) for row in rows},
    )  # fmt: skip


def about(given: str) -> tuple[str, str]:
    """(kind, subject) of an address of this site."""
    first, _, rest = given.strip("/").partition("/")
    kind = {"names": "place_name", "facilities": "facility"}.get(first)
    if kind and rest.isascii() and rest.isdigit():
        return kind, rest
    return "map", given[:200] if given.startswith("/") or not given else ""


def link(kind: str, subject: str | None) -> str | None:
    """The address of what a report is about, only where it is one of ours."""
    if subject and subject.isascii() and subject.isdigit() and kind in ("place_name", "facility"):
        return ("/names/" if kind == "place_name" else "/facilities/") + subject
    if subject and kind == "map" and subject.startswith("/maps/"):
        return subject
    return None
