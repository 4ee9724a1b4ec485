"""词的切分: whether a word that was found in a name is one, or arose where two words meet (渝北|汽车 holds no 北汽).

Chinese is written without spaces, so a list's word can stand in a name by accident. The name is cut into the fewest known
words twice, with the word whole and with a cut through it, and the two are compared. What is known: the phrases by which
names are read (readings.phrases) and the nation's divisions with and without what they are (渝北). No frequencies: where
both ways take as many, a person decides.
"""

from __future__ import annotations

from enum import Enum
from functools import cache, lru_cache

from geo.names.categories import GENERICS
from geo.names.readings import phrases
from geo.names.words import divisions

#: What a piece costs: a division in front or a generic part, any other known word, a character that ends or opens many
#: names, any other.
SURE, WORD, COMMON, ALONE = 1, 2, 2, 4
#: Characters that are words by themselves at the end of a specific part (地形、聚落) and at its beginning.
ENDS = frozenset(
    "村寨湾院坝坪沟嘴垭桥场铺店屋庄屯堡岩坡岭塘田冲坳坑石井洞溪河滩沱峡山峰崖包堆丘庙寺观祠门口上下里岛湖江泉渡津梁园"
)
BEGINS = frozenset("新老大小东西南北中上下前后")
#: Words of more characters are not looked for.
LONGEST = 8
#: From so many characters on, a phrase that holds the whole word is a saying, and the word no word of its own (五福临门).
SAYING = 4


class Standing(Enum):
    """How a word stands in a name."""

    WORD = "word"
    UNSURE = "unsure"
    ACCIDENT = "accident"


@cache
def _divisions() -> frozenset[str]:
    """Names of divisions, whole and without their last character where two remain (渝北区, 渝北)."""
    full = divisions()
    return frozenset(full) | frozenset(name[:-1] for name in full if len(name) > 2)


@cache
def _generics() -> frozenset[str]:
    return frozenset(g for those in GENERICS.values() for g in those if len(g) > 1)


def _cost(text: str, start: int, end: int) -> int | None:
    """What it costs to take text[start:end] as one word; None where it is none."""
    piece = text[start:end]
    if len(piece) == 1:
        common = (end == len(text) and piece in ENDS) or (start == 0 and piece in BEGINS)
        return COMMON if common else ALONE
    if piece in _generics() or (start == 0 and piece in _divisions()):
        return SURE
    return WORD if piece in phrases() else None


def _fewest(text: str, start: int, end: int) -> int:
    """The least cost of cutting text[start:end] into words."""
    best = [0] + [0] * (end - start)
    for at in range(1, end - start + 1):
        found = []
        for begin in range(max(0, at - LONGEST), at):
            cost = _cost(text, start + begin, start + at)
            if cost is not None:
                found.append(best[begin] + cost)
        best[at] = min(found)
    return best[-1]


@lru_cache(maxsize=10_000)
def standing(text: str, start: int, end: int) -> Standing:
    """How text[start:end], a word of a list, stands in a specific part."""
    if end - start < 2:
        return Standing.WORD
    whole = _fewest(text, 0, start) + WORD + _fewest(text, end, len(text))
    parted = min(_fewest(text, 0, cut) + _fewest(text, cut, len(text)) for cut in range(start + 1, end))
    if parted < whole:
        return Standing.ACCIDENT
    if parted == whole or _in_a_saying(text, start, end):
        return Standing.UNSURE
    return Standing.WORD


def _in_a_saying(text: str, start: int, end: int) -> bool:
    known = phrases()
    return any(
        text[a:b] in known
        for a in range(start + 1)
        for b in range(max(end, a + SAYING), len(text) + 1)
        if (a, b) != (start, end)
    )
