"""地名保护: a list from its first name to its publication, who may do what, and what it protects."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from api.acts import protect
from api.acts.protect import Entry
from api.acts.stale import NoReason, Stale
from api.security.person import Person
from geo.machine import GuardUnmet, StepNotYours, WrongState
from geo.names.protection import ENTRY_LIFE, LIST_LIFE, EntryState, ListKind, ListState, criteria
from geo.store import protection
from geo.store.names import NoSuchName
from geo.store.tables import AuditEvent, ProtectionEntry, ProtectionList, ProtectionStep
from geo.terms import NameStatus, UserRole
from tests import builders as b

WHOLE = Entry("town", ["old", "event"], ["sign", "publicise"], "见于清道光《江北厅志》")


class Desk:
    """A registrar, a reviewer, an approver, and two names of the register."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.registrar = b.person(session, UserRole.REGISTRAR)
        self.reviewer = b.person(session, UserRole.REVIEWER)
        self.approver = b.person(session, UserRole.APPROVER)
        self.name = b.place_name(session, self.registrar.id, "洛碛场", status=NameStatus.HISTORIC)
        self.other = b.place_name(session, self.registrar.id, "龙王洞村")

    def list(self, batch: int = 2) -> ProtectionList:
        return protect.create(
            self.session, self.registrar, kind=ListKind.HISTORIC, batch=batch, title=None, reason="工作要点"
        )

    def propose(self, held: ProtectionList, number: int, entry: Entry = WHOLE) -> ProtectionEntry:
        return protect.propose(self.session, self.registrar, held.id, number, entry, reason="调查所得")

    def step(self, held: ProtectionList, name: str, who: Person, **more) -> ProtectionList:
        return protect.take_step(
            self.session, who, held.id, name, version=held.version, reason="依据充分", **more
        )

    def decide(self, entry: ProtectionEntry, name: str, who: Person, **more) -> ProtectionEntry:
        return protect.decide(
            self.session, who, entry.list_id, entry.id, name, version=entry.version, reason="评审意见", **more
        )

    def published(self) -> tuple[ProtectionList, ProtectionEntry]:
        held = self.list()
        entry = self.propose(held, self.name.number)
        self.step(held, "open_review", self.registrar)
        self.decide(entry, "accept", self.reviewer)
        self.step(held, "publish", self.approver, document="渝北民发〔2024〕30号")
        return held, entry


@pytest.fixture
def desk(app_session: Session) -> Desk:
    return Desk(app_session)


def test_a_list_is_published_and_protects(desk: Desk) -> None:
    held, entry = desk.published()
    assert (held.state, held.document, held.title) == (
        "published",
        "渝北民发〔2024〕30号",
        "第2批历史地名保护名录",
    )
    assert protection.protected(desk.session) == {entry.number}
    assert entry.number == desk.name.number
    acts = desk.session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)).all()
    assert acts[-5:] == [
        "protection.create", "protection.propose", "protection.open_review", "protection.accept_entry", "protection.publish",
    ]  # fmt: skip
    desk.session.execute(text("set constraints all immediate"))


def test_what_is_not_published_protects_nothing_and_is_not_public(desk: Desk) -> None:
    held = desk.list()
    desk.propose(held, desk.name.number)
    assert protection.protected(desk.session) == frozenset()
    assert protection.lists(desk.session, district=b.DISTRICT, officer=False) == []
    assert [r["entries"] for r in protection.lists(desk.session, district=b.DISTRICT, officer=True)] == [1]


def test_the_public_sees_accepted_names_only(session: Session) -> None:
    desk = Desk(session)
    held = desk.list()
    kept, refused = desk.propose(held, desk.name.number), desk.propose(held, desk.other.number)
    desk.step(held, "open_review", desk.registrar)
    desk.decide(kept, "accept", desk.reviewer)
    desk.decide(refused, "refuse", desk.reviewer)
    desk.step(held, "publish", desk.approver, document="渝北民发〔2024〕30号")
    desk.session.execute(text("set local role yudi_public"))
    rows = protection.entries(desk.session, held.id, at="2024-12-31", officer=False)
    assert [(r["name"], r["state"], r["proposed_by"]) for r in rows] == [("洛碛场", "accepted", None)]
    with pytest.raises(DBAPIError, match="permission denied"):
        desk.session.execute(text("select 1 from protection_entry"))


