"""申请表 /apply/{key}: the form of a draft or of a case that is being supplemented, its materials, and handing it in.

Everything here works by posting forms; with JavaScript the form saves itself (PUT of the interface) and the answer of the
naming rules stands beside it while typing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from geoalchemy2.shape import to_shape
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api import case_files
from api.acts import apply, attach, case_facts
from api.acts.apply import EDITABLE, Content, DraftMoved
from api.acts.stale import Stale
from api.doors import Acting, PublicReading, Reading, transaction
from api.pages.drawing_form import KEEP, KINDS, places_map, shape_of, text_of, townships
from api.pages.forms import BadField, received, sent, whole
from api.pages.name_check import answered
from api.pages.rendering import actor_of, around, environment, page, reading_of, status_of
from api.security.person import Person
from geo import days
from geo.approvals import applicants, fields, materials
from geo.approvals.applicants import Standing
from geo.names.categories import Category
from geo.problems import BadInput, Problem
from geo.settings import MaterialLimits
from geo.store import approvals
from geo.store.approvals_case import Case
from geo.store.names import numbers_named
from geo.terms import APPLICATION_ACTION_NAMES, APPLICATION_STATE_NAMES
from geo.terms import ApplicationAction as Action
from geo.terms import ApplicationState as S
from geo.text import Text

router = APIRouter(include_in_schema=False)

PLAIN = ("name", "category", "unit", "applicant_kind", "contact_name", "contact_phone", "shape", "coordinates", "subject", "subject_number")  # fmt: skip


class NotOneSubject(BadInput):
    """The register has no such name, or several."""

    code = "not-one-subject"
    title = Text(
        "地名库中“{given}”有 {count} 条，请改填原地名的编号{numbers}",
        "The register has {count} names “{given}”; give the number of the old name{numbers}",
    )


@router.get("/apply/{key}")
def show(request: Request, key: str, actor: Acting, session: Reading, public: PublicReading) -> Response:
    """The form. Raises NoSuchApplication; one that is not open any more leads to its case."""
    return _page(request, session, public, key)


@router.get("/apply/{key}/state")
def state(request: Request, key: str, actor: Acting, session: Reading) -> Response:
    """What is still missing and which files are there, alone, as HTML."""
    case = _own(session, actor, key)
    context = {**around(request), **state_of(actor, case)}
    html = environment().get_template("case_state.html").render(context)
    return HTMLResponse(html, headers={"Cache-Control": "no-store"})


@router.post("/apply/{key}")
async def post(request: Request, key: str) -> Response:
    """Save the form, or save it and hand it in."""
    async with request.form() as form:
        return await run_in_threadpool(_post, request, key, form)


@router.post("/apply/{key}/materials")
async def upload(request: Request, key: str) -> Response:
    """Take a material in, or give one back."""
    async with request.form() as form:
        return await run_in_threadpool(_materials, request, key, form)


def _own(session: Session, actor: Person, key: str) -> Case:
    """A case of the person's own side. Raises NoSuchApplication."""
    case = case_facts.case_for(session, actor, key)
    if actor.id != case.row["applicant_id"] and actor.organisation_id != case.row["organisation_id"]:
        raise approvals.NoSuchApplication(key=key[:60])
    return case


def _post(request: Request, key: str, form: FormData) -> Response:
    actor = actor_of(request)
    hand_in = form.get("do") == "submit"
    try:
        with transaction(request) as session:
            version = whole(form, "version")
            row = approvals.locked(session, key)
            if row.district != actor.district or row.organisation_id != actor.organisation_id:
                raise approvals.NoSuchApplication(key=key[:60])
            content = content_of(session, actor, form, row)
            row = apply.save(session, actor, key, content, version=version, saved=_moment(form))
            version, state = row.version, row.state
    except approvals.NoSuchApplication:
        raise
    except Problem as problem:
        return _again(request, key, problem, form)
    if not hand_in:
        return RedirectResponse(f"/apply/{key}?done=saved", status_code=303)
    try:
        # What was filled in is kept where handing it in is refused.
        with transaction(request) as session:
            reason = str(form.get("reason") or "").strip()
            if state == S.DRAFT.value:
                row = apply.submit(session, actor, key, version=version)
            else:
                row = apply.supply(session, actor, key, version=version, reason=reason or "提交补正")
            number = row.number
    except Problem as problem:
        return _again(request, key, problem, None)
    return RedirectResponse(f"/applications/{number}?done=submitted", status_code=303)


