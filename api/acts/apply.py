"""地名申请: keep drafts, hand in, withdraw, supplement; plans of several names; taking up suggestions."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import shapely
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.acts import decide
from api.acts.case_facts import case_for, judged, of_side
from api.acts.stale import require_version
from api.acts.step_details import BadDetail, listed, words
from api.security.person import Person
from geo import settings
from geo.approvals import applicants
from geo.approvals.applicants import ApplicantKind
from geo.machine import StepNotYours, WrongState
from geo.names.categories import Category
from geo.problems import BadInput, Conflict
from geo.store import approvals, approvals_queue, audit
from geo.store.approvals import NoSuchApplication
from geo.store.approvals_queue import Suggestion
from geo.store.tables import (
    SRID,
    NamePlan,
    PlaceNameApplication,
    User,
)
from geo.terms import APPLICATION_STATE_NAMES, ApplicationAction, UserRole
from geo.terms import ApplicationState as S
from geo.text import Text

FORM_FIELDS, FORM_LONGEST, VERTICES = 60, 5_000, 5_000
#: Fields of the form that are numbers.
NUMBERS = frozenset({"width_m", "length_m", "area_m2", "green_ratio", "population", "households", "height_m"})
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
EDITABLE = (S.DRAFT.value, S.SUPPLEMENT.value)
PLAN_NAMES = 200
#: Drafts and suggestions without an answer that one person who registered himself may have.
OWN_OPEN = 20


class BadShape(BadInput):
    """The place drawn is no place here."""

    code = "bad-shape"
    title = Text("图上位置有误：{why}", "The place on the map is wrong: {why}")


class DraftMoved(Conflict):
    """The draft was saved elsewhere since."""

    code = "draft-moved"
    title = Text(
        "此件在另一窗口已保存（{saved}），请刷新后再改",
        "This was saved in another window since ({saved}); reload before changing it",
    )


class TooManyOpen(Conflict):
    """A person who registered himself has enough drafts and suggestions without an answer."""

    code = "too-many-open"
    title = Text(
        "您已有 {most} 件草稿或未答复的建议，请先提交、撤回或等待答复",
        "You have {most} drafts or suggestions without an answer: hand them in, withdraw, or wait for the answer",
    )


EMPTY = Text("图形为空或无效", "it is empty or invalid")
OUTSIDE = Text(
    "不在中国范围内，请核对经纬度是否颠倒",
    "it lies outside China; see whether longitude and latitude are swapped",
)
MANY = Text("顶点超过 {0} 个", "it has more than {0} vertices")
KINDS = Text("只能是点、线或面", "it is to be a point, a line or a polygon")
NOT_YOURS = Text("不能以此身份申请", "you cannot apply as that")
NO_FIELD = Text("没有这一项", "there is no such field")
NOT_NUMBER = Text("应为数字", "it is to be a number")


@dataclass(frozen=True, slots=True)
class Content:
    """申请内容: what a form holds, whole or not. shape: EPSG:4490, longitude first, any kind. subject_number: the name
    to change or end. form: further fields by key (reasons, position, size, nature, meaning, origin, history, extent,
    cause, measures, width_m …)."""

    action: ApplicationAction
    category: Category
    name: str = ""
    unit_code: str | None = None
    shape: shapely.Geometry | None = None
    subject_number: int | None = None
    applicant_kind: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    form: Mapping[str, Any] = field(default_factory=dict)


def begin(
    session: Session, actor: Person, content: Content, *, plan: uuid.UUID | None = None
) -> PlaceNameApplication:
    """A new draft; of a plan where one is named. Raises StepNotYours, TooManyOpen, BadDetail, BadShape, NoSuchPlan."""
    _only_applicants(actor)
    if actor.organisation_kind == "citizen":
        mine = PlaceNameApplication.applicant_id == actor.id
        if (
            _count(session, mine, PlaceNameApplication.state.in_((S.DRAFT.value, S.SUBMITTED.value)))
            >= OWN_OPEN
        ):
            raise TooManyOpen(most=OWN_OPEN)
    held = _plan(session, actor, plan) if plan is not None else None
    if held is not None and _count(session, PlaceNameApplication.plan_id == held.id) >= PLAN_NAMES:
        raise BadDetail(field="plan", why=MANY.fill(PLAN_NAMES))
    row = approvals.add(
        session,
        PlaceNameApplication(
            district=actor.district, applicant_id=actor.id, organisation_id=actor.organisation_id,
            plan_id=None if held is None else held.id, demo=_is_demo(session, actor), **_columns(actor, content),
        ),
        actor_id=actor.id,
        reason="起草",
    )  # fmt: skip
    audit.append(
        session, actor=actor, act="application.create", subject_kind="application", subject=str(row.ref), reason="起草",
        after={"action": row.action, "category": row.category, "name": row.name},
    )  # fmt: skip
    return row


def begin_plan(session: Session, actor: Person, title: str) -> NamePlan:
    """A new plan (地名方案); its names are begun one by one with its ref."""
    _only_applicants(actor)
    said = words("title", title, 200, lines=False)
    if not said:
        raise BadDetail(field="title", why=Text("请填写方案名称", "give the plan a title"))
    row = NamePlan(
        district=actor.district, title=said, applicant_id=actor.id, organisation_id=actor.organisation_id,
        demo=_is_demo(session, actor),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.append(
        session, actor=actor, act="plan.create", subject_kind="plan", subject=str(row.ref), reason="起草方案",
        after={"title": said},
    )  # fmt: skip
    return row


def save(
    session: Session,
    actor: Person,
    key: str | uuid.UUID,
    content: Content,
    *,
    version: int,
    saved: datetime | None = None,
) -> PlaceNameApplication:
    """Save a draft, or the form of a case that is being supplemented; drafts save themselves, so this is no step.

    saved: when the form was last saved as the person saw it; a form that another window has saved since is not written
    over. Raises NoSuchApplication, Stale, DraftMoved, WrongState, BadDetail, BadShape.
    """
    row = _own_editable(session, actor, key, version)
    if saved is not None and row.saved != saved:
        raise DraftMoved(saved=row.saved.isoformat(timespec="seconds"))
    for column, value in _columns(actor, content).items():
        setattr(row, column, value)
    row.saved = datetime.now(UTC)
    row.findings = None
    session.flush()
    if row.state != S.DRAFT.value:
        audit.append(
            session, actor=actor, act="application.save", subject_kind="application", subject=row.number or str(row.ref),
            reason="补正修改", after={"name": row.name, "category": row.category, "version": row.version},
        )  # fmt: skip
    return row


def check(session: Session, actor: Person, key: str | uuid.UUID) -> dict[str, Any]:
    """What the naming rules say of a case as it is saved (product.md §3), for its own side or an officer."""
    return judged(session, case_for(session, actor, key), settings.as_of())


def submit(
    session: Session, actor: Person, key: str | uuid.UUID, *, version: int, reason: str = "提交申请"
) -> PlaceNameApplication:
    """Hand a draft in: its number, its receipt, the answer of the naming rules. Raises what decide.take_step raises."""
    return decide.take_step(session, actor, key, "submit", reason=reason, version=version)


def supply(
    session: Session, actor: Person, key: str, *, version: int, reason: str = "提交补正"
) -> PlaceNameApplication:
    """Hand in what was asked for."""
    return decide.take_step(session, actor, key, "supply", reason=reason, version=version)


def withdraw(session: Session, actor: Person, key: str, *, version: int, reason: str) -> PlaceNameApplication:
    """Take an application back before it is decided."""
    return decide.take_step(session, actor, key, "withdraw", reason=reason, version=version)


def submit_plan(
    session: Session, actor: Person, plan: uuid.UUID, *, versions: Mapping[str, int], reason: str = "提交方案"
) -> list[PlaceNameApplication]:
    """Hand in the names of a plan, each with its number. versions: by ref."""
    return decide.take_steps(session, actor, plan, "submit", reason=reason, versions=versions)


def place_names(
    session: Session,
    actor: Person,
    plan: uuid.UUID,
    places: Mapping[str, shapely.Geometry | None],
    *,
    saved: Mapping[str, datetime],
) -> int:
    """Give the drafts of a plan their places, all of them or none; how many moved. places: by ref. saved: when each was
    last saved as the person saw it. Raises NoSuchPlan, NoSuchApplication, DraftMoved, WrongState, BadShape."""
    held = _plan(session, actor, plan)
    moved: list[str] = []
    for ref, shape in sorted(places.items()):
        row = _own_editable(session, actor, ref, None)
        if row.plan_id != held.id or row.state != S.DRAFT.value:
            raise NoSuchApplication(key=ref[:60])
        now = None if row.geometry is None else to_shape(row.geometry)
        new = None if shape is None else _shape(shape)
        if (now is None and new is None) or (
            now is not None and new is not None and now.equals_exact(new, 1e-7)
        ):
            continue
        if row.saved != saved.get(ref):
            raise DraftMoved(saved=row.saved.isoformat(timespec="seconds"))
        row.geometry = None if new is None else from_shape(new, srid=SRID)
        row.saved, row.findings = datetime.now(UTC), None
        moved.append(row.name)
    session.flush()
    if moved:
        audit.append(
            session, actor=actor, act="plan.place", subject_kind="plan", subject=str(held.ref), reason="填写位置",
            after={"names": moved},
        )  # fmt: skip
    return len(moved)


def listed_suggestions(session: Session, actor: Person) -> list[Suggestion]:
    """The suggestions that a person's township may take up; none for anybody else."""
    if not actor.holds(UserRole.APPLICANT) or actor.organisation_kind != "township" or not actor.unit_code:
        return []
    return approvals_queue.suggestions(session, actor.district, actor.unit_code)


