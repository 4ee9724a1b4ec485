"""Public comment (征求公众意见): its period, moderation and counts."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text

from api.acts import comment
from api.acts.stale import NoReason, Stale
from api.acts.step_details import BadDetail
from geo.machine import StepNotYours
from geo.store.tables import AuditEvent
from tests.api.acts.desk import PHONE, Clock, Desk


def test_comments_are_taken_in_their_period_and_shown_after_moderation(desk: Desk, clock: Clock) -> None:
    from geo.store import comments

    row = desk.submitted()
    desk.step(row, "accept", desk.accepter)
    with pytest.raises(comments.NoSuchCommentCase):
        comment.give(desk.session, row.number, stance="support", says="好")
    desk.step(row, "begin_review", desk.reviewer)
    desk.step(
        row, "open_comment", desk.reviewer, opens="2026-03-03", closes="2026-03-10", says="欢迎提出意见"
    )
    with pytest.raises(comments.NoSuchCommentCase):
        comment.give(desk.session, row.number, stance="support", says="太早")
    clock.on(1)
    one = comment.give(
        desk.session, row.number, stance="oppose", says="<b>不好</b>", giver="张某", phone=PHONE
    )
    two = comment.give(desk.session, row.number, stance="support", says="广告")
    for bad in (
        {"stance": "maybe", "says": "x"},
        {"stance": "support", "says": "  "},
        {"stance": "other", "says": "长" * 2001},
    ):
        with pytest.raises((comment.BadComment, BadDetail)):
            comment.give(desk.session, row.number, **bad)
    with pytest.raises(StepNotYours):
        comment.moderate(desk.session, desk.accepter, one.number, show=True, version=1)
    comment.moderate(desk.session, desk.reviewer, one.number, show=True, version=1, answer="已转达")
    with pytest.raises(Stale):
        comment.moderate(desk.session, desk.registrar, one.number, show=False, version=1, reason="迟了")
    with pytest.raises(NoReason):
        comment.moderate(desk.session, desk.reviewer, two.number, show=False, version=1)
    comment.moderate(desk.session, desk.reviewer, two.number, show=False, version=1, reason="与地名无关")
    told = desk.session.execute(text("select * from published.public_comment")).mappings().all()
    assert [w["says"] for w in told] == ["<b>不好</b>"] and not {"giver", "phone"} & set(told[0])
    assert not any("张某" in str(v) or PHONE in str(v) for w in told for v in w.values())
    counts = desk.case(row).comment
    assert (counts["received"], counts["shown"], counts["oppose"], counts["support"]) == (2, 1, 1, 0)
    comment.lengthen(
        desk.session, desk.reviewer, row.number, date(2026, 3, 12), version=1, reason="应市民请求"
    )
    clock.day = date(2026, 3, 13)
    with pytest.raises(comment.CommentClosed):
        comment.give(desk.session, row.number, stance="support", says="太晚")
    # Who said what is nowhere in the audit trail.
    trail = desk.session.scalars(select(AuditEvent.after).where(AuditEvent.act == "comment.give")).all()
    assert trail and not any("张某" in str(a) or "不好" in str(a) for a in trail)
