"""Press (付印): a paper as PDF/A through Typst, by the constant source official.typ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import segno

from maps.documents.paper import DEMO, Grid, Paper, Paragraph, Table, day
from maps.sheets.typeset import typeset

SOURCE = Path(__file__).with_name("official.typ")


def pdf(paper: Paper) -> bytes:
    """The paper as PDF/A-2a and PDF/UA-1: faces embedded, structure tagged."""
    return typeset(SOURCE.read_bytes(), *_parts(paper), on=paper.on)


def picture(paper: Paper, ppi: float = 110) -> bytes:
    """The first page as PNG, for looking at."""
    return typeset(SOURCE.read_bytes(), *_parts(paper), on=paper.on, form="png", ppi=ppi)


def qr(url: str) -> segno.QRCode | None:
    """A QR code (level M), or None where there is no address or it is too long for one."""
    if not url:
        return None
    try:
        return segno.make_qr(url, error="m")
    except segno.DataOverflowError:
        return None


def _parts(paper: Paper) -> tuple[dict[str, Any], dict[str, str]]:
    """The paper as JSON, and its pictures by name."""
    pictures: dict[str, str] = {}
    blocks: list[dict[str, Any]] = []
    for block in paper.blocks:
        if isinstance(block, Paragraph):
            blocks.append(
                {
                    "kind": "paragraph",
                    "text": block.text,
                    "style": block.style,
                    "page_break": block.page_break,
                }
            )
        elif isinstance(block, Table):
            blocks.append(
                {"kind": "table", "columns": block.columns, "rows": block.rows, "shares": block.shares}
            )
        elif isinstance(block, Grid):
            blocks.append({"kind": "grid", "rows": block.rows, "tall": block.tall})
    code = None
    if paper.code is not None:
        symbol = qr(paper.code.url)
        if symbol is not None:
            pictures["code"] = str(symbol.svg_inline(scale=1, border=3))
        code = {
            "picture": "code" if symbol is not None else None,
            "lines": paper.code.lines,
            "alt": f"二维码：{paper.code.url}",
        }
    figures = []
    for figure in paper.figures:
        name = f"map{len(pictures)}"
        sheet = figure.sheet
        pictures[name] = sheet.svg
        figures.append(
            {"picture": name, "width": sheet.width_mm, "height": sheet.height_mm, "label": figure.label,
             "alt": f"{sheet.title}，比例尺 1∶{sheet.scale}"}
        )  # fmt: skip
    data = {
        "head": paper.head.value, "letterhead": paper.letterhead, "number": paper.number, "title": paper.title,
        "addressee": paper.addressee, "blocks": blocks, "attachments": paper.attachments, "office": paper.office,
        "day": day(paper.on), "demo": paper.demo, "demo_words": DEMO, "signed": paper.signed, "note": paper.note,
        "cc": paper.cc, "printed": paper.printed, "figures": figures, "code": code,
    }  # fmt: skip
    return data, pictures