def take_up(
    session: Session, actor: Person, key: str, *, version: int, reason: str
) -> tuple[PlaceNameApplication, PlaceNameApplication]:
    """采纳: a township makes a citizen's suggestion its own application, as a draft. Returns the suggestion, now closed,
    and the draft. Raises GuardUnmet, StepNotYours."""
    if actor.organisation_kind == "township" and key not in {
        s.number for s in listed_suggestions(session, actor)
    }:
        raise NoSuchApplication(key=key[:60])
    row = decide.take_step(session, actor, key, "take_up", reason=reason, version=version)
    made = approvals.add(
        session,
        PlaceNameApplication(
            district=row.district, action=row.action, category=row.category, name=row.name, unit_code=row.unit_code,
            geometry=row.geometry, subject_number=row.subject_number, applicant_kind=ApplicantKind.TOWNSHIP.value,
            applicant_id=actor.id, organisation_id=actor.organisation_id, demo=row.demo,
            form={**row.form, "suggestion": row.number},
        ),
        actor_id=actor.id,
        reason=f"采纳建议 {row.number}",
    )  # fmt: skip
    audit.append(
        session, actor=actor, act="application.create", subject_kind="application", subject=str(made.ref),
        reason=reason, after={"suggestion": row.number, "name": made.name},
    )  # fmt: skip
    return row, made


