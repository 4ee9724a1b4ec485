"""六个一批 of the demonstration: museums, plans, signs, labels, products and events of its invented villages. Invented, and
marked as such."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import insert, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geo.store.tables import SRID, ProgrammeItem, User
from geo.terms import ProgrammeKind as K
from geo.terms import ProgrammeStatus as S

MARK, REASON = "（演示，虚构）", "演示数据（虚构）"
#: How many of each kind, and how its title is made from a village's name.
MADE = {K.MUSEUM: 3, K.PLAN: 6, K.SIGN: 14, K.MAP_LABEL: 24, K.PRODUCT: 16, K.EVENT: 8}
INDUSTRY = ("柑橘", "蜡梅", "稻米", "花椒", "歪嘴李")
FOOD = ("豆花", "米粉", "盐菜", "咂酒")
POINTS = ("农家乐", "采摘园", "民宿", "卫生室", "快递点", "村小学")
EVENTS = ("讲村名故事", "地名书画展", "老地名寻访")
#: Natural villages with a position, spread over the townships.
VILLAGES = """
    select number, name, unit_code, ST_X(ST_PointOnSurface(geometry)) as lon, ST_Y(ST_PointOnSurface(geometry)) as lat
    from (select *, row_number() over (partition by unit_code order by number) as place from place_name
          where demo and category = '自然村' and geometry is not null and upper_inf(recorded)) n
    order by place, unit_code, number"""


def load_programme(session: Session, people: Mapping[str, User], seed: int, on: date) -> int:
    """Put the items in, on the names that are there. Returns how many."""
    villages = session.execute(text(VILLAGES)).all()
    if not villages:
        return 0
    random = np.random.default_rng((seed, 17))
    by, rows, turn = people["registrar"].id, [], 0
    for kind, count in MADE.items():
        for i in range(count):
            village = villages[turn % len(villages)]
            turn += 1
            rows.append(_row(kind, i, village, random, on) | {"made_by": by})
    session.execute(insert(ProgrammeItem), rows)
    return len(rows)


def _row(kind: K, i: int, village: Any, random: np.random.Generator, on: date) -> dict[str, Any]:
    title, theme, says, facts = _content(kind, i, village.name)
    status = (S.CHECKED, S.DONE, S.UNDERWAY, S.PLANNED)[int(random.integers(0, 10)) // 3 if i else 0]
    aside = random.normal(0, 6e-4, 2)
    place = Point(village.lon + aside[0], village.lat + aside[1])
    day = on - timedelta(days=int(random.integers(5, 330)))
    return {
        "kind": kind.value, "title": title, "theme": theme, "status": status.value, "unit_code": village.unit_code,
        "name_numbers": [village.number], "says": says, "responsible": f"演示责任单位{MARK}",
        "on_date": None if status is S.PLANNED else day, "facts": facts,
        "sources": [{"title": REASON, "url": "", "note": ""}], "geometry": from_shape(place, srid=SRID),
        "geometry_source": "demo", "valid": Range(day if status is not S.PLANNED else on - timedelta(days=1), None, bounds="[)"),
        "reason": REASON, "demo": True,
    }  # fmt: skip


def _content(kind: K, i: int, name: str) -> tuple[str, str | None, str, dict[str, Any]]:
    if kind is K.MUSEUM:
        return (
            f"{name}乡村地名馆{MARK}", None, f"{MARK}陈列{name}一带村名的由来、老地图和口述。",
            {"floor_area_m2": 120 + 40 * i, "open_hours": "周三至周日 09:00-16:30", "exhibits": "老地图、族谱影印件、口述录音"},
        )  # fmt: skip
    if kind is K.PLAN:
        return (
            f"{name}片区地名方案{MARK}",
            None,
            f"{MARK}规划新建道路和居民点的名称。",
            {"names_planned": 8 + 3 * i, "covers": f"{name}及周边"},
        )
    if kind is K.SIGN:
        kinds = ("村牌", "路牌", "楼门牌")
        return (
            f"{name}{kinds[i % 3]}{MARK}",
            kinds[i % 3],
            f"{MARK}按国家标准设置。",
            {"sign_type": kinds[i % 3], "sign_count": 1 + i % 5},
        )
    if kind is K.MAP_LABEL:
        point = POINTS[i % len(POINTS)]
        return (
            f"{name}{point}{MARK}",
            point,
            f"{MARK}已采集，供地图标注。",
            {"poi_kind": point, "platform": "演示平台"},
        )
    if kind is K.PRODUCT:
        food = i % 2 == 1
        thing = FOOD[i // 2 % len(FOOD)] if food else INDUSTRY[i // 2 % len(INDUSTRY)]
        return (
            f"{name}{thing}{MARK}",
            "food" if food else "industry",
            f"{MARK}以村名作品牌的{thing}。",
            {"brand": f"{name}", "producer": f"演示合作社{MARK}"},
        )
    return (
        f"{EVENTS[i % len(EVENTS)]}：{name}{MARK}",
        EVENTS[i % len(EVENTS)],
        f"{MARK}请村里的老人讲村名的来历。",
        {"audience": 40 + 15 * i},
    )
