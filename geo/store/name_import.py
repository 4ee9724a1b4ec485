"""Import of names (地名入库): checked rows into the register, set by set.

A stretch of rows is copied into a temporary table while the next is being checked; there it is matched with the
register by number, code, or name and unit, and new, changed and unchanged rows go their ways in SQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from geo.boundaries.unit_lists import unit_lists
from geo.names.categories import Category
from geo.names.readings import Settled
from geo.names.register_cells import Known
from geo.names.register_rows import PRIMARY, STAGED, Batch, Checked, Checker
from geo.names.romanize import romanize
from geo.names.words import divisions
from geo.reading.rows import RowProblem
from geo.settings import as_of
from geo.store import naming_words, search_forms
from geo.store.copy_rows import column, geometry_column, rows_of
from geo.store.copying import copy_rows
from geo.store.protection import PROTECTED
from geo.store.tables import AdminUnit
from geo.text import Text

TYPES: Mapping[str, pa.DataType] = {
    "row": pa.int64(), "parent": pa.int64(), "number": pa.int64(), "approved_on": pa.date32(), "announced_on": pa.date32(),
    "valid_from": pa.date32(), "geometry": pa.binary(),
}  # fmt: skip

#: Problems that only the register itself can tell.
WHY: Mapping[str, tuple[str, Text]] = {
    "unknown_number": (
        "number",
        Text("登记簿没有这个编号；新地名请留空", "the register has no such number; leave it empty for a new name"),
    ),
    "ended": ("name", Text("该地名的有效期已结束，不能再改", "this name's validity has ended; it can no longer change")),
    "no_document": (
        "name",
        Text(
            "名称、类别、状态或所在政区有变：须用 --document 和 --on 给出批准文件（条例第四条）",
            "the name, category, standing or unit changes: give the document it rests on with --document and --on (regulation, art. 4)",
        ),
    ),
    "too_early": (
        "approved_on",
        Text("文件日期早于现有记录的生效日期，请核对 --on", "the document's date is before the present record begins; check --on"),
    ),
    "code_taken": ("code", Text("该代码已属另一标准地名", "another standard name has this code")),
    "protected": (
        "name",
        Text(
            "该行变更或取代地名保护名录内的地名，一般不得更名、销名（条例第十条、第二十五条）；确需变更的，先落实保护措施，凭文件将其撤出名录，再导入",
            "this row renames, ends or replaces a name on a protection list, which is generally not changed (regulation, "
            "art. 10 and 25); if it must be, take the protection measures first, withdraw it from the list by a document, "
            "then import again",
        ),
    ),
}  # fmt: skip

#: Above so many changed names the search is brought in step as a whole.
MANY = 20_000


@dataclass
class Imported:
    """What an import did (or, dry, would do). numbers: of new and changed names."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    renamed: int = 0
    other_names: int = 0
    uncertain: int = 0
    spelled_otherwise: int = 0
    mapping_remembered: bool = False
    problems: list[RowProblem] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {
            "rows": self.rows, "new": self.new, "changed": self.changed, "unchanged": self.unchanged, "refused": self.refused,
            "renamed": self.renamed, "other_names": self.other_names, "uncertain_readings": self.uncertain,
            "spelled_otherwise": self.spelled_otherwise,
        }  # fmt: skip


@cache
def statements(path: Path = Path(__file__).with_suffix(".sql")) -> Mapping[str, str]:
    """The named statements of a .sql file."""
    whole = path.read_text(encoding="utf-8").replace("/*protected*/", PROTECTED)
    parts = re.split(r"^-- name: (\w+)$", whole, flags=re.M)
    return {
        name: re.sub(r"^--.*$", "", body, flags=re.M).strip()
        for name, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def known_units(session: Session) -> Known:
    """Units of the database and of the lists that come with the system, of all times."""
    rows = session.execute(
        select(AdminUnit.code, AdminUnit.statistical, AdminUnit.name, AdminUnit.level).distinct()
    ).all()
    pairs = [(r.code, r.name) for r in rows] + [
        (r.statistical[:9], r.name) for r in rows if r.statistical and r.level == "township"
    ]
    lists = unit_lists()
    if len(lists):
        pairs += [(c, n) for c, n in zip(lists["code"], lists["name"], strict=True) if c]
        pairs += [(str(c)[:9], n) for c, n in zip(lists["statistical"], lists["name"], strict=True) if c]
    pairs += [(code, name) for name, codes in divisions().items() for code in codes]
    counties = {code[:6] for code, _ in pairs if len(code) >= 6}
    townships: dict[str, set[str]] = {}
    names: dict[str, set[str]] = {}
    for code, name in pairs:
        if len(code) == 9 and not code.endswith("000"):
            townships.setdefault(code[:6], set()).add(code)
        short = code[:6] if len(code) == 9 and code.endswith("000") else code
        names.setdefault(name, set()).add(short)
    return Known(
        frozenset(counties),
        {k: frozenset(v) for k, v in townships.items()},
        {k: frozenset(v) for k, v in names.items()},
    )


def load(
    session: Session,
    records: Iterable[pa.RecordBatch],
    mapping: Mapping[str, str],
    batch: Batch,
    *,
    actor_id: int,
    reason: str,
    progress: Callable[[int], None] = lambda rows: None,
    known: Known | None = None,
    searched: bool = True,
) -> Imported:
    """Bring rows into the register, within the caller's transaction.

    records: as geo.reading.name_table sends them. batch: what the file rests on. searched: bring the search in
    step too. The same file twice changes nothing: an empty cell says nothing, and what is as the register has it
    stays untouched.
    """
    settled = naming_words.settled(session)
    checker = Checker(mapping, batch, known or known_units(session), settled)
    done = Imported()
    session.flush()
    moment = session.scalar(select(func.clock_timestamp()))
    assert moment is not None
    session.execute(text(statements()["make"]))
    values = {
        "primary": [s.value for s in PRIMARY], "document": batch.document or "", "source": batch.source or "", "on": batch.on,
        "today": as_of(), "moment": moment, "reason": reason, "actor": actor_id,
    }  # fmt: skip
    changed: list[int] = []
    with ThreadPoolExecutor(1, thread_name_prefix="register") as database:
        waiting: Future[None] | None = None
        for record in records:
            checked = checker.check(record)
            # Here, and not beside the checking of the next stretch, which would wait for it and it for that.
            encoded = encode(checked.rows)
            if waiting is not None:
                waiting.result()
                progress(done.rows)
            done.rows += record.num_rows
            _count(done, checked)
            waiting = database.submit(_take, session, encoded, values, done, changed, dict(mapping))
        if waiting is not None:
            waiting.result()
    if searched:
        follow(session, changed, moment)
    progress(done.rows)
    return done


def _count(done: Imported, checked: Checked) -> None:
    done.problems += checked.problems
    done.refused += checked.refused
    done.uncertain += checked.uncertain
    done.spelled_otherwise += checked.spelled_otherwise


def follow(session: Session, changed: Sequence[int], moment: datetime) -> None:
    """Bring the search in step with what was written at a moment."""
    fresh = session.scalars(
        text("select distinct number from place_name where lower(recorded) = :moment limit :many"),
        {"moment": moment, "many": MANY + 1},
    ).all()
    if len(fresh) > MANY:
        search_forms.rebuild(session)
    else:
        search_forms.refresh(session, {*fresh, *changed})


def _take(
    session: Session,
    encoded: memoryview,
    values: Mapping[str, Any],
    done: Imported,
    changed: list[int],
    mapping: Mapping[str, str],
) -> None:
    """One stretch: copied, matched, entered."""
    if not len(encoded):
        return
    session.execute(text(statements()["empty"]))
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    copy_rows(connection, sql.Identifier("staged"), STAGED, iter([encoded]))

    def run(name: str) -> Any:
        sentence = statements()[name]
        wanted = {k: v for k, v in values.items() if re.search(rf":{k}\b", sentence)}
        return session.execute(text(sentence), wanted)

    run("analyze")
    run("match_number")
    run("match_code")
    run("match_name")
    run("in_force")
    run("join_place")
    run("differences")
    for row, name, code, parent, why in run("refused").all():
        if parent is None:
            ours, sentence = WHY[why]
            done.problems.append(RowProblem(row, mapping.get(ours, ""), code or name, sentence, why))
            done.refused += 1
    # A settled reading of the very name goes on where only its category changes.
    for row, name, category, readings in run("read_settled").all():
        spelled = romanize(name, Category(category), Settled(by_text={name: tuple(readings)}))
        session.execute(text(statements()["spell"]), {"row": row, "spelled": spelled.romanization})
    run("places")
    run("enter_places")
    run("beside")
    run("beside_place")
    new, beside, same = session.execute(
        text(
            "select count(*) filter (where found is null and parent is null),"
            " count(*) filter (where found is null and parent is not null),"
            " count(*) filter (where found is not null and not coalesce(differs, false) and parent is null) from staged"
        )
    ).one()
    done.new, done.other_names, done.unchanged = (
        done.new + new,
        done.other_names + beside,
        done.unchanged + same,
    )
    if new + beside:
        run("insert_new")
    done.renamed += len(run("former").all())
    run("moved")
    numbers = run("supersede").scalars().all()
    done.changed += len(numbers)
    changed += numbers


def encode(rows: Mapping[str, Sequence[Any]]) -> memoryview:
    """Checked rows as the temporary table's binary COPY takes them; empty where there are none."""
    if not rows["row"]:
        return memoryview(b"")
    encoded = []
    for name in STAGED:
        array = pa.array(rows[name], TYPES.get(name, pa.string()))
        encoded.append(geometry_column(array) if name == "geometry" else column(array)[1])
    return rows_of(encoded, len(rows["row"]))
