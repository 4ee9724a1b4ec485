"""勘定状态的生命周期: every role from every state, and what each step needs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

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


#: What each step asks for: documents of this step, each of which may be one of several, "kind" alone where its
#: name is enough; then what else must be so. Written out by hand after docs and law, not taken from the machine.
DOCUMENTS: dict[str, tuple[str, ...]] = {
    "prepare": ("work_plan file", "contacts", "base_maps", "direction_map file"),
    "start_survey": ("work_map file", "investigation file"),
    "confirm_alignment": ("alignment_map file signed",),
    "finish_markers": (
        "marker_forms|no_markers file",
        "marker_table|no_markers file",
        "photos|no_markers file",
    ),
    "check_results": (),
    "sign_agreement": ("agreement file signed dated", "agreement_map file signed"),
    "submit": ("request file",),
    "settle": ("approval file dated", "agreement file signed"),
    "send_back": (),
    "open_change": ("change_approval file dated",),
    "abandon_change": (),
    "set_dispute": (),
    "clear_dispute": ("settlement file",),
}
FACTS: dict[str, dict[str, object]] = {
    "confirm_alignment": {"in_dispute": True},
    "check_results": {"submission": None},
    "sign_agreement": {"in_dispute": True, "geometry": False},
    "settle": {"in_dispute": True, "geometry": False},
    "abandon_change": {"moved": True},
    "set_dispute": {"in_dispute": True},
    "clear_dispute": {"in_dispute": False},
}
SPOILT = {
    "file": ({"sha256": None},), "signed": ({"signed_by": [A]}, {"signed_by": [B]}, {"signed_by": None}),
    "dated": ({"number": None}, {"date": None}),
}  # fmt: skip


def lacking(name: str) -> Iterator[tuple[str, life.Facts]]:
    """Facts that lack one thing that the step asks for, each thing once."""
    whole = everything(in_dispute=name == "clear_dispute")
    for wanted in DOCUMENTS[name]:
        kinds, *marks = wanted.split()
        those = kinds.split("|")
        yield kinds, replace(whole, evidence=[p for p in whole.evidence if p["kind"] not in those])
        for mark in marks:
            for spoilt in SPOILT[mark]:
                papers = [p | spoilt if p["kind"] in those else p for p in whole.evidence]
                yield f"{kinds} {spoilt}", replace(whole, evidence=papers)
    for key, value in FACTS.get(name, {}).items():
        yield key, replace(whole, **{key: value})


CASES = [(name, what, facts) for name in WAY for what, facts in lacking(name)]


@pytest.mark.parametrize(("name", "what", "facts"), CASES, ids=[f"{n}-{w}" for n, w, _ in CASES])
def test_each_thing_that_a_step_asks_for(name: str, what: str, facts: life.Facts) -> None:
    """From every state, in every role: where the step may be taken at all, it may not without this."""
    for state, role in itertools.product(S, R):
        if state not in WAY[name]:
            expected: type[Exception] = WrongState
        elif role not in BY[name]:
            expected = StepNotYours
        else:
            expected = GuardUnmet
            assert life.missing(name, state, facts)
        with pytest.raises(expected):
            life.LIFE.step(state, name, [role], facts)


@pytest.mark.parametrize("name", WAY)
def test_a_step_asks_for_nothing_more(name: str) -> None:
    """Every set of documents is enough just where it holds one for each thing that is asked for."""
    whole = everything(in_dispute=name == "clear_dispute")
    groups = [set(wanted.split()[0].split("|")) for wanted in DOCUMENTS[name]]
    kinds = sorted(set().union(*groups))
    state = next(iter(WAY[name]))
    for size in range(len(kinds) + 1):
        for chosen in itertools.combinations(kinds, size):
            facts = replace(whole, evidence=[p for p in whole.evidence if p["kind"] in chosen])
            assert (life.missing(name, state, facts) == []) is all(g & set(chosen) for g in groups), chosen


def test_a_name_is_enough_where_no_file_is_asked_for() -> None:
    papers = [
        p | {"sha256": None} if p["kind"] in ("contacts", "base_maps") else p for p in everything().evidence
    ]
    assert life.missing("prepare", S.UNDEMARCATED, replace(everything(), evidence=papers)) == []


def test_what_a_step_asks_for_can_be_attached_to_it() -> None:
    """The page offers a field for each document in the transition's own list."""
    for name, wanted in DOCUMENTS.items():
        attached = {kind for t in life.LIFE.by_name[name] for kind in t.evidence}
        asked = {kind for w in wanted for kind in w.split()[0].split("|")}
        assert asked - attached == ({"agreement"} if name == "settle" else set())


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
