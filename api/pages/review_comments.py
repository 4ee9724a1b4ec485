"""公众意见的处理 on a case's page: show a comment, or hide it with a reason, and answer it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.acts import comment
from api.doors import transaction
from api.pages.forms import whole
from api.pages.rendering import actor_of, reading_of, status_of
from api.pages.review_case import show_case
from geo.problems import Problem

router = APIRouter(include_in_schema=False)


@router.post("/review/{number}/comments/{key}")
async def moderate(request: Request, number: str, key: str) -> Response:
    """Moderate one comment; refused, the case comes again with what is wrong."""
    form = await request.form()

    def act() -> Response:
        actor = actor_of(request)
        try:
            with transaction(request) as session:
                comment.moderate(
                    session, actor, key, show=form.get("do") == "show", version=whole(form, "version"),
                    reason=str(form.get("reason") or ""), answer=str(form.get("answer") or "") or None,
                )  # fmt: skip
        except Problem as problem:
            with reading_of(request) as session:
                return show_case(
                    request, session, actor, number, problem=problem.text, status=status_of(problem)
                )
        return RedirectResponse(f"/review/{number}?done=saved#comments", 303)

    return await run_in_threadpool(act)
