"""./yudi names match: bring the names of another list together with the register's."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli._terminal import row_bar, wrong

#: Columns that hold the name where none is chosen, in this order; then those of a unit and of a category.
NAMES = ("name", "名称", "地名", "标准名称", "地址", "address")
UNITS = ("unit", "所在政区", "政区", "乡镇", "街道", "区县", "unit_code", "政区代码")
CATEGORIES = ("category", "类别", "类别名称")
#: What is added to every row of the list.
ADDED = (
    "match_type", "match_score", "match_name", "match_standard", "match_place", "match_number", "match_unit", "match_status",
    "match_others",
)  # fmt: skip
BATCH = 100


def attach(names: typer.Typer) -> None:
    """Put the command into the group of names."""
    names.command("match")(match)


def match(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=".csv .xlsx")],
    column: Annotated[str | None, typer.Option(help="名称所在列 · column of the names")] = None,
    unit_column: Annotated[
        str | None, typer.Option(help="政区名称或代码所在列 · column of units, by name or code")
    ] = None,
    category_column: Annotated[str | None, typer.Option(help="类别所在列 · column of categories")] = None,
    sheet: Annotated[str | None, typer.Option(help="工作表 · sheet of a workbook")] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="OUT", help="原表加上匹配结果，.csv 或 .json · the list with its matches"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="一行一个对象 · one object a line")] = False,
) -> None:
    """把名单对到标准地名：完全一致、异名、同音、近似、多处、没有 · Match a list to standard names.

    Only exact and variant matches well ahead of the next are sure; all others are for a person to confirm.
    """
    from api.cli import _database
    from geo.names.matching import KIND_NAMES, Kind
    from geo.store import name_matches
    from geo.store.engine import sessions

    rows = list(table(file, sheet))
    if not rows:
        raise wrong(f"{file.name} 没有数据行 · has no rows")
    if out is not None and out.suffix.lower() not in (".csv", ".json"):
        raise wrong("--out 须以 .csv 或 .json 结尾 · --out ends in .csv or .json")
    if out is not None and not out.absolute().parent.is_dir():
        raise wrong(f"文件夹 {out.parent} 不存在 · the folder does not exist")
    names, units, kinds = columns_of(rows[0], file, column, unit_column, category_column)
    asked = [wanted(row, names, units, kinds) for row in rows]
    _database.ready()
    answers: list[Any] = []
    with sessions("public")() as session, row_bar(len(asked), "匹配 matching") as done:
        from geo.names.matching import match as decide

        for start in range(0, len(asked), BATCH):
            some = asked[start : start + BATCH]
            found = name_matches.candidates(session, some)
            answers += [decide(w, c) for w, c in zip(some, found, strict=True)]
            done(start + len(some))
    if out is not None:
        write(out, rows, answers)
    if as_json:
        for answer in answers:
            typer.echo(json.dumps(answer.to_json(), ensure_ascii=False))
    elif out is None:
        for answer in answers:
            typer.echo(line(answer))
    counts = {kind: sum(a.kind is kind for a in answers) for kind in Kind}
    told = "，".join(f"{KIND_NAMES[k].zh} {n}" for k, n in counts.items() if n)
    said = ", ".join(f"{k.value} {n}" for k, n in counts.items() if n)
    typer.echo(f"共 {len(answers)} 条：{told} · {len(answers)} rows: {said}", err=True)


def table(file: Path, sheet: str | None) -> Iterator[dict[str, str]]:
    """The rows of a list as text. CSV in UTF-8 or GB18030, or a sheet of a workbook."""
    if not file.is_file():
        raise wrong(f"文件不存在 · no such file: {file}")
    if file.suffix.lower() == ".xlsx":
        yield from workbook(file, sheet)
        return
    raw = file.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError:
            raise wrong(f"{file.name} 不是 UTF-8 或 GB18030 文本 · is no text in UTF-8 or GB18030") from None
    try:
        for row in csv.DictReader(io.StringIO(text, newline="")):
            yield {str(k): v or "" for k, v in row.items() if k is not None}
    except csv.Error as error:
        raise wrong(f"{file.name} 不是 CSV 表 · is no CSV table: {error}") from None


def workbook(file: Path, sheet: str | None) -> Iterator[dict[str, str]]:
    """The rows of a sheet, the first row being the headings."""
    import zipfile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError):
        raise wrong(f"{file.name} 不是 Excel 工作簿（.xlsx） · is no Excel workbook") from None
    if sheet is not None and sheet not in book.sheetnames:
        raise wrong(f"没有工作表“{sheet}”，有 · no such sheet, there is: {'、'.join(book.sheetnames)}")
    rows = (book[sheet] if sheet else book.worksheets[0]).iter_rows(values_only=True)
    headings = [str(c).strip() if c is not None else "" for c in next(rows, ())]
    for row in rows:
        cells = {h: "" if c is None else str(c).strip() for h, c in zip(headings, row, strict=False) if h}
        if any(cells.values()):
            yield cells


def columns_of(
    row: dict[str, str], file: Path, name: str | None, unit: str | None, category: str | None
) -> tuple[str, str | None, str | None]:
    """Which columns hold names, units and categories: as chosen, else by their usual headings."""
    for chosen in (name, unit, category):
        if chosen is not None and chosen not in row:
            raise wrong(f"{file.name} 没有“{chosen}”列，有 · no such column, there is: {'、'.join(row)}")
    names = name or next((c for c in NAMES if c in row), None)
    if names is None:
        raise wrong(
            f"请用 --column 指定名称所在列 · choose the column of the names with --column: {'、'.join(row)}"
        )
    return (
        names,
        unit or next((c for c in UNITS if c in row and c != names), None),
        category or next((c for c in CATEGORIES if c in row and c != names), None),
    )


def wanted(row: dict[str, str], name: str, unit: str | None, category: str | None) -> Any:
    """What a row asks for. A category that is none of the regulation's restricts nothing."""
    from geo.names.categories import Category
    from geo.names.matching import Wanted

    word = row.get(category or "", "").strip()
    kind = Category(word) if word in set(Category) else None
    text = "".join(c for c in row.get(name, "") if c.isprintable())
    return Wanted(text.strip(), row.get(unit or "", "").strip() or None, kind)


