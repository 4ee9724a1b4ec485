"""Exchange with another system: cases in with their materials, results in and out, one outcome for a key."""

from __future__ import annotations

import base64
import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jsonschema
import pytest
from pypdf import PdfWriter
from sqlalchemy import func, select

from api.acts import exchange
from api.acts.exchange import AlreadyBrought, Brought, NotOnBehalf
from api.routes.exchange import ApplicationIn, MaterialIn, ResultIn, schema
from api.security import webhooks as doors
from api.security.webhooks import Target
from geo.names.categories import Category
from geo.store import exchange as store
from geo.store.approvals import NoSuchApplication
from geo.store.engine import sessions
from geo.store.exchange import KeyReused
from geo.store.tables import ApplicationMaterial, AuditEvent, PlaceNameApplication, WebhookDelivery
from geo.terms import ApplicationAction, ApplicationState, UserRole
from tests import builders as b
from tests.api.acts.desk import WHOLE, Desk


@pytest.fixture
def desk(session) -> Desk:
    return Desk(session)


def valid(name: str, value: Any) -> None:
    """Raises where a value does not keep to the published schema."""
    whole = schema()
    validator = jsonschema.Draft202012Validator({"$defs": whole["$defs"], "$ref": f"#/$defs/{name}"})
    problems = [f"{list(e.absolute_path)}: {e.message}" for e in validator.iter_errors(value)]
    assert not problems, problems


def brought(desk: Desk, **more: Any) -> Brought:
    return Brought(**{
        "external_id": "YKB-1", "organisation": None, "content": desk.content(), "materials": (), "submit": True,
    } | more)  # fmt: skip


# -- bringing


def test_a_case_is_brought_and_handed_in(desk):
    row = exchange.bring(desk.session, desk.township, brought(desk))
    assert (
        row.state == "submitted"
        and row.external["id"] == "YKB-1"
        and row.external["system"] == desk.township.organisation
    )
    said = exchange.as_message(exchange.seen(desk.session, desk.township, row.number))
    valid("case", said)
    assert said["number"] == row.number and said["external"]["id"] == "YKB-1"
    assert [s["step"] for s in said["steps"]] == ["submit"]
    assert "contact" not in str(said) and "13800000000" not in str(said)


def test_the_same_number_of_the_other_system_is_not_brought_twice(desk):
    row = exchange.bring(desk.session, desk.township, brought(desk))
    with pytest.raises(AlreadyBrought) as caught:
        exchange.bring(desk.session, desk.colleague, brought(desk, content=desk.content("青禾路")))
    assert row.number in caught.value.text.zh
    other = exchange.bring(
        desk.session, desk.builder, brought(desk, content=desk.content("松针路", applicant_kind="builder"))
    )
    assert other.id != row.id


def test_for_others_only_by_a_named_account(desk, monkeypatch):
    platform = desk.citizen
    town = desk.township.organisation
    with pytest.raises(NotOnBehalf):
        exchange.bring(desk.session, platform, brought(desk, organisation=town))
    monkeypatch.setenv("YUDI_EXCHANGE_ACCOUNTS", f"somebody, {platform.login.upper()}")
    row = exchange.bring(desk.session, platform, brought(desk, organisation=town))
    assert row.organisation_id == desk.township.organisation_id and row.applicant_id == platform.id
    assert row.external["applicant"] == town and row.external["system"] == platform.organisation
    # Both are told of it: whose it is, and who brought it; another applicant is not.
    for person in (desk.colleague, platform):
        assert exchange.seen(desk.session, person, row.number).key == row.number
    with pytest.raises(NoSuchApplication):
        exchange.seen(desk.session, desk.builder, row.number)
    last = desk.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert last.actor_id == platform.id
    # An applicant that has no account here: the platform's own side, named beside the case.
    unknown = exchange.bring(
        desk.session, platform, brought(desk, external_id="YKB-2", organisation="某某镇人民政府", content=desk.content("石榴路"))
    )  # fmt: skip
    assert (
        unknown.organisation_id == platform.organisation_id
        and unknown.external["applicant"] == "某某镇人民政府"
    )


