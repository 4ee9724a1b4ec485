"""自行注册: an account of one's own, a citizen's until an administrator has confirmed for whom it applies."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sqlalchemy import select

from api.acts.apply import OWN_OPEN
from api.app import create_app
from api.security.settings import DoorSettings
from geo.store.tables import AuditEvent, OrganisationClaim, PlaceNameApplication, User
from geo.terms import UserRole
from tests.api.conftest import TestClient

PASSWORD = "嘉陵江边的老黄葛树-2025"
PHONE = "13983001122"
FORM = {
    "kind": "citizen", "name": "江某", "phone": "139 8300-1122", "login": "jiang", "password": PASSWORD,
    "again": PASSWORD,
}  # fmt: skip
HERE = {"origin": "http://testserver"}


@pytest.fixture(scope="module")
def app(module_database: str) -> Any:
    """The app with limits wide enough not to be met by chance."""
    return create_app(
        settings=DoorSettings(
            login_burst=1000, login_per_minute=6000, register_burst=1000, register_per_minute=6000
        )
    )


def send(client: Any, **otherwise: str) -> Any:
    return client.post("/register", data=FORM | otherwise, headers=HERE, follow_redirects=False)


def made_of(answer: Any) -> str:
    assert answer.status_code == 303, re.findall(r'role="alert">([^<]+)', answer.text)
    return str(re.fullmatch(r"/login\?next=/apply&made=([a-z0-9-]+)", answer.headers["location"])[1])  # type: ignore[index]


def enter(app: Any, login: str) -> Any:
    client = TestClient(app)
    answer = client.post("/api/v1/sessions", json={"user": login, "password": PASSWORD, "kind": "cookie"})
    assert answer.status_code == 201, answer.text
    client.headers["X-CSRF-Token"] = answer.json()["csrf"]
    return client


def test_a_citizen_registers_and_may_suggest_but_not_apply(app, client, committed):
    page = client.get("/register").text
    assert "公民个人" in page and "建设单位" in page and "不会公开" in page
    assert '<html lang="en">' in client.get("/register?lang=en").text
    client.cookies.clear()
    login = made_of(send(client))
    assert re.fullmatch(r"jiang-\d{4}", login)
    shown = client.get(f"/login?next=/apply&made={login}").text
    assert f'<code class="secret">{login}</code>' in shown and f'value="{login}"' in shown
    assert "<code" not in client.get("/login?made=<script>-1234").text

    citizen = enter(app, login)
    person = citizen.get("/api/v1/sessions/current").json()["person"]
    assert person["roles"] == ["applicant"] and person["name"] == "江某"
    assert "公民可以提出" in citizen.get("/apply").text
    body = {"action": "naming", "category": "街路巷", "name": "听江路"}
    draft = citizen.post("/api/v1/applications", json=body | {"applicant_kind": "citizen"})
    assert draft.status_code == 201
    for kind in ("builder", "township", "committee"):
        refused = citizen.post("/api/v1/applications", json=body | {"applicant_kind": kind})
        assert refused.status_code == 422, kind
    begun = citizen.post("/apply", data={"do": "begin", "action": "naming", "category": "自然村"})
    assert begun.status_code == 200 and f'value="{PHONE}"' in begun.text and 'value="江某"' in begun.text
    held = committed.scalar(select(User).where(User.login == login))
    assert held.phone == PHONE and held.organisation.kind == "citizen"
    event = committed.scalars(
        select(AuditEvent).where(AuditEvent.act == "register", AuditEvent.subject == login)
    ).one()
    assert event.after == {"roles": ["applicant"]} and event.actor == f"江某（{login}）"
    assert PHONE not in json.dumps([event.before, event.after, event.reason, event.subject])


def test_two_who_registered_are_no_colleagues(app, client):
    """Neither sees what the other prepares, though both are citizens."""
    one, two = (enter(app, made_of(send(client, login=f"one{i}", name=f"某{i}"))) for i in range(2))
    ref = one.post(
        "/api/v1/applications", json={"action": "naming", "category": "自然村", "name": "听江"}
    ).json()["id"]
    plan = one.post("/api/v1/naming-plans", json={"title": "沿江诸名"}).json()["ref"]
    assert one.get(f"/api/v1/applications/{ref}").status_code == 200
    for path in (
        f"/api/v1/applications/{ref}",
        f"/api/v1/naming-plans/{plan}",
        f"/apply/{ref}",
        f"/apply/plans/{plan}",
    ):
        assert two.get(path).status_code == 404, path
    assert "沿江诸名" not in two.get("/apply").text


def test_who_registered_has_so_many_open_papers_and_no_more(app, client):
    citizen = enter(app, made_of(send(client, login="many", phone="13983006666")))
    body = {"action": "naming", "category": "自然村", "name": "听江", "applicant_kind": "citizen"}
    for _ in range(OWN_OPEN):
        assert citizen.post("/api/v1/applications", json=body).status_code == 201
    over = citizen.post("/api/v1/applications", json=body)
    assert over.status_code == 409 and over.json()["code"] == "too-many-open"
    page = citizen.post(
        "/apply", data={"do": "begin", "action": "naming", "category": "自然村"}, follow_redirects=False
    )
    assert page.status_code == 409 and "未答复的建议" in page.text


def test_the_answer_is_the_same_for_a_name_in_use(client, login_as, committed):
    """Each gets a login name of his own, whoever has the plain one, or has registered with it before."""
    login_as(UserRole.SURVEYOR, login="taken")
    answers = [
        send(client, login=wanted, phone=f"1398300{n:04}")
        for n, wanted in enumerate(["taken", "free", "taken"])
    ]
    names = [made_of(a) for a in answers]
    assert len(set(names)) == 3 and all(re.fullmatch(r"(taken|free)-\d{4}", n) for n in names)
    assert {a.status_code for a in answers} == {303} and len({frozenset(a.headers) for a in answers}) == 1


def test_a_form_sent_twice_makes_one_account(client, committed):
    first = send(client, login="twice", phone="02367000001")
    assert made_of(first) == made_of(send(client, login="twice", phone="023-6700 0001"))
    other = send(
        client,
        login="twice",
        phone="02367000001",
        password="另一条口令也够长的-77",
        again="另一条口令也够长的-77",
    )
    assert made_of(other) != made_of(first), (
        "who does not know the password learns nothing of the first account"
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "short", "again": "short"}, "至少 12"),
        ({"password": "password-12345", "again": "password-12345"}, "常见泄露口令"),
        ({"again": PASSWORD + "x"}, "不一样"),
        ({"phone": "打电话给我"}, "电话号码"),
        ({"phone": "１３９８３００１１２２"}, "电话号码"),
        ({"login": "江"}, "不合格式"),
        ({"login": "a" * 41}, "不合格式"),
        ({"name": " "}, "姓名"),
        ({"name": "江\x1b[31m某"}, ""),
        ({"kind": ""}, "请选择"),
        ({"kind": "administrator"}, "请选择"),
        ({"kind": "builder"}, "机构"),
        ({"kind": "township", "organisation": "某镇人民政府"}, "乡镇"),
    ],
)
def test_what_is_wrong_is_said_and_the_form_comes_back(client, committed, wrong, said):
    before = len(committed.scalars(select(User.id)).all())
    answer = send(client, **wrong)
    assert answer.status_code == 422 and said in answer.text and 'role="alert"' in answer.text
    assert PASSWORD not in answer.text, "a password never comes back"
    committed.rollback()
    assert len(committed.scalars(select(User.id)).all()) == before


def test_an_organisation_counts_once_it_is_confirmed(app, client, login_as, committed):
    boss = login_as(UserRole.ADMINISTRATOR)
    login = made_of(
        send(
            client,
            login="build",
            kind="builder",
            organisation="渝江建设公司",
            says="信用代码 91500112",
            phone="13983009999",
        )
    )
    builder = enter(app, login)
    body = {"action": "naming", "category": "街路巷", "name": "渝江路"}
    draft = builder.post("/api/v1/applications", json=body).json()["id"]
    assert "渝江建设公司" in builder.get("/apply").text and "正在核实" in builder.get("/apply").text
    again = builder.post("/account/organisation", data={"kind": "builder", "organisation": "另一家"})
    assert again.status_code == 409 and "正在核实" in again.text

    shown = boss.get("/admin/claims").text
    assert "渝江建设公司" in shown and "13983009999" in shown and "91500112" in shown
    claim = int(re.search(r'/admin/claims/(\d+)"', shown)[1])  # type: ignore[index]
    assert builder.get("/admin/claims").status_code == 403
    none = boss.post(f"/admin/claims/{claim}", data={"step": "confirm", "reason": " "})
    assert none.status_code == 422 and "请填写理由" in none.text
    confirm = {"step": "confirm", "reason": "核对营业执照", "organisation": "重庆渝江建设有限公司"}
    assert boss.post(f"/admin/claims/{claim}", data=confirm, follow_redirects=False).status_code == 303
    late = boss.post(f"/admin/claims/{claim}", data={"step": "refuse", "reason": "另一位"})
    assert late.status_code == 409 and "已经办理" in late.text, "two administrators at once: one outcome"

    assert builder.get("/api/v1/sessions/current").json()["person"]["organisation"] == "重庆渝江建设有限公司"
    asked = builder.post("/api/v1/applications", json=body | {"applicant_kind": "builder"})
    assert asked.status_code == 201
    moved = committed.scalar(select(PlaceNameApplication).where(PlaceNameApplication.ref == draft))
    assert moved.organisation_id == committed.scalar(select(User).where(User.login == login)).organisation_id
    acts = committed.scalars(
        select(AuditEvent.act).where(AuditEvent.subject == login).order_by(AuditEvent.id)
    ).all()
    assert [a for a in acts if a != "login"] == ["register", "confirm-organisation"]
    assert "核对营业执照" in builder.get("/account/organisation").text
    assert (
        builder.post("/account/organisation", data={"kind": "builder", "organisation": "他"}).status_code
        == 409
    )


def test_a_refused_claim_leaves_a_citizen_who_may_claim_again(app, client, login_as, committed):
    boss = login_as(UserRole.ADMINISTRATOR)
    login = made_of(
        send(client, login="seat", kind="committee", organisation="某村民委员会", phone="13983008888")
    )
    person = enter(app, login)
    claim = committed.scalar(select(OrganisationClaim.id).order_by(OrganisationClaim.id.desc()))
    boss.post(f"/admin/claims/{claim}", data={"step": "refuse", "reason": "请附村委会证明"})
    assert "请附村委会证明" in person.get("/account/organisation").text
    assert person.get("/api/v1/sessions/current").json()["person"]["organisation"].startswith("江某（个人")
    again = person.post(
        "/account/organisation", data={"kind": "committee", "organisation": "某村民委员会", "says": "证明已附"},
        follow_redirects=False,
    )  # fmt: skip
    assert again.status_code == 303
    # A name that is known as something else is no way in.
    claim = committed.scalar(select(OrganisationClaim.id).order_by(OrganisationClaim.id.desc()))
    login_as(UserRole.SURVEYOR, organisation="某测绘公司")
    other = boss.post(
        f"/admin/claims/{claim}", data={"step": "confirm", "reason": "是", "organisation": "某测绘公司"}
    )
    assert other.status_code == 409 and "其他类型" in other.text


def test_claims_are_listed_and_decided_by_programs(app, client, login_as, committed):
    """As on the page: in order, page by page, once each, noted, and by administrators alone."""
    boss, url = login_as(UserRole.ADMINISTRATOR), "/api/v1/organisation-claims"
    for n in range(2):
        made_of(
            send(
                client,
                login=f"pro{n}",
                name=f"程{n}",
                kind="builder",
                organisation=f"建设{n}",
                phone=f"1398311000{n}",
            )
        )
    seen, cursor = [], None
    while cursor is not None or not seen:
        page = boss.get(url, params={"limit": 1} | ({"cursor": cursor} if cursor else {}))
        assert page.headers["cache-control"] == "no-store"
        seen, cursor = seen + page.json()["items"], page.json()["next"]
    assert [c["id"] for c in seen] == sorted({c["id"] for c in seen})
    one, two = seen[-2:]
    assert (one["organisation"], one["phone"], one["state"]) == ("建设0", "13983110000", "waiting")
    way = f"{url}/{one['id']}/transitions"
    assert boss.post(way, json={"transition": "confirm", "reason": " "}).status_code == 422
    done = boss.post(
        way, json={"transition": "confirm", "reason": "核对营业执照", "organisation": "重庆建设零公司"}
    )
    assert done.status_code == 200 and done.json()["state"] == "confirmed"
    assert boss.post(way, json={"transition": "refuse", "reason": "再想想"}).status_code == 409
    refused = boss.post(
        f"{url}/{two['id']}/transitions", json={"transition": "refuse", "reason": "查无此公司"}
    )
    assert refused.json()["answer"] == "查无此公司"
    decided = boss.get(url, params={"state": "decided"}).json()["items"]
    assert [c["id"] for c in decided[:2]] == [two["id"], one["id"]]
    assert (
        committed.scalar(select(User).where(User.login == one["login"])).organisation.name == "重庆建设零公司"
    )
    acts = committed.scalars(select(AuditEvent.act).where(AuditEvent.subject == one["login"])).all()
    assert acts == ["register", "confirm-organisation"]
    assert login_as(UserRole.REGISTRAR).get(url).status_code == 403


def test_registering_is_counted_fenced_and_can_be_switched_off(module_database, app, client, login_as):
    foreign = client.post("/register", data=FORM, headers={"origin": "https://elsewhere.example"})
    assert foreign.status_code == 403
    assert client.post("/register", data=FORM, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    known = login_as(UserRole.APPLICANT)
    assert known.get("/register", follow_redirects=False).headers["location"] == "/account"
    few = create_app(settings=DoorSettings(register_burst=1, register_per_minute=0.01))
    with TestClient(few, client=("192.0.2.7", 5000)) as visitor:
        made_of(send(visitor, login="once", phone="13983007777"))
        over = send(visitor, login="once", phone="13983007778")
        assert over.status_code == 429 and "秒" in over.text
    shut = create_app(settings=DoorSettings(registration=False))
    with TestClient(shut) as visitor:
        assert visitor.get("/register").status_code == 403 and send(visitor).status_code == 403
        for path in ("/login", "/apply"):
            assert "/register" not in visitor.get(path).text
    assert "/register" in client.get("/login").text and "/register" in client.get("/apply").text