def added(answer: Any) -> dict[str, str]:
    """The columns that a match adds to its row; the other candidates in one cell where a person has to choose."""
    best = answer.best or (answer.candidates[0] if answer.candidates else None)
    known = None if answer.best is None else answer.best.candidate
    others = [c for c in answer.candidates if answer.best is None or c is not best]
    cells = (
        answer.kind.value,
        f"{answer.score:g}",
        known.name if known else "",
        (known.name if known.status == "standard" else known.standard or "") if known else "",
        str(known.place_id) if known else "",
        str(known.number) if known else "",
        known.unit_code if known else "",
        known.status if known else "",
        "；".join(
            f"{o.candidate.name}({o.candidate.unit_code},{o.candidate.place_id},{o.score:g})" for o in others
        ),
    )
    return dict(zip(ADDED, cells, strict=True))


def write(out: Path, rows: list[dict[str, str]], answers: list[Any]) -> None:
    """The list with its matches beside it, as CSV for Excel or as JSON."""
    if out.suffix.lower() == ".json":
        whole = [{"row": row, **answer.to_json()} for row, answer in zip(rows, answers, strict=True)]
        out.write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")
        return
    from geo.text import cell

    with out.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], *ADDED], extrasaction="ignore")
        writer.writeheader()
        for row, answer in zip(rows, answers, strict=True):
            writer.writerow({key: cell(value) for key, value in {**row, **added(answer)}.items()})


def line(answer: Any) -> str:
    """A match for reading."""
    from geo.names.matching import KIND_NAMES

    kind = KIND_NAMES[answer.kind]
    shown = [answer.best] if answer.best else list(answer.candidates)
    places = "；".join(
        f"{s.candidate.name}（{''.join(s.candidate.units[:3]) or s.candidate.unit_code}，{s.score:g}）"
        for s in shown
    )
    now = answer.best.candidate.standard if answer.best else None
    told = f"，现名 now {now}" if now and now != answer.best.candidate.name else ""
    return f"{answer.wanted.name}\t{kind.zh} {answer.kind.value}\t{places}{told}"
