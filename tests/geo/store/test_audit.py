"""审计: the chain holds, and shows where it was broken."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.store import audit, engine
from tests import builders as b


def fill(session: Session, n: int = 4) -> None:
    actor = b.person(session)
    for i in range(n):
        audit.append(session, actor=actor if i else None, act="test", subject_kind="line", subject=str(i), reason="理由",
                     before={"a": 1.5, "名": None}, after=["x", {"y": True}])  # fmt: skip


def test_a_whole_chain_verifies(app_session: Session) -> None:
    fill(app_session)
    app_session.expire_all()
    assert audit.verify(app_session) == []
    rows = app_session.execute(
        text("select algorithm, actor, octet_length(hash) from audit_event order by id")
    ).all()
    assert {r.algorithm for r in rows} == {audit.algorithm()} and rows[0].actor == "系统" and rows[1][2] == 32


def test_every_tampering_shows(session: Session) -> None:
    fill(session)
    session.execute(text("alter table audit_event disable trigger append_only"))
    for tampering, found in (
        ("update audit_event set reason = '别的' where id = 2", [2]),
        ("update audit_event set after = '[]' where id = 3", [3]),
        ("update audit_event set actor_id = null where id = 2", [2]),
        ("update audit_event set at = at + interval '1 second' where id = 1", [1]),
        ("delete from audit_event where id = 2", [3]),
        ("update audit_event set hash = '\\x00' where id = 2", [2, 3]),
    ):
        with session.begin_nested() as point:
            session.execute(text(tampering))
            session.expire_all()
            assert [b.id for b in audit.verify(session)] == found, tampering
            point.rollback()


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
        assert session.scalar(text("select count(*) from audit_event")) == 21 and audit.verify(session) == []
