"""接受成果: what an acceptance brings into force, and what it refuses."""

from __future__ import annotations

from datetime import date

import pytest
import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import func, select, text

from api.acts import publish, return_
from api.acts.publish_records import LineLocked
from api.acts.stale import NoReason, Stale
from geo import days
from geo.boundaries.life import SETTLE
from geo.machine import GuardUnmet, StepNotYours, WrongState
from geo.store import boundaries, versions
from geo.store.tables import AdminUnit, AuditEvent, BoundaryLine, BoundaryMarker, Demarcation
from tests import answers
from tests import builders as b
from tests.api.acts.conftest import Office

UPPER = f"{b.XINGLONG}-{b.CIZHU}"


def in_force(office: Office, table: type) -> list:
    return list(office.session.scalars(versions.as_of(table, days.today())))


def test_accept_enters_versions_and_moves_lines(office: Office) -> None:
    row = office.checked(
        [
            *answers.line_features(office.shapes),
            *answers.polygon_features(office.shapes),
            *answers.marker_features(office.shapes, UPPER),
        ]
    )
    publish.accept(office.session, office.approver, row.id, reason="合格", version=row.version)
    lines = in_force(office, BoundaryLine)
    assert {line.code for line in lines} == set(office.shapes.lines)
    assert all(line.submission_id == row.id and line.made_by == office.approver.id for line in lines)
    assert all(
        shapely.hausdorff_distance(to_shape(line.geometry), office.shapes.lines[line.code]) < 2e-9
        for line in lines
    )
    states = set(office.session.scalars(select(Demarcation.state)))
    assert states == {"results_checked"}
    markers = in_force(office, BoundaryMarker)
    assert len(markers) == 4 and all(m.height == 420.5 for m in markers)
    # All five lines are there: every township closes up, and is derived from them.
    units = [u for u in in_force(office, AdminUnit) if u.level == "township"]
    assert {u.geometry_source for u in units} == {"derived"}
    assert all(
        to_shape(u.geometry).symmetric_difference(office.shapes.units[u.code]).area < 1e-10 for u in units
    )
    assert shapely.coverage_is_valid([to_shape(u.geometry) for u in units])
    assert row.state == "accepted" and row.decided_by == office.approver.id
    event = office.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert event.act == "accept" and event.after["lines"] == sorted(office.shapes.lines)
    office.session.execute(text("set constraints all immediate"))


def test_accepted_geometry_is_not_public(office: Office) -> None:
    row = office.checked([*answers.line_features(office.shapes), *answers.polygon_features(office.shapes)])
    publish.accept(office.session, office.approver, row.id, reason="合格", version=row.version)
    for view in ("boundary_line", "boundary_marker"):
        assert office.session.scalar(text(f"select count(*) from published.{view}")) == 0


def test_a_unit_with_an_open_border_is_imported(office: Office) -> None:
    row = office.checked(
        [
            *answers.line_features(office.shapes, UPPER),
            *answers.polygon_features(office.shapes, b.XINGLONG, b.CIZHU),
        ]
    )
    moved = office.shapes.units[b.CIZHU]
    publish.accept(office.session, office.approver, row.id, reason="合格", version=row.version)
    units = {u.code: u for u in in_force(office, AdminUnit)}
    # The uploaded polygon is what is in force already: no new version, and nothing derived.
    assert units[b.CIZHU].submission_id is None and units[b.CIZHU].geometry_source == "imported"
    assert to_shape(units[b.CIZHU].geometry).equals(moved)


def test_uploaded_polygon_replaces_an_open_unit(office: Office) -> None:
    ring = shapely.get_coordinates(office.shapes.units[b.CIZHU])
    ring[5] += 1e-5
    features = answers.line_features(office.shapes, UPPER)
    features.append(answers.feature("polygons", 0, b.CIZHU, {"code": b.CIZHU}, shapely.Polygon(ring)))
    row = office.checked(features)
    publish.accept(office.session, office.approver, row.id, reason="合格", version=row.version)
    unit = next(u for u in in_force(office, AdminUnit) if u.code == b.CIZHU)
    assert unit.submission_id == row.id and unit.geometry_source == "imported" and unit.name == "茨竹镇"


def test_submitter_and_his_organisation_cannot_accept(office: Office) -> None:
    from geo.terms import UserRole

    colleague = b.person(office.session, UserRole.APPROVER, organisation_row=office.firm)
    own = b.person(office.session, UserRole.APPROVER, UserRole.SURVEYOR, organisation_row=office.firm)
    row = office.checked(answers.line_features(office.shapes, UPPER), actor=own)
    for person in (own, colleague):
        with pytest.raises(GuardUnmet, match="另一单位"):
            publish.accept(office.session, person, row.id, reason="合格", version=row.version)
    publish.accept(office.session, office.approver, row.id, reason="合格", version=row.version)


def test_who_may_accept_and_when(office: Office) -> None:
    row = office.checked(answers.line_features(office.shapes, UPPER))
    with pytest.raises(StepNotYours):
        publish.accept(office.session, office.reviewer, row.id, reason="合格", version=row.version)
    with pytest.raises(Stale):
        publish.accept(office.session, office.approver, row.id, reason="合格", version=row.version - 1)
    with pytest.raises(NoReason):
        publish.accept(office.session, office.approver, row.id, reason="  ", version=row.version)
    bad = office.checked(
        answers.line_features(office.shapes), [answers.finding("TP01", "error", "k")], b"others"
    )
    with pytest.raises(GuardUnmet, match="没有错误"):
        publish.accept(office.session, office.approver, bad.id, reason="合格", version=bad.version)
    publish.accept(office.session, office.approver, row.id, reason="合格", version=row.version)
    with pytest.raises(WrongState):
        publish.accept(office.session, office.approver, row.id, reason="合格", version=row.version)


