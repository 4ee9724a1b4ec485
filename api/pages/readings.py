"""审定读音 /registry/readings: a reading settled for a text, and the names in the register that follow it."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.acts import edit_words, respell
from api.doors import Acting, Reading, transaction
from api.pages.rendering import actor_of, page, reading_of, status_of
from api.security.person import Person
from geo.problems import Problem
from geo.store import naming_words

router = APIRouter(include_in_schema=False)

SHOWN = 200


@router.get("/registry/readings")
def show(request: Request, session: Reading) -> Response:
    """All settled readings; `text` and `unit` open one, with the names that are spelled otherwise."""
    asked = request.query_params
    return _page(request, session, {"text": asked.get("text", ""), "unit": asked.get("unit", "")})


@router.post("/registry/readings")
async def change(request: Request, actor: Acting) -> Response:
    """Settle a reading, or spell the names that it changes anew."""
    form = await request.form()
    given = {key: value.strip() for key, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_change, request, actor, given)


def _change(request: Request, actor: Person, given: dict[str, str]) -> Response:
    text, unit, reason = given.get("text", ""), given.get("unit") or None, given.get("reason", "")
    try:
        with transaction(request) as session:
            if given.get("act") == "respell":
                respell.respell(session, actor, text, unit, reason=reason)
            else:
                edit_words.settle_reading(
                    session, actor, text, reading=given.get("reading", ""), unit=unit, source=given.get("source", ""),
                    reason=reason,
                )  # fmt: skip
    except Problem as problem:
        with reading_of(request) as session:
            return _page(request, session, given, problem)
    asked = urlencode({"text": text, "unit": unit or "", "done": "registry"})
    return RedirectResponse(f"/registry/readings?{asked}", status_code=303)


def _page(
    request: Request, session: Reading, given: dict[str, str], problem: Problem | None = None
) -> Response:
    actor = actor_of(request)
    rows = [row for row in naming_words.current_settings(session, "reading") if row.value]
    key = f"{given.get('unit', '')}|{given.get('text', '')}"
    chosen = next((row for row in rows if row.key == key), None)
    found = []
    if chosen is not None:
        found = respell.offered(session, actor, given["text"], given.get("unit") or None, limit=SHOWN)
    return page(
        request,
        "readings.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        rows=rows,
        given=given,
        chosen=chosen,
        found=found[:SHOWN],
        more=len(found) > SHOWN,
        most=respell.MOST,
    )
