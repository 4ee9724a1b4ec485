"""登记簿 the register for its registrar: single names changed, and their versions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from api.acts import edit_register as edit
from api.acts.stale import NoReason, Stale
from api.doors import Acting, Reading, Writing
from api.errors import problems
from geo.store import versions
from geo.store.names import NoSuchName
from geo.store.tables import PlaceName, User

router = APIRouter(prefix="/api/v1/place-names", tags=["register 登记簿"])

#: Numbers are bigint; anything beyond is no number of the register.
Number = Annotated[int, InPath(ge=1, le=2**63 - 1, description="登记编号 Number of the name")]


class ChangeIn(BaseModel):
    """修改描述 Change descriptive facts. What a name is (name, category, status, unit …) is refused with 409."""

    model_config = ConfigDict(extra="forbid")

    changes: dict[str, Any] = Field(
        default_factory=dict,
        description="meaning origin history description sources pictures facts importance",
    )
    readings: list[str] | None = Field(
        None, max_length=100, description="审定读音，逐字 One syllable a character"
    )
    version: int = Field(ge=1, description="所见的版本 The version that was seen")
    reason: str = Field(min_length=1, max_length=2000, description="理由 Why")


class UndoIn(BaseModel):
    """恢复旧版本的描述 Bring back the descriptive facts of an older version, as a new one."""

    model_config = ConfigDict(extra="forbid")

    to: int = Field(ge=1, description="要恢复的版本 The older version")
    version: int = Field(ge=1, description="所见的版本 The version that was seen")
    reason: str = Field(min_length=1, max_length=2000, description="理由 Why")


class VersionOut(BaseModel):
    """一个版本 One version of a name, with who made it and why."""

    version: int
    number: int
    place_id: int
    code: str | None
    name: str
    romanization: str
    readings: list[str] | None
    category: str
    gb_code: str | None
    status: str
    unit_code: str
    meaning: str | None
    origin: str | None
    history: str | None
    description: str | None
    document: str | None
    approved_by: str | None
    approved_on: date | None
    sources: list[dict[str, Any]]
    pictures: list[dict[str, Any]]
    facts: dict[str, Any]
    importance: int
    valid_from: date | None
    valid_to: date | None
    recorded_from: datetime
    recorded_to: datetime | None
    reason: str
    made_by: str
    demo: bool


class HistoryOut(BaseModel):
    """一个地名的全部版本 All versions, the newest recorded first."""

    items: list[VersionOut]
    next: str | None = None


def version_of(row: PlaceName, made_by: str) -> VersionOut:
    plain = {k: getattr(row, k) for k in VersionOut.model_fields if hasattr(row, k) and k != "made_by"}
    return VersionOut(
        **plain, version=row.id, made_by=made_by, valid_from=row.valid.lower, valid_to=row.valid.upper,
        recorded_from=row.recorded.lower, recorded_to=row.recorded.upper,
    )  # fmt: skip


EDITS = problems(
    NoSuchName, Stale, NoReason, edit.NeedsDocument, edit.BadFact, edit.BadReading, edit.Unchanged
)


@router.patch(
    "/{number}",
    summary="修改描述或审定读音 Change facts or settle the reading",
    response_model=VersionOut,
    responses=EDITS,
)
def change(number: Number, body: ChangeIn, actor: Acting, session: Writing) -> VersionOut:
    """新版本立即生效，旧版本保留；名称、类别、状态、政区不能这样改（条例第四条）。

    A new version at once, the old one kept; what a name is cannot be changed this way."""
    version, row = body.version, None
    if body.changes or body.readings is None:
        row = edit.describe(session, actor, number, body.changes, version=version, reason=body.reason)
        version = row.id
    if body.readings is not None:
        row = edit.settle_reading(session, actor, number, body.readings, version=version, reason=body.reason)
    assert row is not None
    return version_of(row, actor.name)


@router.get(
    "/{number}/history", summary="版本 Versions", response_model=HistoryOut, responses=problems(NoSuchName)
)
def history(number: Number, actor: Acting, session: Reading) -> HistoryOut:
    """全部版本：何人、何时、为何、据何文件。All versions: who, when, why, by which document."""
    rows = versions.history(session, PlaceName, number)
    if not rows:
        raise NoSuchName(number=number)
    people = {u: n.name for u in {r.made_by for r in rows} if (n := session.get(User, u))}
    return HistoryOut(items=[version_of(row, people.get(row.made_by, "")) for row in rows])


@router.post(
    "/{number}/undo",
    summary="恢复 Undo",
    response_model=VersionOut,
    responses=EDITS | problems(NoSuchName, Stale, NoReason, edit.NothingToUndo, edit.Unchanged),
)
def undo(number: Number, body: UndoIn, actor: Acting, session: Writing) -> VersionOut:
    """以新版本恢复旧版本的描述。The descriptive facts of an older version, as a new one."""
    row = edit.undo(session, actor, number, body.to, version=body.version, reason=body.reason)
    return version_of(row, actor.name)
