"""A desk of officers and applicants for the tests of applications."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.acts import apply, decide
from api.acts.apply import Content
from api.security.person import Person
from geo.names.categories import Category
from geo.store import approvals_case
from geo.store.approvals_case import Case
from geo.store.tables import PlaceName, PlaceNameApplication
from geo.terms import ApplicationAction as Action
from geo.terms import UserRole as R
from tests import builders as b

TODAY = date(2026, 3, 2)  # a Monday
#: Invented names that no rule refuses.
NAMES = ("云雀路", "青禾路", "松针路", "石榴路", "桐花路", "月季路", "稻香路", "竹溪路", "杏林路", "枫叶路")
_TURN = itertools.count()
PHONE = "13800000000"
AT = shapely.Point(106.83, 29.92)
WHOLE = {
    "reasons": "新建道路，便于群众出行",
    "position": "北起甲路，南至乙路",
    "size": "长1200米、宽16米",
    "nature": "城市支路",
}


class Clock:
    """The day that everybody reads; a test moves it."""

    def __init__(self) -> None:
        self.day = TODAY

    def __call__(self, now: datetime | None = None) -> date:
        return self.day

    def on(self, days: int) -> None:
        self.day += timedelta(days=days)


class Desk:
    """Applicants of a township and of a builder, and one officer for each role, each in the right organisation."""

    def __init__(self, session: Session) -> None:
        self.session = session
        bureau = b.organisation(session, kind="department", unit_code=b.DISTRICT)
        town = b.organisation(session, kind="township", unit_code="500112106")
        self.township = b.person(session, R.APPLICANT, organisation_row=town)
        self.colleague = b.person(session, R.APPLICANT, organisation_row=town)
        self.builder = b.person(session, R.APPLICANT, organisation_row=b.organisation(session, kind="firm"))
        self.citizen = b.person(session, R.APPLICANT, organisation_row=b.organisation(session, kind="other"))
        self.accepter = b.person(session, R.ACCEPTANCE_OFFICER, organisation_row=bureau)
        self.reviewer = b.person(session, R.REVIEWER, organisation_row=bureau)
        self.approver = b.person(session, R.APPROVER, organisation_row=bureau)
        self.registrar = b.person(session, R.REGISTRAR, organisation_row=bureau)
        self.everything = b.person(
            session,
            R.APPLICANT,
            R.ACCEPTANCE_OFFICER,
            R.REVIEWER,
            R.APPROVER,
            R.REGISTRAR,
            organisation_row=bureau,
        )
        b.unit(session, self.registrar.id, "500112106", "统景镇")

    def content(self, name: str | None = None, **more: Any) -> Content:
        """A whole form for a street."""
        whole = Content(
            action=Action.NAMING, category=Category.STREET, name=name or NAMES[next(_TURN) % len(NAMES)],
            unit_code="500112106", shape=AT, applicant_kind="township", contact_name="经办人", contact_phone=PHONE,
            form=dict(WHOLE),
        )  # fmt: skip
        return replace(whole, **more)

    def change(self, action: Action, number: int, name: str = "", **more: Any) -> Content:
        return self.content(name or "-", action=action, subject_number=number, shape=None, **more) if name else replace(
            self.content("x", action=action, subject_number=number, shape=None, **more), name=""
        )  # fmt: skip

    def draft(self, who: Person | None = None, name: str | None = None, **more: Any) -> PlaceNameApplication:
        return apply.begin(self.session, who or self.township, self.content(name, **more))

    def submitted(
        self, who: Person | None = None, name: str | None = None, **more: Any
    ) -> PlaceNameApplication:
        row = self.draft(who, name, **more)
        return apply.submit(self.session, who or self.township, row.ref, version=row.version)

    def step(
        self, row: PlaceNameApplication, name: str, who: Person, reason: str = "依据充分", **details: Any
    ) -> PlaceNameApplication:
        return decide.take_step(
            self.session,
            who,
            row.number or row.ref,
            name,
            reason=reason,
            version=row.version,
            details=details,
        )

    def reviewed(self, row: PlaceNameApplication) -> PlaceNameApplication:
        self.step(row, "accept", self.accepter)
        self.step(row, "begin_review", self.reviewer)
        self.consult(row)
        return self.step(row, "report", self.reviewer, stance="agree")

    def consult(self, row: PlaceNameApplication) -> None:
        """Do every consultation that the category demands, but for the public comment."""
        from api.acts.case_facts import demands_of
        from geo.approvals import materials

        required = demands_of(self.case(row)).required
        for what in sorted(required - {"opinion", "comment"}):
            if what == "expert":
                self.step(row, "hold_expert", self.reviewer)
            told = dict.fromkeys(materials.contents(materials.REPORTS[what]), "已论证")
            self.step(row, f"record_{what}", self.reviewer, says="论证可行", contents=told)
        if "opinion" in required:
            self.step(row, "seek_opinions", self.reviewer, items=["自然资源局"])
            self.step(row, "record_opinion", self.reviewer, giver="自然资源局", stance="agree", says="无意见")
        assert "comment" not in required, "this category wants public comment"

    def approved(
        self, name: str | None = None, who: Person | None = None, **more: Any
    ) -> PlaceNameApplication:
        row = self.reviewed(self.submitted(who, name, **more))
        return self.step(row, "approve", self.approver)

    def closed(self, name: str | None = None, **more: Any) -> PlaceNameApplication:
        row = self.approved(name, **more)
        self.step(row, "send_filing", self.registrar)
        self.step(row, "file", self.registrar, reference="备案回执1号")
        return self.step(row, "announce", self.registrar)

    def case(self, row: PlaceNameApplication) -> Case:
        self.session.flush()
        return approvals_case.case_by_id(self.session, row.id)

    def names(self, number: int) -> list[tuple[str, str, date | None, date | None]]:
        """What the register holds of a name now: name, status, from, to."""
        rows = self.session.scalars(
            select(PlaceName).where(PlaceName.number == number).execution_options(populate_existing=True)
        )
        held = [r for r in rows if r.recorded.upper is None]
        return sorted(
            ((r.name, r.status, r.valid.lower, r.valid.upper) for r in held), key=lambda r: r[2] or date.min
        )


def a_street(desk: Desk, name: str = "云雀路") -> int:
    """A standard name in the register."""
    return b.place_name(
        desk.session, desk.registrar.id, name, Category.STREET, unit_code="500112106", point=(106.83, 29.92)
    ).number  # fmt: skip
