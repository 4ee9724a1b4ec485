"""make: one document as bytes, for the record (PDF) or to edit (docx)."""

from __future__ import annotations

from maps.documents import facts as f
from maps.documents.kinds import Form, Kind


def make(kind: Kind, facts: f.Facts, form: Form = "pdf") -> bytes:
    """The document as a file. facts: of the class `kind.facts`. The same facts give the same bytes.

    Raises TypeError for facts of another kind; NoChineseFont (Unavailable) where a PDF has no face to be
    set in.
    """
    if not isinstance(facts, kind.facts):
        raise TypeError(f"{kind} is made of {kind.facts.__name__}, not {type(facts).__name__}")
    raise NotImplementedError
