"""What the lists are made from: public tables under ../shared/data, and how each is cited."""

from __future__ import annotations

import csv
import gzip
import io
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT.parent / "shared" / "data"
PROVINCE = "500000"

Row = dict[str, str]

NAMES = (
    "place", "code", "name", "romanization", "category", "gb_code", "status", "unit_code", "names_unit", "valid_from", "valid_to",
    "from_between", "until_between", "titles", "other_code", "origin", "history", "description",
    "vanished_because", "document", "source",
)  # fmt: skip
REASSIGNED, DOCUMENT = "2025-11-07", "渝府发〔2025〕15号"
PRESS = "重庆市人民政府公告 渝府发〔2025〕15号（2025-11-07），据 2025-11-06 报道"
MCA = "民政部 县级以上行政区划代码年末表（1981–2024，CC0 整理）"
GEONAMES = "GeoNames（CC BY 4.0）"


def read(name: str) -> list[Row]:
    """The rows of a table under ../shared/data."""
    raw = (DATA / name).read_bytes()
    text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def statistics(cut_off: str) -> str:
    return f"国家统计局 统计用区划代码（截至 {cut_off}）"


@cache
def cut_offs() -> tuple[str, ...]:
    """Cut-off dates of the yearly lists, 2015 to 2023."""
    return tuple(sorted({r["cut_off"] for r in read("codes/yubei/yubei_townships_2015_2023.csv")}))


@cache
def moves() -> dict[str, Row]:
    rows = read("codes/yubei/liangjiang_2025_reassignment.csv")
    return {r["code_2023"]: r for r in rows if not r["unchanged"]}


@cache
def origins() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in read("gazetteer/yubei_name_origins.csv"):
        found.setdefault(row["code"], []).append(row)
    return found


@cache
def other_codes() -> dict[str, str]:
    return {r["statistics_code"]: r["other_code"] for r in read("codes/yubei/yubei_two_code_systems.csv")}


def origin(code: str) -> str:
    """Every origin that a source tells, side by side, each with its source."""
    return "\n".join(f"{r['origin']}（来源：{r['source']}；二手资料，待核）" for r in origins().get(code, ()))
