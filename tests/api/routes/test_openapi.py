"""The description of the interface: valid, complete, in both languages; and the health of the service."""

from __future__ import annotations

import re

import pytest

from geo.terms import UserRole

HANZI = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{3}")


@pytest.fixture(scope="module")
def description(app):
    return app.openapi()


def operations(description):
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_it_is_served(client, description):
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200 and answer.json() == description
    assert description["openapi"].startswith("3.1")


def test_every_reference_leads_somewhere(description):
    def walk(part):
        if isinstance(part, dict):
            if isinstance(reference := part.get("$ref"), str):
                assert reference.startswith("#/")
                target = description
                for name in reference[2:].split("/"):
                    target = target[name]
            for item in part.values():
                walk(item)
        elif isinstance(part, list):
            for item in part:
                walk(item)

    walk(description)


def test_operations_have_names_of_their_own(description):
    names = [operation["operationId"] for _, operation in operations(description)]
    assert len(names) == len(set(names)) > 20


def test_every_operation_says_what_it_does_in_both_languages(description):
    for where, operation in operations(description):
        assert HANZI.search(operation["summary"]) and LATIN.search(operation["summary"]), where
        assert operation.get("description"), where


def test_a_limit_of_a_million_is_refused_at_once_by_every_list(client, description):
    """Not by /ogc, which its standard forbids (docs/decisions/0004)."""
    lists = [
        (path, parameter["schema"])
        for path, methods in description["paths"].items()
        for parameter in methods.get("get", {}).get("parameters", ())
        if parameter["in"] == "query" and parameter["name"] == "limit"
    ]
    assert len(lists) > 15 and all(schema["maximum"] <= 500 for _, schema in lists), lists
    for path, _ in lists:
        # Whoever must log in is told that instead; either way nothing is read.
        status = client.get(re.sub(r"\{\w+\}", "1", path) + "?limit=1000000").status_code
        assert 400 <= status < 500, (path, status)
        if path in ("/api/v1/place-names", "/api/v1/changes", "/api/v1/facilities", "/api/v1/boundary-lines"):
            assert status == 422


def test_every_path_parameter_is_described(description):
    for where, operation in operations(description):
        named = set(re.findall(r"\{(\w+)\}", where))
        given = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
        assert named == given, where


def test_errors_are_problem_details(description):
    for where, operation in operations(description):
        for status, answer in operation["responses"].items():
            if status.startswith(("4", "5")):
                assert "application/problem+json" in answer["content"], f"{where} {status}"


def test_the_contract_of_the_interface_is_there(description):
    expected = {
        "POST /api/v1/sessions", "DELETE /api/v1/sessions/current", "POST /api/v1/submissions", "GET /api/v1/submissions",
        "GET /api/v1/submissions/{submission_id}", "GET /api/v1/submissions/{submission_id}/findings",
        "GET /api/v1/submissions/{submission_id}/diff", "POST /api/v1/submissions/{submission_id}/accept",
        "POST /api/v1/submissions/{submission_id}/return", "POST /api/v1/submissions/{submission_id}/recheck",
        "GET /api/v1/boundary-lines", "GET /api/v1/boundary-lines/{code}", "GET /api/v1/boundary-lines/{code}/history",
        "POST /api/v1/boundary-lines/{code}/transitions", "GET /api/v1/demarcation/progress", "GET /api/v1/markers",
        "GET /api/v1/markers/{number}", "GET /api/v1/admin-units", "GET /api/v1/admin-units/{code}", "GET /api/v1/locate",
        "GET /healthz", "GET /readyz", "GET /metrics",
    }  # fmt: skip
    assert expected <= {where for where, _ in operations(description)}


def test_health(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok"}
    assert client.head("/healthz").status_code in (200, 405)


def test_metrics_are_for_the_machine_and_the_administrator(client, login_as):
    assert client.get("/metrics").status_code == 403
    assert login_as(UserRole.SURVEYOR).get("/metrics").status_code == 403
    client.get("/api/v1/boundary-lines/500112998-500112999")
    answer = login_as(UserRole.ADMINISTRATOR).get("/metrics")
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/plain")
    assert 'route="/api/v1/boundary-lines/{code}",status="404"' in answer.text
    assert (
        'yudi_submissions{state="checked"} 0.0' in answer.text
        and "yudi_inspections_waiting 0.0" in answer.text
    )
    assert "500112998" not in answer.text, "routes are counted, not addresses"


def test_unknown_addresses_do_not_fill_the_metrics(client, login_as):
    for number in range(3):
        client.get(f"/nowhere/{number}")
    text = login_as(UserRole.ADMINISTRATOR).get("/metrics").text
    assert "nowhere" not in text and 'route="other"' in text


def test_metrics_from_the_same_machine(app):
    from tests.api.conftest import TestClient

    with TestClient(app, client=("127.0.0.1", 5000)) as scraper:
        assert scraper.get("/metrics").status_code == 200
        assert scraper.get("/metrics", headers={"X-Forwarded-For": "8.8.8.8"}).status_code == 403
