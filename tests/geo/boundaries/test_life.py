"""勘定状态的生命周期: every role from every state, and what each step needs."""

from __future__ import annotations

import itertools

import pytest

from geo.boundaries import life
from geo.boundaries.submission_life import LIFE as SUBMISSION_LIFE
from geo.boundaries.submission_life import SUBMISSION_STATE_NAMES
from geo.boundaries.submission_life import Facts as SubmissionFacts
from geo.machine import GuardUnmet, StepNotYours, WrongState
from geo.terms import LineState as S
from geo.terms import Profile, SubmissionState, UserRole, Verdict

A, B = "500112138", "500112140"
R = UserRole

#: Which step leads where from which state: the whole life in one table, written out once more by hand.
WAY = {
    "prepare": {S.UNDEMARCATED: S.PREPARING},
    "start_survey": {S.PREPARING: S.FIELD_SURVEY, S.CHANGING: S.FIELD_SURVEY},
    "confirm_alignment": {S.FIELD_SURVEY: S.ALIGNMENT_CONFIRMED},
    "finish_markers": {S.ALIGNMENT_CONFIRMED: S.MARKERS_DONE},
    "check_results": dict.fromkeys(
        (S.UNDEMARCATED, S.PREPARING, S.FIELD_SURVEY, S.ALIGNMENT_CONFIRMED, S.MARKERS_DONE, S.CHANGING),
        S.RESULTS_CHECKED,
    ),
    "sign_agreement": {S.RESULTS_CHECKED: S.AGREEMENT_SIGNED},
    "submit": {S.AGREEMENT_SIGNED: S.SUBMITTED},
    "settle": {S.SUBMITTED: S.SETTLED},
    "send_back": {S.AGREEMENT_SIGNED: S.RESULTS_CHECKED, S.SUBMITTED: S.RESULTS_CHECKED},
    "open_change": {S.SETTLED: S.CHANGING},
    "abandon_change": {S.CHANGING: S.SETTLED},
    "set_dispute": {s: s for s in S},
    "clear_dispute": {s: s for s in S},
}
OFFICERS = {R.REVIEWER, R.APPROVER}
BY = {
    "prepare": OFFICERS, "start_survey": OFFICERS, "confirm_alignment": OFFICERS, "finish_markers": OFFICERS,
    "check_results": {R.APPROVER}, "sign_agreement": OFFICERS, "submit": OFFICERS, "settle": {R.APPROVER},
    "send_back": {R.APPROVER}, "open_change": {R.APPROVER}, "abandon_change": {R.APPROVER},
    "set_dispute": OFFICERS, "clear_dispute": {R.APPROVER},
}  # fmt: skip


def everything(in_dispute: bool = False) -> life.Facts:
    """Facts that satisfy every guard, as far as two do not contradict."""
    papers = [
        {
            "kind": kind,
            "title": kind,
            "number": "1",
            "date": "2024-01-01",
            "sha256": "0" * 64,
            "signed_by": [A, B],
        }
        for kind in life.EVIDENCE
    ]
    return life.Facts(evidence=papers, sides=(A, B), submission="x", geometry=True, in_dispute=in_dispute)


@pytest.mark.parametrize("name", WAY)
def test_every_role_from_every_state(name: str) -> None:
    facts = everything(in_dispute=name == "clear_dispute")
    for state, role in itertools.product(S, R):
        if state not in WAY[name]:
            with pytest.raises(WrongState):
                life.LIFE.step(state, name, [role], facts)
        elif role not in BY[name]:
            with pytest.raises(StepNotYours):
                life.LIFE.step(state, name, [role], facts)
        else:
            assert life.LIFE.step(state, name, [role], facts).to == WAY[name][state]


def test_the_table_knows_no_other_step() -> None:
    assert set(life.LIFE.by_name) == set(WAY)
    assert all(t.says.zh and t.says.en for t in life.LIFE.transitions)
    assert all(kind in life.EVIDENCE for t in life.LIFE.transitions for kind in t.evidence)


@pytest.mark.parametrize(
    ("name", "state", "kinds"),
    [
        ("prepare", S.UNDEMARCATED, ["work_plan", "contacts", "direction_map"]),
        ("start_survey", S.PREPARING, ["work_map", "investigation"]),
        ("confirm_alignment", S.FIELD_SURVEY, ["alignment_map"]),
        ("sign_agreement", S.RESULTS_CHECKED, ["agreement", "agreement_map"]),
        ("submit", S.AGREEMENT_SIGNED, ["request"]),
        ("settle", S.SUBMITTED, ["approval", "agreement"]),
        ("open_change", S.SETTLED, ["change_approval"]),
        ("clear_dispute", S.RESULTS_CHECKED, ["settlement"]),
    ],
)
def test_each_document_is_needed(name: str, state: S, kinds: list[str]) -> None:
    whole = everything(in_dispute=name == "clear_dispute")
    for kind in kinds:
        papers = [p for p in whole.evidence if p["kind"] != kind]
        facts = life.Facts(
            evidence=papers, sides=whole.sides, submission="x", geometry=True, in_dispute=whole.in_dispute
        )
        with pytest.raises(GuardUnmet):
            life.LIFE.step(state, name, [R.APPROVER], facts)
        assert life.missing(name, state, facts)
    assert life.missing(name, state, whole) == []


