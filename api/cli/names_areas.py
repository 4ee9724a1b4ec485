"""./yudi names built-up, end-built-up: built-up areas (建成区) from a file, and their end."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from api.cli._acting import acting as acting_as
from api.cli._tables import Crs, DryRun, Json, Sheet, problems_as_json, table_of
from api.cli._terminal import quiet, wrong
from geo.terms import UserRole


def attach(names: typer.Typer) -> None:
    """Put the commands into the group of names."""
    names.command("built-up")(built_up)
    names.command("end-built-up")(end_built_up)


def built_up(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="GeoPackage、GeoJSON、KML、shapefile 的 zip 或 .shp")
    ],
    document: Annotated[str, typer.Option(help="范围所依据的文件 · the document that the areas rest on")],
    on: Annotated[
        str, typer.Option(metavar="DATE", help="文件日期，范围自此生效 · its date, from which they hold")
    ],
    name: Annotated[str | None, typer.Option(metavar="COLUMN", help="名称列 · the column of names")] = None,
    code: Annotated[str | None, typer.Option(metavar="COLUMN", help="代码列 · the column of codes")] = None,
    sheet: Sheet = None,
    crs: Crs = None,
    dry_run: DryRun = False,
    acting: Annotated[
        str | None, typer.Option("--as", metavar="LOGIN", help="由哪位登记员导入 · the registrar")
    ] = None,
    as_json: Json = False,
) -> None:
    """导入建成区范围，道路、住宅区、楼宇在其中查重 · Import built-up areas, in which streets and estates must not share a name."""
    from api.acts import import_built_up
    from api.cli import _database
    from geo.store.engine import sessions

    day = _day(on)
    with table_of(file, sheet=sheet, crs=crs) as table:
        _database.ready()
        with sessions("app")() as session:
            actor = acting_as(session, acting, UserRole.REGISTRAR)
            done = import_built_up.bring_in(
                session, actor, table, file=file.name, document=document, on=day, name=name, code=code
            )
            session.rollback() if dry_run else session.commit()
    problems = problems_as_json(done.problems)
    if as_json:
        typer.echo(
            json.dumps({**done.counts(), "dry_run": dry_run, "problems": problems}, ensure_ascii=False)
        )
    else:
        told = done.counts()
        typer.echo(
            f"建成区：新增 {told['new']}，变更 {told['changed']}，未变 {told['unchanged']}，未入库 {told['refused']} · "
            f"{told['new']} new, {told['changed']} changed, {told['unchanged']} as before, {told['refused']} refused"
            + ("（试运行，未入库 · dry run, nothing kept）" if dry_run else "")
        )
        for p in problems:
            typer.echo(f"  {p['row']}  {p['value']}  {p['problem']} · {p['problem_en']}")
    raise typer.Exit(1 if problems else 0)


def end_built_up(
    code: Annotated[str, typer.Argument(metavar="CODE", help="建成区代码 · code of the area")],
    document: Annotated[str, typer.Option(help="所依据的文件 · the document that it rests on")],
    on: Annotated[str, typer.Option(metavar="DATE", help="废止日期 · the day it ends")],
    acting: Annotated[
        str | None, typer.Option("--as", metavar="LOGIN", help="由哪位登记员办理 · the registrar")
    ] = None,
    as_json: Json = False,
) -> None:
    """废止一个建成区，历史保留 · End a built-up area; its history stays."""
    from api.acts import import_built_up
    from api.cli import _database
    from geo.store.engine import sessions

    quiet()
    day = _day(on)
    _database.ready()
    with sessions("app").begin() as session:
        actor = acting_as(session, acting, UserRole.REGISTRAR)
        name = import_built_up.end(session, actor, code, document=document, on=day)
    if as_json:
        typer.echo(json.dumps({"code": code, "name": name, "ended": day.isoformat()}, ensure_ascii=False))
        return
    typer.echo(f"建成区“{name}”自 {day} 起废止 · the built-up area “{name}” ends on {day}")


def _day(given: str) -> date:
    from geo.reading.rows import BadCell, date_of

    try:
        return date_of(given)
    except BadCell as error:
        raise wrong(f"{given}：{error.text.zh} · {error.text.en}") from None
