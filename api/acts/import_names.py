"""地名批量导入: a file of names into the register, by the registrar, resting on one document."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
from sqlalchemy.orm import Session

from api.security.person import Person
from geo.names.register import mapped
from geo.names.register_rows import Batch
from geo.problems import BadInput, NotAllowed, Unavailable
from geo.reading import apart
from geo.reading.layers import ReadOptions
from geo.reading.name_table import Ask
from geo.reading.read import sha256
from geo.settings import Limits, district
from geo.store import audit, name_import
from geo.store.name_import import Imported
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

    A dry run is this, rolled back by the door. Raises NotAllowed, DocumentUndated, NoNameColumn, BadMapping.
    """
    if not actor.holds(*REGISTRARS):
        raise NotAllowed()
    batch = batch or Batch()
    if batch.document and batch.on is None:
        raise DocumentUndated()
    mapping = mapped(table.headings, chosen)
    reason = f"批量导入：{file}" + (f"（{batch.document}）" if batch.document else "")
    done = name_import.load(
        session, table.records(), mapping, batch, actor_id=actor.id, reason=reason[:500], progress=progress
    )
    audit.append(
        session, actor=actor, act="import", subject_kind="place_name", subject=table.sha256, reason=reason[:500],
        after={
            "file": file, "sha256": table.sha256, "mapping": mapping, "document": batch.document,
            "on": None if batch.on is None else batch.on.isoformat(), "source": batch.source, **done.counts(),
        },
    )  # fmt: skip
    return done, mapping
