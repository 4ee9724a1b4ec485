"""成果提交 over HTTP: an upload, its answer, and who sees it."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from uuid import UUID

import pytest
from sqlalchemy import func, select

from api import intake, waiting
from api.acts import inspect
from geo.store import files, inspections, news, submissions
from geo.store.engine import sessions
from geo.store.tables import AuditEvent, FindingRow, StoredFile, Submission
from geo.terms import UserRole
from tests.api.conftest import PASSWORD, account
from tests.geo.reading import test_manifest as manifest

URL = "/api/v1/submissions"
SURVEYOR, REVIEWER, APPROVER = UserRole.SURVEYOR, UserRole.REVIEWER, UserRole.APPROVER


def package(text: str = "anything") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("readme.txt", text)
    return made.getvalue()


def send(client, content: bytes, name: str = "成果.zip", **fields):
    return client.post(URL, files={"file": (name, content)}, data=fields)


def leftovers() -> list:
    return [*intake.room().glob("*"), *(files.room() / "incoming").glob("*")]


def test_upload_is_taken_and_answers_at_once(login_as, committed):
    client = login_as(SURVEYOR)
    content = package("first")
    answer = send(client, content, crs="4545", profile="generic")
    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert answer.headers["Location"] == f"{URL}/{body['id']}"
    assert body["state"] == "received" and body["file"] == "成果.zip" and body["verdict"] is None
    assert body["sha256"] == hashlib.sha256(content).hexdigest()
    assert body["options"] == {"profile": "generic", "crs": 4545}
    assert (
        body["may"] == []
        and body["changes"] is None
        and body["counts"] == {"error": 0, "warning": 0, "info": 0}
    )
    assert client.get(answer.headers["Location"]).json() == body
    assert files.place(body["sha256"]).read_bytes() == content
    assert leftovers() == []
    kept = client.get(f"{URL}/{body['id']}/file")
    assert kept.content == content and kept.headers["Content-Type"] == "application/octet-stream"
    assert kept.headers["Content-Disposition"].startswith("attachment")


def test_an_empty_file_is_a_submission_too(login_as):
    answer = send(login_as(SURVEYOR), b"", "empty.zip")
    assert answer.status_code == 202
    assert answer.json()["sha256"] == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.zip", "passwd.zip"), ("C:\\成果\\界线.zip", "界线.zip"), ("a\0b\n.zip", "ab.zip"), ("..", "unnamed"),
        ("长" * 300 + ".zip", "长" * 196 + ".zip"),
    ],
)  # fmt: skip
def test_names_are_made_safe(given, kept):
    assert intake.safe_name(given) == kept


def test_names_in_gbk():
    assert intake.readable("兴隆镇界线.zip".encode("gb18030")) == "兴隆镇界线.zip"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"profile": "village"}, "/profile"), ({"crs": "abc"}, "/crs"), ({"crs": "999999"}, "/crs"), ({"crs": "-1"}, "/crs"),
        ({"encoding": "rot13"}, "/encoding"), ({"encoding": "klingon"}, "/encoding"), ({"role": "roads"}, "/role"), ({"replaces": "x"}, "/id"),
    ],
)  # fmt: skip
def test_wrong_options_are_said_and_nothing_is_kept(login_as, fields, pointer):
    content = package(repr(fields))
    answer = send(login_as(SURVEYOR), content, **fields)
    assert answer.status_code == 422 and answer.json()["code"] == "malformed"
    assert [e["pointer"] for e in answer.json()["errors"]] == [pointer]
    assert not files.place(hashlib.sha256(content).hexdigest()).exists()
    assert leftovers() == []


def multipart(*parts: bytes, end: bytes = b"--B--\r\n") -> bytes:
    return b"".join(b"--B\r\n" + part + b"\r\n" for part in parts) + end


FILE = b'Content-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\nabc'


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"", "multipart/form-data; boundary=B", 400, "upload-cut-off"),
        (multipart(FILE, end=b""), "multipart/form-data; boundary=B", 400, "upload-cut-off"),
        (multipart(FILE)[:-20], "multipart/form-data; boundary=B", 400, "upload-cut-off"),
        (b"abc", "application/zip", 422, "no-file"),
        (b"{}", "application/json", 422, "no-file"),
        (multipart(FILE), "multipart/form-data", 422, "no-file"),
        (multipart(b'Content-Disposition: form-data; name="file"\r\n\r\nabc'), "multipart/form-data; boundary=B", 422, "no-file"),
        (multipart(b'Content-Disposition: form-data; name="file"; filename=""\r\n\r\n'), "multipart/form-data; boundary=B", 422, "no-file"),
        (multipart(FILE, FILE), "multipart/form-data; boundary=B", 422, "one-file"),
        (multipart(FILE.replace(b'"file"', b'"other"')), "multipart/form-data; boundary=B", 422, "one-file"),
        (multipart(b"Nonsense: x\r\n\r\nabc"), "multipart/form-data; boundary=B", 422, "bad-form"),
        (b"garbage without a boundary", "multipart/form-data; boundary=B", 422, "bad-form"),
        (multipart(*[b'Content-Disposition: form-data; name="x"\r\n\r\n1'] * 60), "multipart/form-data; boundary=B", 422, "bad-form"),
        (multipart(b'Content-Disposition: form-data; name="crs"\r\n\r\n' + b"4" * 70000, FILE), "multipart/form-data; boundary=B", 422, "bad-form"),
    ],
)  # fmt: skip
def test_broken_forms(login_as, body, kind, status, code):
    answer = login_as(SURVEYOR).post(URL, content=body, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert leftovers() == []


def test_over_the_limit_is_413_and_leaves_nothing(module_database, login_as, committed):
    from api.app import create_app
    from api.security.settings import DoorSettings
    from tests.api.conftest import TestClient

    app = create_app(settings=DoorSettings(upload_bytes=200_000))
    before = committed.scalar(select(func.count()).select_from(Submission))
    with TestClient(app) as client:
        name = account(committed, SURVEYOR)
        entered = client.post("/api/v1/sessions", json={"user": name, "password": PASSWORD})
        client.headers["X-CSRF-Token"] = entered.json()["csrf"]
        for size, status in ((200_000, 202), (200_001, 413), (3_000_000, 413)):
            answer = send(client, bytes(size))
            assert answer.status_code == status, size
            if status == 413:
                assert answer.json()["code"] == "body-too-large"
    committed.rollback()
    assert committed.scalar(select(func.count()).select_from(Submission)) == before + 1
    assert leftovers() == []


def test_the_same_bytes_twice_at_once(login_as, committed):
    """Two clients, one moment: one is taken, the other is told its id; the bytes are kept once."""
    content = package("twice")
    firm = "同一家公司"
    clients = [login_as(SURVEYOR, organisation=firm) for _ in range(2)]
    start = threading.Barrier(2)
    answers = []

    def upload(client):
        start.wait()
        answers.append(send(client, content))

    threads = [threading.Thread(target=upload, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, second = sorted(answers, key=lambda a: a.status_code)
    assert (first.status_code, second.status_code) == (202, 409), second.text
    assert second.json()["code"] == "being-taken"
    assert second.json()["id"] == first.json()["id"] and second.json()["number"] == first.json()["number"]
    kept = committed.scalar(
        select(func.count()).select_from(StoredFile).where(StoredFile.sha256 == first.json()["sha256"])
    )
    assert kept == 1
    assert leftovers() == []


def test_a_full_disk_says_so_and_leaves_nothing(login_as, monkeypatch):
    import errno

    content = package("full")
    real = intake.Path.open

    def full(self, *words, **more):
        if self.suffix == ".part":
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, *words, **more)

    monkeypatch.setattr(intake.Path, "open", full)
    answer = send(login_as(SURVEYOR), content)
    assert answer.status_code == 507 and answer.json()["code"] == "disk-full"
    monkeypatch.undo()
    assert leftovers() == []
    assert not files.place(hashlib.sha256(content).hexdigest()).exists()


def test_uploads_of_one_person_are_limited(module_database, committed):
    from api.app import create_app
    from api.security.settings import DoorSettings
    from tests.api.conftest import TestClient

    with TestClient(create_app(settings=DoorSettings(upload_burst=2, upload_per_minute=1))) as client:
        name = account(committed, SURVEYOR)
        entered = client.post("/api/v1/sessions", json={"user": name, "password": PASSWORD})
        client.headers["X-CSRF-Token"] = entered.json()["csrf"]
        statuses = [send(client, package(f"limit {i}")).status_code for i in range(3)]
    assert statuses == [202, 202, 429]


def checked(id: str, findings: list[dict], verdict: str = "reject") -> None:
    """Put an inspection's answer in place, as the worker would."""
    report = {
        "file": "成果.zip",
        "sha256": "0" * 64,
        "profile": "township",
        "verdict": verdict,
        "layers": [],
        "findings": findings,
    }
    with sessions("app").begin() as session:
        row = submissions.find(session, UUID(id), lock=True)
        inspections.keep(session, row, report, None)
        row.state, row.verdict, row.progress = "checked", verdict, 1.0
        row.checked = submissions.now(session)
        news.tell(session, row.id)


