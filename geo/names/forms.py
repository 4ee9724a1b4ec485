"""Search forms (检索形式) of a name: how it is written, spelled and cut for the search, and the keys of all that.

A key is a number for a piece of text of one kind; every kind of search asks for names that have certain keys,
and then looks at the text itself, so that two pieces with one key do no harm.
"""

from __future__ import annotations

import csv
import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from geo.names.readings import read
from geo.names.words import levels, standard_forms
from geo.settings import DATA

#: Tone marks after decomposition, as digits.
TONES = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}
#: What separates words and syllables and belongs to no name's sound or writing.
SEPARATORS = frozenset("·・•‧-‐‑–—'’‘`ʼ")
#: Unicode categories that no name has: controls, formats, surrogates, private and unassigned characters,
#: pictures, and marks that stand alone.
NO_TEXT = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk", "Mn", "Me", "Zl", "Zp"))
#: Longest name that the register holds.
LONGEST = 100

#: Longest text in which a slip is looked for.
LONGEST_SLIP = 12

#: Kinds of keys.
EXACT, PREFIX, GRAM, LETTERS, TRIGRAM, INITIALS, SOUND, NEAR, UNIT = "EPGLTISDU"


def key(kind: str, text: str) -> int:
    """The key of a piece of text: 32 bits, signed as the database has them."""
    return zlib.crc32((kind + text).encode()) - 0x80000000


def is_han(character: str) -> bool:
    """Whether a character is Han (CJK ideograph, compatibility and 〇 included)."""
    return "\u3400" <= character <= "\u9fff" or character == "〇" or "\U00020000" <= character <= "\U0003ffff"


def fold(text: str) -> tuple[str, tuple[int, ...]]:
    """Text as it is compared: NFKC, lower case, standard characters, without separators and what is no text.

    Returns it and for each of its characters the position in `text` that it came from.
    """
    folded: list[str] = []
    origins: list[int] = []
    for position, given in enumerate(text):
        for c in unicodedata.normalize("NFKC", given).lower():
            if c.isspace() or c in SEPARATORS or unicodedata.category(c) in NO_TEXT:
                continue
            folded.append(c)
            origins.append(position)
    return "".join(folded).translate(_standard()), tuple(origins)


@cache
def _standard() -> dict[int, str]:
    """Traditional and variant characters to standard ones, those of rare places too (磧 of 洛碛镇)."""
    with (DATA / "boundaries" / "traditional.csv").open(encoding="utf-8", newline="") as file:
        table = {row["traditional"]: row["simplified"] for row in csv.DictReader(file)}
    table.update(standard_forms())
    return str.maketrans(
        {old: new for old, new in table.items() if len(old) == len(new) == 1 and old not in levels()}
    )


@lru_cache(maxsize=4096)
def syllable(reading: str) -> tuple[str, str]:
    """A syllable with tone mark as (letters, tone digit): lǜ is lu4, since lü, lv and lu are all typed for it."""
    letters, tone = "", "5"
    for c in unicodedata.normalize("NFD", reading.lower()):
        if c in TONES:
            tone = TONES[c]
        elif "a" <= c <= "z":
            letters += c
    return letters.replace("v", "u"), tone


@dataclass(frozen=True, slots=True)
class Form:
    """One searchable form of a name.

    form: folded. bare: without its generic part (通名). sounds: (letters, tone) of every character, letters the
    character itself and tone "" where it is no Han character.
    """

    form: str
    bare: str
    sounds: tuple[tuple[str, str], ...]

    @property
    def plain(self) -> str:
        return "".join(letters for letters, _ in self.sounds)

    @property
    def bare_plain(self) -> str:
        return "".join(letters for letters, _ in self.sounds[: len(self.bare)])

    @property
    def initials(self) -> str:
        return "".join(letters[:1] for letters, _ in self.sounds)

    @property
    def spelled(self) -> str:
        """Every character followed by its syllable: 洛luo4碛qi4镇zhen4; what is no Han character stands alone."""
        return "".join(
            c + (letters + tone if tone else "")
            for c, (letters, tone) in zip(self.form, self.sounds, strict=True)
        )


