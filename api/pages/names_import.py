"""地名导入 /names/import: a file, its columns as they were understood, a dry run, then the import for good."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.acts import import_names as acts
from api.doors import Acting, Reading, settings_of, transaction
from api.pages.forms import NotConfirmed, received, sent
from api.pages.rendering import actor_of, page, reading_of, status_of
from geo.names.categories import Category
from geo.names.register import columns
from geo.problems import Problem
from geo.store.tables import NameImport
from geo.terms import NAME_STATUS_NAMES, NameStatus

router = APIRouter(include_in_schema=False)

#: Imports of the past that the page lists.
LISTED = 20
GIVEN = ("document", "on", "source", "status", "category", "unit", "sheet")


@router.get("/names/import")
def show_form(request: Request, actor: Acting, session: Reading) -> Response:
    """Where to drop a file, and what was brought in before."""
    return _form(request, session)


@router.post("/names/import")
async def upload(request: Request) -> Response:
    """Take a file in; it is tried, nothing is kept yet."""
    async with request.form() as form:
        return await run_in_threadpool(_upload, request, form)


@router.get("/names/import/{import_id}")
def show(request: Request, import_id: UUID, actor: Acting, session: Reading) -> Response:
    """One import: its progress, then its mapping, result and bad rows."""
    return _result(request, session, import_id)


@router.post("/names/import/{import_id}")
async def again(request: Request, import_id: UUID) -> Response:
    """Try once more with another mapping, or import for good."""
    async with request.form() as form:
        return await run_in_threadpool(_again, request, import_id, form)


def _text(form: FormData, field: str) -> str:
    value = form.get(field)
    return value.strip() if isinstance(value, str) else ""


def _choices() -> dict[str, Any]:
    return {
        "categories": [c.value for c in Category],
        "statuses": [(s.value, NAME_STATUS_NAMES[s]) for s in NameStatus],
        "columns": list(columns().values()),
    }


def _form(
    request: Request, session: Session, problem: Problem | None = None, given: dict[str, str] | None = None
) -> Response:
    past = session.scalars(select(NameImport).order_by(NameImport.created.desc()).limit(LISTED)).all()
    return page(
        request, "names_import.html", status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text, past=past, given=given or {},
        limit_mb=settings_of(request).upload_bytes // 1024**2, **_choices(),
    )  # fmt: skip


def _upload(request: Request, form: FormData) -> Response:
    actor = actor_of(request)
    given = {field: _text(form, field) for field in (*GIVEN, "encoding")}
    try:
        limit = settings_of(request).upload_bytes
        with received(sent(form), limit=limit) as came, transaction(request) as session:
            row = acts.request(
                session, actor, filename=came.filename, path=came.path, options=given, dry_run=True
            )
            number = row.id
    except Problem as problem:
        with reading_of(request) as session:
            return _form(request, session, problem, given)
    return RedirectResponse(f"/names/import/{number}", status_code=303)


def _again(request: Request, import_id: UUID, form: FormData) -> Response:
    actor = actor_of(request)
    options: dict[str, Any] = {field: _text(form, field) for field in GIVEN}
    options["mapping"] = {key: _text(form, f"map:{key}") for key in columns() if f"map:{key}" in form}
    for_good = form.get("step") == "import"
    try:
        if for_good and form.get("confirmed") != "yes":
            raise NotConfirmed()
        with transaction(request) as session:
            if options["sheet"] not in ("", acts.read_sheet(acts.find(session, import_id))):
                # Another sheet is tried before anything of it is kept, with columns of its own.
                del options["mapping"]
                for_good = False
            row = acts.again(session, actor, import_id, options=options, dry_run=not for_good)
            number = row.id
    except acts.NoSuchImport:
        raise
    except Problem as problem:
        with reading_of(request) as session:
            return _result(request, session, import_id, problem)
    return RedirectResponse(f"/names/import/{number}", status_code=303)


def _result(request: Request, session: Session, import_id: UUID, problem: Problem | None = None) -> Response:
    row = acts.find(session, import_id)
    result = row.result or {}
    mapping: dict[str, str] = dict(result.get("mapping", row.options.get("mapping", {})))
    return page(
        request, "names_import_result.html", status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text, row=row, result=result, mapping=mapping,
        waiting=row.state in ("received", "running"),
        used=[c for c in columns().values() if c.key in mapping],
        unused=[c for c in columns().values() if c.key not in mapping],
        counts=[k for k in COUNTS if k in result], headings=result.get("headings", []), others=result.get("others", []),
        unmapped=[h for h in result.get("headings", []) if h not in mapping.values()], **_choices(),
    )  # fmt: skip


COUNTS = (
    "rows",
    "new",
    "changed",
    "unchanged",
    "refused",
    "renamed",
    "other_names",
    "uncertain_readings",
    "spelled_otherwise",
)
