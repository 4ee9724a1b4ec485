"""文书制作: the files of a case's document, made once from what was written down at its step.

A worker that is killed leaves the document without files and its job to the next worker; a second worker that comes to
the same document finds it locked, or made: one outcome whatever happens.
"""

from __future__ import annotations

import tempfile
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from sqlalchemy.orm import Session, sessionmaker

from api.worker.attached_map import attached
from geo.store import approvals, audit, files
from geo.store.tables import CaseDocument
from maps.documents.facts import Facts
from maps.documents.kinds import MEDIA_TYPES, Form, Kind
from maps.documents.make import make

FORMS: tuple[Form, ...] = ("pdf", "docx")


def make_document(sessions: sessionmaker[Session], document_id: int) -> bool:
    """Make the files of a document and keep them; whether this call did. Nothing is kept where it fails."""
    with sessions.begin() as session:
        row = approvals.document_to_make(session, document_id)
        if row is None:
            return False
        kind, said = Kind(row.kind), facts_of(row)
        said = replace(said, sheet=attached(session, row, said))
        kept = {form: _keep(session, make(kind, said, form), MEDIA_TYPES[form]) for form in FORMS}
        row.pdf_sha256, row.docx_sha256 = kept["pdf"], kept["docx"]
        session.flush()
        audit.append(
            session, actor=None, act="document.make", subject_kind="document", subject=str(row.id),
            reason=f"制作{kind.title.zh} {row.number}", after=kept,
        )  # fmt: skip
    return True


def facts_of(row: CaseDocument) -> Facts:
    """What a document says, as its class of facts."""
    given = {**row.facts, "number": row.number, "on": row.dated.isoformat(), "demo": row.demo}
    made = _read(Kind(row.kind).facts, given)
    assert isinstance(made, Facts)
    return made


def _keep(session: Session, content: bytes, media_type: str) -> str:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return files.keep(session, Path(file.name), media_type).sha256


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _read(wanted: Any, value: Any) -> Any:
    """A JSON value as what a field wants: dates from ISO texts, tuples from lists, classes from objects. What the
    class does not know is left out; null leaves the field's own default."""
    origin = get_origin(wanted)
    if origin in (Union, types.UnionType):
        return (
            None if value is None else _read(next(a for a in get_args(wanted) if a is not type(None)), value)
        )
    if origin is tuple:
        return tuple(_read(get_args(wanted)[0], item) for item in value)
    if value is None or not isinstance(wanted, type):
        return value
    if is_dataclass(wanted):
        known = {f.name: f for f in fields(wanted)}
        given = {}
        for key, item in value.items():
            bare = item is None and key in known and known[key].default is not MISSING
            if key in known and not bare:
                given[key] = _read(_hints(wanted)[key], item)
        return wanted(**given)
    if issubclass(wanted, datetime | date):
        return wanted.fromisoformat(value)
    return wanted(value) if issubclass(wanted, Enum) else value
