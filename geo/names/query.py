"""Understanding a question (检索词) put to the register: what was typed, and the steps that look for it.

Pure: from a text to `Step`s, each with the keys that every answer of it has (geo.names.forms), and a condition
on the text itself. Steps come in the order of how well they match; same sound and one slip are offers, apart
from the ordinary steps.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from geo.names import addresses, forms
from geo.names.addresses import Reading
from geo.names.forms import EXACT, GRAM, INITIALS, LETTERS, NEAR, PREFIX, SOUND, TRIGRAM, key
from geo.names.parts import split
from geo.names.readings import read
from geo.problems import BadInput
from geo.text import Text

#: A longer question is refused; a text longer than any name finds nothing.
MOST_CHARACTERS = 200
#: Steps that look for a question's rest within units.
MOST_WITHIN = 5


class QuestionTooLong(BadInput):
    """The text to look for is longer than any name could be."""

    code = "question-too-long"
    title = Text(
        "检索词有 {length} 个字，最多 {most} 个，请缩短",
        "The text has {length} characters and may have {most}; shorten it",
    )


class Tier(StrEnum):
    """匹配方式: why a name answers a question, best first."""

    ALL = "all"
    EXACT = "exact"
    BARE = "bare"
    PREFIX = "prefix"
    INSIDE = "inside"
    PINYIN = "pinyin"
    PINYIN_PREFIX = "pinyin-prefix"
    INITIALS = "initials"
    PINYIN_INSIDE = "pinyin-inside"
    MIXED = "mixed"
    WITHIN = "within"
    KIN = "kin"
    SAME_SOUND = "same-sound"
    ONE_SLIP = "one-slip"

    @property
    def offer(self) -> bool:
        """Whether it is an offer (是否要找), never mixed into ordinary answers."""
        return self in (Tier.SAME_SOUND, Tier.ONE_SLIP)


TIER_NAMES: dict[Tier, Text] = {
    Tier.ALL: Text("全部地名", "All names"),
    Tier.EXACT: Text("名称相同", "Same name"),
    Tier.BARE: Text("名称相同（省略通名）", "Same name, generic part left out"),
    Tier.PREFIX: Text("以此开头", "Begins with it"),
    Tier.INSIDE: Text("名中含有", "Contains it"),
    Tier.PINYIN: Text("拼音相同", "Same pinyin"),
    Tier.PINYIN_PREFIX: Text("拼音以此开头", "Pinyin begins with it"),
    Tier.INITIALS: Text("拼音首字母", "Pinyin initials"),
    Tier.PINYIN_INSIDE: Text("拼音中含有", "Pinyin contains it"),
    Tier.MIXED: Text("汉字拼音混合", "Characters and pinyin mixed"),
    Tier.WITHIN: Text("在所写政区内", "Within the unit named"),
    Tier.KIN: Text("专名相同", "Same specific part"),
    Tier.SAME_SOUND: Text("同音不同字（不计声调）", "Sounds alike, other characters (tones aside)"),
    Tier.ONE_SLIP: Text("差一个字", "One character apart"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One search. keys: all of them are asked for (any of them where `any_key`). where: the name of the
    condition (geo.store.search_statements.CONDITIONS); text, other: what it compares with. unit: only names in this unit,
    or of units `own`, which lay in it once."""

    tier: Tier
    keys: tuple[int, ...]
    where: str
    text: str
    other: str = ""
    unit: str = ""
    any_key: bool = False
    own: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """检索词. text: folded. bare: without generic part. letters: pinyin without tones, where all of it is Latin.
    pattern: of the spelling, where tones were given or characters and pinyin are mixed. words: as divided by blanks and
    marks. marked: with the marks between them, where there are some: a name may hold them (田林三、四村).
    """

    text: str
    bare: str
    letters: str
    pattern: str
    mixed: bool
    words: tuple[str, ...]
    marked: str = ""

    @property
    def empty(self) -> bool:
        return not self.text

    @property
    def han(self) -> bool:
        return any(forms.is_han(c) for c in self.text)


