"""Word (可编辑文稿): a paper as .docx for officials to edit, in the faces that their offices have.

Text goes in as text nodes only: python-docx escapes it, no field is made of it, and `printable` has taken out
what XML does not allow. Same paper, same bytes: entries of the file carry one fixed time, its properties the
paper's date.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import docx as python_docx
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor

from maps.documents.paper import DEMO, Code, Figure, Grid, Head, Paper, Paragraph, Table, day
from maps.documents.press import qr
from maps.sheets.placing import width_em
from maps.sheets.press import png

#: Faces as offices have them; Word falls back to its own where one lacks.
BODY, TITLE, BLACK = "仿宋_GB2312", "方正小标宋简体", "黑体"
LATIN = "Times New Roman"
RED = RGBColor(0xC8, 0x16, 0x1D)
CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT

#: The type area (版心) of GB/T 9704.
WIDE_MM, HIGH_MM = 156.0, 206.0

#: The earliest time that a zip can hold: every entry's.
EPOCH = (1980, 1, 1, 0, 0, 0)


def docx(paper: Paper) -> bytes:
    """The paper as a Word document."""
    made = python_docx.Document()
    _page(made, paper)
    _properties(made, paper)
    form = paper.head is Head.FORM
    size = 11.0 if form else 16.0
    if not form:
        _line(made, paper.letterhead, 30 if len(paper.letterhead) < 14 else 24, TITLE, CENTRE, RED, before=24)
        if paper.head is Head.OFFICIAL:
            _rule(_line(made, paper.number, 16, BODY, CENTRE, before=24), "C8161D", 12)
        else:
            _rule(made.paragraphs[-1], "C8161D", 18)
            _line(made, paper.number, 16, BODY, RIGHT, before=12)
    _line(made, paper.title, 20 if form else 22, TITLE, CENTRE, before=12 if form else 36, after=12)
    if form and paper.number:
        _line(made, paper.number, 10.5, BODY, RIGHT)
    if paper.addressee:
        _text(made.add_paragraph(), f"{paper.addressee}：", size)
    for block in paper.blocks:
        _block(made, block, size, form)
    if paper.attachments and not form:
        several = len(paper.attachments) > 1
        for i, title in enumerate(paper.attachments):
            number = f"{i + 1}. " if several else ""
            lead = "附件：" if i == 0 else "　　　"
            p = made.add_paragraph()
            p.paragraph_format.left_indent = Pt(size * 2)
            p.paragraph_format.space_before = Pt(14 if i == 0 else 0)
            _text(p, f"{lead}{number}{title}", size)
    if form and paper.code is not None:
        _code(made, paper.code)
    if paper.signed:
        # 署名 centred over the date, which stands four characters in; two where the name is the longer one.
        name, date = width_em(paper.office), width_em(day(paper.on))
        left = 2.0 if name > 1.4 * date else 4.0
        widest = max(name, date)
        for text, wide, before in ((paper.office, name, 36), (day(paper.on), date, 0)):
            p = _line(made, text, size, BODY, RIGHT, before=before)
            p.paragraph_format.right_indent = Pt(round(size * (left + (widest - wide) / 2), 1))
        if paper.note:
            p = made.add_paragraph()
            p.paragraph_format.left_indent = Pt(size * 2)
            _text(p, paper.note, size)
    if not form and paper.code is not None:
        _code(made, paper.code)
    for figure in paper.figures:
        _figure(made, figure)
    if paper.cc:
        _rule(_line(made, f"抄送：{'，'.join(paper.cc)}。", 14, BODY, None, before=24), "000000", 6)
    if paper.printed:
        _line(made, f"{paper.office}　　{day(paper.on)}印发", 14, BODY, None)
    return _settled(made)


def _page(made: Any, paper: Paper) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    form = paper.head is Head.FORM
    section.top_margin, section.bottom_margin = Mm(25 if form else 37), Mm(22 if form else 35)
    section.left_margin, section.right_margin = Mm(25 if form else 28), Mm(25 if form else 26)
    section.header_distance, section.footer_distance = Mm(12), Mm(22 if not form else 12)
    normal = made.styles["Normal"]
    normal.font.name, normal.font.size = LATIN, Pt(11 if form else 16)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), BODY)
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing_rule = WD_LINE_SPACING.AT_LEAST
    normal.paragraph_format.line_spacing = Pt(18 if form else 28.95)
    if paper.demo:
        head = section.header.paragraphs[0]
        head.alignment = CENTRE
        _text(head, DEMO, 9, BLACK, RGBColor(0x8A, 0x4B, 0x3C))
    foot = section.footer.paragraphs[0]
    foot.alignment = CENTRE
    _text(foot, "— ", 14, BODY)
    _page_number(foot)
    _text(foot, " —", 14, BODY)


def _properties(made: Any, paper: Paper) -> None:
    """Title and office; times of the paper's date, nothing of the machine."""
    stamp = datetime(paper.on.year, paper.on.month, paper.on.day)
    core = made.core_properties
    core.title, core.author = paper.title[:255], paper.office[:255]
    core.last_modified_by, core.comments, core.language = paper.office[:255], "", "zh-CN"
    core.created = core.modified = stamp
    core.revision = 1


def _block(made: Any, block: Any, size: float, form: bool) -> None:
    if isinstance(block, Paragraph):
        p = made.add_paragraph()
        p.paragraph_format.page_break_before = block.page_break
        if block.style in ("body", "heading"):
            p.paragraph_format.first_line_indent = Pt(size * 2)
        if block.style == "centre":
            p.alignment = CENTRE
        face = BLACK if block.style == "heading" else TITLE if block.style == "centre" else BODY
        _text(p, block.text, {"note": 9.5, "centre": 20.0}.get(block.style, size), face)
    elif isinstance(block, Table):
        _table(made, block)
    elif isinstance(block, Grid):
        _grid(made, block)


