"""./yudi user add and ./yudi submit against a database of their own."""

from __future__ import annotations

import json
import zipfile
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from api.cli.__main__ import code_of, program
from api.security import passwords
from geo import inspection
from geo.problems import Problem
from geo.store import people
from geo.store.engine import sessions
from geo.store.tables import AuditEvent, Submission, User
from geo.terms import UserRole
from tests import answers

PASSWORD = "铁山坪的云雾-2024年"


def run(*words: str, given: str | None = None) -> tuple[int, str, str]:
    """Exit code as __main__ would give it, standard output, standard error."""
    result = CliRunner().invoke(program(), list(words), input=given)
    if isinstance(result.exception, Problem):
        return code_of(result.exception), result.stdout, result.exception.text.zh
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_first_administrator_then_others(own_database: str) -> None:
    code, out, _ = run(
        "user", "add", "admin", "--name", "管理员", "--password-stdin", "--json", given=f"{PASSWORD}\n"
    )
    assert code == 0
    assert json.loads(out) == {
        "login": "admin",
        "name": "管理员",
        "roles": ["administrator"],
        "district": "500112",
    }
    assert PASSWORD not in out
    with sessions("app")() as session:
        user = people.user_by_login(session, "ADMIN")
        assert user is not None and passwords.fits(user.password_hash, PASSWORD) and not user.demo
        assert not user.must_change and user.password_changed is not None
        event = session.scalars(select(AuditEvent)).one()
        assert (event.act, event.subject, event.reason) == ("add", "admin", "first administrator")
        assert "argon2" not in json.dumps(event.after)

    code, _, said = run("user", "add", "second", "--password-stdin", given=f"{PASSWORD}\n")
    assert code == 1 and "--as" in said, "there is an administrator already"
    by = (
        "--as",
        "admin",
        "--role",
        "surveyor",
        "--organisation",
        "甲测绘",
        "--kind",
        "firm",
        "--password-stdin",
    )
    code, out, _ = run("user", "add", "zhang.wei", *by, given=f"{PASSWORD}\n")
    assert code == 0 and "surveyor" in out and "administrator" not in out
    with sessions("app")() as session:
        added = people.user_by_login(session, "zhang.wei")
        assert added is not None and added.must_change, "somebody else typed the password"
    assert run("user", "add", "zhang.wei", *by, given=f"{PASSWORD}\n")[0] == 1, "the name is taken"
    not_admin = ("user", "add", "x2", "--as", "zhang.wei", "--password-stdin")
    assert run(*not_admin, given=f"{PASSWORD}\n")[0] == 1, "a surveyor adds nobody"


@pytest.mark.parametrize(
    ("words", "given", "code"),
    [
        (("user", "add", "admin", "--password-stdin"), "short\n", 2),
        (("user", "add", "Admin Name", "--password-stdin"), f"{PASSWORD}\n", 2),
        (("user", "add", "admin", "--role", "king", "--password-stdin"), f"{PASSWORD}\n", 2),
        (("user", "add", "admin", "--kind", "king", "--password-stdin"), f"{PASSWORD}\n", 2),
        (("user", "add", "admin", "--as", "nobody", "--password-stdin"), f"{PASSWORD}\n", 2),
        (("user", "add", "admin"), "", 2),
    ],
)
def test_wrong_use_adds_nobody(module_database: str, words, given, code) -> None:
    assert run(*words, given=given)[0] == code
    with sessions("app")() as session:
        assert session.scalars(select(User.id)).all() == []


def test_demonstration_administrators_do_not_count(own_database: str) -> None:
    with sessions("app").begin() as session:
        people.add_user(
            session, login="demo", name="演示", organisation=people.organisation(session, "演示", kind="other", unit_code=None, demo=True),
            password_hash=None, roles=[UserRole.ADMINISTRATOR], district="500112", demo=True,
        )  # fmt: skip
    assert run("user", "add", "admin", "--password-stdin", given=f"{PASSWORD}\n")[0] == 0


def test_the_machines_owner_lists_lets_in_again_and_appoints(own_database: str) -> None:
    with sessions("app").begin() as session:
        for login in ("boss", "other"):
            people.add_user(
                session, login=login, name="管理员", organisation=people.organisation(session, "某局", kind="department", unit_code=None, demo=False),
                password_hash=None, roles=[UserRole.ADMINISTRATOR], district="500112", demo=False,
            )  # fmt: skip
    code, out, _ = run("user", "list", "--json")
    assert code == 0 and [json.loads(line)["login"] for line in out.splitlines()] == ["boss", "other"]
    assert "500112 administrator" in run("user", "list")[1]
    code, out, _ = run("user", "password", "boss", "--json")
    password = json.loads(out)["password"]
    assert run("user", "password", "nobody")[0] == 2 and run("user", "password", "boss")[0] == 0
    assert run("user", "appoint", "boss", "--district", "500105")[0] == 0
    assert run("user", "appoint", "other", "--district", "500105")[0] == 1, "his to grant now"
    assert run("user", "appoint", "boss", "--district", "500105")[0] == 1
    assert run("user", "appoint", "boss", "--district", "渝北区")[0] == 2
    with sessions("app")() as session:
        user = people.user_by_login(session, "boss")
        assert user is not None and user.must_change and not passwords.fits(user.password_hash, password)
        assert people.administered(session, user.id) == {"500105", "500112"}
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        assert [(e.actor, e.act, e.reason) for e in events] == [
            ("系统", "reset-password", "由主机管理员重设"), ("系统", "reset-password", "由主机管理员重设"),
            ("系统", "change", "设首位管理员"),
        ]  # fmt: skip
        assert password not in str([e.after for e in events])


