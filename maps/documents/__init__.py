"""Documents (公文、文书) of a place-name application: facts in, PDF or docx out. Same facts, same bytes."""

from maps.documents.kinds import MEDIA_TYPES, Form, Kind
from maps.documents.make import make

__all__ = ["MEDIA_TYPES", "Form", "Kind", "make"]
