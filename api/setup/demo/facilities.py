"""Facilities (设施) of the demonstration: every kind, canteens of all seven modes, reports of all ages, monthly
figures, residents 60+ of communities, and the change of the cremation area. Invented, and marked as such."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyproj
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from api.setup.demo.generate import SOURCE, District
from api.setup.demo.streets import streets
from geo.facilities.hours import parse
from geo.facilities.kinds import Mode
from geo.store import streets as street_store
from geo.store.tables import (
    SRID,
    CareFigure,
    CommunityArea,
    Facility,
    FacilityInspection,
    FacilityReport,
    PolicyArea,
    User,
)
from geo.walking.network import Network

REASON = "演示数据（虚构）"
#: No number that anybody could be called by.
PHONE = "023-0000{:04d}"
MODES = (
    Mode.COMMUNITY,
    Mode.PROPERTY,
    Mode.INSTITUTION,
    Mode.RESTAURANT,
    Mode.VILLAGE,
    Mode.MARKET,
    Mode.COLLECTIVE,
)
CANTEENS = {
    Mode.INSTITUTION: "养老机构食堂", Mode.PROPERTY: "物业食堂", Mode.COMMUNITY: "社区食堂", Mode.RESTAURANT: "长者餐厅",
    Mode.VILLAGE: "村社食堂", Mode.MARKET: "赶集食堂", Mode.COLLECTIVE: "集体经济食堂",
}  # fmt: skip
DAILY = (
    "每天 06:30-09:00、11:00-13:00、17:00-18:30",
    "每天 07:00-09:00、11:00-13:00",
    "周一至周六 11:00-13:00",
)
MARKETS = ("逢1、4、7 07:00-13:00", "逢2、5、8 07:00-13:00", "农历逢三、六、九 07:00-13:00")
OFFICE = "周一至周五 09:00-12:00、14:00-17:30，法定节假日休息"
WATCH = "24小时，节假日照常"
SERVICES = {
    "E01": ["meals", "bathing", "medical", "rehabilitation", "leisure", "short_stay"],
    "E02": ["meals", "bathing", "emergency", "medical", "mobility", "cleaning", "visits", "rescue", "advice", "day_stay"],
    "E04": ["meals", "bathing", "emergency", "medical", "visits", "advice", "day_stay"],
    "E03": ["meals", "medical", "mobility", "cleaning", "leisure", "advice"], "E05": ["visits", "meals", "leisure"],
    "E06": ["meals"], "E07": ["meals", "delivery"], "E08": ["meals", "delivery"], "E09": ["meals", "day_stay", "leisure"],
    "E10": ["bathing"], "E11": ["mobility", "advice"], "E12": ["leisure"], "E13": ["meals", "leisure", "advice"],
    "E14": ["medical", "rehabilitation"],
}  # fmt: skip
SUFFIXES = ("居民委员会", "村民委员会", "居委会", "村委会")


def short(name: str) -> str:
    """A community without the name of its committee."""
    for end in SUFFIXES:
        if name.endswith(end):
            return name.removesuffix(end)
    return name


def load_facilities(session: Session, demo: District, people: Mapping[str, User]) -> dict[str, int]:
    """Enter all of it, within the caller's transaction; how many of each."""
    random = np.random.default_rng((demo.plan.seed, 8))
    network = streets(demo)
    editor, since = people["facility"], date(demo.plan.as_of.year, 1, 1)
    street_store.put(
        session, demo.settings.code, network, dated=demo.plan.as_of, source=SOURCE, reason=REASON,
        made_by=editor.id, demo=True,
    )  # fmt: skip
    villages = demo.units[demo.units["level"] == "village"].reset_index(drop=True)
    shapes = villages.geometry.to_crs(SRID)
    elders = _elders(villages["name"].tolist(), random)
    common = {"reason": REASON, "demo": True, "made_by": editor.id, "valid": Range(since, None, bounds="[)")}
    areas = [
        {
            "code": code, "name": name, "elders": int(count), "elders_on": demo.plan.as_of, "source": SOURCE,
            "geometry": _stored(shape), **common,
        }
        for code, name, count, shape in zip(villages["code"], villages["name"], elders, shapes, strict=True)
    ]  # fmt: skip
    session.execute(insert(CommunityArea), areas)
    rows = _facilities(demo, network, villages["code"].tolist(), villages["name"].tolist(), elders, random)
    operator = people.get("operator")
    for number, row in enumerate(rows, start=1):
        row |= common
        row["number"] = number
        row["operator_id"] = operator.organisation_id if operator is not None and number % 29 == 1 else None
    session.execute(insert(Facility), rows)
    session.connection().exec_driver_sql(f"select setval('facility_number', {len(rows)})")
    reports = _reports(rows, editor.id, random)
    session.execute(insert(FacilityReport), reports)
    session.execute(
        insert(FacilityInspection),
        [
            {
                "number": r["number"], "on_date": demo.plan.as_of - timedelta(days=int(random.integers(20, 300))),
                "kind": "消防安全", "says": "演示检查（虚构）：疏散通道畅通，灭火器在有效期内。", "hazards": [],
                "made_by": editor.id, "demo": True,
            }
            for r in rows if r["kind"] == "E01"
        ],
    )  # fmt: skip
    figures = _figures(demo, editor.id, random)
    session.execute(insert(CareFigure), figures)
    policy = _cremation(demo, editor.id, random)
    session.execute(insert(PolicyArea), policy)
    return {
        "facilities": len(rows),
        "communities": len(areas),
        "figures": len(figures),
        "policy_areas": len(policy),
    }


