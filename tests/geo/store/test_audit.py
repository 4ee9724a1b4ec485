"""审计: the chain holds, and names the first place where it was broken."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.store import audit, audit_chain, engine
from geo.store.tables import AuditEvent
from tests import builders as b

SWAP = """
    update audit_event set id = -id where id in (2, 3);
    update audit_event set id = case id when -2 then 3 else 2 end where id < 0
"""
SWAP_CONTENT = """
    update audit_event e set act = o.act, subject = o.subject, at = o.at, actor_id = o.actor_id, actor = o.actor,
        before = o.before, after = o.after, salt = o.salt from audit_event o where e.id = 2 and o.id = 3
"""


def fill(session: Session, n: int = 5) -> None:
    actor = b.person(session)
    for i in range(n):
        audit.append(session, actor=actor if i else None, act="test", subject_kind="line", subject=str(i), reason="理由",
                     before={"a": 1.5, "名": None}, after=["x", {"y": True}])  # fmt: skip


@pytest.fixture
def owned(session: Session) -> Session:
    """The owner's session over a chain of five, with the fences down: somebody with all rights at psql."""
    fill(session)
    session.execute(text("alter table audit_event disable trigger user"))
    return session


def verified(session: Session, heads: tuple[tuple[int, str], ...] = ()) -> list[tuple[int, str]]:
    session.flush()
    session.expire_all()
    return [(found.id, found.kind) for found in audit_chain.verify(session, heads)]


def test_a_whole_chain_verifies(app_session: Session) -> None:
    fill(app_session)
    app_session.expire_all()
    assert audit_chain.verify(app_session) == []
    rows = app_session.execute(
        text("select algorithm, actor, octet_length(hash) from audit_event order by id")
    ).all()
    assert {r.algorithm for r in rows} == {audit.algorithm()} and rows[0].actor == "系统" and rows[1][2] == 32


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("update audit_event set reason = '别的' where id = 2", (2, "changed")),
        ("update audit_event set after = '[]' where id = 3", (3, "changed")),
        ("update audit_event set actor_id = null where id = 2", (2, "changed")),
        ("update audit_event set at = at + interval '1 second' where id = 1", (1, "changed")),
        ("update audit_event set salt = null where id = 2", (2, "changed")),
        ("update audit_event set hash = '\\x00' where id = 2", (2, "changed")),
        ("update audit_event set previous = '\\x00' where id = 4", (4, "changed")),
        ("update audit_event set algorithm = 'md5' where id = 4", (4, "unreadable")),
        ("delete from audit_event where id = 1", (1, "removed")),
        ("delete from audit_event where id in (2, 3)", (2, "removed")),
        ("delete from audit_event where id = 2; update audit_event set id = 2 where id = 3; "
         "update audit_event set id = 3 where id = 4; update audit_event set id = 4 where id = 5", (2, "removed")),
        (SWAP, (2, "reordered")),
        (SWAP_CONTENT, (2, "reordered")),
    ],
)  # fmt: skip
def test_every_tampering_is_named(owned: Session, tampering: str, found: tuple[int, str]) -> None:
    assert verified(owned) == []
    for statement in tampering.split(";"):
        owned.execute(text(statement))
    assert verified(owned) == [found]


def make_room(session: Session, number: int) -> AuditEvent:
    """Move all from `number` on up by one; a new event in the gap, as like its neighbour as can be."""
    for row in session.query(AuditEvent).filter(AuditEvent.id >= number).order_by(AuditEvent.id.desc()):
        session.execute(text("update audit_event set id = id + 1 where id = :n"), {"n": row.id})
    session.expunge_all()
    before = session.get(AuditEvent, number - 1)
    assert before is not None
    return AuditEvent(
        id=number, at=before.at, actor_id=None, actor="系统", act="test", subject_kind="line", subject="9",
        reason="补记", before=None, after=None, address=None, algorithm=before.algorithm, previous=before.hash,
        hash=b"",
    )  # fmt: skip


def test_an_event_put_in_between_is_named_however_well_it_is_made(owned: Session) -> None:
    made = make_room(owned, 3)
    made.hash = audit.digest(made)
    owned.add(made)
    assert verified(owned) == [(3, "inserted")]


def test_an_event_put_in_with_a_wrong_hash_is_named_too(owned: Session) -> None:
    made = make_room(owned, 3)
    made.previous = made.hash = b"\1" * 32
    owned.add(made)
    assert verified(owned) == [(3, "inserted")]


def test_a_changed_event_with_its_hash_made_again_is_named(owned: Session) -> None:
    row = owned.get(AuditEvent, 3)
    assert row is not None
    row.reason = "别的"
    row.hash = audit.digest(row)
    assert verified(owned) == [(3, "changed")]


