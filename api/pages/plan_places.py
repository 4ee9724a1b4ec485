"""地名方案的位置: names of a plan with their places, as lines of a table that was pasted, or as the map's form has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import shapely
from starlette.datastructures import FormData

from api.pages.drawing_form import shape_of
from geo.problems import BadInput
from geo.text import Text

#: A pair of degrees, as a table or a person writes it.
_PAIR = r"-?\d{1,3}(?:\.\d+)?[\s,，、]+-?\d{1,3}(?:\.\d+)?"
#: A name, then one pair (a point) or several (a line), parted by semicolons.
_LINE = re.compile(rf"(?P<name>.*?\S)[\s,，:：]+(?P<at>{_PAIR}(?:\s*[;；]\s*{_PAIR})*)\s*[;；]?")
#: The heading of a table.
_HEAD = re.compile(r"\s*(名称|地名|拟用名称|name)\s*[\s,，].*", re.IGNORECASE)


class BadPlace(BadInput):
    """The place of one of the names cannot be read."""

    code = "bad-place"
    title = Text("“{name}”：{why}", "“{name}”: {why}")


def named_lines(text: str) -> list[tuple[str, shapely.Geometry | None]]:
    """Names of lines, each with its place where the line has one: 「云溪一路 106.62, 29.71」, or columns pasted from a
    table; several pairs, parted by semicolons, are a line. A heading is left out. Raises BadPlace."""
    found = []
    for number, line in enumerate(text.splitlines()):
        if not line.strip() or (number == 0 and _HEAD.fullmatch(line)):
            continue
        said = _LINE.fullmatch(line.strip())
        if said is None:
            found.append((line.strip(), None))
            continue
        name, at = said["name"].strip(" \t,，:："), said["at"].replace("；", ";")
        found.append((name, _read(name, "", at)))
    return found


def placed(form: FormData, names: Mapping[str, tuple[str, Any]]) -> dict[str, shapely.Geometry | None]:
    """The places of the names whose fields the form has, by ref. names: by ref, each with the shape that it has.
    Raises BadPlace."""
    found: dict[str, shapely.Geometry | None] = {}
    for ref, (name, kept) in names.items():
        if f"coordinates:{ref}" not in form:
            continue
        kind, text = str(form.get(f"shape:{ref}") or ""), str(form.get(f"coordinates:{ref}") or "")
        found[ref] = _read(name, kind, text, None if kept is None else shapely.geometry.shape(kept))
    return found


def _read(name: str, kind: str, text: str, kept: shapely.Geometry | None = None) -> shapely.Geometry | None:
    try:
        return shape_of(kind, text, kept)
    except BadInput as problem:
        raise BadPlace(name=name[:60], why=problem.text) from None
