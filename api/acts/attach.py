"""提交材料: files of a case come in, are looked at, and are taken back while the case is its applicant's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from api.acts.case_facts import of_side
from api.security.person import Person
from geo.approvals import materials as rules
from geo.names.categories import Category
from geo.problems import BadInput, Conflict, NotAllowed
from geo.reading.materials import Examined
from geo.store import approvals, audit, files, materials
from geo.store.tables import ApplicationMaterial, PlaceNameApplication
from geo.terms import APPLICATION_STATE_NAMES, ApplicationAction, ApplicationState, UserRole
from geo.text import Text

#: Files of one case.
MOST = 60
#: Who sees the cases of the district.
OFFICERS = (
    UserRole.ACCEPTANCE_OFFICER, UserRole.REVIEWER, UserRole.APPROVER, UserRole.REGISTRAR, UserRole.ADMINISTRATOR,
)  # fmt: skip
#: When the applicant's side may add and take back, and when officers may add what the review makes.
OF_APPLICANT = frozenset({ApplicationState.DRAFT, ApplicationState.SUPPLEMENT})
OF_OFFICERS = frozenset({ApplicationState.SUBMITTED, ApplicationState.ACCEPTED, ApplicationState.REVIEW})
#: 文件种类 that the review makes.
IN_REVIEW = frozenset({"assessment_report", "expert_report", "comment_report", "other"})


class BadMaterialKind(BadInput):
    """No such kind of material."""

    code = "bad-material-kind"
    title = Text("没有“{kind}”这种材料，可用：{known}", "There is no material “{kind}”; use one of {known}")


class NotNow(Conflict):
    """The case's state takes no materials from this person."""

    code = "no-materials-now"
    title = Text(
        "案件处于“{state}”，不能增减材料", "The case is “{state}”: materials cannot be added or taken back"
    )


class TooManyMaterials(Conflict):
    """The case has all the files that it may have."""

    code = "too-many-materials"
    title = Text(
        "一件申请最多 {most} 份材料，请合并", "An application has at most {most} files; combine some of them"
    )


class OnlyApplicant(NotAllowed):
    """Someone else's materials."""

    code = "only-applicant"
    title = Text("材料由申请单位增减", "Materials are added and taken back by the applicant's organisation")


def seen(session: Session, actor: Person, key: str, *, lock: bool = False) -> PlaceNameApplication:
    """The case, if this person may know of it: those of his organisation, the officers of its district.
    Raises NoSuchApplication."""
    row = approvals.locked(session, key) if lock else materials.case(session, key)
    own = of_side(actor, row.applicant_id, row.organisation_id, row.applicant_kind)
    officer = (
        actor.holds(*OFFICERS) and row.district == actor.district and row.state != ApplicationState.DRAFT
    )
    if not own and not officer:
        raise approvals.NoSuchApplication(key=key[:60])
    return row


def may_add(actor: Person, row: PlaceNameApplication, kind: str) -> None:
    """Raises BadMaterialKind, NotNow, OnlyApplicant."""
    known = rules.titles()
    if kind not in known:
        raise BadMaterialKind(kind=kind[:40], known=" ".join(known))
    state = ApplicationState(row.state)
    side = of_side(actor, row.applicant_id, row.organisation_id, row.applicant_kind)
    own = side and actor.holds(UserRole.APPLICANT)
    if own and state in OF_APPLICANT:
        return
    if not own and kind in IN_REVIEW and actor.holds(*OFFICERS) and state in OF_OFFICERS:
        return
    if not own and state in OF_APPLICANT:
        raise OnlyApplicant()
    raise NotNow(state=APPLICATION_STATE_NAMES[state])


def attach(
    session: Session, actor: Person, key: str, *, kind: str, examined: Examined, sha256_came: str
) -> ApplicationMaterial:
    """Keep an examined file as a material of a case.

    sha256_came: of the bytes as they were sent, for the audit trail: a picture is kept without what the camera wrote.
    Raises NoSuchApplication, BadMaterialKind, NotNow, OnlyApplicant, TooManyMaterials, DiskFull.
    """
    row = seen(session, actor, key, lock=True)
    may_add(actor, row, kind)
    if len(materials.of_case(session, row.id)) >= MOST:
        raise TooManyMaterials(most=MOST)
    kept = files.keep(session, examined.path, examined.media_type)
    material = materials.add(
        session, row, kept, kind=kind, filename=examined.filename, media_type=examined.media_type,
        inline=examined.inline, pages=examined.pages, added_by=actor.id,
    )  # fmt: skip
    audit.append(
        session,
        actor=actor,
        act="attach",
        subject_kind="application",
        subject=row.number or str(row.ref),
        reason=f"提交材料：{rules.titles()[kind].zh}",
        after={**_facts(material), "sha256_came": sha256_came},
    )
    return material


def take_back(session: Session, actor: Person, key: str, material_id: int) -> None:
    """取回材料. Raises NoSuchApplication, NoSuchMaterial, NotNow, OnlyApplicant."""
    row = seen(session, actor, key, lock=True)
    side = of_side(actor, row.applicant_id, row.organisation_id, row.applicant_kind)
    if not side or not actor.holds(UserRole.APPLICANT):
        raise OnlyApplicant()
    if ApplicationState(row.state) not in OF_APPLICANT:
        raise NotNow(state=APPLICATION_STATE_NAMES[ApplicationState(row.state)])
    material = materials.find(session, row.id, material_id)
    materials.take_back(session, material)
    audit.append(
        session,
        actor=actor,
        act="detach",
        subject_kind="application",
        subject=row.number or str(row.ref),
        reason=f"取回材料：{rules.titles()[material.kind].zh}",
        before=_facts(material),
    )


def read(session: Session, actor: Person, key: str, material_id: int) -> ApplicationMaterial:
    """A material to be looked at; noted in the audit trail. Raises NoSuchApplication, NoSuchMaterial."""
    row = seen(session, actor, key)
    material = materials.find(session, row.id, material_id)
    audit.append(
        session,
        actor=actor,
        act="read_material",
        subject_kind="application",
        subject=row.number or str(row.ref),
        reason="查阅材料",
        after={"material": material.id, "sha256": material.sha256},
    )
    return material


def still_missing(
    row: PlaceNameApplication, given: Sequence[ApplicationMaterial], *, protected: bool = False
) -> list[rules.Requirement]:
    """Every paper that the applicant still owes, at once."""
    return rules.missing(
        Category(row.category),
        ApplicationAction(row.action),
        kinds={m.kind for m in given},
        form=row.form,
        protected=protected,
    )


def _facts(material: ApplicationMaterial) -> dict[str, Any]:
    return {
        "material": material.id, "kind": material.kind, "file": material.filename, "sha256": material.sha256,
        "media_type": material.media_type,
    }  # fmt: skip
