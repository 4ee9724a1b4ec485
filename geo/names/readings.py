"""Readings (读音) of a name: the curated place-name dictionary over pypinyin with phrase readings.

Single-character tables on top of the phrases make readings worse (measured), so none is loaded.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from geo.settings import DATA

CURATED = DATA / "placenames" / "readings.csv"


@dataclass(frozen=True, slots=True)
class Reading:
    """One character's syllable with tone mark, and whether a person should look at it.

    choices: the possible readings of the character where it is uncertain, else empty.
    """

    character: str
    syllable: str
    choices: tuple[str, ...] = ()

    @property
    def uncertain(self) -> bool:
        return bool(self.choices)


@cache
def curated(path: Path = CURATED) -> Mapping[str, tuple[str, ...]]:
    """Text -> syllables from data/placenames/readings.csv. Raises ValueError on a row whose counts differ."""
    answer: dict[str, tuple[str, ...]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            syllables = tuple(row["reading"].split())
            if len(syllables) != len(row["text"]):
                raise ValueError(f"{path.name}: {row['text']} has {len(syllables)} syllables")
            answer[row["text"]] = syllables
    return answer


@cache
def minority_names() -> frozenset[str]:
    """Division names whose specific part comes from a minority language: their official spelling follows that
    language (少数民族语地名汉语拼音字母音译转写法), so the Han reading is not certain."""
    with (DATA / "placenames" / "minority_language.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["name"] for row in csv.DictReader(file))


@cache
def _phrases() -> Mapping[str, list[list[str]]]:
    """The phrase table, loaded once."""
    from pypinyin import constants
    from pypinyin_dict.phrase_pinyin_data import large_pinyin

    large_pinyin.load()
    table: Mapping[str, list[list[str]]] = constants.PHRASES_DICT
    return table


@cache
def choices(character: str) -> tuple[str, ...]:
    """All readings of a character that the standard table of common characters gives, else pypinyin's."""
    table = _standard()
    if character in table:
        return table[character]
    from pypinyin import Style, pinyin

    return tuple(pinyin(character, style=Style.TONE, heteronym=True)[0])


@cache
def _standard() -> Mapping[str, tuple[str, ...]]:
    path = DATA / "placenames" / "heteronyms.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["character"]: tuple(row["readings"].split()) for row in csv.DictReader(file)}


def read(text: str, whole: str | None = None, start: int = 0) -> list[Reading]:
    """Readings of the characters of `text`, which stands in `whole` at `start` (for phrases around it).

    The longest entry wins: first curated, then phrases of two and more characters; a character that no
    entry covers takes pypinyin's first reading and is uncertain where it has several in place names.
    """
    name = whole if whole is not None else text
    syllables: list[str | None] = [None] * len(name)
    _fill(name, syllables, curated())
    sure = [s is not None for s in syllables]
    table = _phrases()
    position = 0
    while position < len(name):
        if syllables[position] is not None:
            position += 1
            continue
        for length in range(min(8, len(name) - position), 1, -1):
            piece = name[position : position + length]
            if piece in table and all(s is None for s in syllables[position : position + length]):
                for offset, readings in enumerate(table[piece]):
                    syllables[position + offset] = readings[0]
                    sure[position + offset] = True
                position += length
                break
        else:
            position += 1
    answer = []
    for i in range(start, start + len(text)):
        known = syllables[i]
        if known is None:
            known = _single(name[i])
        options = () if sure[i] or len(_open(name[i])) < 2 else _open(name[i])
        answer.append(Reading(name[i], known, options))
    return answer


def _fill(name: str, syllables: list[str | None], table: Mapping[str, tuple[str, ...]]) -> None:
    longest = max((len(k) for k in table), default=0)
    for length in range(min(longest, len(name)), 0, -1):
        for start in range(len(name) - length + 1):
            entry = table.get(name[start : start + length])
            if entry and all(s is None for s in syllables[start : start + length]):
                syllables[start : start + length] = entry


@cache
def _single(character: str) -> str:
    from pypinyin import Style, pinyin

    _phrases()
    return str(pinyin(character, style=Style.TONE)[0][0])


@cache
def _open(character: str) -> tuple[str, ...]:
    """The readings that compete in place names: those of the heteronym table, else none."""
    return _standard().get(character, ())
