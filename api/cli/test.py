"""./yudi test: all set-up, then all tests (or those that the arguments name) on a cluster of their own."""

from __future__ import annotations

from collections.abc import Sequence

import typer

#: How tests/processes.py divides them: a module stays in one process, or its site would be started in each. One more
#: than the processors of the machine that they are meant for: a seventh of two was idle while tests waited for a browser.
THREE_PROCESSES = ("--processes", "3")

#: What asks pytest for a part of the tests, for one process, or for no tests at all.
APART = (
    "-k -m -n -s -h --lf --last-failed --ff --failed-first --nf --new-first --sw --stepwise --pdb --trace --co --collect-only "
    "--help --version --fixtures --markers --numprocesses --dist --processes --capture --pyargs --setup-plan --setup-only"
).split()


def add(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command(
        "test",
        help="准备环境并运行测试；参数原样交给 pytest · All set-up, then the tests; arguments go to pytest",
        # --help too: ./yudi test --help is pytest's own.
        context_settings={
            "ignore_unknown_options": True,
            "allow_extra_args": True,
            "help_option_names": [],
        },
    )(test)


def test(context: typer.Context) -> None:
    from api.setup import assets, cluster, packages
    from api.setup.places import var

    packages.provide_fonts()
    packages.provide_browser()
    assets.provide_for_tests()
    # A cluster of its own: a site that runs from this checkout is not disturbed, and losing it costs nothing.
    with cluster.running(var() / "pg-test", durable=False):
        # Without a browser its tests are skipped: each is named then.
        named = [] if packages.browser() else ["--no-fold-skipped"]
        code = run([*(THREE_PROCESSES if whole(context.args) else ()), *context.args, *named])
    raise typer.Exit(code)


def whole(arguments: Sequence[str]) -> bool:
    """Whether pytest runs all tests with these arguments: they name none, and say only how to go about it, as
    --durations=20, -x, --all and -q do."""
    from geo.settings import ROOT

    return not any(
        argument.partition("=")[0] in APART
        or argument.startswith(("-k", "-m", "-n"))
        or (not argument.startswith("-") and (ROOT / argument.partition("::")[0]).exists())
        for argument in arguments
    )


def run(arguments: list[str]) -> int:
    """pytest in the checkout, its exit code."""
    import os
    import subprocess
    import sys

    from api.setup.places import var
    from geo.settings import ROOT

    # Notebooks keep their things in the home folder unless told otherwise.
    jupyter = var() / "jupyter"
    own = {
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "run",
    }
    environment = os.environ | {name: str(jupyter / folder) for name, folder in own.items()}
    command = [sys.executable, "-m", "pytest", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        return process.wait()
    except BaseException:
        # Ctrl-C reached pytest too, and it is clearing up; anything else is passed on.
        process.terminate()
        process.wait()
        raise
