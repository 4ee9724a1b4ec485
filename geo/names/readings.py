"""Readings (读音) of a name: settled ones, then the curated place-name dictionary, then phrases, then characters.

A settled reading (审定读音: what a person decided for one unit) wins over everything. `heteronyms.csv` says how a
character with several readings is read in place names (多音字): a `firm` one keeps its first reading wherever no entry
settles it, since the phrases of everyday speech mislead there (万石 is no ten thousand dàn, 都 is never dōu); an
`open` one is flagged for a person. Single-character tables on top of the phrases make readings worse (measured), so
none is loaded.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from geo.settings import DATA

CURATED = DATA / "placenames" / "readings.csv"

#: Readings that hold for one name: (text, syllables) of what stands in it.
Entries = tuple[tuple[str, tuple[str, ...]], ...]


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
    """Text -> syllables from data/placenames/readings.csv. A syllable on which sources disagree is written with all of
    them (dàng/tàn), the first being written. Raises ValueError on a row whose counts differ."""
    answer: dict[str, tuple[str, ...]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            syllables = tuple(row["reading"].split())
            if len(syllables) != len(row["text"]):
                raise ValueError(f"{path.name}: {row['text']} has {len(syllables)} syllables")
            answer[row["text"]] = syllables
    return answer


@dataclass(frozen=True)
class Settled:
    """审定读音: readings that persons settled, from the register or another store.

    by_unit: (unit code, text) -> syllables, valid for names in that unit and below it; by_text: everywhere.
    Both win over the shipped tables; a by_unit reading wins over a by_text one.
    """

    by_unit: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    by_text: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[str, str, str | None]]) -> Settled:
        """From (text, syllables with tone marks apart by blanks, unit or None). Raises ValueError where the
        counts of characters and syllables differ."""
        by_unit: dict[tuple[str, str], tuple[str, ...]] = {}
        by_text: dict[str, tuple[str, ...]] = {}
        for text, reading, unit in rows:
            syllables = tuple(unicodedata.normalize("NFC", reading).split())
            if not text or len(syllables) != len(text):
                raise ValueError(f"{text}: {len(text)} characters, {len(syllables)} syllables")
            if unit:
                by_unit[(unit, text)] = syllables
            else:
                by_text[text] = syllables
        return cls(by_unit, by_text)

    def for_unit(self, unit: str | None) -> Mapping[str, tuple[str, ...]]:
        """Text -> syllables that hold in the unit."""
        if not self.by_unit or not unit:
            return self.by_text
        # A wider unit first, so that a narrower one has the last word.
        codes = sorted((code, text) for code, text in self.by_unit if unit.startswith(code))
        return {**self.by_text, **{text: self.by_unit[code, text] for code, text in codes}}

    @cached_property
    def _known(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """(text, unit or "") by the text's first character."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for unit, text in [("", t) for t in self.by_text] + sorted(self.by_unit):
            groups.setdefault(text[0], []).append((text, unit))
        return {c: tuple(g) for c, g in groups.items()}

    def touching(self, name: str, unit: str | None = None) -> Entries:
        """What is settled of a name in a unit: usually nothing, and then this costs nothing."""
        found: dict[str, tuple[str, ...]] = {}
        for text, code in self._touched(name):
            if not code:
                found[text] = self.by_text[text]
            elif unit and unit.startswith(code):
                found[text] = self.by_unit[code, text]
        return tuple(sorted(found.items()))

    def variants(self, name: str) -> frozenset[Entries]:
        """What is settled of a name in any unit, a set of readings each."""
        codes = {code for _, code in self._touched(name)}
        return frozenset(self.touching(name, code or None) for code in codes | {""}) - {()}

    def _touched(self, name: str) -> list[tuple[str, str]]:
        known = self._known
        return [e for c in dict.fromkeys(name) if c in known for e in known[c] if e[0] in name]


