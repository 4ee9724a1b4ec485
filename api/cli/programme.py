"""./yudi programme: what the six of 乡村著名行动 collect, from files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.facilities import File, Json, _table, _told, _wrong


def add(app: typer.Typer) -> None:
    """Hang the group into the program."""
    group = typer.Typer(help="乡村著名行动“六个一批” · The programme's six lists", no_args_is_help=True)
    app.add_typer(group, name="programme")

    @group.callback()
    def programme() -> None:
        """乡村著名行动 · The programme."""

    group.command("import")(bring_in)
    group.command("counts")(counts)


def _keeper(session: Any, login: str | None) -> Any:
    """Who acts: the one named, the only registrar there is, else the only administrator."""
    from api.acts import administer
    from api.security.sessions import person_of
    from geo.settings import district
    from geo.store import people
    from geo.terms import UserRole

    code = district().code
    if login is not None:
        return administer.acting_user(session, login, code)
    for role in (UserRole.REGISTRAR, UserRole.ADMINISTRATOR):
        known = people.users_with(session, role, code)
        real, demo = [u for u in known if not u.demo], [u for u in known if u.demo]
        if len(real) == 1 or (not real and demo):
            return person_of((real or demo)[0], code)
    raise _wrong("请用 --as LOGIN 指明由哪位地名登记员办理 · name the registrar with --as LOGIN")


def bring_in(
    file: File,
    kind: Annotated[str | None, typer.Option(help="没有类别列时的类别：museum plan sign map_label product event · kind of rows that give none")] = None,
    given: Annotated[list[str] | None, typer.Option("--map", metavar="OUR=THEIRS", help="列对应，可多次 · one pair, may be repeated")] = None,
    source: Annotated[str | None, typer.Option(help="资料来源 · where the file comes from")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试，不入库 · do everything but keep it")] = False,
    report: Annotated[Path | None, typer.Option(metavar="OUT.csv", help="把未入库的行写到此文件 · write the bad rows here")] = None,
    sheet: Annotated[str | None, typer.Option(help="工作表或图层 · sheet or layer")] = None,
    encoding: Annotated[str | None, typer.Option(help="文字编码 · text encoding")] = None,
    crs: Annotated[int | None, typer.Option(metavar="EPSG", help="没有坐标系时指定 · system where the file has none")] = None,
    acting: Annotated[str | None, typer.Option("--as", metavar="LOGIN", help="由哪位地名登记员办理 · the registrar")] = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """导入“六个一批”项目；有问题的行写入报告，其余入库。退出码 1：有行未入库 · Import items; exit code 1: rows were refused."""
    from api import care
    from api.acts import run_programme
    from api.cli import _database
    from api.cli.names_io import _bar
    from geo.reading.rows import code_of
    from geo.settings import as_of, district
    from geo.store.engine import sessions
    from geo.store.names import numbers_named
    from geo.terms import PROGRAMME_KIND_NAMES, ProgrammeKind

    code = None if kind is None else code_of(kind, PROGRAMME_KIND_NAMES, part=True)
    if kind is not None and code is None:
        raise _wrong(f"没有类别“{kind}” · no such kind")
    chosen = {}
    for pair in given or ():
        ours, sign, theirs = pair.partition("=")
        if not sign:
            raise _wrong(f"--map 应为 项目=列名 · --map is OUR=THEIRS: {pair}")
        chosen[ours.strip()] = theirs.strip()
    with _table(file, encoding, sheet, crs) as table:
        _database.ready()
        with sessions("app")() as session, _bar(table.found["rows"]) as progress:
            of = district()

            def names_of(word: str) -> int | None:
                if word.isascii() and word.isdigit():
                    return int(word)
                found = numbers_named(session, word, of.code)
                return found[0] if len(found) == 1 else None

            try:
                done, used = run_programme.bring_in(
                    session, _keeper(session, acting), table, file=file.name, names_of=names_of, chosen=chosen,
                    unit_of=care.unit_finder(session, of.code, as_of()), kind=None if code is None else ProgrammeKind(code),
                    source=source, box=of.box, progress=progress,
                )  # fmt: skip
                session.rollback() if dry_run else session.commit()
            except BaseException:
                session.rollback()
                raise
    _told(done, used, report, as_json, dry_run)


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