def form_of(name: str, specific: str, readings: Sequence[str] | None = None) -> Form:
    """The search form of a name. readings: settled syllables, one a character of `name`."""
    form, origins = fold(name)
    bare, _ = fold(specific)
    if not form.startswith(bare) or len(bare) == 0:
        bare = form
    syllables: Sequence[str]
    if readings is not None and len(readings) == len(name):
        syllables = [readings[i] for i in origins]
    else:
        syllables = [r.syllable for r in read(form)]
    sounds = tuple(
        (*syllable(s), ) if is_han(c) and syllable(s)[0] else (c, "") for c, s in zip(form, syllables, strict=True)
    )  # fmt: skip
    return Form(form, bare, sounds)


def sounds_of(form: str, spelled: str) -> tuple[tuple[str, str], ...]:
    """The sounds of a form back from its spelling."""
    sounds = []
    at = 0
    for c in form:
        at += len(c)
        found = _SYLLABLE.match(spelled, at) if is_han(c) else None
        sounds.append((found[1], found[2]) if found else (c, ""))
        at = found.end() if found else at
    return tuple(sounds)


_SYLLABLE = re.compile(r"([a-z]+)([1-5])")


def near(text: str) -> Iterator[str]:
    """The text and every text with one character less: two texts that are one slip apart share one of them."""
    yield text
    if len(text) > 1:
        for i in range(len(text)):
            yield text[:i] + text[i + 1 :]


#: The lengths of prefixes that have keys; longer ones are cut to the longest.
HAN_PREFIXES, LETTER_PREFIXES, INITIAL_PREFIXES = (1, 2), (1, 2, 3, 4, 6), (1, 2, 3, 4)


def prefix_key(kind: str, lengths: tuple[int, ...], text: str) -> int:
    """The key that every text with this prefix has."""
    return key(kind, text[: max(n for n in lengths if n <= len(text))])


def grams(text: str) -> list[str]:
    """The pieces that find a text inside others: neighbouring pairs, or the one character."""
    return [text[i : i + 2] for i in range(len(text) - 1)] if len(text) > 1 else [text]


def trigrams(text: str) -> list[str]:
    """Neighbouring threes; of a shorter text nothing."""
    return [text[i : i + 3] for i in range(len(text) - 2)]


def unit_keys(unit_code: str) -> list[int]:
    """Keys of the province, county, township and village that a code lies in."""
    return [key(UNIT, unit_code[:n]) for n in (2, 6, 9, 12) if len(unit_code) >= n]


def keys_of(form: Form, unit_code: str) -> list[int]:
    """All keys of a form, each once."""
    text, plain, initials = form.form, form.plain, form.initials
    pieces = [(EXACT, text), (EXACT, form.bare), (SOUND, plain), (SOUND, form.bare_plain)]
    pieces += [(PREFIX, text[:n]) for n in HAN_PREFIXES if n <= len(text)]
    pieces += [(GRAM, c) for c in text]
    pieces += [(GRAM, g) for g in grams(text)]
    pieces += [(LETTERS, plain[:n]) for n in LETTER_PREFIXES if n <= len(plain)]
    pieces += [(TRIGRAM, t) for t in trigrams(plain)]
    pieces += [(INITIALS, initials[:n]) for n in INITIAL_PREFIXES if n <= len(initials)]
    # A slip in a long generic part (村民委员会) is no slip in the name: there the specific part is enough.
    for piece in {form.bare, text} if len(text) <= len(form.bare) + 2 else {form.bare}:
        if len(piece) <= LONGEST_SLIP:
            pieces += [(NEAR, t) for t in near(piece)]
    return [*{key(kind, piece) for kind, piece in pieces}, *unit_keys(unit_code)]