@cache
def minority_names() -> frozenset[str]:
    """Division names whose specific part comes from a minority language: their official spelling follows that
    language (少数民族语地名汉语拼音字母音译转写法), so the Han reading is not certain."""
    with (DATA / "placenames" / "minority_language.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["name"] for row in csv.DictReader(file))


@cache
def minority_spellings() -> Mapping[str, str]:
    """Division name -> spelling of its specific part after its own language, where a source gives one (音译转写)."""
    with (DATA / "placenames" / "minority_spellings.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row["specific"] for row in csv.DictReader(file)}


@cache
def phrases() -> Mapping[str, list[list[str]]]:
    """The phrase table, loaded once."""
    from pypinyin import constants
    from pypinyin_dict.phrase_pinyin_data import large_pinyin

    large_pinyin.load()
    table: Mapping[str, list[list[str]]] = constants.PHRASES_DICT
    return table


@cache
def _longest() -> Mapping[str, int]:
    """First character -> characters of the longest phrase that begins with it, at most 8."""
    found: dict[str, int] = {}
    for phrase in phrases():
        if len(phrase) > found.get(phrase[0], 0):
            found[phrase[0]] = min(len(phrase), 8)
    return found


@cache
def choices(character: str) -> tuple[str, ...]:
    """All readings of a character that compete in place names, else all that pypinyin gives."""
    known = _heteronyms().get(character)
    if known:
        return known[0]
    from pypinyin import Style, pinyin

    return tuple(pinyin(character, style=Style.TONE, heteronym=True)[0])


@cache
def _heteronyms() -> Mapping[str, tuple[tuple[str, ...], bool, bool]]:
    """Character -> (readings, firm, open) of heteronyms.csv."""
    path = DATA / "placenames" / "heteronyms.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["character"]: (tuple(row["readings"].split()), row["firm"] == "yes", row["open"] == "yes")
            for row in csv.DictReader(file)
        }


@cache
def open_characters() -> frozenset[str]:
    """Characters whose several readings all live in place names (column `open`)."""
    return frozenset(c for c, (_, _, is_open) in _heteronyms().items() if is_open)


@cache
def doubtful_characters() -> frozenset[str]:
    """Characters that a name may hold whose reading is uncertain: open ones, and those that no single reading leads;
    and what the curated dictionary gives several readings of."""
    several = {
        c for c, (known, firm, is_open) in _heteronyms().items() if len(known) > 1 and (is_open or not firm)
    }
    disputed = {c for text, each in curated().items() for c, s in zip(text, each, strict=True) if "/" in s}
    return frozenset(several | disputed)


@cache
def _by_first() -> Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Curated entries by their first character, the longest first."""
    groups: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for text, syllables in curated().items():
        groups.setdefault(text[0], []).append((text, syllables))
    return {c: tuple(sorted(g, key=lambda e: -len(e[0]))) for c, g in groups.items()}


def read(text: str, settled: Settled | None = None, unit: str | None = None) -> list[Reading]:
    """Readings of the characters of `text`, a whole name.

    settled: what persons decided, taken first; unit: code of the unit that the name lies in (for `settled`).
    The longest entry wins: settled, curated, then phrases of two and more characters; a character that no entry
    covers takes its usual reading, and is uncertain where several live in place names.
    """
    size = len(text)
    syllables: list[str | None] = [None] * size
    if settled is not None:
        _fill(text, syllables, settled.touching(text, unit))
    groups = _by_first()
    candidates = [e for c in dict.fromkeys(text) if c in groups for e in groups[c] if e[0] in text]
    if candidates:
        _fill(text, syllables, candidates)
    table, longest, heteronyms = phrases(), _longest(), _heteronyms()
    answer: list[Reading | None] = [
        None if s is None else _sure(c, s) for c, s in zip(text, syllables, strict=True)
    ]
    position = 0
    while position < size:
        if answer[position] is not None:
            position += 1
            continue
        step = 1
        for end in range(min(size, position + longest.get(text[position], 0)), position + 1, -1):
            piece = table.get(text[position:end])
            if piece is not None and not any(answer[position:end]):
                for at, readings in enumerate(piece, position):
                    known = heteronyms.get(text[at])
                    # The phrase of a firm character counts where it agrees with the place reading.
                    if known is None or not known[1] or readings[0] == known[0][0]:
                        answer[at] = _spoken(text[at], readings[0])
                step = end - position
                break
        for at in range(position, position + step):
            if answer[at] is None:
                answer[at] = _alone(text[at])
        position += step
    return [r for r in answer if r is not None]


def _fill(name: str, syllables: list[str | None], entries: Iterable[tuple[str, tuple[str, ...]]]) -> None:
    """Write the entries that stand in the name, longer ones first, from the left; what is known stays."""
    found = []
    for text, reading in entries:
        at = name.find(text)
        while at >= 0:
            found.append((-len(text), at, reading))
            at = name.find(text, at + 1)
    for length, start, reading in sorted(found):
        if all(s is None for s in syllables[start : start - length]):
            syllables[start : start - length] = reading


@cache
def _sure(character: str, syllable: str) -> Reading:
    """A reading of an entry: certain, but where the sources of the entry disagree."""
    first, *others = syllable.split("/")
    return Reading(character, first, (first, *others) if others else ())


#: Syllables with a tone mark hold one of these after decomposition.
_TONES = frozenset("\u0304\u0301\u030c\u0300")


@cache
def _spoken(character: str, syllable: str) -> Reading:
    """A phrase's reading. A neutral tone (轻声) is kept for the suffix 子 alone; elsewhere the character keeps its own
    tone and a person decides, since the spelling rules do not say how place names write it."""
    if character == "子" or _TONES & set(unicodedata.normalize("NFD", syllable)):
        return Reading(character, syllable)
    full = _alone(character).syllable
    return Reading(character, full, (full, syllable)) if full != syllable else Reading(character, syllable)


@cache
def _alone(character: str) -> Reading:
    """A character that no entry covers: the first reading of the heteronym table, else pypinyin's."""
    known = _heteronyms().get(character)
    if known is not None:
        readings, firm, is_open = known
        several = len(readings) > 1 and (is_open or not firm)
        return Reading(character, readings[0], readings if several else ())
    from pypinyin import Style, pinyin

    phrases()
    return Reading(character, str(pinyin(character, style=Style.TONE)[0][0]))
