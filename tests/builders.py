"""One builder per table, and a district small enough to draw. Builders flush; they never commit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

import numpy as np
import pyproj
import shapely
from geoalchemy2.shape import from_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import or_
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from api.security.person import Person
from geo.names.categories import Category
from geo.store import names
from geo.store.tables import (
    SRID,
    AdminUnit,
    BoundaryLine,
    BoundaryMarker,
    Demarcation,
    DemarcationStep,
    DistrictState,
    Organisation,
    PlaceName,
    RoleGrant,
    Submission,
    Tripoint,
    User,
)
from geo.store.versions import as_of
from geo.terms import LineState, NameStatus, UserRole

DISTRICT = "500112"
SINCE = date(2000, 1, 1)
_NUMBERS = count(1)
_GEOD = pyproj.Geod(ellps="GRS80")


def stored(shape: BaseGeometry) -> Any:
    """A shapely geometry (EPSG:4490, longitude first) as a column's value."""
    return from_shape(shape, srid=SRID)


def since(start: date = SINCE, end: date | None = None) -> Range[date]:
    """[start, end), open without an end."""
    return Range(start, end, bounds="[)")


def organisation(
    session: Session, name: str | None = None, kind: str = "firm", unit_code: str | None = None
) -> Organisation:
    row = Organisation(name=name or f"测绘单位{next(_NUMBERS)}", kind=kind, unit_code=unit_code)
    session.add(row)
    session.flush()
    return row


def user(
    session: Session,
    *roles: UserRole,
    organisation_row: Organisation | None = None,
    login: str | None = None,
    name: str | None = None,
) -> User:
    number = next(_NUMBERS)
    row = User(
        login=login or f"user{number}",
        name=name or f"用户{number}",
        organisation_id=(organisation_row or organisation(session)).id,
    )
    session.add(row)
    session.flush()
    session.add_all(RoleGrant(user_id=row.id, role=role.value, district=DISTRICT) for role in roles)
    session.flush()
    return row


def person(session: Session, *roles: UserRole, organisation_row: Organisation | None = None) -> Person:
    """Someone with `roles`, in an organisation of their own unless one is given."""
    home = organisation_row or organisation(session)
    row = user(session, *roles, organisation_row=home)
    return Person(
        id=row.id,
        login=row.login,
        name=row.name,
        organisation_id=home.id,
        organisation=home.name,
        organisation_kind=home.kind,
        unit_code=home.unit_code,
        roles=frozenset(roles),
        district=DISTRICT,
    )


def unit(
    session: Session,
    made_by: int,
    code: str,
    name: str,
    *,
    level: str = "township",
    parent: str | None = DISTRICT,
    shape: BaseGeometry | None = None,
    valid: Range[date] | None = None,
    **more: Any,
) -> AdminUnit:
    if shape is not None and shape.geom_type == "Polygon":
        shape = shapely.MultiPolygon([shape])
    row = AdminUnit(
        code=code,
        name=name,
        level=level,
        parent_code=parent,
        valid=valid or since(),
        source="测试",
        reason="测试",
        made_by=made_by,
        geometry=None if shape is None else stored(shape),
        geometry_source=None if shape is None else "imported",
        **more,
    )
    session.add(row)
    session.flush()
    return row


def unit_at(session: Session, code: str, at: date) -> AdminUnit:
    """The unit of a civil-affairs or a statistical code as it was on a day."""
    either = or_(AdminUnit.code == code, AdminUnit.statistical.in_((code, code.ljust(12, "0"))))
    return session.scalars(
        as_of(AdminUnit, at).where(either).order_by((AdminUnit.code == code).desc()).limit(1)
    ).one()


