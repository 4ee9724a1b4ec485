"""自行注册 /register and whom somebody applies for: the public form, one's own claim, the administrators' list."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.acts import register
from api.acts.register import CLAIMED, Claim
from api.doors import (
    Acting,
    PublicReading,
    address,
    district_of,
    settings_of,
    take_turn,
    transaction,
    transactions,
)
from api.pages.account import Unlike
from api.pages.drawing_form import townships
from api.pages.rendering import page, person_of, reading_of, status_of
from api.pages.users import KIND_NAMES
from api.security.passwords import SHORTEST
from api.security.person import Person
from geo.approvals import applicants
from geo.approvals.applicants import ApplicantKind
from geo.problems import BadInput, Problem
from geo.store import claims
from geo.store.tables import OrganisationClaim
from geo.text import Text

router = APIRouter(include_in_schema=False)

#: The fields that come back after a refusal; passwords never do.
KEPT = ("login", "name", "phone", "kind", "organisation", "unit", "says")
STATES = {
    "waiting": Text("待核实", "To be confirmed"),
    "confirmed": Text("已确认", "Confirmed"),
    "refused": Text("未确认", "Not confirmed"),
}
DECIDED_AT_ONCE = 30


class NoKind(BadInput):
    """Nobody said whom he applies for."""

    code = "no-applicant-kind"
    title = Text("请选择您是个人还是代表机构申请", "Say whether you apply yourself or for an organisation")


@router.get("/register")
def show(request: Request, public: PublicReading) -> Response:
    """The form of a new account; who is logged in has one."""
    if person_of(request) is not None:
        return RedirectResponse("/account", status_code=303)
    if not settings_of(request).registration:
        raise register.RegistrationOff()
    return _form(request, public)


def _form(
    request: Request, public: Session, problem: Problem | None = None, form: FormData | None = None
) -> Response:
    return page(
        request,
        "register.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        given={key: _text(form, key, 2000) for key in KEPT},
        shortest=SHORTEST,
        **claim_form(request, public),
    )


def claim_form(request: Request, public: Session) -> dict[str, Any]:
    """What the fields of a claim offer: kinds of organisations, and the district's townships."""
    names = applicants.names_of_kinds()
    return {
        "citizen": ApplicantKind.CITIZEN.value,
        "kinds": [(kind.value, names[kind]) for kind in CLAIMED],
        "units": [(u["code"], u["name"]) for u in townships(request, public)],
    }


@router.post("/register")
async def make(request: Request) -> Response:
    """A new account; then to the login, with its name filled in. A refusal shows the form again."""
    if person_of(request) is not None:
        return RedirectResponse("/account", status_code=303)
    async with request.form() as form:
        return await run_in_threadpool(_make, request, form)


def _make(request: Request, form: FormData) -> Response:
    settings = settings_of(request)
    if not settings.registration:
        raise register.RegistrationOff()
    try:
        take_turn(request, "register", burst=settings.register_burst, per_minute=settings.register_per_minute)
        password = _text(form, "password", 1024, strip=False)
        if password != _text(form, "again", 1024, strip=False):
            raise Unlike()
        with transaction(request) as session:
            made = register.register(
                session, login=_text(form, "login", 64).lower(), name=_text(form, "name", 200),
                phone=_text(form, "phone", 60), password=password, claim=_claim(form),
                district=district_of(request).code, address=address(request),
            )  # fmt: skip
            login = made.login
    except Problem as problem:
        with transactions(request)("public")() as public:
            return _form(request, public, problem, form)
    return RedirectResponse(f"/login?next=/apply&made={login}", status_code=303)


@router.post("/account/organisation")
async def claim(request: Request, actor: Acting) -> Response:
    """Whom one applies for, said afterwards or again after a refusal."""
    async with request.form() as form:
        return await run_in_threadpool(_claim_later, request, actor, form)


def _claim_later(request: Request, actor: Person, form: FormData) -> Response:
    try:
        made = _claim(form)
        if made is None:
            raise NoKind()
        with transaction(request) as session:
            register.claim(session, actor, made)
    except Problem as problem:
        return _mine(request, actor, problem, form)
    return RedirectResponse("/account/organisation?done=claim", status_code=303)