def _only_applicants(actor: Person) -> None:
    if not actor.holds(UserRole.APPLICANT):
        raise StepNotYours(step=Text("起草申请", "Draft an application"), roles=UserRole.APPLICANT.value)


def _is_demo(session: Session, actor: Person) -> bool:
    """What a demonstration account applies for is demonstration, and goes with it."""
    return bool(session.scalar(select(User.demo).where(User.id == actor.id)))


def _plan(session: Session, actor: Person, ref: uuid.UUID) -> NamePlan:
    held = approvals.locked_plan(session, ref)
    if held.district != actor.district or held.organisation_id != actor.organisation_id:
        raise approvals.NoSuchPlan(key=str(ref))
    return held


def _own_editable(
    session: Session, actor: Person, key: str | uuid.UUID, version: int | None
) -> PlaceNameApplication:
    """A case of the person's own side, locked, whose form is open."""
    row = approvals.locked(session, key)
    own = of_side(actor, row.applicant_id, row.organisation_id, row.applicant_kind)
    if row.district != actor.district or not own:
        raise NoSuchApplication(key=str(key)[:60])
    _only_applicants(actor)
    if version is not None:
        require_version(version, row.version)
    if row.state not in EDITABLE:
        raise WrongState(
            state=APPLICATION_STATE_NAMES[S(row.state)], step=Text("修改申请", "Change the form")
        )
    return row


