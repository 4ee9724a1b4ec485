"""Romanization of 1,000,000 names beside bare pypinyin on the same names, phrase readings loaded on both sides.

./yudi bench romanize

Names: the villages of the nation where the folder of real data lies beside the repository, filled up (or made
altogether) by a seeded generator out of the shipped names of divisions. Time is processor time.
"""

from __future__ import annotations

import csv
import gzip
import random
import time
from itertools import islice

from benchmarks.measure import ROOT, Comparison, report, side

NAMES = 1_000_000
REAL = ROOT.parent / "shared" / "data" / "codes" / "china" / "china_villages_2023.csv.gz"


def names(count: int, seed: int = 4) -> list[str]:
    """`count` names of villages, streets and towns; the same for the same seed."""
    answer: list[str] = []
    if REAL.exists():
        with gzip.open(REAL, "rt", encoding="utf-8", newline="") as file:
            answer = [row["name"] for row in islice(csv.DictReader(file), count)]
    with (ROOT / "data" / "placenames" / "divisions_2023.csv").open(encoding="utf-8", newline="") as file:
        stems = [row["name"][:-1] for row in csv.DictReader(file)]
    chance = random.Random(seed)
    while len(answer) < count:
        answer.append(
            chance.choice("新老大小上下东西")
            + chance.choice(stems)
            + chance.choice(("村", "社区", "村民委员会", "镇", "路", "二路", "家园", "大桥"))
        )
    return answer


def ours(count: str) -> float:
    """Processor seconds of romanize(), with its uncertain readings and rule numbers."""
    from geo.names.romanize import romanize

    table = names(int(count))
    romanize("兴隆村")
    begun = time.process_time()
    for name in table:
        romanize(name)
    return time.process_time() - begun


def bare(count: str) -> float:
    """Processor seconds of lazy_pinyin with tone marks and nothing else."""
    from pypinyin import Style, lazy_pinyin
    from pypinyin_dict.phrase_pinyin_data import large_pinyin

    large_pinyin.load()
    table = names(int(count))
    lazy_pinyin("兴隆村", style=Style.TONE)
    begun = time.process_time()
    for name in table:
        lazy_pinyin(name, style=Style.TONE)
    return time.process_time() - begun


def main() -> list[dict[str, object]]:
    rows = [
        Comparison(
            f"romanize {NAMES:,} names / bare pypinyin",
            side("romanize", "ours", str(NAMES)).seconds,
            side("romanize", "bare", str(NAMES)).seconds,
            2.0,
            note="whole spelling with doubts, against syllables alone",
        )
    ]
    return report("Romanization", rows)
