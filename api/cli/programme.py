"""./yudi programme: what the six of 乡村著名行动 collect, from files."""

from __future__ import annotations

import json
from functools import cache
from typing import Annotated

import typer

from api.cli._acting import acting as acting_as
from api.cli._tables import Crs, DryRun, Encoding, File, Json, Origin, Pairs, Report, Sheet, pairs, table_of
from api.cli._terminal import row_bar, wrong
from api.cli.facilities import told
from geo.terms import UserRole


def add(app: typer.Typer) -> None:
    """Hang the group into the program."""
    group = typer.Typer(help="乡村著名行动“六个一批” · The programme's six lists", no_args_is_help=True)
    app.add_typer(group, name="programme")

    @group.callback()
    def programme() -> None:
        """乡村著名行动 · The programme."""

    group.command("import")(bring_in)
    group.command("counts")(counts)


def bring_in(
    file: File,
    kind: Annotated[str | None, typer.Option(help="没有类别列时的类别：museum plan sign map_label product event · kind of rows that give none")] = None,
    given: Pairs = None,
    source: Origin = None,
    dry_run: DryRun = False,
    report: Report = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    crs: Crs = None,
    acting: Annotated[str | None, typer.Option("--as", metavar="LOGIN", help="由哪位地名登记员办理 · the registrar")] = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """导入“六个一批”项目；有问题的行写入报告，其余入库。退出码 1：有行未入库 · Import items; exit code 1: rows were refused."""
    from api import care
    from api.acts import run_programme
    from api.cli import _database
    from geo.reading.rows import code_of
    from geo.settings import as_of, district
    from geo.store.engine import sessions
    from geo.store.names import numbers_named
    from geo.terms import PROGRAMME_KIND_NAMES, ProgrammeKind

    code = None if kind is None else code_of(kind, PROGRAMME_KIND_NAMES, part=True)
    if kind is not None and code is None:
        raise wrong(f"没有类别“{kind}” · no such kind")
    chosen = pairs(given)
    with table_of(file, encoding=encoding, sheet=sheet, crs=crs) as table:
        _database.ready()
        with sessions("app")() as session, row_bar(table.found["rows"]) as progress:
            of = district()

            @cache
            def names_of(word: str) -> int | None:
                if word.isascii() and word.isdigit():
                    return int(word)
                found = numbers_named(session, word, of.code)
                return found[0] if len(found) == 1 else None

            try:
                done, used = run_programme.bring_in(
                    session, acting_as(session, acting, UserRole.REGISTRAR), table, file=file.name, names_of=names_of, chosen=chosen,
                    unit_of=care.unit_finder(session, of.code, as_of()), kind=None if code is None else ProgrammeKind(code),
                    source=source, box=of.box, progress=progress,
                )  # fmt: skip
                session.rollback() if dry_run else session.commit()
            except BaseException:
                session.rollback()
                raise
    told(done, used, report, as_json, dry_run)


def counts(as_json: Json = False) -> None:
    """“六个一批”各有多少、完成多少 · How many of each, and how many are done."""
    from api.cli import _database
    from geo.settings import as_of, district
    from geo.store import programme
    from geo.store.engine import sessions
    from geo.terms import PROGRAMME_KIND_NAMES

    _database.ready()
    with sessions("public")() as session:
        found = programme.counts(session, district=district().code, at=as_of())
    if as_json:
        typer.echo(json.dumps({kind.value: n for kind, n in found.items()}, ensure_ascii=False))
        return
    for kind, n in found.items():
        typer.echo(f"{PROGRAMME_KIND_NAMES[kind].zh}\t{n['done']} / {n['all']}")
