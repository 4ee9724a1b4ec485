"""公告 in the database: announcements with what they announced, for good; corrections and withdrawals beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from geo.problems import NotFound
from geo.store.approvals import next_serial
from geo.store.tables import Announcement, AnnouncementCase, AuditEvent
from geo.text import Text


class NoSuchAnnouncement(NotFound):
    """No announcement has this number."""

    code = "no-such-announcement"
    title = Text("没有编号为 {number} 的公告", "There is no announcement {number}")


@dataclass(frozen=True, slots=True)
class Shown:
    """公告 as the public reads it. items: of each name, what was announced. later: numbers and kinds of the
    announcements that correct it or take it back; of: the number of the one that it corrects or takes back. path:
    year and serial, the permanent address. names: numbers of the register."""

    id: int
    number: str
    year: int
    serial: int
    kind: str
    of: str | None
    of_path: str | None
    title: str
    says: str
    items: tuple[Mapping[str, Any], ...]
    issuer: str
    dated: date
    published_at: datetime
    head_id: int | None
    head_hash: str | None
    demo: bool
    later: tuple[Mapping[str, Any], ...]
    names: tuple[int, ...]

    @property
    def path(self) -> str:
        return f"/announcements/{self.year}/{self.serial}"

    @property
    def withdrawn(self) -> bool:
        return any(one["kind"] == "withdrawal" for one in self.later)


SHOWN = """
    select a.id, a.number, a.year, a.serial, a.kind, o.number as of,
        '/announcements/' || o.year || '/' || o.serial as of_path, a.title, a.says, a.items, a.issuer, a.dated,
        a.published_at, a.head_id, a.head_hash, a.demo,
        (select coalesce(jsonb_agg(jsonb_build_object('number', l.number, 'kind', l.kind, 'dated', l.dated,
                'path', '/announcements/' || l.year || '/' || l.serial) order by l.id), '[]')
            from published.announcement l where l.of_id = a.id) as later,
        (select coalesce(array_agg(n.name_number order by n.name_number), '{}')
            from published.announcement_name n where n.announcement_id = a.id) as names
    from published.announcement a left join published.announcement o on o.id = a.of_id"""
#: announcement_published_ix
LATEST = f"{SHOWN} where a.district = :district and (a.published_at, a.id) < (:before, :id) /*filters*/ order by a.published_at desc, a.id desc limit :limit"
FILTERS = {
    "kind": "and a.kind = :kind",
    "year": "and a.year = :year",
    "text": """and (strpos(a.title, :text) > 0 or strpos(a.number, :text) > 0
        or exists (select from jsonb_array_elements(a.items) i where strpos(i ->> 'name', :text) > 0))""",
}
#: announcement_case_number_ix
OF_NAMES = f"""{SHOWN} where a.id in (select n.announcement_id from published.announcement_name n
    where n.name_number = any(:numbers)) order by a.published_at desc, a.id desc limit :limit"""
YEARS = (
    "select distinct a.year from published.announcement a where a.district = :district order by a.year desc"
)
SHAPES = """
    select distinct on (p.number) p.name, st_asgeojson(p.geometry, 7) as geometry from published.place_name p
    where p.number = any(:numbers) and p.geometry is not null order by p.number, lower(p.valid) desc nulls last"""
ONE = f"{SHOWN} where a.district = :district and a.year = :year and a.serial = :serial"


def latest(
    session: Session,
    district: str,
    *,
    limit: int = 20,
    before: tuple[datetime, int] | None = None,
    kind: str | None = None,
    year: int | None = None,
    text: str | None = None,
) -> list[Shown]:
    """The announcements of a district, the newest first; corrections and withdrawals among them. text: part of a
    number, a title or a name. For the public's session."""
    moment, last = before or (datetime.max, 2**62)
    asked = {k: v for k, v in (("kind", kind), ("year", year), ("text", text)) if v is not None}
    statement = LATEST.replace("/*filters*/", " ".join(FILTERS[k] for k in asked))
    values = {"district": district, "before": moment, "id": last, "limit": limit, **asked}
    return [_shown(row) for row in session.execute(sql(statement), values)]


