"""./yudi check: inspect and check files without a database (检查成果文件)."""

from __future__ import annotations

import codecs
import json
import sys
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli._terminal import WRONG_USE, file_bars, say, wrong
from geo.problems import Problem, Unavailable
from geo.terms import Profile, Role, Verdict

if TYPE_CHECKING:
    from geo.inspection import Surroundings
    from geo.reading.layers import ReadOptions

#: Exit codes (docs/contract.md).
FINE, REJECTED, INTERNAL = 0, 1, 3

# The options that ./yudi submit has as well.
Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE…", help="zip、gpkg、kml、kmz、geojson、xlsx、csv，或 .shp（自动带上同名文件）"
    ),
]
ProfileOption = Annotated[Profile, typer.Option(help="township 乡镇勘界成果；generic 任意界线文件")]
RoleOption = Annotated[
    Role | None, typer.Option(help="各图层的内容：界线、界桩、三交点、政区面；默认自动识别")
]
CrsOption = Annotated[str | None, typer.Option(metavar="EPSG", help="文件没有坐标系时指定，例如 4545")]
EncodingOption = Annotated[str | None, typer.Option(metavar="NAME", help="属性的文字编码，例如 gb18030")]
JsonLines = Annotated[bool, typer.Option("--json", help="每个文件一行 JSON")]
Lang = Annotated[str, typer.Option(help="文字报告的语言：zh 或 en · language of the report")]