def test_whoever_waits_is_answered_when_the_inspection_has_moved_on(app, login_as, monkeypatch):
    monkeypatch.setattr(waiting, "LONGEST", 60.0)
    monkeypatch.setattr(waiting, "HEARD", 60.0)
    monkeypatch.setattr(waiting, "DEAF", 60.0)
    looks, stage = [], submissions.stage
    monkeypatch.setattr(submissions, "stage", lambda *asked: looks.append(asked) or stage(*asked))
    client, other = login_as(SURVEYOR), login_as(SURVEYOR)
    id = send(client, package("waited for")).json()["id"]
    patient = {"Prefer": "respond-async, wait=60"}
    assert other.get(f"{URL}/{id}", headers=patient).status_code == 404  # not his: nothing to wait for
    answers = []
    asking = threading.Thread(target=lambda: answers.append(client.get(f"{URL}/{id}", headers=patient)))
    asking.start()
    while not (app.state.news.listening and app.state.news._waiting):
        assert asking.is_alive() or answers
        if answers:
            break
    assert not answers
    checked(id, [finding("waited")])
    asking.join()
    (answer,) = answers
    assert len(looks) == 2  # his own and the other's: who is told does not look once more
    assert answer.json()["state"] == "checked" and answer.headers["Preference-Applied"] == "wait=60"
    assert client.get(f"{URL}/{id}", headers=patient).json() == answer.json()  # nothing to wait for any more
    assert "Preference-Applied" not in client.get(f"{URL}/{id}").headers


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [("", 0), ("wait=2", 2), ('wait="3"', 3), ("return=minimal; wait=1", 1), ("Wait = 9999", 5), ("await=3", 0), ("wait=x", 0)],
)  # fmt: skip
def test_how_long_somebody_is_ready_to_wait(prefer, seconds):
    assert waiting.seconds(prefer) == seconds


