"""Several names decided together (地名方案)."""

from __future__ import annotations

import pytest
import shapely
from sqlalchemy import select

from api.acts import apply, decide
from api.acts.apply import BadShape, Content, DraftMoved, NoSuchApplication
from api.acts.decide import NothingChosen, OneByOne, PlanStepFailed
from api.acts.stale import Stale
from geo.names.categories import Category
from geo.store.approvals import NoSuchPlan
from geo.store.tables import Announcement, AuditEvent, CaseDocument
from geo.terms import ApplicationAction
from tests.api.acts.desk import Desk


def test_a_plan_is_decided_name_by_name_together(desk: Desk) -> None:
    held = apply.begin_plan(desk.session, desk.township, "统景新区道路命名方案")
    names = ("云雀路", "青禾路", "松针路")
    drafts = [apply.begin(desk.session, desk.township, desk.content(n), plan=held.ref) for n in names]
    rows = apply.submit_plan(desk.session, desk.township, held.ref, versions={str(r.ref): 1 for r in drafts})
    assert [r.number for r in rows] == [f"500112-2026-0000{i}" for i in (1, 2, 3)]
    versions = {r.number: r.version for r in rows}

    def all_of(name: str, who: object, rows: list = rows, **details: object) -> list:
        return decide.take_steps(
            desk.session, who, held.ref, name, reason="依据充分", details=details,
            versions={r.number: r.version for r in rows},
        )  # fmt: skip

    all_of("accept", desk.accepter)
    with pytest.raises(Stale):
        decide.take_steps(
            desk.session, desk.reviewer, held.ref, "begin_review", reason="开始", versions=versions
        )
    all_of("begin_review", desk.reviewer)
    with pytest.raises(OneByOne):
        all_of("hold_expert", desk.reviewer)
    with pytest.raises(NothingChosen):
        decide.take_steps(desk.session, desk.reviewer, held.ref, "report", reason="x", versions={})
    all_of("report", desk.reviewer, rows[:2], stance="agree")
    with pytest.raises(PlanStepFailed, match="00003"), desk.session.begin_nested():
        all_of("approve", desk.approver)
    all_of("report", desk.reviewer, rows[2:], stance="agree")
    all_of("approve", desk.approver)
    assert len({r.decision_number for r in rows}) == 1 and len({r.result_number for r in rows}) == 3
    papers = desk.session.scalars(select(CaseDocument).where(CaseDocument.kind == "approval")).all()
    assert len(papers) == 1 and papers[0].plan_id == held.id and len(papers[0].facts["places"]) == 3
    assert [s["name"] for s in desk.case(rows[0]).siblings] == ["青禾路", "松针路"]
    all_of("announce", desk.registrar)
    told = desk.session.scalars(select(Announcement)).one()
    assert [i["name"] for i in told.items] == list(names) and told.title == "关于“云雀路”等3个地名命名的公告"


def test_a_plan_does_not_collide_with_itself(desk: Desk) -> None:
    held = apply.begin_plan(desk.session, desk.township, "方案")
    drafts = [
        apply.begin(desk.session, desk.township, desk.content(n), plan=held.ref) for n in ("云雀路", "云雀路")
    ]
    rows = apply.submit_plan(desk.session, desk.township, held.ref, versions={str(r.ref): 1 for r in drafts})
    assert {r.findings["verdict"] for r in rows} == {"refused"}


def test_names_of_a_plan_are_placed_together_or_not_at_all(desk: Desk) -> None:
    held = apply.begin_plan(desk.session, desk.township, "方案")
    one, two = (
        apply.begin(
            desk.session, desk.township, Content(ApplicationAction.NAMING, Category.STREET, n), plan=held.ref
        )
        for n in ("云雀路", "青禾路")
    )
    keys, saved = (str(one.ref), str(two.ref)), {str(r.ref): r.saved for r in (one, two)}
    there = dict(
        zip(
            keys,
            (shapely.Point(106.6, 29.7), shapely.LineString([(106.6, 29.7), (106.61, 29.71)])),
            strict=True,
        )
    )

    def place(places: dict, at: dict = saved, who: object = desk.township) -> int:
        return apply.place_names(desk.session, who, held.ref, places, saved=at)

    with pytest.raises(BadShape), desk.session.begin_nested():
        place({**there, keys[1]: shapely.Point(29.7, 106.6)})
    desk.session.refresh(one)
    assert one.geometry is None, "one that cannot be keeps all back"
    with pytest.raises(NoSuchPlan), desk.session.begin_nested():
        place(there, who=desk.builder)
    other = apply.begin(desk.session, desk.township, desk.content("不在方案内路"))
    with pytest.raises(NoSuchApplication), desk.session.begin_nested():
        place({str(other.ref): None})
    assert place(there) == 2
    assert desk.case(two).row["geometry"]["type"] == "LineString"
    event = desk.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event.act == "plan.place" and sorted(event.after["names"]) == ["云雀路", "青禾路"]
    # A form that another window has saved since: its own places stand, unless they are the same.
    assert place(there) == 0
    with pytest.raises(DraftMoved):
        place({keys[0]: None})