@pytest.mark.parametrize(
    "entry",
    [
        Entry(None, ["old"], ["sign"], "理由"),
        Entry("town", [], ["sign"], "理由"),
        Entry("town", ["old"], [], "理由"),
        Entry("town", ["old"], ["sign"], "  "),
    ],
)
def test_no_review_of_an_entry_without_its_grounds(desk: Desk, entry: Entry) -> None:
    held = desk.list()
    desk.propose(held, desk.name.number, entry)
    with pytest.raises(GuardUnmet):
        desk.step(held, "open_review", desk.registrar)


def test_no_empty_list_goes_to_review(desk: Desk) -> None:
    with pytest.raises(GuardUnmet):
        desk.step(desk.list(), "open_review", desk.registrar)


def test_publishing_needs_all_decided_one_accepted_and_a_document(desk: Desk) -> None:
    held = desk.list()
    entry = desk.propose(held, desk.name.number)
    desk.step(held, "open_review", desk.registrar)
    with pytest.raises(GuardUnmet, match="每个条目的评审结论"):
        desk.step(held, "publish", desk.approver, document="文号")
    desk.decide(entry, "refuse", desk.reviewer)
    with pytest.raises(GuardUnmet, match="至少一个列入的条目"):
        desk.step(held, "publish", desk.approver, document="文号")
    desk.decide(entry, "accept", desk.reviewer)
    with pytest.raises(GuardUnmet, match="文号"):
        desk.step(held, "publish", desk.approver)


def test_nobody_reviews_what_he_proposed_nor_publishes_what_he_reviewed(desk: Desk) -> None:
    both = b.person(desk.session, UserRole.REGISTRAR, UserRole.REVIEWER, UserRole.APPROVER)
    held = protect.create(desk.session, both, kind=ListKind.RURAL, batch=1, title="名录", reason="试")
    entry = protect.propose(desk.session, both, held.id, desk.name.number, WHOLE, reason="试")
    desk.step(held, "open_review", both)
    with pytest.raises(GuardUnmet):
        desk.decide(entry, "accept", both)
    reviewer = b.person(desk.session, UserRole.REVIEWER, UserRole.APPROVER)
    desk.decide(entry, "accept", reviewer)
    for person in (both, reviewer):
        with pytest.raises(GuardUnmet):
            desk.step(held, "publish", person, document="文号")
    assert desk.step(held, "publish", desk.approver, document="文号").state == "published"


def test_entries_change_in_a_draft_only_and_a_decision_falls(desk: Desk) -> None:
    held = desk.list()
    entry = desk.propose(held, desk.name.number)
    desk.step(held, "open_review", desk.registrar)
    desk.decide(entry, "accept", desk.reviewer)
    with pytest.raises(protect.ListClosed):
        protect.amend(
            desk.session, desk.registrar, held.id, entry.id, WHOLE, version=entry.version, reason="补"
        )
    desk.step(held, "return", desk.reviewer)
    changed = Entry("village", ["culture"], ["derive"], "新的理由")
    protect.amend(
        desk.session, desk.registrar, held.id, entry.id, changed, version=entry.version, reason="补充依据"
    )
    assert (entry.state, entry.kind_class) == ("proposed", "village")
    last = desk.session.scalars(select(ProtectionStep).order_by(ProtectionStep.id.desc()).limit(1)).one()
    assert (last.before["kind_class"], last.after["kind_class"]) == ("town", "village")


def test_a_name_stands_on_one_list(desk: Desk) -> None:
    desk.published()
    second = desk.list(batch=3)
    with pytest.raises(protect.AlreadyListed):
        desk.propose(second, desk.name.number)
    desk.propose(second, desk.other.number)
    with pytest.raises(protect.AlreadyListed):
        desk.propose(second, desk.other.number)


