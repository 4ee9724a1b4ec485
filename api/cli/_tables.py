"""Tables of rows as commands take them: the options that say how a file is read, and what became of its rows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli._terminal import quiet, wrong

File = Annotated[
    Path, typer.Argument(metavar="FILE", help="CSV、Excel、GeoPackage、GeoJSON、shapefile 的 zip 或 .shp")
]
Pairs = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="OUR=THEIRS", help="列对应，可多次给出；name= 表示不取 · one pair, may be repeated"),
]  # fmt: skip
DryRun = Annotated[bool, typer.Option("--dry-run", help="只试，不入库 · do everything but keep it")]
Origin = Annotated[str | None, typer.Option("--source", help="资料来源 · where the file comes from")]
Report = Annotated[
    Path | None, typer.Option(metavar="OUT.csv", help="把未入库的行写到此文件 · write the bad rows here")
]
Sheet = Annotated[
    str | None, typer.Option(help="工作表、图层或压缩包里的表 · sheet, layer, or table of an archive")
]
Encoding = Annotated[str | None, typer.Option(help="文字编码 · text encoding")]
Crs = Annotated[
    int | None, typer.Option(metavar="EPSG", help="没有坐标系时指定 · system where the file has none")
]
Json = Annotated[bool, typer.Option("--json", help="以 JSON 答复 · answer as JSON")]


def pairs(given: list[str] | None) -> dict[str, str]:
    """{ours: theirs} of the --map options."""
    chosen = {}
    for pair in given or ():
        ours, sign, theirs = pair.partition("=")
        if not sign:
            raise wrong(f"--map 的写法是 项目=列名 · --map is written OUR=THEIRS: {pair}")
        chosen[ours.strip()] = theirs.strip()
    return chosen


@contextmanager
def table_of(file: Path, **options: Any) -> Iterator[Any]:
    """The file as a table, read in the limited process. options: those of api.acts.import_names.read."""
    from api.acts import import_names
    from api.cli.submit import packed

    if not file.is_file():
        raise wrong(f"没有这个文件 · no such file: {file}")
    quiet()
    with tempfile.TemporaryDirectory(prefix="yudi-table-") as folder:
        whole = packed(file, Path(folder))
        table = import_names.read(whole, whole.name, **options)
    with table:
        if others := table.found["others"]:
            names = "、".join(others)
            typer.echo(
                f"只读了“{table.found['sheet']}”，文件里还有 {names}：用 --sheet 逐个读入 · only “{table.found['sheet']}” was read;"
                f" the file also has {names}: read each with --sheet",
                err=True,
            )
        yield table


def problems_as_json(problems: Iterable[Any]) -> list[dict[str, Any]]:
    """The rows that were refused, each with its column, its value and why."""
    from geo.reading.rows import shown

    return [
        {"row": p.row, "column": p.column, "value": shown(p.value), "problem": p.text.zh, "problem_en": p.text.en}
        for p in problems
    ]  # fmt: skip


def write_report(out: Path, problems: Iterable[Any]) -> None:
    """The refused rows as a CSV that spreadsheets open."""
    import csv

    from geo.reading.rows import report

    with out.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(report(sorted(problems, key=lambda p: p.row)))