def demarcation(
    session: Session,
    a: str,
    b: str,
    name: str,
    *,
    state: LineState = LineState.UNDEMARCATED,
    made_by: int | None = None,
    on_date: date = SINCE,
    evidence: list[dict[str, Any]] | None = None,
) -> Demarcation:
    """A line to be demarcated; in any state but the first, with one step that took it there."""
    first, second = sorted((a, b))
    row = Demarcation(
        code=f"{first}-{second}", name=name, unit_a=first, unit_b=second, level="township", district=DISTRICT
    )
    session.add(row)
    session.flush()
    if state is not LineState.UNDEMARCATED:
        assert made_by is not None, "a step has an actor"
        session.add(
            DemarcationStep(
                code=row.code,
                version=2,
                transition="test",
                from_state="undemarcated",
                to_state=state.value,
                on_date=on_date,
                actor_id=made_by,
                reason="测试",
                evidence=evidence or [],
            )
        )
        row.state, row.version = state.value, 2
        session.flush()
    return row


def line(
    session: Session,
    made_by: int,
    code: str,
    left: str,
    right: str,
    shape: BaseGeometry,
    *,
    name: str = "测试线",
    valid: Range[date] | None = None,
    **more: Any,
) -> BoundaryLine:
    row = BoundaryLine(
        code=code,
        name=name,
        left_code=left,
        right_code=right,
        level="township",
        valid=valid or since(),
        reason="测试",
        made_by=made_by,
        geometry=stored(shape),
        length_m=_GEOD.geometry_length(shape),
        **more,
    )
    session.add(row)
    session.flush()
    return row


def marker(
    session: Session,
    made_by: int,
    line_code: str,
    serial: int,
    lon: float,
    lat: float,
    *,
    kind: str = "Q",
    valid: Range[date] | None = None,
    **more: Any,
) -> BoundaryMarker:
    row = BoundaryMarker(
        number=f"{line_code}{serial:03d}{kind}",
        line_code=line_code,
        kind=kind,
        valid=valid or since(),
        reason="测试",
        made_by=made_by,
        geometry=stored(shapely.Point(lon, lat)),
        **more,
    )
    session.add(row)
    session.flush()
    return row


def tripoint(session: Session, made_by: int, units: tuple[str, str, str], lon: float, lat: float) -> Tripoint:
    first, second, third = sorted(units)
    row = Tripoint(
        number=f"{first}-{second}-{third}",
        unit1=first,
        unit2=second,
        unit3=third,
        valid=since(),
        reason="测试",
        made_by=made_by,
        geometry=stored(shapely.Point(lon, lat)),
    )
    session.add(row)
    session.flush()
    return row


def submission(session: Session, actor: Person, **more: Any) -> Submission:
    row = Submission(district=DISTRICT, submitted_by=actor.id, organisation_id=actor.organisation_id, **more)
    session.add(row)
    session.flush()
    return row


# 兴隆镇 138 | 茨竹镇 140 on top, 统景镇 133 | 大盛镇 143 below, each about 4 × 3 km. The upper border lies
# east of the lower one, so that two tripoints (三交点) with three lines each arise, not one of four.
#
#      +---- 138 ----+------ 140 ------+  29.86
#      |             |                 |
#      +--------+----+-----------------+  29.83
#      |  133   |        143           |
#      +--------+----------------------+  29.80
#    106.70  106.73 106.75           106.80
XINGLONG, CIZHU, TONGJING, DASHENG = "500112138", "500112140", "500112133", "500112143"
NAMES = {XINGLONG: "兴隆镇", CIZHU: "茨竹镇", TONGJING: "统景镇", DASHENG: "大盛镇"}
WEST_POINT, EAST_POINT = (106.73, 29.83), (106.75, 29.83)


def wavy(start: tuple[float, float], end: tuple[float, float], n: int = 40, seed: int = 1) -> np.ndarray:
    """n points from start to end, the inner ones up to some 30 m off the straight; rounded to 1e-9 degree."""
    share = np.linspace(0, 1, n)[:, None]
    points = np.array(start) * (1 - share) + np.array(end) * share
    points[1:-1] += np.random.default_rng(seed).uniform(-3e-4, 3e-4, (n - 2, 2)) * (1, 1)
    return np.round(points, 9)


