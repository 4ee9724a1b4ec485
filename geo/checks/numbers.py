"""Numbers of markers (界桩号) taken apart: line, serial and type, after the district's pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from geo.checks import values
from geo.checks.derived import per_scene
from geo.checks.scene import Scene
from geo.settings import DistrictSettings
from geo.terms import MarkerKind

#: Line code + serial + type letter (docs/contract.md), where no district is configured.
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


@dataclass(frozen=True, slots=True)
class Marker:
    """One marker (界桩) of the upload, its number taken apart; row: position in scene.markers.

    line: of the field, else of the number. kind: of the field, else of the number; single where neither
    says anything, empty for a twin or triple without its letter. own: the number alone.
    """

    row: int
    number: str | None
    line: str | None
    serial: int | None
    kind: str
    own: Number


@per_scene
def markers(scene: Scene) -> tuple[Marker, ...]:
    """The upload's markers, in order of their rows."""
    frame = scene.markers
    found = []
    columns = (frame[name].tolist() for name in ("number", "line", "kind"))
    for row, (raw_number, raw_line, raw_kind) in enumerate(zip(*columns, strict=True)):
        own = parse(raw_number, scene.district)
        line = values.code(raw_line) or own.line
        found.append(Marker(row, own.text, line, own.serial, _letter(raw_kind, own.kind), own))
    return tuple(found)


Key = TypeVar("Key", bound=Hashable)


def grouped(found: Iterable[Marker], by: Callable[[Marker], Key]) -> Iterator[tuple[Key, list[Marker]]]:
    """Markers by a key, in order of the keys."""
    groups: dict[Key, list[Marker]] = {}
    for marker in found:
        groups.setdefault(by(marker), []).append(marker)
    yield from sorted(groups.items(), key=lambda item: str(item[0]))


def _letter(raw_kind: Any, of_number: MarkerKind | None) -> str:
    kind = values.kind(raw_kind)
    if kind is not None:
        return kind.value
    several = re.search(r"双|三|twin|triple|double", (values.text(raw_kind) or "").lower())
    if several and of_number in (None, MarkerKind.SINGLE):
        return ""
    return (of_number or MarkerKind.SINGLE).value
