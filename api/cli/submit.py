"""./yudi submit: store files as submissions, wait for the verdict, print it as `check` does."""

from __future__ import annotations

import json
import sys
import threading
import time
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli._acting import acting as acting_as
from api.cli._terminal import WRONG_USE, file_bars, say
from api.cli.check import CrsOption, EncodingOption, Files, JsonLines, Lang, ProfileOption, RoleOption
from geo.problems import Problem
from geo.terms import Profile, SubmissionState, UserRole, Verdict

if TYPE_CHECKING:
    from uuid import UUID

    from api.security.person import Person
    from geo.reading.layers import ReadOptions

#: Exit codes (docs/contract.md).
FINE, REFUSED, INTERNAL = 0, 1, 3

#: Seconds between two looks at a submission, and until this process checks it itself where no worker lives.
LOOK_EVERY, PATIENCE = 0.2, 1.0
WAITING = (SubmissionState.RECEIVED.value, SubmissionState.INSPECTING.value)


def add(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command("submit", help="提交成果文件并等待检查结论 · Submit boundary files and wait for the verdict")(
        submit
    )


def submit(
    files: Files,
    profile: ProfileOption = Profile.TOWNSHIP,
    role: RoleOption = None,
    crs: CrsOption = None,
    encoding: EncodingOption = None,
    acting: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="LOGIN",
            help="由哪位测绘人员提交；默认唯一的测绘人员，或演示测绘员 · the surveyor",
        ),
    ] = None,
    replaces: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="修正哪一号提交 · number of the submission it mends")
    ] = None,
    as_json: JsonLines = False,
    lang: Lang = "zh",
) -> None:
    """提交成果文件，等待检查结论。退出码：0 可以接受，1 至少一个不通过或被拒绝，2 用法有误或文件不存在，3 内部故障。"""
    from api.cli import _database
    from api.readoptions import UploadOptionsIn

    if lang not in ("zh", "en"):
        raise typer.BadParameter("zh 或 en", param_hint="--lang")
    if replaces is not None and len(files) != 1:
        raise typer.BadParameter("只能配一个文件 · takes one file", param_hint="--replaces")
    options = _options(UploadOptionsIn, profile=profile, role=role, crs=crs, encoding=encoding)
    missing = [path for path in files if not path.is_file()]
    for path in missing:
        say(f"{path}：文件不存在 · no such file")
    code = WRONG_USE if missing else FINE
    if len(missing) < len(files):
        _database.ready()
        present = [path for path in files if path not in missing]
        code = max(code, _submit_all(present, options, acting, replaces, as_json, lang))
    raise typer.Exit(code)


def _options(kind: Any, **given: Any) -> ReadOptions:
    from pydantic import ValidationError

    if given["crs"]:
        given["crs"] = given["crs"].upper().removeprefix("EPSG:").strip()
    try:
        options: ReadOptions = kind.model_validate(given).to_options()
    except ValidationError as error:
        first = error.errors()[0]
        raise typer.BadParameter(first["msg"], param_hint=f"--{first['loc'][0]}") from None
    return options


def _submit_all(
    files: list[Path],
    options: ReadOptions,
    acting: str | None,
    replaces: int | None,
    as_json: bool,
    lang: str,
) -> int:
    from api.cli.report import write_report
    from geo.settings import district
    from geo.store.engine import sessions

    here = district()
    with sessions("app")() as session:
        actor = acting_as(session, acting, UserRole.SURVEYOR, or_administrator=False)
    code = FINE
    with file_bars() as bar:
        for path in files:
            try:
                number, report, failure = _submit_one(path, options, actor, replaces, bar(path.name))
            except Problem as problem:
                from api.cli.__main__ import code_of

                say(f"{path}：{problem.text.zh} · {problem.text.en}")
                code = max(code, code_of(problem))
                continue
            except Exception as error:  # the next file is still taken
                from api.cli.__main__ import unexpected

                say(f"{path}：没有提交完 · not submitted to the end")
                code = max(code, unexpected(error))
                continue
            say(f"{path}：已提交，第 {number} 号 · stored as submission {number}")
            if report is None:
                say(f"{path}：{failure['title']} · {failure['title_en']}")
                code = INTERNAL
                continue
            if report["verdict"] == Verdict.REJECT.value:
                code = max(code, REFUSED)
            if as_json:
                print(json.dumps(report, ensure_ascii=False, allow_nan=False), flush=True)
            else:
                write_report(report, sys.stdout, lang, here)
    return code


