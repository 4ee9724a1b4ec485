"""审查办理 /review: submissions that wait for a decision, lines with a step that this person may take."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.acts import submit
from api.doors import Acting, Reading, district_of
from api.pages.line import steps_open
from api.pages.rendering import page
from geo.boundaries.life import CLEAR_DISPUTE, SET_DISPUTE
from geo.settings import as_of
from geo.store import lists, submissions
from geo.terms import LineState, SubmissionState

router = APIRouter(include_in_schema=False)


@router.get("/review")
def show(request: Request, actor: Acting, session: Reading) -> Response:
    """What waits for this officer: the newest submissions first, then lines in the order of their life."""
    waiting, _ = submissions.listing(
        session, district=actor.district, state=SubmissionState.CHECKED.value, limit=100
    )
    decidable = [
        item
        for item in waiting
        if {"accept", "return"} & set(submit.may(session, actor, submissions.find(session, item["id"])))
    ]
    found = lists.lines(
        session, district=district_of(request).code, at=as_of(), officer=True, limit=lists.MOST
    ).items
    lines = []
    for line in found:
        state = LineState(line["state_now"])
        steps = [
            step
            for step in steps_open(state, line["in_dispute"], actor.roles)
            if step["name"] not in (SET_DISPUTE, CLEAR_DISPUTE) and step["to"]
        ]
        if steps and state is not LineState.SETTLED:
            lines.append({**line, "state": state.value, "steps": steps})
    order = list(LineState)
    lines.sort(key=lambda line: (-order.index(LineState(line["state"])), line["name"]))
    return page(
        request,
        "review.html",
        submissions=decidable,
        lines=lines,
        demo=any(line["demo"] for line in lines),
    )
