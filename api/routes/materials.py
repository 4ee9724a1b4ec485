"""申请材料 materials: the files of a case, looked at as they come, shown or downloaded with safe headers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse

from api import case_files, intake
from api.acts import attach
from api.doors import Acting, Reading, Writing
from api.errors import problems
from api.intake import NoFile
from api.security.limits import BodyTooLarge, CutOff
from geo.approvals import materials as rules
from geo.names.categories import Category
from geo.problems import TooMany
from geo.reading.materials import MaterialRefused
from geo.settings import MaterialLimits
from geo.store import files, materials
from geo.store.approvals import NoSuchApplication
from geo.store.tables import ApplicationMaterial
from geo.terms import ApplicationAction

router = APIRouter(prefix="/api/v1/applications/{number}/materials", tags=["materials 申请材料"])

Number = Annotated[
    str, Path(max_length=60, description="受理编号，草稿为其标识 Number of the case; of a draft its id")
]
Material = Annotated[int, Path(ge=1, le=2**62)]
BODY = intake.form_body(
    required=("kind",), kind={"type": "string", "description": "材料种类 one of `requirements[].kind`"}
)


class MaterialOut(BaseModel):
    """一份材料."""

    id: int
    kind: str
    kind_name: str
    kind_name_en: str
    filename: str
    sha256: str
    media_type: str
    inline: bool = Field(
        description="能否在浏览器内查看 Whether it may be shown in the browser; else a download"
    )
    pages: int | None
    added_at: datetime


class RequirementOut(BaseModel):
    """一项应交材料."""

    kind: str
    title: str
    title_en: str
    fields: list[str] = Field(description="填写这些栏目即可代替文件 Form fields that do instead of a file")
    needed: str = Field(description="always 必交, review 审查中形成, optional 可选")
    missing: bool
    source: str


class MaterialsOut(BaseModel):
    """案件的材料，以及还缺的全部材料 The files of a case, and everything that is still missing."""

    items: list[MaterialOut]
    requirements: list[RequirementOut]


def shown(material: ApplicationMaterial) -> MaterialOut:
    """A material as its answer."""
    title = rules.titles()[material.kind]
    return MaterialOut(
        id=material.id, kind=material.kind, kind_name=title.zh, kind_name_en=title.en, filename=material.filename,
        sha256=material.sha256, media_type=material.media_type, inline=material.inline, pages=material.pages,
        added_at=material.added_at,
    )  # fmt: skip


@router.get("", summary="材料清单 Files and what is missing", responses=problems(NoSuchApplication))
def listed(number: Number, actor: Acting, session: Reading) -> MaterialsOut:
    """案件的材料和应交材料；缺少的一次列全。The files of a case and what has to be handed in, all at once."""
    row = attach.seen(session, actor, number)
    given = materials.of_case(session, row.id)
    owed = {need.kind for need in attach.still_missing(row, given)}
    needs = rules.requirements(Category(row.category), ApplicationAction(row.action))
    return MaterialsOut(
        items=[shown(m) for m in given],
        requirements=[
            RequirementOut(
                kind=n.kind, title=n.title.zh, title_en=n.title.en, fields=list(n.fields), source=n.source,
                needed="optional" if n.optional else "review" if n.demanded else "always", missing=n.kind in owed,
            )
            for n in needs
        ],
    )  # fmt: skip


@router.post(
    "",
    status_code=201,
    summary="提交一份材料 Hand in a file",
    openapi_extra=BODY,
    responses=problems(
        NoFile, CutOff, BodyTooLarge, MaterialRefused, NoSuchApplication, attach.NotNow, attach.OnlyApplicant,
        attach.BadMaterialKind, attach.TooManyMaterials, TooMany,
    ),
)  # fmt: skip
async def upload(number: Number, request: Request, actor: Acting) -> MaterialOut:
    """按内容判断类型，在受限进程中检查；图片去除拍摄信息。The content decides the type, read in a limited process; a
    picture is kept without what the camera wrote beside it."""
    await run_in_threadpool(case_files.take_turn, request, actor)
    most = MaterialLimits.from_environment()
    async with intake.receive(request, limit=most.bytes) as incoming:
        return await run_in_threadpool(case_files.keep, request, actor, number, incoming, most, shown)


@router.get(
    "/{material_id}",
    summary="查看或下载 Look at or download",
    response_class=FileResponse,
    responses=problems(NoSuchApplication, materials.NoSuchMaterial, files.FileGone),
)
def read(
    number: Number,
    material_id: Material,
    actor: Acting,
    session: Writing,
    request: Request,
    download: Annotated[bool, Query(description="总是下载 Always as a download")] = False,
) -> FileResponse:
    """PDF 和图片可在浏览器内查看，其余下载；每次查阅留有记录。PDF and pictures may be shown in place, the rest is a
    download; every look is noted in the audit trail."""
    material = attach.read(session, actor, number, material_id)
    files.open_file(material.sha256).close()
    inline = material.inline and not download
    if inline:
        request.state.uploaded = True
    return FileResponse(
        files.place(material.sha256),
        media_type=material.media_type,
        filename=material.filename,
        content_disposition_type="inline" if inline else "attachment",
    )


@router.delete(
    "/{material_id}",
    status_code=204,
    summary="取回材料 Take a file back",
    responses=problems(NoSuchApplication, materials.NoSuchMaterial, attach.NotNow, attach.OnlyApplicant),
)
def remove(number: Number, material_id: Material, actor: Acting, session: Writing) -> Response:
    """仅在草稿或补正时由申请单位取回；记录保留。By the applicant, while it is a draft or being supplemented; the row stays."""
    attach.take_back(session, actor, number, material_id)
    return Response(status_code=204)