def finding(key: str, code: str = "TP01", severity: str = "error", lon: float | None = 106.7) -> dict:
    place = None if lon is None else {"type": "Point", "coordinates": [lon, 29.8]}
    return {
        "key": key, "code": code, "severity": severity, "message": "重叠", "message_en": "overlap", "remedy": "改", "remedy_en": "mend",
        "layer": "界线", "features": [0], "ids": ["甲"], "geometry": place, "measure": {"area_m2": 2.5}, "rule": None,
    }  # fmt: skip


def test_findings_as_geojson_and_geopackage(login_as):
    client = login_as(SURVEYOR)
    id = send(client, package("findings")).json()["id"]
    checked(id, [finding("a" * 16), finding("b" * 16, "GE07", lon=None)])
    body = client.get(f"{URL}/{id}").json()
    assert body["state"] == "checked" and body["verdict"] == "reject" and body["counts"]["error"] == 2
    assert body["may"] == ["recheck", "resubmit"]
    answer = client.get(f"{URL}/{id}/findings")
    assert answer.headers["Content-Type"] == "application/geo+json"
    collection = answer.json()
    assert collection["type"] == "FeatureCollection"
    first, second = collection["features"]
    assert first["geometry"] == {"type": "Point", "coordinates": [106.7, 29.8]} and second["geometry"] is None
    expected = {k: v for k, v in finding("a" * 16).items() if k != "geometry"} | {"new": False}
    assert first["properties"] == expected
    gpkg = client.get(f"{URL}/{id}/findings.gpkg")
    assert gpkg.content[:16] == b"SQLite format 3\0" and "findings-" in gpkg.headers["Content-Disposition"]


