"""地名保护名录 protection lists: the batches, their names, and the steps that make and publish them.

The public's answers come from the published views: published lists and the names on them. Officers see lists in
preparation, who proposed what, and what they may do next.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from api.acts import protect
from api.acts.stale import Stale
from api.doors import Acting, At, District, MaybeActing, Seeing, Writing
from api.errors import problems
from api.security.person import Person
from geo.machine import GuardUnmet, StepNotYours, WrongState
from geo.names import protection as life
from geo.names.protection import EntryState, ListKind, ListState
from geo.store import protection
from geo.store.names import NoSuchName

router = APIRouter(prefix="/api/v1/protection-lists", tags=["protection lists 保护名录"])

ListId = Annotated[int, Path(ge=1, le=2**63 - 1, description="名录编号 Id of the list")]
EntryId = Annotated[int, Path(ge=1, le=2**63 - 1, description="条目编号 Id of the entry")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ListOut(BaseModel):
    """名录. `version` and `may` are for officers only."""

    id: int
    kind: ListKind
    batch: int
    title: str
    state: ListState
    state_name: str
    state_name_en: str
    document: str | None = None
    published_on: date | None = None
    entries: int = Field(description="条目数 Names on it")
    demo: bool
    version: int | None = None
    may: list[str] | None = Field(None, description="此人现在可办理的步骤 Steps open to this person")


class ListsOut(BaseModel):
    """名录列表."""

    items: list[ListOut]


class EntryOut(BaseModel):
    """名录条目. From `version` on, for officers only."""

    id: int
    number: int = Field(description="地名编号 Number of the name")
    name: str | None
    romanization: str | None
    category: str | None
    status: str | None = Field(description="地名状态 Standing of the name: in use or vanished")
    unit_code: str | None
    kind_class: str | None = Field(description="类别 Class")
    grounds: list[str] = Field(description="列入依据 Grounds")
    measures: list[str] = Field(description="保护方式 Ways of protecting")
    reasons: str | None = Field(description="列入理由")
    reuse_plan: str | None = Field(
        description="不再使用的地名如何启用或纪念 How a name out of use comes back"
    )
    state: EntryState
    state_name: str
    state_name_en: str
    demo: bool
    version: int | None = None
    may: list[str] | None = None


class StepDone(BaseModel):
    """一步办理经过，供有权人员查阅."""

    entry_id: int | None
    transition: str
    from_state: str | None
    to_state: str
    at: datetime
    actor: str
    reason: str
    document: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class WholeList(ListOut):
    """名录及其条目."""

    names: list[EntryOut]
    steps: list[StepDone] | None = None


class NewList(Strict):
    """新建名录."""

    kind: ListKind
    batch: int = Field(ge=1, le=999)
    title: str | None = Field(None, max_length=200)
    reason: str = Field(min_length=1, max_length=2000)


class EntryIn(Strict):
    """条目所述."""

    kind_class: str | None = Field(None, max_length=20)
    grounds: list[str] = Field(default_factory=list, max_length=20)
    measures: list[str] = Field(default_factory=list, max_length=20)
    reasons: str | None = Field(None, max_length=4000)
    reuse_plan: str | None = Field(None, max_length=4000)
    reason: str = Field(min_length=1, max_length=2000, description="本次办理的理由 Why this is done")

    def said(self) -> protect.Entry:
        return protect.Entry(self.kind_class, self.grounds, self.measures, self.reasons, self.reuse_plan)


class NewEntry(EntryIn):
    """提出条目."""

    number: int = Field(ge=1, le=2**63 - 1, description="地名编号 Number of the name")


class ChangedEntry(EntryIn):
    """修改条目."""

    version: int = Field(ge=1)


class StepIn(Strict):
    """办理一步."""

    transition: str = Field(min_length=1, max_length=20)
    version: int = Field(ge=1, description="所见的版本 The version that was seen")
    reason: str = Field(min_length=1, max_length=2000)
    document: str | None = Field(
        None, max_length=200, description="公布或撤出文件的文号 Number of the document"
    )
    on_date: date | None = Field(None, description="公布日期，缺省为基准日期 Date of publication")


class Moved(BaseModel):
    """办理结果."""

    id: int
    state: str
    version: int


def list_out(row: dict[str, Any], person: Person | None) -> dict[str, Any]:
    """A list of the store as its answer; `person` only where an officer asks."""
    words = life.LIST_STATE_NAMES[ListState(row["state"])]
    answer = row | {"state_name": words.zh, "state_name_en": words.en}
    if person is not None:
        answer["may"] = [t.name for t in life.LIST_LIFE.open_to(row["state"], person.roles)]
    return answer


def entry_out(row: dict[str, Any], person: Person | None) -> dict[str, Any]:
    words = life.ENTRY_STATE_NAMES[EntryState(row["state"])]
    answer = {k: v for k, v in row.items() if k not in ("version", "proposed_by")}
    answer |= {"state_name": words.zh, "state_name_en": words.en}
    if person is not None:
        own = row["proposed_by"] == person.id
        steps = [] if own else life.ENTRY_LIFE.open_to(row["state"], person.roles)
        answer |= {"version": row["version"], "may": [t.name for t in steps]}
    return answer


@router.get("", summary="保护名录列表 Lists", response_model=ListsOut, response_model_exclude_unset=True)
def list_lists(person: MaybeActing, sight: Seeing, district: District) -> Any:
    """公众得到已公布的名录；有权人员也得到起草和评审中的。Published lists; for officers those in preparation too."""
    rows = protection.lists(sight.session, district=district.code, officer=sight.officer)
    return {"items": [list_out(row, person if sight.officer else None) for row in rows]}


@router.get(
    "/{list_id}",
    summary="一个名录 One list",
    response_model=WholeList,
    response_model_exclude_unset=True,
    responses=problems(protection.NoSuchList),
)
def show_list(list_id: ListId, person: MaybeActing, sight: Seeing, district: District, at: At) -> Any:
    """名录和其中的地名；有权人员另见办理经过。A list with its names; for officers its steps as well."""
    rows = protection.lists(sight.session, district=district.code, officer=sight.officer)
    row = next((r for r in rows if r["id"] == list_id), None)
    if row is None:
        raise protection.NoSuchList(id=list_id)
    who = person if sight.officer else None
    names = protection.entries(sight.session, list_id, at=at, officer=sight.officer)
    answer = list_out(row, who) | {"names": [entry_out(n, who) for n in names]}
    if sight.officer:
        answer["steps"] = protection.steps(sight.session, list_id)
    return answer


@router.post(
    "",
    status_code=201,
    summary="新建名录 Begin a list",
    responses=problems(StepNotYours, protect.BatchTaken),
)
def create(new: NewList, actor: Acting, session: Writing) -> Moved:
    """新建一批名录。Begin a batch."""
    row = protect.create(session, actor, kind=new.kind, batch=new.batch, title=new.title, reason=new.reason)
    return Moved(id=row.id, state=row.state, version=row.version)


@router.post(
    "/{list_id}/entries",
    status_code=201,
    summary="提出条目 Propose a name",
    responses=problems(
        StepNotYours,
        protection.NoSuchList,
        NoSuchName,
        protect.AlreadyListed,
        protect.ListClosed,
        protect.UnknownCriterion,
    ),
)
def propose(list_id: ListId, new: NewEntry, actor: Acting, session: Writing) -> Moved:
    """把登记的地名提出列入名录。Propose a name of the register."""
    row = protect.propose(session, actor, list_id, new.number, new.said(), reason=new.reason)
    return Moved(id=row.id, state=row.state, version=row.version)


@router.put(
    "/{list_id}/entries/{entry_id}",
    summary="修改条目 Change an entry",
    responses=problems(
        StepNotYours,
        protection.NoSuchList,
        protection.NoSuchEntry,
        protect.ListClosed,
        protect.UnknownCriterion,
        Stale,
    ),
)
def amend(
    list_id: ListId, entry_id: EntryId, changed: ChangedEntry, actor: Acting, session: Writing
) -> Moved:
    """名录起草时修改条目。Change what is said about a name while the list is a draft."""
    row = protect.amend(
        session, actor, list_id, entry_id, changed.said(), version=changed.version, reason=changed.reason
    )
    return Moved(id=row.id, state=row.state, version=row.version)


@router.post(
    "/{list_id}/transitions",
    summary="办理名录 Take a step of a list",
    responses=problems(protection.NoSuchList, StepNotYours, WrongState, GuardUnmet, Stale),
)
def take_step(list_id: ListId, step: StepIn, actor: Acting, session: Writing) -> Moved:
    """提交评审、退回、公布或作废。Put to review, return, publish or discard."""
    row = protect.take_step(
        session,
        actor,
        list_id,
        step.transition,
        version=step.version,
        reason=step.reason,
        document=step.document,
        on=step.on_date,
    )
    return Moved(id=row.id, state=row.state, version=row.version)


@router.post(
    "/{list_id}/entries/{entry_id}/transitions",
    summary="评审条目 Review an entry",
    responses=problems(
        protection.NoSuchList, protection.NoSuchEntry, StepNotYours, WrongState, GuardUnmet, Stale
    ),
)
def decide(list_id: ListId, entry_id: EntryId, step: StepIn, actor: Acting, session: Writing) -> Moved:
    """同意或不予列入；公布后凭文件撤出。Accept, refuse, or withdraw by a document."""
    row = protect.decide(
        session,
        actor,
        list_id,
        entry_id,
        step.transition,
        version=step.version,
        reason=step.reason,
        document=step.document,
    )
    return Moved(id=row.id, state=row.state, version=row.version)
