"""Every notebook runs from top to bottom against a real site, and is kept without outputs."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from geo.settings import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def run(site: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Any], None]]:
    """run(notebook): from top to bottom. One kernel for all, empty for each: most of a kernel's time goes into imports."""
    room = Path(os.environ["YUDI_VAR"])
    accounts = [{"login": login, "password": word} for login, word in site.passwords.items()]
    (room / "demo-accounts.json").write_text(json.dumps({"accounts": accounts}), encoding="utf-8")
    environment = os.environ | {
        "YUDI_SITE": site.url,
        "IPYTHONDIR": str(tmp_path_factory.mktemp("ipython")),
    }
    with warnings.catch_warnings():
        # The kernel's own libraries warn of each other; ours are tested everywhere else.
        warnings.simplefilter("ignore")
        from nbclient import NotebookClient

        client = NotebookClient(nbformat.v4.new_notebook(), timeout=240, kernel_name="python3")

    def whole(notebook: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
            client.nb = notebook
            client.execute(cleanup_kc=False, env=environment)

    yield whole
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client._cleanup_kernel()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs(path: Path, run: Callable[[Any], None]) -> None:
    notebook = nbformat.read(path, as_version=4)
    run(notebook)
    last = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    assert last.outputs, "the notebook ends in something to see"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_is_kept_without_outputs(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs"), "outputs belong to the reader's machine"


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS
