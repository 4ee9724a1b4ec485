"""./yudi names import and ./yudi names export: the register from and to files."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli._acting import acting as acting_as
from api.cli._tables import (
    Crs,
    DryRun,
    Encoding,
    File,
    Json,
    Origin,
    Pairs,
    Report,
    Sheet,
    pairs,
    problems_as_json,
    table_of,
    write_report,
)
from api.cli._terminal import row_bar, wrong
from geo.terms import UserRole


def attach(names: typer.Typer) -> None:
    """Put both commands into the group of names."""
    names.command("import")(bring_in)
    names.command("export")(export)


def bring_in(
    file: File,
    mapping: Annotated[
        Path | None, typer.Option(help="列对应 JSON：{我们的项目: 文件的列} · mapping as JSON")
    ] = None,
    given: Pairs = None,
    dry_run: DryRun = False,
    document: Annotated[
        str | None, typer.Option(help="本批依据的批准文件 · the approval this file rests on")
    ] = None,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="批准文件的日期 · the document's date")
    ] = None,
    source: Origin = None,
    status: Annotated[
        str | None, typer.Option(help="没有状态列时的地名状态 · standing of rows that give none")
    ] = None,
    category: Annotated[
        str | None, typer.Option(help="没有类别列时的类别 · category of rows that give none")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="没有政区列时的政区代码 · unit of rows that give none")
    ] = None,
    report: Report = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    crs: Crs = None,
    acting: Annotated[
        str | None, typer.Option("--as", metavar="LOGIN", help="由哪位地名登记员导入 · the registrar")
    ] = None,
    as_json: Json = False,
) -> None:
    """把地名文件导入登记簿；标准地名须有 --document。退出码 1：有行未入库 · Import names; standard ones need --document. Exit code 1: rows were refused."""
    from dataclasses import replace

    from api.acts import import_names
    from api.cli import _database
    from geo.names.register_cells import status_of
    from geo.names.register_rows import Batch
    from geo.reading.rows import BadCell, date_of
    from geo.settings import Limits
    from geo.store.engine import sessions

    chosen = _chosen(mapping, given)
    try:
        day = date_of(on) if on else None
        standing = status_of(status) if status else None
    except BadCell as error:
        raise wrong(f"{on if on and not status else status}：{error.text.zh} · {error.text.en}") from None
    batch = Batch(document, day, source, standing, _category(category), unit)
    limits = Limits.from_environment()
    # A whole country is a file that an upload may not be.
    limits = replace(limits, upload_bytes=max(limits.upload_bytes, 2 << 30), unpacked_bytes=max(limits.unpacked_bytes, 4 << 30),
                     vertices=max(limits.vertices, 4_000_000), cpu_seconds=600, wall_seconds=900)  # fmt: skip
    with table_of(file, encoding=encoding, crs=crs, sheet=sheet, limits=limits) as table:
        _database.ready()
        with sessions("app")() as session, row_bar(table.found["rows"]) as progress:
            actor = acting_as(session, acting, UserRole.REGISTRAR)
            try:
                done, used = import_names.bring_in(
                    session, actor, table, file=file.name, chosen=chosen, batch=batch, progress=progress
                )
                session.rollback() if dry_run else session.commit()
            except BaseException:
                session.rollback()
                raise
    if report is not None:
        write_report(report, done.problems)
    _say(done, used, as_json=as_json, dry=dry_run, report=report, sha256=table.sha256)
    raise typer.Exit(1 if done.refused else 0)


def _category(word: str | None) -> Any:
    from geo.names.categories import Category, category_named

    try:
        return category_named(word)
    except ValueError:
        raise wrong(
            f"没有类别“{word}”，可用 · no such category, use one of: " + "、".join(c.value for c in Category)
        ) from None


def _chosen(mapping: Path | None, given: list[str] | None) -> dict[str, str]:
    chosen: dict[str, str] = {}
    if mapping is not None:
        try:
            read = json.loads(mapping.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            raise wrong(f"没有这个文件 · no such file: {mapping}") from None
        except ValueError:
            raise wrong(f"{mapping} 不是 JSON · is no JSON") from None
        if not isinstance(read, dict) or not all(isinstance(v, str) for v in read.values()):
            raise wrong(f"{mapping} 应为 {{我们的项目: 文件的列}} · must be an object of column names")
        chosen |= read
    return chosen | pairs(given)


def _say(
    done: Any, used: dict[str, str], *, as_json: bool, dry: bool, report: Path | None, sha256: str
) -> None:
    from geo.names.register import columns
    from geo.reading.rows import shown

    if as_json:
        problems = problems_as_json(done.problems[:1000])
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
    as_json: Json = False,
) -> None:
    """导出登记簿，导出的 CSV 可原样导回 · Export the register; its CSV comes back in without a change."""
    from api.cli import _database
    from geo.settings import as_of
    from geo.store import name_export
    from geo.store.engine import sessions

    try:
        day = date.fromisoformat(at) if at else as_of()
    except ValueError:
        raise wrong(f"--at 应为 2024-12-31 这样的日期 · --at is a date such as 2024-12-31: {at}") from None
    kind = _category(category)
    _database.ready()
    if out.name.lower().endswith(".lpf.json"):
        if unit or kind:
            raise wrong(
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

    from api.name_files import on_date, write_linked_places
    from geo.settings import district
    from geo.store.engine import sessions

    base = os.environ.get("YUDI_PUBLIC_URL") or "http://127.0.0.1:8000"
    with sessions("public")() as session:
        return write_linked_places(session, out, on_date(day, base, district().name))
