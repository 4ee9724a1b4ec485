"""文书 documents of a case: PDF for the record, docx for officials to edit."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from starlette.responses import FileResponse

from api.acts import read_document as acts
from api.doors import Acting, Writing
from api.errors import problems
from geo.store import files
from geo.store.approvals import NoSuchApplication

router = APIRouter(prefix="/api/v1/applications/{number}/documents", tags=["documents 文书"])

Number = Annotated[
    str, Path(max_length=60, description="受理编号，草稿为其标识 Number of the case; of a draft its id")
]
Document = Annotated[int, Path(ge=1, le=2**62)]


@router.get(
    "/{document_id}.{form}",
    summary="下载文书 Download a document",
    response_class=FileResponse,
    responses=problems(NoSuchApplication, acts.NoSuchDocument, acts.NotMade, files.FileGone),
)
def download(
    number: Number, document_id: Document, form: Literal["pdf", "docx"], actor: Acting, session: Writing
) -> FileResponse:
    """申请人可取送达本人的文书；每次下载留有记录。The applicant gets those that are addressed to him; every download is
    noted in the audit trail."""
    sha256, filename = acts.read_document(session, actor, number, document_id, form)
    files.open_file(sha256).close()
    return FileResponse(
        files.place(sha256),
        media_type=acts.FORMS[form],
        filename=filename,
        content_disposition_type="attachment",
    )
