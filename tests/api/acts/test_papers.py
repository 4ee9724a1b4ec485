"""Documents of a case (文书): every kind has its facts."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, text

from api.acts import apply
from api.worker.documents import facts_of as document_facts
from geo.names.categories import Category
from geo.store.tables import CaseDocument
from maps.documents.kinds import Kind
from maps.documents.make import compose
from tests.api.acts.desk import TODAY, WHOLE, Clock, Desk


def test_every_kind_of_document_can_be_read_as_its_facts(desk: Desk, clock: Clock) -> None:
    row = desk.submitted(form={**WHOLE, "position": ""})
    desk.step(row, "ask_supplement", desk.accepter, items=["位置图"], until="2026-03-20")
    apply.save(desk.session, desk.township, row.number, desk.content(row.name), version=row.version)
    apply.supply(desk.session, desk.township, row.number, version=row.version)
    desk.step(row, "accept", desk.accepter)
    desk.step(row, "extend", desk.approver, reason="须核查")
    desk.step(row, "begin_review", desk.reviewer)
    desk.step(row, "report", desk.reviewer, stance="agree")
    desk.step(row, "approve", desk.approver)
    desk.step(row, "send_filing", desk.registrar)
    desk.step(row, "announce", desk.registrar)
    desk.step(desk.reviewed(desk.submitted()), "refuse", desk.approver)
    desk.step(desk.submitted(), "not_accept", desk.accepter)
    other = desk.submitted(desk.builder, name="云栖苑", category=Category.ESTATE, applicant_kind="builder")
    desk.step(desk.reviewed(other), "answer", desk.approver, stance="agree")
    papers = desk.session.scalars(select(CaseDocument)).all()
    assert {p.kind for p in papers} == {k.value for k in Kind}
    for paper in papers:
        said = document_facts(paper)
        assert isinstance(said, Kind(paper.kind).facts) and said.number == paper.number and said.on == TODAY
        assert said.issuer.name == "渝北区民政局" and (said.places or paper.kind == "refusal")
        assert not any("13800000000" in str(v) for v in paper.facts.values())
    jobs = desk.session.scalar(
        text("select count(*) from procrastinate_jobs where task_name = 'make_document'")
    )
    assert jobs == len(papers)


def test_notices_are_made_where_next_years_working_days_are_not_known(desk: Desk, clock: Clock) -> None:
    clock.day = date(2099, 12, 20)
    row = desk.submitted()
    desk.step(row, "accept", desk.accepter)
    papers = desk.session.scalars(select(CaseDocument).where(CaseDocument.kind == "acceptance")).all()
    assert row.due is None and papers[0].facts["due"] is None
    assert "届满" not in str(compose(Kind.ACCEPTANCE, document_facts(papers[0])))