def test_a_cut_tail_and_a_history_written_anew_show_by_a_head_that_others_hold(owned: Session) -> None:
    held = audit.head(owned)
    assert held is not None and str(held) == f"5:{held.hash}"
    heads = ((held.id, held.hash[:20]),)
    assert verified(owned, heads) == []
    with owned.begin_nested() as point:
        owned.execute(text("delete from audit_event where id > 3"))
        assert verified(owned) == [], "the chain itself cannot tell"
        assert verified(owned, heads) == [(4, "cut")]
        found = audit_chain.verify(owned, heads)[0]
        assert found.other == 5 and "4" in found.text.zh and "cut off" in found.text.en
        point.rollback()
    for number in (3, 4, 5):
        row, before = owned.get(AuditEvent, number), owned.get(AuditEvent, number - 1)
        assert row is not None and before is not None
        row.reason = "别的" if number == 3 else row.reason
        row.previous = before.hash
        row.hash = audit.digest(row)
        owned.flush()
    assert verified(owned) == [], "all hashes were made again"
    assert verified(owned, heads) == [(5, "rewritten")]


def test_rows_of_the_first_form_stay_valid_beside_new_ones(owned: Session) -> None:
    """Chains written before the digest of the content had a hash of its own."""
    for number in (1, 2):
        row = owned.get(AuditEvent, number)
        assert row is not None
        row.algorithm = "sm3" if audit.algorithm() == "sm3-2" else "sha256"
        row.salt = None
        row.previous = b"" if number == 1 else owned.get(AuditEvent, 1).hash  # type: ignore[union-attr]
        row.hash = audit.digest(row)
        owned.flush()
    owned.execute(text("delete from audit_event where id > 2"))
    owned.expunge_all()
    audit.append(owned, actor=None, act="test", subject_kind="line", subject="new", reason="新")
    assert verified(owned) == []
    owned.execute(text("update audit_event set act = 'other' where id = 1"))
    assert verified(owned) == [(1, "changed")]


def test_outsiders_follow_the_chain_over_digests_alone(app_session: Session) -> None:
    fill(app_session)
    name = audit.algorithm().removesuffix("-2")
    before = b""
    rows = list(audit_chain.chain(app_session))
    assert len(rows) == 5 and set(rows[0]) == {"id", "algorithm", "content", "hash"}
    for row in rows:
        before = hashlib.new(name, before + bytes.fromhex(row["content"])).digest()
        assert row["hash"] == before.hex()
    whole = next(audit_chain.chain(app_session, after=3, whole=True))
    assert whole["id"] == 4 and whole["event"]["reason"] == "理由" and whole["previous"] == rows[2]["hash"]
    digest = hashlib.new(name, audit.canonical(whole["event"])).hexdigest()
    assert digest == rows[3]["content"]


def test_what_the_database_writes_in_its_own_way_is_no_false_alarm(app_session: Session) -> None:
    """Numbers, times, odd characters and addresses come back from PostgreSQL as they were digested."""
    odd = {
        "large": 1e20, "tiny": 1e-7, "nothing": -0.0, "none": float("nan"), "nul": "a\0b", "half": "\ud800",
        "day": date(2024, 1, 2), "both": (1, 2), "2": {"b": 1, "a": 2},
    }  # fmt: skip
    for address in ("::ffff:10.0.0.1", "fe80::1%eth0", "192.0.2.1"):
        audit.append(
            app_session, actor=audit.Stranger(address), act="test", subject_kind="x\0", subject="y", reason="\udfff",
            before=odd, after=[odd],
        )  # fmt: skip
    assert verified(app_session) == []
    kept = [str(row.address) for row in audit.events(app_session)]
    assert kept == ["192.0.2.1", "fe80::1", "10.0.0.1"]
    assert audit.events(app_session)[0].actor == "未登录者"


def test_events_are_found_by_who_what_and_when_a_page_at_a_time(app_session: Session) -> None:
    fill(app_session)
    someone = b.person(app_session)
    audit.append(app_session, actor=someone, act="read", subject_kind="marker", subject="a%b", reason="看")
    every = audit.events(app_session, limit=4)
    assert [e.id for e in every] == [6, 5, 4, 3, 2], "one more than asked for says that there are more"
    assert [e.id for e in audit.events(app_session, before=3)] == [2, 1]
    assert [e.id for e in audit.events(app_session, who=someone.login.upper())] == [6]
    assert [e.id for e in audit.events(app_session, who="系统")] == [1]
    assert [e.id for e in audit.events(app_session, act="read")] == [6]
    assert [e.id for e in audit.events(app_session, subject_kind="marker", subject="a%")] == [6]
    assert audit.events(app_session, subject="%") == []
    assert audit.events(app_session, since=every[0].at) == every[:1]
    assert len(audit.events(app_session, until=every[0].at)) == 5
    assert audit.kinds(app_session) == (["read", "test"], ["line", "marker"])
    day = audit.heads_by_day(app_session, 30)
    assert [h.id for h in day] == [6] and day[0] == audit.head(app_session)


def test_two_writers_follow_each_other(own_database: str) -> None:
    from threading import Thread

    with engine.sessions("app").begin() as session:
        fill(session, 1)

    def write() -> None:
        with engine.sessions("app").begin() as own:
            for _ in range(5):
                audit.append(own, actor=None, act="t", subject_kind="t", subject="t", reason="t")

    threads = [Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.sessions("app")() as session:
        assert session.scalar(text("select count(*) from audit_event")) == 21
        assert audit_chain.verify(session) == []
