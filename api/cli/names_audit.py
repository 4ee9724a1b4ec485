"""./yudi names audit: the register's standing names by the naming rules, as a report."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli._terminal import wrong

HEADINGS = (
    "编号", "名称", "类别", "政区代码", "规则", "条文", "程度", "意见", "message", "相涉地名", "相涉编号",
)  # fmt: skip
SHOWN = 20


def attach(names: typer.Typer) -> None:
    """Put the command into the group of names."""
    names.command("audit")(audit)


def audit(
    unit: Annotated[
        str | None, typer.Option(metavar="CODE", help="政区代码（2 至 12 位）· a unit's code, 2 to 12 digits")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="F.csv", help="全部意见写入 CSV · every finding into a CSV")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="一行一个对象 · one object a line")] = False,
) -> None:
    """按命名规则核查在用地名：重名、同音、用字、用词；已批准的地名继续有效 · Audit the standing names; they stay as approved."""
    from api.cli import _database
    from geo.store import name_shapes
    from geo.store.engine import sessions
    from geo.store.name_audit import STAYS
    from geo.store.name_audit import audit as judge

    if unit is not None and not (unit.isascii() and unit.isdigit() and 2 <= len(unit) <= 12):
        raise wrong("--unit 是 2 至 12 位数字 · --unit is 2 to 12 digits")
    if out is not None and not out.absolute().parent.is_dir():
        raise wrong(f"文件夹 {out.parent} 不存在 · the folder does not exist")
    _database.ready()
    with sessions("app").begin() as session:
        name_shapes.fill(session, progress=lambda done: _progress(f"读音 keys {done}"))
    with sessions("app")() as session:
        report = judge(
            session, unit=unit or "", progress=lambda done, of: _progress(f"核查 audited {done}/{of}")
        )
    _progress(None)
    if out is not None:
        out.write_text(table(report.doubts), encoding="utf-8-sig", newline="")
    if as_json:
        for doubt in report.doubts:
            typer.echo(json.dumps(doubt.to_json(), ensure_ascii=False))
        return
    typer.echo(
        f"核查在用地名 {report.names} 条，意见 {len(report.doubts)} 条 · {report.names} standing names"
    )
    for (rule, severity), count in report.counts().items():
        typer.echo(f"  {severity.value}\t{rule}\t{count}")
    if out is None:
        for doubt in report.doubts[:SHOWN]:
            typer.echo(f"{doubt.number}\t{doubt.name}\t{doubt.unit_code}\t{doubt.rule}\t{doubt.message.zh}")
        if len(report.doubts) > SHOWN:
            typer.echo("…… 全部意见用 --out 或 --json · all of them with --out or --json")
    typer.echo(f"{STAYS.zh} · {STAYS.en}")


def table(doubts: Any) -> str:
    """The findings as CSV. A text that a spreadsheet would take for a formula is written behind an apostrophe."""
    from geo.text import cell

    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(HEADINGS)
    for d in doubts:
        cells = (
            d.number, d.name, d.category.value, d.unit_code, d.rule, d.article, d.severity.value, d.message.zh,
            d.message.en, "、".join(c.name for c in d.collides), " ".join(str(c.number) for c in d.collides),
        )  # fmt: skip
        writer.writerow([cell(c) for c in cells])
    return made.getvalue()


def _progress(said: str | None) -> None:
    """One line on a terminal, written over; None ends it."""
    if sys.stderr.isatty():
        typer.echo("\r\033[K" + (said or ""), nl=False, err=True)
