"""期限: how long a step may take, from when, and how many days are left.

The limits are rows of data/approvals/limits.csv, each with its article. How days are counted:

- the day of the event (受理、批准、收到) is not counted; the first day is the one after it;
- a limit in calendar days (日) counts all days. Whether its last day moves on when offices rest is not in the text: column
  `last_on_rest_day`, keep or next;
- a limit in working days (工作日, 许可法第八十二条) counts working days of holidays.py; outside its table the due date is
  unknown, None, and never guessed;
- while the applicant supplements (补正) the clock pauses: neither the days after the one it paused on nor the day on
  which it goes on are counted;
- a pause or an extension cannot save a limit that is already over.

Days are those of the real clock in China (days.today), whatever date pages read.
"""

from __future__ import annotations

import csv
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from geo.approvals.holidays import PLACE, CalendarUnknown, WorkingDays, working_days
from geo.problems import BadInput, Conflict
from geo.text import Text


class DayUnit(StrEnum):
    """What a limit counts."""

    CALENDAR = "calendar"
    WORKING = "working"
    MONTH = "month"


DAY_UNIT_NAMES: dict[DayUnit, Text] = {
    DayUnit.CALENDAR: Text("日", "calendar days"),
    DayUnit.WORKING: Text("个工作日", "working days"),
    DayUnit.MONTH: Text("个月", "months"),
}


class ClockState(StrEnum):
    """计时状态. `unknown`: it runs, but the working days are not in the table."""

    RUNNING = "running"
    PAUSED = "paused"
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"
    DONE_IN_TIME = "done_in_time"
    DONE_LATE = "done_late"
    DONE = "done"
    UNKNOWN = "unknown"


CLOCK_STATE_NAMES: dict[ClockState, Text] = {
    ClockState.RUNNING: Text("计时中", "Running"),
    ClockState.PAUSED: Text("补正中，暂停计时", "Paused while the applicant supplements"),
    ClockState.DUE_TODAY: Text("今日到期", "Due today"),
    ClockState.OVERDUE: Text("已逾期", "Overdue"),
    ClockState.DONE_IN_TIME: Text("按期办结", "Done in time"),
    ClockState.DONE_LATE: Text("逾期办结", "Done late"),
    ClockState.DONE: Text("已办结，节假日安排未录入", "Done; the working days are not known"),
    ClockState.UNKNOWN: Text(
        "节假日安排未录入，到期日待定", "Due date open: the working days are not known yet"
    ),
}


class ClockStands(Conflict):
    """A clock that stands cannot be changed that way."""

    code = "clock-stands"
    title = Text("“{limit}”的计时{state}，不能办理此项", "The clock of “{limit}” cannot do that: {state}")


class BeforeItBegan(BadInput):
    """A clock's event lies before the one ahead of it."""

    code = "clock-backwards"
    title = Text(
        "日期 {day} 早于计时的上一日期 {after}", "The date {day} lies before {after}, where the clock stands"
    )


class NotExtendable(Conflict):
    """The law gives this limit no (further) extension, or it is over."""

    code = "not-extendable"
    title = Text("“{limit}”不能延长：{why}", "“{limit}” cannot be extended: {why}")


class ExtensionNeedsReason(BadInput):
    """An extension without a reason."""

    code = "extension-needs-reason"
    title = Text(
        "延长期限须说明理由，并告知申请人", "An extension needs its reason, which the applicant is told"
    )


@dataclass(frozen=True, slots=True)
class Limit:
    """One row of limits.csv. days: so many of `unit`, by the law; promise: fewer that the administration has promised
    (承诺时限), with which new clocks begin. extension: further ones of the same unit, 0 for none.

    moves_on: whether a last day on which offices rest moves to the next working day.
    """

    id: str
    title: Text
    days: int
    unit: DayUnit
    runs_from: str
    from_words: Text
    extension: int
    moves_on: bool
    source: str
    note: str
    promise: int | None = None

    @property
    def in_force(self) -> int:
        """The days that a new clock has."""
        return self.days if self.promise is None else self.promise

    @property
    def length(self) -> Text:
        """How long it is, in words: 20个工作日."""
        words = DAY_UNIT_NAMES[self.unit]
        return Text(f"{self.in_force}{words.zh}", f"{self.in_force} {words.en}")


