"""make: one document as bytes, for the record (PDF) or to edit (docx)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from maps.documents import decisions, notices, press, records, word
from maps.documents import facts as f
from maps.documents.kinds import Form, Kind
from maps.documents.paper import Paper

#: How each document is worded.
COMPOSE: dict[Kind, Callable[[Any], Paper]] = {
    Kind.RECEIPT: notices.receipt,
    Kind.ACCEPTANCE: notices.acceptance,
    Kind.SUPPLEMENT: notices.supplement,
    Kind.NOT_ACCEPTED: notices.not_accepted,
    Kind.EXTENSION: notices.extension,
    Kind.APPROVAL: decisions.approval,
    Kind.REFUSAL: decisions.refusal,
    Kind.OPINION: decisions.opinion,
    Kind.FILING: records.filing,
    Kind.FILING_REPORT: records.filing_report,
    Kind.ANNOUNCEMENT: records.announcement,
}


def make(kind: Kind, facts: f.Facts, form: Form = "pdf") -> bytes:
    """The document as a file. facts: of the class `kind.facts`. The same facts give the same bytes.

    Raises TypeError for facts of another kind, ValueError for another form; NoChineseFont (Unavailable) where
    a PDF has no face to be set in.
    """
    paper = compose(kind, facts)
    if form == "pdf":
        return press.pdf(paper)
    if form == "docx":
        return word.docx(paper)
    raise ValueError(f"no such form: {form}")


def compose(kind: Kind, facts: f.Facts) -> Paper:
    """The document before it is set. Raises TypeError for facts of another kind."""
    if not isinstance(facts, kind.facts):
        raise TypeError(f"{kind} is made of {kind.facts.__name__}, not {type(facts).__name__}")
    return COMPOSE[kind](facts)
