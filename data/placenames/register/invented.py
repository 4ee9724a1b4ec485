"""Makes invented.csv: names of the demonstration, drawn from invented_words.csv. Nothing in it is real.

    .venv/bin/python data/placenames/register/invented.py

Every pair of words at most once, in drawn order; none that is written or sounds like a name of the lists
beside it, so that no invented name stands in the way of a real one.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2]))

from geo.names.categories import Category  # noqa: E402
from geo.names.parts import split  # noqa: E402
from geo.names.romanize import romanize  # noqa: E402

COLUMNS = ("category", "name", "romanization", "meaning", "story")
MARK = "（演示，虚构）"
SEED = 500112
#: How many of each, and the generic part of those whose pair of words is the specific part alone.
WANTED = (
    (Category.NATURAL_VILLAGE, "", 600),
    (Category.STREET, "路", 120),
    (Category.FACILITY, "桥", 40),
    (Category.PARK, "公园", 30),
    (Category.ESTATE, "小区", 60),
)


def words() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with (HERE / "invented_words.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["part"], []).append(row["word"])
    return found


def real() -> set[str]:
    """Specific parts of the real names, and how they sound."""
    found: set[str] = set()
    for path in HERE.glob("*.csv"):
        if re.fullmatch(r"\d{6}", path.stem):
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    specific = split(row["name"], Category(row["category"])).specific
                    found |= {specific, sound(specific)}
    return found


def sound(name: str) -> str:
    """As spoken, without tones and word breaks."""
    return re.sub("[^a-z]", "", romanize(name, Category.OTHER).plain.casefold())


def rows() -> Iterator[tuple[str, str, str, str, str]]:
    table, taken, random = words(), real(), Random(SEED)
    pairs = {
        part: random.sample([(a, b) for a in table[first] for b in table[second]], k=len(table[first]) * len(table[second]))
        for part, first, second in (("village", "village_head", "village_generic"), ("other", "first", "second"))
    }  # fmt: skip
    for category, generic, wanted in WANTED:
        village = category is Category.NATURAL_VILLAGE
        drawn = pairs["village" if village else "other"]
        made = 0
        while made < wanted:
            head, tail = drawn.pop()
            heard = sound(head + tail)
            if head + tail in taken or heard in taken:
                continue
            taken |= {head + tail, heard}
            made += 1
            name = head + tail + generic
            yield (
                category.value, name, romanize(name, category).romanization,
                f"{MARK}以{head}得名，“{tail}”为当地通名。" if village else f"{MARK}“{head}{tail}”由词表随机组成，无实际含义。",
                f"{MARK}相传早年此处有{head}，行人以此认路，遂成地名。" if village else "",
            )  # fmt: skip


if __name__ == "__main__":
    made = list(rows())
    with (HERE / "invented.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(made)
