"""乡村著名行动: items entered, changed, ended and brought in from a file, with history and audit."""

from __future__ import annotations

import io

import pyarrow as pa
import pytest
from sqlalchemy import event, select

from api.acts import run_programme
from api.acts.import_names import Table
from api.acts.stale import NoReason, Stale
from geo.machine import StepNotYours
from geo.programme.items import draft
from geo.store import programme
from geo.store.tables import AuditEvent, ProgrammeItem
from geo.terms import ProgrammeKind, UserRole
from tests.builders import person


def unit_of(word, place):
    return "500112111"


def got(**more):
    return draft({"kind": "museum", "title": "江口村地名馆", **more}, unit_of, lambda word: None)


def file_of(*rows):
    """A table as the reading of a file gives it."""
    headings = list(rows[0])
    columns = {"row": list(range(2, len(rows) + 2))} | {h: [r[h] for r in rows] for h in headings}
    out = io.BytesIO()
    batch = pa.RecordBatch.from_pydict(columns)
    with pa.ipc.new_stream(out, batch.schema) as stream:
        stream.write_batch(batch)
    return Table({"headings": headings, "rows": len(rows)}, "0" * 64, out)


def bring_in(session, actor, *rows, **more):
    return run_programme.bring_in(
        session, actor, file_of(*rows), file="项目.csv", unit_of=unit_of, names_of=lambda word: None, **more
    )[0]


def test_an_item_is_entered_changed_and_ended_with_its_history(session):
    registrar = person(session, UserRole.REGISTRAR)
    row = run_programme.enter(session, registrar, got(lon="106.7", lat="29.9"), reason="验收合格")
    first = row.id
    changed = run_programme.change(
        session, registrar, row.number, got(status="checked", says="已开馆"), version=first, reason="开馆"
    )
    assert changed.says == "已开馆" and changed.geometry is not None, "what was not given stays"
    with pytest.raises(Stale):
        run_programme.change(session, registrar, row.number, got(says="又改"), version=first, reason="改")
    run_programme.end(session, registrar, row.number, version=changed.id, reason="撤馆")
    with pytest.raises(programme.NoSuchItem):
        programme.current(session, row.number)
    assert len(programme.history(session, row.number)) >= 2
    acts = [
        e.act
        for e in session.scalars(
            select(AuditEvent).where(AuditEvent.subject_kind == "programme-item").order_by(AuditEvent.id)
        )
    ]
    assert acts[-3:] == ["enter", "change", "end"]


def test_only_its_keeper_enters_and_only_what_is_sound(session):
    with pytest.raises(StepNotYours):
        run_programme.enter(session, person(session, UserRole.REVIEWER), got(), reason="登记")
    registrar = person(session, UserRole.REGISTRAR)
    with pytest.raises(run_programme.BadItem):
        run_programme.enter(session, registrar, got(status="？"), reason="登记")
    with pytest.raises(NoReason):
        run_programme.enter(session, registrar, got(), reason=" ")


def test_a_file_goes_in_but_for_its_bad_rows_and_a_second_time_changes_nothing(session):
    registrar = person(session, UserRole.REGISTRAR)
    rows = (
        {"类别": "活动", "名称": "讲村名故事", "参与人数": "60"},
        {"类别": "标志牌", "名称": "村牌", "参与人数": ""},
        {"类别": "飞机场", "名称": "机场", "参与人数": ""},
        {"类别": "活动", "名称": "讲村名故事", "参与人数": "70"},
    )
    done = bring_in(session, registrar, *rows)
    assert done.counts() == {"rows": 4, "new": 2, "changed": 0, "unchanged": 0, "refused": 2}
    assert [(p.row, p.column) for p in done.problems] == [(4, "类别"), (5, "名称")]
    again = bring_in(session, registrar, *rows[:2])
    assert again.counts() == {"rows": 2, "new": 0, "changed": 0, "unchanged": 2, "refused": 0}
    later = bring_in(session, registrar, {"类别": "活动", "名称": "讲村名故事", "参与人数": "80"})
    assert later.changed == 1
    held = session.scalars(select(ProgrammeItem).where(ProgrammeItem.title == "讲村名故事")).all()
    assert {row.facts["audience"] for row in held} == {60, 80}, "the version before stays"


def test_many_rows_take_few_statements(session):
    registrar = person(session, UserRole.REGISTRAR)
    asked = []

    def note(*of):
        asked.append(of[2])

    event.listen(session.get_bind(), "before_cursor_execute", note)
    for audience, counts in ((60, (300, 0, 0)), (60, (0, 0, 300)), (70, (0, 300, 0))):
        rows = [{"类别": "活动", "名称": f"第{i}场", "参与人数": str(audience)} for i in range(300)]
        asked.clear()
        done = bring_in(session, registrar, *rows)
        assert (done.new, done.changed, done.unchanged) == counts
        assert len(asked) < 30, "a statement a row"
    event.remove(session.get_bind(), "before_cursor_execute", note)
    number = session.scalars(select(ProgrammeItem.number).where(ProgrammeItem.title == "第7场")).first()
    now, before = programme.history(session, number)
    assert (now.facts["audience"], before.facts["audience"]) == (70, 60)
    assert before.recorded.upper == now.recorded.lower and now.recorded.upper is None


def test_counts_name_every_kind_and_what_is_done(session):
    registrar = person(session, UserRole.REGISTRAR)
    bring_in(
        session,
        registrar,
        {"名称": "甲馆", "进展": "完成"},
        {"名称": "乙馆", "进展": "计划"},
        kind=ProgrammeKind.MUSEUM,
    )
    from geo.settings import as_of

    found = programme.counts(session, district="500112", at=as_of())
    assert found[ProgrammeKind.MUSEUM] == {"all": 2, "done": 1} and set(found) == set(ProgrammeKind)
