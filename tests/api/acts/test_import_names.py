"""地名导入: what an organisation chose for a file's columns is remembered for the next one of the same headings."""

from __future__ import annotations

import io
from datetime import date

import pyarrow as pa
from sqlalchemy.orm import Session

from api.acts.import_names import Table, bring_in
from geo.names.register_rows import Batch
from geo.store import submissions
from geo.terms import UserRole
from tests import builders as b

HEADINGS = ("叫法", "名称", "所在政区", "代码")


def table(*rows: tuple[str, ...]) -> Table:
    batch = pa.record_batch(
        {
            "row": pa.array(range(2, len(rows) + 2), pa.int64()),
            **{h: pa.array([r[i] for r in rows], pa.string()) for i, h in enumerate(HEADINGS)},
            "wkb": pa.array([None] * len(rows), pa.binary()),
        }
    )
    spool = io.BytesIO()
    with pa.ipc.new_stream(spool, batch.schema) as stream:
        stream.write_batch(batch)
    found = {"headings": list(HEADINGS), "rows": len(rows), "sheet": None, "encoding": None, "crs": None}
    return Table(found, "0" * 64, spool)


BATCH = Batch(document="渝北府发〔2020〕1号", on=date(2020, 1, 1))
ROW = ("别称", "兴隆村", "500112138", "")
CHOSEN = {"name": "叫法", "unit": "所在政区", "code": ""}


def test_a_mapping_is_remembered_for_the_organisation(app_session: Session) -> None:
    who = b.person(app_session, UserRole.REGISTRAR)
    other = b.person(app_session, UserRole.REGISTRAR)
    assert who.organisation_id != other.organisation_id
    done, guessed = bring_in(app_session, who, table(ROW), file="a.csv", batch=BATCH)
    assert guessed["name"] == "名称" and not done.mapping_remembered
    _, used = bring_in(app_session, who, table(ROW), file="a.csv", chosen=CHOSEN, batch=BATCH)
    done, again = bring_in(app_session, who, table(ROW), file="b.csv", batch=BATCH)
    assert done.mapping_remembered and again == used and again["name"] == "叫法" and "code" not in again
    # It is the organisation's, and a surveyor's upload of the same columns does not meet it.
    done, theirs = bring_in(app_session, other, table(ROW), file="c.csv", batch=BATCH)
    assert not done.mapping_remembered and theirs == guessed
    assert submissions.remembered(app_session, who.organisation_id) == {}


def test_going_back_to_what_is_guessed_forgets(app_session: Session) -> None:
    who = b.person(app_session, UserRole.REGISTRAR)
    _, guessed = bring_in(app_session, who, table(ROW), file="a.csv", batch=BATCH)
    bring_in(app_session, who, table(ROW), file="a.csv", chosen=CHOSEN, batch=BATCH)
    bring_in(app_session, who, table(ROW), file="a.csv", chosen=guessed, batch=BATCH)
    done, mapping = bring_in(app_session, who, table(ROW), file="a.csv", batch=BATCH)
    assert mapping == guessed and not done.mapping_remembered
