"""Makes the unit lists beside this file from the public code lists under ../shared/data/codes.

    .venv/bin/python data/boundaries/units/make.py

Only facts: codes, names, the cut-off date of the list that shows them, and the reassignment of
November 2025. A unit's life begins on the cut-off date of the first list that has it and ends on that
of the first list that has it no more: the true dates between two lists are not known.
"""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

HERE = Path(__file__).resolve().parent
CODES = HERE.parents[2].parent / "shared" / "data" / "codes"

COLUMNS = (
    "code", "statistical", "name", "level", "kind", "parent", "valid_from", "valid_to", "document", "source",
)  # fmt: skip
SUCCESSION = ("from_code", "to_code", "to_name", "to_parent", "kind", "on_date", "document", "source")

REASSIGNED = "2025-11-07"
DOCUMENT = "渝府发〔2025〕15号"
PRESS = "重庆市人民政府公告 渝府发〔2025〕15号（2025-11-07），据 2025-11-06 报道；两江新区代码出自二手资料"
#: 民政部 yearly lists name the year only; the list shows the state at the year's end.
MCA = "民政部 县级以上行政区划代码年末表（CC0 整理）"

Row = dict[str, str]


def statistics(cut_off: str) -> str:
    return f"国家统计局 统计用区划代码（截至 {cut_off}）"


