"""Demonstration applications (演示办件): a dozen cases in different states, each with the steps that lead there.

The cases stand in applications_cases. Every step is one that the machine allows; clocks, opinions, register entries and
announcements are those that the step would have made, dated back. Everything carries the mark `demo`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import shapely
import shapely.affinity
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from api.acts import announcing, papers
from api.acts.case_facts import authority_of, judged, standing_of
from api.setup.demo.applications_cases import CASES, INVENTED, Demo, Taken
from api.setup.demo.applications_papers import load_papers
from geo import days
from geo.approvals import life
from geo.approvals.applicants import Standing
from geo.approvals.clocks import Clock, limits
from geo.machine import Transition
from geo.names.categories import Category
from geo.names.romanize import romanize
from geo.settings import DistrictSettings
from geo.store import announcements, approvals, approvals_case, comments, names
from geo.store.tables import (
    SRID,
    Announcement,
    AnnouncementCase,
    ApplicationClock,
    ApplicationMaterial,
    ApplicationOpinion,
    ApplicationStep,
    CaseDocument,
    CommentPeriod,
    Filing,
    NamePlan,
    PlaceName,
    PlaceNameApplication,
    PublicComment,
    User,
)
from geo.terms import ApplicationState as S
from geo.terms import UserRole as R

NEW_NAME, PLAN = "听雨路", "丹枫片区道路命名方案（演示）"
OPINIONS = {"record_opinion": "opinion", "report": "review"}
TO_BODY = "演示备案机关（虚构）"


def load_applications(
    session: Session,
    settings: DistrictSettings,
    people: Mapping[str, User],
    areas: Sequence[tuple[str, shapely.Geometry]],
    as_of: date,
) -> int:
    """Enter the cases; how many. areas: townships by code with their shapes, EPSG:4490. as_of: the day whose register
    the demonstration shows."""
    if not areas:
        return 0
    today = days.today()
    plan = NamePlan(
        district=settings.code, title=PLAN, applicant_id=people["township"].id,
        organisation_id=people["township"].organisation_id, demo=True,
    )  # fmt: skip
    session.add(plan)
    session.flush()
    for at, demo in enumerate(sorted(CASES, key=lambda c: -max((s.days for s in c.steps), default=0))):
        # The names of a plan lie together; the others go round the townships.
        code, area = areas[0 if demo.plan else at % len(areas)]
        _Walk(session, settings, people, demo, today, as_of, plan).go(code, _line_in(area, at))
    session.flush()
    return len(CASES)


def _line_in(area: shapely.Geometry, turn: int) -> shapely.Geometry:
    """A street of a kilometre somewhere in an area; where in it follows from the number."""
    centre = area.representative_point()
    x, y = centre.x + ((turn % 5) - 2) * 0.002, centre.y + ((turn % 3) - 1) * 0.002
    line = shapely.LineString([(x - 0.004, y), (x, y + 0.0006), (x + 0.004, y + 0.0002)])
    return shapely.set_precision(line if area.contains(line) else shapely.affinity.translate(line, centre.x - x, centre.y - y), 1e-7)  # fmt: skip


class _Walk:
    """One case on its way."""

    def __init__(
        self,
        session: Session,
        settings: DistrictSettings,
        people: Mapping[str, User],
        demo: Demo,
        today: date,
        as_of: date,
        plan: NamePlan,
    ) -> None:
        self.session, self.settings, self.people, self.demo = session, settings, people, demo
        self.today, self.as_of, self.plan = today, as_of, plan
        self.clocks: list[Clock] = []
        self.taken: list[dict[str, Any]] = []

    def day(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def moment(self, days: int) -> datetime:
        return datetime.combine(self.day(days), time(2, 30), UTC)

    def go(self, unit: str, shape: shapely.Geometry) -> None:
        demo, who = self.demo, self.people[self.demo.login]
        subject = self._street() if demo.renames else None
        if demo.renames and subject is None:
            return
        name = NEW_NAME if demo.renames else demo.name
        first = demo.steps[0].days if demo.steps else 0
        beside = self._street(demo.near) if demo.near else None
        if beside is not None and beside.geometry is not None:
            unit, shape = (
                beside.unit_code,
                shapely.affinity.translate(to_shape(beside.geometry), 0.003, 0.002),
            )
        row = PlaceNameApplication(
            district=self.settings.code, action=demo.action.value, category=demo.category.value, name=name,
            romanization=romanize(name, demo.category).romanization,
            unit_code=unit if subject is None else subject.unit_code,
            geometry=from_shape(shape, srid=SRID) if subject is None else None, applicant_kind=demo.kind,
            subject_number=None if subject is None else subject.number, applicant_id=who.id,
            organisation_id=who.organisation_id, contact_name="演示联系人", contact_phone="13800000000",
            plan_id=self.plan.id if demo.plan else None, created=self.moment(first), saved=self.moment(first), demo=True,
            form={"reasons": f"{demo.reasons}（{INVENTED}）", "position": "位置见图（虚构）", "size": demo.size,
                  "nature": demo.nature, "meaning": demo.meaning},
        )  # fmt: skip
        if demo.steps:
            row.number = approvals.application_number(self.session, self.settings.code, self.day(first).year)
            row.submitted_at = self.moment(first)
        self._note(row, None, "create", S.DRAFT.value, who, first, "起草", {})
        state = S.DRAFT.value
        for step in demo.steps:
            transition = self._transition(state, step)
            self._note(row, state, step.name, transition.to, self.people[step.login], step.days, step.reason,
                       self._details(step), transition)  # fmt: skip
            self._turn(transition, self.day(step.days))
            state = transition.to
        decided = [s for s in demo.steps if s.name in ("approve", "refuse")]
        row.decided_at = self.moment(decided[0].days) if decided else None
        # The register's entry first: an approved case without its name is refused by the database.
        row.state, row.version = state, 1 + len(demo.steps)
        if any(s.name == "approve" for s in demo.steps):
            row.decision_number = f"演示决定〔{self.today.year}〕{row.number.rpartition('-')[2] if row.number else ''}号（虚构）"
            row.body = f"{self.settings.name}人民政府"
            row.result_number = self._enter(row)
        row.due = min(
            (due for c in self.clocks if c.stopped is None and (due := c.due()) is not None), default=None
        )
        officer = next(
            (s.login for s in reversed(demo.steps) if s.login not in ("builder", "township", "citizen")), None
        )
        row.officer_id = None if officer is None else self.people[officer].id
        self.session.add(row)
        self.session.flush()
        for values in self.taken:
            self.session.add(ApplicationStep(application_id=row.id, demo=True, **values))
            self.session.flush()
        self._keep_clocks(row)
        load_papers(self.session, row, who, self.day(first))
        self._beside(row)
        self._judge(row)
        self._papers(row)

    def _transition(self, state: str, step: Taken) -> Transition:
        """The machine's own row of a step; where it leads to several states, the one that the case's facts choose."""
        rows = [t for t in life.LIFE.by_name[step.name] if state in t.from_]
        done = {s["transition"] for s in self.taken}
        if step.name in ("file", "announce"):
            both = ("announce" if step.name == "file" else "file") in done
            rows = [t for t in rows if (t.to == S.CLOSED.value) == both]
        return rows[0]

    def _details(self, step: Taken) -> dict[str, Any]:
        details = dict(step.details)
        if step.name == "open_comment":
            details |= {"opens": self.day(step.days).isoformat(), "closes": self.day(-11).isoformat()}
        if step.name == "ask_supplement":
            details["until"] = self.day(-10).isoformat()
        return details

    def _note(
        self,
        row: PlaceNameApplication,
        state: str | None,
        name: str,
        to: str,
        who: User,
        days: int,
        reason: str,
        details: Mapping[str, Any],
        transition: Transition | None = None,
    ) -> None:
        role = R.APPLICANT if transition is None else next(r for r in R if r in transition.by)
        self.taken.append(
            {"version": len(self.taken) + 1, "transition": name, "from_state": state, "to_state": to,
             "at": self.moment(days) + timedelta(minutes=len(self.taken)), "actor_id": who.id, "role": role.value,
             "reason": reason, "details": dict(details)}
        )  # fmt: skip

    def _turn(self, step: Transition, on: date) -> None:
        """The clocks as the step leaves them."""
        acts = (
            [(i, "stop") for i in step.stops]
            + [(i, "pause") for i in step.pauses]
            + [(i, "go_on") for i in step.resumes]
        )
        for limit_id, act in acts:
            self.clocks = [
                getattr(c, act)(on) if c.limit.id == limit_id and c.stopped is None else c
                for c in self.clocks
            ]
        self.clocks += [Clock(limits()[i], on) for i in step.starts]

    def _keep_clocks(self, row: PlaceNameApplication) -> None:
        self.session.add_all(
            ApplicationClock(
                application_id=row.id, limit_id=c.limit.id, unit=c.limit.unit.value, days=c.total - c.extended,
                starts=c.starts, pauses=c.pauses_as_json(), due=c.due(), stopped=c.stopped, demo=True,
            )
            for c in self.clocks
        )  # fmt: skip
        self.session.flush()

    def _street(self, name: str | None = None) -> PlaceName | None:
        """An invented street of the register; without a name any."""
        return self.session.scalars(
            select(PlaceName)
            .where(
                PlaceName.demo, PlaceName.category == Category.STREET.value, PlaceName.status == "standard",
                func.upper_inf(PlaceName.recorded), func.upper_inf(PlaceName.valid),
                PlaceName.unit_code.startswith(self.settings.code), *([PlaceName.name == name] if name else []),
            )
            .order_by(PlaceName.number)
            .limit(1)
        ).first()  # fmt: skip

    def _enter(self, row: PlaceNameApplication) -> int:
        announced = any(s.name == "announce" for s in self.demo.steps)
        approved = next(s for s in self.demo.steps if s.name == "approve")
        made = names.enter(
            self.session,
            PlaceName(
                name=row.name, category=row.category, status="standard" if announced else "approved",
                unit_code=row.unit_code, description="（演示，虚构）位置、含义均为虚构。", meaning=row.form["meaning"],
                document=row.decision_number, approved_by=row.body, approved_on=self.day(approved.days),
                sources=[{"title": f"地名申请 {row.number}（演示，虚构）"}], geometry=row.geometry, geometry_source="demo",
                valid=Range(self.as_of, None, bounds="[)"), reason=INVENTED, demo=True,
                made_by=self.people["approver"].id, **names.derived(row.name, Category(row.category)),
            ),
        )  # fmt: skip
        return made.number

    def _beside(self, row: PlaceNameApplication) -> None:
        """Opinions, the public comment, the filing: what the steps have besides themselves."""
        for step in self.demo.steps:
            given, who = self._details(step), self.people[step.login]
            if step.name in OPINIONS:
                approvals.note_opinion(
                    self.session, row, kind=OPINIONS[step.name], giver=given.get("giver"),
                    stance=given.get("stance", "none"), says=given.get("says") or step.reason,
                    at=self.moment(step.days), made_by=who.id,
                )  # fmt: skip
            elif step.name == "open_comment":
                period = comments.open_period(
                    self.session, row, opens=date.fromisoformat(given["opens"]),
                    closes=date.fromisoformat(given["closes"]), says=given["says"], opened_by=who.id,
                )  # fmt: skip
                for stance, says, shown in (
                    ("support", "新名字好记，支持。（虚构）", True), ("oppose", "旧名用惯了，不必改。（虚构）", False),
                ):  # fmt: skip
                    comments.add(
                        self.session, period, self.settings.code, self.today.year, stance=stance, says=says,
                        state="shown" if shown else "received", moderated_by=who.id if shown else None,
                    )  # fmt: skip
            elif step.name == "send_filing":
                filed = next((s for s in self.demo.steps if s.name == "file"), None)
                self.session.add(
                    Filing(
                        application_id=row.id, to_body=TO_BODY, sent_on=self.day(step.days), reason=INVENTED,
                        state="filed" if filed else "sent", filed_on=self.day(filed.days) if filed else None,
                        reference=filed.details.get("reference") if filed else None, made_by=who.id, demo=True,
                    )
                )  # fmt: skip
        self.session.flush()

    def _judge(self, row: PlaceNameApplication) -> None:
        """What the naming rules say of it, and who decides."""
        case = approvals_case.case_by_id(self.session, row.id)
        row.findings, row.checked_at = judged(self.session, case, self.as_of), datetime.now(UTC)
        authority = authority_of(case.row, self.today, self.settings)
        suggestion = standing_of(case.row, self.today) is Standing.SUGGESTION
        if row.state != S.DRAFT.value and authority is not None and not suggestion:
            row.route, row.body = authority.route.value, authority.body.zh
        self.session.flush()

    def _papers(self, row: PlaceNameApplication) -> None:
        """The announcement and the documents, dated as their steps."""
        for step in self.demo.steps:
            on = self.day(step.days)
            case = approvals_case.case_by_id(self.session, row.id)
            if step.name == "announce":
                item = announcing.item_of(case)
                made = announcements.publish(
                    self.session, district=self.settings.code, prefix=papers.prefix(self.settings), dated=on,
                    title=f"{announcing.title_of([item])}（演示，虚构）", says="演示公告，内容均为虚构。", items=[item],
                    issuer=f"{self.settings.name}民政局", reason=INVENTED, made_by=self.people[step.login].id,
                    cases=[(row.id, row.result_number)], demo=True,
                )  # fmt: skip
                head = {"number": made.head_id or 0, "digest": (made.head_hash or b"").hex(), "at": None}
                told = {"id": made.id, "number": made.number, "head": head, "why": "",
                        "url": papers.url_of(f"/announcements/{made.year}/{made.serial}")}  # fmt: skip
                papers.make(
                    self.session, None, "announcement", [case], {}, step.reason, on, announcement=told
                )
            elif step.name in ("approve", "refuse", "ask_supplement"):
                kind = self._transition_made(step)
                papers.make(self.session, None, kind, [case], self._details(step), step.reason, on)

    @staticmethod
    def _transition_made(step: Taken) -> str:
        return life.LIFE.by_name[step.name][0].makes[0]


def remove_applications(session: Session) -> int:
    """Take the demonstration's cases away with all that belongs to them; how many cases. As the owner, who has said
    that he removes the demonstration."""
    gone = session.scalar(
        select(func.count()).select_from(PlaceNameApplication).where(PlaceNameApplication.demo)
    )
    own = select(PlaceNameApplication.id).where(PlaceNameApplication.demo)
    for table in (PublicComment, CommentPeriod, CaseDocument, AnnouncementCase):
        session.execute(delete(table).where(table.demo).execution_options(synchronize_session=False))
    while session.execute(_announcements_unnamed()).rowcount:  # type: ignore[attr-defined]
        pass
    for table in (Filing, ApplicationMaterial, ApplicationOpinion, ApplicationClock, ApplicationStep):
        session.execute(
            delete(table).where(table.application_id.in_(own)).execution_options(synchronize_session=False)
        )
    session.execute(delete(PlaceNameApplication).where(PlaceNameApplication.demo))
    session.execute(delete(NamePlan).where(NamePlan.demo))
    return gone or 0


def _announcements_unnamed() -> Any:
    """Demonstration announcements that no other one names: corrections go before what they correct."""
    other = select(Announcement.of_id).where(Announcement.of_id.is_not(None))
    return (
        delete(Announcement)
        .where(Announcement.demo, Announcement.id.not_in(other))
        .execution_options(synchronize_session=False)
    )
