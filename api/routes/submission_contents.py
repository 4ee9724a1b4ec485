"""What is in a submission: its findings, features, original file, and its difference from what is in force."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from api import geojson
from api.doors import At, District, Reading
from api.errors import problems
from api.routes.submissions import Seen, plain
from geo.store import compared, files, submissions
from geo.store.submissions import NoSuchSubmission
from geo.terms import Role

router = APIRouter(prefix="/api/v1/submissions", tags=["submissions 成果提交"])


@router.get(
    "/{submission_id}/findings",
    summary="检查意见 Findings (GeoJSON)",
    response_class=Response,
    responses=problems(NoSuchSubmission),
)
def findings(row: Seen, session: Reading) -> Response:
    """每条意见一个要素，`properties` 即意见本身，另有 key 和 new。One feature a finding."""
    changes = submissions.changes(session, row)
    new = set(changes["new"]) if changes else set()
    found = submissions.findings(session, row)
    return geojson.collection({**finding, "new": finding["key"] in new} for finding in found)


@router.get(
    "/{submission_id}/findings.gpkg",
    summary="检查意见 Findings (GeoPackage)",
    response_class=FileResponse,
    responses=problems(NoSuchSubmission),
)
def findings_package(row: Seen, session: Reading) -> FileResponse:
    """在 QGIS 中打开即有样式。Opens styled in QGIS."""
    from geo.checks.package import write_package

    report = {**(row.report or {}), "findings": [plain(f) for f in submissions.findings(session, row)]}
    folder = tempfile.TemporaryDirectory(prefix="yudi-findings-")
    path = Path(folder.name) / "findings.gpkg"
    try:
        write_package(path, [report])
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        path,
        media_type="application/geopackage+sqlite3",
        filename=f"findings-{row.number}.gpkg",
        background=BackgroundTask(folder.cleanup),
    )


@router.get(
    "/{submission_id}/features",
    summary="成果要素 Features (GeoJSON)",
    response_class=Response,
    responses=problems(NoSuchSubmission),
)
def features(
    row: Seen,
    session: Reading,
    role: Annotated[Role | None, Query(description="只要这一类 Of one role only")] = None,
) -> Response:
    """文件中读出的要素，供地图显示。The features as read from the file, for the map."""
    return geojson.collection(submissions.features(session, row, role.value if role else None))


@router.get(
    "/{submission_id}/file",
    summary="原始文件 The original file",
    response_class=FileResponse,
    responses=problems(NoSuchSubmission, files.FileGone),
)
def original(row: Seen, session: Reading) -> FileResponse:
    """上传时的原始文件，按 SHA-256 保存。The bytes as they came, kept by SHA-256."""
    file = submissions.file_of(session, row.id)
    files.open_file(file.sha256).close()
    return FileResponse(
        files.place(file.sha256), media_type="application/octet-stream", filename=file.filename
    )


@router.get(
    "/{submission_id}/diff",
    summary="与现行成果的差别 Difference from what is published",
    response_model=None,
    responses=problems(NoSuchSubmission),
)
def difference(row: Seen, session: Reading, district: District, at: At) -> Any:
    """与现行成果（已接受的，则与接受前）的差别：哪块地归了谁、哪些折点动了多少、哪些界桩移了，附中英文句子。

    Against what is in force (or was before it was accepted): which ground changes hands, which vertices and
    markers moved and how far, with sentences in both languages."""
    return compared.difference_of(session, row, district=district, at=at).to_json()
