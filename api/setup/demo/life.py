"""Lives of the demonstration's lines (办理经过): the steps that took each line to its state, with papers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from geo.boundaries.life import EVIDENCE, LIFE
from geo.terms import LineState

#: The way from 未勘定 to 已勘定, in order: transition, and days from the line's survey date.
WAY: tuple[tuple[str, LineState], ...] = (
    ("prepare", LineState.PREPARING),
    ("start_survey", LineState.FIELD_SURVEY),
    ("confirm_alignment", LineState.ALIGNMENT_CONFIRMED),
    ("finish_markers", LineState.MARKERS_DONE),
    ("check_results", LineState.RESULTS_CHECKED),
    ("sign_agreement", LineState.AGREEMENT_SIGNED),
    ("submit", LineState.SUBMITTED),
    ("settle", LineState.SETTLED),
    ("open_change", LineState.CHANGING),
)
DISPUTE_EVIDENCE = ("dispute",)
#: Survey date of lines that have not got that far.
PLANNED = date(2024, 10, 8)
REASON = "演示数据（虚构）"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: transition, states, date, which login took it, and evidence without files' digests."""

    transition: str
    from_state: str
    to_state: str
    on_date: date
    login: str
    evidence: tuple[dict[str, Any], ...]


def steps(row: Any) -> list[Step]:
    """The steps of a row of the generated lines (from itertuples), the dispute flag's last."""
    answer = list(_way(row))
    if row.in_dispute:
        last = answer[-1]
        papers = tuple(_paper(kind, row, last.on_date) for kind in DISPUTE_EVIDENCE)
        answer.append(
            Step("set_dispute", row.state, row.state, last.on_date + timedelta(5), "reviewer", papers)
        )
    return answer


def accepted_on(row: Any) -> date | None:
    """The day on which the line's results were accepted; None where they are not."""
    return _taken_on(row, "check_results")


def settled_on(row: Any) -> date | None:
    """The day on which the line was settled; None where it is not, or not yet."""
    return _taken_on(row, "settle")


def _taken_on(row: Any, transition: str) -> date | None:
    if not any(to == row.state for _, to in WAY):
        return None
    names = [name for name, _ in WAY]
    last = [to for _, to in WAY].index(LineState(row.state))
    return _dates(row)[transition] if names.index(transition) <= last else None


def _dates(row: Any) -> dict[str, date]:
    """The day of each step of the way."""
    survey = row.survey_date or PLANNED
    agreement = row.agreement_date or survey + timedelta(40)
    approval = row.approval_date or agreement + timedelta(40)
    return {
        "prepare": survey - timedelta(75),
        "start_survey": survey - timedelta(40),
        "confirm_alignment": survey - timedelta(15),
        "finish_markers": survey,
        "check_results": survey + timedelta(18),
        "sign_agreement": agreement,
        "submit": agreement + timedelta(10),
        "settle": approval,
        "open_change": date(2024, 8, 12),
    }


def _way(row: Any) -> Iterator[Step]:
    dates = _dates(row)
    state = LineState.UNDEMARCATED
    for name, to in WAY:
        if state == row.state:
            return
        transition = LIFE.by_name[name][0]
        login = "approver" if name in ("check_results", "settle", "open_change") else "reviewer"
        papers = tuple(_paper(kind, row, dates[name]) for kind in transition.evidence if kind != "no_markers")
        yield Step(name, state.value, to.value, dates[name], login, papers)
        state = to


def _paper(kind: str, row: Any, on: date) -> dict[str, Any]:
    """A paper's facts: signed by both sides, numbered and dated; invented, and says so."""
    number = row.document if kind == "approval" else None
    if number is None:
        number = f"演示〔{on.year}〕{kind}-{row.code}"
    return {
        "kind": kind,
        "title": f"{row.name}{EVIDENCE[kind].zh.split('（')[0]}（演示，虚构）",
        "number": number,
        "date": on.isoformat(),
        "signed_by": sorted((row.left_code, row.right_code)),
    }
