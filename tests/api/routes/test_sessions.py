"""登录: cookie for pages, bearer token for programs."""

from __future__ import annotations

from geo.terms import UserRole

PASSWORD = "铁山坪的云雾-2024"


def test_log_in_look_log_out(login_as):
    client = login_as(UserRole.SURVEYOR)
    who = client.get("/api/v1/sessions/current").json()
    assert who["person"]["login"] == client.login
    assert who["person"]["roles"] == ["surveyor"]
    assert who["kind"] == "cookie" and who["csrf"]
    assert client.delete("/api/v1/sessions/current").status_code == 204
    assert client.get("/api/v1/sessions/current").status_code == 401


def test_cookie_is_http_only_and_lax(client, login_as):
    name = login_as(UserRole.SURVEYOR).login
    answer = client.post("/api/v1/sessions", json={"user": name, "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/" in cookie
    assert "secure" not in cookie
    assert "token" not in {k for k, v in answer.json().items() if v is not None}


def test_wrong_password_and_unknown_name_answer_alike(client, login_as):
    name = login_as(UserRole.SURVEYOR).login
    answers = [
        client.post("/api/v1/sessions", json={"user": user, "password": "wrong wrong wrong"}).json()
        for user in (name, "nobody-at-all")
    ]
    for answer in answers:
        answer.pop("request_id")
    assert answers[0] == answers[1]
    assert answers[0]["status"] == 401 and answers[0]["code"] == "wrong-login"


def test_bearer_token(client, login_as):
    name = login_as(UserRole.SURVEYOR).login
    body = {"user": name, "password": PASSWORD, "kind": "token"}
    token = client.post("/api/v1/sessions", json=body).json()["token"]
    client.cookies.clear()
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/sessions/current", headers=bearer).json()["kind"] == "token"
    assert client.delete("/api/v1/sessions/current", headers=bearer).status_code == 204
    refused = client.get("/api/v1/sessions/current", headers=bearer)
    assert refused.status_code == 401 and refused.headers["WWW-Authenticate"].startswith("Bearer")
