"""./yudi test: all set-up, then all tests (or those that the arguments name) on a cluster of their own."""

from __future__ import annotations

import typer


def add(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command(
        "test",
        help="准备环境并运行测试；参数原样交给 pytest · All set-up, then the tests; arguments go to pytest",
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
    )(test)


def test(context: typer.Context) -> None:
    import os
    import subprocess
    import sys

    from api.setup import cluster
    from geo.settings import ROOT

    arguments = list(context.args) or ["-n", "2"]
    with cluster.running(ROOT / "var" / "pg-test", durable=False):
        code = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=dict(os.environ), check=False
        ).returncode
    raise typer.Exit(code)
