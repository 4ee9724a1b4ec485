"""./yudi audit, and the verifier that docs/audit.md hands to everybody."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from api.cli.__main__ import program
from geo.settings import ROOT
from geo.store import audit
from geo.store.engine import sessions

DOCUMENT = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
VERIFIER = re.search(r"```python\n(.*?)```", DOCUMENT, re.S)[1]  # type: ignore[index]
EXAMPLE = re.search(r"```json\n(.*?)```", DOCUMENT, re.S)[1]  # type: ignore[index]


@pytest.fixture(scope="module", autouse=True)
def chain(module_database: str) -> None:
    with sessions("app").begin() as session:
        for n in range(4):
            audit.append(
                session, actor=None, act="test", subject_kind="line", subject=str(n), reason="测试", after={"n": 1e20}
            )  # fmt: skip


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(program(), ["audit", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def outsider(monkeypatch: pytest.MonkeyPatch, file: Path, *heads: str) -> str:
    """The verifier of the document, run as a program of its own."""
    monkeypatch.setattr(sys, "argv", ["verify.py", str(file), *heads])
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        try:
            exec(compile(VERIFIER, "verify.py", "exec"), {"__name__": "__main__"})
        except SystemExit as end:
            return str(end.code)
    return said.getvalue()


def test_verify_tells_a_whole_chain_and_its_head() -> None:
    code, out = run("verify")
    assert code == 0 and "完好" in out and "4 条" in out
    code, out = run("verify", "--json")
    answer = json.loads(out)
    assert code == 0 and answer["whole"] and answer["break"] is None
    said = run("head")[1].strip()
    assert said.startswith(answer["head"]) and run("verify", "--head", said)[0] == 0, "the line as it stands"
    assert json.loads(run("head", "--json")[1])["id"] == 4
    assert run("verify", "--head", answer["head"])[0] == 0
    number, digest = answer["head"].split(":")
    printed = " ".join(digest[i : i + 8] for i in range(0, 64, 8)).upper()
    assert run("verify", "--head", f"{number}: {printed}")[0] == 0, "as an announcement prints it"


def test_verify_exits_with_one_and_names_the_place() -> None:
    with sessions("owner").begin() as session:
        session.execute(text("alter table audit_event disable trigger user"))
        session.execute(text("update audit_event set reason = '别的' where id = 3"))
    try:
        code, out = run("verify", "--json")
        assert (
            code == 1
            and json.loads(out)["break"]["id"] == 3
            and json.loads(out)["break"]["kind"] == "changed"
        )
        code, out = run("verify")
        assert code == 1 and "第 3 条被改动" in out and "event 3 was changed" in out
    finally:
        with sessions("owner").begin() as session:
            session.execute(text("update audit_event set reason = '测试' where id = 3"))
            session.execute(text("alter table audit_event enable trigger user"))


def test_a_head_that_is_held_shows_a_cut_tail() -> None:
    code, out = run("verify", "--json", "--head", "9:" + "ab" * 32)
    assert code == 1 and json.loads(out)["break"] | {"message": "", "message_en": ""} == {
        "id": 5, "kind": "cut", "other": 9, "message": "", "message_en": "",
    }  # fmt: skip
    assert run("verify", "--head", "2:" + "ab" * 32)[0] == 1
    assert run("verify", "--head", "nonsense")[0] == 2


def test_the_published_verifier_takes_what_is_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "chain.jsonl"
    assert run("export", str(bare))[0] == 0
    links = [json.loads(line) for line in bare.read_text(encoding="utf-8").splitlines()]
    assert set(links[0]) == {"id", "algorithm", "content", "hash"} and "测试" not in bare.read_text("utf-8")
    held = f"{links[2]['id']}:{links[2]['hash'][:16]}"
    assert outsider(monkeypatch, bare, held) == f"whole: 4 events, head 4:{links[3]['hash']}\n"
    assert "cut off after event 4" in outsider(monkeypatch, bare, "7:abcd")
    assert "not the one whose head" in outsider(monkeypatch, bare, "2:abcd")
    bare.write_text("".join(json.dumps(link) + "\n" for link in (links[0], *links[2:])), "utf-8")
    assert "event 2 is missing" in outsider(monkeypatch, bare)
    links[1]["content"] = links[2]["content"]
    bare.write_text("".join(json.dumps(link) + "\n" for link in links), "utf-8")
    assert "event 2 does not follow" in outsider(monkeypatch, bare)


def test_whole_contents_are_verified_too_and_their_export_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = tmp_path / "full.jsonl"
    before = json.loads(run("head", "--json")[1])["id"]
    assert run("export", str(full), "--content")[0] == 0
    links = [json.loads(line) for line in full.read_text(encoding="utf-8").splitlines()]
    assert len(links) == before + 1 and links[-1]["event"]["act"] == "export"
    assert outsider(monkeypatch, full).startswith("whole")
    links[1]["event"]["reason"] = "别的"
    full.write_text("".join(json.dumps(link) + "\n" for link in links), "utf-8")
    assert "event 2 was changed" in outsider(monkeypatch, full)


def test_the_worked_example_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "example.jsonl"
    file.write_text(EXAMPLE, encoding="utf-8")
    assert outsider(monkeypatch, file).startswith("whole: 2 events")


def test_every_kind_of_break_is_in_the_document() -> None:
    from geo.store.audit import ALGORITHMS
    from geo.store.audit_chain import KINDS

    assert all(f"`{kind}`" in DOCUMENT for kind in {*KINDS, *ALGORITHMS} - {"unreadable"})


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert run("export", str(tmp_path / "none" / "x.jsonl"))[0] == 2