@pytest.fixture
def firm(own_database: str) -> str:
    with sessions("app").begin() as session:
        people.add_user(
            session, login="surveyor", name="测绘员", organisation=people.organisation(session, "甲测绘", kind="firm", unit_code=None, demo=False),
            password_hash=None, roles=[UserRole.SURVEYOR], district="500112", demo=False,
        )  # fmt: skip
    return own_database


@pytest.fixture
def verdicts(monkeypatch) -> list[Any]:
    """What the inspections answer, in order: the command is tested here, not the checks."""
    queued: list[Any] = []
    monkeypatch.setattr(inspection, "inspect_apart", lambda *a, **k: queued.pop(0), raising=False)
    return queued


def test_submit_waits_and_prints_as_check_does(firm: str, verdicts, tmp_path) -> None:
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    good.write_bytes(b"good")
    bad.write_bytes(b"bad")
    verdicts += [answers.answer([]), answers.answer([], [answers.finding("TP01", "error", "k" * 16)])]
    code, out, said = run("submit", str(good), str(bad), "--json")
    first, second = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert first["verdict"] == "accept" and second["verdict"] == "reject"
    assert list(first) == ["file", "sha256", "profile", "verdict", "layers", "findings"]
    found = second["findings"][0]
    assert list(found) == [
        "code", "severity", "message", "message_en", "remedy", "remedy_en", "layer", "features", "ids", "geometry", "measure", "rule",
    ]  # fmt: skip
    assert "第 1 号" in said and "第 2 号" in said
    with sessions("app")() as session:
        rows = session.scalars(select(Submission).order_by(Submission.number)).all()
        assert [r.state for r in rows] == ["checked", "checked"]
    verdicts.append(answers.answer([]))
    code, out, _ = run("submit", str(good), "--replaces", "2")
    assert code == 0 and "可以接受" in out
    with sessions("app")() as session:
        assert [r.state for r in session.scalars(select(Submission).order_by(Submission.number))] == [
            "checked",
            "superseded",
            "checked",
        ]


def test_wrong_use_of_submit(firm: str, verdicts, tmp_path) -> None:
    there = tmp_path / "there.zip"
    there.write_bytes(b"x")
    assert run("submit", str(tmp_path / "absent.zip"))[0] == 2
    assert run("submit", str(there), "--crs", "1")[0] == 2
    assert run("submit", str(there), "--encoding", "klingon")[0] == 2
    assert run("submit", str(there), "--as", "nobody")[0] == 2
    assert run("submit", str(there), "--replaces", "99")[0] == 2
    verdicts.append(answers.answer([]))
    code, out, _ = run("submit", str(tmp_path / "absent.zip"), str(there), "--json")
    assert code == 2 and json.loads(out)["verdict"] == "accept", "the file that is there is taken"


def test_an_inspection_that_breaks_is_an_internal_failure(firm: str, monkeypatch, tmp_path) -> None:
    class Broken(Problem):
        code = "broken"

    def broken(*words: Any, **more: Any) -> Any:
        raise Broken()

    monkeypatch.setattr(inspection, "inspect_apart", broken, raising=False)
    path = tmp_path / "a.zip"
    path.write_bytes(b"x")
    code, _, said = run("submit", str(path))
    assert code == 3 and "第 1 号" in said


def test_a_bare_shapefile_takes_its_siblings(tmp_path) -> None:
    from api.cli.submit import packed

    for name in ("界线.shp", "界线.DBF", "界线.shx", "界线.shp.xml", "界线2.dbf", "other.prj"):
        (tmp_path / name).write_bytes(name.encode())
    folder = tmp_path / "out"
    folder.mkdir()
    whole = packed(tmp_path / "界线.shp", folder)
    assert whole.name == "界线.zip"
    with zipfile.ZipFile(whole) as package:
        assert sorted(package.namelist()) == sorted(["界线.shp", "界线.DBF", "界线.shx", "界线.shp.xml"])
    assert packed(tmp_path / "other.prj", folder) == tmp_path / "other.prj"
