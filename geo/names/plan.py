"""A naming plan (地名方案): rows of a table judged against their own existing names and against each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import shapely

from geo.crs.geodesic import length_m
from geo.names.categories import Category, category_named
from geo.names.rules.proposal import Existing, Facts, Proposal, Scope, existing_names
from geo.names.similar import keys
from geo.problems import BadInput
from geo.text import Text

_UNIT = re.compile(r"\d{6}(\d{3}(\d{3})?)?")
_NUMBERS = ("width_m", "area_m2", "green_ratio")


class BadRow(BadInput):
    code = "bad-row"
    title = Text("第 {0} 行：{1}", "Row {0}: {1}")


NO_CATEGORY = Text("没有类别“{0}”，可用：{1}", "there is no category “{0}”; use one of: {1}")
NO_UNIT = Text("unit 应为 6、9 或 12 位代码，而不是“{0}”", "unit is a code of 6, 9 or 12 digits, not “{0}”")
NO_NUMBER = Text("{0} 应为数字，而不是“{1}”", "{0} is a number, not “{1}”")
NO_PLACE = Text(
    "坐标 {0},{1} 不在中国范围内，请核对经纬度是否颠倒",
    "{0},{1} lies outside China; see whether longitude and latitude are swapped",
)
NO_PREFIX = Text("existing 中的前缀“[{0}]”无法识别", "the prefix “[{0}]” in existing is unknown")


def proposal_of(row: Mapping[str, str | None], number: int) -> tuple[Proposal, tuple[Existing, ...]]:
    """A row as a proposal with its existing names. Raises BadRow on what cannot be understood."""
    word = (row.get("category") or "").strip()
    try:
        category = category_named(word)
    except ValueError:
        raise BadRow(number, NO_CATEGORY.fill(word, "、".join(Category))) from None
    unit = (row.get("unit") or "").strip() or None
    if unit and not _UNIT.fullmatch(unit):
        raise BadRow(number, NO_UNIT.fill(unit))
    numbers: dict[str, float] = {}
    for key in ("lon", "lat", *_NUMBERS):
        text = (row.get(key) or "").strip()
        if text:
            try:
                numbers[key] = float(text)
            except ValueError:
                raise BadRow(number, NO_NUMBER.fill(key, text)) from None
    lon, lat = numbers.pop("lon", None), numbers.pop("lat", None)
    if (lon is not None or lat is not None) and not (
        lon is not None and lat is not None and 73 <= lon <= 136 and 3 <= lat <= 54
    ):
        raise BadRow(number, NO_PLACE.fill(lon, lat))
    kind = category or Category.OTHER
    try:
        existing = existing_names(row.get("existing") or "", kind)
    except ValueError as error:
        raise BadRow(number, NO_PREFIX.fill(error.args[0])) from None
    # NFC alone: full-width letters and blanks inside are the characters rule's to report.
    name = (row.get("name") or "").strip()
    proposal = Proposal(
        name,
        kind,
        unit,
        lon,
        lat,
        (row.get("replaces") or "").strip() or None,
        False,
        numbers,
        category is not None,
    )
    return proposal, existing


def common(a: str | None, b: str | None) -> tuple[Scope | None, Scope | None]:
    """(shares, apart) of two units by their codes; (None, None) where one is unknown."""
    if not a or not b:
        return None, None
    if a[:2] != b[:2]:
        return Scope.NATION, Scope.PROVINCE
    if a[:6] != b[:6]:
        return Scope.PROVINCE, Scope.COUNTY
    if len(a) >= 9 and len(b) >= 9:
        # One county may hold several built-up areas, or one that spans townships: taken as one.
        return (Scope.TOWNSHIP, None) if a[:9] == b[:9] else (None, Scope.TOWNSHIP)
    return None, None


def facts_of(
    rows: Iterable[tuple[Proposal, tuple[Existing, ...]]], base: Facts, *, complete: bool
) -> Iterator[tuple[Proposal, Facts]]:
    """Each proposal with its facts: its own existing names and the other rows that are alike in any way."""
    table = list(rows)
    index: dict[str, list[int]] = {}
    own = [
        keys(p.name, p.category, base.settled, p.unit) if 0 < len(p.name) <= 60 else frozenset()
        for p, _ in table
    ]
    for i, found in enumerate(own):
        for key in found:
            index.setdefault(key, []).append(i)
    for i, (proposal, existing) in enumerate(table):
        near = sorted({j for key in own[i] for j in index[key]} - {i})
        others = tuple(_as_existing(proposal, table[j][0]) for j in near)
        yield proposal, replace(base, existing=(*existing, *others), register_complete=complete)


def _as_existing(proposal: Proposal, other: Proposal) -> Existing:
    shares, apart = common(proposal.unit, other.unit)
    distance = None
    ends = [(p.lon, p.lat) for p in (proposal, other) if p.lon is not None and p.lat is not None]
    if len(ends) == 2:
        distance = round(length_m(shapely.LineString(ends)), 1)
    return Existing(other.name, other.category, shares, apart, other.unit, distance)
