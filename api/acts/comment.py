"""公众意见: say something about a case that is before the public; moderate, answer and lengthen the period."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from api.acts.stale import require_reason, require_version
from api.acts.step_details import words
from api.security.person import Person
from geo import days
from geo.days import SHANGHAI
from geo.machine import StepNotYours
from geo.problems import BadInput, Conflict
from geo.store import audit, comments
from geo.store.tables import CommentPeriod, PublicComment
from geo.terms import UserRole as R
from geo.text import Text

STANCES = ("support", "oppose", "other")
MODERATORS = (R.REVIEWER, R.REGISTRAR)


class CommentClosed(Conflict):
    """Comments are taken from the first to the last day of the period."""

    code = "comment-closed"
    title = Text("公示期为 {opens} 至 {closes}，现不接受意见", "Comments are taken from {opens} to {closes}")


class BadComment(BadInput):
    """A comment without words, or with a stance that there is not."""

    code = "bad-comment"
    title = Text(
        "请填写意见（2000 字以内）并选择支持、反对或其他",
        "Write a comment of up to 2,000 characters; say support, oppose or other",
    )


def give(
    session: Session,
    number: str,
    *,
    stance: str,
    says: str,
    giver: str | None = None,
    phone: str | None = None,
) -> PublicComment:
    """Take in a comment: nobody reads it but officers until it has been moderated. No account is needed.

    number: of the case. Raises NoSuchCommentCase, CommentClosed, BadComment, BadDetail.
    """
    said = words("says", says)
    if stance not in STANCES or not 1 <= len(said) <= 2000:
        raise BadComment()
    period = comments.period_by_number(session, number)
    on = days.today()
    if not period.opens <= on <= period.closes:
        if on < period.opens:
            raise comments.NoSuchCommentCase(number=number[:40])
        raise CommentClosed(opens=period.opens.isoformat(), closes=period.closes.isoformat())
    row = comments.add(
        session, period, number[:6], datetime.now(SHANGHAI).year, stance=stance, says=said,
        giver=words("giver", giver or "")[:60] or None, phone=words("phone", phone or "")[:40] or None,
    )  # fmt: skip
    # What was said and by whom stays out of the audit trail: it is not the record's to keep.
    audit.append(
        session, actor=None, act="comment.give", subject_kind="application", subject=number,
        reason="公众意见", after={"comment": row.number, "stance": stance},
    )  # fmt: skip
    return row


def moderate(
    session: Session,
    actor: Person,
    number: str,
    *,
    show: bool,
    version: int,
    reason: str = "",
    answer: str | None = None,
) -> PublicComment:
    """Show a comment, or hide it with a reason; answer it. A hidden one is counted all the same.

    number: of the comment. Raises NoSuchComment, Stale, StepNotYours, NoReason.
    """
    _only_moderators(actor)
    row = comments.locked(session, number)
    require_version(version, row.version)
    before = {"state": row.state, "answer": row.answer}
    if not show:
        row.hidden_because = require_reason(reason)
    row.state = "shown" if show else "hidden"
    if answer is not None:
        row.answer = words("answer", answer) or None
    row.moderated_by, row.version = actor.id, row.version + 1
    session.flush()
    audit.append(
        session, actor=actor, act="comment.moderate", subject_kind="comment", subject=number,
        reason=reason.strip() or ("公开" if show else "不公开"), before=before,
        after={"state": row.state, "answer": row.answer, "version": row.version},
    )  # fmt: skip
    return row


def lengthen(
    session: Session, actor: Person, number: str, closes: date, *, version: int, reason: str
) -> CommentPeriod:
    """Lengthen a period that has not closed. Raises NoSuchCommentCase, Stale, CommentClosed, NoReason."""
    if not actor.holds(R.REVIEWER):
        raise StepNotYours(step=Text("延长公示", "Lengthen public comment"), roles=R.REVIEWER.value)
    why = require_reason(reason)
    period = comments.period_by_number(session, number, lock=True)
    require_version(version, period.version)
    if days.today() > period.closes or closes <= period.closes:
        raise CommentClosed(opens=period.opens.isoformat(), closes=period.closes.isoformat())
    before = period.closes.isoformat()
    period.closes, period.version = closes, period.version + 1
    session.flush()
    audit.append(
        session, actor=actor, act="comment.lengthen", subject_kind="application", subject=number, reason=why,
        before={"closes": before}, after={"closes": closes.isoformat()},
    )  # fmt: skip
    return period


def _only_moderators(actor: Person) -> None:
    if not actor.holds(*MODERATORS):
        raise StepNotYours(
            step=Text("处理公众意见", "Moderate comments"), roles="、".join(r.value for r in MODERATORS)
        )
