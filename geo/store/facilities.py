"""Facilities (设施) in the database: what the public may see, what editors see, reports, figures and areas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geo.facilities.coverage import Communities
from geo.facilities.facility import Facility as Shown
from geo.facilities.facility import Report
from geo.facilities.kinds import kinds
from geo.problems import NotFound
from geo.store import versions
from geo.store.published_units import names_of
from geo.store.tables import (
    SRID,
    CareFigure,
    CommunityArea,
    Facility,
    FacilityInspection,
    FacilityReport,
    Organisation,
    PolicyArea,
)
from geo.terms import FacilityStatus
from geo.text import Text


class NoSuchFacility(NotFound):
    code = "no-such-facility"
    title = Text("没有编号为 {number} 的设施", "There is no facility with the number {number}")


#: From the published views, which leave out plans, home-care beds, restricted places and all that is internal.
PUBLIC = """
    select f.number, 0 as version, f.code, f.name, f.kind, f.sub_kind, f.mode, f.nature, f.status, f.grade, f.unit_code,
           f.address, f.phone, null::bigint as operator_id, f.operator, f.beds, f.nursing_beds, f.services, f.hours,
           f.prices, f.access, f.facts, f.restricted, f.checked_on, ST_X(f.geometry) as lon, ST_Y(f.geometry) as lat,
           f.geometry_source, f.demo, r.vacancies, r.nursing_vacancies, r.notice, r.at as reported
    from published.facility f left join published.facility_report r on r.number = f.number
    where f.valid @> cast(:at as date) {where}
    order by f.number limit :limit"""
#: Everything, for those who edit: still without what is internal.
ALL = """
    select f.number, f.id as version, f.code, f.name, f.kind, f.sub_kind, f.mode, f.nature, f.status, f.grade, f.unit_code,
           f.address, f.phone, f.operator_id, f.operator, f.beds, f.nursing_beds, f.services, f.hours,
           f.prices, f.access, f.facts, f.restricted, f.checked_on, ST_X(f.geometry) as lon, ST_Y(f.geometry) as lat,
           f.geometry_source, f.demo, r.vacancies, r.nursing_vacancies, r.notice, r.at as reported
    from facility f
    left join lateral (select * from facility_report x where x.number = f.number order by x.id desc limit 1) r on true
    where upper_inf(f.recorded) and f.valid @> cast(:at as date) {where}
    order by f.number limit :limit"""
#: As many as a map or list of one district ever asks for.
MOST = 5_000


def facilities(
    session: Session,
    at: date,
    *,
    district: str,
    officer: bool = False,
    kind_codes: Sequence[str] = (),
    mode: str | None = None,
    unit: str | None = None,
    words: str | None = None,
    numbers: Sequence[int] = (),
    operator_id: int | None = None,
    after: int = 0,
    limit: int = MOST,
) -> list[Shown]:
    """Facilities of a district on a date, by number. officer: of all states, with the version of each row.

    unit: the first digits of the unit's code. words: part of the name or address.
    """
    where = " and f.unit_code like :district || '%' and f.number > :after"
    values: dict[str, Any] = {"at": at, "after": after, "limit": limit, "district": district}
    if kind_codes:
        where += " and f.kind = any(:kinds)"
        values["kinds"] = list(kind_codes)
    if mode:
        where += " and f.mode = :mode"
        values["mode"] = mode
    if unit:
        where += " and f.unit_code like :unit || '%'"
        values["unit"] = unit
    if words:
        where += " and (position(lower(:words) in lower(f.name)) > 0 or position(lower(:words) in lower(f.address)) > 0)"
        values["words"] = words
    if numbers:
        where += " and f.number = any(:numbers)"
        values["numbers"] = list(numbers)
    if operator_id is not None and officer:
        where += " and f.operator_id = :operator"
        values["operator"] = operator_id
    rows = session.execute(text((ALL if officer else PUBLIC).format(where=where)), values).mappings().all()
    names = unit_names(session, {r["unit_code"] for r in rows}, at)
    return [_shown(r, names) for r in rows]


def facility(session: Session, number: int, at: date, *, district: str, officer: bool = False) -> Shown:
    """One facility on a date. Raises NoSuchFacility."""
    found = facilities(session, at, district=district, officer=officer, numbers=[number], limit=1)
    if not found:
        raise NoSuchFacility(number=number)
    return found[0]


def _shown(row: Mapping[Any, Any], names: Mapping[str, str]) -> Shown:
    values = {
        k: v for k, v in row.items() if k not in ("vacancies", "nursing_vacancies", "notice", "reported")
    }
    report = None
    if row["reported"] is not None:
        report = Report(row["vacancies"], row["nursing_vacancies"], row["notice"], row["reported"])
    own, above = names.get(row["unit_code"], ""), names.get(row["unit_code"][:9], "")
    hidden = row["restricted"] or (row["kind"] in kinds() and kinds()[row["kind"]].restricted)
    if hidden:
        values |= {"restricted": True, "lon": None, "lat": None, "address": None}
    return Shown(
        **{**values, "services": tuple(row["services"]), "status": FacilityStatus(row["status"])},
        unit_name=above + own if own != above else own,
        report=report,
    )


def unit_names(session: Session, codes: Iterable[str], at: date) -> dict[str, str]:
    """Names of communities and of their townships by code, on a date."""
    wanted = sorted({c[:n] for c in codes for n in (9, 12) if len(c) >= n})
    if not wanted:
        return {}
    return names_of(session, wanted, at)


def current(session: Session, number: int, *, lock: bool = False) -> Facility:
    """The last version that the database holds now. Raises NoSuchFacility."""
    statement = (
        select(Facility)
        .where(Facility.number == number, func.upper_inf(Facility.recorded))
        .order_by(func.upper_inf(Facility.valid).desc(), func.lower(Facility.valid).desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    row = session.scalars(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise NoSuchFacility(number=number)
    return row


def by_code(session: Session, code: str) -> Facility | None:
    """The facility of a list's own code, as the database holds it now."""
    return session.scalars(
        select(Facility)
        .where(Facility.code == code, func.upper_inf(Facility.recorded), func.upper_inf(Facility.valid))
        .execution_options(populate_existing=True)
    ).first()


