"""./yudi names: romanization of place names."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Annotated, Any

import typer


def add(app: typer.Typer) -> None:
    names = typer.Typer(help="地名：罗马字母拼写 · Place names: romanization", no_args_is_help=True)
    app.add_typer(names, name="names")

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
            _wrong("请给出地名，或用 --file 指定 CSV · give names, or a CSV with --file")
        rows: list[dict[str, Any]] = [{"name": n, "category": category} for n in given or []]
        if file is not None:
            rows = [{"category": category, **row} for row in _table(file)]
        for row in rows:
            name = (row.get("name") or "").strip()
            if not name:
                _wrong("有一行没有 name · a row has no name")
            try:
                kind = category_named(row.get("category"))
            except ValueError:
                _wrong(
                    f"没有类别“{row['category']}”，可用 · no such category, use one of: "
                    + "、".join(c.value for c in Category)
                )
            answer = spell(name, kind)
            if as_json:
                typer.echo(json.dumps(answer.to_json(), ensure_ascii=False))
            else:
                doubt = "".join(f"  （{c}：{' / '.join(r)}？）" for c, _, r in answer.uncertain)
                typer.echo(f"{answer.name}\t{answer.romanization}{doubt}")


def _wrong(sentence: str) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(2)


def _table(file: Path) -> list[dict[str, Any]]:
    """Rows of a CSV in UTF-8 (with or without BOM) or GB18030. Ends with exit code 2 on another file."""
    if not file.is_file():
        _wrong(f"没有这个文件 · no such file: {file}")
    raw = file.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError:
            _wrong(f"{file.name} 不是 UTF-8 或 GB18030 文本 · is no text in UTF-8 or GB18030")
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows or "name" not in rows[0]:
        _wrong(f"{file.name} 缺少 name 列 · has no column name")
    return rows
