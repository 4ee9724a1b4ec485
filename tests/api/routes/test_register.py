"""The register over HTTP: changing, versions, undoing, importing with progress and report."""

from __future__ import annotations

import io
import json
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import select

from api.acts import import_names
from geo.store.engine import sessions
from geo.store.tables import PlaceName, User
from geo.terms import UserRole
from tests import builders as b

NAMES = "/api/v1/place-names"
CSV = "标准名称,地名代码,类别,所在政区\n兴隆村,500112138201,行政村,兴隆镇\n坏\u202e村,,行政村,兴隆镇\n"
GIVEN = {"document": "渝北府发〔2020〕1号", "on": "2020-05-01"}


@pytest.fixture
def registrar(login_as: Any) -> Any:
    return login_as(UserRole.REGISTRAR)


@pytest.fixture
def name(committed: Any, registrar: Any) -> PlaceName:
    maker = committed.scalars(select(User).where(User.login == registrar.login)).one()
    row = b.place_name(committed, maker.id, "风龙村", meaning="旧说")
    committed.commit()
    return row


def test_a_change_is_a_version_with_its_history(registrar: Any, name: PlaceName) -> None:
    body = {"changes": {"meaning": "新说"}, "version": name.id, "reason": "据县志"}
    answer = registrar.patch(f"{NAMES}/{name.number}", json=body)
    assert answer.status_code == 200 and answer.json()["meaning"] == "新说"
    assert registrar.patch(f"{NAMES}/{name.number}", json=body).json()["code"] == "stale"
    now = answer.json()["version"]
    settled = registrar.patch(
        f"{NAMES}/{name.number}", json={"readings": ["fēng", "lóng", "cūn"], "version": now, "reason": "审定"}
    ).json()
    assert settled["readings"] == ["fēng", "lóng", "cūn"]
    undone = registrar.post(
        f"{NAMES}/{name.number}/undo", json={"to": name.id, "version": settled["version"], "reason": "改错"}
    )
    assert undone.status_code == 200 and undone.json()["meaning"] == "旧说"
    items = registrar.get(f"{NAMES}/{name.number}/history").json()["items"]
    assert [i["reason"] for i in items] == ["改错", "审定", "据县志", "测试"]
    assert items[0]["made_by"] and items[0]["recorded_to"] is None and items[1]["recorded_to"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"changes": {"name": "新村"}}, 409, "needs-document"), ({"changes": {"status": "former"}}, 409, "needs-document"),
        ({"changes": {"meaning": "a\x00"}}, 422, "bad-fact"), ({"changes": {"meaning": "新"}, "reason": " "}, 422, "no-reason"),
        ({"readings": ["x"]}, 422, "bad-reading"), ({"changes": {}}, 422, "unchanged"), ({"extra": 1}, 422, "malformed"),
    ],
)  # fmt: skip
def test_what_is_refused(
    registrar: Any, name: PlaceName, body: dict[str, Any], status: int, code: str
) -> None:
    answer = registrar.patch(f"{NAMES}/{name.number}", json={"version": name.id, "reason": "改", **body})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_an_unknown_name(registrar: Any) -> None:
    assert registrar.get(f"{NAMES}/{2**62}/history").status_code == 404
    assert registrar.get(f"{NAMES}/{2**70}/history").status_code == 422


def run(id: str) -> None:
    import_names.run(sessions("app"), UUID(id))


def test_an_import_is_tried_then_made(registrar: Any) -> None:
    answer = registrar.post(f"{NAMES}/imports", files={"file": ("名.csv", CSV.encode("gb18030"))}, data=GIVEN)
    assert answer.status_code == 202 and answer.json()["state"] == "received" and answer.json()["dry_run"]
    where = answer.headers["location"]
    run(answer.json()["id"])
    tried = registrar.get(where).json()
    assert (tried["state"], tried["rows"], tried["result"]["new"], tried["result"]["refused"]) == (
        "done",
        2,
        1,
        1,
    )
    assert tried["result"]["mapping"]["name"] == "标准名称" and tried["result"]["problems"][0]["row"] == 3
    report = registrar.get(tried["report"])
    assert "U+202E" in report.text and report.headers["content-disposition"].startswith("attachment")
    with sessions("app")() as session:
        assert session.scalars(select(PlaceName).where(PlaceName.name == "兴隆村")).first() is None, (
            "a dry run keeps nothing"
        )
    made = registrar.post(f"{where}/again", json={"dry_run": False})
    assert made.status_code == 202, made.text
    run(made.json()["id"])
    run(made.json()["id"])
    done = registrar.get(f"{NAMES}/imports/{made.json()['id']}").json()
    assert (done["state"], done["dry_run"], done["result"]["new"]) == ("done", False, 1)
    with sessions("app")() as session:
        assert (
            session.scalars(select(PlaceName).where(PlaceName.name == "兴隆村")).one().document
            == GIVEN["document"]
        )


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"document": "文"}, "document-undated"), ({"on": "明天"}, "bad-import-option"), ({"mapping": "["}, "bad-import-option"),
        ({"category": "怪"}, "bad-import-option"), ({"unit": "12"}, "bad-import-option"), ({"crs": "x"}, "bad-import-option"),
    ],
)  # fmt: skip
def test_options_that_cannot_be(registrar: Any, fields: dict[str, str], code: str) -> None:
    answer = registrar.post(f"{NAMES}/imports", files={"file": ("a.csv", CSV.encode())}, data=fields)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"\x00" * 100, b"just a line"])
