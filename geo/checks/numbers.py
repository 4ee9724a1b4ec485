"""Numbers of markers (界桩号) taken apart: line, serial and type, after the district's pattern."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from geo.checks import values
from geo.checks.derived import per_scene
from geo.checks.scene import Scene
from geo.settings import DistrictSettings
from geo.terms import MarkerKind

#: Line code + serial + type letter (product.md §2), where no district is configured.
PATTERN = r"^(?P<line>\d{9}-\d{9}(?:-\d+)?)(?P<serial>\d{3})(?P<kind>[QABCDE])$"


@dataclass(frozen=True, slots=True)
class Number:
    """A marker's number: as normalised, and its parts where it has the configured form."""

    text: str | None
    line: str | None = None
    serial: int | None = None
    kind: MarkerKind | None = None

    @property
    def fits(self) -> bool:
        return self.serial is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def parse(value: Any, district: DistrictSettings | None) -> Number:
    """The number in a field. The pattern is a setting: DB50/T 1621-2024 was not seen."""
    plain = values.code(value)
    if plain is None:
        return Number(None)
    match = _compiled(district.marker_pattern if district else PATTERN).match(plain)
    if match is None:
        return Number(plain)
    parts = match.groupdict()
    serial, letter = parts.get("serial"), parts.get("kind")
    return Number(
        plain,
        values.code(parts.get("line")),
        int(serial) if serial else None,
        MarkerKind(letter) if letter else None,
    )


@per_scene
def marker_table(scene: Scene) -> pd.DataFrame:
    """The scene's markers with their numbers taken apart; index as scene.markers.

    Columns: number (normalised text or None), line (of the field, else of the number), serial (float,
    NaN where unknown), kind (MarkerKind value; of the field, else of the number; single where neither
    says anything, empty for a twin or triple without its letter), fits.
    """
    rows = []
    frame = scene.markers
    for raw_number, raw_line, raw_kind in zip(frame["number"], frame["line"], frame["kind"], strict=True):
        parsed = parse(raw_number, scene.district)
        letter = _letter(raw_kind, parsed.kind)
        line = values.code(raw_line) or parsed.line
        rows.append((parsed.text, line, parsed.serial, letter, parsed.fits))
    table = pd.DataFrame(rows, columns=["number", "line", "serial", "kind", "fits"], index=frame.index)
    return table.astype({"number": object, "line": object, "serial": float, "kind": object, "fits": bool})


def _letter(raw_kind: Any, of_number: MarkerKind | None) -> str:
    kind = values.kind(raw_kind)
    if kind is not None:
        return kind.value
    several = re.search(r"双|三|twin|triple|double", (values.text(raw_kind) or "").lower())
    if several and of_number in (None, MarkerKind.SINGLE):
        return ""
    return (of_number or MarkerKind.SINGLE).value