#: Of three kinds; `./yudi test --all` sends every file.
REAL = ("uploads/china/osm_villages_gbk.zip", "uploads/gpkg/sids.gpkg", "uploads/quirks/zero_byte_parts.zip")


@pytest.mark.skipif(not manifest.rows(), reason="../shared/data is not here: no real files to read")
@pytest.mark.parametrize(
    "path",
    [
        pytest.param(row["path"], marks=[] if row["path"] in REAL else [pytest.mark.full])
        for row in manifest.STATED
    ],
)
def test_real_files_have_the_outcome_of_the_manifest(login_as, path):
    client = login_as(SURVEYOR)
    id = send(client, (manifest.DATA / path).read_bytes(), path.rpartition("/")[2], profile="generic").json()[
        "id"
    ]
    inspect.inspect(sessions("app"), UUID(id), 1)
    body = client.get(f"{URL}/{id}").json()
    codes = {f["properties"]["code"] for f in client.get(f"{URL}/{id}/findings").json()["features"]}
    (row,) = [r for r in manifest.rows() if r["path"] == path]
    assert body["state"] == "checked" and body["sha256"] == row["sha256"]
    assert any(
        body["verdict"] == v and wanted <= codes for v, wanted in manifest.outcomes(row["expected"])
    ), codes


def test_resubmission_keeps_the_chain_and_shows_what_changed(login_as):
    client = login_as(SURVEYOR)
    first = send(client, package("defective")).json()["id"]
    checked(first, [finding("a" * 16), finding("b" * 16)])
    answer = send(client, package("mended"), replaces=first)
    assert answer.status_code == 202, answer.text
    second = answer.json()
    assert second["replaces"] == first
    checked(second["id"], [finding("b" * 16), finding("c" * 16)])
    body = client.get(f"{URL}/{second['id']}").json()
    assert [f["key"] for f in body["changes"]["gone"]] == ["a" * 16] and body["changes"]["new"] == ["c" * 16]
    assert body["changes"]["gone"][0]["geometry"]["type"] == "Point"
    flags = {
        f["properties"]["key"]: f["properties"]["new"]
        for f in client.get(f"{URL}/{second['id']}/findings").json()["features"]
    }
    assert flags == {"b" * 16: False, "c" * 16: True}
    earlier = client.get(f"{URL}/{first}").json()
    assert (
        earlier["state"] == "superseded" and earlier["replaced_by"] == second["id"] and earlier["may"] == []
    )
    again = send(client, package("mended once more"), replaces=first)
    assert again.status_code == 409 and again.json()["code"] == "wrong-state"


def test_recheck_with_other_options(login_as):
    client = login_as(SURVEYOR)
    taken = send(client, package("recheck")).json()
    checked(taken["id"], [finding("a" * 16, "CR01")])
    version = client.get(f"{URL}/{taken['id']}").json()["version"]
    body = {
        "options": {"crs": 4545, "roles": {"JX": "lines"}, "fields": {"JX": {"code": "DM"}}},
        "version": version,
    }
    stale = client.post(f"{URL}/{taken['id']}/recheck", json={**body, "version": version + 1})
    assert stale.status_code == 409 and stale.json()["code"] == "stale"
    answer = client.post(f"{URL}/{taken['id']}/recheck", json=body)
    assert answer.status_code == 202, answer.text
    assert answer.json()["state"] == "received" and answer.json()["round"] == 2
    assert answer.json()["options"] == {"profile": "township", **body["options"]}
    checked(taken["id"], [], "accept")
    now = client.get(f"{URL}/{taken['id']}").json()
    assert [f["code"] for f in now["changes"]["gone"]] == ["CR01"]


