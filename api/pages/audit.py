"""地名库核查 /registry/audit: standing names that the rules would refuse or doubt, by rule, with their records."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.auditing import audited
from api.doors import Reading
from api.pages.rendering import page, status_of, viewing_date
from geo.problems import Problem
from geo.store.name_audit import STAYS

router = APIRouter(include_in_schema=False)

#: Findings of one rule that a page lists; all of them are in the table of the command line.
SHOWN = 200


@router.get("/registry/audit")
def show(request: Request, session: Reading) -> Response:
    """Counts by rule; `rule` lists one rule's names, `unit` narrows to a part of the district."""
    unit, rule = (request.query_params.get(key, "").strip()[:40] for key in ("unit", "rule"))
    problem: Problem | None = None
    report: Any = None
    try:
        report = audited(request, session, unit, viewing_date(request))
    except Problem as refused:
        problem = refused
    found = [] if report is None else [d for d in report.doubts if rule in ("", d.rule)]
    return page(
        request,
        "audit.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        report=report,
        counts=[] if report is None else list(report.counts().items()),
        doubts=found[:SHOWN],
        left_off=max(0, len(found) - SHOWN),
        unit=unit,
        rule=rule,
        stays=STAYS,
    )
