"""办件时效 punctuality, for everybody; 每日提醒 digest, each officer's own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api import timekeeping
from api.acts import remind
from api.doors import Acting, District, Reading
from geo import days
from geo.approvals import digest as reminding
from geo.approvals import holidays, punctuality
from geo.approvals.clocks import DAY_UNIT_NAMES

router = APIRouter(tags=["punctuality 办件时效"])

#: What a browser may keep of the public report.
CACHE = {"Cache-Control": "public, max-age=600"}
Year = Annotated[int | None, Query(ge=1980, le=2200, description="年份，缺省本年 The year, this one by default")]  # fmt: skip


class RowOut(BaseModel):
    """某月某类（合计时为空）. share、median_days are null where there are too few."""

    month: str
    category: str
    done: int
    in_time: int
    late: int
    unknown: int = Field(
        description="节假日安排未录入，无法判定 Not to be told: the holiday table does not say"
    )
    share: float | None = Field(
        description=f"按期率，不足 {punctuality.SHARE_FROM} 件不计 Of those known, in time"
    )
    median_days: float | None = Field(description=f"办理天数中位数，不足 {punctuality.MEDIAN_FROM} 件不计")
    demo: int = Field(description="其中演示数据 Of them invented")


class AccountOut(BaseModel):
    """一项职责的时效."""

    duty: str
    title: str
    title_en: str
    unit: str
    unit_en: str
    total: RowOut
    open_overdue: int = Field(description="至今未办且已逾期 Overdue and still open")
    rows: list[RowOut]


class PunctualityOut(BaseModel):
    """办件时效."""

    district: str
    year: int
    as_of: date
    duties: list[AccountOut]


class DigestOut(BaseModel):
    """每日提醒：逾期、今日到期、即将到期."""

    day: date
    until: date
    officer: str
    name: str
    overdue: list[dict[str, Any]]
    today: list[dict[str, Any]]
    soon: list[dict[str, Any]]
    calendar_until: date | None = Field(
        description="节假日表的末日，临近时给出 Last day of the holiday table, when that is near"
    )


def account_out(account: punctuality.Account) -> AccountOut:
    """An account as its answer."""
    unit = DAY_UNIT_NAMES[account.duty.unit]
    return AccountOut(
        duty=account.duty.key, title=account.duty.title.zh, title_en=account.duty.title.en, unit=unit.zh, unit_en=unit.en,
        total=row_out(account.total), open_overdue=account.open_overdue, rows=[row_out(r) for r in account.rows],
    )  # fmt: skip


def row_out(row: punctuality.Row) -> RowOut:
    """A row as its answer."""
    return RowOut(**{name: getattr(row, name) for name in RowOut.model_fields})


@router.get("/api/v1/punctuality", summary="办件时效 Punctuality")
def report(session: Reading, district: District, response: Response, year: Year = None) -> PunctualityOut:
    """按月、按类别：办结、按期、逾期件数，办理天数中位数，以及至今逾期未办的。Duties done, in time or late, by month and
    category, with the median of their days; and what is overdue and open."""
    on = days.today()
    response.headers.update(CACHE)
    asked = year or on.year
    found = timekeeping.accounts_of(session, district.code, asked, on)
    return PunctualityOut(
        district=district.code, year=asked, as_of=on, duties=[account_out(a) for a in found]
    )


@router.get("/api/v1/digest", summary="每日提醒 One's reminders")
def digest(actor: Acting, session: Reading) -> DigestOut:
    """本人今天的逾期、到期和三日内到期事项。What is overdue, due today, and due within three days."""
    on = days.today()
    said = reminding.as_json(remind.digest_of(session, actor, on))
    until = on + timedelta(days=reminding.AHEAD_DAYS)
    return DigestOut(day=on, until=until, calendar_until=holidays.ends_soon(on), **said)