def _materials(request: Request, key: str, form: FormData) -> Response:
    actor = actor_of(request)
    back = f"/applications/{key}" if form.get("back") == "case" else f"/apply/{key}"
    try:
        if form.get("drop"):
            with transaction(request) as session:
                attach.take_back(session, actor, key, whole(form, "drop"))
            return RedirectResponse(f"{back}?done=saved#materials", status_code=303)
        case_files.take_turn(request, actor)
        most = MaterialLimits.from_environment()
        with received(sent(form), limit=most.bytes) as came:
            came.fields["kind"] = str(form.get("kind") or "")
            case_files.keep(request, actor, key, came, most, lambda row: row.id)
    except approvals.NoSuchApplication:
        raise
    except Problem as problem:
        return _again(request, key, problem, None)
    return RedirectResponse(f"{back}?done=saved#materials", status_code=303)


def content_of(session: Session, actor: Person, form: FormData, row: Any) -> Content:
    """What a form says, over what the case holds. Raises BadField, BadCoordinates, NotOneSubject."""
    category = str(form.get("category") or row.category)
    if category not in set(Category):
        raise BadField(field="类别")
    kept = None if row.geometry is None else to_shape(row.geometry)
    known = {f.key for f in fields.every()}
    filled: dict[str, Any] = {k: v for k, v in row.form.items() if k not in known}
    for each in fields.every():
        value = str(form.get(each.key) or "").strip()
        if value:
            filled[each.key] = _number(each.title, value) if each.kind == "number" else value
    return Content(
        Action(row.action), Category(category), str(form.get("name") or ""), str(form.get("unit") or "") or None,
        shape_of(str(form.get("shape") or ""), str(form.get("coordinates") or ""), kept),
        _subject(session, actor, form, row), str(form.get("applicant_kind") or "") or None,
        str(form.get("contact_name") or ""), str(form.get("contact_phone") or ""), filled,
    )  # fmt: skip


def _number(title: Text, value: str) -> int | float:
    try:
        number = float(value.replace(",", "").replace("，", ""))
    except ValueError:
        raise apply.BadDetail(field=title.zh, why=apply.NOT_NUMBER) from None
    return int(number) if number == int(number) else number


def _subject(session: Session, actor: Person, form: FormData, row: Any) -> int | None:
    """The number of the old name, which was chosen from a list or given by number or in words."""
    given = str(form.get("subject") or "").strip()
    if row.action == Action.NAMING.value or not given:
        return None
    if given.isascii() and given.isdigit() and len(given) < 19:
        return int(given)
    found = list(numbers_named(session, given, actor.district))
    chosen = str(form.get("subject_number") or "")
    if chosen.isascii() and chosen.isdigit() and int(chosen) in found:
        return int(chosen)
    if len(found) != 1:
        shown = "：" + "、".join(str(n) for n in found[:12]) if found else ""
        raise NotOneSubject(given=given[:40], count=len(found), numbers=shown)
    return found[0]


def _moment(form: FormData) -> Any:
    from datetime import datetime

    try:
        return datetime.fromisoformat(str(form.get("saved") or ""))
    except ValueError:
        return None


def _again(request: Request, key: str, problem: Problem, form: FormData | None) -> Response:
    with reading_of(request) as session, transaction(request, "public") as public:
        return _page(request, session, public, key, problem, form)


def values_of(case: Case) -> dict[str, str]:
    """What the fields hold, as texts."""
    row = case.row
    kind, text = text_of(row["geometry"])
    subject = case.subject
    held = {
        "name": row["name"], "category": row["category"], "unit": row["unit_code"] or "",
        "applicant_kind": row["applicant_kind"] or "", "contact_name": row["contact_name"] or "",
        "contact_phone": row["contact_phone"] or "", "shape": kind, "coordinates": text,
        "subject": subject["name"] if subject else str(row["subject_number"] or ""),
        "subject_number": str(row["subject_number"] or ""),
    }  # fmt: skip
    for each in fields.every():
        value = row["form"].get(each.key, "")
        held[each.key] = f"{value:g}" if isinstance(value, float) else str(value)
    return held


