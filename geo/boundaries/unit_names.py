"""Names of units (政区名称) made comparable: traditional to simplified characters, generic part apart."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from functools import cache

from geo.settings import DATA

#: Generic parts of township-level names, the longest first: 街道办事处 before 街道.
SUFFIXES = (
    "街道办事处",
    "镇人民政府",
    "乡人民政府",
    "民族乡",
    "管委会",
    "街道办",
    "街道",
    "街办",
    "镇",
    "乡",
)


@cache
def _simplified() -> dict[int, str]:
    table: dict[str, str] = {}
    # The first table leaves out characters whose simplified form is rare: 磧, of 洛碛镇, among them.
    with (DATA / "boundaries" / "traditional.csv").open(encoding="utf-8", newline="") as file:
        table.update((row["traditional"], row["simplified"]) for row in csv.DictReader(file))
    table.update(json.loads((DATA / "placenames" / "traditional_convert.json").read_text(encoding="utf-8")))
    return str.maketrans(table)


def simplified(name: str) -> str:
    """The name in simplified characters (简体).

    Source: data/placenames/traditional_convert.json, and data/boundaries/traditional.csv for what it lacks.
    """
    return name.translate(_simplified())


def specific(name: str) -> str:
    """The specific part (专名) of a unit's name, simplified, without blanks: 統景鎮 and 统景 are one.

    A name is never cut to less than one character more than nothing: 乡 alone stays 乡.
    """
    plain = simplified(re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)))
    for suffix in SUFFIXES:
        if plain.endswith(suffix) and len(plain) > len(suffix):
            return plain[: -len(suffix)]
    return plain


def same_unit_name(a: str, b: str) -> bool:
    """Whether two names can be of one unit: the same specific part, and generic parts that agree
    (街道 against 镇 does not) wherever both names have one."""
    if specific(a) != specific(b):
        return False
    kinds = {_kind(a), _kind(b)} - {""}
    return len(kinds) <= 1


def _kind(name: str) -> str:
    plain = simplified(re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)))
    for suffix in SUFFIXES:
        if plain.endswith(suffix) and len(plain) > len(suffix):
            return "街道" if suffix.startswith("街") else "乡" if "乡" in suffix else suffix[0]
    return ""
