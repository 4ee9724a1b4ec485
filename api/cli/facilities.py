"""./yudi facilities: the register of facilities, monthly figures, streets, communities and areas, from files."""

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
from geo import days
from geo.terms import UserRole

As = Annotated[
    str | None, typer.Option("--as", metavar="LOGIN", help="由哪位设施管理员办理 · the facility editor")
]
Source = Annotated[str, typer.Option("--source", help="资料来源 · where it comes from")]
Dated = Annotated[str, typer.Option("--dated", metavar="DATE", help="资料日期 · the date of it")]


def add(app: typer.Typer) -> None:
    """Hang the group into the program."""
    group = typer.Typer(
        help="设施：养老服务设施等 · Facilities: elderly care and others", no_args_is_help=True
    )
    app.add_typer(group, name="facilities")

    @group.callback()
    def facilities() -> None:
        """设施 · Facilities."""

    group.command("import")(bring_in)
    group.command("figures")(figures)
    group.command("streets")(streets)
    group.command("communities")(communities)
    group.command("areas")(areas)


def _editor(session: Any, login: str | None) -> Any:
    return acting_as(session, login, UserRole.FACILITY_EDITOR)


def bring_in(
    file: File,
    given: Pairs = None,
    kind: Annotated[str | None, typer.Option(help="没有类别列时的类别 · kind of rows that give none")] = None,
    source: Origin = None,
    dry_run: DryRun = False,
    report: Report = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    crs: Crs = None,
    anywhere: Annotated[bool, typer.Option("--anywhere", help="不查是否在本区范围 · do not ask whether it lies in the district")] = False,
    unit: Annotated[str | None, typer.Option(help="没有社区（村）时的单位代码 · unit of rows that give none")] = None,
    acting: As = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """导入设施；有问题的行写入报告，其余入库。退出码 1：有行未入库 · Import facilities; exit code 1: rows were refused."""
    from api import care
    from api.acts import import_facilities
    from api.cli import _database
    from geo.facilities.kinds import kind_named
    from geo.settings import as_of, district
    from geo.store.engine import sessions

    code = None
    if kind is not None and (found := kind_named(kind)) is None:
        raise wrong(f"没有类别“{kind}” · no such kind")
    elif kind is not None and found is not None:
        code = found.code
    chosen = pairs(given)
    with table_of(file, encoding=encoding, sheet=sheet, crs=crs) as table:
        _database.ready()
        with sessions("app")() as session, row_bar(table.found["rows"]) as progress:
            actor, at, of = _editor(session, acting), as_of(), district()
            finder = care.unit_finder(session, of.code, at)

            def unit_of(word: str, place: tuple[float, float] | None) -> str | None:
                return finder(word, place) or (unit if not word else None)

            try:
                done, used = import_facilities.bring_in(
                    session, actor, table, file=file.name, unit_of=unit_of, chosen=chosen, kind=code, source=source,
                    box=None if anywhere else of.box, progress=progress,
                )  # fmt: skip
                session.rollback() if dry_run else session.commit()
            except BaseException:
                session.rollback()
                raise
    told(done, used, report, as_json, dry_run)


def figures(file: File, acting: As = None, as_json: Json = False) -> None:
    """导入月报数：列 指标、镇街、月份、数值 · Import monthly figures."""
    from api import care
    from api.acts import enter_figures
    from api.cli import _database
    from geo.settings import as_of, district
    from geo.store.engine import sessions

    with table_of(file) as table:
        _database.ready()
        with sessions("app").begin() as session:
            names = care.townships(session, district().code, as_of())
            done = enter_figures.bring_in(
                session, _editor(session, acting), table, file=file.name, names=names
            )
    told(done, {}, None, as_json, False)


def streets(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=".osm .osm.pbf（可 .gz）或线图层 · or a layer of lines")],
    source: Source = "",
    dated: Dated = "",
    dem: Annotated[list[Path] | None, typer.Option("--dem", metavar="TILE", help="SRTM 瓦片 .hgt（可 .zip），可多次 · an SRTM tile")] = None,
    acting: As = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """导入步行路网（docs/walking.md） · Bring a street network in."""
    import numpy as np

    from api.acts import edit_areas
    from api.cli import _database
    from geo.store.engine import sessions
    from geo.walking import heights, lines
    from geo.walking.network import build

    if not file.exists():
        raise wrong(f"没有这个文件 · no such file: {file}")
    day = _day(dated)
    try:
        tiles = [heights.tile(path) for path in dem or ()]
    except (OSError, ValueError) as error:
        raise wrong(f"{error}") from None

    def ground(lon: Any, lat: Any) -> Any:
        out = np.full(len(lon), np.nan)
        for tile in tiles:
            found = tile(lon, lat)
            out = np.where(np.isfinite(out), out, found)
        return out

    network = build(lines.read_any(file, source, day.isoformat()), ground)
    _database.ready()
    with sessions("app").begin() as session:
        row = edit_areas.bring_in_streets(
            session,
            _editor(session, acting),
            network,
            dated=day,
            source=source or network.source,
            file=file.name,
        )
        said = {"nodes": row.nodes, "edges": row.edges, "dated": row.dated.isoformat(), "source": row.source}
    _out(said, as_json)


