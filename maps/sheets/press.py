"""Press (付印): a sheet as vector PDF with its faces embedded, or as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from maps.sheets.sheet import Sheet
from maps.sheets.typeset import typeset

SOURCE = Path(__file__).with_name("sheet.typ")

#: The longer side up to which a picture is made at 300 dots an inch (A3), in millimetres; above at 150.
FINE_MM = 420.5


def pdf(sheet: Sheet) -> bytes:
    """The sheet as PDF/A: vectors at scale, text that can be searched."""
    return _made(sheet, "pdf")


def png(sheet: Sheet, ppi: float | None = None) -> bytes:
    """The sheet as a picture: 300 dots an inch up to A3 and 150 above, unless given."""
    return _made(sheet, "png", resolution(sheet) if ppi is None else ppi)


def resolution(sheet: Sheet) -> int:
    """Dots an inch of the sheet as a picture."""
    return 300 if max(sheet.width_mm, sheet.height_mm) <= FINE_MM else 150


def _made(sheet: Sheet, form: Literal["pdf", "png"], ppi: float = 300) -> bytes:
    data: dict[str, Any] = {
        "title": sheet.title,
        "width": sheet.width_mm,
        "height": sheet.height_mm,
        "alt": f"{sheet.title}，比例尺 1∶{sheet.scale}",
    }
    return typeset(SOURCE.read_bytes(), data, {"map": sheet.svg}, on=sheet.on, form=form, ppi=ppi)
