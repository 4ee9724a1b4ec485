"""地名保护名录 /protection: published lists for everybody; for officers the making, review and publication."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.acts import protect
from api.doors import Seeing, Sight, district_of, transaction
from api.pages.forms import day, whole
from api.pages.rendering import actor_of, page, person_of, sight_of, status_of, viewing_date
from api.security.person import Person
from geo.machine import Machine, Transition
from geo.names import protection as life
from geo.names.protection import EntryState, ListKind, ListState
from geo.problems import BadInput, Problem
from geo.store import protection
from geo.store.names import numbers_named
from geo.store.published_units import names_of
from geo.terms import NAME_STATUS_NAMES, NameStatus, UserRole
from geo.text import Text

router = APIRouter(include_in_schema=False)


class NotOneName(BadInput):
    """The register has no such name, or several."""

    code = "not-one-name"
    title = Text(
        "地名库中“{given}”有 {count} 条，请改填地名编号{numbers}",
        "The register has {count} names “{given}”; give a name's number{numbers}",
    )


@router.get("/protection")
def show_all(request: Request, sight: Seeing) -> Response:
    """All lists that this reader may see."""
    return _all(request, sight)


@router.post("/protection")
async def create(request: Request) -> Response:
    """Begin a list."""

    def act(session: Session, actor: Person, form: FormData) -> str:
        kind = str(form.get("kind") or "")
        row = protect.create(
            session,
            actor,
            kind=ListKind(kind) if kind in set(ListKind) else ListKind.HISTORIC,
            batch=whole(form, "batch"),
            title=str(form.get("title") or ""),
            reason=str(form.get("reason") or ""),
        )
        return f"/protection/{row.id}"

    return await _act(request, act, _all)


@router.get("/protection/{list_id}")
def show(request: Request, list_id: int, sight: Seeing) -> Response:
    """One list with its names. Raises NoSuchList."""
    return _one(request, sight, list_id)


@router.post("/protection/{list_id}/entries")
async def enter(request: Request, list_id: int) -> Response:
    """Propose a name, or change what is said about one."""

    def act(session: Session, actor: Person, form: FormData) -> str:
        said = protect.Entry(
            str(form.get("kind_class") or "") or None,
            [str(k) for k in form.getlist("grounds")],
            [str(k) for k in form.getlist("measures")],
            str(form.get("reasons") or ""),
            str(form.get("reuse_plan") or ""),
        )
        reason = str(form.get("reason") or "")
        if form.get("entry"):
            entry, version = whole(form, "entry"), whole(form, "version")
            protect.amend(session, actor, list_id, entry, said, version=version, reason=reason)
        else:
            number = _number(session, actor, str(form.get("name") or "").strip())
            protect.propose(session, actor, list_id, number, said, reason=reason)
        return f"/protection/{list_id}?done=protection"

    return await _act(request, act, lambda r, s, **more: _one(r, s, list_id, **more))


@router.post("/protection/{list_id}/steps")
async def take_step(request: Request, list_id: int) -> Response:
    """Take a step of the list, or of one of its entries."""

    def act(session: Session, actor: Person, form: FormData) -> str:
        transition = str(form.get("transition") or "")
        version, reason = whole(form, "version"), str(form.get("reason") or "")
        document = str(form.get("document") or "")
        if form.get("entry"):
            entry = whole(form, "entry")
            protect.decide(
                session, actor, list_id, entry, transition, version=version, reason=reason, document=document
            )
        else:
            protect.take_step(
                session, actor, list_id, transition, version=version, reason=reason, document=document,
                on=day(form, "on_date"),
            )  # fmt: skip
            if transition == "discard":
                return "/protection?done=protection"
        return f"/protection/{list_id}?done=protection"

    return await _act(request, act, lambda r, s, **more: _one(r, s, list_id, **more))


async def _act(
    request: Request, act: Callable[[Session, Person, FormData], str], again: Callable[..., Response]
) -> Response:
    """Carry a form out and go where it says; where it is refused, show the page again with what is wrong."""
    actor = actor_of(request)

    def work(form: FormData) -> Response:
        try:
            with transaction(request) as session:
                there = act(session, actor, form)
        except Problem as problem:
            with sight_of(request) as sight:
                return again(request, sight, problem=problem, given=form)
        return RedirectResponse(there, status_code=303)

    async with request.form() as form:
        return await run_in_threadpool(work, form)


def _number(session: Session, actor: Person, given: str) -> int:
    """The number of a name that was given by number or in words. Raises NotOneName."""
    if given.isascii() and given.isdigit() and len(given) < 19:
        return int(given)
    found = numbers_named(session, given, actor.district)
    if len(found) != 1:
        shown = "：" + "、".join(str(n) for n in found) if found else ""
        raise NotOneName(given=given[:40], count=len(found), numbers=shown)
    return found[0]


def _all(
    request: Request, sight: Sight, *, problem: Problem | None = None, given: FormData | None = None
) -> Response:
    rows = protection.lists(sight.session, district=district_of(request).code, officer=sight.officer)
    person = person_of(request)
    return page(
        request,
        "protection.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        given={} if given is None else dict(given),
        lists=[_named(row) for row in rows],
        kinds=[(kind.value, life.LIST_KIND_NAMES[kind]) for kind in ListKind],
        next_batch={
            kind.value: 1 + max((r["batch"] for r in rows if r["kind"] == kind), default=0)
            for kind in ListKind
        },
        may_create=person is not None and person.holds(UserRole.REGISTRAR),
        demo=any(row["demo"] for row in rows),
    )


def _one(
    request: Request,
    sight: Sight,
    list_id: int,
    *,
    problem: Problem | None = None,
    given: FormData | None = None,
) -> Response:
    district, at = district_of(request).code, viewing_date(request)
    rows = protection.lists(sight.session, district=district, officer=sight.officer)
    row = next((r for r in rows if r["id"] == list_id), None)
    if row is None:
        raise protection.NoSuchList(id=list_id)
    person = person_of(request) if sight.officer else None
    found = protection.entries(sight.session, list_id, at=at, officer=sight.officer)
    names = names_of(sight.session, [township(e["unit_code"]) for e in found], at)
    entries = []
    for entry in found:
        own = person is not None and entry["proposed_by"] == person.id
        state = EntryState(entry["state"])
        steps = _steps(life.ENTRY_LIFE, state.value, person) if not own else []
        fit = ListState.PUBLISHED if state is EntryState.ACCEPTED else ListState.REVIEW
        entries.append(
            {
                **entry,
                "state_name": life.ENTRY_STATE_NAMES[state],
                "status_name": NAME_STATUS_NAMES[NameStatus(entry["status"])] if entry["status"] else None,
                "unit": names.get(township(entry["unit_code"]), entry["unit_code"]),
                "steps": [
                    s for s in steps if row["state"] == (fit if s["name"] == "withdraw" else ListState.REVIEW)
                ],
            }
        )
    draft = row["state"] == ListState.DRAFT
    return page(
        request,
        "protection_list.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        given=given,
        list=_named(row),
        entries=entries,
        criteria={key: c.says for key, c in life.criteria().items()},
        choices={
            kind: [(c.key, c.says) for c in life.criteria().values() if c.kind == kind]
            for kind in ("class", "ground", "measure")
        },
        steps=_steps(life.LIST_LIFE, row["state"], person),
        history=protection.steps(sight.session, list_id) if sight.officer else [],
        may_edit=draft and person is not None and person.holds(UserRole.REGISTRAR),
        says={t.name: t.says for machine in (life.LIST_LIFE, life.ENTRY_LIFE) for t in machine.transitions},
        demo=bool(row["demo"]),
    )


def township(code: str | None) -> str:
    """The township's code in the code of a unit below it; a county's stays."""
    return (code or "")[:9]


def _named(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "kind_name": life.LIST_KIND_NAMES[ListKind(row["kind"])],
        "state_name": life.LIST_STATE_NAMES[ListState(row["state"])],
    }


def _steps(machine: Machine, state: str, person: Person | None) -> list[dict[str, Any]]:
    """The steps open to a person, with what each needs."""
    if person is None:
        return []

    def told(step: Transition) -> dict[str, Any]:
        document = any(g in (life.DOCUMENT,) for g in step.guards)
        return {
            "name": step.name,
            "says": step.says,
            "needs": [g.needs for g in step.guards],
            "document": document,
        }

    return [told(step) for step in machine.open_to(state, person.roles)]
