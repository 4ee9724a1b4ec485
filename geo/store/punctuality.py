"""期限的统计与提醒: clocks that were stopped, clocks that are due, and clocks whose due date was not known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geo.approvals.clocks import Clock
from geo.approvals.digest import DueDuty, Officer
from geo.approvals.punctuality import Kept
from geo.store.approvals import clock_of, clocks_of, keep_due
from geo.store.tables import ApplicationClock, PlaceNameApplication, RoleGrant, User
from geo.terms import UserRole

# Clocks of a district that were stopped in a time or are still running and over, alike ones together: many cases run
# from the same day to the same day. A limit that ended because the applicant withdrew, or let his case lapse, was nobody's
# duty done.
_ENDED = text("""
    select a.category, c.limit_id, c.unit, c.days, c.starts, c.stopped, c.pauses, c.extended, count(*) as cases,
           count(*) filter (where c.demo) as demo
    from application_clock c join place_name_application a on a.id = c.application_id
    where a.district = :district and a.state <> 'draft'
      and (c.stopped between :first and :last or (c.stopped is null and c.due < :on))
      and not (c.limit_id in ('DL-5', 'DL-6') and a.state in ('withdrawn', 'lapsed'))
      and not (c.limit_id = 'DL-4' and exists (select from application_step s where s.application_id = a.id
               and s.transition in ('withdraw', 'take_up')) and not exists (select from application_step s
               where s.application_id = a.id and s.transition in ('accept', 'ask_supplement', 'not_accept')))
    group by 1, 2, 3, 4, 5, 6, 7, 8""")

# Running clocks that are due up to a day (application_clock_due_ix).
_DUE = text("""
    select a.number, a.name, a.category, a.action, a.state, c.limit_id, c.due, a.officer_id, a.demo
    from application_clock c join place_name_application a on a.id = c.application_id
    where c.stopped is null and c.due <= :until and a.district = :district and a.number is not null
    order by c.due, a.number limit 10000""")


def kept_clocks(session: Session, district: str, first: date, last: date, on: date) -> list[Kept]:
    """Clocks that were stopped from `first` to `last`, and those that are over and still run on a day."""
    rows = session.execute(_ENDED, {"district": district, "first": first, "last": last, "on": on})
    return [
        Kept(
            row.category,
            Clock.restored(
                row.limit_id, unit=row.unit, days=row.days, starts=row.starts, pauses=row.pauses,
                extended=row.extended, stopped=row.stopped,
            ),
            row.cases,
            row.demo,
        )
        for row in rows
    ]  # fmt: skip


def due_duties(session: Session, district: str, until: date) -> list[DueDuty]:
    """Running limits that are due up to and with a day, the soonest first."""
    return [DueDuty(**row._mapping) for row in session.execute(_DUE, {"district": district, "until": until})]


def officers(session: Session, district: str) -> Sequence[Officer]:
    """Active users with an officer's role in the district."""
    wanted = [r.value for r in UserRole if r not in (UserRole.APPLICANT, UserRole.SURVEYOR)]
    found: dict[int, Officer] = {}
    rows = session.execute(
        select(User.id, User.login, User.name, RoleGrant.role)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(User.active, RoleGrant.district == district, RoleGrant.role.in_(wanted))
        .order_by(User.id)
    )
    for id, login, name, role in rows:
        before = found.get(id)
        roles = (before.roles if before else frozenset()) | {UserRole(role)}
        found[id] = Officer(id, login, name, roles)
    return list(found.values())


def settle_unknown(session: Session, limit: int = 1000) -> int:
    """Work out due dates that were not known when their clocks began: the holiday table has been added to. How many."""
    rows = session.scalars(
        select(ApplicationClock)
        .where(ApplicationClock.stopped.is_(None), ApplicationClock.due.is_(None), ApplicationClock.unit == "working")
        .order_by(ApplicationClock.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()  # fmt: skip
    settled = 0
    for row in rows:
        due = clock_of(row).due()
        if due is not None:
            row.due = due
            session.flush()
            case = session.get(PlaceNameApplication, row.application_id, with_for_update=True)
            assert case is not None
            keep_due(case, clocks_of(session, case.id))
            settled += 1
    session.flush()
    return settled