# -- keys


def test_the_same_message_under_the_same_key_is_done_once(desk):
    calls = []

    def do():
        calls.append(1)
        return 201, {"number": len(calls)}

    first = exchange.once(desk.session, desk.township, "k-1", {"a": 1, "b": 2}, do)
    again = exchange.once(desk.session, desk.colleague, "k-1", {"b": 2, "a": 1}, do)
    assert (first.status, first.body, first.replayed) == (201, {"number": 1}, False)
    assert (again.status, again.body, again.replayed) == (201, {"number": 1}, True) and calls == [1]
    with pytest.raises(KeyReused):
        exchange.once(desk.session, desk.township, "k-1", {"a": 2}, do)
    # Another organisation's keys are its own.
    assert not exchange.once(desk.session, desk.builder, "k-1", {"a": 2}, do).replayed


def test_what_was_refused_may_be_sent_again_under_its_key(desk):
    def refuse():
        raise AlreadyBrought(external_id="x", number="y")

    with pytest.raises(AlreadyBrought), desk.session.begin_nested():
        exchange.once(desk.session, desk.township, "k-2", {}, refuse)
    assert exchange.once(desk.session, desk.township, "k-2", {}, lambda: (200, {})).replayed is False


def test_two_at_once_are_done_once(module_database):
    with sessions("app").begin() as session:
        person = b.person(session, UserRole.APPLICANT)
    calls: list[int] = []
    start = threading.Barrier(2)

    def send(n: int) -> Any:
        start.wait()
        with sessions("app").begin() as session:
            return exchange.once(session, person, "at-once", {}, lambda: (201, calls.append(n) or {"by": n}))

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(send, (1, 2)))
    assert len(calls) == 1 and {a.body["by"] for a in answers} == set(calls)
    assert sorted(a.replayed for a in answers) == [False, True]


def test_old_keys_go(desk, monkeypatch):
    exchange.once(desk.session, desk.township, "k-3", {}, lambda: (200, {}))
    store.tidy(desk.session)
    assert exchange.once(desk.session, desk.township, "k-3", {}, lambda: (200, {})).replayed
    monkeypatch.setattr(store, "KEPT", store.KEPT * 0)
    store.tidy(desk.session)
    assert not exchange.once(desk.session, desk.township, "k-3", {}, lambda: (200, {})).replayed


# -- results out


def test_cases_are_told_of_in_the_order_of_their_last_step(desk, monkeypatch):
    assert exchange.changed(desk.session, desk.township, after=0, limit=10) == ([], False)
    one = exchange.bring(desk.session, desk.township, brought(desk))
    two = exchange.bring(
        desk.session, desk.township, brought(desk, external_id="YKB-2", content=desk.content("青禾路"))
    )
    desk.draft(name="松针路")
    assert (
        exchange.changed(desk.session, desk.township, after=0, limit=10)[0] == []
    )  # too fresh to be told of
    monkeypatch.setattr(store, "LAG_SECONDS", -1.0)
    found, more = exchange.changed(desk.session, desk.township, after=0, limit=1)
    assert [c.key for _, c in found] == [one.number] and more
    rest, more = exchange.changed(desk.session, desk.township, after=found[0][0], limit=10)
    assert [c.key for _, c in rest] == [two.number] and not more
    desk.step(one, "accept", desk.accepter)
    later, _ = exchange.changed(desk.session, desk.township, after=rest[-1][0], limit=10)
    assert [c.key for _, c in later] == [one.number]
    assert exchange.changed(desk.session, desk.builder, after=0, limit=10)[0] == []
    assert len(exchange.changed(desk.session, desk.reviewer, after=0, limit=10)[0]) == 2


def test_a_closed_case_is_told_with_its_results(desk):
    row = desk.closed()
    said = exchange.as_message(exchange.seen(desk.session, desk.township, row.number))
    valid("case", said)
    assert said["state"] == "closed" and said["result_number"] == row.result_number
    assert said["approving_body"] == "渝北区人民政府" and said["decision_number"]
    assert said["filings"][0]["reference"] == "备案回执1号" and said["announcements"][0]["number"]
    assert {"approval", "announcement"} <= {d["kind"] for d in said["documents"]}


