"""./yudi bench: the side-by-side measurements of benchmarks/."""

from __future__ import annotations

import json
import os
import sys
from typing import Annotated

import typer

NAMES = (
    "startup",
    "coverage",
    "district",
    "ingest",
    "romanize",
    "names_import",
    "name_check",
    "search",
    "tiles",
    "pages",
    "walking",
    "cases",
)


def add(app: typer.Typer) -> None:
    @app.command()
    def bench(
        names: Annotated[list[str] | None, typer.Argument(help=f"one or more of: {', '.join(NAMES)}")] = None,
        as_json: Annotated[bool, typer.Option("--json")] = False,
        size: Annotated[
            int | None, typer.Option("--rows", min=1_000, help="检索测速的地名数 · names to search in")
        ] = None,
    ) -> None:
        """并排测速：每项都与同类工具在同一次运行中比较 · Measure beside a peer, in one run."""
        import importlib

        from geo.settings import ROOT

        chosen = names or list(NAMES)
        if unknown := set(chosen) - set(NAMES):
            typer.echo(f"没有这项测速 · no such measurement: {', '.join(sorted(unknown))}", err=True)
            raise typer.Exit(2)
        sys.path.insert(0, str(ROOT))
        if size:
            os.environ["YUDI_BENCH_ROWS"] = str(size)
        missed = False
        for name in chosen:
            rows = importlib.import_module(f"benchmarks.{name}").main()
            missed = missed or any(not row["met"] for row in rows)
            if as_json:
                for row in rows:
                    typer.echo(json.dumps({"benchmark": name, **row}, ensure_ascii=False))
        raise typer.Exit(1 if missed else 0)
