"""Every notebook runs from top to bottom against a real site, and is kept without outputs."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

import nbformat
import pytest

from geo.settings import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs(path: Path, site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.setup.demo.tutorial import write_tutorial

    with warnings.catch_warnings():
        # The kernel's own libraries warn of each other; ours are tested everywhere else.
        warnings.simplefilter("ignore")
        from nbclient import NotebookClient

        room = Path(os.environ["YUDI_VAR"])
        write_tutorial(room / "tutorial")
        accounts = [{"login": login, "password": word} for login, word in site.passwords.items()]
        (room / "demo-accounts.json").write_text(json.dumps({"accounts": accounts}), encoding="utf-8")
        monkeypatch.setenv("YUDI_SITE", site.url)
        monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, timeout=240, kernel_name="python3").execute(env=dict(os.environ))
    last = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    assert last.outputs, "the notebook ends in something to see"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_is_kept_without_outputs(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs"), "outputs belong to the reader's machine"


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS
