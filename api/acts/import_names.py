"""地名批量导入: a file of names into the register, by the registrar, resting on one document."""

from __future__ import annotations

import csv
import re
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import pyarrow as pa
from sqlalchemy.orm import Session, sessionmaker

from api.security.person import Person
from api.security.sessions import person_of
from geo.names.categories import category_named
from geo.names.register import mapped
from geo.names.register_cells import status_of, text_of
from geo.names.register_rows import Batch
from geo.problems import BadInput, NotAllowed, NotFound, Problem, Unavailable
from geo.reading import apart
from geo.reading.layers import ReadOptions
from geo.reading.name_table import Ask
from geo.reading.read import sha256
from geo.reading.rows import BadCell, date_of, report, shown
from geo.settings import Limits, district
from geo.store import audit, engine, files, name_import, name_mappings, queue
from geo.store.name_import import Imported
from geo.store.tables import NameImport, User
from geo.terms import Profile, UserRole
from geo.text import Text

REGISTRARS = (UserRole.REGISTRAR, UserRole.ADMINISTRATOR)


class NotRead(BadInput):
    """A file that holds no table of names that can be read."""

    code = "names-not-read"
    title = Text("文件无法读取：{why}", "The file cannot be read: {why}")


class TooBig(Unavailable):
    """Reading took more than it may."""

    code = "names-too-big"
    title = Text(
        "文件超出读取的限额（{what}）；请分成几个文件，或由管理员提高 YUDI_LIMIT_… 设置",
        "Reading the file takes more than it may ({what}); split it, or have the administrator raise the YUDI_LIMIT_… settings",
    )


class DocumentUndated(BadInput):
    """A document without its date."""

    code = "document-undated"
    title = Text(
        "给出批准文件时须同时给出文件日期（--on），它是变更的生效日期",
        "A document needs its date (--on): changes are in force from that day",
    )


@dataclass
class Table:
    """What a file turned out to hold. rows: the Arrow stream, to be closed by who asked."""

    found: dict[str, Any]
    sha256: str
    rows: BinaryIO

    @property
    def headings(self) -> list[str]:
        return list(self.found["headings"])

    def __enter__(self) -> Table:
        return self

    def __exit__(self, *of: object) -> None:
        self.rows.close()

    def records(self) -> pa.RecordBatchStreamReader:
        self.rows.seek(0)
        return pa.ipc.open_stream(self.rows)


def read(
    path: Path,
    file: str,
    *,
    encoding: str | None = None,
    crs: int | None = None,
    sheet: str | None = None,
    limits: Limits | None = None,
) -> Table:
    """Read a file in the limited process. Raises NotRead, TooBig."""
    spool = tempfile.TemporaryFile(prefix="yudi-names-")  # noqa: SIM115 (closed by who gets the table)
    try:
        outcome = apart.run(
            path, file, ReadOptions(profile=Profile.GENERIC, encoding=encoding, crs=crs), limits or Limits.from_environment(),
            Ask(district(), sheet), features=True, progress=lambda step, share: None, spool=spool,
        )  # fmt: skip
        if outcome.report is None:
            if outcome.failure == "crash":
                raise NotRead(
                    why=Text("文件损坏，读取程序中止", "it is broken and ended the reading process")
                )
            raise TooBig(what=outcome.failure)
        if outcome.report["problems"]:
            first = outcome.report["problems"][0]
            raise NotRead(why=Text(first["zh"], first["en"]))
        if not outcome.report.get("headings"):
            raise NotRead(why=Text("没有表头和数据", "it has no header and no rows"))
        return Table(outcome.report, sha256(path), spool)
    except BaseException:
        spool.close()
        raise


def bring_in(
    session: Session,
    actor: Person,
    table: Table,
    *,
    file: str,
    chosen: Mapping[str, str] | None = None,
    batch: Batch | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> tuple[Imported, dict[str, str]]:
    """Bring a table's rows into the register; what it did, and the mapping it used. One audit event.

    chosen: the mapping that the person set, kept for the organisation's next file of the same headings; without one
    the kept one counts. A dry run is this, rolled back by the door. Raises NotAllowed, DocumentUndated, NoNameColumn, BadMapping.
    """
    if not actor.holds(*REGISTRARS):
        raise NotAllowed()
    batch = batch or Batch()
    if batch.document and batch.on is None:
        raise DocumentUndated()
    kept = None if chosen else name_mappings.remembered(session, actor.organisation_id, table.headings)
    mapping = mapped(table.headings, chosen or kept)
    reason = f"批量导入：{file}" + (f"（{batch.document}）" if batch.document else "")
    done = name_import.load(
        session, table.records(), mapping, batch, actor_id=actor.id, reason=reason[:500], progress=progress
    )
    done.mapping_remembered = kept is not None
    if chosen:
        name_mappings.remember(
            session,
            organisation_id=actor.organisation_id,
            headings=table.headings,
            mapping=mapping,
            set_by=actor.id,
        )
    audit.append(
        session, actor=actor, act="import", subject_kind="place_name", subject=table.sha256, reason=reason[:500],
        after={
            "file": file, "sha256": table.sha256, "mapping": mapping, "document": batch.document,
            "on": None if batch.on is None else batch.on.isoformat(), "source": batch.source, **done.counts(),
        },
    )  # fmt: skip
    return done, mapping


#: The queue's task that runs an import, and how often it is begun before it is given up.
TASK, MOST_ATTEMPTS = "import_names", 3
#: Bad rows that an answer carries; all of them stand in the report.
SHOWN = 200
OPTIONS = ("document", "on", "source", "status", "category", "unit", "sheet", "encoding", "crs")


class NoSuchImport(NotFound):
    """No import has this id."""

    code = "no-such-import"
    title = Text("没有这次导入", "There is no such import")


class BadOption(BadInput):
    """An option of an import that cannot be understood."""

    code = "bad-import-option"
    title = Text("“{field}”的值“{value}”无法识别：{why}", "“{value}” cannot be taken for “{field}”: {why}")


class Broke(Problem):
    """An import ended by a mistake of ours, or of the machine's."""

    code = "import-broke"
    title = Text(
        "导入中断，没有写入任何数据；请再试一次，仍不成功请联系管理员",
        "The import was interrupted and nothing was written; try again, then ask the administrator",
    )


NO_CATEGORY = Text("不是地名类别", "it is no category")
NO_UNIT = Text("应为 6、9 或 12 位代码", "it is a code of 6, 9 or 12 digits")
NO_EPSG = Text("应为 EPSG 代码", "it is an EPSG code")
NO_MAPPING = Text("应为 {项目: 列名}", "it is an object of column names")


def batch_of(options: Mapping[str, Any]) -> Batch:
    """The batch that options speak of. Raises BadOption, DocumentUndated."""

    def given(field: str, read: Callable[[str], Any], value: object) -> Any:
        try:
            return read(str(value).strip()) if value not in (None, "") else None
        except BadCell as error:
            raise BadOption(field=field, value=str(value)[:60], why=error.text) from None
        except ValueError:
            raise BadOption(field=field, value=str(value)[:60], why=NO_CATEGORY) from None

    def unit(value: str) -> str:
        if not re.fullmatch(r"\d{6}(\d{3}(\d{3})?)?", value):
            raise BadCell(NO_UNIT)
        return value

    batch = Batch(
        document=given("document", text_of, options.get("document")), on=given("on", date_of, options.get("on")),
        source=given("source", text_of, options.get("source")), status=given("status", status_of, options.get("status")),
        category=given("category", category_named, options.get("category")), unit=given("unit", unit, options.get("unit")),
    )  # fmt: skip
    if batch.document and batch.on is None:
        raise DocumentUndated()
    crs, mapping = options.get("crs"), options.get("mapping") or {}
    if crs not in (None, "") and not re.fullmatch(r"\d{4,6}", str(crs)):
        raise BadOption(field="crs", value=str(crs)[:60], why=NO_EPSG)
    if not isinstance(mapping, Mapping) or not all(isinstance(v, str) for v in mapping.values()):
        raise BadOption(field="mapping", value=str(mapping)[:60], why=NO_MAPPING)
    return batch


def request(
    session: Session, actor: Person, *, filename: str, path: Path, options: Mapping[str, Any], dry_run: bool
) -> NameImport:
    """申请导入: keep the file and put its import into the queue. Raises NotAllowed, BadOption, DocumentUndated."""
    if not actor.holds(*REGISTRARS):
        raise NotAllowed()
    batch_of(options)
    kept = files.keep(session, path, "application/octet-stream")
    return _queued(session, actor, kept.sha256, filename, options, dry_run)


def again(
    session: Session, actor: Person, id: UUID, *, options: Mapping[str, Any], dry_run: bool
) -> NameImport:
    """再次导入: the same file with another mapping, or for good after the dry run. Raises as `request`."""
    if not actor.holds(*REGISTRARS):
        raise NotAllowed()
    before = find(session, id)
    merged = {**before.options, **options}
    if options.get("sheet") not in (None, "", read_sheet(before)) and not options.get("mapping"):
        # What was chosen for the columns of one sheet says nothing of another's.
        merged.pop("mapping", None)
    batch_of(merged)
    return _queued(session, actor, before.sha256, before.filename, merged, dry_run)


def read_sheet(row: NameImport) -> str | None:
    """The sheet, layer or table that an import read; None where it came to none."""
    return (row.result or {}).get("sheet")


def _queued(
    session: Session, actor: Person, sha: str, filename: str, options: Mapping[str, Any], dry_run: bool
) -> NameImport:
    kept = {k: options[k] for k in (*OPTIONS, "mapping") if options.get(k) not in (None, "")}
    row = NameImport(
        sha256=sha,
        filename=filename,
        options=kept,
        dry_run=dry_run,
        made_by=actor.id,
        district=actor.district,
    )
    session.add(row)
    session.flush()
    queue.defer(
        session, TASK, queue=queue.INSPECTIONS, once=f"import {row.id}", lock="import names", id=str(row.id)
    )
    return row


def find(session: Session, id: UUID) -> NameImport:
    """Raises NoSuchImport."""
    row = session.get(NameImport, id, populate_existing=True)
    if row is None:
        raise NoSuchImport()
    return row


def run(sessions: sessionmaker[Session], id: UUID) -> None:
    """Do a queued import: read apart, bring in within one transaction, keep the report of bad rows.

    Begun again after an interruption it does the same once more. Raises what is worth another attempt.
    """
    with sessions.begin() as session:
        row = session.get(NameImport, id, with_for_update=True)
        if row is None or row.state not in ("received", "running"):
            return
        row.attempts += 1
        if row.attempts > MOST_ATTEMPTS:
            _failed(row, Broke())
            return
        row.state, row.done = "running", 0
        user = session.get(User, row.made_by)
        assert user is not None
        actor = person_of(user, row.district)
        work = (row.sha256, row.filename, dict(row.options), row.dry_run)
    try:
        _run(sessions, id, actor, *work)
    except Exception as error:
        if engine.problem_of(error) is not None:
            raise
        with sessions.begin() as session:
            _failed(find(session, id), error if isinstance(error, Problem) else Broke())
        if not isinstance(error, Problem):
            raise


def _failed(row: NameImport, problem: Problem) -> None:
    row.state, row.finished = "failed", datetime.now(UTC)
    row.problem = {"code": problem.code, "zh": problem.text.zh, "en": problem.text.en}


def _run(
    sessions: sessionmaker[Session],
    id: UUID,
    actor: Person,
    sha: str,
    filename: str,
    options: dict[str, Any],
    dry_run: bool,
) -> None:
    files.open_file(sha).close()
    crs = options.get("crs")
    table = read(
        files.place(sha), filename, encoding=options.get("encoding"), crs=int(crs) if crs else None, sheet=options.get("sheet")
    )  # fmt: skip
    with table.rows:
        with sessions.begin() as session:
            find(session, id).rows = table.found["rows"]
        last = 0.0

        def progress(rows: int) -> None:
            nonlocal last
            if time.monotonic() - last > 1.0:
                last = time.monotonic()
                with sessions.begin() as own:
                    find(own, id).done = rows

        with sessions() as session:
            done, mapping = bring_in(
                session,
                actor,
                table,
                file=filename,
                chosen=options.get("mapping"),
                batch=batch_of(options),
                progress=progress,
            )
            if dry_run:
                session.rollback()
            _finish(session, id, table, done, mapping)
            session.commit()


def _finish(session: Session, id: UUID, table: Table, done: Imported, mapping: dict[str, str]) -> None:
    row = find(session, id)
    problems = sorted(done.problems, key=lambda p: p.row)
    row.state, row.finished, row.done = "done", datetime.now(UTC), done.rows
    row.result = {
        **done.counts(), "mapping": mapping, "mapping_remembered": done.mapping_remembered, "headings": table.headings, "sheet": table.found["sheet"],
        "others": table.found["others"], "encoding": table.found["encoding"], "crs": table.found["crs"],
        "problems": [
            {
                "row": p.row, "column": p.column, "value": shown(p.value), "code": p.code,
                "problem": p.text.zh, "problem_en": p.text.en,
            }
            for p in problems[:SHOWN]
        ],
        "problems_in_all": len(problems),
    }  # fmt: skip
    if problems:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "report.csv"
            with path.open("w", encoding="utf-8-sig", newline="") as out:
                csv.writer(out).writerows(report(problems))
            row.report_sha256 = files.keep(session, path, "text/csv; charset=utf-8").sha256