def add(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command("check", help="检查成果文件，不需要数据库 · Check boundary files without a database")(check)


def check(
    files: Files,
    profile: ProfileOption = Profile.TOWNSHIP,
    role: RoleOption = None,
    crs: CrsOption = None,
    encoding: EncodingOption = None,
    findings: Annotated[
        Path | None, typer.Option(metavar="OUT.gpkg", help="把检查意见写成 GeoPackage，QGIS 打开即有样式")
    ] = None,
    as_json: JsonLines = False,
    lang: Lang = "zh",
) -> None:
    """检查成果文件。退出码：0 可以接受（含有提示的），1 至少一个不通过，2 用法有误或文件不存在，3 内部故障。"""
    options = _options(profile, role, crs, encoding)
    if lang not in ("zh", "en"):
        _refuse(f"--lang 只能是 zh 或 en，不是 {lang} · --lang is zh or en")
    if findings is not None:
        _writable(findings)
    raise typer.Exit(_check_all(files, options, findings, as_json, lang))


def _check_all(
    files: list[Path], options: ReadOptions, findings: Path | None, as_json: bool, lang: str
) -> int:
    from api.cli.report import write_report
    from geo.settings import Limits

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    _log_to_stderr()
    present = [f for f in files if _readable(f)]
    code = FINE
    for missing in (f for f in files if not _readable(f)):
        code = WRONG_USE
        if missing.is_dir():
            say(f"{missing}：是文件夹，请压缩成 zip 后再检查 · is a folder: zip it and check the zip")
        else:
            say(f"{missing}：文件不存在 · no such file")
    if not present:
        return code
    _start_reader()
    surroundings = surroundings_without_database(options.profile)
    reports: list[dict[str, Any]] = []
    with file_bars() as bar:
        for path in present:
            try:
                report = _inspect(path, options, Limits.from_environment(), surroundings, bar(path.name))
            except Exception as problem:  # the next file is still read
                code = INTERNAL
                _failed(path, problem)
                continue
            reports.append(report)
            if report["verdict"] == Verdict.REJECT.value:
                code = max(code, REJECTED)
            try:
                if as_json:
                    print(json.dumps(report, ensure_ascii=False, allow_nan=False), flush=True)
                else:
                    write_report(report, sys.stdout, lang, surroundings.district)
            except BrokenPipeError:
                # Whoever read the answers has gone (./yudi check … | head): the findings are still wanted.
                if findings is None:
                    raise
    if findings is not None:
        from geo.checks.package import write_package

        write_package(findings, reports)
        say(f"检查意见已写入 {findings} · findings written")
    return code


def _start_reader() -> None:
    """Let the reading process make its imports while this one makes its own: half of the waiting is gone."""
    import threading

    from geo.reading import apart

    def start() -> None:
        # What is wrong is said when the first file is read.
        with suppress(Unavailable):
            apart.start()

    threading.Thread(target=start, daemon=True).start()


def _readable(path: Path) -> bool:
    """A file, or the folder that a FileGDB is."""
    return path.is_file() or (path.is_dir() and path.suffix.lower() == ".gdb")


def _failed(path: Path, problem: Exception) -> None:
    """Say that a file was not checked, and why it was not the file's fault."""
    from api.cli.__main__ import unexpected

    say(f"{path}：没有检查完 · not checked")
    if isinstance(problem, Problem):
        say(f"{problem.text.zh} · {problem.text.en}")
    else:
        unexpected(problem)


def _log_to_stderr() -> None:
    """A check that fails is logged; standard output is for the answer alone."""
    import logging

    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def _inspect(
    path: Path, options: ReadOptions, limits: Any, surroundings: Surroundings, told: Any
) -> dict[str, Any]:
    from geo.inspection import inspect_apart

    answer = inspect_apart(
        path, options, limits, surroundings, progress=lambda _, share: told(share), features=False
    )
    report = dict(answer.report)
    # The key is the store's affair: the command line answers with the contract's object alone.
    report["findings"] = [{k: v for k, v in f.items() if k != "key"} for f in report["findings"]]
    return report


def surroundings_without_database(profile: Profile = Profile.TOWNSHIP) -> Surroundings:
    """What is known without a database: the district's settings, its tolerances and its unit lists.

    Any file from anywhere (generic) is not held against units, and their tables take half a second to load.

    Where the district was abolished by the as-of date and none was set by hand, units are read on the
    district's last day: what was surveyed under it stays citable under its old codes.
    """
    from geo.inspection import Surroundings
    from geo.settings import as_of, district

    here = district()
    at: date = as_of()
    if profile is Profile.GENERIC:
        return Surroundings(district=here, as_of=at)
    from geo.boundaries.unit_lists import in_force, unit_lists, units_of

    units = units_of(here.code, at)
    rows = unit_lists()
    own = rows[(rows["level"] == "township") & (rows["parent"] == here.code)]
    if len(own) and in_force(own, at).empty:
        ends = [end for end in own["valid_to"] if end is not None and end <= at]
        at = max(ends) - timedelta(days=1) if ends else min(own["valid_from"])
    return Surroundings(district=here, units=units, as_of=at)


def _options(profile: Profile, role: Role | None, crs: str | None, encoding: str | None) -> ReadOptions:
    from geo.reading.layers import ReadOptions

    number: int | None = None
    if crs is not None:
        import pyproj

        plain = crs.upper().removeprefix("EPSG:").strip()
        if not plain.isdigit():
            _refuse(f"--crs 要 EPSG 编号，例如 4545，不是 {crs} · --crs takes an EPSG number")
        number = int(plain)
        try:
            pyproj.CRS.from_epsg(number)
        except pyproj.exceptions.CRSError:
            _refuse(f"--crs：没有编号为 {number} 的坐标系 · no reference system EPSG:{number}")
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError:
            _refuse(f"--encoding：不认识编码 {encoding}，可用 gb18030、utf-8、big5 · unknown encoding")
    return ReadOptions(profile=profile, role=role, crs=number, encoding=encoding)


def _writable(path: Path) -> None:
    if path.suffix.lower() != ".gpkg":
        _refuse(f"--findings 的文件名要以 .gpkg 结尾，不是 {path.name} · the name has to end in .gpkg")
    if not path.absolute().parent.is_dir():
        _refuse(f"--findings：文件夹 {path.parent} 不存在 · no such folder")
    if path.is_dir():
        _refuse(f"--findings：{path} 是文件夹 · is a folder")


def _refuse(sentence: str) -> None:
    raise wrong(sentence)