def test_a_file_without_a_table_fails_with_a_sentence(registrar: Any, content: bytes) -> None:
    answer = registrar.post(f"{NAMES}/imports", files={"file": ("a.csv", content)}, data=GIVEN).json()
    run(answer["id"])
    failed = registrar.get(f"{NAMES}/imports/{answer['id']}").json()
    assert failed["state"] == "failed" and failed["problem"]["zh"] and failed["problem"]["en"], json.dumps(
        failed
    )


def workbook() -> bytes:
    """Two sheets of names under different headings."""
    book = openpyxl.Workbook()
    book.active.title = "一镇"
    book.active.append(["标准名称", "类别", "所在政区", "东经", "北纬"])
    book.active.append(["一号坝", "自然村", "兴隆镇", 106.7, 29.9])
    second = book.create_sheet("二镇")
    second.append(["名称", "地名类别", "所在政区", "东经", "北纬"])
    second.append(["二号坝", "自然村", "兴隆镇", 106.7, 29.9])
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


def test_another_sheet_is_told_and_tried_with_columns_of_its_own(registrar: Any) -> None:
    sent = registrar.post(
        "/names/import",
        files={"file": ("各镇.xlsx", workbook())},
        data={"csrf": registrar.headers["X-CSRF-Token"], **GIVEN},
        follow_redirects=False,
    )
    where = sent.headers["location"]
    run(where.rsplit("/", 1)[-1])
    assert "只读了“一镇”；文件里还有：二镇" in registrar.get(where).text
    form = {"csrf": registrar.headers["X-CSRF-Token"], "step": "import", "confirmed": "yes", **GIVEN}
    other = registrar.post(
        where, data={**form, "map:name": "标准名称", "sheet": "二镇"}, follow_redirects=False
    ).headers["location"]
    run(other.rsplit("/", 1)[-1])
    tried = registrar.get(f"{NAMES}/imports/{other.rsplit('/', 1)[-1]}").json()
    assert (tried["state"], tried["dry_run"], tried["result"]["sheet"]) == ("done", True, "二镇"), tried
    assert (tried["result"]["mapping"]["name"], tried["result"]["others"]) == ("名称", ["一镇"])
    with_api = registrar.post(f"{NAMES}/imports/{tried['id']}/again", json={"sheet": "一镇"}).json()
    run(with_api["id"])
    back = registrar.get(f"{NAMES}/imports/{with_api['id']}").json()
    assert (back["result"]["sheet"], back["result"]["mapping"]["name"]) == ("一镇", "标准名称")


def test_the_page_without_javascript(registrar: Any) -> None:
    page = registrar.get("/names/import")
    assert page.status_code == 200 and "地名导入" in page.text
    token = registrar.headers["X-CSRF-Token"]
    sent = registrar.post(
        "/names/import",
        files={"file": ("<b>名.csv", CSV.encode())},
        data={"csrf": token, **GIVEN},
        follow_redirects=False,
    )
    assert sent.status_code == 303, sent.text
    where = sent.headers["location"]
    assert "正在" in registrar.get(where).text or "等待处理" in registrar.get(where).text
    run(where.rsplit("/", 1)[-1])
    shown = registrar.get(where).text
    assert "试运行" in shown and "U+202E" in shown and "<b>" not in shown and 'name="map:name"' in shown
    refused = registrar.post(
        where, data={"csrf": token, "step": "import", "map:name": "标准名称", **GIVEN}, follow_redirects=False
    )
    assert refused.status_code == 422 and "勾选确认" in refused.text
    made = registrar.post(
        where,
        data={"csrf": token, "step": "import", "confirmed": "yes", "map:name": "标准名称", **GIVEN},
        follow_redirects=False,
    )
    assert made.status_code == 303
    run(made.headers["location"].rsplit("/", 1)[-1])
    assert "已完成" in registrar.get(made.headers["location"]).text
    empty = registrar.post("/names/import", data={"csrf": token}, follow_redirects=False)
    assert empty.status_code == 422
