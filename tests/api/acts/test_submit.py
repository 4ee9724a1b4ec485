"""提交: taking an upload in, refusing the same bytes twice, checking again, and the chain."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, text

from api.acts import inspect, return_, submit
from api.acts.stale import Stale
from geo.machine import GuardUnmet, StepNotYours, WrongState
from geo.reading.layers import ReadOptions
from geo.store import files, submissions
from geo.store.tables import AuditEvent, StoredFile, Submission
from geo.terms import Profile, Role, UserRole
from tests import answers
from tests import builders as b
from tests.api.acts.conftest import Office


def jobs(office: Office) -> list:
    return list(
        office.session.execute(text("select task_name, args, status from procrastinate_jobs order by id"))
    )


def test_submit_keeps_the_file_and_queues_the_check_once(office: Office) -> None:
    options = ReadOptions(
        crs=4545, encoding="gb18030", roles={"l": Role.LINES}, fields={"l": {"code": "XH"}}, ring=True
    )
    row = office.upload(b"content", options=options)
    assert (row.state, row.submitted_by, row.organisation_id) == (
        "received",
        office.surveyor.id,
        office.firm.id,
    )
    kept = submissions.file_of(office.session, row.id)
    assert files.place(kept.sha256).read_bytes() == b"content" and kept.filename == "成果.zip"
    assert [(j.task_name, j.args) for j in jobs(office)] == [
        ("inspect", {"submission": str(row.id), "round": 1})
    ]
    submit.send(office.session, row)
    assert len(jobs(office)) == 1  # the queueing lock
    work = inspect.begin(office.session, row.id, 1)
    assert work is not None and work.options == options and work.path == files.place(kept.sha256)
    event = office.session.scalars(select(AuditEvent)).one()
    assert (event.act, event.after["sha256"]) == ("submit", kept.sha256)


def test_an_upload_takes_few_statements(office: Office) -> None:
    office.upload(b"before")  # what a process asks once
    said: list[str] = []
    bound = office.session.connection()
    event.listen(bound, "before_cursor_execute", lambda *told: said.append(told[2]))
    row = office.upload(b"content")
    assert submissions.describe(office.session, [row])[0]["demo"] is False
    # Bytes locked, file in two, the same bytes, submission, its file, job in a savepoint, audit in three, what is shown.
    assert len(said) <= 12, said


def test_the_same_bytes_at_once_are_refused_with_the_first_id(office: Office) -> None:
    first = office.upload(b"same")
    with pytest.raises(submit.BeingTaken) as refusal:
        office.upload(b"same")
    assert refusal.value.details == {"number": first.number, "id": str(first.id)}
    assert office.session.scalar(select(func.count()).select_from(Submission)) == 1
    # Another firm with the same bytes does not learn of the first; nor is it refused once that is checked.
    stranger = b.person(office.session, UserRole.SURVEYOR)
    assert office.upload(b"same", actor=stranger).id != first.id
    office.inspected(first, answers.answer([]))
    assert office.upload(b"same").id != first.id
    assert office.session.scalar(select(func.count()).select_from(StoredFile)) == 1


def test_only_who_may_submit(office: Office) -> None:
    clerk = b.person(office.session, UserRole.REGISTRAR)
    with pytest.raises(StepNotYours):
        office.upload(actor=clerk)
    assert not jobs(office) and office.session.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_resubmission_keeps_the_chain_and_tells_the_changes(office: Office) -> None:
    old = answers.finding("TP02", "error", "gone", office.shapes.lines[next(iter(office.shapes.lines))])
    stays, fresh = answers.finding("MK05", "warning", "stays"), answers.finding("GE05", "warning", "new")
    first = office.checked([], [old, stays], b"first")
    return_.give_back(office.session, office.reviewer, first.id, reason="改", version=first.version)
    second = office.upload(b"second", replaces=first.id)
    assert first.state == "superseded" and second.replaces_id == first.id
    assert submissions.changes(office.session, second) is None  # not checked yet
    office.inspected(second, answers.answer([], [stays, fresh]))
    told = submissions.changes(office.session, second)
    assert told is not None and [f["key"] for f in told["gone"]] == ["gone"] and told["new"] == ["new"]
    assert told["gone"][0]["geometry"].geom_type == "LineString"
    assert submissions.successor(office.session, first.id) is second
    assert submissions.chain(office.session, second) == [first]
    with pytest.raises((WrongState, GuardUnmet)):
        office.upload(b"third", replaces=first.id)  # replaced already
    asked: list[str] = []
    event.listen(office.session.connection(), "before_cursor_execute", lambda *told: asked.append(told[2]))
    described = submissions.describe(office.session, [first, second])
    assert len(asked) == 1
    assert described[0]["replaced_by"] == second.id and described[1]["replaces"] == first.id
    assert described[1]["counts"] == {"error": 0, "warning": 2, "info": 0}


def test_nobody_mends_the_submission_of_another_organisation(office: Office) -> None:
    first = office.checked([], [answers.finding("TP02", "error", "k")], b"first")
    stranger = b.person(office.session, UserRole.SURVEYOR)
    with pytest.raises(submissions.NoSuchSubmission):
        office.upload(b"second", replaces=first.id, actor=stranger)
    with pytest.raises(submissions.NoSuchSubmission):
        submit.recheck(office.session, stranger, first.id, ReadOptions(), first.version)
    with pytest.raises(GuardUnmet, match="提交单位"):
        submit.recheck(office.session, office.reviewer, first.id, ReadOptions(), first.version)


def test_recheck_is_a_new_round_without_a_new_upload(office: Office) -> None:
    row = office.checked([], [answers.finding("CR01", "error", "k")], b"first")
    with pytest.raises(Stale):
        submit.recheck(office.session, office.surveyor, row.id, ReadOptions(crs=4545), row.version - 1)
    submit.recheck(
        office.session, office.surveyor, row.id, ReadOptions(crs=4545, profile=Profile.GENERIC), row.version
    )
    assert (row.state, row.round, row.verdict, row.profile) == ("received", 2, None, "generic")
    assert row.options == {"profile": "generic", "crs": 4545}
    with pytest.raises(WrongState):
        submit.recheck(office.session, office.surveyor, row.id, ReadOptions(), row.version)
    assert inspect.begin(office.session, row.id, 1) is None  # the old round's job finds nothing to do
    office.inspected(row, answers.answer([], []))
    told = submissions.changes(office.session, row)
    assert told is not None and [f["code"] for f in told["gone"]] == ["CR01"] and row.verdict == "accept"


def test_a_mapping_set_by_hand_is_kept_for_the_firm(office: Office) -> None:
    options = ReadOptions(fields={"界线": {"code": "BH"}})
    row = office.upload(b"first", options=options)
    layer = {"name": "界线", "role": "lines", "fields": {"code": "BH"}}
    office.inspected(
        row, answers.answer([], layers=[layer], details=[{"name": "界线", "columns": ["BH", "MC"]}])
    )
    assert submissions.remembered(office.session, office.firm.id) == {("BH", "MC"): {"code": "BH"}}
    work = inspect.begin(office.session, office.upload(b"next").id, 1)
    assert work is not None and work.options.remembered == {("BH", "MC"): {"code": "BH"}}
    assert submissions.remembered(office.session, office.bureau.id) == {}


def test_steps_open_to_a_person(office: Office) -> None:
    row = office.checked(answers.line_features(office.shapes))
    assert submit.may(office.session, office.surveyor, row) == ["recheck", "resubmit"]
    assert submit.may(office.session, office.approver, row) == ["accept", "return"]
    assert submit.may(office.session, office.reviewer, row) == ["return"]
    rejected = office.checked([], [answers.finding("TP01", "error", "k")], b"bad")
    assert submit.may(office.session, office.approver, rejected) == ["return"]


def test_a_full_disk_leaves_nothing_behind(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("YUDI_VAR", str(tmp_path / "room"))

    def full(descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(files.DiskFull, match="存储空间不足"):
        office.upload(b"content")
    assert not [p for p in (tmp_path / "room").rglob("*") if p.is_file()]
    assert office.session.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_list_is_paged_newest_first_and_per_organisation(office: Office) -> None:
    rows = [office.upload(bytes([i])) for i in range(5)]
    other = office.upload(b"x", actor=b.person(office.session, UserRole.SURVEYOR))
    listed, following = submissions.listing(office.session, district=b.DISTRICT, limit=3)
    assert [i["id"] for i in listed] == [other.id, rows[4].id, rows[3].id] and following == rows[3].number
    listed, following = submissions.listing(office.session, district=b.DISTRICT, limit=3, before=following)
    assert [i["id"] for i in listed] == [rows[2].id, rows[1].id, rows[0].id] and following is None
    own, _ = submissions.listing(office.session, district=b.DISTRICT, organisation_id=office.firm.id)
    assert other.id not in {i["id"] for i in own} and len(own) == 5
