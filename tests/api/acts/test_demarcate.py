"""勘界办理: the whole way of a line, and what the public sees of it at each step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import shapely
from sqlalchemy import select, text

from api.acts import demarcate, publish
from api.acts.stale import Stale
from geo import days
from geo.machine import GuardUnmet, StepNotYours, WrongState
from geo.network.generalise import nearest_exact_m
from geo.settings import district
from geo.store import boundaries, public
from geo.store.tables import AuditEvent, Demarcation
from tests import answers
from tests import builders as b
from tests.api.acts.conftest import Office

CODE = f"{b.XINGLONG}-{b.CIZHU}"
BOTH = [b.XINGLONG, b.CIZHU]
Keep = Callable[[str], str]


def papers(keep: Keep) -> dict[str, list[dict]]:
    """A sufficient set of documents for every step."""

    def paper(kind: str, **more) -> dict:
        return {"kind": kind, "title": kind, "sha256": keep(kind), **more}

    return {
        "prepare": [
            paper("work_plan"),
            {"kind": "contacts", "title": "名单"},
            {"kind": "base_maps", "title": "底图"},
            paper("direction_map"),
        ],
        "start_survey": [paper("work_map"), paper("investigation")],
        "confirm_alignment": [paper("alignment_map", signed_by=BOTH)],
        "finish_markers": [paper("marker_forms"), paper("marker_table"), paper("photos")],
        "sign_agreement": [
            paper("agreement", number="协〔2024〕1号", date="2024-11-01", signed_by=BOTH),
            paper("agreement_map", signed_by=BOTH),
        ],
        "submit": [paper("request")],
        "settle": [paper("approval", number="渝北府〔2024〕9号", date="2024-12-20")],
    }


def step(office: Office, name: str, evidence: list[dict] = (), person=None, **more) -> Demarcation:
    row = office.session.get(Demarcation, CODE)
    return demarcate.take_step(
        office.session,
        person or office.approver,
        CODE,
        name,
        reason="依据充分",
        version=row.version,
        evidence=evidence,
        **more,
    )


def accept(
    office: Office, content: bytes = b"bytes", on_date: date | None = None, shift: float = 0.0
) -> None:
    features = answers.line_features(office.shapes, CODE)
    if shift:
        points = shapely.get_coordinates(office.shapes.lines[CODE])
        points[3:-3] += (shift, 0)
        features[0]["geometry"] = shapely.to_wkb(shapely.LineString(points), byte_order=1)
    features += answers.marker_features(office.shapes, CODE) if not shift else []
    row = office.checked(features, content=content)
    publish.accept(
        office.session, office.approver, row.id, reason="合格", version=row.version, on_date=on_date
    )


def settle(office: Office, keep: Keep, way: tuple[str, ...] = ("sign_agreement", "submit", "settle")) -> None:
    documents = papers(keep)
    for name in way:
        step(office, name, documents[name])


@pytest.fixture(autouse=True)
def as_of_the_work_plan_year(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUDI_AS_OF", "2024-12-31")


def test_the_whole_way(office: Office, file_of_evidence: Keep) -> None:
    documents = papers(file_of_evidence)
    states = ["preparing", "field_survey", "alignment_confirmed", "markers_done"]
    for name, state in zip(
        ("prepare", "start_survey", "confirm_alignment", "finish_markers"), states, strict=True
    ):
        assert step(office, name, documents[name], person=office.reviewer).state == state
    accept(office)
    assert office.session.get(Demarcation, CODE).state == "results_checked"
    settle(office, file_of_evidence)
    row = office.session.get(Demarcation, CODE)
    assert (row.state, row.version) == ("settled", 9)
    steps = boundaries.steps(office.session, CODE)
    assert [s.version for s in steps] == list(range(2, 10))
    assert steps[-1].evidence[0]["sha256"] == file_of_evidence("approval")
    event = office.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (event.act, event.subject, event.after["state"]) == ("line.settle", CODE, "settled")
    office.session.execute(text("set constraints all immediate"))


def test_settling_publishes_generalised_geometry_and_nothing_before(
    office: Office, file_of_evidence: Keep
) -> None:
    session, at = office.session, date(2024, 12, 31)
    public.refresh(session, district(b.DISTRICT), b.SINCE)
    accept(office)
    frames = boundaries.map_frames(session, district=b.DISTRICT, at=at, officer=False)
    assert frames.lines.empty and frames.markers.empty
    assert set(frames.pairs["code"]) == set(office.shapes.lines)  # the outline in use instead
    settle(office, file_of_evidence)
    frames = boundaries.map_frames(session, district=b.DISTRICT, at=at, officer=False)
    assert list(frames.lines["code"]) == [CODE] and list(frames.lines["state"]) == ["settled"]
    assert list(frames.lines["document"]) == ["渝北府〔2024〕9号"]
    assert CODE not in set(frames.pairs["code"])
    shown = frames.lines.geometry.iloc[0]
    exact = shapely.get_coordinates(office.shapes.lines[CODE])
    assert not {tuple(c) for c in exact[1:-1]} & set(shown.coords)
    markers = shapely.get_coordinates(
        [shapely.from_wkb(f["geometry"]) for f in answers.marker_features(office.shapes, CODE)]
    )
    assert nearest_exact_m(shown, markers) > 9.9
    # Markers of the settled line, rounded to 0.001 degree.
    assert len(frames.markers) == 4 and not frames.markers["exact"].any()
    for point in frames.markers.geometry:
        assert (round(point.x, 3), round(point.y, 3)) == (point.x, point.y)
    # Outlines and line are one drawing.
    assert frames.units.set_index("code").geometry[b.XINGLONG].boundary.covers(shown)
    assert shapely.coverage_is_valid(frames.units[frames.units["level"] == "township"].geometry.to_numpy())
    # On the day before, nothing.
    before = boundaries.map_frames(session, district=b.DISTRICT, at=date(2024, 12, 30), officer=False)
    assert before.lines.empty and before.markers.empty and set(before.pairs["state"]) == {"undemarcated"}
    officer = boundaries.map_frames(session, district=b.DISTRICT, at=at, officer=True)
    assert officer.markers["exact"].all() and officer.lines.geometry.iloc[0].equals_exact(
        office.shapes.lines[CODE], 2e-9
    )


def test_a_change_keeps_the_settled_line_public_until_the_new_one_is(
    office: Office, file_of_evidence: Keep
) -> None:
    session = office.session
    public.refresh(session, district(b.DISTRICT), b.SINCE)
    accept(office)
    settle(office, file_of_evidence)
    first = boundaries.map_frames(session, district=b.DISTRICT, at=date(2024, 12, 31), officer=False).lines
    changed = {
        "kind": "change_approval",
        "title": "变更",
        "sha256": file_of_evidence("c"),
        "number": "1",
        "date": "2024-12-30",
    }
    step(office, "open_change", [changed], on_date=date(2025, 3, 1))
    accept(office, b"new survey", on_date=date(2025, 4, 1), shift=2e-3)
    during = boundaries.map_frames(session, district=b.DISTRICT, at=date(2025, 5, 1), officer=False).lines
    assert during.geometry.iloc[0].equals(first.geometry.iloc[0])
    assert list(during["state"]) == ["results_checked"]
    # Another settlement in between must not publish the new survey either.
    public.refresh(session, district(b.DISTRICT), date(2025, 5, 1))
    during = boundaries.map_frames(session, district=b.DISTRICT, at=date(2025, 5, 1), officer=False).lines
    assert during.geometry.iloc[0].equals(first.geometry.iloc[0])
    with pytest.raises(GuardUnmet, match="协议书"):
        step(office, "sign_agreement", [])  # the old agreement does not carry the new line
    settle(office, file_of_evidence)
    after = boundaries.map_frames(session, district=b.DISTRICT, at=date(2025, 5, 1), officer=False)
    assert not after.lines.geometry.iloc[0].equals(first.geometry.iloc[0])
    assert shapely.coverage_is_valid(after.units[after.units["level"] == "township"].geometry.to_numpy())
    then = boundaries.map_frames(session, district=b.DISTRICT, at=date(2025, 3, 31), officer=False).lines
    assert then.geometry.iloc[0].equals(first.geometry.iloc[0])


def test_nothing_is_skipped(office: Office, file_of_evidence: Keep) -> None:
    documents = papers(file_of_evidence)
    for name in ("start_survey", "confirm_alignment", "finish_markers", "sign_agreement", "submit", "settle"):
        with pytest.raises(WrongState):
            step(office, name, documents[name])
    with pytest.raises(GuardUnmet, match="成果提交"):
        step(office, "check_results", [])  # only by accepting a submission
    accept(office)
    with pytest.raises(WrongState):
        step(office, "settle", documents["settle"])


def test_evidence_is_demanded(office: Office, file_of_evidence: Keep) -> None:
    documents = papers(file_of_evidence)
    accept(office)
    one_sided = [documents["sign_agreement"][0] | {"signed_by": [b.CIZHU]}, documents["sign_agreement"][1]]
    with pytest.raises(GuardUnmet, match="双方签字"):
        step(office, "sign_agreement", one_sided)
    step(office, "sign_agreement", documents["sign_agreement"])
    step(office, "submit", documents["submit"])
    for lacking in ("number", "date", "sha256"):
        approval = {k: v for k, v in documents["settle"][0].items() if k != lacking}
        with pytest.raises(GuardUnmet, match="批准文件"):
            step(office, "settle", [approval])
    with pytest.raises(StepNotYours):
        step(office, "settle", documents["settle"], person=office.reviewer)
    step(office, "settle", documents["settle"])


def test_bad_evidence_is_named(office: Office, file_of_evidence: Keep) -> None:
    good = {"kind": "work_plan", "title": "方案", "sha256": file_of_evidence("x")}
    for wrong, words in (
        ({"sha256": "0" * 64}, "尚未上传"),
        ({"kind": "nothing"}, "种类"),
        ({"kind": "submission"}, "种类"),
        ({"date": "2024-02-30"}, "2024-12-31"),
        ({"date": (days.today() + timedelta(days=2)).isoformat()}, "将来"),
        ({"signed_by": ["500112999"]}, "两侧"),
    ):
        with pytest.raises(demarcate.BadEvidence, match=words):
            step(office, "prepare", [good | wrong])
    with pytest.raises(demarcate.UnknownStep):
        step(office, "fly", [])
    with pytest.raises(boundaries.NoSuchLine):
        demarcate.take_step(
            office.session, office.approver, "500112001-500112002", "prepare", reason="x", version=1
        )


def test_stale_and_dates(office: Office, file_of_evidence: Keep) -> None:
    documents = papers(file_of_evidence)
    row = step(office, "prepare", documents["prepare"], on_date=date(2024, 5, 1))
    with pytest.raises(Stale):
        demarcate.take_step(
            office.session, office.approver, CODE, "start_survey", reason="x", version=row.version - 1
        )
    with pytest.raises(demarcate.DateBeforeLastStep):
        step(office, "start_survey", documents["start_survey"], on_date=date(2024, 4, 1))
    with pytest.raises(demarcate.DateInFuture):
        step(office, "start_survey", documents["start_survey"], on_date=days.today() + timedelta(days=2))
    step(office, "start_survey", documents["start_survey"])
    assert boundaries.steps(office.session, CODE)[-1].on_date == date(2024, 12, 31)


def test_a_dispute_stops_agreement_and_settlement(office: Office, file_of_evidence: Keep) -> None:
    accept(office)
    row = step(office, "set_dispute", person=office.reviewer)
    assert row.in_dispute and row.state == "results_checked"
    with pytest.raises(GuardUnmet, match="争议"):
        step(office, "sign_agreement", papers(file_of_evidence)["sign_agreement"])
    with pytest.raises(GuardUnmet, match="争议处理"):
        step(office, "clear_dispute")
    settlement = {"kind": "settlement", "title": "协议", "sha256": file_of_evidence("s")}
    assert not step(office, "clear_dispute", [settlement]).in_dispute
    # Disputes are restricted: the public's history has none of it.
    told = office.session.execute(
        text("select to_state from published.demarcation_step where code = :c"), {"c": CODE}
    )
    assert [r.to_state for r in told] == ["results_checked"]


def test_progress_counts_by_approval_date(office: Office, file_of_evidence: Keep) -> None:
    accept(office)
    settle(office, file_of_evidence)
    for officer in (True, False):
        told = boundaries.district_progress(
            office.session, district=b.DISTRICT, at=date(2024, 12, 31), officer=officer, target=18, year=2024
        )
        assert (told.settled_in_year, told.lines, told.unknown_length) == (1, 5, 0)
        assert {s.state: s.count for s in told.states if s.count} == {"settled": 1, "undemarcated": 4}
        length = next(s.length_km for s in told.states if s.state == "settled")
        assert 3.3 < length < 4.6 and told.settled_in_year_km == length
    earlier = boundaries.district_progress(
        office.session, district=b.DISTRICT, at=date(2024, 12, 30), officer=True, target=18, year=2024
    )
    assert earlier.settled_in_year == 0
    other = boundaries.district_progress(
        office.session, district=b.DISTRICT, at=date(2024, 12, 31), officer=True, target=18, year=2025
    )
    assert other.settled_in_year == 0
