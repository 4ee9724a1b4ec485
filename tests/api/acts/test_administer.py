"""管理: the first administrator, whatever happens at the same moment."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher

from api.acts import administer
from api.acts.administer import NotFirst
from api.security import passwords
from geo.store import people
from geo.store.engine import sessions
from geo.terms import UserRole

PASSWORD = "铁山坪的云雾-2024年"


def test_two_first_administrators_at_once_are_one(own_database: str, monkeypatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    start = threading.Barrier(3)
    outcomes: list[str] = []

    def add(login: str) -> None:
        start.wait()
        try:
            with sessions("app").begin() as session:
                administer.add_user(
                    session, None, login=login, name=login, password=PASSWORD, roles=[], organisation="民政局", district="500112"
                )  # fmt: skip
            outcomes.append("added")
        except NotFirst:
            outcomes.append("refused")

    threads = [threading.Thread(target=add, args=(f"admin{i}",)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["added", "refused", "refused"]
    with sessions("app")() as session:
        assert len(people.users_with(session, UserRole.ADMINISTRATOR, "500112")) == 1


def test_two_administrators_who_remove_each_other_at_once_leave_one(own_database: str) -> None:
    from api.acts import manage_users
    from api.security.person import Person
    from geo.problems import Conflict, NotAllowed

    with sessions("app").begin() as session:
        home = people.organisation(session, "民政局", kind="department", unit_code=None, demo=False)
        rows = [
            people.add_user(
                session, login=f"boss{n}", name="管理员", organisation=home, password_hash=None,
                roles=[UserRole.ADMINISTRATOR], district="500112", demo=False,
            )
            for n in range(2)
        ]  # fmt: skip
        who = [
            Person(r.id, r.login, r.name, home.id, home.name, "department", None, frozenset({UserRole.ADMINISTRATOR}), "500112")
            for r in rows
        ]  # fmt: skip
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def remove(actor: Person, other: Person) -> None:
        start.wait()
        try:
            with sessions("app").begin() as session:
                manage_users.change(session, actor, other.id, version=1, reason="争执", active=False)
            outcomes.append("closed")
        except (NotAllowed, Conflict):
            outcomes.append("refused")

    threads = [threading.Thread(target=remove, args=pair) for pair in (who, who[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["closed", "refused"]
    with sessions("app")() as session:
        assert len(people.users_with(session, UserRole.ADMINISTRATOR, "500112")) == 1
