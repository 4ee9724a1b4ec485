"""一件事交换 exchange: cases and results in and out as JSON for the city's platform, each message with a key.

The shapes stand in data/approvals/exchange.schema.json, served here.
"""

from __future__ import annotations

import base64
import binascii
import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi import Path as PathParameter
from pydantic import ConfigDict, Field
from starlette.responses import JSONResponse

from api.acts import attach, exchange
from api.acts.apply import BadShape
from api.acts.decide import UnknownStep
from api.acts.exchange import AlreadyBrought, Brought, NotOnBehalf
from api.acts.stale import NoReason, Stale
from api.acts.step_details import BadDetail
from api.acts.step_effects import ReportIncomplete
from api.case_files import take_turn
from api.doors import Acting, Reading, transaction
from api.errors import problems
from api.intake import safe_name
from api.paging import Cursor, Limit, decode, encode
from api.routes.application_answers import ContentIn, Strict
from geo.machine import GuardUnmet, StepNotYours, WrongState
from geo.problems import BadInput, TooMany
from geo.reading.materials import Examined, MaterialRefused, examine
from geo.settings import DATA, MaterialLimits
from geo.store.approvals import NoSuchApplication
from geo.store.exchange import KeyReused
from geo.text import Text

router = APIRouter(prefix="/api/v1/exchange", tags=["exchange 一件事交换"])

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=100,
        pattern=r"^[\x21-\x7e]+$",
        description="幂等键：同键同内容只办一次，答复相同；同键异内容 409 The same message under the same key is done once",
    ),
]
REPLAYED = "Idempotent-Replayed"


class BadContent(BadInput):
    """A material's content is no base64."""

    code = "bad-content"
    title = Text("材料“{filename}”的 content 不是 base64", "The content of {filename} is no base64")


class MaterialIn(Strict):
    """随申请导入的材料."""

    kind: str = Field(min_length=1, max_length=40)
    filename: str = Field(min_length=1, max_length=255)
    content: str = Field(description="base64")


class ApplicationIn(ContentIn):
    """导入的申请（exchange.schema.json: application）."""

    name: str = Field("", max_length=100)
    external_id: str = Field(min_length=1, max_length=100)
    organisation: str | None = Field(None, max_length=200)
    materials: list[MaterialIn] = Field(default_factory=list, max_length=20)
    submit: bool = True


class ResultIn(Strict):
    """导入的办理结果（exchange.schema.json: result）."""

    number: str = Field(min_length=1, max_length=60)
    step: str = Field(min_length=1, max_length=40)
    version: int = Field(ge=1)
    reason: str = Field(min_length=1, max_length=4000)
    details: dict[str, Any] = Field(default_factory=dict)


class CaseOut(Strict):
    """案件与结果（exchange.schema.json: case）."""

    model_config = ConfigDict(extra="allow")


class CasesOut(Strict):
    """最近有变化的案件，按最后一步的先后. next 总是给出，供下次从此处接着读 is always given, to go on from."""

    items: list[CaseOut]
    next: str
    more: bool


@cache
def schema() -> dict[str, Any]:
    """The published schema."""
    read: dict[str, Any] = json.loads(
        (DATA / "approvals" / "exchange.schema.json").read_text(encoding="utf-8")
    )
    return read


@router.get("/schema", summary="数据格式 The schema")
def published_schema() -> JSONResponse:
    """JSON Schema（2020-12）of everything that is exchanged."""
    return JSONResponse(schema(), media_type="application/schema+json")


@contextmanager
def examined(materials: list[MaterialIn]) -> Iterator[list[tuple[str, Examined, str]]]:
    """The materials of a message, each looked at in the limited process, before any transaction is open. Raises
    BadContent, MaterialRefused."""
    most = MaterialLimits.from_environment()
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="yudi-exchange-") as folder:
        found = []
        for n, material in enumerate(materials):
            name = safe_name(material.filename)
            try:
                data = base64.b64decode(material.content, validate=True)
            except (ValueError, binascii.Error):
                raise BadContent(filename=name) from None
            path = Path(folder) / str(n)
            path.write_bytes(data)
            one = stack.enter_context(examine(path, name, most))
            found.append((material.kind, one, sha256(data).hexdigest()))
        yield found


def answer(done: exchange.Answer) -> JSONResponse:
    """The answer, with whether it is one given before."""
    return JSONResponse(
        done.body, status_code=done.status, headers={REPLAYED: "true" if done.replayed else "false"}
    )


@router.post(
    "/applications",
    status_code=201,
    summary="导入申请 Bring a case",
    response_model=CaseOut,
    responses=problems(
        KeyReused, NotOnBehalf, AlreadyBrought, BadContent, MaterialRefused, StepNotYours, BadDetail, BadShape,
        GuardUnmet, attach.BadMaterialKind, TooMany,
    ),
)  # fmt: skip
def bring(body: ApplicationIn, key: Key, actor: Acting, request: Request) -> JSONResponse:
    """导入一件申请及其材料；submit 为真时同时提交。Bring a case with its materials, and hand it in unless submit is false."""
    take_turn(request, actor)
    with examined(body.materials) as materials, transaction(request) as session:
        brought = Brought(body.external_id.strip(), body.organisation, body.content(), materials, body.submit)

        def do() -> tuple[int, Any]:
            row = exchange.bring(session, actor, brought)
            session.flush()
            return 201, exchange.as_message(exchange.seen(session, actor, str(row.ref)))

        return answer(exchange.once(session, actor, key, ["applications", body.model_dump(mode="json")], do))


@router.post(
    "/results",
    summary="导入办理结果 Report a result",
    response_model=CaseOut,
    responses=problems(
        KeyReused, NoSuchApplication, Stale, NoReason, WrongState, StepNotYours, GuardUnmet, BadDetail, UnknownStep,
        ReportIncomplete,
    ),
)  # fmt: skip
def report(body: ResultIn, key: Key, actor: Acting, request: Request) -> JSONResponse:
    """办理一步，如登记其他部门的批准（record_approval）；与页面同样的权限和条件。A step of a case, such as another
    department's approval, under the same permissions and guards as on the pages."""
    with transaction(request) as session:

        def do() -> tuple[int, Any]:
            row = exchange.report(
                session, actor, body.number, body.step, reason=body.reason, version=body.version, details=body.details
            )  # fmt: skip
            session.flush()
            return 200, exchange.as_message(exchange.seen(session, actor, str(row.ref)))

        return answer(exchange.once(session, actor, key, ["results", body.model_dump(mode="json")], do))


@router.get("/applications", summary="导出案件与结果 Cases and results, as they change")
def changed(actor: Acting, session: Reading, limit: Limit = 50, cursor: Cursor = None) -> CasesOut:
    """按最后一步的先后；把 next 作为 cursor 接着读，即得此后有变化的案件。In the order of their last step: go on with
    `next` as `cursor` to be told what has changed since."""
    after = decode(cursor, int, 0)
    found, more = exchange.changed(session, actor, after=after, limit=min(limit, 100))
    items = [CaseOut(**exchange.as_message(case)) for _, case in found]
    return CasesOut(items=items, next=encode(found[-1][0] if found else after), more=more)


@router.get(
    "/applications/{number}",
    summary="一件的状态与结果 One case",
    responses=problems(NoSuchApplication),
)
def one(number: Annotated[str, PathParameter(max_length=60)], actor: Acting, session: Reading) -> CaseOut:
    """本单位的、由本系统导入的；工作人员可见全部。One's own side's, or one that one's system brought; all for officers."""
    return CaseOut(**exchange.as_message(exchange.seen(session, actor, number)))
