"""Other names and points of places: former names that an origin tells, and what GeoNames has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from counties import connected
from sources import GEONAMES, NAMES, PROVINCE, ROOT, Row, origins, read


def earlier(names: list[Row]) -> Iterator[Row]:
    """Former names that an origin tells, on the place that bears the code now: 曾用名.

    One whose end the origin dates by a year (1955年由第二区更名) was the name until that year's end; the
    others have no period, and stand as former names since the first list that has the place.
    """
    known = {r["name"] for r in names}
    for code, told in origins().items():
        of = [r for r in names if r["code"] == code and r["status"] == "standard"]
        if not of:
            continue
        for row in told:
            for former in re.sub(r"[(（].*?[)）]", "", row["former_names"]).split(";"):
                if not former or former in known:
                    continue
                said = row["source"]
                rows = beside(
                    of, former, "former", said, f"{of[-1]['name']}的曾用名。来源：{said}；二手资料，待核。"
                )
                # Only the name that the sentence itself is about: 忠州街道 was 城关镇 until 1981, then 忠州镇.
                year = re.search(r"(\d{4})年[^，；]*更名", row["origin"])
                about = former.removeprefix("重庆市").rstrip("县区")
                until = (
                    about in row["origin"].replace(of[-1]["name"], "")
                    and f"更名{former}" not in row["origin"]
                )
                if year and until:
                    end = f"{year[1]}-12-31"
                    once = rows[0] | {
                        "until_between": f"{year[1]}-01-01/{end}",
                        "valid_from": end,
                        "valid_to": "",
                    }
                    yield once | {"status": "historic", "valid_from": "", "valid_to": end}
                    yield once
                else:
                    yield from rows


def beside(of: list[Row], name: str, status: str, source: str, history: str) -> list[Row]:
    """Another name of a place, as long as the versions of its standard name and in the same units."""
    kept = ("place", "code", "category", "gb_code", "unit_code", "valid_from", "valid_to", "origin")
    return [
        dict.fromkeys(NAMES, "") | {k: row[k] for k in kept}
        | {"name": name, "status": status, "source": source, "history": history}
        for row in of
    ]  # fmt: skip


def geonames(code: str, names: list[Row]) -> tuple[list[Row], list[Row]]:
    """Points of the district's townships, and the other names that GeoNames has for them (别名).

    A row is taken where its name is the township's (full, or its specific part) and it is the only one
    inside the district's box; without a known box, the only one of the municipality by the full name.
    """
    towns: dict[str, list[Row]] = {}
    for row in names:
        if len(row["code"]) == 9 and row["status"] == "standard":
            towns.setdefault(row["name"], []).append(row)
    taken = {r["name"] for r in names} | {
        n.name for n in connected(read("codes/history/county_codes_1981_2024.csv"), PROVINCE)
    }
    settings = ROOT / "data" / "boundaries" / "districts" / f"{code}.json"
    box = json.loads(settings.read_text(encoding="utf-8"))["box"] if settings.exists() else None
    places = [(r, set(r["names_zh"].split(";"))) for r in read("gazetteer/geonames_chongqing.csv")]
    points: list[Row] = []
    others: list[Row] = []
    for name, of in towns.items():
        town = of[0]
        bare = re.sub(r"(街道|镇|乡)$", "", name)
        forms = {name, *(bare + g for g in ("街道", "镇", "乡"))} | ({bare} if box else set())
        fits = [
            (r, z) for r, z in places
            if z & forms and (box is None or (box[0] <= float(r["lon"]) <= box[2] and box[1] <= float(r["lat"]) <= box[3]))
        ]  # fmt: skip
        if len(fits) != 1:
            continue
        row, zh = fits[0]
        points.append({"place": town["place"], "lon": row["lon"], "lat": row["lat"],
                       "geonameid": row["geonameid"], "geonames_name": row["name"]})  # fmt: skip
        for other in sorted(zh - taken - {bare}):
            others += beside(of, other, "variant", f"{GEONAMES} {row['geonameid']}",
                             f"GeoNames 所列{name}的另一名称，未说明是旧名还是别名、何时使用。")  # fmt: skip
    return points, others