NOTHING = Question("", "", "", "", False, ())
_SEPARATOR = "[1-5]?[^a-z1-5]?"
_PINYIN = re.compile(r"[a-z]+(?:[1-5][a-z]+)*[1-5]?")


def understand(given: str) -> Question:
    """The question in a text as it was typed. Controls, pictures, marks of direction, blanks, and quotes and brackets round
    it are no part of it; % and _ are characters like others. Raises QuestionTooLong."""
    if len(given) > MOST_CHARACTERS:
        raise QuestionTooLong(length=len(given), most=MOST_CHARACTERS)
    given = addresses.unwrapped(given)
    words = tuple(word for word in (forms.fold(w)[0] for w in addresses.words_of(given)) if word)
    text = "".join(words)
    if not text or len(text) > forms.LONGEST:
        return NOTHING
    marked = forms.fold(given)[0]
    return _understood(text, words, marked if marked != text else "")


def _understood(text: str, words: tuple[str, ...], marked: str = "") -> Question:
    plain, tones = _without_tones(text)
    toned = bool(tones) or bool(re.search(r"[a-z][1-5](?![0-9])", plain))
    if any(forms.is_han(c) for c in text):
        mixed = bool(re.search(r"[a-z]", plain))
        pattern = _pattern(plain, tones) if mixed else ""
        bare = text if mixed else _bare(text)
        return Question(text, bare, "", pattern, mixed, words, marked)
    if not _PINYIN.fullmatch(plain) or not (letters := re.sub(r"[1-5]", "", plain)):
        return Question(text, text, "", "", False, words, marked)
    return Question(text, text, letters, _pattern(plain, tones) if toned else "", False, words)


def _bare(text: str) -> str:
    return split(text).specific or text


def _without_tones(text: str) -> tuple[str, dict[int, str]]:
    """(text with ü and v as u, tone marks off; position -> tone digit)."""
    plain: list[str] = []
    tones: dict[int, str] = {}
    for c in text:
        parts = unicodedata.normalize("NFD", c)
        first, marks = parts[0], parts[1:]
        if not "a" <= first <= "z":
            plain.append(c)
            continue
        plain.append("u" if first == "v" else first)
        for mark in marks:
            if mark in forms.TONES:
                tones[len(plain) - 1] = forms.TONES[mark]
    return "".join(plain), tones


def _pattern(plain: str, tones: dict[int, str]) -> str:
    """A regular expression, PostgreSQL's and Python's, that finds the question in a spelling (洛luo4碛qi4)."""
    pieces: list[str] = []
    after = ""
    for i, c in enumerate(plain):
        if "a" <= c <= "z":
            # A syllable's first letter stands behind its character; the next letter may begin the next syllable.
            pieces.append(
                _SEPARATOR
                if after == "letter"
                else "[^a-z1-5]"
                if not after or after == "han"
                else "[^a-z1-5]?"
            )
            pieces.append(c + (f"(?=[a-z]*{tones[i]})" if i in tones else ""))
            after = "letter"
        elif c in "12345" and after == "letter":
            pieces.append(c)
            after = "tone"
        else:
            pieces.append("[a-z]*[1-5]?" if after == "letter" else "")
            pieces.append(re.escape(c) + ("[a-z]+[1-5]" if forms.is_han(c) else ""))
            after = "han"
    return "".join(pieces)


def steps(question: Question, readings: Sequence[Reading] = ()) -> list[Step]:
    """The ordinary steps of a question, best first. readings: as units and a name in them."""
    q = question
    if q.empty:
        return []
    if q.letters:
        return [*_written(q.text)[2:], *_spelled(q)]
    found = [*(_written(q.marked) if q.marked else ()), *_written(q.text)]
    if q.mixed:
        found.append(_mixed(q))
    if q.marked:
        marked = [replace(r, rest=addresses.with_marks(q.marked, r.rest)) for r in readings]
        readings = [*(r for r in marked if r not in readings), *readings]
    found += [step for reading in readings for step in _within(reading)][:MOST_WITHIN]
    if q.bare != q.text:
        found.append(Step(Tier.KIN, (key(EXACT, q.bare),), "kin", q.bare, q.text))
    return found


