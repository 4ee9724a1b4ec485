"""Values as files give them (属性值): text, codes, numbers, dates, angles, whatever the file's type was.

A field may come as a string, a Python or numpy number, NaN, NaT, None, a date or a Timestamp. Each
function takes one such value and gives a plain one, or None where the field is empty. Nothing raises.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from geo.terms import LINE_STATE_NAMES, LineState, MarkerKind

#: What people write into a field that has nothing to say.
EMPTY = frozenset({"", "-", "--", "—", "/", "\\", "无", "空", "null", "none", "nan", "nat", "<null>", "n/a"})

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－_~～", "-"))
_DATE = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s].*)?$")
_PACKED_DATE = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_NUMBER = re.compile(r"^[+-]?\d[\d,]*(?:\.\d*)?(?:[eE][+-]?\d+)?|^[+-]?\.\d+")
_DMS = re.compile(
    r"^(?P<sign>[+-]?)(?P<d>\d{1,3})\s*[°º度:\-\s]\s*(?P<m>\d{1,2})\s*[′'’分:\-\s]\s*"
    r"(?P<s>\d{1,2}(?:\.\d+)?)\s*(?:[″\"”]|''|秒)?$"
)

_STATES: dict[str, LineState] = {
    **{s.value: s for s in LineState},
    **{t.zh: s for s, t in LINE_STATE_NAMES.items()},
    **{t.en.lower(): s for s, t in LINE_STATE_NAMES.items()},
    "未勘界": LineState.UNDEMARCATED,
    "未定界": LineState.UNDEMARCATED,
    "未定": LineState.UNDEMARCATED,
    "准备阶段": LineState.PREPARING,
    "外业": LineState.FIELD_SURVEY,
    "外业测量": LineState.FIELD_SURVEY,
    "勘测": LineState.FIELD_SURVEY,
    "走向已确认": LineState.ALIGNMENT_CONFIRMED,
    "界桩已测": LineState.MARKERS_DONE,
    "界桩埋设": LineState.MARKERS_DONE,
    "成果已审查": LineState.RESULTS_CHECKED,
    "成果检查": LineState.RESULTS_CHECKED,
    "已签协议": LineState.AGREEMENT_SIGNED,
    "协议已签": LineState.AGREEMENT_SIGNED,
    "协议已签订": LineState.AGREEMENT_SIGNED,
    "已报批": LineState.SUBMITTED,
    "待批": LineState.SUBMITTED,
    "submitted for approval": LineState.SUBMITTED,
    "已勘界": LineState.SETTLED,
    "已定界": LineState.SETTLED,
    "已定": LineState.SETTLED,
    "勘定": LineState.SETTLED,
    "demarcated": LineState.SETTLED,
    "变更": LineState.CHANGING,
}

_KINDS: dict[str, MarkerKind | None] = {
    "q": MarkerKind.SINGLE,
    "单": MarkerKind.SINGLE,
    "单立": MarkerKind.SINGLE,
    "单立界桩": MarkerKind.SINGLE,
    "单桩": MarkerKind.SINGLE,
    "single": MarkerKind.SINGLE,
    "a": MarkerKind.TWIN_A,
    "b": MarkerKind.TWIN_B,
    "c": MarkerKind.TRIPLE_C,
    "d": MarkerKind.TRIPLE_D,
    "e": MarkerKind.TRIPLE_E,
}


def text(value: Any) -> str | None:
    """Text with width and blanks normalised (全角转半角); whole floats lose their `.0`. None where empty."""
    if value is None:
        return None
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        if isinstance(value, (float, np.floating)):
            if not math.isfinite(value):
                return None
            if float(value).is_integer() and abs(float(value)) < 1e15:
                return str(int(value))
        elif pd.api.types.is_scalar(value) and pd.isna(value):
            return None
        value = str(value)
    plain = unicodedata.normalize("NFKC", value).replace("\x00", "").strip()
    return None if plain.lower() in EMPTY else plain


def code(value: Any) -> str | None:
    """A code or number of a record (代码、编号): capitals, no blanks, every dash a hyphen, no `.0`."""
    return _code_of(value) if isinstance(value, str) else _code(value)


@lru_cache(maxsize=50_000)
def _code_of(value: str) -> str | None:
    """As `code`: several checks ask for the same."""
    return _code(value)


def _code(value: Any) -> str | None:
    plain = text(value)
    if plain is None:
        return None
    plain = re.sub(r"\s+", "", plain).translate(_DASHES).upper()
    if re.fullmatch(r"\d+\.0+", plain):
        plain = plain.split(".")[0]
    elif re.fullmatch(r"\d(\.\d+)?E\+?\d+", plain):
        try:
            number_ = Decimal(plain)
        except InvalidOperation:
            return plain
        if number_ == number_.to_integral_value():
            plain = format(number_, "f").split(".")[0]
    return plain or None


def number(value: Any) -> float | None:
    """A number, also from text with thousands commas or a unit behind it. None where there is none."""
    if isinstance(value, (bool, np.bool_)):
        return None
    if isinstance(value, (int, float, np.integer, np.floating, Decimal)):
        result = float(value)
        return result if math.isfinite(result) else None
    plain = text(value)
    if plain is None or (match := _NUMBER.match(plain)) is None:
        return None
    rest = plain[match.end() :].strip()
    if rest and not re.fullmatch(r"[^\d.,+/\-][^\d.]{0,7}\d?", rest):
        return None
    result = float(match.group().replace(",", ""))
    return result if math.isfinite(result) else None


def degrees(value: Any) -> float | None:
    """An angle of longitude or latitude (经纬度) in degrees: decimal, or degrees, minutes and seconds."""
    if not isinstance(value, str):
        return number(value)
    plain = unicodedata.normalize("NFKC", value).strip().strip("东西南北经纬EWNSewns度 ")
    negative = bool(re.search(r"[WSws西南](?!.*[东北])", unicodedata.normalize("NFKC", value)))
    # NFKC makes two primes of a double prime.
    plain = plain.replace("''", '"').replace("′′", '"')
    if (match := _DMS.match(plain)) is not None:
        whole, minutes, seconds = int(match["d"]), int(match["m"]), float(match["s"])
        if minutes >= 60 or seconds >= 60:
            return None
        result = whole + minutes / 60 + seconds / 3600
        return -result if negative or match["sign"] == "-" else result
    found = number(plain.rstrip("°º"))
    return None if found is None else -found if negative and found > 0 else found


def unpacked(value: float) -> float | None:
    """Degrees, where DD.MMSSss was typed as if it were decimal degrees; None where it cannot be that."""
    sign = -1.0 if value < 0 else 1.0
    value = abs(value)
    whole = int(value + 1e-12)
    minutes_seconds = round((value - whole) * 100, 10)
    minutes = int(minutes_seconds + 1e-9)
    seconds = round((minutes_seconds - minutes) * 100, 8)
    if minutes >= 60 or seconds >= 60:
        return None
    return sign * (whole + minutes / 60 + seconds / 3600)


def decimals(values: Iterable[Any]) -> int:
    """How many decimals a column is written with: the most that any of its values has."""
    most = 0
    for value in values:
        if isinstance(value, (float, np.floating)):
            plain: str | None = repr(float(value)) if math.isfinite(value) else None
        else:
            plain = text(value)
        if plain is None or "e" in plain.lower():
            continue
        if (match := re.search(r"\.(\d+)", plain)) is not None:
            most = max(most, len(match.group(1).rstrip("0") if isinstance(value, float) else match.group(1)))
    return most


def day(value: Any) -> date | None:
    """A date (日期) from a date, a Timestamp, or text as 2024-03-01, 2024/3/1, 2024年3月1日, 20240301."""
    if value is None:
        return None
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if isinstance(value, datetime):
        return None if pd.isna(value) else value.date()
    if isinstance(value, date):
        return value
    plain = text(value)
    if plain is None:
        return None
    match = _DATE.match(plain) or _PACKED_DATE.match(plain)
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


def state(value: Any) -> LineState | None:
    """勘定状态 from its code or its name in Chinese or English; None where empty or unknown."""
    plain = text(value)
    return None if plain is None else _STATES.get(plain.lower()) or _STATES.get(plain)


def kind(value: Any) -> MarkerKind | None:
    """界桩类型 from its letter or name (单立; 双立A, 同号双立(A) …); None where empty or unknown."""
    plain = text(value)
    if plain is None:
        return None
    plain = plain.lower()
    if plain in _KINDS:
        return _KINDS[plain]
    if match := re.search(r"(?<![a-z])([a-eq])(?![a-z])", plain):
        return MarkerKind(match.group(1).upper())
    return MarkerKind.SINGLE if "单" in plain else None
