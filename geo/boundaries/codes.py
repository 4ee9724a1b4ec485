"""Codes and names of lines (界线代码、名称) and markers (界桩编号)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from geo.problems import BadInput
from geo.terms import MarkerKind
from geo.text import Text

LINE = re.compile(r"(?P<a>\d{6}|\d{9})-(?P<b>\d{6}|\d{9})(?:-(?P<part>[2-9]|[1-9]\d+))?")
MARKER = re.compile(
    r"(?P<line>(?:\d{6}|\d{9})-(?:\d{6}|\d{9})(?:-(?:[2-9]|[1-9]\d+))?)(?P<serial>\d{3})(?P<kind>[QABCDE])"
)

#: What a township's name loses inside a line's name: 兴隆镇 and 茨竹镇 give 兴隆—茨竹线.
SUFFIXES = ("街道办事处", "街道", "民族乡", "镇", "乡", "区", "县", "市")


class BadLineCode(BadInput):
    """A line code that is not one."""

    code = "bad-line-code"
    title = Text(
        "界线代码“{code}”不合规则，应为两侧行政区代码由小到大以“-”相连，如 500112138-500112140",
        "“{code}” is no line code: it is the two units' codes, the smaller first, joined by “-”, "
        "such as 500112138-500112140",
    )


@dataclass(frozen=True, slots=True)
class LineCode:
    """界线代码 in its parts. part: 1, or 2 and up where a pair of units has several lines."""

    first: str
    second: str
    part: int = 1

    def __str__(self) -> str:
        return f"{self.first}-{self.second}" + ("" if self.part == 1 else f"-{self.part}")


def line_code(a: str, b: str, part: int = 1) -> str:
    """The code of the line between two units, the smaller code first.

    a, b: unit codes of 6 or 9 digits. Raises BadLineCode where they are equal or no codes.
    """
    code = LineCode(min(a, b), max(a, b), part)
    parse_line(str(code))
    return str(code)


def parse_line(code: str) -> LineCode:
    """The parts of a line code. Raises BadLineCode."""
    match = LINE.fullmatch(code.strip())
    if match is None or match["a"] >= match["b"]:
        raise BadLineCode(code=code)
    return LineCode(match["a"], match["b"], int(match["part"] or 1))


def tidy_line(code: str) -> str | None:
    """A line code as people write it, in its one form: other dashes, blanks, the larger unit first.
    None where it is no line code."""
    plain = re.sub(r"\s", "", code)
    plain = re.sub(r"[\u2010-\u2015\u2212\uff0d_~\uff5e]", "-", plain)
    match = LINE.fullmatch(plain)
    if match is None or match["a"] == match["b"]:
        return None
    return str(LineCode(min(match["a"], match["b"]), max(match["a"], match["b"]), int(match["part"] or 1)))


def line_name(a: str, b: str) -> str:
    """界线名称 of two units: 兴隆镇, 茨竹镇 -> 兴隆—茨竹线."""
    return f"{short(a)}—{short(b)}线"


def short(name: str) -> str:
    """A unit's name without its kind; unchanged where nothing of two characters would be left."""
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)]
    return name


@dataclass(frozen=True, slots=True)
class MarkerNumber:
    """界桩编号 in its parts: line code, serial (1 to 999), kind."""

    line: str
    serial: int
    kind: MarkerKind

    def __str__(self) -> str:
        return f"{self.line}{self.serial:03d}{self.kind.value}"


def parse_marker(number: str) -> MarkerNumber | None:
    """The parts of a marker number; None where it is not of the system's own form."""
    match = MARKER.fullmatch(number.strip().upper())
    if match is None or int(match["serial"]) == 0:
        return None
    return MarkerNumber(match["line"], int(match["serial"]), MarkerKind(match["kind"]))


def tripoint_number(a: str, b: str, c: str) -> str:
    """The number of the point where three units meet, where the file gives none: their codes in order."""
    return "-".join(sorted((a, b, c)))
