"""成果提交 /survey: upload, progress, findings on a map beside a list, settings, resubmission, decision.

Every form here works without JavaScript; with it the upload shows its progress and the list moves the map.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from shapely.geometry import mapping
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.acts import publish, return_, submit
from api.doors import Acting, Reading, Settings, district_of, language, settings_of, transaction
from api.pages import changes as differences
from api.pages.findings import grouped, totals
from api.pages.forms import NotConfirmed, choice, received, sent, whole
from api.pages.rendering import (
    actor_of,
    approval,
    page,
    reading_of,
    status_of,
    viewing_date,
    words,
)
from api.security.access import OFFICERS
from api.security.person import Person
from geo.checks.scene import FIELDS
from geo.problems import NotFound, Problem
from geo.reading.layers import ReadOptions
from geo.store import map_frames, submissions
from geo.store import options as decisions
from geo.store.tables import Submission
from geo.terms import Profile, Role, UserRole
from maps import finding_map
from maps.boundary_map import About
from maps.page import Assets

router = APIRouter(include_in_schema=False)

#: Features drawn on the map of a submission; a bigger file's map shows its findings and the first ones.
MOST_FEATURES = 5000


@router.get("/survey")
def show_list(
    request: Request, actor: Acting, session: Reading, settings: Settings, cursor: int | None = None
) -> Response:
    """Own submissions, for officers all of them, and the place to drop a file."""
    return _list(request, actor, session, cursor=cursor)


@router.post("/survey")
async def upload(request: Request) -> Response:
    """Take an upload in from the form, as the interface does from a program."""
    async with request.form() as form:
        return await run_in_threadpool(_upload, request, form)


@router.get("/survey/{number}")
def show(request: Request, number: int, actor: Acting, session: Reading, view: str = "findings") -> Response:
    """One submission. view: findings or changes. Raises NoSuchSubmission."""
    return _page(request, number, actor, session, view=view)


@router.post("/survey/{number}/recheck")
async def recheck(request: Request, number: int) -> Response:
    """Check the same file again with other settings."""
    async with request.form() as form:
        return await run_in_threadpool(_recheck, request, number, form)


@router.post("/survey/{number}/decide")
async def decide(request: Request, number: int) -> Response:
    """Accept or return, with a reason and the box ticked."""
    async with request.form() as form:
        return await run_in_threadpool(_decide, request, number, form)


def _row(session: Session, actor: Person, number: int) -> Submission:
    row = session.scalars(select(Submission).where(Submission.number == number)).first()
    if row is None or not submit.may_see(actor, row):
        raise submissions.NoSuchSubmission()
    return row


def _list(
    request: Request,
    actor: Person,
    session: Session,
    *,
    cursor: int | None = None,
    problem: Problem | None = None,
) -> Response:
    officer = actor.holds(*OFFICERS)
    items, after = submissions.listing(
        session,
        district=actor.district,
        organisation_id=None if officer else actor.organisation_id,
        before=cursor,
        limit=30,
    )
    return page(
        request,
        "survey.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        items=items,
        next=str(after) if after else None,
        own_only=not officer,
        may_submit=actor.holds(UserRole.SURVEYOR),
        limit_mb=settings_of(request).upload_bytes // 1024**2,
        demo=any(item["demo"] for item in items),
    )


def _upload(request: Request, form: FormData) -> Response:
    actor = actor_of(request)
    replaces = str(form.get("replaces") or "")
    try:
        file, options = sent(form), _options(form)
        with received(file) as came, transaction(request) as session:
            row = submit.submit(
                session,
                actor,
                filename=came.filename,
                path=came.path,
                options=options,
                replaces=_uuid(replaces),
            )
            number = row.number
    except Problem as problem:
        with reading_of(request) as session:
            return _list(request, actor, session, problem=problem)
    return RedirectResponse(f"/survey/{number}?done=resubmitted", status_code=303)


def _uuid(text: str) -> Any:
    from uuid import UUID

    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise submissions.NoSuchSubmission() from error


def _options(form: FormData) -> ReadOptions:
    """The reading options of the upload form; empty fields mean that the system decides."""
    role = str(form.get("role") or "")
    crs = str(form.get("crs") or "").strip()
    return ReadOptions(
        profile=Profile.GENERIC if form.get("profile") == Profile.GENERIC.value else Profile.TOWNSHIP,
        role=Role(role) if role in set(Role) else None,
        crs=whole(form, "crs") if crs else None,
        encoding=str(form.get("encoding") or "").strip() or None,
    )


def _changed(form: FormData, row: Submission) -> ReadOptions:
    """The options of the settings form: what stands there, where it differs from what the system found."""
    base = _options(form)
    roles: dict[str, Role] = {}
    fields: dict[str, dict[str, str]] = {}
    kept = decisions.from_json(row.options)
    layers = (row.report or {}).get("layers", [])
    for number, layer in enumerate(layers):
        name = layer["name"]
        role = str(form.get(f"role:{number}") or "")
        if role in set(Role) and (role != layer["role"] or name in kept.roles):
            roles[name] = Role(role)
        # Our names of another role say nothing about the layer once its role was changed.
        if role == (layer["role"] or ""):
            given = {
                ours: str(form.get(f"field:{number}:{ours}") or "").strip()
                for ours in FIELDS.get(Role(layer["role"]), ())
            } if layer["role"] else {}  # fmt: skip
            set_by_hand = {ours: field for ours, field in given.items() if field}
            if set_by_hand != dict(layer["fields"]) or name in kept.fields:
                fields[name] = set_by_hand
    return ReadOptions(
        profile=base.profile, role=kept.role, roles=roles, crs=base.crs, encoding=base.encoding, fields=fields,
        ring=choice(form, "ring"),
        swapped=choice(form, "swapped"),
    )  # fmt: skip


def _recheck(request: Request, number: int, form: FormData) -> Response:
    actor = actor_of(request)
    try:
        with transaction(request) as session:
            row = _row(session, actor, number)
            submit.recheck(
                session,
                actor,
                row.id,
                _changed(form, row),
                whole(form, "version"),
                str(form.get("reason") or "").strip(),
            )
    except NotFound:
        raise
    except Problem as problem:
        with reading_of(request) as session:
            return _page(request, number, actor, session, problem=problem)
    return RedirectResponse(f"/survey/{number}?done=recheck", status_code=303)


def _decide(request: Request, number: int, form: FormData) -> Response:
    actor = actor_of(request)
    accepting = form.get("step") == "accept"
    try:
        if form.get("confirmed") != "yes":
            raise NotConfirmed()
        with transaction(request) as session:
            row = _row(session, actor, number)
            act = publish.accept if accepting else return_.give_back
            act(
                session,
                actor,
                row.id,
                reason=str(form.get("reason") or "").strip(),
                version=whole(form, "version"),
            )
    except NotFound:
        raise
    except Problem as problem:
        with reading_of(request) as session:
            return _page(request, number, actor, session, problem=problem)
    done = "accepted" if accepting else "returned"
    return RedirectResponse(f"/survey/{number}?done={done}", status_code=303)


def _page(
    request: Request,
    number: int,
    actor: Person,
    session: Session,
    *,
    view: str = "findings",
    problem: Problem | None = None,
) -> Response:
    row = _row(session, actor, number)
    shown = submissions.describe(session, [row])[0]
    spoken = language(request)
    may = submit.may(session, actor, row)
    changed = submissions.changes(session, row)
    found = submissions.findings(session, row) if row.report else []
    officer = actor.holds(*OFFICERS)
    content: dict[str, Any] = {
        "s": {
            **shown,
            "may": may,
            "changes": changed,
            "replaces": _number(session, shown["replaces"]),
            "replaced_by": _number(session, shown["replaced_by"]),
        },
        "findings": found,
        "totals": totals(found),
        "groups": grouped(found, frozenset((changed or {}).get("new", ())), spoken),
        "layers": list(_layers(row.report or {}, request)),
        "view": "findings",
        "has_changes": False,
        "changes": [],
        "officer": officer,
        "own": row.submitted_by == actor.id or row.organisation_id == actor.organisation_id,
        "may_decide": bool({"accept", "return"} & set(may)),
        "limit_mb": settings_of(request).upload_bytes // 1024**2,
        "problem": None if problem is None else problem.text,
        "demo": row.demo,
    }
    if row.report:
        about = _about(request)
        units = _units(session, request)
        features = submissions.features(session, row)
        content["has_changes"] = row.state in differences.COMPARABLE
        compared = None
        if view == "changes":
            compared = differences.of(
                session, row, district=district_of(request), at=viewing_date(request), language=spoken
            )
        if compared is not None:
            content["view"] = "changes"
            content["changes"] = differences.listed(compared)
            content["map"] = differences.drawn(compared, units, about, Assets(), request.state.nonce)
        else:
            content["map"] = finding_map.build(
                [{**f, "geometry": None if f["geometry"] is None else mapping(f["geometry"])} for f in found],
                [
                    {
                        "properties": {"role": f["role"], "ident": f["ident"]},
                        "geometry": None if f["geometry"] is None else mapping(f["geometry"]),
                    }
                    for f in features[:MOST_FEATURES]
                ],
                units,
                about,
                Assets(),
                request.state.nonce,
            )
    return page(
        request, "submission.html", status=200 if problem is None else status_of(problem), **content
    )  # fmt: skip


def _number(session: Session, id: Any) -> int | None:
    return None if id is None else session.scalar(select(Submission.number).where(Submission.id == id))


def _layers(report: dict[str, Any], request: Request) -> Iterator[dict[str, Any]]:
    """The layers of a report, each with the reasons of what was decided and the columns to choose from."""
    spoken = language(request)
    layers = report.get("layers", [])
    details = report.get("details", [])
    # One object a layer, in the layers' order; a file that could not be read has none.
    known = details if len(details) == len(layers) else [{}] * len(layers)
    for number, (layer, detail) in enumerate(zip(layers, known, strict=True)):
        names = FIELDS.get(Role(layer["role"]), ()) if layer["role"] else ()
        reasons = {of: (detail.get(of) or {}).get(spoken) for of in ("crs", "encoding", "role")}
        columns = list(detail.get("columns", ()))
        columns += [field for field in layer["fields"].values() if field not in columns]
        done = {what: count for what, count in detail.get("normalised", {}).items() if count}
        if detail.get("deleted"):
            done["deleted_rows"] = detail["deleted"]
        yield {
            **layer,
            "index": number,
            "ours": [(name, words()[f"field_{name}"].in_language(spoken)) for name in names],
            "reasons": reasons,
            "columns": columns,
            "swapped": bool(detail.get("swapped")),
            "normalised": done,
        }


def _about(request: Request) -> About:
    district, spoken = district_of(request), language(request)
    return About(
        district=district.name_en if spoken == "en" else district.name,
        on=viewing_date(request),
        approval=approval(spoken),
        officer=True,
        language=spoken,
    )


def _units(session: Session, request: Request) -> list[tuple[str, Any]]:
    """Township outlines for orientation, as the submitting firm may see them: the published ones."""
    frames = map_frames.map_frames(
        session, district=district_of(request).code, at=viewing_date(request), officer=False
    )
    townships = frames.units[frames.units["level"] == "township"]
    return list(zip(townships["name"], townships.geometry, strict=True))