@router.get("/account/organisation")
def show_claim(request: Request, actor: Acting) -> Response:
    """Where one's claim stands, and the form of one."""
    return _mine(request, actor)


def _mine(
    request: Request, actor: Person, problem: Problem | None = None, form: FormData | None = None
) -> Response:
    with reading_of(request) as session:
        latest = claims.latest_of(session, actor.id)
        shown = None if latest is None else claim_of(latest)
    with transactions(request)("public")() as public:
        fields = claim_form(request, public)
    return page(
        request, "account_organisation.html", status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text, given={key: _text(form, key, 2000) for key in KEPT},
        claim=shown, single=actor.organisation_kind == "citizen", **fields,
    )  # fmt: skip


def claim_of(row: OrganisationClaim) -> dict[str, Any]:
    """A claim as its person and the administrators see it."""
    return {
        "id": row.id, "kind": applicants.names_of_kinds()[ApplicantKind(row.kind)], "organisation": row.organisation,
        "unit_code": row.unit_code, "says": row.says, "state": row.state, "state_name": STATES[row.state],
        "answer": row.answer, "created": row.created, "decided_at": row.decided_at,
    }  # fmt: skip


@router.get("/admin/claims")
def show_claims(request: Request, actor: Acting) -> Response:
    """Who says that he applies for an organisation, the oldest first."""
    return _claims(request, actor)


def _claims(
    request: Request, actor: Person, problem: Problem | None = None, at: int = 0, form: FormData | None = None
) -> Response:
    with reading_of(request) as session:
        waiting = register.listed(session, actor, waiting=True)
        decided = register.listed(session, actor, waiting=False, limit=DECIDED_AT_ONCE)
        known = claims.accounts_in(session, [c.organisation for c in waiting])
        rows = [
            {
                **claim_of(c), "user_id": c.user_id, "login": c.user.login, "name": c.user.name,
                "phone": c.user.phone, "demo": c.user.demo, "known": _known(known.get(c.organisation)),
            }
            for c in waiting
        ]  # fmt: skip
        over = [
            {**claim_of(c), "user_id": c.user_id, "login": c.user.login, "name": c.user.name} for c in decided
        ]
    answer = page(
        request, "claims.html", status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text, rows=rows, over=over, tried=at,
        given={key: _text(form, key, 2000) for key in ("organisation", "unit", "reason")},
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _known(found: tuple[str, int] | None) -> tuple[Text, int] | None:
    return None if found is None else (KIND_NAMES[found[0]], found[1])


@router.post("/admin/claims/{claim_id:int}")
async def decide(
    request: Request, actor: Acting, claim_id: Annotated[int, Path(ge=1, le=2**63 - 1)]
) -> Response:
    """Confirm a claim, or refuse it with a reason."""
    async with request.form() as form:
        return await run_in_threadpool(_decide, request, actor, claim_id, form)


def _decide(request: Request, actor: Person, claim_id: int, form: FormData) -> Response:
    try:
        with transaction(request) as session:
            register.decide(
                session, actor, claim_id, confirm=form.get("step") == "confirm", reason=_text(form, "reason", 2000),
                organisation=_text(form, "organisation", 200) or None, unit_code=_text(form, "unit", 12) or None,
            )  # fmt: skip
    except Problem as problem:
        return _claims(request, actor, problem, claim_id, form)
    return RedirectResponse("/admin/claims?done=claim_decided", status_code=303)


def _claim(form: FormData) -> Claim | None:
    """The claim that a form holds; None for a citizen. Raises NoKind."""
    kind = _text(form, "kind", 20)
    if kind == ApplicantKind.CITIZEN.value:
        return None
    if kind not in {k.value for k in CLAIMED}:
        raise NoKind()
    return Claim(
        ApplicantKind(kind), _text(form, "organisation", 200), _text(form, "unit", 12) or None,
        _text(form, "says", 2001),
    )  # fmt: skip


def _text(form: FormData | None, field: str, longest: int, *, strip: bool = True) -> str:
    given = "" if form is None else form.get(field)
    said = (given if isinstance(given, str) else "").replace("\0", "")[:longest]
    return said.strip() if strip else said