def _page(
    request: Request,
    session: Session,
    public: Session,
    key: str,
    problem: Problem | None = None,
    form: FormData | None = None,
) -> Response:
    actor = actor_of(request)
    case = _own(session, actor, key)
    row = case.row
    if row["state"] not in EDITABLE:
        return RedirectResponse(f"/applications/{case.key}", status_code=303)
    values = values_of(case)
    if form is not None:
        asked = (*PLAIN, *(f.key for f in fields.every()))
        values |= {k: str(form[k]) for k in asked if k in form and isinstance(form[k], str)}
    units = townships(request, public)
    here = [(values["name"], row["geometry"])] if row["geometry"] else []
    question = {"name": values["name"], "category": values["category"], "unit": values["unit"]}
    if row["lon"] is not None:
        question |= {"lon": f"{row['lon']:.6f}", "lat": f"{row['lat']:.6f}"}
    if case.subject is not None:
        question["replaces"] = case.subject["name"]
    answer: Mapping[str, Any] = {"answer": None, "findings": [], "again": lambda name: ""}
    # A saved form comes back with the answer; a page that is opened asks for it by itself, and need not wait.
    posted = problem is not None or "done" in request.query_params
    if posted and values["name"] and row["action"] != Action.ABOLITION.value:
        answer, _ = answered(request, session, question)
    complex_shape = values["shape"] == KEEP
    return page(
        request,
        "apply_form.html",
        status=200 if problem is None else status_of(problem),
        map=places_map(request, here, units, draw=True),
        refused=None if problem is None else problem.text,
        moved=isinstance(problem, DraftMoved | Stale),
        values=values,
        action=row["action"],
        action_name=APPLICATION_ACTION_NAMES[Action(row["action"])],
        state_name=APPLICATION_STATE_NAMES[S(row["state"])],
        supplement=row["state"] == S.SUPPLEMENT.value,
        version=row["version"],
        saved=row["saved"].isoformat(),
        saved_at=row["saved"],
        extra={k: v for k, v in row["form"].items() if k not in fields.titles()},
        form_fields=fields.every(),
        belongs=lambda field: field.belongs(values["category"], row["action"]),
        categories=[c.value for c in Category],
        units=units,
        shapes=[*KINDS.items(), *([(KEEP, Text("现有图形", "The shape as it stands"))] if complex_shape else [])],
        vertices=row["geometry"] is not None,
        kinds=[(k.value, applicants.names_of_kinds()[k]) for k in applicants.kinds_of(actor.organisation_kind)],
        plan=None if row["plan_ref"] is None else {"ref": row["plan_ref"], "title": row["plan_title"]},
        demo=row["demo"],
        **{k: v for k, v in answer.items() if k in ("answer", "findings", "again")},
        problem=None,
        **state_of(actor, case),
    )  # fmt: skip


def asked_of(case: Case) -> tuple[list[str], str | None]:
    """What the applicant was asked to supplement the last time, and until when."""
    asked = case.taken("ask_supplement", "ask_more")
    if not asked:
        return [], None
    return list(asked[-1].details.get("items", ())), asked[-1].details.get("until")


def state_of(actor: Person, case: Case) -> dict[str, Any]:
    """What is still missing, the papers and what stands against handing it in."""
    row = case.row
    category, action = Category(row["category"]), Action(row["action"])
    protected = case.protected and action is not Action.NAMING
    owed = {need.kind for need in case_facts.missing_materials(case)}
    given = {m["kind"] for m in case.materials}
    standing = case_facts.standing_of(row, days.today())
    lawful = applicants.applicants_for(category, action, days.today())
    items, until = asked_of(case) if row["state"] == S.SUPPLEMENT.value else ([], None)
    titles = materials.titles()
    known = fields.titles()
    return {
        "key": case.key,
        "editable": row["state"] in EDITABLE,
        "back": "",
        "lacking": [case_facts.LACKING[k] for k in case_facts.lacking(case)],
        "papers": [
            {
                "kind": need.kind, "title": need.title, "source": need.source, "optional": need.optional,
                "missing": need.kind in owed, "given": need.kind in given,
                "fields": [known[f] for f in need.fields if f in known],
            }
            for need in materials.requirements(category, action, protected=protected)
            if not need.demanded
        ],
        "files": [{**m, "title": titles[m["kind"]]} for m in case.materials],
        "most_mb": MaterialLimits.from_environment().bytes // 1024**2,
        "suggestion": standing is Standing.SUGGESTION,
        "not_lawful": lawful.words if standing is Standing.NEITHER and lawful is not None else None,
        "items": items,
        "until": until,
    }  # fmt: skip
