"""Texts as cells of a CSV: what begins like a formula is a text in every spreadsheet, and comes back as it was."""

from __future__ import annotations

import csv
import io

import pytest

from geo.names.register_cells import text_of
from geo.reading.rows import shown, texts
from geo.store.name_export import write_csv
from geo.text import FORMULA, cell, cell_read

FORMULAS = ("=7919*7877", "+1+1", "-x()", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0")


@pytest.mark.parametrize("said", [*FORMULAS, "", "'", "'=x"[:1], "统景路", "1=1"])
def test_a_cell_is_no_formula_and_comes_back(said: str) -> None:
    written = str(cell(said))
    assert not written.startswith(FORMULA) and cell_read(written) == said
    assert texts({"名称": written}, {"name": "名称"}) == {"name": said}
    if said.isprintable():
        assert text_of(written) == said


def test_numbers_stay_numbers() -> None:
    assert (cell(-1.5), cell(7), cell(None), cell("-106.5"), cell("+3")) == (-1.5, 7, None, "-106.5", "+3")
    assert cell_read("'统景路") == "'统景路", "an apostrophe that guards nothing is the text's own"


def test_the_export_of_the_register_holds_no_formula() -> None:
    row = {
        "number": 1, "status": "standard", "unit_code": "500112", "facts": {}, "sources": [], "wkb": None,
        "name": "=7919*7877", "romanization": "@x", "meaning": "+1+x", "history": "-x", "origin": "\t=1",
    }  # fmt: skip
    made = b"".join(write_csv(iter([row]))).decode("utf-8-sig")
    cells = [c for line in csv.reader(io.StringIO(made, newline="")) for c in line]
    assert "'=7919*7877" in cells and not [c for c in cells if c.startswith(FORMULA)]
    assert shown("\t=1").startswith("<U+0009>")
