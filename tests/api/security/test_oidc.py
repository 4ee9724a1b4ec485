"""统一身份登录 against a real OpenID provider (npm oidc-provider) that these tests start."""

from __future__ import annotations

import html
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import time_machine
from joserfc import jwk, jwt
from sqlalchemy import select

from api.app import create_app
from api.security import oidc, sessions
from api.security.oidc import BadOidcSettings, OidcSettings, Provider, ProviderAway, SignOnRefused
from api.security.settings import DoorSettings
from api.setup import assets
from geo.settings import ROOT
from geo.store.tables import AuditEvent, OidcPending, User
from geo.terms import UserRole
from tests.api.conftest import DISTRICT, TestClient

SITE = "http://testserver"
WHO = "/api/v1/sessions/current"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    assets.provide_for_tests()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [assets.node(), str(Path(__file__).with_name("oidc_provider.mjs")), str(port), SITE]
    with subprocess.Popen(
        program, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stdout is not None and running.stdout.readline() == "ready\n"
        yield f"http://127.0.0.1:{port}"
        running.terminate()


@pytest.fixture(scope="module")
def configured(issuer: str) -> OidcSettings:
    return OidcSettings(issuer, "yudi", "secret-of-the-tests")


def site_of(configured: OidcSettings | None):
    return create_app(settings=DoorSettings(oidc=configured, login_burst=1000, login_per_minute=6000))


@pytest.fixture(scope="module")
def app(module_database: str, configured: OidcSettings):
    return site_of(configured)


def at_the_provider(address: str, who: str, browser: httpx.Client | None = None) -> str:
    """What a person does there: log in, consent. The address that the browser is sent back to."""
    with nullcontext(browser) if browser else httpx.Client(timeout=10) as browser:
        answer = browser.get(address)
        for _ in range(10):
            if answer.is_redirect:
                onward = answer.headers["location"]
                if onward.startswith(SITE):
                    return onward
                answer = browser.get(httpx.URL(str(answer.url)).join(onward))
                continue
            action, prompt = (
                re.search(pattern, answer.text)[1]
                for pattern in (r'action="([^"]+)"', r'name="prompt" value="(\w+)"')
            )
            answer = browser.post(action, data={"prompt": prompt, "login": who, "password": "any"})
    raise AssertionError("never sent back")


def begin(client, next: str = "/dashboard") -> str:
    answer = client.get("/login/sso", params={"next": next}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def come_back(client, address: str):
    return client.get(address.removeprefix(SITE), follow_redirects=False)


def link(committed, login: str, issuer: str, subject: str) -> None:
    user = committed.scalars(select(User).where(User.login == login)).one()
    user.oidc_issuer, user.oidc_subject = issuer, subject
    committed.commit()


def test_an_identity_logs_in_as_the_account_that_an_administrator_links(app, issuer, login_as, committed):
    name = login_as(UserRole.REVIEWER).login
    with TestClient(app, headers={"User-Agent": "Firefox/140 Linux"}) as client:
        address = begin(client)
        asked = parse_qs(urlsplit(address).query)
        assert (
            asked["code_challenge_method"] == ["S256"]
            and asked["code_challenge"]
            and asked["nonce"]
            and asked["state"]
        )
        refused = come_back(client, at_the_provider(address, "zhang"))
        assert refused.status_code == 403 and "尚未关联" in refused.text and "zhang" in refused.text
        assert client.get(WHO).status_code == 401

        boss = login_as(UserRole.ADMINISTRATOR)
        number = committed.scalars(select(User.id).where(User.login == name)).one()
        body = {"version": 1, "reason": "核对工号", "subject": "zhang"}
        linked = boss.post(f"/api/v1/users/{number}/identity", json=body)
        assert linked.status_code == 200 and linked.json()["identity"] == "zhang"

        done = come_back(client, at_the_provider(begin(client), "zhang"))
        assert (done.status_code, done.headers["location"]) == (303, "/dashboard")
        who = client.get(WHO).json()
        assert who["person"]["login"] == name and who["person"]["roles"] == ["reviewer"] and who["csrf"]
        (row,) = [r for r in client.get("/api/v1/account/sessions").json()["items"] if r["current"]]
        assert row["label"] == "统一身份认证 · Firefox · Linux"
    acts = committed.scalars(
        select(AuditEvent)
        .where(AuditEvent.act.in_(("refuse-login", "link", "login")))
        .order_by(AuditEvent.id)
    )
    told = [
        (e.act, (e.after or {}).get("why") or (e.after or {}).get("by"))
        for e in acts
        if e.actor_id != number or e.act != "x"
    ]
    assert ("refuse-login", "identity-not-linked") in told and ("login", "single sign-on") in told

    taken = login_as(UserRole.SURVEYOR).login
    other = committed.scalars(select(User.id).where(User.login == taken)).one()
    again = boss.post(f"/api/v1/users/{other}/identity", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "identity-taken")


def test_logging_out_ends_the_providers_session_too(app, issuer, login_as, committed):
    link(committed, login_as(UserRole.REVIEWER).login, issuer, "leaving")
    with TestClient(app) as client, httpx.Client(timeout=10) as there:
        come_back(client, at_the_provider(begin(client), "leaving", there))
        csrf = client.get(WHO).json()["csrf"]
        left = client.post("/logout", data={"csrf": csrf}, follow_redirects=False)
        assert left.status_code == 200 and "已退出本系统" in left.text
        onward = html.unescape(re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', left.text)[1])
        asked = parse_qs(urlsplit(onward).query)
        assert onward.startswith(issuer + "/session/end?") and asked["post_logout_redirect_uri"] == [
            SITE + "/"
        ]
        assert asked["id_token_hint"][0].count(".") == 2
        sure = there.get(onward)
        assert "sign-out" in sure.text, "the provider takes the token and the address"
        action, xsrf = (
            re.search(pattern, sure.text)[1]
            for pattern in (r'action="([^"]+)"', r'name="xsrf" value="(\w+)"')
        )
        gone = there.post(action, data={"xsrf": xsrf, "logout": "yes"})
        assert gone.headers["location"] == SITE + "/"
        assert (
            "login"
            in there.get(there.get(begin(client)).headers["location"].replace("/i", issuer + "/i", 1)).text
        )
        assert client.get(WHO).status_code == 401


def test_a_password_login_leaves_no_provider(app, login_as):
    client = login_as(UserRole.REVIEWER)
    left = client.post("/logout", data={"csrf": client.headers["X-CSRF-Token"]}, follow_redirects=False)
    assert (left.status_code, left.headers["location"]) == (303, "/")


def test_an_answer_counts_once_in_the_browser_that_began_it(app, issuer, login_as, committed):
    link(committed, login_as(UserRole.REVIEWER).login, issuer, "once")
    with TestClient(app) as mine, TestClient(app) as foreign:
        address = at_the_provider(begin(mine), "once")
        refused = come_back(foreign, address)
        assert refused.status_code == 401 and "已失效" in refused.text, (
            "somebody else's login is not slipped in"
        )
        begin(foreign)
        assert come_back(foreign, address).status_code == 401, "nor beside one of his own"
        cookies = dict(mine.cookies)
        assert come_back(mine, address).status_code == 303
        mine.cookies.clear()
        mine.cookies.update(cookies)
        assert come_back(mine, address).status_code == 401, "and no answer counts twice"


def test_a_login_that_takes_too_long_is_over_and_swept(app, committed):
    from api.acts import administer

    with TestClient(app) as client:
        begin(client)
        row = committed.scalars(select(OidcPending).order_by(OidcPending.created.desc())).first()
        assert row is not None and len(row.state_hash) == 32
        with time_machine.travel(sessions.now() + timedelta(minutes=11), tick=False):
            late = client.get("/login/sso/back", params={"state": client.cookies["yudi_sso"], "code": "x"})
            assert late.status_code == 401 and "已失效" in late.text
        begin(client)
        with time_machine.travel(sessions.now() + timedelta(hours=2), tick=False):
            administer.tidy(committed, DoorSettings())
        committed.commit()
        assert committed.scalars(select(OidcPending)).all() == []


def test_what_the_provider_refuses_is_said_in_both_languages(app, issuer):
    with TestClient(app) as client:

        def answered(**given: str):
            begin(client)
            asked = {"state": client.cookies["yudi_sso"], "iss": issuer} | given
            return client.get("/login/sso/back", params={k: v for k, v in asked.items() if v})

        refused = answered(error="access_denied")
        assert refused.status_code == 401 and "统一身份认证没有通过（access_denied）" in refused.text
        refused = answered(code="made-up")
        assert refused.status_code == 401 and "invalid_grant" in refused.text
        for other in ("https://other.example", ""):
            assert "没有通过（iss）" in answered(code="x", iss=other).text, (
                "a provider that names itself has to"
            )
        assert "did not succeed (error)" in answered(error="<b>x</b>", lang="en").text


def test_a_closed_account_stays_closed(app, issuer, login_as, committed):
    name = login_as(UserRole.REVIEWER).login
    link(committed, name, issuer, "closed")
    committed.scalars(select(User).where(User.login == name)).one().active = False
    committed.commit()
    with TestClient(app) as client:
        refused = come_back(client, at_the_provider(begin(client), "closed"))
        assert refused.status_code == 403 and "账号已停用" in refused.text


def test_a_first_password_does_not_stand_in_the_way_of_the_single_sign_on(app, issuer, login_as, committed):
    name = login_as(UserRole.REVIEWER).login
    link(committed, name, issuer, "fresh")
    committed.scalars(select(User).where(User.login == name)).one().must_change = True
    committed.commit()
    with TestClient(app) as client:
        come_back(client, at_the_provider(begin(client), "fresh"))
        assert client.get(WHO).json()["person"]["roles"] == ["reviewer"]


def test_roles_come_from_claims_only_where_that_is_switched_on(
    configured, issuer, login_as, committed, module_database
):
    name = login_as(UserRole.SURVEYOR, UserRole.ADMINISTRATOR).login
    link(committed, name, issuer, "approver-7")
    mapped = replace(configured, roles_claim="groups", roles={"Approvals": UserRole.APPROVER})
    for settings, held in (
        (configured, ["administrator", "surveyor"]),
        (mapped, ["administrator", "approver"]),
    ):
        with TestClient(site_of(settings)) as client:
            come_back(client, at_the_provider(begin(client), "approver-7"))
            assert client.get(WHO).json()["person"]["roles"] == held
    event = committed.scalars(
        select(AuditEvent).where(AuditEvent.act == "change", AuditEvent.subject == name)
    ).one()
    assert (event.actor, event.after["roles"]) == ("系统", {DISTRICT: ["administrator", "approver"]})


def test_without_a_provider_there_is_nothing_and_with_a_dead_one_a_sentence(module_database, login_as):
    with TestClient(site_of(None)) as client:
        assert client.get("/login/sso").status_code == 404
        assert "统一身份认证" not in client.get("/login").text
    dead = OidcSettings("http://127.0.0.1:9", "yudi", "x")
    with TestClient(site_of(dead)) as client:
        assert "用统一身份认证登录" in client.get("/login").text
        away = client.get("/login/sso")
        assert away.status_code == 503 and "暂时不可用" in away.text
    boss = login_as(UserRole.ADMINISTRATOR)
    assert boss.get("/login", follow_redirects=False).status_code == 303


# What a token must be, with a provider that is nobody's: its documents are put in place by hand.
KEY = jwk.RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
OTHER = jwk.RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
MADE_UP = OidcSettings("https://sso.example", "yudi", "x")


@pytest.fixture
def provider(monkeypatch) -> Provider:
    made = Provider(MADE_UP)
    documents = {
        "https://sso.example/.well-known/openid-configuration": {
            "issuer": "https://sso.example", "jwks_uri": "https://sso.example/keys",
            "id_token_signing_alg_values_supported": ["none", "HS256", "RS256"],
        },
        "https://sso.example/keys": {"keys": [KEY.as_dict(private=False)]},
    }  # fmt: skip
    monkeypatch.setattr(made, "_fetched", lambda address, anew=False: documents[address])
    return made


def token(key=KEY, header=None, **change) -> str:
    at = int(sessions.now().timestamp())
    claims = {
        "iss": "https://sso.example", "aud": "yudi", "sub": "zhang", "nonce": "n", "iat": at, "exp": at + 60,
    } | change  # fmt: skip
    kept = {k: v for k, v in claims.items() if v is not None}
    return jwt.encode(header or {"alg": "RS256", "kid": "1"}, kept, key)


def test_a_good_token_is_taken(provider):
    assert provider._prove(token(), "n").subject == "zhang"
    assert provider._prove(token(aud=["yudi", "other"], azp="yudi"), "n").subject == "zhang"


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://other.example"}, {"aud": "other"}, {"aud": None}, {"sub": None}, {"sub": ""}, {"sub": 7},
        {"nonce": "of another login"}, {"nonce": None}, {"exp": 1}, {"exp": None}, {"azp": "other"},
        {"iat": 4102444800}, {"key": OTHER},
    ],
    ids=lambda change: "-".join(map(str, change)) + str([v for v in change.values() if isinstance(v, str | int)]),
)  # fmt: skip
def test_every_token_that_does_not_hold_is_refused(provider, change):
    with pytest.raises(SignOnRefused):
        provider._prove(token(**change), "n")


def test_no_algorithm_of_a_shared_secret_or_none_is_taken(provider):
    secret = jwk.OctKey.import_key("a shared secret that is long enough for it")
    with pytest.raises(SignOnRefused):
        provider._prove(token(secret, {"alg": "HS256"}), "n")
    _, body, _ = token().split(".")
    with pytest.raises(SignOnRefused):
        provider._prove(f"eyJhbGciOiJub25lIn0.{body}.", "n")


def test_metadata_of_another_issuer_is_not_taken(monkeypatch):
    made = Provider(MADE_UP)
    monkeypatch.setattr(made, "_fetched", lambda address, anew=False: {"issuer": "https://other.example"})
    with pytest.raises(ProviderAway):
        made.begin(SITE)
    assert made.leaving(SITE, None) is None, "leaving is never refused for it"


def test_settings_are_whole_or_refused(monkeypatch, tmp_path):
    for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "CLIENT_SECRET_FILE", "ROLES_CLAIM", "ROLES"):
        monkeypatch.delenv(f"YUDI_OIDC_{name}", raising=False)
    assert OidcSettings.from_environment() is None
    monkeypatch.setenv("YUDI_OIDC_ISSUER", "https://sso.example")
    with pytest.raises(BadOidcSettings, match="CLIENT_ID"):
        OidcSettings.from_environment()
    monkeypatch.setenv("YUDI_OIDC_CLIENT_ID", "yudi")
    with pytest.raises(BadOidcSettings, match="CLIENT_SECRET"):
        OidcSettings.from_environment()
    file = tmp_path / "secret"
    file.write_text("from a file\n")
    monkeypatch.setenv("YUDI_OIDC_CLIENT_SECRET_FILE", str(file))
    monkeypatch.setenv("YUDI_OIDC_ROLES_CLAIM", "groups")
    monkeypatch.setenv("YUDI_OIDC_ROLES", "审批组=approver, a=b=reviewer")
    read = OidcSettings.from_environment()
    assert read is not None and read.client_secret == "from a file" and "from a file" not in repr(read)
    assert read.roles == {"审批组": UserRole.APPROVER, "a=b": UserRole.REVIEWER}
    assert DoorSettings.from_environment().oidc == read
    for wrong in ("x=administrator", "x=king", "=reviewer"):
        monkeypatch.setenv("YUDI_OIDC_ROLES", wrong)
        with pytest.raises(BadOidcSettings):
            OidcSettings.from_environment()
    monkeypatch.setenv("YUDI_OIDC_ROLES", "")
    monkeypatch.setenv("YUDI_OIDC_ISSUER", "http://sso.example")
    with pytest.raises(BadOidcSettings, match="https"):
        OidcSettings.from_environment()
    monkeypatch.setenv("YUDI_OIDC_CLIENT_SECRET_FILE", str(tmp_path / "none"))
    with pytest.raises(BadOidcSettings, match="SECRET_FILE"):
        OidcSettings.from_environment()
    assert oidc.refusal("a" * 100).text.en.count("a" * 61) == 0
