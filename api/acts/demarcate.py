"""勘界办理: take one step in a line's life, with its evidence; settling publishes the geometry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.acts.stale import require_reason, require_version
from api.security.person import Person
from geo import days, settings
from geo.boundaries import life
from geo.problems import BadInput, Conflict
from geo.store import audit, boundaries, public
from geo.store.tables import BoundaryLine, Demarcation, DemarcationStep, StoredFile
from geo.text import Text

KEYS = ("kind", "title", "number", "date", "sha256", "signed_by")


class BadEvidence(BadInput):
    """A document of the evidence is not one."""

    code = "bad-evidence"
    title = Text("证据“{title}”有误：{what}", "Evidence “{title}” is wrong: {what}")


class DateBeforeLastStep(Conflict):
    """A step dated before the one before it."""

    code = "date-before-last-step"
    title = Text(
        "日期 {given} 早于上一步的日期 {last}，请核对",
        "The date {given} lies before that of the last step, {last}; check it",
    )


class DateInFuture(BadInput):
    """A step dated in the future."""

    code = "date-in-future"
    title = Text("日期 {given} 在将来，请核对", "The date {given} lies in the future; check it")


class UnknownStep(BadInput):
    """No step has this name."""

    code = "unknown-step"
    title = Text("没有“{name}”这一步；可办理的步骤：{known}", "There is no step “{name}”; there are: {known}")


def take_step(
    session: Session,
    actor: Person,
    code: str,
    transition: str,
    *,
    reason: str,
    version: int,
    evidence: Sequence[Mapping[str, Any]] = (),
    on_date: date | None = None,
) -> Demarcation:
    """Take one step of a line's demarcation.

    evidence: documents {kind, title, number, date (ISO), sha256 (of a kept file), signed_by (unit codes)}.
    version: of the line as the person saw it. on_date: of the document that the step rests on; by default
    the as-of date where one is set, else the date of the step's main document, else today.
    Raises NoSuchLine, Stale, UnknownStep, WrongState, StepNotYours, GuardUnmet, BadEvidence, DateInFuture,
    DateBeforeLastStep.
    """
    row = boundaries.locked(session, code)
    require_version(version, row.version)
    words = require_reason(reason)
    if transition not in life.LIFE.by_name:
        raise UnknownStep(name=transition, known="、".join(life.LIFE.by_name))
    papers = [tidy(session, row, paper) for paper in evidence]
    steps = boundaries.steps(session, code)
    step = life.LIFE.step(row.state, transition, actor.roles, facts_of(session, row, steps, papers))
    day = dated(on_date, papers, step.evidence, steps)
    before = {"state": row.state, "in_dispute": row.in_dispute, "version": row.version}
    boundaries.take(
        session,
        row,
        transition=step.name,
        to=step.to,
        on_date=day,
        actor_id=actor.id,
        reason=words,
        evidence=papers,
    )
    if step.name in (life.SET_DISPUTE, life.CLEAR_DISPUTE):
        row.in_dispute = step.name == life.SET_DISPUTE
        session.flush()
    published = 0
    if step.name == life.SETTLE:
        boundaries.lock_publication(session, row.district)
        published = public.refresh(session, settings.district(row.district), day, public.LINED)
        boundaries.touch_publication(session, row.district)
    audit.append(
        session,
        actor=actor,
        act=f"line.{step.name}",
        subject_kind="boundary_line",
        subject=code,
        reason=words,
        before=before,
        after={
            "state": row.state,
            "in_dispute": row.in_dispute,
            "version": row.version,
            "on_date": day.isoformat(),
            "evidence": papers,
            "published_shapes": published,
        },
    )
    return row


def tidy(session: Session, row: Demarcation, paper: Mapping[str, Any]) -> dict[str, Any]:
    """One document, checked: its kind is known, its file is kept, its date is one. Raises BadEvidence."""
    kept = {key: paper[key] for key in KEYS if paper.get(key)}
    shown = str(kept.get("title") or kept.get("kind") or "?")

    def wrong(zh: str, en: str) -> BadEvidence:
        return BadEvidence(title=shown, what=Text(zh, en))

    if kept.get("kind") not in life.EVIDENCE or kept["kind"] == "submission":
        kinds = [kind for kind in life.EVIDENCE if kind != "submission"]
        raise wrong(f"种类须为 {'、'.join(kinds)} 之一", f"the kind must be one of {', '.join(kinds)}")
    if "date" in kept:
        try:
            day = date.fromisoformat(str(kept["date"]))
        except ValueError as error:
            raise wrong("日期须写作 2024-12-31", "the date is written as 2024-12-31") from error
        if day > days.today():
            raise wrong("日期在将来", "its date lies in the future")
        kept["date"] = day.isoformat()
    if "sha256" in kept and session.get(StoredFile, str(kept["sha256"])) is None:
        raise wrong("文件尚未上传，请先上传", "its file is not there; upload it first")
    signed = list(kept.get("signed_by", ()))
    if strangers := set(signed) - {row.unit_a, row.unit_b}:
        raise wrong(
            f"签字单位 {'、'.join(sorted(strangers))} 不是该界线两侧单位",
            f"{', '.join(sorted(strangers))} signed it but lies on neither side of the line",
        )
    return kept


def facts_of(
    session: Session, row: Demarcation, steps: Sequence[DemarcationStep], papers: Sequence[Mapping[str, Any]]
) -> life.Facts:
    """What the guards of a line's steps ask."""
    opened = max((s.version for s in steps if s.transition == "open_change"), default=0)
    since = [s for s in steps if s.version > opened]
    in_force = session.scalar(
        select(func.count()).where(BoundaryLine.code == row.code, func.upper_inf(BoundaryLine.recorded))
    )
    return life.Facts(
        evidence=papers,
        before=[paper for s in since for paper in s.evidence],
        sides=(row.unit_a, row.unit_b),
        geometry=bool(in_force),
        moved=any(s.transition == life.ACCEPT for s in since) if opened else False,
        in_dispute=row.in_dispute,
    )


def dated(
    given: date | None,
    papers: Sequence[Mapping[str, Any]],
    main: Sequence[str],
    steps: Sequence[DemarcationStep],
) -> date:
    """The date of a step. Raises DateInFuture, DateBeforeLastStep."""
    as_of_is_set = settings.as_of() != days.today()
    documents = [
        date.fromisoformat(p["date"])
        for kind in main[:1]
        for p in papers
        if p["kind"] == kind and p.get("date")
    ]
    day = given or (settings.as_of() if as_of_is_set or not documents else max(documents))
    if day > days.today():
        raise DateInFuture(given=day.isoformat())
    if steps and day < steps[-1].on_date:
        if given is None:
            return steps[-1].on_date
        raise DateBeforeLastStep(given=day.isoformat(), last=steps[-1].on_date.isoformat())
    return day
