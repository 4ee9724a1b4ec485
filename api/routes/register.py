"""登记簿 the register for its registrar: single names changed, their versions, and files of names brought in."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from api import intake
from api.acts import edit_register as edit
from api.acts import import_names as acts
from api.acts.stale import NoReason, Stale
from api.doors import Acting, Reading, Writing, settings_of, transaction
from api.errors import problems
from api.intake import Incoming, NoFile
from api.routes.evidence import file_answer
from api.security.limits import BodyTooLarge, CutOff
from api.security.person import Person
from geo.problems import NotFound
from geo.store import versions
from geo.store.names import NoSuchName
from geo.store.tables import NameImport, PlaceName, User

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


class ImportOut(BaseModel):
    """一次导入 One import: its progress and what it did."""

    id: UUID
    file: str
    sha256: str
    dry_run: bool
    state: str = Field(description="received running done failed")
    rows: int | None = Field(description="文件的行数 Rows of the file")
    done: int = Field(description="已处理的行数 Rows taken so far")
    options: dict[str, Any]
    result: dict[str, Any] | None = Field(description="新增、更改、未变、未入库的数量，列对应，前 200 处问题")
    problem: dict[str, Any] | None
    report: str | None = Field(description="问题行的 CSV All bad rows as a CSV")
    created: datetime
    finished: datetime | None


class AgainIn(BaseModel):
    """同一文件再次导入 The same file once more, with other options, or for good."""

    model_config = ConfigDict(extra="forbid")

    mapping: dict[str, str] | None = Field(
        None, description="项目 -> 列名；空为不取 Our column -> heading; empty for none"
    )
    dry_run: bool = True
    document: str | None = Field(None, max_length=500)
    on: date | None = None
    source: str | None = Field(None, max_length=500)
    status: str | None = Field(None, max_length=20)
    category: str | None = Field(None, max_length=20)
    unit: str | None = Field(None, max_length=12)


def import_of(row: NameImport) -> ImportOut:
    return ImportOut(
        id=row.id, file=row.filename, sha256=row.sha256, dry_run=row.dry_run, state=row.state, rows=row.rows, done=row.done, options=row.options,
        result=row.result, problem=row.problem, created=row.created, finished=row.finished,
        report=f"{router.prefix}/imports/{row.id}/report" if row.report_sha256 else None,
    )  # fmt: skip


BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "csv xlsx gpkg geojson zip",
                        },
                        "dry_run": {"type": "boolean", "default": True},
                        "mapping": {"type": "string", "description": "JSON {项目: 列名}"},
                        **{name: {"type": "string"} for name in acts.OPTIONS},
                    },
                }
            }
        },
    }
}
TAKEN = problems(NoFile, CutOff, BodyTooLarge, acts.BadOption, acts.DocumentUndated)


@router.post(
    "/imports",
    status_code=202,
    summary="导入地名 Import names",
    response_model=ImportOut,
    openapi_extra=BODY,
    responses=TAKEN,
)
async def take(request: Request, actor: Acting) -> Response:
    """文件保存后在后台导入，进度见 Location；不写 dry_run=false 就只试运行。

    The file is kept and imported in the background: follow Location. A dry run unless dry_run=false."""
    async with intake.receive(request, limit=settings_of(request).upload_bytes) as incoming:
        answer = await run_in_threadpool(_take, request, actor, incoming)
    headers = {"Location": f"{router.prefix}/imports/{answer.id}"}
    return JSONResponse(answer.model_dump(mode="json"), status_code=202, headers=headers)


def _take(request: Request, actor: Person, incoming: Incoming) -> ImportOut:
    options: dict[str, Any] = dict(incoming.fields)
    try:
        options["mapping"] = json.loads(options["mapping"]) if options.get("mapping") else {}
    except ValueError:
        raise acts.BadOption(field="mapping", value=options["mapping"][:60], why=acts.NO_MAPPING) from None
    with transaction(request) as session:
        row = acts.request(
            session, actor, filename=incoming.filename, path=incoming.path, options=options,
            dry_run=options.get("dry_run", "true").lower() not in ("false", "0", "no"),
        )  # fmt: skip
        session.refresh(row)
        return import_of(row)


@router.get(
    "/imports/{import_id}",
    summary="导入进度 One import",
    response_model=ImportOut,
    responses=problems(acts.NoSuchImport),
)
def show(import_id: UUID, actor: Acting, session: Reading) -> ImportOut:
    """状态、进度、结果。State, progress, result."""
    return import_of(acts.find(session, import_id))


@router.post(
    "/imports/{import_id}/again",
    status_code=202,
    summary="再次导入 Import again",
    response_model=ImportOut,
    responses=TAKEN | problems(acts.NoSuchImport, acts.BadOption, acts.DocumentUndated),
)
def again(import_id: UUID, body: AgainIn, actor: Acting, session: Writing) -> ImportOut:
    """改了列对应再试，或试运行后正式导入。With another mapping, or for good after the dry run."""
    options = {k: v for k, v in body.model_dump(mode="json").items() if k != "dry_run" and v is not None}
    row = acts.again(session, actor, import_id, options=options, dry_run=body.dry_run)
    session.refresh(row)
    return import_of(row)


@router.get(
    "/imports/{import_id}/report", summary="问题行 Bad rows", responses=problems(acts.NoSuchImport, NotFound)
)
def report(import_id: UUID, actor: Acting, session: Reading) -> Response:
    """全部未入库的行：行号、列、值、问题。All bad rows: row, column, value, problem."""
    row = acts.find(session, import_id)
    if row.report_sha256 is None:
        raise NotFound()
    return file_answer(session, row.report_sha256, f"{import_id}-report.csv")
