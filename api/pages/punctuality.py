"""办件时效 /punctuality, for everybody; 每日提醒 /digest, each officer's own."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import timekeeping
from api.acts import remind
from api.doors import Acting, Reading, district_of
from api.pages.figure_words import how
from api.pages.rendering import page
from geo import days
from geo.approvals import digest as reminding
from geo.approvals import holidays, punctuality
from geo.approvals.clocks import DAY_UNIT_NAMES, limits
from geo.terms import APPLICATION_ACTION_NAMES, APPLICATION_STATE_NAMES, ApplicationAction, ApplicationState

router = APIRouter(include_in_schema=False)

#: How many years back the page offers.
YEARS = 5


@router.get("/punctuality")
def report(request: Request, session: Reading) -> Response:
    """Duties of a year: done, in time, late, how long they took, and what is overdue."""
    on = days.today()
    given = request.query_params.get("year", "")
    year = int(given) if given.isascii() and given.isdigit() and 1980 <= int(given[:5]) <= on.year else on.year  # fmt: skip
    accounts = timekeeping.accounts_of(session, district_of(request).code, year, on)
    return page(
        request,
        "punctuality.html",
        how=how(request),
        accounts=accounts,
        limits=limits(),
        units=DAY_UNIT_NAMES,
        year=year,
        years=range(on.year, on.year - YEARS, -1),
        on=on,
        share_from=punctuality.SHARE_FROM,
        median_from=punctuality.MEDIAN_FROM,
        demo=any(a.total.demo for a in accounts),
    )


@router.get("/digest")
def digest(request: Request, session: Reading, actor: Acting) -> Response:
    """What is overdue, due today, and due soon, of the officer who looks."""
    on = days.today()
    return page(
        request,
        "digest.html",
        digest=remind.digest_of(session, actor, on),
        limits=limits(),
        states={s.value: APPLICATION_STATE_NAMES[s] for s in ApplicationState},
        actions={a.value: APPLICATION_ACTION_NAMES[a] for a in ApplicationAction},
        on=on,
        ahead=reminding.AHEAD_DAYS,
        calendar_until=holidays.ends_soon(on),
        next_year=holidays.next_year(),
    )