def numbers(session: Session) -> Iterator[int]:
    """New numbers, many at a time."""
    return versions.numbers(session, "facility_number")


def point(place: tuple[float, float] | None) -> Any:
    return None if place is None else from_shape(shapely.Point(*place), srid=SRID)


def enter(session: Session, row: Facility) -> Facility:
    """Enter a facility or a new version of one: `row.number` None for a new one."""
    if row.number is None:
        row.number = session.scalar(select(func.nextval("facility_number")))
    return versions.supersede(session, row)


def history(session: Session, number: int) -> Sequence[Facility]:
    """All versions, the newest recorded first. Raises NoSuchFacility."""
    found = versions.history(session, Facility, number)
    if not found:
        raise NoSuchFacility(number=number)
    return found


def inspections(session: Session, number: int) -> Sequence[FacilityInspection]:
    """Inspections (检查记录), the newest first: never for the public."""
    return session.scalars(
        select(FacilityInspection)
        .where(FacilityInspection.number == number)
        .order_by(FacilityInspection.id.desc())
    ).all()


def operators(session: Session) -> Sequence[Organisation]:
    """Organisations that run facilities (运营机构), by name."""
    return session.scalars(
        select(Organisation).where(Organisation.kind == "operator").order_by(Organisation.name)
    ).all()


def reports(session: Session, number: int, limit: int = 20) -> Sequence[FacilityReport]:
    """What the operator reported, the newest first."""
    return session.scalars(
        select(FacilityReport)
        .where(FacilityReport.number == number)
        .order_by(FacilityReport.id.desc())
        .limit(limit)
    ).all()


# --- figures --------------------------------------------------------------------------------------------

FIGURES = """
    select distinct on (figure, unit_code, month) figure, unit_code, month, value, demo
    from care_figure where unit_code like :district || '%' and month >= :first and month <= :last
    order by figure, unit_code, month, id desc"""


def figures(
    session: Session, district: str, first: date, last: date
) -> list[tuple[str, str, date, Decimal, bool]]:
    """Monthly figures (月报数) of a time: figure, township, month, value as entered last, demo."""
    rows = session.execute(text(FIGURES), {"district": district, "first": first, "last": last})
    return [tuple(r) for r in rows]


def enter_figure(session: Session, row: CareFigure) -> None:
    session.add(row)
    session.flush()


# --- areas ----------------------------------------------------------------------------------------------


def communities(session: Session, district: str, at: date) -> tuple[Communities, date | None, bool]:
    """Areas of communities with their residents 60+ on a date, the day the totals are of, and whether any of it is
    invented. Only the application's role can read the totals."""
    rows = session.execute(
        text(
            "select code, name, elders, elders_on, demo, ST_AsBinary(geometry) as shape from community_area"
            " where upper_inf(recorded) and valid @> cast(:at as date) and code like :district || '%' order by code"
        ),
        {"at": at, "district": district},
    ).all()
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [shapely.from_wkb(bytes(r.shape)) for r in rows]
    found = Communities(
        tuple(r.code for r in rows), tuple(r.name for r in rows),
        np.array([float(r.elders or 0) for r in rows]), shapes,
    )  # fmt: skip
    days = [r.elders_on for r in rows if r.elders_on is not None]
    return found, min(days, default=None), any(r.demo for r in rows)


def put_community(session: Session, row: CommunityArea) -> None:
    versions.supersede(session, row)


def policy_areas(session: Session, district: str, at: date | None = None) -> list[dict[str, Any]]:
    """Areas of policy (火葬区 …) on a date, or of all times where none is given, by code and time; as GeoJSON."""
    when = "" if at is None else " and valid @> cast(:at as date)"
    rows = session.execute(
        text(
            "select code, kind, name, level, unit_code, document, facts, demo, lower(valid) as valid_from,"
            " upper(valid) as valid_to, ST_AsGeoJSON(geometry, 6)::json as geometry from published.policy_area"
            f" where unit_code like :district || '%'{when} order by kind, code, lower(valid)"
        ),
        {"district": district, "at": at},
    ).mappings()
    return [dict(r) for r in rows]


def put_policy_area(session: Session, row: PolicyArea) -> None:
    versions.supersede(session, row)


def since(on: date) -> Range[date]:
    """In force from a day on."""
    return Range(on, None, bounds="[)")
