"""公示 /comments: names that are before the public, what people say of them, and what came of it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api import commenting
from api.acts import comment
from api.doors import PublicReading, district_of, transaction
from api.pages.drawing_form import places_map, townships
from api.pages.rendering import page, status_of
from api.paging import decode, encode
from geo import days
from geo.problems import Problem
from geo.store import comments
from geo.store.comments import NoSuchCommentCase, PublicCase
from geo.terms import APPLICATION_ACTION_NAMES
from geo.terms import ApplicationAction as Action
from geo.text import Text

router = APIRouter(include_in_schema=False)

LISTED = 50
STANCES = {
    "support": Text("支持", "Support"),
    "oppose": Text("反对", "Oppose"),
    "other": Text("其他意见", "Other"),
}


@router.get("/comments")
def show_all(request: Request, session: PublicReading) -> Response:
    """The names that are before the public now, and those that were."""
    today = days.today()
    found = comments.public_cases(session, district_of(request).code)
    return page(
        request,
        "comments.html",
        open=[_row(c) for c in found if c.open_on(today)],
        over=[_row(c) for c in found if not c.open_on(today)],
        demo=any(c.demo for c in found),
    )


@router.get("/comments/{number}")
def show(request: Request, number: str, session: PublicReading) -> Response:
    """One of them. Raises NoSuchCommentCase."""
    return _page(request, session, number)


@router.post("/comments/{number}")
async def give(request: Request, number: str) -> Response:
    """Say something; no account is needed."""
    async with request.form() as form:
        return await run_in_threadpool(_give, request, number, form)


def _give(request: Request, number: str, form: FormData) -> Response:
    try:
        commenting.take_turn(request)
        with transaction(request) as session:
            made = comment.give(
                session, number, stance=str(form.get("stance") or ""), says=str(form.get("says") or ""),
                giver=str(form.get("giver") or ""), phone=str(form.get("phone") or ""),
            ).number  # fmt: skip
    except NoSuchCommentCase:
        raise
    except Problem as problem:
        with transaction(request, "public") as session:
            return _page(
                request, session, number, problem, {k: v for k, v in form.items() if isinstance(v, str)}
            )
    return RedirectResponse(f"/comments/{number}?done=commented&as={made}#said", status_code=303)


def _row(case: PublicCase) -> dict[str, Any]:
    return {
        "case": case,
        "action": APPLICATION_ACTION_NAMES[Action(case.action)],
        "left": (case.closes - days.today()).days + 1,
    }


def _page(
    request: Request,
    session: Session,
    number: str,
    problem: Problem | None = None,
    given: dict[str, str] | None = None,
) -> Response:
    case = comments.public_case(session, number[:40])
    after = decode(request.query_params.get("cursor"), int, 0)
    words = comments.public_words(session, case.id, limit=LISTED + 1, after=after)
    units = townships(request, session)
    unit = next((u["name"] for u in units if u["code"] == (case.unit_code or "")[:9]), case.unit_code)
    old = comments.subject_of(session, case.subject_number)
    shape = case.geometry or (old["geometry"] if old else None)
    return page(
        request,
        "comment_case.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        given=given or {},
        unit=unit,
        old=old,
        map=places_map(request, [(case.name or (old["name"] if old else ""), shape)], units) if shape else None,
        stances=STANCES,
        open=case.open_on(days.today()),
        words=words[:LISTED],
        next_href=f"/comments/{number}?cursor={encode(words[LISTED - 1].id)}#said" if len(words) > LISTED else None,
        mine=request.query_params.get("as", "")[:20],
        demo=case.demo,
        **_row(case),
    )  # fmt: skip
