"""Likeness (重名、同音、近音、形近) of names: by sets of possible readings, tones distinguished."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from geo.names.categories import Category
from geo.names.readings import Entries, Reading, Settled, curated, open_characters, read
from geo.names.rules.proposal import Existing, Facts, Proposal, generic_part, kind_of
from geo.names.words import lookalikes, standardised
from geo.text import Text

#: How two names are alike, as a finding says it.
ALIKE = {
    text.zh: text
    for text in (
        Text("同音", "the same sound"),
        Text("声韵调相同", "the same sound, tones included"),
        Text("声调不同", "other tones"),
        Text("重庆话近音", "alike as spoken in Chongqing"),
        Text("形近", "alike to the eye"),
    )
}
#: One syllable of a name as the set of its possible readings.
Sound = tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a name is compared. first and sound: first readings, and all possible ones, syllable by syllable."""

    name: str
    specific: str
    generic: str
    first: tuple[str, ...]
    sound: Sound

    @property
    def specific_first(self) -> tuple[str, ...]:
        return self.first[: len(self.specific)]

    @property
    def specific_sound(self) -> Sound:
        return self.sound[: len(self.specific)]


def shape(
    name: str,
    category: Category,
    settled: Settled | None = None,
    unit: str | None = None,
    readings: tuple[str, ...] = (),
) -> Shape:
    """The comparable shape of a name. A reading that no entry settles stays a set, where it is open.

    settled, unit: as in `readings.read`; a settled reading is the only one that is compared. readings: those settled
    for this very name, which go before.
    """
    if readings and len(readings) == len(name):
        return _shape(name, category, ((name, readings),))
    return _shape(name, category, settled.touching(name, unit) if settled is not None else ())


def proposed(proposal: Proposal, facts: Facts) -> Shape:
    """The shape of a proposed name, as far as its readings are settled."""
    return shape(proposal.name, proposal.category, facts.settled, proposal.unit, proposal.readings)


def standing(existing: Existing, facts: Facts) -> Shape:
    """The shape of an existing name, as far as its readings are settled."""
    return shape(existing.name, existing.category, facts.settled, existing.unit, existing.readings)


@lru_cache(maxsize=200_000)
def _shape(name: str, category: Category, entries: Entries) -> Shape:
    plain = standardised(name)
    generic = generic_part(plain, kind_of(plain, category))
    specific = plain[: -len(generic)] if generic else plain
    settled = Settled(by_text={standardised(t): s for t, s in entries}) if entries else None
    readings = read(plain, settled)
    first = tuple(r.syllable for r in readings)
    sound = tuple(
        frozenset((r.syllable, *r.choices))
        if r.uncertain and (r.character in open_characters() or _disputed(plain, r))
        else frozenset((r.syllable,))
        for r in readings
    )
    return Shape(plain, specific, generic, first, sound)


def _disputed(plain: str, reading: Reading) -> bool:
    """Whether the curated dictionary itself gives several readings: then all are compared."""
    said = "/".join(reading.choices)
    return any(said in syllables and text in plain for text, syllables in _disputes())


@cache
def _disputes() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((text, s) for text, s in curated().items() if any("/" in each for each in s))


def same_sound(a: Sound, b: Sound) -> bool:
    """Whether the two can be read alike, tones included."""
    return len(a) == len(b) and len(a) > 0 and all(x & y for x, y in zip(a, b, strict=True))


@cache
def toneless(syllable: str) -> str:
    return unicodedata.normalize(
        "NFC",
        "".join(c for c in unicodedata.normalize("NFD", syllable) if c not in "\u0304\u0301\u030c\u0300"),
    )


@cache
def spoken(syllable: str) -> str:
    """The syllable as Chongqing speech (重庆话) merges it, tone kept: n=l, hu=f, zh=z, ch=c, sh=s, ing=in, eng=en."""
    tone = "".join(c for c in unicodedata.normalize("NFD", syllable) if c in "\u0304\u0301\u030c\u0300")
    text = toneless(syllable)
    text = re.sub(r"^n(?!g)", "l", text)
    text = re.sub(r"^hu(?=.)", "f", re.sub(r"^hu$", "fu", text))
    text = re.sub(r"^(z|c|s)h", r"\1", text)
    text = re.sub(r"(i|e)ng$", r"\1n", text)
    return text + tone


def folded(first: tuple[str, ...], how: str) -> tuple[str, ...]:
    """First readings folded: `toneless` or `spoken`."""
    return tuple((toneless if how == "toneless" else spoken)(s) for s in first)


def look(text: str) -> str:
    """The text with every character replaced by the first of its look-alikes."""
    table = lookalikes()
    return "".join(table.get(c, c) for c in text)


def likeness(a: Shape, b: Shape, *, whole: bool) -> str | None:
    """The strongest likeness of two names: name, specific, sound, toneless, spoken, look; None for none.

    whole: sounds are compared over the whole name, else over the specific part.
    """
    if a.name == b.name:
        return "name"
    if a.specific and a.specific == b.specific and a.generic and b.generic:
        return "specific"
    one, two = (a.sound, b.sound) if whole else (a.specific_sound, b.specific_sound)
    first, second = (a.first, b.first) if whole else (a.specific_first, b.specific_first)
    left, right = (a.name, b.name) if whole else (a.specific, b.specific)
    if left == right:
        return None
    if same_sound(one, two):
        return "sound"
    if len(first) != len(second) or not first:
        return None
    if folded(first, "toneless") == folded(second, "toneless"):
        return "toneless"
    if folded(first, "spoken") == folded(second, "spoken"):
        return "spoken"
    return "look" if look(left) == look(right) else None


def keys(
    name: str,
    category: Category,
    settled: Settled | None = None,
    unit: str | None = None,
    readings: tuple[str, ...] = (),
) -> frozenset[str]:
    """Index keys: two names that are alike in any way share at least one. The rest as in `shape`."""
    return _keys(shape(name, category, settled, unit, readings))


def all_keys(
    name: str, category: Category, settled: Settled | None, own: Iterable[tuple[str, ...]] = ()
) -> frozenset[str]:
    """The keys of a name in whatever unit it lies: as read without a person's word, and as settled somewhere.

    own: readings that were settled for names of this spelling.
    """
    answer = _keys(_shape(name, category, ()))
    for entries in settled.variants(name) if settled is not None else ():
        answer |= _keys(_shape(name, category, entries))
    for readings in own:
        answer |= _keys(shape(name, category, readings=readings))
    return answer


def _keys(s: Shape) -> frozenset[str]:
    answer = {f"n{s.name}", f"s{s.specific}", f"v{look(s.name)}", f"v{look(s.specific)}"}
    for sound in (s.sound, s.specific_sound):
        options = [""]
        for syllables in sound:
            options = [o + " " + t for o in options for t in {spoken(toneless(x)) for x in syllables}][:64]
        answer.update(f"p{o}" for o in options)
    return frozenset(answer)
