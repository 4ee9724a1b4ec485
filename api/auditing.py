"""Audit of the register (地名库核查) for route and page alike: whose district, how large, keys first."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session
from starlette.requests import Request

from api.doors import district_of, transaction
from geo.problems import BadInput
from geo.store import name_shapes
from geo.store.name_audit import Audit, audit, size
from geo.text import Text

#: More standing names than one answer should judge.
AT_ONCE = 20_000
#: Names whose keys one request works out.
_KEYS_AT_ONCE = 2_000


class TooManyToAudit(BadInput):
    """The unit holds more names than one answer judges."""

    code = "too-many-to-audit"
    title = Text(
        "该范围有 {count} 条地名，请缩小到乡镇，或用命令 ./yudi names audit --out 导出",
        "{count} names lie in this unit; choose a township, or run ./yudi names audit --out",
    )


class NoSuchPart(BadInput):
    """The code is no unit of the district."""

    code = "no-such-part"
    title = Text(
        "请填写本行政区内的政区代码（6 至 12 位数字）",
        "Give a unit of this district by its code of 6 to 12 digits",
    )


def audited(request: Request, session: Session, unit: str | None, at: date) -> Audit:
    """The audit of a unit of the district, by default all of it. Raises NoSuchPart, TooManyToAudit."""
    district = district_of(request).code
    within = (unit or "").strip() or district
    if not (within.isascii() and within.isdigit() and within.startswith(district) and len(within) <= 12):
        raise NoSuchPart()
    count = size(session, unit=within, at=at)
    if count > AT_ONCE:
        raise TooManyToAudit(count=count)
    if name_shapes.waiting(session):
        with transaction(request) as writing:
            name_shapes.fill(writing, _KEYS_AT_ONCE)
    return audit(session, unit=within, at=at)
