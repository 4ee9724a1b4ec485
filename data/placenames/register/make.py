"""Makes the lists of names beside this file from public lists under ../shared/data.

    .venv/bin/python data/placenames/register/make.py            all that ship
    .venv/bin/python data/placenames/register/make.py 500109 --out DIR   another county-level district

Only facts: names, codes, cut-off dates, the reassignment of November 2025, points and other names of
GeoNames, origins in our words. A change between two lists has no date of its own: it is dated by the cut-off
of the list that first shows it, and the interval stands beside it. README.md says what each column is.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[2])]

from counties import Named, connected  # noqa: E402
from others import earlier, geonames  # noqa: E402
from sources import (  # noqa: E402
    DOCUMENT,
    MCA,
    NAMES,
    PRESS,
    PROVINCE,
    REASSIGNED,
    Row,
    cut_offs,
    moves,
    origin,
    origins,
    other_codes,
    read,
    statistics,
)  # fmt: skip
from yearly import Life, Seen, lives, place_name, township_name  # noqa: E402

SUCCESSION = (
    "from_place", "from_name", "to_place", "to_name", "kind", "on_date", "between", "document", "source",
)  # fmt: skip
POINTS = ("place", "lon", "lat", "geonameid", "geonames_name")
VANISHED = ("序号", "地名名称", "地名拼音", "得名原由", "地名概况", "消失原因")

UNSTATED = "successor not stated in the source 名录未载去向"
#: What ships: townships with their villages of the pilot, townships alone of the districts that the
#: reassignment of 2025 touched, and the county-level names of the municipality.
SHIPPED = {"500112": True, "500105": False, "500109": False}


def write(folder: Path, name: str, columns: tuple[str, ...], rows: list[Row]) -> None:
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


def yearly(name: str, district: str, first: int, of: str) -> list[dict[str, tuple[str, str]]]:
    """The lists of a district, one a cut-off: {code: (name, full title)}. of: township or village.

    Where the source says that years lack between first and last (gaps), the row gives way to others."""
    count = len(cut_offs()) - (first - 2015)
    lists: list[dict[str, tuple[str, str]]] = [{} for _ in range(count)]
    rows = [r for r in read(name) if r["code"].startswith(district)]
    for row in sorted(rows, key=lambda r: not r.get("gaps")):
        title = row["name"]
        for year in range(int(row["first_year"]), int(row["last_year"]) + 1):
            if of == "village":
                lists[year - first][row["code"]] = (place_name(title), title)
            elif title.endswith(("街道", "镇", "乡", "街道办事处", "人民政府")):
                lists[year - first][row["code"]] = (township_name(title), township_name(title))
    return lists


def kind(of: str, title: str) -> tuple[str, str]:
    """Category and GB/T 18521 code."""
    if of == "village":
        rural = title.endswith(("村民委员会", "村委会"))
        return "村委会、居委会所在地", "21610" if rural else "21620"
    return ("街道" if title.endswith("街道") else "乡镇"), "21500"


def titles_of(run: list[Seen], dates: tuple[str, ...]) -> str:
    """The full titles that the lists print, each with the first and last list that has it."""
    found: dict[str, list[str]] = {}
    for one in run:
        found.setdefault(one.title, []).append(dates[one.index])
    return "；".join(f"{t}（{d[0]} 至 {d[-1]} 名录）" for t, d in found.items() if t != run[0].name)


def names_of(life: Life, of: str, dates: tuple[str, ...]) -> Iterator[Row]:
    """The versions of every name of one place."""
    runs = life.runs()
    for number, run in enumerate(runs):
        start, stop = run[0].index, run[-1].index
        category, gb_code = kind(of, run[-1].title)
        after = runs[number + 1] if number + 1 < len(runs) else None
        ended = stop + 1 < len(dates)
        code = run[0].code
        base = dict.fromkeys(NAMES, "") | {
            "place": life.key, "code": code, "name": run[0].name, "category": category, "gb_code": gb_code,
            "unit_code": code[:9] if of == "village" else code[:6], "names_unit": code,
            "titles": titles_of(run, dates), "other_code": other_codes().get(code, ""), "origin": origin(code),
            "from_between": f"{dates[start - 1]}/{dates[start]}" if start else "",
            "document": statistics(dates[stop]), "source": statistics(dates[stop]),
        }  # fmt: skip
        told = [
            f"{dates[start]} 名录起有载。" if not start
            else f"{dates[start - 1]} 名录不载，{dates[start]} 名录起有载，确切日期名录未载。"
        ]  # fmt: skip
        if number and runs[number - 1][-1].index + 1 == start:
            old = runs[number - 1][-1]
            told = [f"{base['from_between'].replace('/', ' 与 ')} 两次名录之间"]
            told[0] += (
                f"由“{old.name}”更名，代码未变，批准文件名录未载。"
                if old.name != run[0].name
                else f"代码由 {old.code} 改为 {code}，地名未变。"
            )
        if base["titles"]:
            told.append(f"委员会全称：{base['titles']}。")
        standard = base | {"status": "standard", "valid_from": dates[start], "history": "".join(told)}
        if not ended:
            yield from moved(standard)
            continue
        until = dates[stop + 1]
        base["until_between"] = standard["until_between"] = f"{dates[stop]}/{until}"
        yield standard | {"valid_to": until}
        later = [r for r in runs[number + 1 :] if r[0].name != run[0].name]
        if after and not later:
            continue
        between = base["until_between"].replace("/", " 与 ")
        if later and later[0] is after and after[0].index == stop + 1:
            yield base | {
                "status": "former", "valid_from": until,
                "history": "".join([*told, f"{between} 两次名录之间更名为“{after[0].name}”。"]),
                "vanished_because": f"更名为“{after[0].name}”（代码未变）",
            }  # fmt: skip
        elif not after:
            yield base | {
                "status": "vanished", "valid_from": until,
                "history": "".join([*told, f"{between} 两次名录之间不再列载，去向和原因名录未载。"]),
                "description": f"{'村民委员会' if gb_code == '21610' else '居民委员会'}所在地；"
                if of == "village"
                else "",
            }  # fmt: skip


def moved(standard: Row) -> Iterator[Row]:
    """A name in force in the last list: in two versions where its township went to another district in 2025.

    The codes of 2025 are not known: the old code stays the key.
    """
    township = standard["code"][:9]
    move = moves().get(township)
    if move is None:
        yield standard
        return
    yield standard | {"valid_to": REASSIGNED}
    whose = "" if township == standard["code"] else f"随{move['name']}"
    after = move["district_code_after"]
    yield standard | {
        "valid_from": REASSIGNED,
        "unit_code": after if township == standard["code"] else standard["unit_code"],
        "history": f"{standard['history']}{REASSIGNED} 起{whose}由{move['district_before']}划归"
        f"{move['district_after']}（{DOCUMENT}），地名未变；新代码未见公布，旧代码仍可查。",
        "source": f"{standard['source']}|{PRESS}",
    }


def successions(life: Life, dates: tuple[str, ...]) -> Iterator[Row]:
    """Renamings (same code, new name) and ends (code gone)."""
    runs = life.runs()
    for run, after in zip(runs, [*runs[1:], None], strict=True):
        stop = run[-1].index
        if stop + 1 >= len(dates) or (after and after[0].name == run[0].name):
            continue
        common = {
            "from_place": life.key, "from_name": run[0].name, "on_date": dates[stop + 1],
            "between": f"{dates[stop]}/{dates[stop + 1]}",
        }  # fmt: skip
        lists = f"{statistics(dates[stop])}；{statistics(dates[stop + 1])}"
        if after and after[0].index == stop + 1:
            alike = set(run[0].name) & set(after[0].name) - set("社区村街道镇乡")
            doubt = "" if alike else "；两名无共同字，或为另一单位沿用旧代码，待核"
            yield common | {
                "to_place": life.key, "to_name": after[0].name, "kind": "renamed",
                "source": f"{lists}；代码相同而名称不同{doubt}",
            }  # fmt: skip
        else:
            yield common | {"kind": "abolished", "source": f"{lists}；代码不再列载；{UNSTATED}"}


def district(code: str, villages: bool) -> tuple[list[Row], list[Row]]:
    """Names and successions of a county-level district from the yearly lists."""
    wanted = [("township", "codes/china/china_township_names_2015_2023.csv.gz", 2015)]
    if villages:
        wanted.append(("village", "codes/chongqing/chongqing_village_names_2016_2023.csv", 2016))
    names: list[Row] = []
    ends: list[Row] = []
    for of, source, first in wanted:
        dates = cut_offs()[first - 2015 :]
        for life in lives(yearly(source, code, first, of)):
            names.extend(names_of(life, of, dates))
            ends.extend(successions(life, dates))
    return names, ends


def municipality() -> tuple[list[Row], list[Row]]:
    """County-level names since 1981, with what 2025 changed."""
    names: list[Row] = []
    ends: list[Row] = []
    rows = connected(read("codes/history/county_codes_1981_2024.csv"), PROVINCE)
    gone_2025 = {m["district_code_before"] for m in moves().values()} - {"500109"}
    last: dict[str, Row] = {}
    for one in rows:
        names.extend(_county(one, gone_2025))
        last[one.code] = names[-1]
        for into in one.after:
            if into.same_as is one and into.name == one.name:
                continue
            kind_of = "renamed" if into.same_as is one else "split" if len(one.after) > 1 else "merged"
            ends.append(
                {
                    "from_place": place_of(one), "from_name": one.name, "to_place": place_of(into),
                    "to_name": into.name, "kind": kind_of, "on_date": f"{one.end}-12-31",
                    "between": f"{one.end}-01-01/{one.end}-12-31", "source": MCA,
                }
            )  # fmt: skip
    names.append(
        dict.fromkeys(NAMES, "") | {
            "place": "500157", "code": "500157", "name": "两江新区", "category": "县级以上行政区划",
            "gb_code": "21400", "status": "standard", "unit_code": PROVINCE, "names_unit": "500157",
            "valid_from": REASSIGNED, "document": DOCUMENT, "source": PRESS,
            "history": f"{REASSIGNED} 由江北区、渝北区（大湾、统景、大盛、兴隆、茨竹五镇除外）和北碚区五个街镇合并设立"
            f"（{DOCUMENT}）；代码 500157 出自二手资料。",
        }
    )  # fmt: skip
    for code in sorted(gone_2025):
        into = {m["district_after"]: m["district_code_after"] for m in moves().values()
                if m["district_code_before"] == code}  # fmt: skip
        for name, after in sorted(into.items(), key=lambda p: p[1]):
            ends.append(
                {
                    "from_place": last[code]["place"], "from_name": last[code]["name"],
                    "to_place": last.get(after, {}).get("place", after), "to_name": name,
                    "kind": "merged" if len(into) == 1 else "split", "on_date": REASSIGNED,
                    "document": DOCUMENT, "source": PRESS,
                }
            )  # fmt: skip
    return names, ends


def place_of(one: Named) -> str:
    """The key of a county-level place: its first code and year, so that a code used twice is told apart."""
    return f"{one.root.code}@{one.root.start}"


def _county(one: Named, gone_2025: set[str]) -> Iterator[Row]:
    province = one.level == "省级"
    base = dict.fromkeys(NAMES, "") | {
        "place": place_of(one), "code": one.code, "name": one.name, "category": "县级以上行政区划",
        "gb_code": "21200" if province else "21400", "status": "standard", "names_unit": one.code,
        "unit_code": PROVINCE if one.code.startswith(PROVINCE[:2]) else "510000",
        "valid_from": f"{one.start}-12-31", "document": MCA, "source": MCA, "origin": origin(one.code),
        "from_between": f"{one.start}-01-01/{one.start}-12-31" if one.start > 1981 else "",
        "history": f"代码 {one.code}，{one.start} 年末起有载；年末表只载年份，不载日期。",
    }  # fmt: skip
    if one.end is None and one.code not in gone_2025:
        yield base
        return
    until = REASSIGNED if one.end is None else f"{one.end}-12-31"
    base["until_between"] = "" if one.end is None else f"{one.end}-01-01/{until}"
    yield base | {"valid_to": until}
    stays = [a for a in one.after if a.same_as is one]
    if stays and stays[0].name == one.name:
        return
    into = "、".join(a.name for a in one.after)
    why = f"更名为{into}" if stays else f"撤销，辖区归{into}"
    if one.end is None:
        homes = {m["district_after"] for m in moves().values() if m["district_code_before"] == one.code}
        why = f"撤销，辖区归{'、'.join(sorted(homes))}（{DOCUMENT}）"
    yield base | {
        "status": "former" if stays else "vanished", "valid_from": until,
        "history": f"{base['history']}{until[:4]} 年{why}。", "vanished_because": why,
        "source": MCA if one.end else f"{MCA}|{PRESS}",
    }  # fmt: skip


def vanished(names: list[Row]) -> list[Row]:
    """消失地名: the form of the research on vanished names; what the sources do not state stays blank."""
    rows = []
    for row in names:
        if row["status"] not in ("vanished", "former") or row["valid_to"]:
            continue
        rows.append(
            {
                "序号": str(len(rows) + 1), "地名名称": row["name"], "地名拼音": row["romanization"],
                "得名原由": "", "地名概况": f"{row['description']}{row['history']}（{row['source']}）",
                "消失原因": row["vanished_because"],
            }
        )  # fmt: skip
    return rows


def spelt(rows: list[Row]) -> None:
    """Add to every name its romanization, by the rules of geo.names."""
    from geo.names.categories import Category
    from geo.names.romanize import romanize

    for row in rows:
        row["romanization"] = romanize(row["name"], Category(row["category"])).romanization


def make(code: str, folder: Path, *, villages: bool = True) -> None:
    """Write the lists of one county-level district, or with the province's code of its county-level names."""
    names, ends = municipality() if code == PROVINCE else district(code, villages)
    points: list[Row] = []
    others: list[Row] = []
    if code == PROVINCE:
        # A township of another district whose origin is told.
        for far in sorted(c for c in origins() if len(c) == 9 and c[:6] not in SHIPPED):
            names += [r for r in district(far[:6], False)[0] if r["code"] == far]
    else:
        points, others = geonames(code, names)
    told = list(earlier(names))
    former = {(r["place"], r["name"]) for r in told}
    names += told + [r for r in others if (r["place"], r["name"]) not in former]
    spelt(names)
    write(folder, f"{code}.csv", NAMES, names)
    write(folder, f"{code}_succession.csv", SUCCESSION, ends)
    if points:
        write(folder, f"{code}_points.csv", POINTS, points)
    write(folder, f"{code}_vanished.csv", VANISHED, vanished(names))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("district", nargs="?", help="6 digits; all that ship where none is given")
    parser.add_argument("--out", type=Path, default=HERE)
    chosen = parser.parse_args()
    if chosen.district:
        make(chosen.district, chosen.out)
    else:
        make(PROVINCE, HERE)
        for shipped, with_villages in SHIPPED.items():
            make(shipped, HERE, villages=with_villages)
