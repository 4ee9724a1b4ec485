"""更正、撤销公告 /announcements/{year}/{serial}/amend: for the registrar who corrects and the approver who takes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.acts import announce, case_facts
from api.doors import Acting, Reading, district_of, transaction
from api.pages.forms import whole
from api.pages.rendering import page, reading_of, status_of
from api.security.person import Person
from geo.approvals import life
from geo.problems import BadInput, NotFound, Problem
from geo.store import announcements, approvals_case
from geo.store.tables import Announcement
from geo.terms import APPLICATION_ACTION_NAMES
from geo.terms import ApplicationAction as Action
from geo.text import Text

router = APIRouter(include_in_schema=False)

#: What can be corrected of an item, in the order of the announcement.
FIELDS = ("romanization", "unit", "position", "category", "former", "approved_by", "document")


class NoCaseChosen(BadInput):
    """No name was chosen."""

    code = "no-name-chosen"
    title = Text("请选择要撤销公告的地名", "Choose the name whose announcement is withdrawn")


def may_amend(person: Person | None) -> bool:
    """Whether a person corrects announcements or takes them back."""
    return person is not None and person.holds(*life.KEEPERS, *life.APPROVERS)


@router.get("/announcements/{year:int}/{serial:int}/amend")
def show(request: Request, year: int, serial: int, actor: Acting, session: Reading) -> Response:
    """What can be corrected of an announcement, and which of its names can be taken back."""
    return _page(request, session, actor, year, serial)


@router.post("/announcements/{year:int}/{serial:int}/amend")
async def amend(request: Request, year: int, serial: int, actor: Acting) -> Response:
    """Correct, or withdraw: an announcement of its own, and then there."""
    async with request.form() as form:
        return await run_in_threadpool(_amend, request, actor, year, serial, form)


def _amend(request: Request, actor: Person, year: int, serial: int, form: FormData) -> Response:
    _there(year, serial)
    try:
        with transaction(request) as session:
            made = (_withdraw if form.get("do") == "withdraw" else _correct)(
                session, actor, year, serial, form
            )
            there = f"/announcements/{made.year}/{made.serial}"
    except Problem as problem:
        with reading_of(request) as session:
            return _page(request, session, actor, year, serial, problem, form)
    return RedirectResponse(f"{there}?done=announced", status_code=303)


def _correct(session: Session, actor: Person, year: int, serial: int, form: FormData) -> Announcement:
    held = announcements.held(session, actor.district, year, serial)
    return announce.correct(
        session, actor, year, serial, changes=_changes(held.items, form), says=_text(form, "says"),
        reason=_text(form, "reason"),
    )  # fmt: skip


def _withdraw(session: Session, actor: Person, year: int, serial: int, form: FormData) -> Announcement:
    held = announcements.held(session, actor.district, year, serial)
    key = _text(form, "case")
    if not key:
        raise NoCaseChosen()
    says = {"says": _text(form, "says")} if _text(form, "says") else {}
    announce.withdraw(
        session, actor, key, reason=_text(form, "reason"), version=whole(form, f"version:{key}"), details=says
    )
    first, later = announcements.around(session, held)
    return ([first, *later])[-1]


def _changes(items: Sequence[Mapping[str, Any]], form: FormData) -> dict[int, dict[str, str]]:
    """What the form has otherwise than the announcement."""
    found: dict[int, dict[str, str]] = {}
    for at, item in enumerate(items):
        for key in FIELDS:
            given = form.get(f"{at}:{key}")
            if isinstance(given, str) and given.strip() != (item.get(key) or ""):
                found.setdefault(at, {})[key] = given
    return found


def _page(
    request: Request, session: Session, actor: Person, year: int, serial: int, problem: Problem | None = None,
    form: FormData | None = None,
) -> Response:  # fmt: skip
    _there(year, serial)
    held = announcements.held(session, district_of(request).code, year, serial)
    first = held
    while first.of_id is not None:
        first = session.get_one(Announcement, first.of_id)
    later = announcements.after(session, first)
    newest = next((one for one in reversed(later) if one.kind == "correction"), first)
    cases = []
    for case_id in announcements.cases_of(session, first.id):
        case = approvals_case.case_by_id(session, case_id)
        name = case.row["name"] or (case.subject or {}).get("name") or case.row["number"]
        cases.append(
            {
                "number": case.row["number"], "version": case.row["version"], "name": name,
                "stands": case_facts.is_announced(case),
            }
        )  # fmt: skip
    gone = announce.withdrawn_cases(later)
    withdrawn = held.kind == "withdrawal" or gone >= {i["application"] for i in first.items}
    given = {} if form is None else {k: str(v) for k, v in form.items() if isinstance(v, str)}
    return page(
        request,
        "announcement_amend.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        a=held,
        path_of=lambda one: f"/announcements/{one.year}/{one.serial}",
        newest=newest,
        later=later,
        withdrawn=withdrawn,
        fields=FIELDS,
        items=[{**i, "action_name": APPLICATION_ACTION_NAMES[Action(i["action"])]} for i in held.items],
        cases=cases,
        given=given,
        corrects=actor.holds(*life.KEEPERS),
        withdraws=actor.holds(*life.APPROVERS),
        demo=held.demo,
    )


def _there(year: int, serial: int) -> None:
    if not (1900 <= year <= 9999 and 0 < serial < 2**31):
        raise NotFound()


def _text(form: FormData, field: str) -> str:
    return str(form.get(field) or "").replace("\0", "").strip()
