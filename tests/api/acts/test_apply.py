"""Applying (申请): drafts, what a form must hold, numbers, and who learns of a case."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely

from api.acts import apply
from api.acts.apply import BadShape, DraftMoved
from api.acts.case_facts import case_for
from api.acts.step_details import BadDetail
from geo.machine import GuardUnmet, StepNotYours, WrongState
from geo.names.categories import Category
from geo.store import approvals_queue
from geo.store.approvals import NoSuchApplication
from geo.store.tables import Organisation
from geo.terms import UserRole
from tests import builders as b
from tests.api.acts.desk import Desk


def test_numbers_have_no_gaps(desk: Desk) -> None:
    desk.submitted(name="云雀路")
    with pytest.raises(GuardUnmet), desk.session.begin_nested():
        desk.submitted(form={})
    assert desk.submitted(name="青禾路").number == "500112-2026-00002"


def test_an_incomplete_form_is_not_handed_in(desk: Desk) -> None:
    for change in (
        {"name": ""},
        {"contact_phone": None},
        {"shape": None},
        {"applicant_kind": None},
        {"form": {}},
    ):
        row = apply.begin(desk.session, desk.township, replace(desk.content("云雀路"), **change))
        with pytest.raises(GuardUnmet, match="申请内容"):
            apply.submit(desk.session, desk.township, row.ref, version=1)


def test_strangers_do_not_learn_of_a_case(desk: Desk) -> None:
    row = desk.draft()
    with pytest.raises(NoSuchApplication):
        desk.step(row, "submit", desk.builder)
    # Officers learn of it once it is handed in.
    with pytest.raises(NoSuchApplication):
        desk.step(row, "accept", desk.accepter)
    with pytest.raises(NoSuchApplication):
        apply.save(desk.session, desk.builder, row.ref, desk.content(), version=1)
    apply.submit(desk.session, desk.colleague, row.ref, version=1)
    with pytest.raises(StepNotYours):
        desk.step(row, "accept", desk.reviewer)


def test_citizens_are_no_colleagues_of_each_other(desk: Desk) -> None:
    home = desk.session.get_one(Organisation, desk.citizen.organisation_id)
    other = b.person(desk.session, UserRole.APPLICANT, organisation_row=home)
    row = desk.submitted(desk.citizen, name="云雀路", applicant_kind="citizen")
    with pytest.raises(NoSuchApplication):
        case_for(desk.session, other, row.number)
    with pytest.raises(NoSuchApplication):
        apply.withdraw(desk.session, other, row.number, version=row.version, reason="不是我的")
    assert approvals_queue.own(desk.session, other.id, other.organisation_id) == []
    assert len(approvals_queue.own(desk.session, desk.citizen.id, desk.citizen.organisation_id)) == 1


def test_a_citizens_suggestion_is_taken_up_by_a_township(desk: Desk) -> None:
    row = desk.submitted(desk.citizen, name="云雀路", applicant_kind="citizen")
    assert row.route is None
    with pytest.raises(GuardUnmet, match="此件为建议"):
        desk.step(row, "accept", desk.accepter)
    with pytest.raises((GuardUnmet, NoSuchApplication)):
        apply.take_up(desk.session, desk.builder, row.number, version=row.version, reason="采纳")
    assert [s.name for s in apply.listed_suggestions(desk.session, desk.township)] == ["云雀路"]
    assert apply.listed_suggestions(desk.session, desk.builder) == []
    closed, draft = apply.take_up(desk.session, desk.township, row.number, version=row.version, reason="采纳")
    assert closed.state == "closed" and draft.state == "draft" and draft.form["suggestion"] == row.number
    assert draft.organisation_id == desk.township.organisation_id and draft.contact_phone is None
    assert apply.listed_suggestions(desk.session, desk.township) == []


def test_a_wrong_applicant_is_not_accepted(desk: Desk) -> None:
    row = desk.submitted(desk.builder, name="云雀村", category=Category.COMMITTEE, applicant_kind="builder")
    with pytest.raises(GuardUnmet, match="法定的申请人"):
        desk.step(row, "accept", desk.accepter)
    with pytest.raises(BadDetail):
        desk.draft(desk.builder, applicant_kind="township")


def test_a_draft_saved_in_another_window_is_not_written_over(desk: Desk) -> None:
    row = desk.draft(name="云雀路")
    seen = row.saved
    apply.save(desk.session, desk.township, row.ref, desk.content("青禾路"), version=1, saved=seen)
    with pytest.raises(DraftMoved):
        apply.save(desk.session, desk.township, row.ref, desk.content("松针路"), version=1, saved=seen)
    assert row.name == "青禾路" and row.version == 1
    apply.submit(desk.session, desk.township, row.ref, version=1)
    with pytest.raises(WrongState):
        apply.save(desk.session, desk.township, row.ref, desk.content("松针路"), version=row.version)


BAD_SHAPES = [
    shapely.Point(29.9, 106.8), shapely.Point(0, 0), shapely.Polygon(), shapely.GeometryCollection([shapely.Point(106, 29)]),
    shapely.Polygon([(106, 29), (107, 30), (107, 29), (106, 30)]), shapely.LineString([(106 + i / 1e5, 29) for i in range(5002)]),
    shapely.Point(float("nan"), 29),
]  # fmt: skip


def test_a_place_that_is_none_is_refused(desk: Desk) -> None:
    for shape in BAD_SHAPES:
        with pytest.raises(BadShape):
            desk.draft(shape=shape)


BAD_FORMS: list[dict] = [{"reasons": "x" * 5001}, {"Not A Key": "x"}, {f"k{i}": "x" for i in range(61)}, {"width_m": "16"}, {"width_m": True},
     {"reasons": {"a": 1}}, {"reasons": "\ud800"}]  # fmt: skip


def test_a_form_that_is_none_is_refused(desk: Desk) -> None:
    for form in BAD_FORMS:
        with pytest.raises(BadDetail):
            desk.draft(form=form)
