"""地名方案 /apply/plans/{ref}: several names on one page, each with its own record, handed in together."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.responses import Response

import geo.settings
from api.acts import apply, case_facts
from api.acts.apply import Content
from api.acts.step_details import BadDetail
from api.doors import Acting, PublicReading, Reading, transaction
from api.pages import drawing_form, plan_places
from api.pages.apply import acted, begun, row_of
from api.pages.drawing_form import places_map, townships
from api.pages.forms import whole
from api.pages.rendering import page, person_of, reading_of, status_of
from api.security.person import Person
from geo import days
from geo.approvals import applicants, fields
from geo.names.categories import Category
from geo.problems import BadInput, Problem
from geo.store import approvals_case, approvals_queue
from geo.store.approvals import NoSuchPlan
from geo.store.approvals_queue import QueueRow
from geo.terms import ApplicationAction as Action
from geo.terms import ApplicationState as S
from geo.text import Text

router = APIRouter(include_in_schema=False)

#: Names that are begun at once, and drafts that the rules are asked about at once.
AT_ONCE, JUDGED = 50, 50
#: Drafts whose places one map asks for at once.
PLACED = 100
SHARED = ("reasons", "nature")


class NothingNamed(BadInput):
    """No name was given."""

    code = "nothing-named"
    title = Text("请至少填写一个地名，每行一个", "Give at least one name, one a line")


@router.get("/apply/plans/{ref}")
def show(
    request: Request, ref: uuid.UUID, actor: Acting, session: Reading, public: PublicReading
) -> Response:
    """A plan with its names; `?check=1` asks the naming rules about its drafts. Raises NoSuchPlan."""
    return _page(request, session, public, actor, ref)


@router.post("/apply/plans/{ref}")
async def post(request: Request, ref: uuid.UUID) -> Response:
    """Begin several names, or hand in the chosen ones: all of them, or none."""

    def act(session: Session, actor: Person, form: FormData) -> str:
        if form.get("do") == "submit":
            chosen = [str(k) for k in form.getlist("chosen")]
            versions = {key: whole(form, f"version:{key}") for key in chosen}
            apply.submit_plan(session, actor, ref, versions=versions)
            return f"/apply/plans/{ref}?done=submitted"
        if form.get("do") == "place":
            drafts = _drafts(session, actor, ref)
            places = plan_places.placed(
                form, {r: (row["name"], row["geometry"]) for r, row in drafts.items()}
            )
            seen = {r: moment_of(str(form.get(f"saved:{r}") or "")) for r in places}
            apply.place_names(session, actor, ref, places, saved={r: at for r, at in seen.items() if at})
            return f"/apply/plans/{ref}?done=saved#places"
        names = plan_places.named_lines(str(form.get("names") or ""))
        if not names:
            raise NothingNamed()
        if len(names) > AT_ONCE:
            raise BadDetail(field="names", why=apply.MANY.fill(AT_ONCE))
        empty = begun(actor, Action.NAMING.value, str(form.get("category") or ""))
        filled = {k: str(form.get(k) or "") for k in SHARED}
        for name, place in names:
            content = Content(
                empty.action, empty.category, name, str(form.get("unit") or "") or None, place, None,
                empty.applicant_kind, str(form.get("contact_name") or ""), str(form.get("contact_phone") or ""), filled,
            )  # fmt: skip
            apply.begin(session, actor, content, plan=ref)
        return f"/apply/plans/{ref}?done=saved"

    def again(problem: Problem, form: FormData) -> Response:
        actor = person_of(request)
        assert actor is not None
        with reading_of(request) as session, transaction(request, "public") as public:
            return _page(request, session, public, actor, ref, problem, dict(form))

    return await acted(request, act, again)


def moment_of(text: str) -> datetime | None:
    """A point in time as a form gives it back; None where it is none."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _drafts(session: Session, actor: Person, ref: uuid.UUID) -> dict[str, Mapping[str, Any]]:
    """The drafts of an own plan by ref. Raises NoSuchPlan."""
    plan = approvals_queue.plan(session, ref)
    if plan is None or plan.district != actor.district or plan.organisation_id != actor.organisation_id:
        raise NoSuchPlan(key=str(ref))
    rows = [r for r in approvals_queue.of_plan(session, plan.id) if r.state == S.DRAFT.value]
    cases = approvals_case.cases_by_id(session, [r.id for r in rows])
    return {str(r.ref): cases[r.id].row for r in rows}


def _page(
    request: Request,
    session: Session,
    public: Session,
    actor: Person,
    ref: uuid.UUID,
    problem: Problem | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response:
    plan = approvals_queue.plan(session, ref)
    if plan is None or plan.district != actor.district or plan.organisation_id != actor.organisation_id:
        raise NoSuchPlan(key=str(ref))
    rows = approvals_queue.of_plan(session, plan.id)
    cases = approvals_case.cases_by_id(session, [r.id for r in rows])
    today = days.today()
    judge = request.query_params.get("check") == "1"
    judged: dict[int, Mapping[str, Any]] = {}
    if judge:
        drafts = [r for r in rows if r.state == S.DRAFT.value and r.name][:JUDGED]
        judged = {r.id: case_facts.judged(session, cases[r.id], geo.settings.as_of()) for r in drafts}
    names = []
    for row in rows:
        told = judged.get(row.id)
        names.append(
            {
                **row_of(row, today),
                "draft": row.state == S.DRAFT.value,
                "lacking": [case_facts.LACKING[k] for k in case_facts.lacking(cases[row.id])]
                if row.state == S.DRAFT.value
                else [],
                "verdict": told["verdict"] if told else row.verdict,
                "findings": [Text(f["message"], f["message_en"]) for f in told["findings"]] if told else [],
            }
        )
    units = townships(request, public)
    tried = given is not None and given.get("do") == "place"
    to_place = [
        _to_place(r, cases[r.id].row, given if tried else None) for r in rows if r.state == S.DRAFT.value
    ][:PLACED]
    last = next((r for r in reversed(rows) if cases[r.id].row["contact_name"]), None)
    return page(
        request,
        "apply_plan.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        plan=plan,
        names=names,
        ready=sum(1 for n in names if n["draft"] and not n["lacking"]),
        to_place=to_place,
        shapes=list(drawing_form.KINDS.items()),
        map=places_map(
            request,
            [(cases[r.id].row["name"], g) for r in rows if (g := cases[r.id].row["geometry"]) is not None],
            units,
            draw=bool(to_place),
        )
        if rows
        else None,
        given=given
        if given is not None and not tried
        else {
            "category": rows[-1].category if rows else Category.STREET.value,
            "unit": (rows[-1].unit_code or "") if rows else (actor.unit_code or ""),
            "contact_name": cases[last.id].row["contact_name"] if last else "",
            "contact_phone": cases[last.id].row["contact_phone"] if last else "",
        },
        categories=[c.value for c in Category],
        units=units,
        shared=[(k, fields.titles()[k]) for k in SHARED],
        kinds=applicants.kinds_of(actor.organisation_kind),
        demo=plan.demo,
    )


def _to_place(row: QueueRow, case: Mapping[str, Any], given: Mapping[str, Any] | None) -> dict[str, Any]:
    """A draft's place as the form beside the map has it. given: what was sent and refused."""
    ref = str(row.ref)
    kind, text = drawing_form.text_of(case["geometry"])
    if given is not None and f"coordinates:{ref}" in given:
        kind, text = str(given.get(f"shape:{ref}") or ""), str(given[f"coordinates:{ref}"])
    return {"ref": ref, "name": row.name, "saved": row.saved.isoformat(), "kind": kind, "text": text}
