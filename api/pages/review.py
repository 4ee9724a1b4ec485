"""审查办理 /review: the queue of cases with filters and days left; then submissions that wait for a decision, and lines
with a step that this person may take."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.acts import submit
from api.doors import Acting, Reading, district_of
from api.pages.line import steps_open
from api.pages.rendering import page
from api.paging import decode, encode
from api.security.person import Person
from geo import days
from geo.approvals import holidays, life
from geo.boundaries.life import CLEAR_DISPUTE, SET_DISPUTE
from geo.names.categories import Category
from geo.settings import as_of
from geo.store import approvals_queue, lists, submissions
from geo.store.approvals_queue import OPEN, Filters, QueueRow
from geo.terms import (
    APPLICATION_ACTION_NAMES,
    APPLICATION_STATE_NAMES,
    ApplicationAction,
    ApplicationState,
    LineState,
    SubmissionState,
    UserRole,
)

router = APIRouter(include_in_schema=False)

#: Rows of the queue on a page; days within which a limit counts as near.
PER_PAGE, SOON_DAYS = 50, 3
#: States that nobody here works on any more, offered as filters of their own.
ENDED = (
    ApplicationState.CLOSED,
    ApplicationState.REFUSED,
    ApplicationState.NOT_ACCEPTED,
    ApplicationState.WITHDRAWN,
    ApplicationState.LAPSED,
)


@router.get("/review")
def show(request: Request, actor: Acting, session: Reading) -> Response:
    """What waits for this officer: the newest submissions first, then lines in the order of their life."""
    waiting, _ = submissions.listing(
        session, district=actor.district, state=SubmissionState.CHECKED.value, limit=100
    )
    decidable = [item for item in waiting if {"accept", "return"} & set(submit.may_of(actor, item))]
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
        **_queue(request, session, actor),
        submissions=decidable,
        lines=lines,
        demo=any(line["demo"] for line in lines),
    )


def _queue(request: Request, session: Session, actor: Person) -> dict[str, Any]:
    """The cases that fit the filters of the address, the soonest due first, and how many stand in each state."""
    asked, today = request.query_params, days.today()
    state = asked.get("state", "")
    mine = [s.value for s in my_states(actor)]
    chosen = (
        (state,) if state in {s.value for s in (*OPEN, *ENDED)}
        else tuple(mine) if state == "" and mine else tuple(s.value for s in OPEN)
    )  # fmt: skip
    category, action = asked.get("category", ""), asked.get("action", "")
    filters = Filters(
        states=chosen,
        category=category if category in {c.value for c in Category} else None,
        action=action if action in {a.value for a in ApplicationAction} else None,
        overdue_on=today if asked.get("overdue") == "1" else None,
        text=asked.get("text", "").strip()[:100] or None,
    )
    due, _, last = decode(asked.get("cursor"), str, "").partition("/")
    after = (date_or_none(due), int(last)) if last.isdigit() else None
    rows = approvals_queue.queue(session, actor.district, filters, limit=PER_PAGE + 1, after=after)
    more = len(rows) > PER_PAGE
    rows = rows[:PER_PAGE]
    kept = {k: asked[k] for k in ("state", "category", "action", "overdue", "text") if asked.get(k)}
    tail = f"{rows[-1].due.isoformat() if rows[-1].due else ''}/{rows[-1].id}" if rows else ""
    return {
        "cases": rows,
        "counts": approvals_queue.counts(session, actor.district, today, today + timedelta(days=SOON_DAYS)),
        "mine": mine,
        "chosen": state,
        "asked": {k: asked.get(k, "") for k in ("category", "action", "overdue", "text")},
        "open_states": [(s.value, APPLICATION_STATE_NAMES[s]) for s in OPEN],
        "ended_states": [(s.value, APPLICATION_STATE_NAMES[s]) for s in ENDED],
        "states": {s.value: name for s, name in APPLICATION_STATE_NAMES.items()},
        "actions": {a.value: name for a, name in APPLICATION_ACTION_NAMES.items()},
        "categories": [c.value for c in Category],
        "days": {row.id: days_left(row) for row in rows},
        "next_year": holidays.next_year(),
        "today": today,
        "next_href": "?" + urlencode(kept | {"cursor": encode(tail)}) if more else None,
    }


def my_states(actor: Person) -> list[ApplicationState]:
    """States in which a person's roles have something to do."""
    held = [t for t in life.LIFE.transitions if t.by & actor.roles and UserRole.APPLICANT not in t.by]
    return [s for s in OPEN if any(s.value in t.from_ for t in held)]


def days_left(row: QueueRow) -> int | None:
    """Days until the soonest limit, by the calendar; negative when it has passed."""
    return None if row.due is None else (row.due - days.today()).days


def date_or_none(given: str) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        return None