def communities(
    file: File, source: Source = "", dated: Dated = "", acting: As = None, as_json: Json = False,
    code: Annotated[str, typer.Option("--code", help="代码列 · column of the code")] = "code",
    name: Annotated[str, typer.Option("--name", help="名称列 · column of the name")] = "name",
    elders: Annotated[str, typer.Option("--elders", help="60 岁以上人数列 · column of residents 60+")] = "elders",
) -> None:  # fmt: skip
    """导入社区（村）范围和 60 岁以上人数：只有总数，没有个人 · Bring in areas and totals of residents 60+, never persons."""
    from api.acts import edit_areas
    from api.cli import _database
    from geo.store.engine import sessions

    frame, day = _frame(file), _day(dated)
    if missing := {code, name, elders} - set(frame.columns):
        raise wrong(f"缺少列 · missing columns: {'、'.join(sorted(missing))}")
    _database.ready()
    with sessions("app").begin() as session:
        rows = [(str(r[code]), str(r[name]), r[elders], r.geometry) for _, r in frame.iterrows()]
        count = edit_areas.bring_in_communities(
            session, _editor(session, acting), rows, on=day, source=source or file.name
        )
    _out({"communities": count}, as_json)


def areas(
    file: File,
    kind: Annotated[str, typer.Option("--kind", help="区域种类，如 cremation、burial · kind of area")],
    document: Annotated[str, typer.Option("--document", help="依据的文件 · the document it rests on")],
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="生效日期 · in force from")],
    code: Annotated[str, typer.Option("--code", help="代码列 · column of the code")] = "code",
    name: Annotated[str, typer.Option("--name", help="名称列 · column of the name")] = "name",
    unit: Annotated[str, typer.Option("--unit", help="所在单位代码列 · column of the unit's code")] = "unit",
    acting: As = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """导入政策区域（如火葬区），自生效日期起替代原区域 · Bring in areas of policy, in force from a day."""
    from api.acts import edit_areas
    from api.cli import _database
    from geo.store.engine import sessions

    frame, day = _frame(file), _day(on)
    if missing := {code, name, unit} - set(frame.columns):
        raise wrong(f"缺少列 · missing columns: {'、'.join(sorted(missing))}")
    _database.ready()
    with sessions("app").begin() as session:
        rows = [(str(r[code]), str(r[name]), str(r[unit]), r.geometry) for _, r in frame.iterrows()]
        count = edit_areas.bring_in_areas(
            session, _editor(session, acting), rows, kind=kind, document=document, on=day
        )
    _out({"areas": count}, as_json)


def _frame(file: Path) -> Any:
    import pyogrio

    if not file.is_file():
        raise wrong(f"没有这个文件 · no such file: {file}")
    try:
        frame = pyogrio.read_dataframe(f"/vsizip/{file}" if file.suffix == ".zip" else file)
    except Exception:
        raise wrong(f"不能读取 · cannot be read: {file.name}") from None
    if getattr(frame, "crs", None) is None:
        raise wrong(f"没有坐标系 · no reference system: {file.name}")
    return frame.to_crs(4490)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else days.today()
    except ValueError:
        raise wrong(f"日期应为 2024-12-31 的形式 · no date such as 2024-12-31: {text}") from None


def _out(said: dict[str, Any], as_json: bool) -> None:
    typer.echo(
        json.dumps(said, ensure_ascii=False) if as_json else "，".join(f"{k} {v}" for k, v in said.items())
    )


def told(done: Any, used: dict[str, str], report: Path | None, as_json: bool, dry: bool) -> None:
    """Say what became of a table's rows, write the report, and end with the exit code: 1 where rows were refused."""
    if report is not None:
        write_report(report, done.problems)
    if as_json:
        problems = problems_as_json(done.problems[:1000])
        answer = {"dry_run": dry, "mapping": used, **done.counts(), "problems": problems}
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        typer.echo(
            "，".join(f"{k} {v}" for k, v in done.counts().items()) + ("（只试 · tried only）" if dry else "")
        )
        for p in done.problems[:10]:
            typer.echo(f"第 {p.row} 行 {p.column}：{p.text.zh} · {p.text.en}", err=True)
    raise typer.Exit(1 if done.refused else 0)
