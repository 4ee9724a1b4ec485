"""设施编辑: the register of facilities by its editor; vacancies and hours of its own by an operator."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from api.acts.stale import require_reason, require_version
from api.security.person import Person
from geo import days
from geo.facilities import hours as opening
from geo.facilities.kinds import kinds
from geo.facilities.register import columns
from geo.problems import BadInput, Conflict, NotAllowed
from geo.reading.rows import Draft
from geo.settings import as_of
from geo.store import audit, versions
from geo.store import facilities as store
from geo.store.tables import Facility, FacilityInspection, FacilityReport
from geo.terms import UserRole
from geo.text import Text

EDITORS = (UserRole.FACILITY_EDITOR, UserRole.ADMINISTRATOR)


#: Columns of a facility that an edit or an import may set.
EDITABLE = (
    "code", "name", "kind", "sub_kind", "mode", "nature", "status", "grade", "unit_code", "address", "phone", "operator",
    "beds", "nursing_beds", "services", "hours", "prices", "access", "facts", "internal", "checked_on", "restricted",
)  # fmt: skip


class NotYourFacility(NotAllowed):
    code = "not-your-facility"
    title = Text(
        "只能上报本机构运营的设施的空床和开放时间",
        "You may report vacancies and hours of your own facility only",
    )


class BadFacility(BadInput):
    """What was given cannot be kept. problems: by column."""

    code = "bad-facility"
    title = Text("“{field}”无法保存：{why}", "{field} cannot be kept: {why}")


class NoSuchOperator(BadInput):
    code = "no-such-operator"
    title = Text("没有编号为 {0} 的运营机构", "There is no operator with the number {0}")


class NothingNew(BadInput):
    code = "unchanged"
    title = Text("没有改动，未保存", "Nothing was changed, and nothing saved")


class SameCode(Conflict):
    code = "facility-code-taken"
    title = Text("编号“{code}”已属于设施 {number}", "The code {code} is that of facility {number}")


def enter(session: Session, actor: Person, given: Draft, *, reason: str, on: date | None = None) -> Facility:
    """登记: a new facility. on: in force from that day, the as-of date unless given. Raises BadFacility, SameCode."""
    require_editor(actor)
    why = require_reason(reason)
    _sound(given)
    code = given.values.get("code")
    if code and (known := store.by_code(session, code)) is not None:
        raise SameCode(code=code, number=known.number)
    row = new_row(given, actor, why, on or as_of())
    made = store.enter(session, row)
    _note(session, actor, "enter", made, None, why)
    return made


def change(
    session: Session,
    actor: Person,
    number: int,
    given: Draft,
    *,
    version: int,
    reason: str,
    on: date | None = None,
) -> Facility:
    """修改: a new version with what was given; what is not among its values stays. Raises Stale, BadFacility."""
    require_editor(actor)
    old = store.current(session, number, lock=True)
    require_version(version, old.id)
    why = require_reason(reason)
    _sound(given)
    return supersede(session, actor, old, given, why, on, "change")


def verify(session: Session, actor: Person, number: int, *, on: date, version: int) -> Facility:
    """核实: somebody made sure that it is as the register says. Raises Stale."""
    require_editor(actor)
    old = store.current(session, number, lock=True)
    require_version(version, old.id)
    if on > days.today():
        raise BadFacility(
            field=columns()["checked_on"].title, why=Text("日期在将来", "the day lies in the future")
        )
    return supersede(session, actor, old, Draft({"checked_on": on}), f"核实 {on.isoformat()}", None, "verify")


def set_hours(
    session: Session, actor: Person, number: int, text: str, *, version: int, reason: str
) -> Facility:
    """改开放时间: by an editor, or by the operator of this facility. Raises NotYourFacility, BadHours, Stale."""
    old = store.current(session, number, lock=True)
    _editor_or_operator(actor, old)
    require_version(version, old.id)
    given = Draft({"hours": opening.parse(text)})
    return supersede(session, actor, old, given, require_reason(reason), None, "set_hours")


def report(
    session: Session,
    actor: Person,
    number: int,
    *,
    vacancies: int | None,
    nursing: int | None,
    notice: str | None,
) -> FacilityReport:
    """上报空床: by an editor, or by the operator of this facility. Raises NotYourFacility, BadFacility."""
    old = store.current(session, number)
    _editor_or_operator(actor, old)
    for value, most, key in ((vacancies, old.beds, "beds"), (nursing, old.nursing_beds, "nursing_beds")):
        if value is not None and (value < 0 or (most is not None and value > most)):
            raise BadFacility(
                field=Text("空床", "vacancies"),
                why=Text(f"应在 0 到{columns()[key].title.zh} {most} 之间", f"between 0 and {most}"),
            )
    said = " ".join((notice or "").split()) or None
    if said and len(said) > 200:
        raise BadFacility(field=Text("通知", "notice"), why=Text("超过 200 字", "longer than 200 characters"))
    if vacancies is None and nursing is None and said is None:
        raise NothingNew()
    row = FacilityReport(
        number=number,
        vacancies=vacancies,
        nursing_vacancies=nursing,
        notice=said,
        made_by=actor.id,
        demo=old.demo,
    )
    session.add(row)
    session.flush()
    audit.append(
        session, actor=actor, act="report", subject_kind="facility", subject=str(number), reason="上报空床",
        after={"vacancies": vacancies, "nursing_vacancies": nursing, "notice": said},
    )  # fmt: skip
    return row


def assign(
    session: Session, actor: Person, number: int, operator_id: int | None, *, version: int, reason: str
) -> Facility:
    """指定运营机构: whose people report for it, None for nobody's. Raises Stale, NoSuchOperator."""
    require_editor(actor)
    if operator_id is not None and operator_id not in {o.id for o in store.operators(session)}:
        raise NoSuchOperator(operator_id)
    old = store.current(session, number, lock=True)
    require_version(version, old.id)
    return supersede(
        session, actor, old, Draft({"operator_id": operator_id}), require_reason(reason), None, "assign"
    )


