"""建成区导入: areas with document and date, their history, bad rows, and what a name check makes of them."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
import shapely
from sqlalchemy.orm import Session

from api.acts import import_built_up as act
from api.acts.import_names import Table
from geo.names.categories import Category
from geo.names.rules.proposal import Proposal
from geo.names.rules.run import run
from geo.problems import NotAllowed
from geo.store import versions
from geo.store.name_facts import facts_for
from geo.store.tables import AuditEvent, BuiltUpArea
from geo.terms import UserRole
from tests import builders as b

ON, LATER = date(2020, 1, 1), date(2023, 1, 1)
AREA, WIDER = shapely.box(106.70, 29.80, 106.74, 29.90), shapely.box(106.70, 29.80, 106.80, 29.90)


def table(*rows: tuple[str, str, Any]) -> Table:
    """A file as the reading sends it: code, name, shape."""
    batch = pa.record_batch(
        {
            "row": pa.array(range(1, len(rows) + 1), pa.int64()),
            "代码": pa.array([r[0] for r in rows], pa.string()),
            "名称": pa.array([r[1] for r in rows], pa.string()),
            "wkb": pa.array([None if r[2] is None else shapely.to_wkb(r[2]) for r in rows], pa.binary()),
        }
    )
    spool = io.BytesIO()
    with pa.ipc.new_stream(spool, batch.schema) as stream:
        stream.write_batch(batch)
    return Table({"headings": ["代码", "名称"], "rows": len(rows)}, "0" * 64, spool)


def bring(session: Session, who: Any, *rows: tuple[str, str, Any], on: date | None = ON) -> act.Imported:
    return act.bring_in(session, who, table(*rows), file="建成区.gpkg", document="渝北府发〔2020〕8号", on=on)


def test_an_area_comes_in_changes_and_keeps_its_history(app_session: Session) -> None:
    who = b.person(app_session, UserRole.REGISTRAR)
    assert bring(app_session, who, ("A1", "两路城区", AREA)).counts() == {
        "new": 1, "changed": 0, "unchanged": 0, "refused": 0,
    }  # fmt: skip
    assert bring(app_session, who, ("A1", "两路城区", AREA)).unchanged == 1
    assert bring(app_session, who, ("A1", "两路城区", WIDER), on=LATER).changed == 1
    held = [v for v in versions.history(app_session, BuiltUpArea, "A1") if v.recorded.upper is None]
    assert sorted((v.valid.lower, v.valid.upper, v.source) for v in held) == [
        (ON, LATER, "渝北府发〔2020〕8号"), (LATER, None, "渝北府发〔2020〕8号"),
    ]  # fmt: skip
    event = app_session.query(AuditEvent).order_by(AuditEvent.id.desc()).first()
    assert event is not None and (event.act, event.subject_kind) == ("import", "built_up_area")
    # Streets of two townships share the built-up area once it reaches the other one.
    b.place_name(app_session, who.id, "龙山路", Category.STREET, unit_code="500112140", point=(106.78, 29.85))
    proposal = Proposal("龙山路", Category.STREET, lon=106.72, lat=29.85)
    for at, verdict in ((date(2021, 1, 1), "fits"), (date(2024, 1, 1), "refused")):
        assert run(proposal, facts_for(app_session, proposal, at=at), suggestions=0).verdict == verdict


def test_an_area_is_ended_by_a_document_and_may_come_back(app_session: Session) -> None:
    who = b.person(app_session, UserRole.REGISTRAR)
    bring(app_session, who, ("A1", "两路城区", WIDER))
    b.place_name(app_session, who.id, "龙山路", Category.STREET, unit_code="500112140", point=(106.78, 29.85))
    with pytest.raises(act.NoDocument):
        act.end(app_session, who, "A1", document=" ", on=LATER)
    with pytest.raises(act.NoSuchArea):
        act.end(app_session, who, "A9", document="渝北府发〔2023〕3号", on=LATER)
    with pytest.raises(NotAllowed):
        act.end(app_session, b.person(app_session, UserRole.REVIEWER), "A1", document="文", on=LATER)
    assert act.end(app_session, who, "A1", document="渝北府发〔2023〕3号", on=LATER) == "两路城区"
    with pytest.raises(act.NoSuchArea):
        act.end(app_session, who, "A1", document="渝北府发〔2023〕3号", on=LATER)
    held = [v for v in versions.history(app_session, BuiltUpArea, "A1") if v.recorded.upper is None]
    assert [(v.valid.lower, v.valid.upper) for v in held] == [(ON, LATER)]
    event = app_session.query(AuditEvent).order_by(AuditEvent.id.desc()).first()
    assert event is not None and (event.act, event.subject) == ("end", "A1")
    proposal = Proposal("龙山路", Category.STREET, "500112138", lon=106.72, lat=29.85)
    for at, verdict in ((date(2021, 1, 1), "refused"), (date(2024, 1, 1), "fits")):
        assert run(proposal, facts_for(app_session, proposal, at=at), suggestions=0).verdict == verdict
    assert bring(app_session, who, ("A1", "两路城区", WIDER), on=date(2024, 1, 1)).new == 1


def test_bad_rows_are_told_and_the_rest_goes_in(app_session: Session) -> None:
    who = b.person(app_session, UserRole.REGISTRAR)
    bow = shapely.from_wkt("POLYGON((106 29, 106.1 29.1, 106.1 29, 106 29.1, 106 29))")
    done = bring(
        app_session, who, ("A1", "甲城区", AREA), ("A1", "乙城区", AREA), ("A2", "", AREA), ("A3", "丙城区", None),
        ("A4", "丁城区", shapely.Point(106, 29)), ("A5", "戊城区", shapely.box(29, 106, 30, 107)), ("A6", "己城区", bow),
    )  # fmt: skip
    assert (done.new, [p.row for p in done.problems]) == (2, [2, 3, 4, 5, 6])
    assert bring(app_session, who, ("A1", "甲城区", WIDER), on=date(2019, 1, 1)).problems


def test_it_rests_on_a_document_and_is_the_registrars(app_session: Session) -> None:
    who = b.person(app_session, UserRole.REGISTRAR)
    with pytest.raises(act.NoDocument):
        bring(app_session, who, ("A1", "甲城区", AREA), on=None)
    with pytest.raises(NotAllowed):
        bring(app_session, b.person(app_session, UserRole.SURVEYOR), ("A1", "甲城区", AREA))
