"""公告内容: what an announcement and its withdrawal say, and what they do to the register; for the steps of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from api.acts import enter_name, papers
from api.acts.case_facts import authority_of
from api.security.person import Person
from geo import settings
from geo.approvals.authority import authority_name
from geo.days import SHANGHAI
from geo.problems import Conflict
from geo.store import announcements, approvals_case
from geo.store.approvals_case import Case
from geo.store.tables import Announcement, PlaceNameApplication
from geo.terms import APPLICATION_ACTION_NAMES
from geo.terms import ApplicationAction as Action
from geo.text import Text


class AlreadyWithdrawn(Conflict):
    """The announcement was taken back."""

    code = "announcement-withdrawn"
    title = Text("公告 {number} 已撤销", "Announcement {number} has been withdrawn")


class AlreadyCorrected(Conflict):
    """A later correction says what is right now."""

    code = "announcement-corrected"
    title = Text(
        "公告 {number} 已由 {later} 更正，请在后者的基础上更正",
        "Announcement {number} has been corrected by {later}: correct the latter",
    )


def item_of(case: Case) -> dict[str, Any]:
    """What is announced of a name (标准名称, 罗马字母拼写, 所属政区, 位置描述, 批准机关, 批准时间)."""
    place, row = papers.place_of(case), case.row
    decided = (row["external"] or {}).get("date") or row["decided_at"].astimezone(SHANGHAI).date().isoformat()
    return {
        **{k: place[k] for k in ("action", "name", "romanization", "former", "category", "unit", "position")},
        "approved_by": row["body"] or authority_name(settings.district(row["district"])),
        "approved_on": decided,
        "document": row["decision_number"],
        "application": row["number"],
        "number": row["result_number"] if row["result_number"] is not None else row["subject_number"],
    }


def announce(
    session: Session,
    actor: Person,
    row: PlaceNameApplication,
    together: Sequence[Case],
    details: dict[str, Any],
    reason: str,
    on: date,
    shared: dict[str, Any],
) -> Announcement:
    """Announce a case: one announcement for all the names of a bulk step, and each name standard from now on."""
    if "announcement" not in shared:
        cases = [approvals_case.case_by_id(session, c.row["id"]) for c in together]
        shared["announcement"] = _publish(session, actor, cases, details, reason, on)
    made: Announcement = shared["announcement"]
    details["announcement"] = made.number
    enter_name.announce(session, actor, row, made.number, settings.as_of(), on, f"公告 {made.number}")
    return made


def withdraw(
    session: Session,
    actor: Person,
    row: PlaceNameApplication,
    case: Case,
    details: dict[str, Any],
    reason: str,
    on: date,
    shared: dict[str, Any],
) -> Announcement:
    """Take a case's announcement back with one of its own: both stay visible, and the register follows."""
    last = [a for a in case.announcements if a["kind"] == "announcement"][-1]
    withdrawn = {"title": last["title"], "number": last["number"], "on": last["dated"]}
    made = _publish(
        session, actor, [case], details, reason, on, kind="withdrawal", of_id=last["id"],
        of=withdrawn, title=f"关于撤销“{item_of(case)['name']}”地名公告的公告",
    )  # fmt: skip
    shared["announcement"] = made
    details["announcement"] = made.number
    enter_name.withdraw(session, actor, row, made.number, settings.as_of(), f"公告 {made.number}")
    return made


def _publish(
    session: Session,
    actor: Person,
    cases: Sequence[Case],
    details: Mapping[str, Any],
    reason: str,
    on: date,
    *,
    kind: str = "announcement",
    of_id: int | None = None,
    of: Mapping[str, Any] | None = None,
    title: str | None = None,
    items: Sequence[Mapping[str, Any]] | None = None,
) -> Announcement:
    first = cases[0].row
    district = settings.district(first["district"])
    authority = authority_of(first, on, district)
    issuer = authority.announcer.zh if authority is not None else authority_name(district)
    told = list(items) if items is not None else [item_of(c) for c in cases]
    made = announcements.publish(
        session,
        district=district.code,
        prefix=papers.prefix(district),
        dated=on,
        title=title or details.get("title") or title_of(told),
        says=details.get("says") or reason,
        items=told,
        issuer=issuer,
        reason=reason,
        made_by=actor.id,
        cases=[(c.row["id"], c.row["result_number"] or c.row["subject_number"]) for c in cases],
        kind=kind,
        of_id=of_id,
        demo=first["demo"],
    )
    head = {"number": made.head_id or 0, "digest": made.head_hash.hex() if made.head_hash else "", "at": None}
    facts = {
        "id": made.id, "number": made.number, "head": head,
        "url": papers.url_of(f"/announcements/{made.year}/{made.serial}"), "why": reason if of else "",
        "corrects": of if kind == "correction" else None, "withdraws": of if kind == "withdrawal" else None,
    }  # fmt: skip
    papers.make(session, actor, "announcement", cases, details, reason, on, announcement=facts)
    return made


def correct(
    session: Session,
    actor: Person,
    held: Announcement,
    cases: Sequence[Case],
    items: Sequence[Mapping[str, Any]],
    says: str,
    reason: str,
    on: date,
) -> Announcement:
    """An announcement that corrects another one; the other stays as it is."""
    return _publish(
        session, actor, cases, {"says": says}, reason, on, kind="correction", of_id=held.id,
        of={"title": held.title, "number": held.number, "on": held.dated.isoformat()},
        title=f"关于更正{held.number}的公告", items=items,
    )  # fmt: skip


def title_of(items: Sequence[Mapping[str, Any]]) -> str:
    """关于“统景路”等3个地名命名的公告."""
    actions = {i["action"] for i in items}
    what = "、".join(APPLICATION_ACTION_NAMES[a].zh for a in Action if a.value in actions)
    many = f"等{len(items)}个地名" if len(items) > 1 else ""
    return f"关于“{items[0]['name']}”{many}{what}的公告"
