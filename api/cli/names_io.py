"""./yudi names import and ./yudi names export: the register from and to files."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer


def attach(names: typer.Typer) -> None:
    """Put both commands into the group of names."""
    names.command("import")(bring_in)
    names.command("export")(export)


def _wrong(sentence: str) -> typer.Exit:
    typer.echo(sentence, err=True)
    return typer.Exit(2)


def bring_in(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV、Excel、GeoPackage、GeoJSON、shapefile 的 zip 或 .shp")
    ],
    mapping: Annotated[
        Path | None, typer.Option(help="列对应 JSON：{我们的项目: 文件的列} · mapping as JSON")
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="OUR=THEIRS",
            help="列对应，可多次给出；name= 表示不取 · one pair, may be repeated",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只试，不入库 · do everything but keep it")
    ] = False,
    document: Annotated[
        str | None, typer.Option(help="本批依据的批准文件 · the approval this file rests on")
    ] = None,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="批准文件的日期 · the document's date")
    ] = None,
    source: Annotated[str | None, typer.Option(help="资料来源 · where the file comes from")] = None,
    status: Annotated[
        str | None, typer.Option(help="没有状态列时的地名状态 · standing of rows that give none")
    ] = None,
    category: Annotated[
        str | None, typer.Option(help="没有类别列时的类别 · category of rows that give none")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="没有政区列时的政区代码 · unit of rows that give none")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="OUT.csv", help="把未入库的行写到此文件 · write the bad rows here")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="工作表或图层 · sheet or layer")] = None,
    encoding: Annotated[str | None, typer.Option(help="文字编码 · text encoding")] = None,
    crs: Annotated[
        int | None, typer.Option(metavar="EPSG", help="没有坐标系时指定 · system where the file has none")
    ] = None,
    acting: Annotated[
        str | None, typer.Option("--as", metavar="LOGIN", help="由哪位地名登记员导入 · the registrar")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 答复 · answer as JSON")] = False,
) -> None:
    """把地名文件导入登记簿；标准地名须有 --document。退出码 1：有行未入库 · Import names; standard ones need --document. Exit code 1: rows were refused."""
    import tempfile
    from dataclasses import replace

    from api.acts import import_names
    from api.cli import _database
    from api.cli.submit import packed
    from geo.names.register_cells import status_of
    from geo.names.register_rows import Batch
    from geo.reading.rows import BadCell, date_of
    from geo.reading.rows import report as lines
    from geo.settings import Limits
    from geo.settings import district as configured
    from geo.store.engine import sessions

    if not file.is_file():
        raise _wrong(f"没有这个文件 · no such file: {file}")
    _quiet()
    chosen = _chosen(mapping, given)
    try:
        day = date_of(on) if on else None
        standing = status_of(status) if status else None
    except BadCell as error:
        raise _wrong(f"{on if on and not status else status}：{error.text.zh} · {error.text.en}") from None
    batch = Batch(document, day, source, standing, _category(category), unit)
    limits = Limits.from_environment()
    # A whole country is a file that an upload may not be.
    limits = replace(limits, upload_bytes=max(limits.upload_bytes, 2 << 30), unpacked_bytes=max(limits.unpacked_bytes, 4 << 30),
                     vertices=max(limits.vertices, 4_000_000), cpu_seconds=600, wall_seconds=900)  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="yudi-names-") as folder:
        whole = packed(file, Path(folder))
        table = import_names.read(whole, whole.name, encoding=encoding, crs=crs, sheet=sheet, limits=limits)
    _database.ready()
    with table.rows, sessions("app")() as session, _bar(table.found["rows"]) as progress:
        actor = registrar(session, acting, configured().code)
        try:
            done, used = import_names.bring_in(
                session, actor, table, file=file.name, chosen=chosen, batch=batch, progress=progress
            )
            session.rollback() if dry_run else session.commit()
        except BaseException:
            session.rollback()
            raise
    if report is not None:
        with report.open("w", encoding="utf-8-sig", newline="") as out:
            csv.writer(out).writerows(lines(sorted(done.problems, key=lambda p: p.row)))
    _say(done, used, as_json=as_json, dry=dry_run, report=report, sha256=table.sha256)
    raise typer.Exit(1 if done.refused else 0)


def _quiet() -> None:
    """What the reading process says is for the error stream: standard output is the answer's."""
    import structlog

    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))


def _category(word: str | None) -> Any:
    from geo.names.categories import Category, category_named

    try:
        return category_named(word)
    except ValueError:
        raise _wrong(
            f"没有类别“{word}”，可用 · no such category, use one of: " + "、".join(c.value for c in Category)
        ) from None


