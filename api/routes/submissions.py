"""成果提交 submissions: a surveyor's file, its findings, and the approver's decision."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from api import doors, geojson, intake
from api.acts import publish, return_, submit
from api.acts.stale import NoReason, Stale
from api.doors import Acting, District, Reading, Writing, settings_of, transaction
from api.errors import problems
from api.intake import Incoming, NoFile
from api.paging import Cursor, Limit, decode, encode
from api.readoptions import OptionsIn, upload_options
from api.security.access import OFFICERS
from api.security.limits import BodyTooLarge, CutOff
from api.security.person import Person
from api.waiting import UNTIL_NEWS
from geo.boundaries.submission_life import SUBMISSION_STATE_NAMES
from geo.machine import GuardUnmet, StepNotYours, WrongState
from geo.problems import TooMany
from geo.store import submissions
from geo.store.submissions import NoSuchSubmission
from geo.store.tables import Submission
from geo.terms import Role, SubmissionState, Verdict

router = APIRouter(prefix="/api/v1/submissions", tags=["submissions 成果提交"])

#: Beyond the numbers of `number` for a first page of a list that counts down.
NEWEST = 2**62


class SubmissionOut(BaseModel):
    """成果提交. `report` is the object of `./yudi check` without its findings."""

    model_config = ConfigDict(extra="ignore")

    id: UUID
    number: int
    state: SubmissionState
    state_name: str
    progress: float = Field(description="检查进度 0–1")
    step: str | None
    verdict: Verdict | None
    file: str | None
    sha256: str | None
    profile: str
    options: dict[str, Any]
    report: dict[str, Any] | None
    counts: dict[str, int] = Field(description="error, warning, info")
    round: int = Field(description="第几次检查（更改选项后加一）")
    replaces: UUID | None
    replaced_by: UUID | None
    version: int = Field(description="办理时须回传 To be sent back with a decision")
    created: datetime
    checked: datetime | None
    decided: datetime | None
    decided_by: str | None
    decision_reason: str | None
    submitted_by: str | None
    organisation: str | None
    failure: dict[str, Any] | None
    demo: bool
    may: list[str] = Field(description="此人现在可办理的步骤 Steps open to this person now")


class ChangesOut(BaseModel):
    """与上一次相比 Against the round or the submission before."""

    gone: list[dict[str, Any]] = Field(description="已消除的意见 Findings that went away")
    new: list[str] = Field(description="新出现的意见的 key")


class OneSubmissionOut(SubmissionOut):
    """一次成果提交，含与上一次相比的变化."""

    changes: ChangesOut | None


class SubmissionsOut(BaseModel):
    """成果提交列表, the newest first."""

    items: list[SubmissionOut]
    next: str | None


class DecisionIn(BaseModel):
    """接受或退回 Accept or return."""

    model_config = ConfigDict(extra="ignore")

    reason: str = Field(min_length=1, max_length=2000, description="理由 Why")
    version: int = Field(ge=1, description="所见的版本 The version that was seen")


class RecheckIn(DecisionIn):
    """更改选项后重新检查 Check the same file again with other options."""

    reason: str = Field("更改读取选项后重新检查", min_length=1, max_length=2000)
    options: OptionsIn = Field(default_factory=OptionsIn)


def listed(described: dict[str, Any], actor: Person) -> dict[str, Any]:
    """A submission of the store as its answer."""
    name = SUBMISSION_STATE_NAMES[SubmissionState(described["state"])].zh
    return {**described, "state_name": name, "may": submit.may_of(actor, described)}


def shown(session: Session, actor: Person, row: Submission) -> OneSubmissionOut:
    """One submission with its changes and what this person may do."""
    described = listed(submissions.describe(session, [row])[0], actor)
    changes = submissions.changes(session, row)
    if changes is not None:
        changes = {**changes, "gone": [plain(finding) for finding in changes["gone"]]}
    return OneSubmissionOut.model_validate({**described, "changes": changes})


def plain(finding: dict[str, Any]) -> dict[str, Any]:
    """A finding of the store with its geometry as GeoJSON."""
    return {**finding, "geometry": json.loads(geojson.texts([finding["geometry"]])[0])}


def seen(submission_id: UUID, actor: Acting, session: Reading) -> Submission:
    """The submission of the path, for those who may know of it: its organisation, and officers."""
    row = submissions.find(session, submission_id)
    if not submit.may_see(actor, row):
        raise NoSuchSubmission()
    return row


Seen = Annotated[Submission, Depends(seen)]

UPLOAD = intake.form_body(
    "zip gpkg kml xlsx csv …",
    profile={"type": "string", "enum": ["township", "generic"]},
    role={"type": "string", "enum": [r.value for r in Role]},
    crs={"type": "integer", "description": "EPSG"},
    encoding={"type": "string"},
    replaces={"type": "string", "format": "uuid", "description": "所修正的提交 id"},
)


@router.post(
    "",
    status_code=202,
    summary="提交成果 Submit a file",
    response_model=OneSubmissionOut,
    openapi_extra=UPLOAD,
    responses=problems(
        NoFile, CutOff, BodyTooLarge, submit.BeingTaken, StepNotYours, NoSuchSubmission, TooMany
    ),
)
async def create(request: Request, actor: Acting) -> Response:
    """完整到达的文件都成为一次提交，检查在后台进行，结果见 Location；同一文件正在检查时答 409 和先前的 id。

    Whatever arrives whole becomes a submission and is checked in the background: follow Location. 409 with
    the first id while the same bytes are being taken."""
    settings = settings_of(request)
    await run_in_threadpool(_take_turn, request, actor)
    async with intake.receive(request, limit=settings.upload_bytes) as incoming:
        answer = await run_in_threadpool(_submit, request, actor, incoming)
    headers = {"Location": f"{router.prefix}/{answer.id}"}
    return JSONResponse(answer.model_dump(mode="json"), status_code=202, headers=headers)


def _take_turn(request: Request, actor: Person) -> None:
    settings = settings_of(request)
    doors.take_turn(
        request, "upload", who=actor.id, burst=settings.upload_burst, per_minute=settings.upload_per_minute
    )


def _submit(request: Request, actor: Person, incoming: Incoming) -> OneSubmissionOut:
    try:
        options = upload_options(incoming.fields).to_options()
        given = incoming.fields.get("replaces", "").strip()
        replaces = _Id(id=given).id if given else None
    except ValidationError as error:
        raise RequestValidationError(
            [{**item, "loc": ("body", *item["loc"])} for item in error.errors(include_url=False)]
        ) from None
    with transaction(request) as session:
        row = submit.submit(
            session,
            actor,
            filename=incoming.filename,
            path=incoming.path,
            sha256=incoming.sha256,
            options=options,
            replaces=replaces,
        )
        return shown(session, actor, row)


class _Id(BaseModel):
    id: UUID


@router.get("", summary="提交列表 Submissions", response_model=SubmissionsOut)
def list_submissions(
    actor: Acting,
    session: Reading,
    district: District,
    state: SubmissionState | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """测绘单位看到本单位的提交，审核人员看到全部；新的在前。

    A firm sees its own submissions, officers all; the newest first."""
    found, before = submissions.listing(
        session,
        district=district.code,
        organisation_id=None if actor.holds(*OFFICERS) else actor.organisation_id,
        state=state.value if state else None,
        limit=limit,
        before=decode(cursor, int, NEWEST),
    )
    return {
        "items": [listed(described, actor) for described in found],
        "next": None if before is None else encode(before),
    }


@router.get(
    "/{submission_id}",
    summary="一次提交 One submission",
    response_model=OneSubmissionOut,
    responses=problems(NoSuchSubmission),
    dependencies=[UNTIL_NEWS],
)
def show(row: Seen, actor: Acting, session: Reading) -> Any:
    """状态、进度、结论、读取结果、与上一次的差别、此人可办理的步骤。带 `Prefer: wait=5` 时，检查有进展或 5 秒后才回答。

    State, progress, verdict, what was read, what changed since before, and what this person may do. With
    `Prefer: wait=5` the answer comes when the inspection has moved on, or after 5 seconds."""
    return shown(session, actor, row)


STEP = problems(NoSuchSubmission, StepNotYours, WrongState, GuardUnmet, Stale, NoReason)
ACCEPT = STEP | problems(
    NoSuchSubmission, StepNotYours, WrongState, GuardUnmet, Stale, publish.ChangedSince, publish.NothingInside
)


@router.post(
    "/{submission_id}/recheck",
    status_code=202,
    summary="重新检查 Check again",
    response_model=OneSubmissionOut,
    responses=STEP,
)
def recheck(submission_id: UUID, body: RecheckIn, actor: Acting, session: Writing) -> Any:
    """更改图层内容、字段对应、坐标系或编码后重新检查，不必重新上传。

    Check the same file again with another mapping, reference system or encoding; no new upload."""
    row = submit.recheck(session, actor, submission_id, body.options.to_options(), body.version, body.reason)
    return shown(session, actor, row)


@router.post(
    "/{submission_id}/accept", summary="接受 Accept", response_model=OneSubmissionOut, responses=ACCEPT
)
def accept(submission_id: UUID, body: DecisionIn, actor: Acting, session: Writing) -> Any:
    """接受成果：界线、界桩、政区面的新版本在同一事务中生效；提交人不能审核自己的成果。

    Accept: the new versions of lines, markers and polygons are stored in one transaction; nobody accepts a
    submission of his own."""
    row = publish.accept(session, actor, submission_id, reason=body.reason, version=body.version)
    return shown(session, actor, row)


@router.post(
    "/{submission_id}/return", summary="退回 Return", response_model=OneSubmissionOut, responses=STEP
)
def give_back(submission_id: UUID, body: DecisionIn, actor: Acting, session: Writing) -> Any:
    """退回修改，写明理由。Return it for mending, with a reason."""
    row = return_.give_back(session, actor, submission_id, reason=body.reason, version=body.version)
    return shown(session, actor, row)