def read(name: str) -> list[Row]:
    path = CODES / name
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(name: str, columns: tuple[str, ...], rows: list[Row]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def kind_of(name: str) -> str:
    return next(k for k in ("街道", "镇", "乡") if name.endswith(k))


def counties(province: str, wanted: tuple[str, ...] | None) -> list[Row]:
    """The province and its county-level units since the lists of 1997."""
    rows = []
    for old in read("history/county_codes_1981_2024.csv"):
        code, level = old["代码"], old["级别"]
        if not code.startswith(province[:2]) or (wanted is not None and code not in wanted):
            continue
        ended = old["变更/弃用时间"]
        rows.append(
            {
                "code": code,
                "statistical": code + "000000",
                "name": old["名称"],
                "level": "province" if level == "省级" else "county",
                "kind": old["名称"][-1],
                "parent": "" if level == "省级" else province,
                "valid_from": f"{old['启用时间']}-12-31",
                "valid_to": f"{ended}-12-31" if ended else "",
                "document": "",
                "source": MCA,
            }
        )
    return rows


def municipality() -> list[Row]:
    rows = counties("500000", None)
    for row in rows:
        if row["code"] in ("500105", "500112"):
            row["valid_to"] = REASSIGNED
    new = dict.fromkeys(COLUMNS, "")
    new |= {
        "code": "500157", "name": "两江新区", "level": "county", "kind": "区", "parent": "500000",
        "valid_from": REASSIGNED, "document": DOCUMENT, "source": PRESS,
    }  # fmt: skip
    return [*rows, new]


def moves() -> dict[str, Row]:
    return {r["code_2023"]: r for r in read("yubei/liangjiang_2025_reassignment.csv")}


def township(code: str, name: str, first: str, last: str, source: str) -> list[Row]:
    """One township until the last list, and again under its new district where it was reassigned.

    The new codes of 2025 are not known: the old code stays the key, the statistical one is left empty.
    """
    row = {
        "code": code, "statistical": code + "000", "name": name, "level": "township", "kind": kind_of(name),
        "parent": code[:6], "valid_from": first, "valid_to": last, "document": "", "source": source,
    }  # fmt: skip
    move = moves().get(code)
    if last or move is None or move["district_code_after"] == code[:6]:
        return [row]
    after = row | {
        "statistical": "", "parent": move["district_code_after"], "valid_from": REASSIGNED,
        "valid_to": "", "document": DOCUMENT, "source": PRESS,
    }  # fmt: skip
    return [row | {"valid_to": REASSIGNED}, after]


def runs(lists: dict[str, dict[str, str]]) -> list[tuple[str, str, str, str, str]]:
    """(code, name, first cut-off, cut-off of the first list without it or "", last cut-off) from
    yearly lists {cut-off: {code: name}}."""
    cut_offs = sorted(lists)
    found = []
    for code in sorted({c for names in lists.values() for c in names}):
        start = 0
        for i in range(1, len(cut_offs) + 1):
            now = lists[cut_offs[i]].get(code) if i < len(cut_offs) else None
            before = lists[cut_offs[i - 1]].get(code)
            if i < len(cut_offs) and now == before:
                continue
            if before is not None:
                end = cut_offs[i] if i < len(cut_offs) else ""
                found.append((code, before, cut_offs[start], end, cut_offs[i - 1]))
            start = i
    return found


def yubei() -> list[Row]:
    townships: dict[str, dict[str, str]] = {}
    for row in read("yubei/yubei_townships_2015_2023.csv"):
        townships.setdefault(row["cut_off"], {})[row["code"]] = row["name"]
    rows = []
    for code, name, first, end, last in runs(townships):
        rows.extend(township(code, name, first, end, statistics(last)))
    villages: dict[str, dict[str, str]] = {}
    for row in read("yubei/yubei_villages_2016_2023.csv"):
        villages.setdefault(row["cut_off"], {})[row["code"]] = row["name"]
    for code, name, first, end, last in runs(villages):
        rows.append(
            {
                "code": code, "statistical": code, "name": name, "level": "village",
                "kind": "村" if "村民委员会" in name or name.endswith("村委会") else "社区",
                "parent": code[:9], "valid_from": first, "valid_to": end, "document": "",
                "source": statistics(last),
            }
        )  # fmt: skip
    return rows


def neighbour(county: str) -> list[Row]:
    """The townships of a district that the reassignment of 2025 touched, from the yearly lists."""
    cut_offs = {r["year"]: r["cut_off"] for r in read("yubei/yubei_townships_2015_2023.csv")}
    lists: dict[str, dict[str, str]] = {c: {} for c in cut_offs.values()}
    for row in read("china/china_township_names_2015_2023.csv.gz"):
        if row["code"].startswith(county):
            name = row["name"].removesuffix("办事处").removesuffix("人民政府")
            for year in range(int(row["first_year"]), int(row["last_year"]) + 1):
                lists[cut_offs[str(year)]][row["code"]] = name
    rows = []
    for code, name, first, end, last in runs(lists):
        rows.extend(township(code, name, first, end, statistics(last)))
    return rows


def succession() -> list[Row]:
    rows = []
    for start, end in (
        ("500112", "500157"),
        ("500112", "500109"),
        ("500105", "500157"),
        ("500109", "500157"),
    ):
        rows.append(
            {
                "from_code": start, "to_code": end, "to_parent": "500000",
                "to_name": {"500157": "两江新区", "500109": "北碚区"}[end],
                "kind": "part" if start == "500109" or end == "500109" else "merged",
                "on_date": REASSIGNED, "document": DOCUMENT, "source": PRESS,
            }
        )  # fmt: skip
    for code, move in sorted(moves().items()):
        if move["unchanged"]:
            continue
        rows.append(
            {
                "from_code": code, "to_code": "", "to_name": move["name"],
                "to_parent": move["district_code_after"], "kind": "moved", "on_date": REASSIGNED,
                "document": DOCUMENT, "source": PRESS,
            }
        )  # fmt: skip
    earlier = "县级以上区划代码 1981–2024（CC0 整理）；名称与区域不变，代码随设立直辖市改变"
    rows.append(
        {
            "from_code": "510218", "to_code": "500112", "to_name": "渝北区", "to_parent": "500000",
            "kind": "recoded", "on_date": "1997-12-31", "document": "", "source": earlier,
        }
    )  # fmt: skip
    return rows


def other_codes() -> list[Row]:
    return [
        {
            "code": row["statistics_code"], "other_code": row["other_code"], "name": row["name"],
            "system": "重庆某城市平台所用区划代码，可能即民政县以下区划代码，未核实",
            "source": "公开网页客户端（2025-04），与统计用区划代码对照",
        }
        for row in read("yubei/yubei_two_code_systems.csv")
    ]  # fmt: skip


if __name__ == "__main__":
    write("500000.csv", COLUMNS, municipality())
    write("510000.csv", COLUMNS, counties("510000", ("510000", "511623", "511681")))
    write("500112.csv", COLUMNS, yubei())
    write("500105.csv", COLUMNS, neighbour("500105"))
    write("500109.csv", COLUMNS, neighbour("500109"))
    write("units_succession.csv", SUCCESSION, succession())
    write("other_codes.csv", ("code", "other_code", "name", "system", "source"), other_codes())
