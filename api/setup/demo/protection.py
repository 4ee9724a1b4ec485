"""Demonstration protection lists (演示保护名录): one published, one under review, one in draft, for any district.

The names are the register's own; that they are on a list is invented, and the lists say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from geo.names.protection import EntryState, ListKind, ListState
from geo.store import protection
from geo.store.tables import ProtectionEntry, ProtectionList, ProtectionStep, User

INVENTED = "演示数据（虚构）：列入名录并非事实"
TITLE = "{title}（演示）"
#: Names that tell of the past, those with a told origin first; and the townships with one.
OLD = """
    select n.number from place_name n
    where upper_inf(n.recorded) and not n.demo and starts_with(n.unit_code, :district)
      and n.status in ('former', 'historic', 'variant', 'vanished')
    group by n.number order by bool_or(n.origin is not null) desc, max(n.importance) desc, n.number limit 4"""
TOLD = """
    select n.number from place_name n
    where upper_inf(n.recorded) and not n.demo and starts_with(n.unit_code, :district) and n.status = 'standard'
      and n.category in ('乡镇', '街道') and n.origin is not null
    group by n.number order by n.number limit 4"""
RURAL = """
    select n.number from place_name n
    where upper_inf(n.recorded) and n.demo and starts_with(n.unit_code, :district) and n.category = '自然村'
    group by n.number order by md5(n.number::text) limit 4"""


def load_lists(session: Session, district: str, people: Mapping[str, User], on: date) -> int:
    """Enter the lists where the register has names for them; how many names are on them."""

    def pick(statement: str) -> Sequence[int]:
        return session.scalars(text(statement), {"district": district}).all()

    old, told, rural = pick(OLD), pick(TOLD), pick(RURAL)
    first = _list(session, district, ListKind.HISTORIC, 1, "第1批历史地名保护名录", old, people)
    if first is not None:
        _review(session, first, people)
        protection.move(
            session, first, None, transition="publish", to=ListState.PUBLISHED.value,
            actor_id=people["approver"].id, reason=INVENTED, document="演示文号〔2023〕1号（虚构）",
            changes={"document": "演示文号〔2023〕1号（虚构）", "published_on": on.replace(year=on.year - 1)},
        )  # fmt: skip
    second = _list(session, district, ListKind.HISTORIC, 2, "第2批历史地名保护名录", told, people)
    if second is not None:
        _open(session, second, people)
    _list(session, district, ListKind.RURAL, 1, "第1批乡村地名保护名录", rural, people)
    session.flush()
    return len(old) + len(told) + len(rural)


def remove_lists(session: Session) -> int:
    """Take the demonstration's lists away with their steps; how many lists."""
    own = select(ProtectionList.id).where(ProtectionList.demo)
    session.execute(delete(ProtectionStep).where(ProtectionStep.list_id.in_(own)))
    session.execute(delete(ProtectionEntry).where(ProtectionEntry.list_id.in_(own)))
    gone = session.scalar(select(func.count()).select_from(ProtectionList).where(ProtectionList.demo)) or 0
    session.execute(delete(ProtectionList).where(ProtectionList.demo))
    return gone


def _list(
    session: Session,
    district: str,
    kind: ListKind,
    batch: int,
    title: str,
    numbers: Sequence[int],
    people: Mapping[str, User],
) -> ProtectionList | None:
    if not numbers:
        return None
    registrar = people["registrar"].id
    held = protection.add(
        session,
        ProtectionList(
            district=district, kind=kind.value, batch=batch, title=TITLE.format(title=title), demo=True
        ),
        actor_id=registrar,
        reason=INVENTED,
    )
    rural = kind is ListKind.RURAL
    for number in numbers:
        protection.propose(
            session,
            ProtectionEntry(
                list_id=held.id, number=number, proposed_by=registrar, demo=True,
                kind_class="rural_name" if rural else "town", grounds=["rural" if rural else "old"],
                measures=["sign", "publicise"], reasons=INVENTED,
            ),
            reason=INVENTED,
        )  # fmt: skip
    return held


def _open(session: Session, held: ProtectionList, people: Mapping[str, User]) -> None:
    protection.move(
        session, held, None, transition="open_review", to=ListState.REVIEW.value,
        actor_id=people["registrar"].id, reason=INVENTED,
    )  # fmt: skip


def _review(session: Session, held: ProtectionList, people: Mapping[str, User]) -> None:
    """Put a list to review and accept all its names."""
    _open(session, held, people)
    for entry in protection.entries_of(session, held.id):
        protection.move(
            session, held, entry, transition="accept", to=EntryState.ACCEPTED.value,
            actor_id=people["reviewer"].id, reason=INVENTED,
        )  # fmt: skip