def _elders(names: list[str], random: np.random.Generator) -> np.ndarray:
    """Residents 60+: more in communities of a town than in villages, and two hamlets with very few."""
    town = np.array(["社区" in n or "居" in n for n in names])
    count = np.where(town, random.integers(380, 2600, len(names)), random.integers(120, 780, len(names)))
    count[random.choice(np.flatnonzero(~town), 2, replace=False)] = (7, 9)
    return count


def _facilities(
    demo: District,
    network: Network,
    codes: list[str],
    names: list[str],
    elders: np.ndarray,
    random: np.random.Generator,
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    x, y = pyproj.Transformer.from_crs(4490, demo.townships.crs, always_xy=True).transform(
        network.lon, network.lat
    )
    by_village = {c: [] for c in codes}  # type: dict[str, list[int]]
    shapes = demo.units[demo.units["level"] == "village"].geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    for node, village in zip(*tree.query(shapely.points(x, y), predicate="within"), strict=True):
        by_village[codes[int(village)]].append(int(node))
    day = demo.plan.as_of
    serial = 0

    def put(kind: str, village: str, name: str, **more: Any) -> None:
        nonlocal serial
        nodes = by_village[village]
        if not nodes:
            return
        serial += 1
        node = nodes[int(random.integers(len(nodes)))]
        lon = float(network.lon[node]) + float(random.uniform(-9e-5, 9e-5))
        lat = float(network.lat[node]) + float(random.uniform(-9e-5, 9e-5))
        row: dict[str, Any] = {
            "code": f"{demo.settings.code}-{kind}-{serial:04d}", "name": name, "kind": kind, "sub_kind": None, "mode": None,
            "nature": "public", "status": "open", "grade": None, "unit_code": village,
            "address": f"{short(names[codes.index(village)])}（演示地址 {serial} 号）", "phone": PHONE.format(serial),
            "operator_id": None, "operator": None, "beds": None, "nursing_beds": None, "services": SERVICES.get(kind, []),
            "hours": parse(OFFICE), "prices": {}, "access": _access(random), "facts": {}, "internal": {},
            "restricted": False, "sources": [{"title": SOURCE}], "pictures": [],
            "checked_on": day - timedelta(days=int(random.integers(3, 260))),
            "geometry": from_shape(shapely.Point(lon, lat), srid=SRID), "geometry_source": "demo",
        }  # fmt: skip
        rows.append(row | more)

    townships = list(zip(demo.townships["code"], demo.townships["name"], strict=True))
    canteen = 0
    for index, (code, name) in enumerate(townships):
        own = [c for c in codes if c.startswith(code) and by_village[c]]
        if not own:
            continue
        urban = name.endswith("街道")
        own.sort(key=lambda c: (-len(by_village[c]), c))
        middle = own[0]
        beds = int(random.integers(6, 20))
        put("E02" if urban else "E04", middle, f"{name}养老服务中心", hours=parse(WATCH), beds=beds, nursing_beds=beds // 2,
            facts={"bus_stop": "演示公交站（虚构）"})  # fmt: skip
        for n in range(2 if urban else 1):
            beds = int(random.integers(40, 260))
            price = int(random.integers(9, 26)) * 100
            put("E01", own[(n + 1) % len(own)], f"{name}{'康养' if n else '敬老'}院", beds=beds, nursing_beds=int(beds * random.uniform(0.35, 0.9)),
                hours=parse(WATCH), nature="public_private" if n else "public", grade=str(int(random.integers(1, 6))),
                prices={"bed_month": price, "care_month": price + 600}, sub_kind="敬老院" if not n else "养老院",
                facts={"accepts": ["0", "1", "2", "3"] if n else ["0", "1", "2"], "inclusive": "yes", "carers": beds // 8,
                       "hospital": "演示医院（虚构）", "filing_no": f"演示备案{serial:04d}"})  # fmt: skip
        for n in range(3 if urban else 2):
            mode = MODES[canteen % 7] if urban or canteen % 7 >= 4 else MODES[4 + canteen % 3]
            hours = parse(MARKETS[canteen % 3]) if mode is Mode.MARKET else parse(DAILY[canteen % 3])
            elder = int(random.integers(8, 14))
            village = own[(n * 2) % len(own)]
            put("E06", village, f"{short(names[codes.index(village)])}{CANTEENS[mode]}", mode=mode.value, hours=hours,
                nature="commercial" if mode in (Mode.RESTAURANT, Mode.PROPERTY) else "public",
                prices={"meal_elder": elder, "meal_public": elder + 6, "subsidy": "80 岁以上每餐减 3 元"},
                facts={"seats": int(random.integers(40, 160)), "persons_per_meal": int(random.integers(50, 220)),
                       "area_m2": int(random.integers(50, 320)), "meals": "午餐、晚餐" if n else "早餐、午餐、晚餐",
                       "licence": f"演示许可{serial:05d}", "hygiene": "AB"[n % 2], "model_canteen": "yes" if canteen in (0, 8, 17, 30) else "no"})  # fmt: skip
            canteen += 1
        for village in own[1 :: 2 if urban else 3][:8]:
            put("E03" if urban else "E05", village, short(names[codes.index(village)]) + ("养老服务站" if urban else "互助养老点"),
                hours=parse(OFFICE if urban else "周一、三、五 09:00-16:00"))  # fmt: skip
        for village in own[2::4][:3]:
            put("E07", village, f"{short(names[codes.index(village)])}助餐点", hours=parse("每天 11:00-12:30"),
                prices={"meal_elder": int(random.integers(9, 14))}, facts={"delivery": "本社区（村）"})  # fmt: skip
        if urban:
            put("E09", own[-1], f"{name}日间照料中心", beds=12)
        if index % 4 == 0:
            put("E10", own[0], f"{name}助浴点", prices={"subsidy": "每次 30 元，失能老人免费"})
        if index % 6 == 1:
            put("E11", own[0], f"{name}康复辅具租赁点")
        if index % 5 == 2:
            put("E12", own[0], f"{name}老年学习点")
        if index % 7 == 3:
            put("E13", own[0], f"{name}社区综合服务中心")
        if index % 6 == 4:
            put("E14", own[0], f"{name}医养结合中心", beds=60, nursing_beds=60, hours=parse(WATCH))
        if index % 3 == 0:
            put("P02", own[-1], f"{name}党群服务中心")
        if index % 6 == 0:
            put("P01", own[-1], f"{name}渝康家园")
        if index % 15 == 3:
            put("E08", own[-1], f"{name}配餐中心")
    by_name = {n: c for c, n in townships}
    for name in ("兴隆镇", "统景镇"):
        if name in by_name:
            village = next((c for c in codes if c.startswith(by_name[name]) and by_village[c]), None)
            if village:
                put(
                    "C04",
                    village,
                    f"{name}农村公益性安葬设施",
                    facts={"capacity": 800, "price_notice": "基本殡葬服务政府定价，见现场公示"},
                    status="accepted",
                )
    first = next(c for c in codes if by_village[c])
    put("C01", first, "演示殡仪馆", hours=parse(WATCH))
    put("C03", first, "演示公益性公墓")
    put("S01", first, "演示救助管理站", hours=parse(WATCH))
    put("S02", first, "演示未成年人保护中心", restricted=True)
    put("S03", first, "演示婚姻登记处")
    put("S04", first, "演示社会组织服务联合体")
    rows[4]["status"], rows[9]["status"] = "suspended", "building"
    return rows


def _access(random: np.random.Generator) -> dict[str, bool]:
    return {k: True for k in ("lift", "ramp", "toilet", "parking", "step_free") if random.random() < 0.45}


def _reports(rows: list[dict[str, Any]], made_by: int, random: np.random.Generator) -> list[dict[str, Any]]:
    """Vacancies reported hours, days and weeks ago: fresh, old, and too old to be shown."""
    now = datetime.now(UTC).replace(microsecond=0)
    out = []
    for row in rows:
        if row["beds"]:
            age = float(random.choice([0.2, 1.5, 4, 11, 19, 44]))
            free = int(row["beds"] * random.uniform(0.02, 0.35))
            out.append(
                {
                    "number": row["number"], "vacancies": free, "nursing_vacancies": min(free, row["nursing_beds"] or 0) // 2,
                    "notice": None, "at": now - timedelta(days=age), "made_by": made_by, "demo": True,
                }
            )  # fmt: skip
    return out


def _figures(demo: District, made_by: int, random: np.random.Generator) -> list[dict[str, Any]]:
    """Twelve months of every township: beds that grow to a little over 500, visits that add up to some 40,000."""
    codes, year = demo.townships["code"].tolist(), demo.plan.as_of.year
    weight = random.dirichlet(np.full(len(codes), 3.0))
    beds = np.floor(weight * 512).astype(int)
    beds[: 512 - int(beds.sum())] += 1
    models = random.choice(len(codes), 4, replace=False)
    out = []
    for month in range(1, 13):
        for i, code in enumerate(codes):
            values = {
                "family_care_beds": int(beds[i] * month / 12) if month < 12 else int(beds[i]),
                "home_visits": int(41_200 * weight[i] / 12 * random.uniform(0.85, 1.15)),
                "model_canteens": int(i in models and month >= 10),
            }
            out += [
                {
                    "figure": k, "unit_code": code, "month": date(year, month, 1), "value": v, "reason": REASON,
                    "made_by": made_by, "demo": True,
                }
                for k, v in values.items()
            ]  # fmt: skip
    return out


#: The plan's item 45: townships, villages and groups that change from burial to cremation, and since when.
TOWNSHIPS, VILLAGES, GROUPS = 6, 12, 121


def _cremation(demo: District, made_by: int, random: np.random.Generator) -> list[dict[str, Any]]:
    """火葬区: the areas of villagers' groups before and after the change, 121 in 12 villages of 6 townships."""
    change = date(demo.plan.as_of.year, 7, 1)
    villages = demo.units[demo.units["level"] == "village"]
    rural = [
        c
        for c, n in zip(demo.townships["code"], demo.townships["name"], strict=True)
        if str(n).endswith("镇")
    ]
    chosen = [
        r for code in rural[-TOWNSHIPS:] for r in villages[villages["parent"] == code].head(2).itertuples()
    ][:VILLAGES]
    to_degrees = pyproj.Transformer.from_crs(demo.townships.crs, 4490, always_xy=True)
    out: list[dict[str, Any]] = []
    left = GROUPS
    for place, village in enumerate(chosen):
        count = left // (len(chosen) - place)
        left -= count
        for number, part in enumerate(_parts(village.geometry, count, random), start=1):
            shape = shapely.transform(part, lambda c: np.column_stack(to_degrees.transform(c[:, 0], c[:, 1])))
            for kind, valid, document in (
                ("burial", Range(date(2000, 1, 1), change, bounds="[)"), "演示文件（虚构）：原土葬改革区"),
                ("cremation", Range(change, None, bounds="[)"), "演示文件（虚构）：调整火葬区范围"),
            ):
                out.append(
                    {
                        "code": f"{village.code}-{number:02d}", "kind": kind, "name": f"{short(village.name)}{number}组（演示）",
                        "level": "group", "unit_code": village.code, "document": document, "facts": {}, "valid": valid,
                        "geometry": _stored(shape), "reason": REASON, "demo": True, "made_by": made_by,
                    }
                )  # fmt: skip
    return out


def _parts(area: shapely.Geometry, count: int, random: np.random.Generator) -> list[shapely.Geometry]:
    """An area cut into so many pieces, by the nearest of so many points inside."""
    points: list[shapely.Point] = []
    west, south, east, north = area.bounds
    while len(points) < count:
        p = shapely.Point(random.uniform(west, east), random.uniform(south, north))
        if area.contains(p):
            points.append(p)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=area))
    return [shapely.make_valid(shapely.intersection(c, area)) for c in cells]


def _stored(shape: shapely.Geometry) -> Any:
    polygons = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    return from_shape(shapely.MultiPolygon(polygons), srid=SRID)
