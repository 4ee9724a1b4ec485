"""./yudi facilities: the register of facilities, monthly figures, streets, communities and areas, from files."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

File = Annotated[
    Path, typer.Argument(metavar="FILE", help="CSV、Excel、GeoPackage、GeoJSON、shapefile 的 zip 或 .shp")
]
Json = Annotated[bool, typer.Option("--json", help="以 JSON 答复 · answer as JSON")]
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


def _wrong(sentence: str) -> typer.Exit:
    typer.echo(sentence, err=True)
    return typer.Exit(2)


def _editor(session: Any, login: str | None) -> Any:
    """Who acts: the one named, the only facility editor there is, else the only administrator."""
    from api.acts import administer
    from api.security.sessions import person_of
    from geo.settings import district
    from geo.store import people
    from geo.terms import UserRole

    code = district().code
    if login is not None:
        return administer.acting_user(session, login, code)
    for role in (UserRole.FACILITY_EDITOR, UserRole.ADMINISTRATOR):
        known = people.users_with(session, role, code)
        real, demo = [u for u in known if not u.demo], [u for u in known if u.demo]
        if len(real) == 1 or (not real and demo):
            return person_of((real or demo)[0], code)
    raise _wrong("请用 --as LOGIN 指明由哪位设施管理员办理 · name the facility editor with --as LOGIN")


@contextmanager
def _table(file: Path, encoding: str | None, sheet: str | None, crs: int | None) -> Iterator[Any]:
    """The file as a table, read in the limited process."""
    from api.acts import import_names
    from api.cli.names_io import _quiet
    from api.cli.submit import packed

    if not file.is_file():
        raise _wrong(f"没有这个文件 · no such file: {file}")
    _quiet()
    with tempfile.TemporaryDirectory(prefix="yudi-facilities-") as folder:
        whole = packed(file, Path(folder))
        with import_names.read(whole, whole.name, encoding=encoding, sheet=sheet, crs=crs) as table:
            yield table


def bring_in(
    file: File,
    given: Annotated[list[str] | None, typer.Option("--map", metavar="OUR=THEIRS", help="列对应，可多次 · one pair, may be repeated")] = None,
    kind: Annotated[str | None, typer.Option(help="没有类别列时的类别 · kind of rows that give none")] = None,
    source: Annotated[str | None, typer.Option(help="资料来源 · where the file comes from")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试，不入库 · do everything but keep it")] = False,
    report: Annotated[Path | None, typer.Option(metavar="OUT.csv", help="把未入库的行写到此文件 · write the bad rows here")] = None,
    sheet: Annotated[str | None, typer.Option(help="工作表或图层 · sheet or layer")] = None,
    encoding: Annotated[str | None, typer.Option(help="文字编码 · text encoding")] = None,
    crs: Annotated[int | None, typer.Option(metavar="EPSG", help="没有坐标系时指定 · system where the file has none")] = None,
    anywhere: Annotated[bool, typer.Option("--anywhere", help="不查是否在本区范围 · do not ask whether it lies in the district")] = False,
    unit: Annotated[str | None, typer.Option(help="没有社区（村）时的单位代码 · unit of rows that give none")] = None,
    acting: As = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """导入设施；有问题的行写入报告，其余入库。退出码 1：有行未入库 · Import facilities; exit code 1: rows were refused."""
    from api import care
    from api.acts import import_facilities
    from api.cli import _database
    from api.cli.names_io import _bar
    from geo.facilities.kinds import kind_named
    from geo.settings import as_of, district
    from geo.store.engine import sessions

    code = None
    if kind is not None and (found := kind_named(kind)) is None:
        raise _wrong(f"没有类别“{kind}” · no such kind")
    elif kind is not None and found is not None:
        code = found.code
    chosen = {}
    for pair in given or ():
        ours, sign, theirs = pair.partition("=")
        if not sign:
            raise _wrong(f"--map 应为 项目=列名 · --map is OUR=THEIRS: {pair}")
        chosen[ours.strip()] = theirs.strip()
    with _table(file, encoding, sheet, crs) as table:
        _database.ready()
        with sessions("app")() as session, _bar(table.found["rows"]) as progress:
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
    _told(done, used, report, as_json, dry_run)


def figures(file: File, acting: As = None, as_json: Json = False) -> None:
    """导入月报数：列 指标、镇街、月份、数值 · Import monthly figures."""
    from api import care
    from api.acts import enter_figures
    from api.cli import _database
    from geo.settings import as_of, district
    from geo.store.engine import sessions

    with _table(file, None, None, None) as table:
        _database.ready()
        with sessions("app").begin() as session:
            names = care.townships(session, district().code, as_of())
            done = enter_figures.bring_in(
                session, _editor(session, acting), table, file=file.name, names=names
            )
    _told(done, {}, None, as_json, False)


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
        raise _wrong(f"没有这个文件 · no such file: {file}")
    day = _day(dated)
    try:
        tiles = [heights.tile(path) for path in dem or ()]
    except (OSError, ValueError) as error:
        raise _wrong(f"{error}") from None

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
        raise _wrong(f"缺少列 · missing columns: {'、'.join(sorted(missing))}")
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
        raise _wrong(f"缺少列 · missing columns: {'、'.join(sorted(missing))}")
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
        raise _wrong(f"没有这个文件 · no such file: {file}")
    try:
        frame = pyogrio.read_dataframe(f"/vsizip/{file}" if file.suffix == ".zip" else file)
    except Exception:
        raise _wrong(f"不能读取 · cannot be read: {file.name}") from None
    if getattr(frame, "crs", None) is None:
        raise _wrong(f"没有坐标系 · no reference system: {file.name}")
    return frame.to_crs(4490)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError:
        raise _wrong(f"日期应为 2024-12-31 的形式 · no date such as 2024-12-31: {text}") from None


def _out(said: dict[str, Any], as_json: bool) -> None:
    typer.echo(
        json.dumps(said, ensure_ascii=False) if as_json else "，".join(f"{k} {v}" for k, v in said.items())
    )


def _told(done: Any, used: dict[str, str], report: Path | None, as_json: bool, dry: bool) -> None:
    if report is not None:
        from geo.text import cell

        with report.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(("行 row", "列 column", "值 value", "问题", "problem"))
            for p in done.problems:
                writer.writerow((p.row, p.column, cell(p.value[:200]), p.text.zh, p.text.en))
    if as_json:
        problems = [
            {
                "row": p.row,
                "column": p.column,
                "value": p.value[:200],
                "problem": p.text.zh,
                "problem_en": p.text.en,
            }
            for p in done.problems[:1000]
        ]
        typer.echo(
            json.dumps(
                {"dry_run": dry, "mapping": used, **done.counts(), "problems": problems}, ensure_ascii=False
            )
        )
    else:
        typer.echo(
            "，".join(f"{k} {v}" for k, v in done.counts().items()) + ("（只试 · tried only）" if dry else "")
        )
        for p in done.problems[:10]:
            typer.echo(f"第 {p.row} 行 {p.column}：{p.text.zh} · {p.text.en}", err=True)
    raise typer.Exit(1 if done.refused else 0)