def _within(reading: Reading) -> list[Step]:
    """The rest of a question within the unit that it names: as it is written, or as it is spelled."""
    rest = _understood(reading.rest, (reading.rest,))
    if rest.mixed:
        return [replace(_mixed(rest), tier=Tier.WITHIN, unit=reading.unit)]
    if not rest.letters:
        keys = _gram_keys(rest.text)
        return [Step(Tier.WITHIN, keys, "within", rest.text, unit=reading.unit, own=reading.own)]
    letters = rest.letters
    keys = _trigram_keys(letters) or (forms.prefix_key(LETTERS, forms.LETTER_PREFIXES, letters),)
    start = forms.prefix_key(INITIALS, forms.INITIAL_PREFIXES, letters)
    return [
        Step(Tier.WITHIN, keys, "within_letters", letters, unit=reading.unit),
        Step(Tier.WITHIN, (start,), "within_initials", letters, unit=reading.unit),
    ]


def offers(question: Question) -> list[Step]:
    """Same sound and one slip (同音、差一字): what may have been meant."""
    q = question
    if not q.han or q.mixed or len(q.text) < 2:
        return []
    found = []
    for piece in dict.fromkeys((q.text, q.bare)):
        sound = "".join(forms.syllable(r.syllable)[0] or r.character for r in read(piece))
        if len(piece) > 1:
            found.append(Step(Tier.SAME_SOUND, (key(SOUND, sound),), "same_sound", sound))
    for piece in dict.fromkeys((q.text, q.bare)):
        if 1 < len(piece) <= forms.LONGEST_SLIP:
            keys = tuple(dict.fromkeys(key(NEAR, t) for t in forms.near(piece)))
            found.append(Step(Tier.ONE_SLIP, keys, "slip", piece, any_key=True))
    return found


def _gram_keys(text: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(key(GRAM, g) for g in forms.grams(text)))


def _trigram_keys(letters: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(key(TRIGRAM, t) for t in forms.trigrams(letters)))


def _written(text: str) -> list[Step]:
    """As it is written: the same, its beginning, inside."""
    begins = forms.prefix_key(PREFIX, forms.HAN_PREFIXES, text)
    return [
        Step(Tier.EXACT, (key(EXACT, text),), "exact", text),
        Step(Tier.PREFIX, (begins, *(_gram_keys(text) if len(text) > 2 else ())), "prefix", text),
        Step(Tier.INSIDE, _gram_keys(text), "inside", text),
    ]


def _spelled(q: Question) -> list[Step]:
    """As it is spelled, with or without tones."""
    letters = q.letters
    threes = _trigram_keys(letters)
    begins = (
        forms.prefix_key(LETTERS, forms.LETTER_PREFIXES, letters),
        # A prefix that has a key of its own needs no other.
        *(threes if len(letters) not in forms.LETTER_PREFIXES else ()),
    )
    if q.pattern:
        found = [Step(Tier.PINYIN_PREFIX, begins, "spelled_prefix", "^" + q.pattern)]
        if threes:
            found.append(Step(Tier.PINYIN_INSIDE, threes, "spelled_inside", q.pattern, "^" + q.pattern))
        return found
    found = [
        Step(Tier.PINYIN, (key(SOUND, letters),), "pinyin", letters),
        Step(Tier.PINYIN_PREFIX, begins, "pinyin_prefix", letters),
    ]
    if len(letters) <= forms.LONGEST_SLIP:
        start = forms.prefix_key(INITIALS, forms.INITIAL_PREFIXES, letters)
        found.append(Step(Tier.INITIALS, (start,), "initials", letters))
    if threes:
        found.append(Step(Tier.PINYIN_INSIDE, threes, "pinyin_inside", letters))
    return found


def shortest(text: str) -> int:
    """Characters that a name has at least which holds a mixed question: its own, and one for every piece of pinyin."""
    return len(re.findall(r"[a-z0-9]+|.", _without_tones(text)[0]))


