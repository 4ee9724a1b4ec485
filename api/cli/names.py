"""./yudi names: romanization of place names, and the rules of the law for proposed ones."""

from __future__ import annotations

import csv
import io
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import names_areas, names_audit, names_io, names_match, names_search
from api.cli._terminal import wrong


def add(app: typer.Typer) -> None:
    names = typer.Typer(
        help="地名：罗马字母拼写、命名审查 · Place names: romanization and naming rules", no_args_is_help=True
    )
    app.add_typer(names, name="names")
    names_io.attach(names)
    names_search.attach(names)
    names_match.attach(names)
    names_audit.attach(names)
    names_areas.attach(names)

    @names.callback()
    def group() -> None:
        """地名 · Place names."""

    @names.command()
    def romanize(
        given: Annotated[list[str] | None, typer.Argument(metavar="NAME…", help="地名 · names")] = None,
        category: Annotated[str | None, typer.Option(help="类别 · one of the categories")] = None,
        file: Annotated[Path | None, typer.Option(help="CSV: column name, optionally category")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="一行一个对象 · one object a line")] = False,
    ) -> None:
        """按拼写规则写出罗马字母拼写 · Hanyu Pinyin after the spelling rules."""
        from geo.names.categories import Category, category_named
        from geo.names.romanize import romanize as spell

        if (not given) == (file is None):
            raise wrong("请给出地名，或用 --file 指定 CSV · give names, or a CSV with --file")
        rows: list[dict[str, Any]] = [{"name": n, "category": category} for n in given or []]
        if file is not None:
            rows = [{"category": category, **row} for row in _table(file)]
        for row in rows:
            name = (row.get("name") or "").strip()
            if not name:
                raise wrong("有一行没有 name · a row has no name")
            try:
                kind = category_named(row.get("category"))
            except ValueError:
                raise wrong(
                    f"没有类别“{row['category']}”，可用 · no such category, use one of: "
                    + "、".join(c.value for c in Category)
                ) from None
            answer = spell(name, kind)
            if as_json:
                typer.echo(json.dumps(answer.to_json(), ensure_ascii=False))
            else:
                doubt = "".join(f"  （{c}：{' / '.join(r)}？）" for c, _, r in answer.uncertain)
                typer.echo(f"{answer.name}\t{answer.romanization}{doubt}")

    @names.command()
    def check(
        given: Annotated[
            str | None, typer.Argument(metavar="NAME", help="拟用名称 · the proposed name")
        ] = None,
        category: Annotated[str | None, typer.Option(help="类别 · one of the categories")] = None,
        unit: Annotated[str | None, typer.Option(help="所在政区代码 · code of 6, 9 or 12 digits")] = None,
        at: Annotated[str | None, typer.Option(metavar="LON,LAT", help="位置 · longitude,latitude")] = None,
        replaces: Annotated[
            str | None, typer.Option(help="更名时的原名 · the old name of a renaming")
        ] = None,
        file: Annotated[
            Path | None,
            typer.Option(
                help="CSV: name, category, unit, lon, lat, existing, replaces (方案逐行互查 · row against row)"
            ),
        ] = None,
        off: Annotated[list[str] | None, typer.Option(help="关闭的规则 · rules switched off")] = None,
        near: Annotated[
            bool, typer.Option("--near/--no-near", help="提示近音、形近 · near-homophones")
        ] = True,
        against: Annotated[
            bool,
            typer.Option(
                "--register/--no-register", help="对照地名库 · against the register, where there is one"
            ),
        ] = True,
        as_json: Annotated[bool, typer.Option("--json", help="一行一个对象 · one object a line")] = False,
    ) -> None:
        """按《地名管理条例》逐条审查拟用名称 · Check proposed names against the regulation, rule by rule."""
        from api.cli.names_register import register, with_register
        from geo.names.plan import facts_of, proposal_of
        from geo.names.rules.proposal import Facts
        from geo.names.rules.run import discover, run

        if (given is None) == (file is None):
            raise wrong("请给出一个名称，或用 --file 指定 CSV · give one name, or a CSV with --file")
        if unit and at:
            raise wrong("--unit 与 --at 只能给一个 · give --unit or --at, not both")
        known = {rule.code for rule in discover()}
        for code in off or []:
            if code not in known:
                raise wrong(f"没有规则“{code}” · no such rule, use one of: " + " ".join(sorted(known)))
        if given is not None and not given.strip():
            raise wrong("名称为空 · the name is empty")
        lon, _, lat = (at or "").partition(",")
        if at and not (lon.strip() and lat.strip()):
            raise wrong("--at 的写法是 经度,纬度 · --at is written LON,LAT")
        rows: list[dict[str, Any]]
        if file is not None:
            rows = [{"category": category, "unit": unit, **row} for row in _table(file)]
        else:
            rows = [
                {
                    "name": given,
                    "category": category,
                    "unit": unit,
                    "lon": lon,
                    "lat": lat,
                    "replaces": replaces,
                }
            ]
        complete = file is not None and "existing" in rows[0]
        base = Facts(off=frozenset(off or ()), near_sounds=near)
        refused = False
        table = [proposal_of(row, number) for number, row in enumerate(rows, start=1)]
        # A table with names of its own says what to judge by; everything else asks the register.
        with register() if against and not complete else nullcontext() as session:
            for proposal, facts in facts_of(table, base, complete=complete):
                answer = run(proposal, with_register(session, proposal, facts))
                refused = refused or answer.verdict == "refused"
                typer.echo(json.dumps(answer.to_json(), ensure_ascii=False) if as_json else _said(answer))
        if refused:
            raise typer.Exit(1)


_VERDICTS = {"fits": "符合 fits", "doubtful": "存疑 doubtful", "refused": "不符合 refused"}


def _said(answer: Any) -> str:
    """A verdict for reading: findings with their article, and suggestions."""
    lines = [f"{answer.name}（{answer.category}）：{_VERDICTS[answer.verdict]}"]
    lines += [
        f"  {f.severity.value}  {f.rule}  {f.text.zh}（{f.article}）· {f.text.en}" for f in answer.findings
    ]
    if answer.suggestions:
        lines.append("  建议 suggestions：" + "、".join(answer.suggestions))
    return "\n".join(lines)


def _table(file: Path) -> list[dict[str, Any]]:
    """Rows of a CSV in UTF-8 (with or without BOM) or GB18030. Ends with exit code 2 on another file."""
    if not file.is_file():
        raise wrong(f"没有这个文件 · no such file: {file}")
    raw = file.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError:
            raise wrong(f"{file.name} 不是 UTF-8 或 GB18030 文本 · is no text in UTF-8 or GB18030") from None
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise wrong(f"{file.name} 不是 CSV 表 · is no CSV table: {error}") from None
    if not rows or "name" not in rows[0]:
        raise wrong(f"{file.name} 缺少 name 列 · has no column name")
    return rows