@dataclass(frozen=True)
class SmallDistrict:
    """Four townships as one coverage: geometries in EPSG:4490, by code, and the rows' maker."""

    units: dict[str, shapely.Polygon]
    lines: dict[str, shapely.LineString]
    sides: dict[str, tuple[str, str]]
    border: shapely.Polygon


def small_district_shapes() -> SmallDistrict:
    upper = wavy((106.75, 29.86), EAST_POINT, seed=1)  # north to south: 140 on the left
    lower = wavy(WEST_POINT, (106.73, 29.80), seed=2)  # north to south: 143 on the left
    west = wavy((106.70, 29.83), WEST_POINT, seed=3)  # west to east: 138 on the left
    middle = wavy(WEST_POINT, EAST_POINT, n=20, seed=4)  # 138 on the left, 143 on the right
    east = wavy(EAST_POINT, (106.80, 29.83), seed=5)  # 140 on the left, 143 on the right
    corner = {"nw": (106.70, 29.86), "ne": (106.80, 29.86), "sw": (106.70, 29.80), "se": (106.80, 29.80)}

    def ring(*parts: Any) -> shapely.Polygon:
        points = [tuple(p) for part in parts for p in np.atleast_2d(part)]
        return shapely.Polygon([p for i, p in enumerate(points) if i == 0 or p != points[i - 1]])

    units = {
        XINGLONG: ring(corner["nw"], west, middle[1:], upper[::-1][1:]),
        CIZHU: ring(upper, east[1:], corner["ne"]),
        TONGJING: ring(west, lower[1:], corner["sw"]),
        DASHENG: ring(lower[::-1], middle[1:], east[1:], corner["se"]),
    }
    sides = {
        f"{XINGLONG}-{CIZHU}": (CIZHU, XINGLONG, upper),
        f"{TONGJING}-{DASHENG}": (DASHENG, TONGJING, lower),
        f"{TONGJING}-{XINGLONG}": (XINGLONG, TONGJING, west),
        f"{XINGLONG}-{DASHENG}": (XINGLONG, DASHENG, middle),
        f"{CIZHU}-{DASHENG}": (CIZHU, DASHENG, east),
    }
    return SmallDistrict(
        units=units,
        lines={code: shapely.LineString(points) for code, (_, _, points) in sides.items()},
        sides={code: (left, right) for code, (left, right, _) in sides.items()},
        border=shapely.union_all(list(units.values())),
    )


def small_district(session: Session, made_by: int) -> SmallDistrict:
    """The four townships, their county, and their five lines still undemarcated."""
    shapes = small_district_shapes()
    unit(session, made_by, DISTRICT, "渝北区", level="county", parent="50", shape=shapes.border)
    for code, polygon in shapes.units.items():
        unit(session, made_by, code, NAMES[code], shape=polygon)
    for code in shapes.lines:
        a, b = code.split("-")
        demarcation(session, a, b, f"{NAMES[a][:-1]}—{NAMES[b][:-1]}线")
    session.merge(DistrictState(district=DISTRICT))
    session.flush()
    return shapes


def place_name(
    session: Session,
    made_by: int,
    name: str,
    category: Category = Category.COMMITTEE,
    *,
    status: NameStatus = NameStatus.STANDARD,
    unit_code: str = "500112113",
    place_id: int | None = None,
    number: int | None = None,
    valid: Range[date] | None = None,
    point: tuple[float, float] | None = None,
    **more: Any,
) -> PlaceName:
    """A name of the register, by default a standard one of 兴隆镇 with the document that it needs."""
    if status in (NameStatus.STANDARD, NameStatus.APPROVED):
        more.setdefault("document", "测试批复〔2020〕1号")
    row = PlaceName(
        number=number,
        place_id=place_id,
        name=name,
        category=category.value,
        status=status.value,
        unit_code=unit_code,
        valid=valid or since(),
        reason="测试",
        made_by=made_by,
        geometry=None if point is None else stored(shapely.Point(point)),
        geometry_source=None if point is None else "imported",
        **names.derived(name, category),
        **more,
    )
    return names.enter(session, row)