def test_generic_profile_is_never_published(office: Office) -> None:
    from geo.reading.layers import ReadOptions
    from geo.terms import Profile

    row = office.checked(
        answers.line_features(office.shapes, UPPER), options=ReadOptions(profile=Profile.GENERIC)
    )
    with pytest.raises(GuardUnmet, match="乡镇勘界成果"):
        publish.accept(office.session, office.approver, row.id, reason="合格", version=row.version)


def test_the_same_line_again_is_confirmed_not_versioned(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = office.checked(answers.line_features(office.shapes, UPPER))
    publish.accept(office.session, office.approver, first.id, reason="合格", version=first.version)
    # Another start vertex, another direction, a vertex more, and a tenth of a millimetre off.
    points = shapely.get_coordinates(office.shapes.lines[UPPER])[::-1] + 5e-10
    points = [*points[:3], (points[2] + points[3]) / 2, *points[3:]]
    again = answers.line_features(office.shapes, UPPER)
    again[0]["geometry"] = shapely.to_wkb(shapely.LineString(points), byte_order=1)
    second = office.checked(again, content=b"second")
    publish.accept(office.session, office.approver, second.id, reason="合格", version=second.version)
    assert len(versions.history(office.session, BoundaryLine, UPPER)) == 1
    assert first.state == "accepted"


def test_a_new_survey_supersedes_and_keeps_the_old(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    first = office.checked(answers.line_features(office.shapes, UPPER))
    publish.accept(
        office.session,
        office.approver,
        first.id,
        reason="合格",
        version=first.version,
        on_date=date(2023, 1, 1),
    )
    points = shapely.get_coordinates(office.shapes.lines[UPPER])
    points[7] += 1e-4
    again = answers.line_features(office.shapes, UPPER)
    again[0]["geometry"] = shapely.to_wkb(shapely.LineString(points), byte_order=1)
    second = office.checked(again, content=b"second")
    publish.accept(
        office.session,
        office.approver,
        second.id,
        reason="复测",
        version=second.version,
        on_date=date(2024, 1, 1),
    )
    then = office.session.scalars(versions.as_of(BoundaryLine, date(2023, 6, 1))).one()
    now = office.session.scalars(versions.as_of(BoundaryLine, date(2024, 6, 1))).one()
    assert then.submission_id == first.id and now.submission_id == second.id
    assert not to_shape(then.geometry).equals(to_shape(now.geometry))
    assert first.state == "superseded" and second.state == "accepted"
    # One move only: the line was at results_checked already.
    assert [s.transition for s in boundaries.steps(office.session, UPPER)] == ["check_results"]


def test_a_settled_line_is_locked(office: Office) -> None:
    maker = office.approver.id
    row = office.session.get(Demarcation, UPPER)
    assert row is not None
    b.line(office.session, maker, UPPER, b.CIZHU, b.XINGLONG, office.shapes.lines[UPPER])
    boundaries.take(
        office.session,
        row,
        transition=SETTLE,
        to="settled",
        on_date=date(2024, 1, 1),
        actor_id=maker,
        reason="x",
        evidence=[],
    )
    points = shapely.get_coordinates(office.shapes.lines[UPPER])
    points[7] += 1e-4
    features = answers.line_features(office.shapes)
    features[0]["geometry"] = shapely.to_wkb(shapely.LineString(points), byte_order=1)
    changed = office.checked(features)
    with pytest.raises(LineLocked, match=UPPER):
        publish.accept(office.session, office.approver, changed.id, reason="合格", version=changed.version)
    same = office.checked(answers.line_features(office.shapes), content=b"same")
    publish.accept(office.session, office.approver, same.id, reason="合格", version=same.version)
    assert office.session.get(Demarcation, UPPER).state == "settled"


def test_published_changes_since_the_check_mean_a_recheck(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def again(*args, **words):
        asked.append(args)
        return reply[0]

    monkeypatch.setattr("geo.inspection.inspect_apart", again, raising=False)
    one = office.checked(answers.line_features(office.shapes, UPPER))
    lower = f"{b.TONGJING}-{b.DASHENG}"
    two = office.checked(answers.line_features(office.shapes, lower), content=b"two")
    publish.accept(office.session, office.approver, one.id, reason="合格", version=one.version)
    assert not asked
    reply = [answers.answer([], [answers.finding("TP12", "error", "k")])]
    with pytest.raises(publish.ChangedSince, match="TP12"):
        publish.accept(office.session, office.approver, two.id, reason="合格", version=two.version)
    reply = [answers.answer([], [answers.finding("TP12", "warning", "k")])]
    publish.accept(office.session, office.approver, two.id, reason="合格", version=two.version)
    assert len(asked) == 2 and two.state == "accepted"


def test_return_goes_back_with_its_reason(office: Office) -> None:
    row = office.checked(answers.line_features(office.shapes, UPPER))
    with pytest.raises(StepNotYours):
        return_.give_back(office.session, office.surveyor, row.id, reason="补界桩", version=row.version)
    return_.give_back(office.session, office.reviewer, row.id, reason="补界桩", version=row.version)
    assert (row.state, row.decision_reason, row.decided_by) == ("returned", "补界桩", office.reviewer.id)
    with pytest.raises(WrongState):
        publish.accept(office.session, office.approver, row.id, reason="合格", version=row.version)
    assert office.session.scalar(select(func.count()).select_from(BoundaryLine)) == 0