def test_withdrawing_needs_a_document_and_ends_the_protection(desk: Desk) -> None:
    held, entry = desk.published()
    with pytest.raises(GuardUnmet):
        desk.decide(entry, "withdraw", desk.approver)
    desk.decide(entry, "withdraw", desk.approver, document="渝北民发〔2025〕1号")
    assert protection.protected(desk.session) == frozenset()
    # The public list still says that the name was on it.
    rows = protection.entries(desk.session, held.id, at="2024-12-31", officer=False)
    assert [r["state"] for r in rows] == ["withdrawn"]


def test_bad_requests_are_precise(desk: Desk) -> None:
    held = desk.list()
    with pytest.raises(protect.BatchTaken):
        desk.list()
    with pytest.raises(NoSuchName):
        desk.propose(held, 10**9)
    with pytest.raises(protect.UnknownCriterion):
        desk.propose(held, desk.name.number, Entry("castle"))
    with pytest.raises(protection.NoSuchList):
        protect.propose(desk.session, desk.registrar, 10**9, desk.name.number, WHOLE, reason="试")
    with pytest.raises(StepNotYours):
        protect.create(desk.session, desk.approver, kind=ListKind.RURAL, batch=1, title=None, reason="试")
    with pytest.raises(NoReason):
        protect.create(desk.session, desk.registrar, kind=ListKind.RURAL, batch=1, title=None, reason=" ")
    with pytest.raises(Stale):
        protect.take_step(desk.session, desk.registrar, held.id, "discard", version=99, reason="试")


def test_a_discarded_batch_can_be_begun_again(desk: Desk) -> None:
    desk.step(desk.list(), "discard", desk.registrar)
    assert desk.list().state == "draft"


def test_the_database_refuses_a_state_without_its_step(session: Session) -> None:
    held = Desk(session).list()
    session.execute(
        update(ProtectionList).values(state="published", document="假", published_on="2024-01-01")
    )
    with pytest.raises(DBAPIError, match="without its step"):
        session.execute(text("set constraints all immediate"))
    assert held.id


@pytest.mark.parametrize("role", UserRole)
@pytest.mark.parametrize("state", ListState)
def test_every_role_from_every_state_of_a_list(role: UserRole, state: ListState) -> None:
    allowed = {
        ("draft", "registrar"): {"open_review", "discard"},
        ("review", "reviewer"): {"return"},
        ("review", "approver"): {"return", "publish"},
    }
    assert {t.name for t in LIST_LIFE.open_to(state, {role})} == allowed.get((state.value, role.value), set())


@pytest.mark.parametrize("role", UserRole)
@pytest.mark.parametrize("state", EntryState)
def test_every_role_from_every_state_of_an_entry(role: UserRole, state: EntryState) -> None:
    allowed = {
        ("proposed", "reviewer"): {"accept", "refuse"},
        ("accepted", "reviewer"): {"refuse"},
        ("refused", "reviewer"): {"accept"},
        ("accepted", "approver"): {"withdraw"},
    }
    assert {t.name for t in ENTRY_LIFE.open_to(state, {role})} == allowed.get(
        (state.value, role.value), set()
    )


def test_a_withdrawal_is_for_published_lists(desk: Desk) -> None:
    held = desk.list()
    entry = desk.propose(held, desk.name.number)
    desk.step(held, "open_review", desk.registrar)
    desk.decide(entry, "accept", desk.reviewer)
    with pytest.raises(GuardUnmet, match="已公布的名录"):
        desk.decide(entry, "withdraw", desk.approver, document="文号")
    with pytest.raises(WrongState):
        desk.decide(entry, "accept", desk.reviewer)


def test_every_criterion_names_its_source() -> None:
    assert {c.kind for c in criteria().values()} == {"ground", "class", "measure"}
    assert all(c.source and c.says.zh and c.says.en for c in criteria().values())