def _table(made: Any, block: Table) -> None:
    table = made.add_table(rows=1, cols=len(block.columns), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    total = sum(block.shares)
    size = 10.5 if len(block.columns) <= 7 else 9
    for i, heading in enumerate(block.columns):
        _cell(table.rows[0].cells[i], heading, size, BLACK, CENTRE)
    repeat = OxmlElement("w:tblHeader")
    repeat.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
    for row in block.rows:
        cells = table.add_row().cells
        for i, text in enumerate(row):
            _cell(cells[i], text, size, BODY, CENTRE if len(text) <= 24 else None)
    _widths(table, [WIDE_MM * share / total for share in block.shares])
    made.add_paragraph()


def _widths(table: Any, widths: Sequence[float]) -> None:
    """Widths of the columns in millimetres: for the grid, by which LibreOffice goes, and for cells, by which Word does."""
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)


def _grid(made: Any, block: Grid) -> None:
    widths = [30.0, 56.0, 25.0, 45.0]
    table = made.add_table(rows=0, cols=4, style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for _ in block.rows:
        table.add_row()
    _widths(table, widths)
    tall = dict(block.tall)
    for number, row in enumerate(block.rows):
        made_row = table.rows[number]
        cells = made_row.cells
        if number in tall:
            made_row.height = Mm(tall[number])
        if len(row) == 2:
            wide = cells[1].merge(cells[3])
            _cell(cells[0], row[0], 10.5, BLACK, CENTRE)
            _cell(wide, row[1], 10.5, BODY, None)
        else:
            for i, text in enumerate(row):
                _cell(cells[i], text, 10.5, BODY if i % 2 else BLACK, None if i % 2 else CENTRE)
    made.add_paragraph()


def _code(made: Any, block: Code) -> None:
    symbol = qr(block.url)
    if symbol is not None:
        out = io.BytesIO()
        symbol.save(out, kind="png", scale=8, border=3)
        out.seek(0)
        shape = made.add_paragraph().add_run().add_picture(out, width=Mm(26))
        shape._inline.docPr.set("descr", f"二维码：{block.url}")
    for text in block.lines:
        _text(made.add_paragraph(), text, 10)


def _figure(made: Any, figure: Figure) -> None:
    """The attached map: at its scale where the type area holds it, else smaller, which is said."""
    sheet = figure.sheet
    made.add_section(WD_SECTION.NEW_PAGE)
    _text(made.add_paragraph(), figure.label, 16, BLACK)
    share = min(1.0, WIDE_MM / sheet.width_mm, HIGH_MM / sheet.height_mm)
    p = made.add_paragraph()
    shape = p.add_run().add_picture(
        io.BytesIO(png(sheet, ppi=200)), width=Emu(round(sheet.width_mm * share * 36_000))
    )
    shape._inline.docPr.set("descr", f"{sheet.title}，比例尺 1∶{sheet.scale}")
    if share < 1:
        _text(made.add_paragraph(), "本页为缩印，图上比例尺以 PDF 原图为准。", 9.5)


def _cell(cell: Any, text: str, size: float, face: str, align: Any) -> None:
    p = cell.paragraphs[0]
    p.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    p.paragraph_format.space_before = p.paragraph_format.space_after = Pt(2)
    cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
    if align is not None:
        p.alignment = align
    _text(p, text, size, face)


def _line(
    made: Any,
    text: str,
    size: float,
    face: str,
    align: Any,
    colour: Any = None,
    *,
    before: float = 0,
    after: float = 0,
) -> Any:
    p = made.add_paragraph()
    p.alignment = align
    p.paragraph_format.space_before, p.paragraph_format.space_after = Pt(before), Pt(after)
    if size > 16:
        p.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    _text(p, text, size, face, colour)
    return p


def _text(p: Any, text: str, size: float, face: str = BODY, colour: Any = None) -> None:
    """A run with its faces for Latin and Chinese."""
    run = p.add_run(text)
    run.font.name, run.font.size = LATIN, Pt(size)
    run._element.rPr.rFonts.set(qn("w:eastAsia"), face)
    run.font.bold = face == TITLE
    if colour is not None:
        run.font.color.rgb = colour


def _rule(p: Any, colour: str, eighths: int) -> None:
    """A line under a paragraph."""
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", str(eighths)), ("space", "6"), ("color", colour)):
        bottom.set(qn(f"w:{key}"), value)
    borders.append(bottom)
    p._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap", "w:overflowPunct",
        "w:topLinePunct", "w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", "w:adjustRightInd", "w:snapToGrid",
        "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents", "w:suppressOverlap", "w:jc",
        "w:textDirection", "w:textAlignment", "w:textboxTightWrap", "w:outlineLvl", "w:divId", "w:cnfStyle",
        "w:rPr", "w:sectPr", "w:pPrChange",
    )  # fmt: skip


def _page_number(p: Any) -> None:
    """The one field of the document: PAGE, a constant of ours."""
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        run = p.add_run()
        run.font.size = Pt(14)
        if kind:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        else:
            element = OxmlElement("w:instrText")
            element.text = text
        run._r.append(element)


def _settled(made: Any) -> bytes:
    """The file with one fixed time for every entry, in the order of their names."""
    raw = io.BytesIO()
    made.save(raw)
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        # The list of content types comes first, as readers expect it.
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(entry, old.read(name))
    return out.getvalue()
