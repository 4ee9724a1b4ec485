"""用户管理: administrators, and what even they may not do."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from api.security import sessions
from geo.store.tables import AuditEvent, RoleGrant, User
from geo.terms import UserRole
from tests.api.conftest import DISTRICT, PASSWORD, TestClient

USERS = "/api/v1/users"
WHO = "/api/v1/sessions/current"
OWN = "嘉陵江边的老黄葛树-2025"


@pytest.fixture
def boss(login_as):
    return login_as(UserRole.ADMINISTRATOR)


def row(committed, login: str) -> User:
    committed.expire_all()
    return committed.scalars(select(User).where(User.login == login)).one()


def add(boss, login: str, roles: dict[str, list[str]] | None = None):
    body = {
        "login": login, "name": "新人", "organisation": "某街道", "organisation_kind": "township",
        "roles": {DISTRICT: ["reviewer"]} if roles is None else roles, "reason": "新到任",
    }  # fmt: skip
    return boss.post(USERS, json=body)


def test_a_new_user_chooses_a_password_before_anything_else(app, boss, committed):
    made = add(boss, "new.reviewer").json()
    assert made["user"]["roles"] == {DISTRICT: ["reviewer"]} and made["user"]["must_change"]
    first = {"user": "new.reviewer", "password": made["password"]}
    with TestClient(app) as client:
        refused = client.post("/api/v1/sessions", json=first | {"kind": "token"})
        assert (refused.status_code, refused.json()["code"]) == (403, "password-due"), (
            "no program gets in with it"
        )
        client.headers["X-CSRF-Token"] = client.post("/api/v1/sessions", json=first).json()["csrf"]
        assert client.get(WHO).json()["person"]["roles"] == [], "no role until then"
        refused = client.get("/api/v1/submissions")
        assert (refused.status_code, refused.json()["code"]) == (403, "password-due")
        page = client.get("/review", headers={"Accept": "text/html"}, follow_redirects=False)
        assert (page.status_code, page.headers["location"]) == (303, "/account/password")
        exact = client.get("/api/v1/markers").json()
        assert "items" in exact, "what the public sees, and no more"
        changed = client.put("/api/v1/account/password", json={"old": made["password"], "new": OWN})
        assert changed.status_code == 200, changed.text
        assert client.get("/api/v1/submissions").status_code == 200
    events = committed.scalars(
        select(AuditEvent).where(AuditEvent.subject == "new.reviewer").order_by(AuditEvent.id)
    ).all()
    assert [(e.act, e.reason) for e in events] == [
        ("add", "新到任"), ("login", "登录"), ("password", "首次登录改口令"),
    ]  # fmt: skip
    assert made["password"] not in str([e.after for e in events])


def test_a_first_password_is_good_for_a_week(client, boss):
    made = add(boss, "late.comer").json()
    body = {"user": "late.comer", "password": made["password"]}
    with time_machine.travel(sessions.now() + timedelta(days=8), tick=False):
        refused = client.post("/api/v1/sessions", json=body)
    assert (refused.status_code, refused.json()["code"]) == (401, "first-password-over")


def test_roles_hold_at_once_and_a_closed_account_is_out_at_once(boss, login_as, committed):
    client = login_as(UserRole.SURVEYOR)
    user = row(committed, client.login)
    path = f"{USERS}/{user.id}"
    body = {"version": 1, "reason": "转岗", "roles": {DISTRICT: ["registrar", "reviewer"]}}
    assert client.get("/api/v1/place-name-audit").status_code == 403
    changed = boss.patch(path, json=body)
    assert changed.json()["roles"] == {DISTRICT: ["registrar", "reviewer"]} and changed.json()["version"] == 2
    assert client.get("/api/v1/place-name-audit").status_code == 200
    assert boss.patch(path, json={"version": 2, "reason": "离职", "active": False}).json()["active"] is False
    assert client.get(WHO).status_code == 401
    again = client.post("/api/v1/sessions", json={"user": client.login, "password": PASSWORD})
    assert again.json()["code"] == "wrong-login"
    event = committed.scalars(
        select(AuditEvent)
        .where(AuditEvent.act == "change", AuditEvent.subject == client.login)
        .order_by(AuditEvent.id)
    ).first()
    assert event.before["roles"] == {DISTRICT: ["surveyor"]} and event.reason == "转岗"
    assert event.after["roles"] == {DISTRICT: ["registrar", "reviewer"]} and boss.login in event.actor


def test_two_administrators_cannot_overwrite_each_other(boss, login_as, committed):
    user = row(committed, login_as(UserRole.SURVEYOR).login)
    path = f"{USERS}/{user.id}"
    assert boss.patch(path, json={"version": 1, "reason": "一", "name": "甲"}).status_code == 200
    stale = login_as(UserRole.ADMINISTRATOR).patch(path, json={"version": 1, "reason": "二", "name": "乙"})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert row(committed, user.login).name == "甲"


def test_nobody_changes_his_own_rights(boss, committed):
    me = row(committed, boss.login)
    path = f"{USERS}/{me.id}"
    why = {"version": 1, "reason": "自己"}
    for change in ({"roles": {DISTRICT: ["administrator", "approver"]}}, {"active": False}, {"roles": {}}):
        refused = boss.patch(path, json=why | change)
        assert (refused.status_code, refused.json()["code"]) == (403, "own-rights")
    for part in ("/password", "/unlock"):
        assert boss.post(path + part, json=why).json()["code"] == "own-rights"
    assert boss.patch(path, json=why | {"name": "改名"}).status_code == 200, "his name is his own"


def test_an_administrator_of_one_district_reaches_into_no_other(boss, login_as, committed):
    there = login_as(UserRole.SURVEYOR)
    user = row(committed, there.login)
    committed.add(RoleGrant(user_id=user.id, role="administrator", district="500105"))
    committed.commit()
    path, why = f"{USERS}/{user.id}", {"version": 1, "reason": "试"}
    for answer in (
        boss.post(path + "/password", json=why),
        boss.patch(path, json=why | {"active": False}),
        boss.patch(path, json=why | {"roles": {}}),
        add(boss, "elsewhere", {"500105": ["reviewer"]}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "other-district")
    committed.execute(
        RoleGrant.__table__.delete().where(RoleGrant.user_id == user.id, RoleGrant.district == DISTRICT)
    )
    committed.commit()
    assert boss.get(path).status_code == 404, "and does not know of those who are only there"
    assert there.login not in str(boss.get(USERS + "?limit=500").json())


def test_the_last_administrator_of_a_district_stays(boss, login_as, committed):
    """Of a district that has two, either may go; then the other may not, not even by himself elsewhere."""
    me, other = row(committed, boss.login), row(committed, login_as(UserRole.SURVEYOR).login)
    committed.add_all(RoleGrant(user_id=u.id, role="administrator", district="500107") for u in (me, other))
    committed.commit()
    path, why = f"{USERS}/{other.id}", {"reason": "试"}
    second = login_as(UserRole.ADMINISTRATOR)
    committed.add(RoleGrant(user_id=row(committed, second.login).id, role="administrator", district="500107"))
    committed.commit()
    gone = second.patch(
        f"{USERS}/{me.id}", json=why | {"version": me.version, "roles": {DISTRICT: ["administrator"]}}
    )
    assert gone.status_code == 200
    assert second.patch(path, json=why | {"version": 1, "active": False}).status_code == 200
    committed.execute(
        RoleGrant.__table__.delete().where(RoleGrant.user_id == other.id, RoleGrant.district == "500107")
    )
    me_row = row(committed, second.login)
    committed.add(RoleGrant(user_id=other.id, role="administrator", district="500107"))
    committed.execute(User.__table__.update().where(User.id == other.id).values(active=True))
    committed.execute(User.__table__.update().where(User.id == me_row.id).values(demo=True))
    committed.commit()
    refused = second.patch(path, json=why | {"version": row(committed, other.login).version, "active": False})
    assert (refused.status_code, refused.json()["code"]) == (409, "last-administrator"), (
        "demonstration does not count"
    )


def test_a_reset_ends_everything_and_needs_a_change(app, client, boss, login_as, committed):
    mine = login_as(UserRole.SURVEYOR)
    body = {"user": mine.login, "password": PASSWORD, "kind": "token"}
    token = {"Authorization": "Bearer " + client.post("/api/v1/sessions", json=body).json()["token"]}
    path = f"{USERS}/{row(committed, mine.login).id}/password"
    made = boss.post(path, json={"version": 1, "reason": "忘记口令"}).json()
    assert mine.get(WHO).status_code == 401 and client.get(WHO, headers=token).status_code == 401
    assert made["user"]["must_change"] and made["user"]["version"] == 2
    with TestClient(app) as fresh:
        assert (
            fresh.post(
                "/api/v1/sessions", json={"user": mine.login, "password": made["password"]}
            ).status_code
            == 201
        )


def test_a_locked_account_is_unlocked_by_an_administrator(client, boss, login_as, committed):
    mine = login_as(UserRole.SURVEYOR)
    for _ in range(8):
        client.post("/api/v1/sessions", json={"user": mine.login, "password": "not the password"})
    user = row(committed, mine.login)
    assert boss.get(f"{USERS}/{user.id}").json()["locked_until"] is not None
    assert (
        boss.post(f"{USERS}/{user.id}/unlock", json={"version": 1, "reason": "电话核实"}).status_code == 200
    )
    assert client.post("/api/v1/sessions", json={"user": mine.login, "password": PASSWORD}).status_code == 201


def test_the_list_is_searched_and_paged(boss, login_as):
    for n in range(3):
        login_as(UserRole.SURVEYOR, organisation=f"丁测绘{n}")
    first = boss.get(USERS, params={"q": "丁测绘", "limit": 2}).json()
    assert len(first["items"]) == 2 and first["next"]
    rest = boss.get(USERS, params={"q": "丁测绘", "limit": 2, "cursor": first["next"]}).json()
    assert len(rest["items"]) == 1 and rest["next"] is None
    found = boss.get(USERS, params={"role": "administrator", "active": "true", "limit": 500}).json()["items"]
    assert found and all("administrator" in r["roles"][DISTRICT] for r in found)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"login": "Not A Login"}, "bad-login"),
        ({"login": "administrator-taken"}, "login-taken"),
        ({"organisation_kind": "king"}, "bad-organisation-kind"),
        ({"organisation": "  "}, "bad-name"),
        ({"roles": {"渝北区": ["reviewer"]}}, "bad-district"),
        ({"roles": {DISTRICT: ["king"]}}, "malformed"),
        ({"reason": "  "}, "no-reason"),
    ],
)
def test_what_will_not_do_is_refused_in_words(boss, login_as, committed, change, code):
    if (
        code == "login-taken"
        and committed.scalars(select(User).where(User.login == "administrator-taken")).first() is None
    ):
        login_as(login="administrator-taken")
    body = {"login": "some.one", "name": "某", "organisation": "某局", "roles": {}, "reason": "试"} | change
    assert boss.post(USERS, json=body).json()["code"] == code


def test_only_a_token_of_scope_administer_manages(client, boss):
    body = {"user": boss.login, "password": PASSWORD, "kind": "token", "scopes": ["read", "decide", "submit"]}
    token = {"Authorization": "Bearer " + client.post("/api/v1/sessions", json=body).json()["token"]}
    client.cookies.clear()
    assert client.get(USERS, headers=token).json()["code"] == "out-of-scope"