def _submit_one(
    path: Path, options: ReadOptions, actor: Person, replaces: int | None, progress: Any
) -> tuple[int, dict[str, Any] | None, dict[str, Any]]:
    """Store one file and wait. Returns its number, the object of `check` (None where the inspection
    failed), and the failure."""
    from api.acts import submit as acts
    from geo.settings import Limits
    from geo.store import submissions
    from geo.store.engine import sessions

    with TemporaryDirectory(prefix="yudi-submit-") as folder:
        whole = packed(path, Path(folder))
        limit = Limits.from_environment().upload_bytes
        if whole.stat().st_size > limit:
            from api.security.limits import BodyTooLarge

            raise BodyTooLarge(megabytes=limit // 1024**2)
        with sessions("app").begin() as session:
            before = None if replaces is None else submissions.by_number(session, replaces).id
            row = acts.submit(
                session, actor, filename=whole.name, path=whole, options=options, replaces=before
            )
            id, number, round_ = row.id, row.number, row.round
    _wait(id, round_, progress)
    with sessions("app")() as session:
        row = submissions.find(session, id)
        if row.state == SubmissionState.FAILED.value or row.report is None:
            return number, None, dict(row.failure or {})
        found = submissions.findings(session, row)
        # The database keeps a JSON object's members in an order of its own.
        report = {name: row.report.get(name) for name in ("file", "sha256", "profile", "verdict", "layers")}
        report["findings"] = [_plain(finding) for finding in found]
    return number, report, {}


def _plain(finding: dict[str, Any]) -> dict[str, Any]:
    """A finding of the store as the command line answers it: geometry as GeoJSON, without its key, its
    members in the contract's order."""
    from shapely.geometry import mapping

    shape = finding["geometry"]
    plain = {k: v for k, v in finding.items() if k not in ("key", "geometry", "source_geometry")}
    plain["geometry"] = None if shape is None else mapping(shape)
    order = (
        "code", "severity", "message", "message_en", "remedy", "remedy_en", "layer", "features", "ids", "geometry",
        "measure", "rule",
    )  # fmt: skip
    answer = {name: plain.get(name) for name in order}
    if finding.get("source_geometry") is not None:
        answer["source_geometry"] = finding["source_geometry"]
    return answer


def packed(path: Path, folder: Path) -> Path:
    """The file to send: a bare .shp goes as a zip with its siblings, everything else as it is."""
    if path.suffix.lower() != ".shp":
        return path
    whole = folder / f"{path.stem}.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as package:
        for sibling in sorted(path.parent.iterdir()):
            name = sibling.name.lower()
            if sibling.is_file() and name.startswith(f"{path.stem.lower()}.") and not name.endswith(".zip"):
                package.write(sibling, sibling.name)
    return whole


def _wait(id: UUID, round_: int, progress: Any) -> None:
    """Look at the submission until it is checked. Where no worker gives a sign of life, check it here; a
    worker that comes later finds it done."""
    from api.acts import inspect
    from geo.store import queue, submissions
    from geo.store.engine import sessions

    begun = time.monotonic()
    own: threading.Thread | None = None
    while True:
        with sessions("app")() as session:
            row = submissions.find(session, id)
            if row.state not in WAITING:
                progress(1.0)
                break
            progress(row.progress)
            alone = own is None and time.monotonic() - begun > PATIENCE and not queue.served(session)
        if alone:
            own = threading.Thread(target=inspect.inspect, args=(sessions("app"), id, round_), daemon=True)
            own.start()
        elif own is not None and not own.is_alive():
            own = None  # it stopped without an answer (the database away): the next look begins again
        time.sleep(LOOK_EVERY)
    if own is not None:
        own.join()
