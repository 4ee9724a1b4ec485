"""Romanization (罗马字母拼写) of Chinese place names after the official spelling rules.

Source: 《汉语拼音方案》；《中国地名汉语拼音字母拼写规则（汉语地名部分）》（〔84〕中地字第17号）, rules by number.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

from geo.names.categories import Category
from geo.names.numerals import DIGITS, in_digits
from geo.names.parts import APART, split
from geo.names.readings import Reading, Settled, minority_names, minority_spellings, read

_DIGITS = frozenset(DIGITS)
_VOWELS = frozenset("aoeāáǎàōóǒòēéěèê")


@dataclass(frozen=True, slots=True)
class Romanization:
    """The answer of `names romanize` (docs/contract.md)."""

    name: str
    category: str
    romanization: str
    plain: str
    specific: tuple[str, str]
    generic: tuple[str, str] | None
    uncertain: tuple[tuple[str, int, tuple[str, ...]], ...]
    rules: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "category": self.category,
            "romanization": self.romanization,
            "plain": self.plain,
            "specific": {"text": self.specific[0], "pinyin": self.specific[1]},
            "generic": None if self.generic is None else {"text": self.generic[0], "pinyin": self.generic[1]},
            "uncertain": [
                {"character": c, "position": p, "readings": list(choices)} for c, p, choices in self.uncertain
            ],
            "rules": list(self.rules),
        }


def romanize(
    name: str, category: Category | None = None, settled: Settled | None = None, unit: str | None = None
) -> Romanization:
    """Spell a name: specific and generic part apart, tone marks, capitals and apostrophes.

    settled: readings that persons decided, which win; unit: code of the unit that the name lies in.

    What is no Han character stays as it is (1203高地: 1203 Gāodì, rule 7).
    """
    text = unicodedata.normalize("NFC", name.strip())
    parts = split(text, category)
    rules = {*parts.rules, 8, 9, 10}
    readings = read(text, settled, unit)
    words: list[str] = []
    position = 0
    for index, word in enumerate(parts.words):
        here = readings[position : position + len(word)]
        if index == parts.ordinal:
            words.append(in_digits(word))
        else:
            pieces: list[str] = []
            for piece in APART.get(word, (word,)) if word is parts.words[-1] else (word,):
                spelled, used = spell(here[: len(piece)])
                pieces.append(spelled)
                rules |= used
                here = here[len(piece) :]
            spelled = " ".join(pieces)
            if len(pieces) > 1:
                rules.add(2)
            if not _DIGITS.isdisjoint(word):
                rules.add(6)
            words.append(spelled)
        position += len(word)
    open_readings = [
        (r.character, i, r.choices)
        for i, r in enumerate(readings)
        if r.uncertain and i < len(text) - len(parts.generic)
    ]
    if text in minority_names() and not any(i == 0 for _, i, _ in open_readings):
        # Written after its own language; where no table gives that, a person settles it.
        open_readings.insert(0, (text[0], 0, (readings[0].syllable,)))
    generic_words = _generic_words(parts.words, parts.generic)
    boundary = len(words) - generic_words
    if (own := minority_spellings().get(text)) and not (settled and settled.touching(text, unit)):
        words[:boundary], open_readings = [own], []
        specific = own
    else:
        specific = " ".join(words[:boundary])
    generic_pinyin = " ".join(words[len(words) - generic_words :]) if generic_words else ""
    whole = " ".join(words)
    return Romanization(
        name=text,
        category=parts.category.value if category is None else category.value,
        romanization=whole,
        plain=without_tones(whole),
        specific=("".join(parts.words[:boundary]), specific),
        generic=("".join(parts.words[boundary:]), generic_pinyin) if generic_words else None,
        uncertain=tuple(open_readings),
        rules=tuple(sorted(rules)),
    )


def _generic_words(words: tuple[str, ...], generic: str) -> int:
    """How many words at the end are the generic part."""
    return 1 if generic and len(words) > 1 else 0


def spell(readings: list[Reading]) -> tuple[str, set[int]]:
    """One word from its readings: first letter capital, apostrophe before a, o, e (rule 11), 儿 as r (rule 12)."""
    pieces: list[str] = []
    used: set[int] = set()
    latin = False
    for i, reading in enumerate(readings):
        if not _is_han(reading.character):
            pieces.append(reading.character)
            latin = True
            used.add(7)
            continue
        syllable = reading.syllable
        if reading.character == "儿" and i > 0 and not _child(readings, i):
            syllable = "r"
            used.add(12)
        elif i > 0 and not latin and syllable[:1] in _VOWELS:
            pieces.append("'")
            used.add(11)
        if latin and pieces and not pieces[-1].endswith(" "):
            pieces.append(" ")
            syllable = syllable[:1].upper() + syllable[1:]
            latin = False
        pieces.append(syllable)
    word = "".join(pieces)
    return word[:1].upper() + word[1:], used


def _child(readings: list[Reading], i: int) -> bool:
    """Whether 儿 is a child (女儿, 婴儿, 儿童), or stands in 台儿庄, and so is a syllable of its own."""
    before = readings[i - 1].character
    after = readings[i + 1].character if i + 1 < len(readings) else ""
    return before in "女婴孤少幼健台" or (after != "" and after in "童子女孙")


_TONES = "\u0304\u0301\u030c\u0300"
#: Vowels with a tone mark -> without it.
_TONELESS = str.maketrans(
    {
        unicodedata.normalize("NFC", vowel + mark): vowel
        for vowel in "aeiouüAEIOUÜ"
        for mark in _TONES
        if len(unicodedata.normalize("NFC", vowel + mark)) == 1
    }
)


def without_tones(text: str) -> str:
    """Tone marks off; ü, apostrophes and capitals stay."""
    plain = text.translate(_TONELESS)
    if plain.isascii() or plain.replace("ü", "").isascii():
        return plain
    answer = [c for c in unicodedata.normalize("NFD", text) if c not in _TONES]
    return unicodedata.normalize("NFC", "".join(answer))


@cache
def _is_han(character: str) -> bool:
    return character == "〇" or unicodedata.name(character, "").startswith("CJK")
