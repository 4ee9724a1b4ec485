"""证据 evidence: the files that steps rest on, kept by SHA-256."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse

from api import intake
from api.doors import Acting, Reading, settings_of, transaction
from api.errors import problems
from api.intake import Incoming, NoFile, media_type
from api.security.limits import BodyTooLarge, CutOff
from geo.problems import NotFound
from geo.store import files
from geo.store.tables.people import StoredFile

router = APIRouter(prefix="/api/v1/evidence", tags=["evidence 证据"])


class EvidenceOut(BaseModel):
    """已保存的证据文件; name `sha256` in the step that rests on it."""

    sha256: str
    size: int
    media_type: str
    filename: str


@router.post(
    "",
    status_code=201,
    summary="上传证据文件 Upload a file",
    openapi_extra=intake.form_body(),
    responses=problems(NoFile, CutOff, BodyTooLarge),
)
async def upload(request: Request, actor: Acting) -> EvidenceOut:
    """上传一个证据文件，得到其 SHA-256，再在办理步骤时引用。Upload a file, then name its SHA-256 in a step."""
    async with intake.receive(request, limit=settings_of(request).evidence_bytes) as incoming:
        return await run_in_threadpool(_keep, request, incoming)


def _keep(request: Request, incoming: Incoming) -> EvidenceOut:
    with incoming.path.open("rb") as file:
        kind = media_type(file.read(16))
    with transaction(request) as session:
        row = files.keep(session, incoming.path, kind)
        return EvidenceOut(
            sha256=row.sha256, size=row.size, media_type=row.media_type, filename=incoming.filename
        )


@router.get(
    "/{sha256}",
    summary="下载证据文件 Download",
    response_class=FileResponse,
    responses=problems(NotFound, files.FileGone),
)
def download(sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")], session: Reading) -> FileResponse:
    """仅供有权人员查阅。For officers only; always a download, never shown inside this site."""
    return file_answer(session, sha256, sha256[:12])


def file_answer(session: Session, sha256: str, filename: str) -> FileResponse:
    """A kept file as a download. Raises NotFound where no record names it, FileGone where it is lost."""
    row = session.get(StoredFile, sha256)
    if row is None:
        raise NotFound()
    files.open_file(sha256).close()
    return FileResponse(files.place(sha256), media_type=row.media_type, filename=filename)
