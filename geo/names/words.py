"""Word lists (词表) of data/placenames: leaders, persons, foreign names, companies, famous features, inflated
and vulgar words. Each row has its severity, so that an administrator can demote it, and its source.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from geo.settings import DATA
from geo.terms import Severity

PLACE = DATA / "placenames"
KINDS = ("leaders", "persons", "foreign", "companies", "features", "inflated", "vulgar")


@dataclass(frozen=True, slots=True)
class Word:
    """One row. severity: what a name whose whole specific part is the word gets.

    anywhere: the word means nothing else, so it weighs the same inside a longer name.
    """

    text: str
    severity: Severity
    anywhere: bool
    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class Match:
    """A word found in a text, and how it stands there: whole, edge or inside. Where a text is nothing but words of
    the list one after another (中华第一), each of them stands whole."""

    word: Word
    start: int
    stands: str


class WordList:
    """Words indexed by their first character; never changed once built, so it may be shared.

    The CSV files are the seed. A store that lets an administrator edit the lists builds its own with `from_rows`
    and hands the whole in `Facts(words=lists_from(...))`; its version goes with the findings it makes.
    """

    def __init__(self, words: Iterable[Word]) -> None:
        self._index: dict[str, list[Word]] = {}
        for word in words:
            self._index.setdefault(word.text[0], []).append(word)
        for group in self._index.values():
            group.sort(key=lambda w: -len(w.text))

    def __iter__(self) -> Iterator[Word]:
        return (w for group in self._index.values() for w in group)

    def find(self, text: str) -> list[Match]:
        """The longest words of `text`, from left to right, without overlap."""
        found: list[Match] = []
        at = 0
        while at < len(text):
            word = next((w for w in self._index.get(text[at], ()) if text.startswith(w.text, at)), None)
            if word is None:
                at += 1
                continue
            end = at + len(word.text)
            stands = "whole" if word.text == text else "edge" if at == 0 or end == len(text) else "inside"
            found.append(Match(word, at, stands))
            at = end
        if len(found) > 1 and sum(len(m.word.text) for m in found) == len(text):
            found = [replace(match, stands="whole") for match in found]
        return found


def from_rows(rows: Iterable[Mapping[str, str]], name: str = "rows") -> WordList:
    """A list from rows of word, kind, severity (error, warning, info), match (whole, anywhere) and source,
    the columns of the CSV files. Raises ValueError on a row with an unknown severity or without word or source."""
    words = []
    for row in rows:
        if not row["word"] or not row["source"]:
            raise ValueError(f"{name}: a row lacks its word or source: {dict(row)}")
        words.append(
            Word(
                row["word"],
                Severity(row["severity"]),
                row["match"] == "anywhere",
                row["kind"],
                row["source"],
            )
        )
    return WordList(words)


def lists_from(rows: Iterable[Mapping[str, str]]) -> Mapping[str, WordList]:
    """All lists from the rows of a store, which carry a column `list` besides (one of KINDS).

    A kind without any row is an empty list: the administrator took every word away. Raises ValueError on an
    unknown list.
    """
    groups: dict[str, list[Mapping[str, str]]] = {kind: [] for kind in KINDS}
    for row in rows:
        if row["list"] not in groups:
            raise ValueError(f"no list {row['list']}; use one of {', '.join(KINDS)}")
        groups[row["list"]].append(row)
    return {kind: from_rows(group, kind) for kind, group in groups.items()}


def read_words(path: Path) -> WordList:
    """A list from its CSV; raises as `from_rows`."""
    with path.open(encoding="utf-8", newline="") as file:
        return from_rows(csv.DictReader(file), path.name)


@cache
def word_lists() -> Mapping[str, WordList]:
    """All lists by kind."""
    return {kind: read_words(PLACE / f"{kind}.csv") for kind in KINDS}


@cache
def levels() -> Mapping[str, int]:
    """Character -> level 1, 2 or 3 of 《通用规范汉字表》（2013）."""
    with (PLACE / "tongyong_8105.csv").open(encoding="utf-8", newline="") as file:
        return {row["char"]: int(row["level"]) for row in csv.DictReader(file)}


@cache
def standard_forms() -> Mapping[str, str]:
    """Traditional or variant character -> standard character."""
    table: Mapping[str, str] = json.loads((PLACE / "traditional_convert.json").read_text("utf-8"))
    return {k: v for k, v in table.items() if k not in levels()}


@lru_cache(maxsize=10_000)
def standardised(text: str) -> str:
    """The text with its traditional and variant characters in standard form."""
    table = standard_forms()
    return "".join(table.get(c, c) for c in text)


@cache
def divisions() -> Mapping[str, tuple[str, ...]]:
    """Name -> codes of the county-level and higher divisions of China (2023)."""
    answer: dict[str, tuple[str, ...]] = {}
    with (PLACE / "divisions_2023.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            answer[row["name"]] = (*answer.get(row["name"], ()), row["code"])
    return answer


@cache
def thresholds() -> tuple[Mapping[str, str], ...]:
    """Rows of generic_threshold.csv."""
    with (PLACE / "generic_threshold.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def seemly() -> tuple[str, ...]:
    """Specific parts in common use that mean something good (雅称): what a name may be called instead."""
    with (PLACE / "seemly.csv").open(encoding="utf-8", newline="") as file:
        return tuple(row["word"] for row in csv.DictReader(file))


@cache
def lookalikes() -> Mapping[str, str]:
    """Character -> the first of its group of look-alikes."""
    with (PLACE / "lookalikes.csv").open(encoding="utf-8", newline="") as file:
        return {c: row["characters"][0] for row in csv.DictReader(file) for c in row["characters"]}
