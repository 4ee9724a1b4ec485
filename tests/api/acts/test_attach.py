"""Materials of a case: who may add, look at and take back what, and with which headers."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from pypdf import PdfWriter
from sqlalchemy import select

from geo.store import approvals, people
from geo.store.engine import sessions
from geo.store.tables import AuditEvent, PlaceNameApplication
from geo.terms import UserRole
from tests.api.conftest import DISTRICT


def pdf() -> bytes:
    out = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(out)
    return out.getvalue()


def photograph() -> bytes:
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "CameraMaker"
    Image.new("RGB", (30, 20), "green").save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.fixture(scope="module")
def draft(module_database):
    """A draft of somebody of 甲镇; its ref."""
    with sessions("app").begin() as session:
        organisation = people.organisation(session, "甲镇", kind="township", unit_code=None, demo=False)
        user = people.add_user(
            session, login="jia", name="甲", organisation=organisation, password_hash="x", roles=(), district=DISTRICT,
            demo=False,
        )  # fmt: skip
        row = PlaceNameApplication(
            district=DISTRICT, action="naming", category="街路巷", name="龙兴大道", form={"reasons": "新建"},
            applicant_id=user.id, organisation_id=organisation.id,
        )  # fmt: skip
        approvals.add(session, row, actor_id=user.id, reason="起草")
        return str(row.ref)


def send(client, ref, data, name, kind="proposal"):
    files = {"file": (name, data, "application/octet-stream")}
    return client.post(f"/api/v1/applications/{ref}/materials", files=files, data={"kind": kind})


def events(act):
    with sessions("app")() as session:
        return session.scalars(select(AuditEvent).where(AuditEvent.act == act).order_by(AuditEvent.id)).all()


def test_a_file_comes_in_is_shown_and_is_taken_back(login_as, draft):
    client = login_as(UserRole.APPLICANT, organisation="甲镇")
    at = f"/api/v1/applications/{draft}/materials"
    came = send(client, draft, pdf(), "方案.pdf")
    assert came.status_code == 201, came.text
    one = came.json()
    assert one["media_type"] == "application/pdf" and one["pages"] == 1 and one["inline"]
    assert one["kind_name"] == "命名、更名的方案及理由"
    assert [m["id"] for m in client.get(at).json()["items"]] == [one["id"]]

    seen = client.get(f"{at}/{one['id']}")
    assert seen.content == pdf() and seen.headers["content-type"] == "application/pdf"
    assert seen.headers["content-disposition"].startswith("inline")
    policy = "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert seen.headers["content-security-policy"] == policy
    assert seen.headers["x-content-type-options"] == "nosniff" and seen.headers["x-frame-options"] == "DENY"
    kept = client.get(f"{at}/{one['id']}?download=1")
    assert kept.headers["content-disposition"].startswith("attachment")
    assert kept.headers["x-frame-options"] == "DENY"
    assert len(events("read_material")) == 2 and events("attach")[-1].after["file"] == "方案.pdf"

    assert client.delete(f"{at}/{one['id']}").status_code == 204
    assert client.get(at).json()["items"] == [] and client.get(f"{at}/{one['id']}").status_code == 404
    assert events("detach")[-1].before["sha256"] == one["sha256"]


def test_everything_missing_is_listed_at_once(login_as, draft):
    client = login_as(UserRole.APPLICANT, organisation="甲镇")
    needs = client.get(f"/api/v1/applications/{draft}/materials").json()["requirements"]
    assert {n["kind"]: n["missing"] for n in needs if n["needed"] == "always"} == {
        "proposal": False,  # the reasons are filled in
        "basic_facts": True,
    }
    assert {n["kind"] for n in needs if n["needed"] == "review"} == {
        "assessment_report", "expert_report", "comment_report",
    }  # fmt: skip


def test_a_photograph_is_kept_without_its_camera(login_as, draft):
    client = login_as(UserRole.APPLICANT, organisation="甲镇")
    one = send(client, draft, photograph(), "现场.png", "other").json()
    assert one["filename"] == "现场.jpg"
    kept = client.get(f"/api/v1/applications/{draft}/materials/{one['id']}").content
    assert b"CameraMaker" not in kept and kept.startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "a.svg", "wrong-type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.doc", "ole"),
        (pdf() + b"PK\x05\x06" + bytes(18), "a.pdf", "polyglot"),
    ],
)
def test_what_could_act_is_refused_and_nothing_is_kept(login_as, draft, data, name, reason):
    client = login_as(UserRole.APPLICANT, organisation="甲镇")
    before = client.get(f"/api/v1/applications/{draft}/materials").json()["items"]
    answer = send(client, draft, data, name)
    assert answer.status_code == 422 and answer.json()["code"] == "material-refused"
    assert answer.json()["reason"] == reason and name in answer.json()["title"]
    assert client.get(f"/api/v1/applications/{draft}/materials").json()["items"] == before


def test_only_its_own_side_knows_of_a_draft(login_as, draft, client):
    at = f"/api/v1/applications/{draft}/materials"
    assert client.get(at).status_code == 401
    stranger = login_as(UserRole.APPLICANT, organisation="乙镇")
    assert stranger.get(at).status_code == send(stranger, draft, pdf(), "a.pdf").status_code == 404
    officer = login_as(UserRole.REVIEWER)
    assert officer.get(at).status_code == 404
    own = login_as(UserRole.APPLICANT, organisation="甲镇")
    assert send(own, draft, pdf(), "a.pdf", "nothing").json()["code"] == "bad-material-kind"
    assert own.get(f"{at}/999999").status_code == 404


def test_officers_see_a_case_and_add_only_what_the_review_makes(login_as, module_database):
    with sessions("app").begin() as session:
        organisation = people.organisation(session, "丙镇", kind="township", unit_code=None, demo=False)
        user = people.add_user(
            session, login="bing", name="丙", organisation=organisation, password_hash="x", roles=(), district=DISTRICT,
            demo=False,
        )  # fmt: skip
        row = PlaceNameApplication(
            district=DISTRICT, action="naming", category="街路巷", name="龙盛路", applicant_id=user.id,
            organisation_id=organisation.id, state="draft",
        )  # fmt: skip
        approvals.add(session, row, actor_id=user.id, reason="起草")
        from geo.approvals.life import LIFE

        row.number = approvals.application_number(session, DISTRICT, 2026)
        row.submitted_at = row.created
        step = next(t for t in LIFE.transitions if t.name == "submit")
        approvals.take(session, row, step, actor_id=user.id, role="applicant", reason="提交")
        number = row.number
    officer = login_as(UserRole.REVIEWER)
    at = f"/api/v1/applications/{number}/materials"
    assert officer.get(at).status_code == 200
    assert send(officer, number, pdf(), "a.pdf", "expert_report").status_code == 201
    assert send(officer, number, pdf(), "a.pdf", "proposal").json()["code"] == "no-materials-now"
    own = login_as(UserRole.APPLICANT, organisation="丙镇")
    refused = send(own, number, pdf(), "a.pdf")
    assert refused.status_code == 409 and refused.json()["code"] == "no-materials-now"
    assert "已提交" in refused.json()["title"]
    one = own.get(at).json()["items"][0]
    assert own.delete(f"{at}/{one['id']}").json()["code"] == "no-materials-now"
