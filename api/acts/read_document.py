"""取文书: a document of a case is read or downloaded; noted in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from api.acts.case_facts import case_for, is_officer
from api.security.person import Person
from geo.problems import Conflict, NotFound
from geo.store import audit
from geo.store.approvals_case import Case
from geo.text import Text

#: 文书 that the applicant's side gets; the others are between authorities.
OF_APPLICANT = frozenset(
    {
        "receipt",
        "acceptance",
        "supplement",
        "not_accepted",
        "extension",
        "approval",
        "refusal",
        "announcement",
    }
)
FORMS = {"pdf": "application/pdf", "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}  # fmt: skip


class NoSuchDocument(NotFound):
    """The case has no such document, or it is not this person's to read."""

    code = "no-such-document"
    title = Text("该申请没有这份文书", "The application has no such document")


class NotMade(Conflict):
    """The worker has not made the files yet."""

    code = "document-not-made"
    title = Text("文书正在生成，请稍候再下载", "The document is being made; try again in a moment")


def documents_for(person: Person, case: Case) -> list[Mapping[str, Any]]:
    """The documents of a case that a person may read."""
    return [d for d in case.documents if is_officer(person) or d["kind"] in OF_APPLICANT]


def read_document(session: Session, actor: Person, key: str, document_id: int, form: str) -> tuple[str, str]:
    """The digest of a document's file and a name for it. form: pdf or docx.

    Raises NoSuchApplication, NoSuchDocument, NotMade.
    """
    case = case_for(session, actor, key)
    found = next((d for d in documents_for(actor, case) if d["id"] == document_id), None)
    if found is None or form not in FORMS:
        raise NoSuchDocument()
    sha256 = found[form]
    if sha256 is None:
        raise NotMade()
    audit.append(
        session, actor=actor, act="read_document", subject_kind="application", subject=case.key, reason="下载文书",
        after={"document": found["number"], "form": form, "sha256": sha256},
    )  # fmt: skip
    return sha256, f"{found['number']}.{form}"