def _mixed(q: Question) -> Step:
    plain, _ = _without_tones(q.text)
    han = "".join(c if forms.is_han(c) else " " for c in plain).split()
    latin = re.findall(r"[a-z]+", plain)
    keys = [k for piece in han for k in _gram_keys(piece)]
    keys += [key(TRIGRAM, t) for piece in latin for t in forms.trigrams(piece)]
    return Step(Tier.MIXED, tuple(dict.fromkeys(keys)), "mixed", q.pattern, q.text)


def slips(text: str) -> list[str]:
    """What is one slip from a text, as patterns of LIKE: one character wrong, missing or additional, two neighbours
    changed places."""
    pieces = [_literal(c) for c in text]
    found = [[*pieces[:i], "_", *pieces[i + 1 :]] for i in range(len(pieces))]
    found += [[*pieces[:i], "_", *pieces[i:]] for i in range(len(pieces) + 1)]
    found += [[*pieces[:i], *pieces[i + 1 :]] for i in range(len(pieces))]
    found += [[*pieces[:i], pieces[i + 1], pieces[i], *pieces[i + 2 :]] for i in range(len(pieces) - 1)]
    return list(dict.fromkeys(map("".join, found)))


def _literal(character: str) -> str:
    return "\\" + character if character in "%_\\" else character


#: Conditions on how a name is written.
_WRITTEN = frozenset(("exact", "prefix", "inside", "within", "kin"))


def spans(step: Step, name: str, form: str, spelled: str) -> list[tuple[int, int]]:
    """Which characters of a name to highlight: [start, end) in code points, by what matched."""
    if name == form and step.where in _WRITTEN:
        at = form.find(step.text)
        return [(at, at + len(step.text))] if at >= 0 and step.text else []
    origins = tuple(range(len(form))) if name == form else forms.fold(name)[1]
    if len(origins) != len(form):
        return []
    if step.where == "all":
        marked: set[int] = set()
    elif step.where in _WRITTEN:
        marked = _occurrences(form, step.text)
    elif step.where in ("pinyin", "pinyin_prefix", "pinyin_inside", "within_letters"):
        marked = _by_letters(form, spelled, step.text)
    elif step.where in ("initials", "within_initials"):
        marked = set(range(min(len(step.text), len(form))))
    elif step.where in ("spelled_prefix", "spelled_inside", "mixed"):
        marked = _by_pattern(form, spelled, step.text)
    elif step.where == "same_sound":
        plain = "".join(letters for letters, _ in forms.sounds_of(form, spelled))
        marked = _by_letters(form, spelled, step.text) if plain.startswith(step.text) else set()
    else:
        marked = {i for i, c in enumerate(form) if c in step.text}
    positions = sorted({origins[i] for i in marked})
    found: list[tuple[int, int]] = []
    for p in positions:
        if found and found[-1][1] == p:
            found[-1] = (found[-1][0], p + 1)
        else:
            found.append((p, p + 1))
    return found


def _occurrences(form: str, text: str) -> set[int]:
    at = form.find(text)
    return set(range(at, at + len(text))) if at >= 0 and text else set()


def _by_letters(form: str, spelled: str, letters: str) -> set[int]:
    """The characters whose syllables hold the letters, at their first place."""
    owners = [i for i, (sound, _) in enumerate(forms.sounds_of(form, spelled)) for _ in sound]
    at = "".join(sound for sound, _ in forms.sounds_of(form, spelled)).find(letters)
    return set(owners[at : at + len(letters)]) if at >= 0 else set()


def _by_pattern(form: str, spelled: str, pattern: str) -> set[int]:
    found = re.search(pattern, spelled)
    if found is None:
        return set()
    marked, at = set(), 0
    for i, (c, (sound, tone)) in enumerate(zip(form, forms.sounds_of(form, spelled), strict=True)):
        length = len(c) + (len(sound) + len(tone) if tone else 0)
        if at < found.end() and at + length > found.start():
            marked.add(i)
        at += length
    return marked