def of_names(session: Session, numbers: Iterable[int], *, limit: int = 20) -> list[Shown]:
    """The announcements of names of the register, the newest first. For the public's session."""
    return [_shown(row) for row in session.execute(sql(OF_NAMES), {"numbers": list(numbers), "limit": limit})]


def years(session: Session, district: str) -> list[int]:
    """The years with announcements, the latest first. For the public's session."""
    return list(session.scalars(sql(YEARS), {"district": district}))


def shapes(session: Session, numbers: Iterable[int]) -> list[tuple[str, str]]:
    """Names and shapes (GeoJSON, EPSG:4490) of the public names that have one. For the public's session."""
    return [(row.name, row.geometry) for row in session.execute(sql(SHAPES), {"numbers": list(numbers)})]


def shown(session: Session, district: str, year: int, serial: int) -> Shown:
    """One announcement. For the public's session. Raises NoSuchAnnouncement."""
    row = session.execute(sql(ONE), {"district": district, "year": year, "serial": serial}).first()
    if row is None:
        raise NoSuchAnnouncement(number=f"{year}/{serial}")
    return _shown(row)


def _shown(row: Any) -> Shown:
    values = dict(row._mapping)
    return Shown(**values | {k: tuple(values[k]) for k in ("items", "later", "names")})


def held(session: Session, district: str, year: int, serial: int) -> Announcement:
    """The row of an announcement. Raises NoSuchAnnouncement."""
    row = session.scalars(
        select(Announcement).where(
            Announcement.district == district, Announcement.year == year, Announcement.serial == serial
        )
    ).first()
    if row is None:
        raise NoSuchAnnouncement(number=f"{year}/{serial}")
    return row


def around(session: Session, row: Announcement) -> tuple[Announcement, list[Announcement]]:
    """The announcement that a row is about (itself, or what it corrects or takes back, to the first one), and what
    came after that one, in order. Held until the transaction ends: two who correct at once follow each other."""
    first = row
    while first.of_id is not None:
        before = session.get(Announcement, first.of_id)
        assert before is not None  # a foreign key
        first = before
    session.execute(
        sql("select pg_advisory_xact_lock(hashtext(:key))"), {"key": f"yudi.announcement {first.id}"}
    )
    return first, after(session, first)


def after(session: Session, first: Announcement) -> list[Announcement]:
    """Corrections and withdrawals of an announcement, and those of its corrections, in order."""
    found: list[Announcement] = []
    wanted = [first.id]
    while wanted:
        rows = session.scalars(
            select(Announcement).where(Announcement.of_id.in_(wanted)).order_by(Announcement.id)
        ).all()
        found += rows
        wanted = [row.id for row in rows]
    return sorted(found, key=lambda one: one.id)


def cases_of(session: Session, announcement_id: int) -> Sequence[int]:
    """Ids of the cases that an announcement announces, in their order."""
    return session.scalars(
        select(AnnouncementCase.application_id)
        .where(AnnouncementCase.announcement_id == announcement_id)
        .order_by(AnnouncementCase.application_id)
    ).all()


def publish(
    session: Session,
    *,
    district: str,
    prefix: str,
    dated: date,
    title: str,
    says: str,
    items: Sequence[Mapping[str, Any]],
    issuer: str,
    reason: str,
    made_by: int,
    cases: Iterable[tuple[int, int | None]],
    kind: str = "announcement",
    of_id: int | None = None,
    demo: bool = False,
) -> Announcement:
    """Publish: numbered by year without gaps, with the head of the audit chain. cases: id of each and the number of
    its name in the register."""
    serial = next_serial(session, district, "announcement", dated.year)
    last = session.execute(
        select(AuditEvent.id, AuditEvent.hash).order_by(AuditEvent.id.desc()).limit(1)
    ).first()
    row = Announcement(
        district=district, year=dated.year, serial=serial, number=f"{prefix}公告〔{dated.year}〕{serial}号", kind=kind,
        of_id=of_id, title=title, says=says, items=[dict(i) for i in items], issuer=issuer, dated=dated,
        head_id=None if last is None else last.id, head_hash=None if last is None else last.hash, reason=reason,
        made_by=made_by, demo=demo,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add_all(
        AnnouncementCase(announcement_id=row.id, application_id=case, name_number=number, demo=demo)
        for case, number in cases
    )
    session.flush()
    return row
