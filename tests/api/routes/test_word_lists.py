"""Word lists: a change alters verdicts at once, keeps its history, and outlives the shipped lists."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from geo.names.categories import Category
from geo.names.rules.proposal import Proposal
from geo.names.rules.run import run
from geo.store import naming_words
from geo.store.engine import sessions
from geo.store.tables import AuditEvent, PlaceName
from geo.terms import UserRole
from tests import builders as b

LISTS = "/api/v1/word-lists"
STREET = {"name": "巴黎路", "category": "街路巷", "unit": "500112138"}


@pytest.fixture(scope="module", autouse=True)
def seeded(module_database: str) -> None:
    with sessions("owner").begin() as session:
        assert naming_words.seed(session) > 1000


def verdict(client: Any, **more: Any) -> str:
    return str(client.post("/api/v1/place-name-checks", json={**STREET, **more}).json()["verdict"])


def test_a_demoted_word_doubts_and_survives_an_upgrade(
    client: Any, login_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator = login_as(UserRole.ADMINISTRATOR)
    assert verdict(client) == "refused"
    change = {"word": "巴黎", "severity": "warning", "reason": "本地旧称"}
    assert administrator.post(f"{LISTS}/foreign", json=change).status_code == 200
    assert verdict(client) == "doubtful"
    assert administrator.post(f"{LISTS}/foreign", json=change).status_code == 409
    with sessions("owner").begin() as session:
        assert naming_words.seed(session) == 0
    # Also where a later release brings another list.
    monkeypatch.setattr(naming_words, "_lists", lambda: "another")
    with sessions("owner").begin() as session:
        assert naming_words.seed(session) == 0
    assert verdict(client) == "doubtful"
    change = {"word": "巴黎", "severity": "off", "reason": "停用"}
    assert administrator.post(f"{LISTS}/foreign", json=change).status_code == 200
    assert verdict(client) == "fits"
    versions = administrator.get(f"{LISTS}/foreign/history", params={"word": "巴黎"}).json()["items"]
    assert [v["severity"] for v in versions] == ["off", "warning", "error"]
    assert [v["until"] is None for v in versions] == [True, False, False]
    with sessions("owner")() as session:
        subjects = session.scalars(
            select(AuditEvent.reason).where(AuditEvent.subject == "foreign/巴黎").order_by(AuditEvent.id)
        ).all()
    assert subjects == ["本地旧称", "停用"]


def test_an_added_word_counts(client: Any, login_as: Any) -> None:
    assert verdict(client, name="某某甲路") == "fits"
    word = {"word": "某某甲", "severity": "error", "source": "测试", "kind": "企业", "reason": "新注册商标"}
    assert login_as(UserRole.ADMINISTRATOR).post(f"{LISTS}/companies", json=word).status_code == 200
    assert verdict(client, name="某某甲路") == "refused"


def test_a_rule_is_switched_off_and_on(client: Any, login_as: Any) -> None:
    administrator = login_as(UserRole.ADMINISTRATOR)
    assert verdict(client, name="伦敦路") == "refused"
    for on, expected in ((False, "fits"), (True, "refused")):
        body = {"rule": "9(5)-foreign", "on": on, "reason": "测试"}
        assert administrator.post("/api/v1/naming-settings/switches", json=body).status_code == 200
        assert verdict(client, name="伦敦路") == expected
    unknown = {"rule": "none", "on": False, "reason": "测试"}
    assert administrator.post("/api/v1/naming-settings/switches", json=unknown).status_code == 404


def test_a_settled_reading_is_kept(login_as: Any) -> None:
    registrar = login_as(UserRole.REGISTRAR)
    body = {"text": "长坪", "reading": "cháng píng", "unit": "500112", "source": "实地调查", "reason": "审定"}
    assert registrar.post("/api/v1/naming-settings/readings", json=body).status_code == 200
    with sessions("app")() as session:
        settled = naming_words.settled(session)
    assert settled.for_unit("500112138")["长坪"] == ("cháng", "píng") and not settled.for_unit("510100")
    # Too short, without tones, or no reading of its character.
    for reading in ("cháng", "chang ping", "cháng shān"):
        wrong = registrar.post("/api/v1/naming-settings/readings", json={**body, "reading": reading})
        assert wrong.status_code == 422 and wrong.json()["code"] == "bad-reading", reading


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"word": "新词", "severity": "error", "reason": "测试"}, "bad-word"),
        ({"word": "新词", "severity": "fatal", "source": "测试", "reason": "测试"}, "bad-word"),
        ({"word": "新\x00词", "severity": "error", "source": "测试", "reason": "测试"}, "bad-word"),
        ({"word": "新词", "severity": "error", "source": "测试", "reason": " "}, "no-reason"),
    ],
)
def test_what_a_list_cannot_hold(login_as: Any, body: Any, code: str) -> None:
    answer = login_as(UserRole.ADMINISTRATOR).post(f"{LISTS}/companies", json=body)
    assert answer.status_code == 422 and answer.json()["code"] == code


def test_words_are_searched_and_paged(login_as: Any) -> None:
    administrator = login_as(UserRole.ADMINISTRATOR)
    first = administrator.get(f"{LISTS}/leaders", params={"limit": 5}).json()
    second = administrator.get(f"{LISTS}/leaders", params={"limit": 5, "cursor": first["next"]}).json()
    assert len(first["items"]) == 5 and not {w["word"] for w in first["items"]} & {
        w["word"] for w in second["items"]
    }
    found = administrator.get(f"{LISTS}/leaders", params={"q": "毛泽"}).json()["items"]
    assert [w["word"] for w in found] == ["毛泽东"] and found[0]["shipped"]
    assert administrator.get(f"{LISTS}/none").status_code == 404


def test_a_version_is_never_changed_nor_deleted() -> None:
    with sessions("owner")() as session:
        for statement in ("update naming_word set severity = 'off'", "delete from naming_setting"):
            with pytest.raises(DBAPIError, match="refused"), session.begin_nested():
                session.execute(text(statement))


def test_the_page_changes_a_word(login_as: Any) -> None:
    administrator = login_as(UserRole.ADMINISTRATOR)
    token = administrator.headers["X-CSRF-Token"]
    assert "毛泽东" in administrator.get("/admin/words", params={"q": "毛泽东"}).text
    form = {"csrf": token, "list": "foreign", "word": "柏林", "severity": "warning", "match": "anywhere"}
    refused = administrator.post("/admin/words", data=form)
    assert refused.status_code == 422 and "请填写理由" in refused.text
    done = administrator.post("/admin/words", data={**form, "reason": "测试降级"}, follow_redirects=True)
    assert done.status_code == 200 and "测试降级" in done.text and 'id="history"' in done.text
    switch = {"csrf": token, "rule": "9(5)-foreign", "on": "no", "reason": "测试"}
    assert "停用" in administrator.post("/admin/words", data=switch, follow_redirects=True).text
    administrator.post("/admin/words", data={**switch, "on": "yes"})


def test_a_threshold_is_changed_by_the_administrator_and_keeps_its_history(
    client: Any, login_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator = login_as(UserRole.ADMINISTRATOR)

    def wide(metres: float) -> str:
        with sessions("app")() as session:
            facts = naming_words.base(session)
        proposal = Proposal("龙山大道", Category.STREET, attributes={"width_m": metres})
        return run(proposal, facts).verdict

    form = {
        "threshold": "set", "generic": "大道", "category": "街路巷", "attribute": "width_m", "value": "30", "source": "测试规范",
        "reason": "新规范",
    }  # fmt: skip
    assert wide(35) == "doubtful"
    done = administrator.post("/admin/words", data=form, follow_redirects=True)
    assert done.status_code == 200 and "≥ 30" in done.text and "≥ 40" in done.text and "新规范" in done.text
    assert wide(35) == "fits" and wide(25) == "doubtful"
    # What an administrator changed stays through the set-up of a later release.
    monkeypatch.setattr(naming_words, "_lists", lambda: "a later one")
    with sessions("owner").begin() as session:
        naming_words.seed(session)
    assert wide(35) == "fits"
    assert (
        administrator.post("/admin/words", data={**form, "value": ""}, follow_redirects=True).status_code
        == 200
    )
    assert wide(5) == "fits"
    for wrong in (
        {"value": "wide"},
        {"value": "-1"},
        {"source": ""},
        {"attribute": "height"},
        {"category": "路"},
    ):
        assert administrator.post("/admin/words", data={**form, **wrong}).status_code == 422
    assert login_as(UserRole.REGISTRAR).post("/admin/words", data=form).status_code == 403
    administrator.post("/admin/words", data={**form, "value": "40"})


def test_names_follow_a_reading_settled_later_and_one_is_put_back(login_as: Any) -> None:
    """重梯村 was entered as Chóngtī; the reading is settled as zhòng; the names are offered, changed, one undone."""
    with sessions("app").begin() as session:
        maker = b.person(session).id
        here, _, _ = (
            b.place_name(session, maker, "重梯村", unit_code=unit, readings=readings).number
            for unit, readings in (("500112138", None), ("500112140", ["chóng", "tī", "cūn"]), ("500105100", None))
        )  # fmt: skip
    registrar = login_as(UserRole.REGISTRAR)
    spellings = "/api/v1/naming-settings/readings/spellings"
    asked = {"text": "重梯", "unit": "500112"}
    unsettled = registrar.get(spellings, params=asked)
    assert unsettled.status_code == 422 and unsettled.json()["code"] == "reading-not-settled"
    body = {**asked, "reading": "zhòng tī", "source": "走访", "reason": "审定"}
    assert registrar.post("/api/v1/naming-settings/readings", json=body).status_code == 200

    # Neither the one whose own reading was settled nor one elsewhere.
    offered = registrar.get(spellings, params=asked).json()["items"]
    assert [(o["number"], o["romanization"], o["spelled"]) for o in offered] == [
        (here, "Chóngtī Cūn", "Zhòngtī Cūn")
    ]
    assert registrar.post(spellings, json={**asked, "reason": " "}).json()["code"] == "no-reason"
    page = registrar.get("/registry/readings", params=asked).text
    assert "Zhòngtī Cūn" in page and "重梯村" in page
    token = registrar.headers["X-CSRF-Token"]
    form = {"csrf": token, "act": "respell", **asked, "reason": "随审定读音"}
    done = registrar.post("/registry/readings", data=form, follow_redirects=True)
    assert done.status_code == 200 and "拼写都与审定读音一致" in done.text
    assert registrar.get(spellings, params=asked).json()["items"] == []
    assert registrar.post(spellings, json={**asked, "reason": "再改"}).json()["code"] == "unchanged"

    with sessions("app").begin() as session:
        versions = session.scalars(
            select(PlaceName).where(PlaceName.number == here).order_by(PlaceName.id)
        ).all()
        assert [(v.romanization, v.reason) for v in versions][1:] == [("Zhòngtī Cūn", "随审定读音")]
        events = session.scalars(
            select(AuditEvent.act).where(AuditEvent.subject == str(here), AuditEvent.subject_kind == "place_name")
        ).all()  # fmt: skip
        first, last = versions[0].id, versions[-1].id
    assert "respell" in events
    back = registrar.post(
        f"/api/v1/place-names/{here}/undo", json={"to": first, "version": last, "reason": "原拼写有据"}
    )
    assert back.status_code == 200, back.text
    assert [o["number"] for o in registrar.get(spellings, params=asked).json()["items"]] == [here]
    assert login_as(UserRole.REVIEWER).get(spellings, params=asked).status_code == 403