def test_another_departments_approval_keeps_what_the_system_said(desk):
    content = desk.content("云雀花园", category=Category.ESTATE, applicant_kind="builder")
    row = exchange.bring(desk.session, desk.builder, brought(desk, content=content))
    assert row.route == "consult"
    desk.step(row, "accept", desk.accepter)
    desk.step(row, "begin_review", desk.reviewer)
    desk.consult(row)
    desk.step(row, "report", desk.reviewer, stance="agree")
    desk.step(row, "answer", desk.approver, stance="agree", says="同意") if row.state == "reviewed" else None
    officer = next(p for p in (desk.registrar, desk.approver) if "record_approval" in {t.name for t, _ in _offers(desk, row, p)})  # fmt: skip
    row = exchange.report(
        desk.session, officer, row.number, "record_approval", reason="住建部门批准", version=row.version,
        details={"body": "渝北区住房和城乡建设委员会", "number": "渝北建〔2026〕9号", "date": "2026-03-02"},
    )  # fmt: skip
    assert row.external["id"] == "YKB-1" and row.external["number"] == "渝北建〔2026〕9号"
    said = exchange.as_message(exchange.seen(desk.session, desk.builder, row.number))
    valid("case", said)
    assert said["approving_body"] == "渝北区住房和城乡建设委员会" and said["result_number"]


def _offers(desk, row, person):
    from api.acts.case_facts import offers

    return offers(desk.case(row), person)


# -- told by webhook


def test_every_step_of_a_case_is_told(desk, monkeypatch):
    target = Target("city", "https://hooks.example/", b"x" * 32)
    monkeypatch.setattr(doors, "targets", lambda: (target,))
    row = desk.closed()
    events = desk.session.scalars(
        select(WebhookDelivery.event).where(WebhookDelivery.application_id == row.id)
    ).all()
    taken = [f"application.{s.transition}" for s in desk.case(row).steps if s.transition != "create"]
    assert sorted(events) == sorted(taken) and "application.approve" in taken
    for body in desk.session.scalars(select(WebhookDelivery.body)):
        valid("message", json.loads(body))


# -- the schema and the doors agree


def test_the_schema_says_what_the_doors_take():
    definitions = schema()["$defs"]
    jsonschema.Draft202012Validator.check_schema(schema())
    for name, model in (("application", ApplicationIn), ("result", ResultIn), ("material", MaterialIn)):
        described = definitions[name]
        assert set(described["properties"]) == set(model.model_fields), name
        required = {n for n, f in model.model_fields.items() if f.is_required()}
        assert set(described["required"]) == required, name
    assert definitions["category"]["enum"] == [c.value for c in Category]
    assert definitions["action"]["enum"] == [a.value for a in ApplicationAction]
    assert definitions["case"]["properties"]["state"]["enum"] == [s.value for s in ApplicationState]


# -- over HTTP


def pdf() -> bytes:
    out = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(out)
    return out.getvalue()


def application(**more: Any) -> dict[str, Any]:
    return {
        "external_id": "H-1", "applicant_kind": "township", "action": "naming", "category": "街路巷", "name": "云雀路",
        "unit": "500112106", "geometry": {"type": "Point", "coordinates": [106.83, 29.92]}, "contact_name": "经办人",
        "contact_phone": "13800000000", "form": dict(WHOLE),
        "materials": [{"kind": "other", "filename": "附件.pdf", "content": base64.b64encode(pdf()).decode()}],
    } | more  # fmt: skip


@pytest.fixture(scope="module")
def town(module_database) -> str:
    with sessions("app").begin() as session:
        row = b.organisation(session, kind="township", unit_code="500112106")
        b.unit(session, b.person(session, organisation_row=row).id, "500112106", "统景镇")
        return row.name