def _columns(actor: Person, content: Content) -> dict[str, Any]:
    """The columns of a form, each checked. Raises BadDetail, BadShape."""
    kind = content.applicant_kind or None
    if kind is not None and kind not in {k.value for k in applicants.kinds_of(actor.organisation_kind)}:
        raise BadDetail(field="applicant_kind", why=NOT_YOURS)
    unit = (content.unit_code or "").strip() or None
    if unit is not None and not re.fullmatch(r"[0-9]{6}([0-9]{3}([0-9]{3})?)?", unit):
        raise BadDetail(field="unit", why=Text("应为 6、9 或 12 位代码", "it is a code of 6, 9 or 12 digits"))
    number = content.subject_number
    if number is not None and not 0 < number < 2**63:
        raise BadDetail(field="subject_number", why=NOT_NUMBER)
    return {
        "action": content.action.value,
        "category": content.category.value,
        "name": words("name", content.name, 100, lines=False),
        "unit_code": unit,
        "geometry": None if content.shape is None else from_shape(_shape(content.shape), srid=SRID),
        "subject_number": number,
        "applicant_kind": kind,
        "contact_name": words("contact_name", content.contact_name or "", 60, lines=False) or None,
        "contact_phone": words("contact_phone", content.contact_phone or "", 40, lines=False) or None,
        "form": _form(content.form),
    }


def _form(given: Mapping[str, Any]) -> dict[str, Any]:
    if len(given) > FORM_FIELDS:
        raise BadDetail(field="form", why=Text(f"最多 {FORM_FIELDS} 项", f"at most {FORM_FIELDS} fields"))
    kept: dict[str, Any] = {}
    for key, value in given.items():
        if not _KEY.fullmatch(key):
            raise BadDetail(field=str(key)[:40], why=NO_FIELD)
        if value is None or value == "":
            continue
        if key in NUMBERS:
            if isinstance(value, bool) or not isinstance(value, int | float) or not -1e12 < value < 1e12:
                raise BadDetail(field=key, why=NOT_NUMBER)
            kept[key] = value
        elif isinstance(value, list):
            kept[key] = listed(key, value)
        else:
            kept[key] = words(key, value, FORM_LONGEST)
    return kept


def _shape(given: shapely.Geometry) -> shapely.Geometry:
    """A shape that can be kept: flat, valid, of one kind, in China. Raises BadShape."""
    shape = shapely.force_2d(given)
    if shape.is_empty or not shape.is_valid:
        raise BadShape(why=EMPTY)
    if shape.geom_type == "GeometryCollection":
        raise BadShape(why=KINDS)
    if shapely.get_num_coordinates(shape) > VERTICES:
        raise BadShape(why=MANY.fill(VERTICES))
    west, south, east, north = shape.bounds
    if not (west >= 73 and east <= 136 and south >= 3 and north <= 54):
        raise BadShape(why=OUTSIDE)
    return shape


def _count(session: Session, *conditions: Any) -> int:
    return session.scalar(select(func.count()).where(*conditions)) or 0