def test_markers_or_the_statement_that_there_are_none() -> None:
    def facts(*kinds: str) -> life.Facts:
        return life.Facts(evidence=[{"kind": k, "sha256": "0" * 64} for k in kinds])

    for kinds, enough in (
        ((), False),
        (("marker_forms",), False),
        (("marker_forms", "marker_table"), True),
        (("no_markers",), True),
    ):
        assert (life.missing("finish_markers", S.ALIGNMENT_CONFIRMED, facts(*kinds)) == []) is enough


def test_the_agreement_of_an_earlier_step_counts_for_settling() -> None:
    approval = {"kind": "approval", "number": "1", "date": "2024-01-01", "sha256": "0" * 64}
    agreement = {"kind": "agreement", "sha256": "0" * 64, "signed_by": [A, B]}
    facts = life.Facts(evidence=[approval], before=[agreement], sides=(A, B), geometry=True)
    assert life.missing("settle", S.SUBMITTED, facts) == []
    for worse in ({"signed_by": [A]}, {"sha256": None}):
        facts = life.Facts(evidence=[approval], before=[agreement | worse], sides=(A, B), geometry=True)
        assert life.missing("settle", S.SUBMITTED, facts)


def test_a_change_that_moved_the_line_cannot_be_abandoned() -> None:
    with pytest.raises(GuardUnmet):
        life.LIFE.step(S.CHANGING, "abandon_change", [R.APPROVER], life.Facts(moved=True))


def test_what_acceptance_moves_and_what_is_locked() -> None:
    moved = {s for s in S if life.acceptance_moves(s)}
    locked = {s for s in S if life.geometry_is_locked(s)}
    assert moved == set(WAY["check_results"])
    assert locked == {S.AGREEMENT_SIGNED, S.SUBMITTED, S.SETTLED}
    assert moved | locked | {S.RESULTS_CHECKED} == set(S) and not moved & locked


SUBMISSION_BY = {
    "recheck": {R.SURVEYOR, R.REVIEWER, R.APPROVER}, "resubmit": {R.SURVEYOR, R.REVIEWER, R.APPROVER},
    "accept": {R.APPROVER}, "return": {R.REVIEWER, R.APPROVER},
}  # fmt: skip
SUBMISSION_FROM = {
    "recheck": {"checked", "returned", "failed"}, "resubmit": {"checked", "returned", "failed"},
    "accept": {"checked"}, "return": {"checked", "failed"},
}  # fmt: skip


@pytest.mark.parametrize("name", SUBMISSION_BY)
def test_every_role_from_every_state_of_a_submission(name: str) -> None:
    own = name in ("recheck", "resubmit")
    facts = SubmissionFacts(own_organisation=own, verdict=Verdict.ACCEPT)
    for state, role in itertools.product(SubmissionState, R):
        if state not in SUBMISSION_FROM[name]:
            with pytest.raises(WrongState):
                SUBMISSION_LIFE.step(state, name, [role], facts)
        elif role not in SUBMISSION_BY[name]:
            with pytest.raises(StepNotYours):
                SUBMISSION_LIFE.step(state, name, [role], facts)
        else:
            assert SUBMISSION_LIFE.step(state, name, [role], facts).name == name


@pytest.mark.parametrize(
    "wrong",
    [
        {"own": True}, {"own_organisation": True}, {"verdict": Verdict.REJECT}, {"verdict": None},
        {"profile": Profile.GENERIC}, {"replaced": True},
    ],
)  # fmt: skip
def test_what_keeps_a_submission_from_being_accepted(wrong: dict) -> None:
    good = {"verdict": Verdict.ACCEPT_WITH_WARNING, "profile": Profile.TOWNSHIP}
    SUBMISSION_LIFE.step("checked", "accept", [R.APPROVER], SubmissionFacts(**good))
    with pytest.raises(GuardUnmet):
        SUBMISSION_LIFE.step("checked", "accept", [R.APPROVER], SubmissionFacts(**good | wrong))


def test_every_submission_state_has_a_name() -> None:
    assert set(SUBMISSION_STATE_NAMES) == set(SubmissionState)
