"""Security headers on every answer, errors and files too."""

from __future__ import annotations

import re

import pytest

from api.app import create_app
from api.security.settings import DoorSettings
from tests.api.conftest import TestClient


def parts(policy: str) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in policy.split(";"))


@pytest.mark.parametrize(
    "path", ["/healthz", "/no/such/page", "/api/v1/submissions", "/static/none.js", "/readyz"]
)
def test_headers_of_every_answer(client, path):
    answer = client.get(path)
    policy = parts(answer.headers["Content-Security-Policy"])
    assert policy["default-src"] == "'none'"
    assert re.fullmatch(r"'nonce-[\w-]{20,}'", policy["script-src"])
    assert policy["style-src"] == "'self'" and policy["worker-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'" and policy["base-uri"] == "'none'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "Strict-Transport-Security" not in answer.headers, "not over plain http"
    assert answer.headers["Cache-Control"] in ("no-store", "no-cache")
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-Id"])


def test_a_nonce_is_used_once(client):
    policies = {client.get("/healthz").headers["Content-Security-Policy"] for _ in range(5)}
    assert len(policies) == 5


def test_other_host_names_are_refused_where_the_own_is_set(module_database):
    app = create_app(settings=DoorSettings(public_url="https://yudi.example"))
    with TestClient(app) as client:
        for host, status in (
            ("yudi.example", 200),
            ("127.0.0.1:8000", 200),
            ("[::1]:8000", 200),
            ("evil.example", 421),
        ):
            answer = client.get("/healthz", headers={"Host": host})
            assert answer.status_code == status, host
            assert answer.headers["Strict-Transport-Security"]
        assert answer.json()["code"] == "wrong-host"


def test_what_reads_a_pdf_may_run_its_own_files_and_nothing_else(client):
    """A worker has the policy of its own response: no eval, no WebAssembly, nothing of other sites, and no page's nonce."""
    said = client.get("/static/vendor/pdfjs/pdf.worker.mjs").headers["content-security-policy"]
    assert said == "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'"
    assert "'nonce-" in client.get("/static/vendor/leaflet/leaflet.js").headers["content-security-policy"]
