"""A question as addresses have it (渝北区统景镇合理村): the units that it names, from the outermost in, and the name in them.

Pure: what units are called and which of them lie in which is told by whoever asks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

#: A unit's name of fewer characters is none in a question (开 of 开县), of more is not looked for; so many units stand one
#: in the other (province, prefecture, county, township, village).
SHORTEST, LONGEST, DEEPEST = 2, 11, 5
#: Too many names of a province or a prefecture, whose digits are fewer than a county's, hold one character or two letters
#: (重庆市村): there a rest has more.
COUNTY, CHARACTERS, LETTERS = 6, 2, 3
#: Units of one name that are thought of, the best by rank.
UNITS = 20

#: What divides the words of a question as a blank does.
_DIVIDING = frozenset(',、·・•"')
#: What may stand at the end of a question, and belongs to no name.
_STOPS = "。.!?;:" + "".join(_DIVIDING)


@dataclass(frozen=True, slots=True)
class Reading:
    """A way to read a question. unit: the innermost unit that is named, by the digits that all codes in it begin with.
    rest: the name in it. own: codes of the units in it that are called so. path: where the names of units end."""

    unit: str
    rest: str
    own: tuple[str, ...]
    path: tuple[int, ...]


def holding(code: str) -> str:
    """The digits that the codes of all units in a unit begin with: 50 for 500000, 5116 for 511600."""
    return re.sub(r"(00)+$", "", code) if len(code) == 6 else code


def around(code: str) -> tuple[str, ...]:
    """The units that a code lies in by its digits, and the unit itself, as `holding` has them."""
    return tuple(dict.fromkeys(holding(code)[:n] for n in (2, 4, 6, 9, 12)))


def readings(
    words: Sequence[str],
    codes: Mapping[str, Sequence[str]],
    units_around: Callable[[str], Set[str]],
    most: int,
) -> list[Reading]:
    """Ways to read a question, divided into words by blanks, as units and a name in the innermost: (统景, 江口).

    codes: of units by name, the best first. units_around: all that a code lies in, as `holding` has them. The best
    first, those whose rest is a unit of that name before all others.
    """
    text = "".join(words)
    if len(text) <= SHORTEST:
        return []
    apart = len(words) > 1 and len(words[0]) > 1
    found = _read(words if apart else (text,), codes, units_around)
    if apart and not found:
        found = _read((text,), codes, units_around)
    if len(words) > 1 and not any(r.own for r in found):
        # The unit may stand behind the name: 合理村 统景镇, 合理村 统景镇 渝北区, 合理村 渝北区 统景镇.
        for order in dict.fromkeys((tuple(reversed(words)), (*words[1:], words[0]))):
            found += _read(order, codes, units_around)
    certain = [r.path for r in found if r.own]
    # A reading that takes another unit off a name which is a unit's own (龙山 off 龙山路社区), or leaves one on, says less.
    found = [r for r in found if r.own or not any(_along(r.path, path) for path in certain)]
    found.sort(key=lambda r: (not r.own, -r.path[0], len(r.path)))
    once: dict[tuple[str, str], Reading] = {}
    for r in found:
        once.setdefault((r.unit, r.rest), r)
    return list(once.values())[:most]


def _along(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(a == b for a, b in zip(one, other, strict=False))


def _read(
    words: Sequence[str], codes: Mapping[str, Sequence[str]], units_around: Callable[[str], Set[str]]
) -> list[Reading]:
    """All ways, where no unit's name goes from one word to the next, nor a rest that begins within a word."""
    text = "".join(words)
    ends = {sum(map(len, words[:i])) for i in range(1, len(words))}
    found: list[Reading] = []

    def within(outer: Set[str], given: Iterable[str]) -> list[str]:
        return [c for c in given if holding(c) not in outer and not outer.isdisjoint(units_around(c))]

    def go(start: int, outer: Set[str], path: tuple[int, ...]) -> bool:
        """Whether there is a unit at `start`."""
        longer: set[str] = set()
        for end in range(min(len(text), start + LONGEST + 1) - 1, start + SHORTEST - 1, -1):
            known = codes.get(text[start:end])
            if known is None or any(start < e < end for e in ends):
                continue
            inner = within(outer, known) if path else known
            # What is found behind 渝北 is found behind 渝北区.
            if longer.issuperset(inner):
                continue
            longer.update(inner)
            here = (*path, end)
            at = len(found)
            if len(here) < DEEPEST and go(end, frozenset(map(holding, inner)), here):
                # Of units of one name those that hold what is named next are meant.
                deeper = frozenset[str]().union(
                    *(units_around(r.unit) for r in found[at:] if len(r.path) == len(here) + 1)
                )
                inner = [c for c in inner if holding(c) in deeper] or inner
            if end in ends or not any(e > end for e in ends):
                note(list(dict.fromkeys(map(holding, inner)))[:UNITS], text[end:], here)
        return bool(longer)

    def note(units: Sequence[str], rest: str, path: tuple[int, ...]) -> None:
        called = [(c, units_around(c)) for c in within(frozenset(units), codes.get(rest, ()))]
        for unit in units:
            if len(unit) < COUNTY and len(rest) < (LETTERS if rest.isascii() else CHARACTERS):
                continue
            own = [c for c, lies_in in called if unit in lies_in and holding(c) != unit][:UNITS]
            found.append(Reading(unit, rest, tuple(own), path))

    go(0, frozenset(), ())
    return found


def words_of(given: str) -> list[str]:
    """The words of a question: what blanks, commas, middle dots, quotes and brackets divide."""
    return "".join(" " if _divides(c) else c for c in given).split()


def unwrapped(given: str) -> str:
    """A question without quotes, brackets and stops round it: 统景镇 of “统景镇”。; 名居花园（万科） stays."""
    text = given.strip()
    while text:
        before = text
        text = text.strip("".join(c for c in {text[0], text[-1]} if c.isspace() or _folded(c) in _STOPS))
        if text and _opens(text[0]) and _partner(text) in (None, len(text) - 1):
            text = text[1:] if _partner(text) is None else text[1:-1]
        elif text and _closes(text[-1]) and not any(map(_opens, text)):
            text = text[:-1]
        if text == before:
            break
    return text


def with_marks(marked: str, rest: str) -> str:
    """The end of a question that a rest is, with the marks that stand in it: 名居花园(万科)."""
    for start in range(len(marked) - len(rest), -1, -1):
        if "".join(words_of(marked[start:])) == rest:
            return unwrapped(marked[start:])
    return rest


def _folded(c: str) -> str:
    return unicodedata.normalize("NFKC", c)


def _opens(c: str) -> bool:
    return unicodedata.category(c) in ("Ps", "Pi")


def _closes(c: str) -> bool:
    return unicodedata.category(c) in ("Pe", "Pf")


def _divides(c: str) -> bool:
    return _folded(c) in _DIVIDING or _opens(c) or _closes(c)


def _partner(text: str) -> int | None:
    """Where what the first character opens is closed."""
    depth = 0
    for i, c in enumerate(text):
        depth += _opens(c) - _closes(c)
        if depth == 0:
            return i
    return None
