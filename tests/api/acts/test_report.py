"""纠错: from a report to its answer, and what must not go wrong on the way."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from api.acts import report
from api.acts.stale import NoReason, Stale
from geo.machine import StepNotYours
from geo.store import reports
from geo.store.tables import AuditEvent
from geo.terms import UserRole
from tests.builders import person


def send(session, says="读音有误，应为 hè", **more):
    return report.send(
        session, district="500112", subject_kind="place_name", subject="12", says=says, phone=more.pop("phone", None), **more
    )  # fmt: skip


def test_a_report_is_kept_numbered_and_answered(session):
    row = send(session, phone="023-6780 0000")
    assert re.fullmatch(r"JC-[2-9A-HJKMNP-Z]{8}", row.number) and row.state == "received"
    registrar = person(session, UserRole.REGISTRAR)
    report.answer(session, registrar, row.number.lower(), "working", reason="核对登记表", version=1)
    done = report.answer(session, registrar, row.number, "mended", reason="已按登记表更正", version=2)
    assert (done.state, done.answer, done.version) == ("mended", "已按登记表更正", 3)
    with pytest.raises(report.ReportClosed):
        report.answer(session, registrar, row.number, "no_error", reason="再看", version=3)


def test_words_and_phone_stay_out_of_the_audit_chain(session):
    send(session, says="张三家门口的牌子错了", phone="13800000000")
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event.act == "report" and "张三" not in str(event.after) and "138" not in str(event.after)


@pytest.mark.parametrize("says", ["", "  \n", "\x00\x07", "长" * 2001])
def test_an_empty_or_endless_report_is_refused(session, says):
    with pytest.raises(report.EmptyReport):
        send(session, says=says)


@pytest.mark.parametrize("phone", ["12", "call me", "1" * 30, "138<script>"])
def test_a_phone_number_is_one(session, phone):
    with pytest.raises(report.BadPhone):
        send(session, phone=phone)


def test_only_a_registrar_answers_what_he_has_seen_with_a_reason(session):
    row = send(session)
    with pytest.raises(StepNotYours):
        report.answer(
            session, person(session, UserRole.REVIEWER), row.number, "mended", reason="改", version=1
        )
    registrar = person(session, UserRole.REGISTRAR)
    with pytest.raises(Stale):
        report.answer(session, registrar, row.number, "mended", reason="改", version=7)
    with pytest.raises(NoReason):
        report.answer(session, registrar, row.number, "mended", reason=" ", version=1)
    with pytest.raises(reports.NoSuchReport):
        report.answer(session, registrar, "JC-NONE", "mended", reason="改", version=1)


def test_the_queue_holds_what_waits_oldest_first(session):
    first, second = send(session), send(session)
    registrar = person(session, UserRole.REGISTRAR)
    report.answer(session, registrar, first.number, "hidden", reason="与本站无关", version=1)
    assert second.number in [
        r.number for r in reports.of_district(session, "500112", waiting=True, before=None, limit=50)
    ]
    closed = reports.of_district(session, "500112", waiting=False, before=None, limit=50)
    assert closed[0].number == first.number
