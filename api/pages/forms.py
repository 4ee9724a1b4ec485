"""Forms: fields read from what a browser posted, with refusals that name the field."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile

from starlette.datastructures import FormData, UploadFile

from api.intake import PIECE, Incoming, NoFile, room, safe_name
from api.security.limits import BodyTooLarge
from geo.problems import BadInput
from geo.store import files
from geo.text import Text


class NotConfirmed(BadInput):
    """The box that says that the papers were looked at is not ticked."""

    code = "not-confirmed"
    title = Text("请先核对并勾选确认", "Check, then tick the box that says so")


class BadField(BadInput):
    """A field of a form is not the number or date that it should be."""

    code = "bad-field"
    title = Text(
        "表单中的“{field}”无法读取，请重新填写", "“{field}” in the form cannot be read; fill it in again"
    )


def whole(form: FormData, field: str) -> int:
    """A whole number. Raises BadField."""
    try:
        return int(str(form.get(field) or ""))
    except ValueError as error:
        raise BadField(field=field) from error


def choice(form: FormData, field: str) -> bool | None:
    """Yes, no, or left to the system."""
    return {"yes": True, "no": False}.get(str(form.get(field) or ""))


def day(form: FormData, field: str) -> date | None:
    """A date, None where the field is empty. Raises BadField."""
    given = str(form.get(field) or "").strip()
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as error:
        raise BadField(field=field) from error


def sent(form: FormData, field: str = "file") -> UploadFile:
    """The file that was chosen. Raises NoFile."""
    given = form.get(field)
    if not isinstance(given, UploadFile) or not given.filename:
        raise NoFile()
    return given


@contextmanager
def received(file: UploadFile, *, limit: int | None = None) -> Iterator[Incoming]:
    """A posted file in the room of uploads, for as long as it is looked at.

    limit: bytes at most. Raises BodyTooLarge; a full disk is said plainly.
    """
    room().mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=room(), suffix=".part") as copy:
        digest, size = hashlib.sha256(), 0
        with files.said_plainly():
            while piece := file.file.read(PIECE):
                digest.update(piece)
                size += len(piece)
                if limit is not None and size > limit:
                    raise BodyTooLarge(megabytes=limit // 1024**2)
                copy.write(piece)
            copy.flush()
        yield Incoming(Path(copy.name), safe_name(file.filename or ""), size, digest.hexdigest(), {})