def read_limits(path: Path) -> Mapping[str, Limit]:
    """The limits of a table by id. Raises ValueError on a row that is not in order."""
    limits: dict[str, Limit] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not row["source"] or row["last_on_rest_day"] not in ("keep", "next") or row["id"] in limits:
                raise ValueError(f"{path.name}: a row is not in order: {row}")
            days, promise = int(row["days"]), int(row["promise"]) if row["promise"] else None
            if promise is not None and not 0 < promise <= days:
                raise ValueError(f"{path.name}: a promise is shorter than the law's limit: {row}")
            limits[row["id"]] = Limit(
                id=row["id"],
                title=Text(row["zh"], row["en"]),
                days=days,
                promise=promise,
                unit=DayUnit(row["unit"]),
                runs_from=row["runs_from"],
                from_words=Text(row["runs_from_zh"], row["runs_from_en"]),
                extension=int(row["extension"]),
                moves_on=row["last_on_rest_day"] == "next",
                source=row["source"],
                note=row["note"],
            )
    return limits


@cache
def limits() -> Mapping[str, Limit]:
    """The limits in force."""
    return read_limits(PLACE / "limits.csv")


@dataclass(frozen=True, slots=True)
class Pause:
    """暂停: after `since`, up to and with `until`; until is None while it pauses."""

    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """计时: one limit of one case. Never changed; every step gives a new one.

    starts: the day of the event, which is not counted. days: those that it began with, else those in force now.
    extended: further days, extension_reason why. stopped: the day on which the duty was done.
    """

    limit: Limit
    starts: date
    pauses: tuple[Pause, ...] = ()
    extended: int = 0
    extension_reason: str | None = None
    stopped: date | None = None
    days: int | None = None

    @property
    def total(self) -> int:
        """All days that it has, extension included."""
        return (self.limit.in_force if self.days is None else self.days) + self.extended

    @property
    def paused(self) -> bool:
        return self.stopped is None and bool(self.pauses) and self.pauses[-1].until is None

    @property
    def stands_at(self) -> date:
        """The last day on which something happened to it."""
        if self.stopped is not None:
            return self.stopped
        return (
            max(self.pauses[-1].until or self.pauses[-1].since, self.starts) if self.pauses else self.starts
        )

    @classmethod
    def restored(
        cls,
        limit_id: str,
        *,
        unit: str,
        days: int,
        starts: date,
        pauses: Sequence[Mapping[str, str | None]] = (),
        extended: int = 0,
        extension_reason: str | None = None,
        stopped: date | None = None,
    ) -> Clock:
        """A clock as it was kept: its days and unit are those that it began with, whatever the table says today.
        pauses: [{from, until}]. Raises KeyError for a limit that the table does not have."""
        return cls(
            replace(limits()[limit_id], unit=DayUnit(unit)),
            starts,
            tuple(
                Pause(
                    date.fromisoformat(p["from"] or ""), date.fromisoformat(u) if (u := p["until"]) else None
                )
                for p in pauses
            ),
            extended,
            extension_reason,
            stopped,
            days,
        )

    def pauses_as_json(self) -> list[dict[str, str | None]]:
        """Its pauses as they are kept."""
        return [
            {"from": p.since.isoformat(), "until": p.until.isoformat() if p.until else None}
            for p in self.pauses
        ]

    # -- what happens to it

    def pause(self, on: date) -> Clock:
        """暂停: the applicant is asked to supplement. Raises ClockStands, BeforeItBegan."""
        self._runs(on)
        return replace(self, pauses=(*self.pauses, Pause(on)))

    def go_on(self, on: date) -> Clock:
        """恢复计时: the supplement came. Raises ClockStands, BeforeItBegan."""
        if not self.paused:
            raise ClockStands(limit=self.limit.title, state=Text("没有暂停", "it is not paused"))
        self._not_before(on)
        return replace(self, pauses=(*self.pauses[:-1], Pause(self.pauses[-1].since, on)))

    def extend(self, on: date, reason: str, calendar: WorkingDays | None = None) -> Clock:
        """延长: by the days that the law gives, once, with a reason, before the limit is over. Raises
        NotExtendable, ExtensionNeedsReason, ClockStands, BeforeItBegan."""
        if self.stopped is not None:
            raise ClockStands(limit=self.limit.title, state=CLOCK_STATE_NAMES[ClockState.DONE_IN_TIME])
        self._not_before(on)
        if not self.limit.extension:
            why = Text("法律没有规定延长", "the law gives no extension")
            raise NotExtendable(limit=self.limit.title, why=why)
        if self.extended:
            raise NotExtendable(limit=self.limit.title, why=Text("已经延长过一次", "it was extended before"))
        if self.overdue(on, calendar):
            raise NotExtendable(limit=self.limit.title, why=Text("期限已过", "it is over"))
        if not reason.strip():
            raise ExtensionNeedsReason()
        return replace(self, extended=self.limit.extension, extension_reason=reason.strip())

    def stop(self, on: date) -> Clock:
        """停止: the duty was done; a pause ends with it. Raises ClockStands, BeforeItBegan."""
        if self.stopped is not None:
            raise ClockStands(limit=self.limit.title, state=Text("已经停止", "it has stopped"))
        self._not_before(on)
        pauses = self.pauses
        if self.paused:
            pauses = (*pauses[:-1], Pause(pauses[-1].since, on))
        return replace(self, pauses=pauses, stopped=on)

    def _runs(self, on: date) -> None:
        if self.stopped is not None or self.paused:
            state = Text("已停止", "it has stopped") if self.stopped else Text("已暂停", "it is paused")
            raise ClockStands(limit=self.limit.title, state=state)
        self._not_before(on)

    def _not_before(self, on: date) -> None:
        if on < self.stands_at:
            raise BeforeItBegan(day=on, after=self.stands_at)

    # -- what it says

    def due(self, calendar: WorkingDays | None = None) -> date | None:
        """到期日: the last day on which the duty is done in time; None while it pauses with days left, and where
        the working days are not known."""
        table = calendar or working_days()
        try:
            begin, left, waits = self._run(table)
            return None if waits else self._end(begin, left, table)
        except CalendarUnknown:
            return None

    def days_left(self, on: date, calendar: WorkingDays | None = None) -> int | None:
        """剩余天数 after `on`, in the limit's own unit (months: in calendar days); 0 on the last day, negative when
        overdue, what is left while it pauses; None where it has stopped or the working days are not known."""
        if self.stopped is not None:
            return None
        table = calendar or working_days()
        try:
            begin, left, waits = self._run(table)
            return left if waits else self._count(on, self._end(begin, left, table), table)
        except CalendarUnknown:
            return None

    def used(self, on: date, calendar: WorkingDays | None = None) -> int | None:
        """已用天数 up to the day of its stop, or to `on`, in the limit's own unit, without the pauses; None where the
        working days are not known."""
        table, end = calendar or working_days(), self.stopped or on
        begin, used = self.starts, 0
        try:
            for pause in self.pauses:
                used += self._count(begin, min(pause.since, end), table)
                begin = min(pause.until or end, end)
            return used + self._count(begin, max(begin, end), table)
        except CalendarUnknown:
            return None

    def overdue(self, on: date, calendar: WorkingDays | None = None) -> bool:
        """Whether the limit was over before the end of `on`, or of the day on which the duty was done. False where
        that is not known: `state` says so."""
        due = self.due(calendar)
        return due is not None and (self.stopped or on) > due

    def state(self, on: date, calendar: WorkingDays | None = None) -> ClockState:
        """How it stands on a day."""
        due = self.due(calendar)
        if self.stopped is not None:
            if due is None:
                return ClockState.DONE
            return ClockState.DONE_LATE if self.stopped > due else ClockState.DONE_IN_TIME
        if due is None:
            return ClockState.PAUSED if self.paused else ClockState.UNKNOWN
        if on > due:
            return ClockState.OVERDUE
        return ClockState.DUE_TODAY if on == due else ClockState.RUNNING

    # -- counting

    def _run(self, table: WorkingDays) -> tuple[date, int, bool]:
        """The day after which it counts now, how much was left then, and whether it pauses. A pause that began
        after the limit was over does not count."""
        begin, left = self.starts, self.total
        if self.limit.unit is DayUnit.MONTH:
            left = (_months_later(self.starts, self.total) - self.starts).days
        for pause in self.pauses:
            used = self._count(begin, pause.since, table)
            if used >= left and pause.since > self._end(begin, left, table):
                return begin, left, False
            begin, left = pause.until or pause.since, max(0, left - used)
        return begin, left, bool(self.pauses) and self.pauses[-1].until is None

    def _end(self, begin: date, left: int, table: WorkingDays) -> date:
        if self.limit.unit is DayUnit.WORKING:
            return table.add_working_days(begin, left)
        end = begin + timedelta(days=left)
        return table.next_working_day(end) if self.limit.moves_on else end

    def _count(self, after: date, until: date, table: WorkingDays) -> int:
        if self.limit.unit is DayUnit.WORKING:
            return table.working_days_between(after, until)
        return (until - after).days


def _months_later(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where it has none of that number."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
