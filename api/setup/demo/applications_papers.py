"""演示办件的申请材料（虚构）: what the demonstration's cases hold as materials, drawn and set here: a sketch of the place, a
paper of two pages with the proposal, and a table for Word. Each says on its face that it is invented."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date
from html import escape
from pathlib import Path

from sqlalchemy.orm import Session

from geo.reading.materials import DOCX, PDF
from geo.store import files, materials
from geo.store.tables import PlaceNameApplication, User
from maps.documents import press, word
from maps.documents.paper import DEMO, Head, Paper, Paragraph, Table
from maps.sheets.typeset import faces, typeset

#: Cases that hold materials, by name, each with how many of the three.
HOLDING = {"桃溪巷": 2, "竹韵路": 2, "松涛路": 2, "栖秀路": 3, "云栖雅苑": 2, "丹枫一路": 1}

SKETCH = b"""#set document(title: "demo")
#set page(width: 240mm, height: 170mm, margin: 0mm)
#image(bytes(sys.inputs.at("sketch")), width: 240mm, alt: "demo")
"""


def load_papers(session: Session, row: PlaceNameApplication, who: User, on: date) -> int:
    """Give a case its materials; how many."""
    made = list(_papers(row, on))[: HOLDING.get(row.name, 0)] if row.name in HOLDING else []
    with tempfile.TemporaryDirectory() as folder:
        for kind, filename, media_type, content, pages in made:
            path = Path(folder) / "paper"
            path.write_bytes(content)
            materials.add(
                session, row, files.keep(session, path, media_type), kind=kind, filename=filename,
                media_type=media_type, inline=media_type != DOCX, pages=pages, added_by=who.id,
            )  # fmt: skip
    return len(made)


def _papers(row: PlaceNameApplication, on: date) -> Iterator[tuple[str, str, str, bytes, int | None]]:
    """(kind, file name, media type, bytes, pages), made one after the other as they are asked for."""
    yield (
        "basic_facts",
        f"{row.name}位置示意图（演示，虚构）.png",
        "image/png",
        sketch(row.name, row.category, on),
        None,
    )
    yield "proposal", f"{row.name}命名方案及理由（演示，虚构）.pdf", PDF, press.pdf(proposal(row, on)), 2
    yield "other", f"{row.name}沿线单位意见（演示，虚构）.docx", DOCX, word.docx(opinions(row, on)), None


def proposal(row: PlaceNameApplication, on: date) -> Paper:
    """命名方案及理由, two pages."""
    form = row.form
    return Paper(
        head=Head.FORM, letterhead="", number="", title=f"{row.name}命名方案及理由", office="演示申请单位（虚构）", on=on, demo=True,
        blocks=(
            Paragraph("一、拟用名称", "heading"),
            Paragraph(f"{row.name}（{row.romanization}）。{form['meaning']}"),
            Paragraph("二、命名理由", "heading"),
            Paragraph(form["reasons"]),
            Paragraph("三、基本情况", "heading"),
            Table(("项目", "内容"), (("类别", row.category), ("位置", form["position"]), ("规模", form["size"]), ("性质", form["nature"])), (1, 3)),
            Paragraph("附：沿线情况", "heading", page_break=True),
            Paragraph("本页所列单位、门牌和日期均为虚构，只用来演示多页材料的查看。"),
            Table(
                ("序号", "沿线单位（虚构）", "现用地址", "意见"),
                tuple((str(i), f"演示单位{i}", f"无名路 {i * 10} 号", "同意") for i in range(1, 9)), (1, 3, 3, 2),
            ),
        ),
    )  # fmt: skip


def opinions(row: PlaceNameApplication, on: date) -> Paper:
    """沿线单位意见, for Word."""
    rows = tuple((str(i), f"演示单位{i}", "同意", "（虚构）") for i in range(1, 7))
    return Paper(
        head=Head.FORM, letterhead="", number="", title=f"{row.name}沿线单位意见", office="演示申请单位（虚构）", on=on, demo=True,
        blocks=(Table(("序号", "单位（虚构）", "意见", "备注"), rows, (1, 3, 2, 2)),),
    )  # fmt: skip


def sketch(name: str, category: str, on: date) -> bytes:
    """位置示意图 as PNG: invented roads about the place, its name beside it."""
    said = escape(name)
    face = escape(faces().sans)
    blocks = "".join(
        f'<rect x="{x}" y="{y}" width="86" height="58" fill="#E4DDD0" stroke="#C9BFAE"/>'
        for x in (120, 230, 340, 560, 670, 780) for y in (124, 206, 400, 482)
    )  # fmt: skip
    place = (
        '<rect x="430" y="382" width="110" height="190" fill="#A8392B" fill-opacity="0.25" stroke="#A8392B" stroke-width="4"/>'
        if category == "住宅区、楼宇"
        else '<path d="M40 334 C 260 318 620 344 920 326" fill="none" stroke="#A8392B" stroke-width="14" stroke-linecap="round"/>'
    )
    drawing = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 680" width="960" height="680" font-family="{face}">
<rect width="960" height="680" fill="#FBF7EF"/>
<path d="M0 650 C 260 560 560 690 960 600 L960 680 L0 680 Z" fill="#CFE0EA"/><text x="120" y="655" font-size="18" fill="#2F6F9F">演示河（虚构）</text>
{blocks}
<path d="M486 112 V610" stroke="#B9AE9B" stroke-width="16"/><path d="M0 330 H960" stroke="#E4DDD0" stroke-width="30"/>
<text x="502" y="372" font-size="20" fill="#6B6259">甲路（虚构）</text>
{place}
<text x="602" y="308" font-size="30" font-weight="700" fill="#A8392B">{said}</text>
<path d="M884 150 l14 -44 l14 44 l-14 -9 z" fill="#2B2622"/><text x="890" y="96" font-size="18" fill="#2B2622">北</text>
<path d="M780 600 v8 h120 v-8" fill="none" stroke="#2B2622" stroke-width="2"/><text x="808" y="594" font-size="16" fill="#2B2622">约 200 米</text>
<text x="60" y="56" font-size="28" font-weight="700" fill="#2B2622">{said}位置示意图</text>
<text x="60" y="90" font-size="17" fill="#8C1D18">{escape(DEMO)}</text>
</svg>"""
    return typeset(SKETCH, {}, {"sketch": drawing}, on=on, form="png", ppi=130)