def inspect(
    session: Session,
    actor: Person,
    number: int,
    *,
    on: date,
    kind: str,
    says: str,
    hazards: list[dict[str, Any]],
) -> FacilityInspection:
    """登记检查: internal. hazards: [{what, closed_on?}] (隐患). Raises BadFacility."""
    require_editor(actor)
    store.current(session, number)
    if not says.strip() or len(says) > 5000 or not kind.strip() or len(kind) > 20:
        raise BadFacility(
            field=Text("检查", "inspection"), why=Text("须写明检查类别和情况", "say what was found")
        )
    row = FacilityInspection(
        number=number, on_date=on, kind=kind.strip(), says=says.strip(), hazards=hazards, made_by=actor.id,
        demo=store.current(session, number).demo,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.append(
        session, actor=actor, act="inspect", subject_kind="facility", subject=str(number), reason=kind.strip(),
        after={"on": on.isoformat(), "hazards": len(hazards)},
    )  # fmt: skip
    return row


def require_editor(actor: Person) -> None:
    if not actor.holds(*EDITORS):
        raise NotAllowed()


def _editor_or_operator(actor: Person, row: Facility) -> None:
    if actor.holds(*EDITORS):
        return
    if not actor.holds(UserRole.FACILITY_OPERATOR) or row.operator_id != actor.organisation_id:
        raise NotYourFacility()


def _sound(given: Draft) -> None:
    for key, why in given.problems:
        title = columns()[key].title if key in columns() else Text(key, key)
        raise BadFacility(field=title, why=why)


def new_row(given: Draft, actor: Person, reason: str, on: date) -> Facility:
    values = {k: v for k, v in given.values.items() if k in EDITABLE or k == "sources"}
    values["restricted"] = bool(values.get("restricted")) or kinds()[values["kind"]].restricted
    return Facility(
        **values, geometry=store.point(given.place), geometry_source="imported" if given.place else None,
        valid=store.since(on), reason=reason, made_by=actor.id,
    )  # fmt: skip


def supersede(
    session: Session,
    actor: Person,
    old: Facility,
    given: Draft,
    reason: str,
    on: date | None,
    act: str,
) -> Facility:
    """Enter a new version and note it. Raises NothingNew."""
    row, before, after = next_version(actor, old, given, reason, on)
    made = store.enter(session, row)
    _note(session, actor, act, made, {"version": old.id, **before}, reason, after)
    return made


def next_version(
    actor: Person, old: Facility, given: Draft, reason: str, on: date | None
) -> tuple[Facility, dict[str, Any], dict[str, Any]]:
    """A new version, not yet entered, and what of the old one it changes: before and after. Raises NothingNew."""
    values = {k: v for k, v in given.values.items() if k in (*EDITABLE, "sources", "operator_id")}
    for key in ("facts", "prices", "internal"):
        if key in values:
            merged = {**getattr(old, key), **values[key]}
            values[key] = {k: v for k, v in merged.items() if v is not None}
    before = {k: _plain(getattr(old, k)) for k, v in values.items() if getattr(old, k) != v}
    moved = given.place is not None and _far(old, given.place)
    if not before and not moved:
        raise NothingNew()
    day = on or as_of()
    start = old.valid.lower
    since = start if start is not None and start >= day else day
    row = versions.copy_of(old, store.since(since), None)
    for key, value in values.items():
        setattr(row, key, value)
    if moved:
        row.geometry, row.geometry_source = store.point(given.place), "surveyed"
    row.restricted = bool(row.restricted) or kinds()[row.kind].restricted
    row.made_by, row.reason, row.submission_id = actor.id, reason, None
    after = {k: _plain(values[k]) for k in before}
    if moved and given.place:
        after["place"] = list(given.place)
    return row, before, after


def _far(old: Facility, place: tuple[float, float]) -> bool:
    if old.geometry is None:
        return True
    from geoalchemy2.shape import to_shape

    there = to_shape(old.geometry)  # type: ignore[arg-type]
    return abs(there.x - place[0]) > 1e-7 or abs(there.y - place[1]) > 1e-7


def _note(
    session: Session, actor: Person, act: str, row: Facility, before: Any, reason: str, after: Any = None
) -> None:
    audit.append(
        session, actor=actor, act=act, subject_kind="facility", subject=str(row.number), reason=reason, before=before,
        after={"version": row.id, "name": row.name, **(after or {})},
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