@pytest.mark.parametrize(
    "options",
    [
        {"crs": 1},
        {"encoding": "base64"},
        {"roles": {"JX": "roads"}},
        {"nonsense": 1},
        {"fields": {"JX": {"": "x"}}},
    ],
)
def test_recheck_refuses_malformed_options(login_as, options):
    client = login_as(SURVEYOR)
    body = {"options": options, "version": 1}
    answer = client.post(f"{URL}/00000000-0000-4000-8000-000000000000/recheck", json=body)
    assert answer.status_code == 422 and answer.json()["code"] == "malformed"


def test_who_sees_a_submission(login_as):
    owner = login_as(SURVEYOR, organisation="甲测绘")
    id = send(owner, package("private")).json()["id"]
    colleague, stranger = login_as(SURVEYOR, organisation="甲测绘"), login_as(SURVEYOR, organisation="乙测绘")
    officer = login_as(APPROVER)
    for path in ("", "/findings", "/findings.gpkg", "/features", "/file", "/diff"):
        assert stranger.get(f"{URL}/{id}{path}").status_code == 404, path
    for client in (owner, colleague, officer):
        assert client.get(f"{URL}/{id}").status_code == 200
    assert id not in [s["id"] for s in stranger.get(URL).json()["items"]]
    assert id in [s["id"] for s in officer.get(URL).json()["items"]]
    body = {"version": 1, "options": {}}
    assert stranger.post(f"{URL}/{id}/recheck", json=body).status_code == 404


def test_a_list_goes_on_with_its_cursor(login_as):
    client = login_as(SURVEYOR, organisation="多次提交的公司")
    ids = [send(client, package(f"page {i}")).json()["id"] for i in range(5)]
    seen, cursor = [], None
    while True:
        page = client.get(URL, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        assert len(page["items"]) <= 2
        seen += [s["id"] for s in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == ids[::-1]


def test_a_refused_upload_is_not_in_the_record(login_as, committed):
    """Whatever is refused leaves neither row nor file nor audit event."""
    client = login_as(SURVEYOR)
    counts = [
        committed.scalar(select(func.count()).select_from(t))
        for t in (Submission, StoredFile, AuditEvent, FindingRow)
    ]
    content = b"--B\r\n" + FILE
    assert (
        client.post(
            URL, content=content, headers={"Content-Type": "multipart/form-data; boundary=B"}
        ).status_code
        == 400
    )
    committed.rollback()
    assert counts == [
        committed.scalar(select(func.count()).select_from(t))
        for t in (Submission, StoredFile, AuditEvent, FindingRow)
    ]


def test_a_longer_list_asks_no_more_questions(login_as):
    from sqlalchemy import event

    from geo.store.engine import engine

    client = login_as(SURVEYOR, organisation="问得不多的公司")
    counts = []
    asked: list[str] = []

    def note(connection, cursor, statement, *rest):
        asked.append(statement)

    event.listen(engine("app"), "before_cursor_execute", note)
    try:
        for number in range(4):
            send(client, package(f"question {number}"))
            asked.clear()
            assert len(client.get(URL).json()["items"]) == number + 1
            counts.append(len(asked))
    finally:
        event.remove(engine("app"), "before_cursor_execute", note)
    assert len(set(counts)) == 1 and counts[0] <= 12, counts


@pytest.mark.parametrize("step", ["accept", "return"])
def test_nobody_decides_on_his_own(login_as, step):
    """Neither the submitter with an approver's role nor a colleague of the same organisation."""
    both = login_as(SURVEYOR, APPROVER, organisation=f"自审单位{step}")
    colleague = login_as(APPROVER, organisation=f"自审单位{step}")
    id = send(both, package(f"own {step}")).json()["id"]
    checked(id, [], "accept")
    version = both.get(f"{URL}/{id}").json()["version"]
    for client in (both, colleague):
        assert step not in client.get(f"{URL}/{id}").json()["may"]
        answer = client.post(f"{URL}/{id}/{step}", json={"reason": "自己看过了", "version": version})
        assert answer.status_code == 403 and answer.json()["code"] == "own-submission", answer.text
    assert both.get(f"{URL}/{id}").json()["state"] == "checked"
