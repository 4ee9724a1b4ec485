"""登记簿的批量导入: files of names brought into the register in the background."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from api import intake
from api.acts import import_names as acts
from api.doors import Acting, Reading, Writing, settings_of, transaction
from api.errors import problems
from api.intake import Incoming, NoFile
from api.routes.evidence import file_answer
from api.security.limits import BodyTooLarge, CutOff
from api.security.person import Person
from geo.problems import NotFound
from geo.store.tables import NameImport

router = APIRouter(prefix="/api/v1/place-names/imports", tags=["register 登记簿"])


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
    result: dict[str, Any] | None = Field(
        description="新增、更改、未变、未入库的数量，列对应，前 200 处问题，读的表和没有读的表（others）"
    )
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
    sheet: str | None = Field(None, max_length=200, description="工作表、图层或表 Sheet, layer or table")


def import_of(row: NameImport) -> ImportOut:
    return ImportOut(
        id=row.id, file=row.filename, sha256=row.sha256, dry_run=row.dry_run, state=row.state, rows=row.rows, done=row.done, options=row.options,
        result=row.result, problem=row.problem, created=row.created, finished=row.finished,
        report=f"{router.prefix}/{row.id}/report" if row.report_sha256 else None,
    )  # fmt: skip


BODY = intake.form_body(
    "csv xlsx gpkg geojson zip",
    dry_run={"type": "boolean", "default": True},
    mapping={"type": "string", "description": "JSON {项目: 列名}"},
    **{name: {"type": "string"} for name in acts.OPTIONS},
)
TAKEN = problems(NoFile, CutOff, BodyTooLarge, acts.BadOption, acts.DocumentUndated)


@router.post(
    "",
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
    headers = {"Location": f"{router.prefix}/{answer.id}"}
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
    "/{import_id}",
    summary="导入进度 One import",
    response_model=ImportOut,
    responses=problems(acts.NoSuchImport),
)
def show(import_id: UUID, actor: Acting, session: Reading) -> ImportOut:
    """状态、进度、结果。State, progress, result."""
    return import_of(acts.find(session, import_id))


@router.post(
    "/{import_id}/again",
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


@router.get("/{import_id}/report", summary="问题行 Bad rows", responses=problems(acts.NoSuchImport, NotFound))
def report(import_id: UUID, actor: Acting, session: Reading) -> Response:
    """全部未入库的行：行号、列、值、问题。All bad rows: row, column, value, problem."""
    row = acts.find(session, import_id)
    if row.report_sha256 is None:
        raise NotFound()
    return file_answer(session, row.report_sha256, f"{import_id}-report.csv")
