"""日期: the day in China. A day of the law, of a record and of a page is Beijing's, whatever zone the machine keeps."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

#: 北京时间; the zone database names it after Shanghai.
SHANGHAI = ZoneInfo("Asia/Shanghai")


def today(now: datetime | None = None) -> date:
    """Today by the real clock in China. now: aware; the real moment by default. Raises ValueError for a naive one."""
    moment = now or datetime.now(SHANGHAI)
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone has no day")
    return moment.astimezone(SHANGHAI).date()
