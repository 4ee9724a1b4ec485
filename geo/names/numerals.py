"""Numerals (数词) of names: which of them count a street, and their value.

Source: 《中国地名汉语拼音字母拼写规则（汉语地名部分）》（1984）, rules 6 (spelled out) and 7 (ordinals of streets and codes in
Arabic digits).
"""

from __future__ import annotations

import re

DIGITS = "零〇一二三四五六七八九十百千"

_VALUE = {c: max(i - 1, 0) for i, c in enumerate(DIGITS) if c not in "十百千"}
_LAST = re.compile(rf"第?[{DIGITS}]+$")

#: Old place names that end in a numeral which is part of the name, not an ordinal of the lane after it.
NUMERAL_NAMES = ("东四", "西四", "东三", "西三")
#: Words that end in 一 and count nothing (统一路).
_ENDING_IN_ONE = ("统一", "唯一", "归一", "合一", "专一", "如一", "太一")
#: The last day of each month.
_LAST_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def ordinal_at(specific: str, *, section: bool = False) -> int | None:
    """Where the ordinal (序数词) or code begins that a street's specific part ends in, None where it ends in none.

    section: the numeral counts a section of the street (兴隆路一段), which no word and no date does.
    """
    found = _LAST.search(specific)
    if not found:
        return None
    numeral, start = found.group(), found.start()
    if len(numeral) > 1 and specific[: start + 1].endswith(NUMERAL_NAMES):
        return start + 1  # 东四|十二条
    return start if section or _counts(numeral, specific[:start]) else None


def _counts(numeral: str, before: str) -> bool:
    """Whether the numeral behind `before` counts streets; where it does not, rule 6 spells it out."""
    return not (
        _is_date(numeral)
        # 双十 (10 October), 重九 (the ninth of the ninth month), 三月三: days of remembrance too.
        or before in ("双", "重")
        or re.search(rf"[{DIGITS}正腊]月$", before)
        # 重百路 is named after a store, 大千路 after a painter.
        or (numeral in ("百", "千") and before)
        or (before + numeral).endswith(_ENDING_IN_ONE)
    )


def _is_date(numeral: str) -> bool:
    """A day of remembrance (三八, 七七, 九一八, 一二九) or another numeral of two digits: an ordinal above nine has its 十
    (三十八路). Three digits that make no day of the year are a code, rule 7 (三四一路: 341 Lù)."""
    if any(c not in _VALUE for c in numeral):
        return False
    digits = "".join(str(_VALUE[c]) for c in numeral)
    days = ((int(digits[:cut]), digits[cut:]) for cut in (1, 2))
    return len(digits) == 2 or (
        len(digits) == 3 and any(0 < m <= 12 and d[0] != "0" and int(d) <= _LAST_DAYS[m - 1] for m, d in days)
    )


def in_digits(ordinal: str) -> str:
    """二 -> 2, 四十二 -> 42, 第九 -> Dì-9 (rule 7)."""
    digits = str(number(ordinal.removeprefix("第")))
    return f"Dì-{digits}" if ordinal.startswith("第") else digits


def number(word: str) -> int:
    """The value of a numeral in Chinese characters, up to 9,999. Raises KeyError on another character."""
    if not any(c in "十百千" for c in word):
        return int("".join(str(_VALUE[c]) for c in word))
    total = digit = 0
    for c in word:
        if c in _VALUE:
            digit = _VALUE[c]
        else:
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[c]
            digit = 0
    return total + digit
