"""Forms: fields read from what a browser posted, with refusals that name the field."""

from __future__ import annotations

from datetime import date

from starlette.datastructures import FormData

from geo.problems import BadInput
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
