"""街道、社区范围、政策区域: what coverage and policy layers rest on, brought in whole by the facility editor."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy.orm import Session

from api.acts.edit_facilities import EDITORS
from api.security.person import Person
from geo.problems import BadInput, NotAllowed
from geo.store import audit, streets
from geo.store import facilities as store
from geo.store.tables import SRID, CommunityArea, PolicyArea, WalkNetwork
from geo.text import Text
from geo.walking.network import Network


class BadArea(BadInput):
    """A row that is no area. Nothing of the file is kept."""

    code = "bad-area"
    title = Text("第 {row} 行无法入库：{why}", "Row {row} cannot be kept: {why}")


NO_CODE = Text("代码“{0}”应为 9 或 12 位数字", "the code {0} is not of 9 or 12 digits")
NO_COUNT = Text("人数“{0}”应为不小于 0 的整数", "{0} is no whole number from 0 on")
NO_SHAPE = Text("没有有效的面", "it has no valid polygon")


def bring_in_streets(
    session: Session, actor: Person, network: Network, *, dated: date, source: str, file: str
) -> WalkNetwork:
    """导入步行路网: the newest of the district from now on."""
    _editor(actor)
    row = streets.put(
        session, actor.district, network, dated=dated, source=source[:300] or file, reason=f"导入：{file}"[:300],
        made_by=actor.id or 0,
    )  # fmt: skip
    audit.append(
        session, actor=actor, act="import", subject_kind="walk_network", subject=row.sha256, reason=f"导入：{file}"[:300],
        after={"nodes": row.nodes, "edges": row.edges, "dated": dated.isoformat(), "source": row.source},
    )  # fmt: skip
    return row


def bring_in_communities(
    session: Session, actor: Person, rows: Sequence[tuple[str, str, Any, Any]], *, on: date, source: str
) -> int:
    """导入社区范围与老年人口: (code, name, residents 60+, shape) each, in force from a day. Raises BadArea."""
    _editor(actor)
    for number, (code, name, elders, shape) in enumerate(rows, start=1):
        if not re.fullmatch(r"\d{9}|\d{12}", code):
            raise BadArea(row=number, why=NO_CODE.fill(code))
        store.put_community(
            session,
            CommunityArea(
                code=code, name=name, elders=_count(number, elders), elders_on=on, source=source[:300],
                geometry=_stored(number, shape), valid=store.since(on), reason=f"导入：{source}"[:300], made_by=actor.id,
            ),
        )  # fmt: skip
    audit.append(
        session, actor=actor, act="import", subject_kind="community_area", subject=actor.district, reason=f"导入：{source}"[:300],
        after={"communities": len(rows), "on": on.isoformat()},
    )  # fmt: skip
    return len(rows)


def bring_in_areas(
    session: Session,
    actor: Person,
    rows: Sequence[tuple[str, str, str, Any]],
    *,
    kind: str,
    document: str,
    on: date,
) -> int:
    """导入政策区域: (code, name, unit, shape) each; what was in force of the same code ends that day. Raises BadArea."""
    _editor(actor)
    for number, (code, name, unit, shape) in enumerate(rows, start=1):
        if not re.fullmatch(r"\d{6}|\d{9}|\d{12}", unit):
            raise BadArea(row=number, why=NO_CODE.fill(unit))
        store.put_policy_area(
            session,
            PolicyArea(
                code=code, kind=kind[:30], name=name, unit_code=unit, document=document, facts={}, level=None,
                geometry=_stored(number, shape), valid=store.since(on), reason=document[:300], made_by=actor.id,
            ),
        )  # fmt: skip
    audit.append(
        session, actor=actor, act="import", subject_kind="policy_area", subject=kind, reason=document[:300],
        after={"areas": len(rows), "on": on.isoformat()},
    )  # fmt: skip
    return len(rows)


def _editor(actor: Person) -> None:
    if not actor.holds(*EDITORS):
        raise NotAllowed()


def _count(number: int, value: Any) -> int:
    try:
        count = float(value)
        if math.isnan(count) or count < 0 or count != int(count):
            raise ValueError
    except (TypeError, ValueError):
        raise BadArea(row=number, why=NO_COUNT.fill(value)) from None
    return int(count)


def _stored(number: int, shape: Any) -> Any:
    polygons = [] if shape is None else [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    if not polygons or not shapely.is_valid(shape):
        raise BadArea(row=number, why=NO_SHAPE)
    return from_shape(shapely.force_2d(shapely.MultiPolygon(polygons)), srid=SRID)
