"""Documents of a case (文书): every kind has its facts."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, text

from api.acts import apply, decide
from api.worker.documents import facts_of as document_facts
from geo.names.categories import Category
from geo.store.tables import CaseDocument
from maps.documents.kinds import Kind
from maps.documents.make import compose
from maps.documents.paper import reference
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


def test_whoever_cites_a_decision_has_its_title(desk: Desk) -> None:
    row = desk.closed("云雀路")
    papers = {p.kind: p for p in desk.session.scalars(select(CaseDocument))}
    decision = compose(Kind.APPROVAL, document_facts(papers["approval"]))
    assert decision.title == "渝北区民政局关于命名“云雀路”的批复"
    for kind in ("announcement", "filing", "filing_report"):
        cited = document_facts(papers[kind]).approval
        assert (cited.title, cited.number) == (decision.title, row.decision_number), kind
    # Another body's document is cited as it was recorded: with its title, or by its number alone.
    for title in ("关于命名云栖苑的批复", ""):
        other = desk.submitted(
            desk.builder, name="云栖苑", category=Category.ESTATE, applicant_kind="builder"
        )
        desk.step(desk.reviewed(other), "answer", desk.approver, stance="agree")
        paper = {"body": "住建委", "number": "建〔2026〕9号", "date": "2026-03-01"}
        desk.step(other, "record_approval", desk.registrar, **paper, **({"title": title} if title else {}))
        desk.step(other, "send_filing", desk.registrar)
        held = desk.session.scalars(
            select(CaseDocument).where(CaseDocument.kind == "filing", CaseDocument.application_id == other.id)
        ).one()
        assert document_facts(held).approval.title == title
        assert ("《" in reference(title, "建〔2026〕9号", TODAY)) is bool(title)


def test_a_decision_on_a_plan_is_cited_by_the_plans_title(desk: Desk) -> None:
    held = apply.begin_plan(desk.session, desk.township, "统景新区道路命名方案")
    drafts = [
        apply.begin(desk.session, desk.township, desk.content(n), plan=held.ref) for n in ("云雀路", "青禾路")
    ]
    rows = apply.submit_plan(desk.session, desk.township, held.ref, versions={str(r.ref): 1 for r in drafts})
    for name, who, more in (
        ("accept", desk.accepter, {}), ("begin_review", desk.reviewer, {}),
        ("report", desk.reviewer, {"stance": "agree"}), ("approve", desk.approver, {}), ("announce", desk.registrar, {}),
    ):  # fmt: skip
        seen = {r.number: r.version for r in rows}
        decide.take_steps(desk.session, who, held.ref, name, reason="依据", versions=seen, details=more)
    told = desk.session.scalars(select(CaseDocument).where(CaseDocument.kind == "announcement")).one()
    assert document_facts(told).approval.title == "渝北区民政局关于《统景新区道路命名方案》的批复"
