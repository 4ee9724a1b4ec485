"""Opening hours (开放时间): a week, holidays, market days (赶集日), and whether it is open now.

What is kept is a JSON object:
weekly: [{days: [1–7], spans: [["06:30", "09:00"], …]}], Monday is 1, a span may run past midnight;
market: {calendar: "solar" | "lunar", digits: [1, 4, 7], spans: […]}, open on days that end in a digit;
holidays: "open", "closed", or absent where nobody said; closed: [["2025-01-28", "2025-02-04"], …], both days
included; about: True where only half days are known; text: as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from geo.facilities.kinds import Rules, rules
from geo.facilities.lunar import lunar
from geo.problems import BadInput
from geo.text import Text

DAYS = "一二三四五六日"
DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"十": 0, "〇": 0, "两": 2}


class BadHours(BadInput):
    code = "bad-hours"
    title = Text(
        "开放时间“{0}”无法识别；请写成 周一至周五 08:00-17:30，或 逢1、4、7 07:00-13:00，或 农历逢三、六、九 07:00-12:00",
        "Opening hours {0} cannot be read; write 周一至周五 08:00-17:30, or 逢1、4、7 07:00-13:00 for market days",
    )


class Openness(StrEnum):
    """开放状态."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Now:
    """Whether it is open, until when or from when, and what one has to know besides.

    at: the moment of the next change within two weeks, None where there is none or nobody knows.
    """

    state: Openness
    at: datetime | None
    says: Text


NAMES: dict[Openness, Text] = {
    Openness.OPEN: Text("正在营业", "Open now"),
    Openness.CLOSED: Text("现在休息", "Closed now"),
    Openness.UNKNOWN: Text("时间未知，请先电话询问", "Hours unknown; please call first"),
}


def now(hours: Mapping[str, Any], when: datetime, holidays: Collection[date] = ()) -> Now:
    """Whether it is open at a moment of local time. holidays: days off (法定节假日) that are known."""
    if not hours.get("weekly") and not hours.get("market"):
        return Now(Openness.UNKNOWN, None, NAMES[Openness.UNKNOWN])
    # Most answers lie within a day; only market days and holidays need a look further ahead.
    for days in (3, 16):
        found = _now(
            sorted(_spans(hours, when.date() - timedelta(days=1), days, holidays)), hours, when, holidays
        )
        if found is not None:
            return found
    return Now(Openness.CLOSED, None, NAMES[Openness.CLOSED])


