"""Numbers in tables: plain ones, full-width ones, and degrees, minutes and seconds."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
from numpy.typing import NDArray

_DMS = re.compile(
    r"^(?P<sign>[-+]?)(?P<d>\d{1,3})\s*(?:°|度|d|º|-|:|\s)\s*(?P<m>\d{1,2})\s*(?:'|′|分|m|’|-|:|\s)\s*"
    r"(?P<s>\d{1,2}(?:\.\d+)?)?\s*(?:\"|″|秒|s|”|'')?$",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$", re.IGNORECASE)
_SPECIAL = {"nan": float("nan"), "inf": float("inf"), "+inf": float("inf"), "-inf": float("-inf")}


def unpacked_degrees(values: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Degrees of numbers that hold degrees, minutes and seconds without signs (1063812.3 is 106°38′12.3″).

    values: (n,), NaN where blank. None unless all of them can be that and none can be degrees.
    """
    known = values[np.isfinite(values)]
    whole = np.abs(known)
    minutes, seconds = whole // 100 % 100, whole % 100
    if not len(known) or (whole <= 10_000).any() or (whole >= 1_810_000).any():
        return None
    if (minutes >= 60).any() or (seconds >= 60).any():
        return None
    size = np.abs(values)
    return np.asarray(np.sign(values) * (size // 10_000 + size // 100 % 100 / 60 + size % 100 / 3600))


def number_of(cell: str) -> float | None:
    """The number that a cell holds, degrees for DMS; None for a blank one and for words.

    `nan` and `inf` are what a program wrote there and stay what they are (GE07).
    """
    # NFKC would take a double prime apart into two primes.
    text = unicodedata.normalize("NFKC", cell.replace("″", '"')).strip().strip("\ufeff'\"\u200b ")
    if not text:
        return None
    if text.lower() in _SPECIAL:
        return _SPECIAL[text.lower()]
    text = re.sub(r"^(东经|北纬|西经|南纬|[ENew]\s*(?=\d))\s*|\s*(°?\s*[ENen]|米|m)$", "", text).strip()
    if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    if _PLAIN.match(text):
        return float(text)
    if text.endswith(("°", "度")) and _PLAIN.match(text[:-1]):
        return float(text[:-1])
    if found := _DMS.match(text):
        minutes, seconds = int(found["m"]), float(found["s"] or 0)
        if minutes < 60 and seconds < 60:
            value = int(found["d"]) + minutes / 60 + seconds / 3600
            return -value if found["sign"] == "-" else value
    return None
