"""用户管理 /admin/users: the list, one user's form, a new user; first passwords are shown on one answer only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.acts import manage_users
from api.acts.administer import KINDS
from api.doors import Acting, district_of, settings_of, transaction
from api.pages.forms import BadField, whole
from api.pages.rendering import page, reading_of, status_of
from api.security.person import Person
from api.security.sessions import now
from geo.problems import Problem
from geo.store import people
from geo.store.tables.people import User
from geo.terms import USER_ROLE_NAMES, UserRole
from geo.text import Text

router = APIRouter(include_in_schema=False)

KIND_NAMES = {
    "firm": Text("测绘单位", "Surveying firm"),
    "township": Text("镇街", "Township"),
    "department": Text("部门", "Department"),
    "operator": Text("设施运营方", "Operator"),
    "committee": Text("村（居）民委员会", "Village or residents' committee"),
    "builder": Text("建设单位", "Builder"),
    "citizen": Text("个人", "Private person"),
    "other": Text("其他", "Other"),
}
AT_ONCE = 50


@router.get("/admin/users")
def show_list(request: Request, actor: Acting) -> Response:
    """Who may act here, found by name, role and state."""
    asked = {
        k: request.query_params.get(k, "").replace("\0", "")[:60] for k in ("q", "role", "state", "after")
    }
    role = asked["role"] if asked["role"] in set(UserRole) else ""
    with reading_of(request) as session:
        found = manage_users.listed(
            session, actor, words=asked["q"].strip(), role=role, after=asked["after"], limit=AT_ONCE,
            active={"open": True, "closed": False}.get(asked["state"]),
        )  # fmt: skip
    rows = found[:AT_ONCE]
    more = urlencode({**asked, "after": rows[-1].login}) if len(found) > AT_ONCE else ""
    return page(
        request, "users.html", rows=[_row(request, user) for user in rows], asked=asked, more=more,
        roles=USER_ROLE_NAMES, here=district_of(request).code,
    )  # fmt: skip


def _row(request: Request, user: User) -> dict[str, Any]:
    held = manage_users.grants_of(user)
    return {
        "id": user.id, "login": user.login, "name": user.name, "organisation": user.organisation.name,
        "active": user.active, "demo": user.demo, "locked": bool(user.locked_until and user.locked_until > now()),
        "must_change": user.must_change, "kind": KIND_NAMES[user.organisation.kind],
        "grants": [(d, [USER_ROLE_NAMES[UserRole(r)] for r in roles]) for d, roles in held.items()],
    }  # fmt: skip


@router.get("/admin/users/new")
def show_new(request: Request, actor: Acting) -> Response:
    """The form of a new user."""
    with reading_of(request) as session:
        return _form(request, session, actor, None)


@router.post("/admin/users")
async def create(request: Request, actor: Acting) -> Response:
    """A new user; the answer shows the first password."""
    return await run_in_threadpool(_create, request, actor, await request.form())


def _create(request: Request, actor: Person, form: FormData) -> Response:
    try:
        with transaction(request) as session:
            user, password = manage_users.create(
                session, actor, login=_text(form, "login"), grants=_grants(form), reason=_text(form, "reason", 1000),
                **_home(form), name=_text(form, "name"),
            )  # fmt: skip
            return _form(request, session, actor, user, password=password)
    except Problem as problem:
        with reading_of(request) as session:
            return _form(request, session, actor, None, problem=problem, form=form)


@router.get("/admin/users/{user_id:int}")
def show_user(request: Request, actor: Acting, user_id: int = Path(ge=1, le=2**63 - 1)) -> Response:
    """One user's form."""
    with reading_of(request) as session:
        return _form(request, session, actor, manage_users.account(session, actor, user_id))


@router.post("/admin/users/{user_id:int}")
async def change(request: Request, actor: Acting, user_id: int = Path(ge=1, le=2**63 - 1)) -> Response:
    """One user is changed, closed, opened, unlocked, linked, or gets a new first password."""
    return await run_in_threadpool(_change, request, actor, user_id, await request.form())


def _change(request: Request, actor: Person, user_id: int, form: FormData) -> Response:
    try:
        with transaction(request) as session:
            why = {"version": whole(form, "version"), "reason": _text(form, "reason", 1000)}
            step = form.get("step")
            if step == "reset":
                user, password = manage_users.reset(session, actor, user_id, **why)
                return _form(request, session, actor, user, password=password)
            if step == "unlock":
                manage_users.unlock(session, actor, user_id, **why)
            elif step == "link":
                issuer = settings_of(request).oidc_issuer
                subject = _text(form, "identity", 255)
                manage_users.link(session, actor, user_id, issuer=issuer, subject=subject, **why)
            elif step in ("close", "open"):
                manage_users.change(session, actor, user_id, active=step == "open", **why)
            else:
                manage_users.change(
                    session,
                    actor,
                    user_id,
                    name=_text(form, "name"),
                    grants=_grants(form),
                    **_home(form),
                    **why,
                )
    except Problem as problem:
        with reading_of(request) as session:
            user = manage_users.account(session, actor, user_id)
            return _form(request, session, actor, user, problem=problem, form=form)
    return RedirectResponse(f"/admin/users/{user_id}?done=user", status_code=303)


def _form(
    request: Request,
    session: Session,
    actor: Person,
    user: User | None,
    *,
    problem: Problem | None = None,
    password: str | None = None,
    form: FormData | None = None,
) -> Response:
    """The form; after a refusal with what was filled in, so that nothing has to be typed twice."""
    held: Mapping[str, list[str]] = {} if user is None else manage_users.grants_of(user)
    given = {
        "login": "" if user is None else user.login,
        "name": "" if user is None else user.name,
        "organisation": "" if user is None else user.organisation.name,
        "organisation_kind": "department" if user is None else user.organisation.kind,
        "unit_code": "" if user is None else user.organisation.unit_code or "",
        "identity": "" if user is None else user.oidc_subject or "",
        "reason": "",
    }
    if form is not None:
        given |= {key: str(form[key]) for key in given if isinstance(form.get(key), str)}
        if "grant" in form or form.get("step") in (None, "save"):
            held = {}
            for each in form.getlist("grant"):
                district, _, role = str(each).partition(":")
                held.setdefault(district, []).append(role)  # type: ignore[attr-defined]
    mine = people.administered(session, actor.id)
    districts = sorted({district_of(request).code, *mine, *held})
    shown = page(
        request,
        "user.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        user=user,
        locked=bool(user and user.locked_until and user.locked_until > now()),
        own=user is not None and user.id == actor.id,
        mine=mine,
        given=given,
        held=held,
        districts=districts,
        roles=USER_ROLE_NAMES,
        kinds={kind: KIND_NAMES[kind] for kind in KINDS},
        password=password,
        issuer=settings_of(request).oidc_issuer,
    )
    if password is not None:
        shown.headers["Cache-Control"] = "no-store"
    return shown


def _text(form: FormData, field: str, longest: int = 100) -> str:
    return str(form.get(field) or "").replace("\0", "").strip()[: longest + 1]


def _home(form: FormData) -> dict[str, Any]:
    return {
        "organisation": _text(form, "organisation"),
        "organisation_kind": _text(form, "organisation_kind") or "department",
        "unit_code": _text(form, "unit_code")[:12] or None,
    }


def _grants(form: FormData) -> dict[str, list[UserRole]]:
    found: dict[str, list[UserRole]] = {}
    for each in form.getlist("grant"):
        district, _, role = str(each).partition(":")
        try:
            found.setdefault(district, []).append(UserRole(role))
        except ValueError as error:
            raise BadField(field="grant") from error
    return found
