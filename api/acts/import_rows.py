"""表格批量导入: rows of a table into a register, each by its draft; bad rows are told by column, the rest kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from api.acts.import_names import Table
from api.security.person import Person
from geo.reading.rows import Brought, Draft, RowProblem, texts
from geo.store import audit
from geo.text import Text

GIVEN_TWICE = Text("与本文件前面的一行是同一{0}", "the same {0} as a row before")


@dataclass(frozen=True)
class Register:
    """What takes the rows. subject_kind: of the audit event; thing: what a row is; needed: the column that every row
    has. enter and supersede get the draft and the reason; supersede says whether anything was new. last: what is done once
    all rows are taken."""

    subject_kind: str
    thing: Text
    needed: str
    draft: Callable[[Mapping[str, str]], Draft]
    known: Callable[[Draft], Any | None]
    enter: Callable[[Draft, str], Any]
    supersede: Callable[[Any, Draft, str], bool]
    last: Callable[[], None] = lambda: None


def bring_in(
    session: Session,
    actor: Person,
    table: Table,
    mapping: Mapping[str, str],
    into: Register,
    *,
    file: str,
    source: str | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> Brought:
    """Rows in, one audit event. mapping: our key -> heading of the table. A dry run is this, rolled back."""
    reason = f"批量导入：{file}"[:500]
    done, seen = Brought(), set[int]()
    for batch in table.records():
        for record in batch.to_pylist():
            done.rows += 1
            row = texts(record, mapping)
            got = into.draft(row)
            bad = got.problems
            old = None if bad else into.known(got)
            if old is not None and old.number in seen:
                bad = [(into.needed, GIVEN_TWICE.fill(into.thing))]
            if bad:
                at = record["row"]
                done.refuse([RowProblem(at, mapping.get(k, k), row.get(k, ""), why) for k, why in bad])
            else:
                if source:
                    got.values["sources"] = [{"title": source[:200]}]
                if old is None:
                    seen.add(into.enter(got, reason).number)
                    done.new += 1
                else:
                    seen.add(old.number)
                    new = into.supersede(old, got, reason)
                    done.changed, done.unchanged = done.changed + new, done.unchanged + (not new)
            progress(done.rows)
    into.last()
    audit.append(
        session, actor=actor, act="import", subject_kind=into.subject_kind, subject=table.sha256, reason=reason,
        after={"file": file, "mapping": dict(mapping), **done.counts()},
    )  # fmt: skip
    return done