def test_over_http_a_double_send_makes_one_case(login_as, town):
    client = login_as(UserRole.APPLICANT, organisation=town)
    valid("application", application())
    first = client.post("/api/v1/exchange/applications", json=application(), headers={"Idempotency-Key": "a"})
    assert first.status_code == 201, first.text
    again = client.post("/api/v1/exchange/applications", json=application(), headers={"Idempotency-Key": "a"})
    assert again.status_code == 201 and again.json() == first.json()
    assert (first.headers["Idempotent-Replayed"], again.headers["Idempotent-Replayed"]) == ("false", "true")
    other = client.post(
        "/api/v1/exchange/applications", json=application(name="青禾路"), headers={"Idempotency-Key": "a"}
    )
    assert other.status_code == 409 and other.json()["code"] == "idempotency-key-reused"
    with sessions("app")() as session:
        assert session.scalar(select(func.count()).select_from(PlaceNameApplication)) == 1
        assert session.scalars(select(ApplicationMaterial.filename)).all() == ["附件.pdf"]
    number = first.json()["number"]
    assert client.get(f"/api/v1/exchange/applications/{number}").json()["materials"][0]["kind"] == "other"
    stranger = login_as(UserRole.APPLICANT)
    assert stranger.get(f"/api/v1/exchange/applications/{number}").status_code == 404


def test_over_http_what_is_refused_leaves_nothing(login_as, town):
    client = login_as(UserRole.APPLICANT, organisation=town)

    def send(body: Any, key: str = "b") -> Any:
        return client.post("/api/v1/exchange/applications", json=body, headers={"Idempotency-Key": key})

    bad = application(external_id="H-2", name="松针路")
    bad["materials"][0]["content"] = base64.b64encode(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    ).decode()
    assert send(bad).json()["code"] == "material-refused"
    bad["materials"][0]["content"] = "no base64!"
    assert send(bad).json()["code"] == "bad-content"
    assert send(application(external_id="H-2", form={})).json()["code"] == "guard-unmet"
    assert send(application(external_id="H-2", more=1)).status_code == 422
    assert send(application(external_id="H-2"), key="").status_code == 422
    assert client.post("/api/v1/exchange/applications", json=application()).status_code == 422
    with sessions("app")() as session:
        assert (
            session.scalar(select(func.count()).where(PlaceNameApplication.external["id"].astext == "H-2"))
            == 0
        )
    good = application(external_id="H-2", name="松针路", submit=False)
    answer = send(good)
    assert answer.status_code == 201 and answer.json()["state"] == "draft" and answer.json()["number"] is None


def test_over_http_results_come_in_and_go_out(login_as, town, monkeypatch):
    monkeypatch.setattr(store, "LAG_SECONDS", -1.0)
    client = login_as(UserRole.APPLICANT, organisation=town)
    body = application(external_id="H-3", name="桐花路")
    case = client.post("/api/v1/exchange/applications", json=body, headers={"Idempotency-Key": "c"}).json()
    officer = login_as(UserRole.ACCEPTANCE_OFFICER)
    result = {"number": case["number"], "step": "accept", "version": case["version"], "reason": "材料齐全"}
    valid("result", result)

    def send(**more: Any) -> Any:
        headers = {"Idempotency-Key": "r"}
        return officer.post("/api/v1/exchange/results", json=result | more, headers=headers)

    done = send()
    assert done.status_code == 200 and done.json()["state"] == "accepted", done.text
    assert send().json() == done.json() and send(reason="别的").status_code == 409
    refused = client.post("/api/v1/exchange/results", json=result, headers={"Idempotency-Key": "own"})
    assert refused.status_code in (403, 409)
    page = client.get("/api/v1/exchange/applications", params={"limit": 1}).json()
    seen = [page["items"][0]["number"]]
    while page["more"]:
        page = client.get("/api/v1/exchange/applications", params={"cursor": page["next"]}).json()
        seen += [c["number"] for c in page["items"]]
    assert seen[-1] == case["number"] and len(set(seen)) == len(seen)
    idle = client.get("/api/v1/exchange/applications", params={"cursor": page["next"]}).json()
    assert idle["items"] == [] and idle["next"] == page["next"]
    assert client.get("/api/v1/exchange/schema").headers["content-type"].startswith("application/schema+json")