def _chosen(mapping: Path | None, given: list[str] | None) -> dict[str, str]:
    chosen: dict[str, str] = {}
    if mapping is not None:
        try:
            read = json.loads(mapping.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            raise _wrong(f"没有这个文件 · no such file: {mapping}") from None
        except ValueError:
            raise _wrong(f"{mapping} 不是 JSON · is no JSON") from None
        if not isinstance(read, dict) or not all(isinstance(v, str) for v in read.values()):
            raise _wrong(f"{mapping} 应为 {{我们的项目: 文件的列}} · must be an object of column names")
        chosen |= read
    for pair in given or ():
        ours, sign, theirs = pair.partition("=")
        if not sign:
            raise _wrong(f"--map 的写法是 项目=列名 · --map is written OUR=THEIRS: {pair}")
        chosen[ours.strip()] = theirs.strip()
    return chosen


def registrar(session: Any, login: str | None, district: str) -> Any:
    """Who imports: the one named, the only registrar there is, else the only administrator."""
    from api.acts import administer
    from api.security.sessions import person_of
    from geo.store import people
    from geo.terms import UserRole

    if login is not None:
        return administer.acting_user(session, login, district)
    for role in (UserRole.REGISTRAR, UserRole.ADMINISTRATOR):
        known = people.users_with(session, role, district)
        real, demo = [u for u in known if not u.demo], [u for u in known if u.demo]
        if len(real) == 1 or (not real and demo):
            return person_of((real or demo)[0], district)
    raise typer.BadParameter(
        "请用 --as LOGIN 指明由哪位登记员导入 · name the registrar with --as LOGIN", param_hint="--as"
    )


def _say(
    done: Any, used: dict[str, str], *, as_json: bool, dry: bool, report: Path | None, sha256: str
) -> None:
    from geo.names.register import columns
    from geo.reading.rows import shown

    if as_json:
        problems = [
            {
                "row": p.row,
                "column": p.column,
                "value": shown(p.value),
                "problem": p.text.zh,
                "problem_en": p.text.en,
            }
            for p in done.problems[:1000]
        ]
        answer = {"sha256": sha256, "dry_run": dry, "mapping": used, **done.counts(), "problems": problems}
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    typer.echo("列对应 · columns: " + "，".join(f"{columns()[k].title.zh}={v}" for k, v in used.items()))
    counts = done.counts()
    words = {
        "rows": "读到 rows", "new": "新增 new", "changed": "更改 changed", "unchanged": "未变 unchanged", "refused": "未入库 refused",
        "renamed": "更名 renamed", "other_names": "别名等 other names", "uncertain_readings": "读音待定 uncertain readings",
        "spelled_otherwise": "拼写与规则不同 spelled otherwise",
    }  # fmt: skip
    typer.echo(
        ("试运行，未入库 · dry run, nothing kept\n" if dry else "")
        + "  ".join(f"{words[k]} {v}" for k, v in counts.items())
    )
    for p in sorted(done.problems, key=lambda p: p.row)[:20]:
        typer.echo(f"  第 {p.row} 行 row {p.row} · {p.column}“{shown(p.value)}”：{p.text.zh} · {p.text.en}")
    if len(done.problems) > 20 and report is None:
        typer.echo(
            f"  … 共 {len(done.problems)} 处，用 --report OUT.csv 写出全部 · write them all with --report"
        )


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal's error stream; nothing anywhere else."""
    if not sys.stderr.isatty():
        yield lambda rows: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*shown, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("导入 import", total=total)
        yield lambda rows: bars.update(task, completed=rows)


def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help=".csv .xlsx .gpkg .geojson .shp.zip .lpf.json")],
    public: Annotated[
        bool, typer.Option("--public", help="只含公开的内容 · only what everybody may see")
    ] = False,
    unit: Annotated[str | None, typer.Option(help="政区代码 · code of a unit")] = None,
    category: Annotated[str | None, typer.Option(help="类别 · one category")] = None,
    at: Annotated[
        str | None, typer.Option(metavar="DATE", help="在哪一天有效 · in force on this date")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 答复 · answer as JSON")] = False,
) -> None:
    """导出登记簿，导出的 CSV 可原样导回 · Export the register; its CSV comes back in without a change."""
    from api.cli import _database
    from geo.settings import as_of
    from geo.store import name_export
    from geo.store.engine import sessions

    try:
        day = date.fromisoformat(at) if at else as_of()
    except ValueError:
        raise _wrong(f"--at 应为 2024-12-31 这样的日期 · --at is a date such as 2024-12-31: {at}") from None
    kind = _category(category)
    _database.ready()
    if out.name.lower().endswith(".lpf.json"):
        if unit or kind:
            raise _wrong(
                "Linked Places 只能整库导出 · Linked Places holds the whole register: drop --unit, --category"
            )
        count, public = _linked_places(out, day), True
    else:
        with sessions("public" if public else "app")() as session:
            found = name_export.rows(session, public=public, at=day, unit=unit, category=kind and kind.value)
            count = name_export.write(found, out)
    answer = {"file": str(out), "names": count, "at": day.isoformat(), "public": public}
    typer.echo(
        json.dumps(answer, ensure_ascii=False)
        if as_json
        else f"已导出 {count} 个地名 · exported {count} names: {out}"
    )


def _linked_places(out: Path, day: date) -> int:
    """The public part in Linked Places format, names of all times; how many places."""
    import os

    from api.routes.name_exports import on_date, write_linked_places
    from geo.settings import district
    from geo.store.engine import sessions

    base = os.environ.get("YUDI_PUBLIC_URL") or "http://127.0.0.1:8000"
    with sessions("public")() as session:
        return write_linked_places(session, out, on_date(day, base, district().name))
