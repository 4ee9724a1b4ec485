"""./yudi demo: take the demonstration away, or write its tutorial files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add(app: typer.Typer) -> None:
    """Hang `demo` into the program."""
    demo = typer.Typer(help="演示数据 · the demonstration data", no_args_is_help=True)
    demo.command("remove")(remove)
    demo.command("tutorial")(tutorial)
    app.add_typer(demo, name="demo")


def remove(
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 答复 · answer as JSON")] = False,
) -> None:
    """清除全部演示数据和演示账号；真实记录与审计记录保留 · remove all demonstration data and accounts.

    Real records and the audit trail stay; units and place names stay as facts, without invented outlines and
    positions.
    """
    import json

    from api.cli import _database
    from api.setup.demo.remove import forget_files, remove_demo
    from geo.settings import district
    from geo.store.engine import sessions

    _database.ready()
    with sessions("owner")() as session:
        with session.begin():
            removed = remove_demo(session, district())
        forget_files(session, removed)
    if as_json:
        typer.echo(json.dumps({"removed": removed.counts}, ensure_ascii=False))
        return
    if not any(removed.counts.values()):
        typer.echo("没有演示数据 · there is no demonstration data")
        return
    parts = "，".join(f"{name} {count}" for name, count in removed.counts.items() if count)
    typer.echo(f"已清除演示数据和演示账号 · demonstration data and accounts removed: {parts}")


def tutorial(
    out: Annotated[Path, typer.Option("--out", help="写到此文件夹 · folder to write to")] = Path(
        "var/tutorial"
    ),
) -> None:
    """写出教程文件：一份合格成果和一套带各种缺陷的成果 · write the tutorial set, correct and defective."""
    from api.setup.demo.tutorial import write_tutorial

    for path in write_tutorial(out):
        typer.echo(str(path))