def _now(
    spans: list[tuple[datetime, datetime]],
    hours: Mapping[str, Any],
    when: datetime,
    holidays: Collection[date],
) -> Now | None:
    """The answer that some spans give, None where they all lie in the past."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    doubtful = when.date() in holidays and "holidays" not in hours
    for start, end in joined:
        if start <= when < end:
            if doubtful:
                return Now(Openness.UNKNOWN, end, HOLIDAY)
            if end - when >= timedelta(hours=24):
                return Now(Openness.OPEN, None, DAY_AND_NIGHT)
            return Now(Openness.OPEN, end, OPEN_UNTIL.fill(_clock(end, when, "zh"), _clock(end, when, "en")))
        if start > when:
            says = OPENS.fill(_clock(start, when, "zh"), _clock(start, when, "en"))
            return Now(Openness.CLOSED, start, HOLIDAY if doubtful else says)
    return None


OPEN_UNTIL = Text("正在营业，到 {0}", "Open now, until {1}")
DAY_AND_NIGHT = Text("正在营业，全天开放", "Open now, day and night")
OPENS = Text("现在休息，{0} 开门", "Closed now, opens {1}")
HOLIDAY = Text("节假日，开放时间请先电话询问", "A public holiday: please call before you go")


def _clock(moment: datetime, seen: datetime, language: str) -> str:
    clock = moment.strftime("%H:%M")
    apart = (moment.date() - seen.date()).days
    if moment.time() == time(0) and apart == 1:
        return "24:00"
    if language == "zh":
        if apart == 0:
            return clock
        return {1: f"明天 {clock}", 2: f"后天 {clock}"}.get(
            apart, f"{moment.month} 月 {moment.day} 日 {clock}"
        )
    return clock if apart == 0 else f"{'tomorrow' if apart == 1 else moment.strftime('%d %b')} {clock}"


def _spans(
    hours: Mapping[str, Any], first: date, days: int, holidays: Collection[date]
) -> Iterable[tuple[datetime, datetime]]:
    shut = [(date.fromisoformat(a), date.fromisoformat(b)) for a, b in hours.get("closed", ())]
    for offset in range(days):
        day = first + timedelta(days=offset)
        if any(a <= day <= b for a, b in shut):
            continue
        if hours.get("holidays") == "closed" and day in holidays:
            continue
        for rule in hours.get("weekly", ()):
            if day.isoweekday() in rule["days"]:
                yield from (_span(day, *s) for s in rule["spans"])
        market = hours.get("market")
        if market and is_market_day(market, day):
            yield from (_span(day, *s) for s in market["spans"])


def is_market_day(market: Mapping[str, Any], day: date) -> bool:
    """Whether a day is a market day (赶集日): its number in the month, solar or lunar, ends in one of the digits."""
    if market["calendar"] == "lunar":
        there = lunar(day)
        return there is not None and there.day % 10 in market["digits"]
    return day.day % 10 in market["digits"]


def market_days(market: Mapping[str, Any], first: date, days: int) -> list[date]:
    """The market days among some days."""
    every = (first + timedelta(days=i) for i in range(days))
    return [d for d in every if is_market_day(market, d)]


def _span(day: date, start: str, end: str) -> tuple[datetime, datetime]:
    begin, stop = _moment(day, start), _moment(day, end)
    return begin, stop if stop > begin else stop + timedelta(days=1)


def _moment(day: date, clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime.combine(day, time()) + timedelta(hours=int(hour), minutes=int(minute))


# --- words ----------------------------------------------------------------------------------------------


def says(hours: Mapping[str, Any]) -> Text | None:
    """The hours in words, None where nothing is known."""
    zh, en = [], []
    about = bool(hours.get("about"))
    for rule in hours.get("weekly", ()):
        days, spans = rule["days"], "、".join("–".join(s) for s in rule["spans"])
        zh.append(f"{_days_zh(days)} {'约 ' if about else ''}{spans}")
        en.append(f"{_days_en(days)} {'about ' if about else ''}{spans.replace('、', ', ')}")
    market = hours.get("market")
    if market:
        spans = "、".join("–".join(s) for s in market["spans"])
        digits = [str(d) if d else "10" for d in market["digits"]]
        moon = market["calendar"] == "lunar"
        zh.append(f"{'农历' if moon else ''}逢 {'、'.join(digits)} 赶集日 {spans}")
        en.append(
            f"market days, {'lunar ' if moon else ''}dates ending in {', '.join(d[-1] for d in digits)}: {spans}".replace(
                "、", ", "
            )
        )
    if zh and hours.get("holidays") == "closed":
        zh.append("法定节假日休息")
        en.append("closed on public holidays")
    if zh and hours.get("holidays") == "open":
        zh.append("法定节假日照常")
        en.append("open on public holidays")
    if zh:
        return Text("；".join(zh), "; ".join(en))
    written = str(hours.get("text") or "")
    return Text(written, written) if written else None


def _days_zh(days: Iterable[int]) -> str:
    given = sorted(days)
    if given == [1, 2, 3, 4, 5, 6, 7]:
        return "每天"
    if len(given) > 2 and given == list(range(given[0], given[-1] + 1)):
        return f"周{DAYS[given[0] - 1]}至周{DAYS[given[-1] - 1]}"
    return "周" + "、".join(DAYS[d - 1] for d in given)


def _days_en(days: Iterable[int]) -> str:
    given = sorted(days)
    if given == [1, 2, 3, 4, 5, 6, 7]:
        return "daily"
    if len(given) > 2 and given == list(range(given[0], given[-1] + 1)):
        return f"{DAYS_EN[given[0] - 1]}–{DAYS_EN[given[-1] - 1]}"
    return ", ".join(DAYS_EN[d - 1] for d in given)


# --- reading --------------------------------------------------------------------------------------------

_CLOCK = r"(\d{1,2})[:：](\d{2})\s*(?:[-—–~～至到]|--)\s*(?:次日)?(\d{1,2})[:：](\d{2})"
_DAY = r"(?:周|星期|礼拜|週)?[一二三四五六日天]"
#: A digit of a market day, but no hour.
_NUMBER = r"(?:\d{1,2}(?!\d*\s*[:：])|[一二三四五六七八九十])"
#: What may stand between what is understood.
_FILLER = re.compile(
    r"[\s、,，;；。:：()（）和及]|营业时间|开放时间|服务时间|时间|营业|开放|为|赶集日|赶集|赶场"
)
_TOKEN = re.compile(
    rf"(?P<clock>{_CLOCK})"
    r"|(?P<all>每天|每日|全年|天天|周一至周日|24\s*小时)"
    r"|(?P<work>工作日)|(?P<end>周末|双休日)"
    rf"|(?P<market>(?:公历|阳历|农历|阴历)?\s*逢\s*{_NUMBER}(?:\s*[、,，/和及]?\s*{_NUMBER})*(?:\s*(?:赶集|赶场|场期|集)日?)?)"
    r"|(?P<holiday>(?:法定)?节假日\s*(?:休息|不营业|关闭|闭馆|照常|开放|营业|除外))"
    rf"|(?P<range>{_DAY}\s*[至到\-—–~～]\s*{_DAY})"
    rf"|(?P<list>(?:周|星期|礼拜|週)[一二三四五六日天](?:[、,，及和]?\s*(?:周|星期|礼拜|週)?[一二三四五六日天])*)"
    r"|(?P<half>上午|下午|全天|全日)"
    r"|(?P<cut>[；;。\n])"
)


def parse(text: str, known: Rules | None = None) -> dict[str, Any]:
    """Hours that people write, as the object kept. An empty text is nothing known.

    Raises BadHours where no day with a time can be made out.
    """
    known = known or rules()
    written = " ".join(text.split())
    if not written:
        return {}
    out: dict[str, Any] = {"text": written}
    weekly: dict[tuple[tuple[str, str], ...], set[int]] = {}
    days: set[int] = set()
    market: dict[str, Any] | None = None
    spans: list[tuple[str, str]] = []

    def flush() -> None:
        nonlocal market
        if spans and market is not None:
            out["market"] = {**market, "spans": [list(s) for s in spans]}
        elif spans:
            weekly.setdefault(tuple(spans), set()).update(days or set(range(1, 8)))
        if spans:
            days.clear()
            spans.clear()
            market = None

    if _FILLER.sub("", _TOKEN.sub("", written)):
        raise BadHours(written)
    for token in _TOKEN.finditer(written):
        kind, value = token.lastgroup, token.group()
        if token["clock"]:
            a, b, c, d = (int(x) for x in re.findall(r"\d+", value)[:4])
            if a > 24 or c > 24 or b > 59 or d > 59:
                raise BadHours(written)
            spans.append((f"{a:02d}:{b:02d}", f"{c:02d}:{d:02d}"))
            continue
        if token["half"]:
            out["about"] = True
            morning = (_hour(known.morning_from), _hour(known.morning_to))
            afternoon = (_hour(known.afternoon_from), _hour(known.afternoon_to))
            spans.extend(
                {"上午": [morning], "下午": [afternoon], "全天": [morning, afternoon]}[
                    value.replace("日", "天")
                ]
            )
            continue
        if token["holiday"]:
            closed = bool(re.search("休息|不营业|关闭|闭馆|除外", value))
            out["holidays"] = "closed" if closed else "open"
            continue
        flush()
        if token["all"]:
            days.update(range(1, 8))
            if "24" in value:
                spans.append(("00:00", "24:00"))
        elif token["work"]:
            days.update(range(1, 6))
        elif token["end"]:
            days.update((6, 7))
        elif token["market"]:
            moon = "农历" in value or "阴历" in value
            digits = sorted(set(_market_digits(value.split("逢", 1)[1])))
            market = {"calendar": "lunar" if moon else "solar", "digits": digits}
        elif token["range"]:
            first, last = (
                DAYS.index(c.replace("天", "日")) + 1 for c in re.findall("[一二三四五六日天]", value)
            )
            days.update(range(first, last + 1) if first <= last else [*range(first, 8), *range(1, last + 1)])
        elif kind == "list" or token["list"]:
            days.update(
                DAYS.index(c.replace("天", "日")) + 1 for c in re.findall("[一二三四五六日天]", value)
            )
    flush()
    if weekly:
        out["weekly"] = [
            {"days": sorted(v), "spans": [list(s) for s in k]}
            for k, v in sorted(weekly.items(), key=lambda x: min(x[1]))
        ]
    if not weekly and "market" not in out:
        raise BadHours(written)
    return out


def _market_digits(text: str) -> Iterable[int]:
    for number in re.findall(r"\d+", text):
        yield int(number) % 10
    for character in text:
        if character in _DIGITS:
            yield _DIGITS[character]


def _hour(value: float) -> str:
    return f"{int(value):02d}:{round(value % 1 * 60):02d}"
