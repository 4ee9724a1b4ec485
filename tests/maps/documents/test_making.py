"""Same facts, same bytes; faces embedded; whatever a name holds is text and stays text."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any
from xml.etree import ElementTree

import docx
import pypdf
import pytest
import shapely
from PIL import Image

from maps.documents import MEDIA_TYPES, Kind, make
from maps.documents import facts as f
from maps.sheets import place_sheet, typeset
from maps.sheets.printable import NO_GLYPH, SHAPELESS, printable
from tests.maps.documents.case import DAY, HEAD, REASONS, facts_of, place
from tests.maps.documents.test_content import of_docx, of_pdf, squeezed

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

HOSTILE = [
    '#eval("6*7") #import "x.typ"', "$6 times 7$", "\\u{41} \\ [a](b) *b* _i_ `c` <l> @r // z /* y */", "</script><script>",
    "{{ 6*7 }}${6*7}%{6*7}", "\u202e路云翠\u202c\u200f", "=1+1", "+1", "-1", "@SUM(A1)", "\x00\x07\x1b", "半\ud83d\udc00\udfff",
    'a" HYPERLINK "http://x', "<w:fldSimple w:instr='PAGE'/>&amp;]]>", "\ufdd0\uffff\ufffe", "\r\n\t\u2028行",
]  # fmt: skip


def spoiled(value: Any, text: str) -> Any:
    """Facts with every text replaced, all the way down."""
    if isinstance(value, f.ChainHead):
        return replace(value, digest=text)
    if is_dataclass(value) and not isinstance(value, (type, place_sheet.Sheet)):
        return replace(value, **{x.name: spoiled(getattr(value, x.name), text) for x in fields(value)})
    if isinstance(value, tuple):
        return tuple(spoiled(item, text) for item in value)
    # Actions are texts too, but ours.
    return text if type(value) is str else value


def fields_of_word(made: bytes) -> set[str | None]:
    """The instructions of all fields in a Word document, whose parts are all well-formed."""
    found: set[str | None] = set()
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                root = ElementTree.fromstring(parts.read(name))
                found |= {e.text for e in root.iter(f"{W}instrText")}
                found |= {e.get(f"{W}instr") for e in root.iter(f"{W}fldSimple")}
    return found


@pytest.mark.parametrize("kind", Kind)
def test_any_text_is_printed_as_it_stands(kind: Kind) -> None:
    """The name holds every hostile string at once, and in the Word file every other text does too; each comes out
    as it went in."""
    together = "；".join(HOSTILE)
    one = (place(together),)
    named = facts_of(
        kind,
        **(
            {"refused": (f.Refused(place=one[0], reasons=REASONS),)}
            if kind is Kind.REFUSAL
            else {"places": one}
        ),
    )
    everywhere = spoiled(facts_of(kind), together)
    made = make(kind, everywhere, "docx")
    assert make(kind, everywhere).startswith(b"%PDF-")
    for said in (of_pdf(make(kind, named)), of_docx(made)):
        for text in HOSTILE:
            shown = squeezed(printable(text)).replace("\ufdd0", SHAPELESS)
            assert shown in said, (text, said[:400])
        assert "42" not in said, "something was worked out"
    assert fields_of_word(made) == {"PAGE"}


@pytest.mark.parametrize(
    "text", ["湾" * 200, "W" * 300, " ".join("=HYPERLINK" for _ in range(30))], ids="CWH"
)
@pytest.mark.parametrize("kind", [Kind.APPROVAL, Kind.FILING])
def test_long_texts_are_set_whole_and_within_the_page(kind: Kind, text: str) -> None:
    made = make(kind, facts_of(kind, places=(place(text, position=text, unit=text),)))
    assert squeezed(text) in of_pdf(made)
    for page in pypdf.PdfReader(io.BytesIO(made)).pages:
        right: list[float] = []
        page.extract_text(visitor_text=lambda t, cm, tm, font, size, right=right: right.append(cm[4] + tm[4]))
        assert max(right) < 210 / 25.4 * 72 - 20


@pytest.mark.parametrize("kind", [Kind.RECEIPT, Kind.APPROVAL, Kind.FILING, Kind.ANNOUNCEMENT])
def test_the_same_facts_give_the_same_bytes(kind: Kind) -> None:
    for form in MEDIA_TYPES:
        assert make(kind, facts_of(kind), form) == make(kind, facts_of(kind), form)  # type: ignore[arg-type]


def test_nothing_of_the_clock_or_the_machine_is_in_a_file() -> None:
    made = make(Kind.APPROVAL, facts_of(Kind.APPROVAL), "docx")
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    core = docx.Document(io.BytesIO(made)).core_properties
    assert core.created.date() == core.modified.date() == DAY
    assert core.author == core.last_modified_by == "示例市示例区民政局" and "批复" in core.title
    info = pypdf.PdfReader(io.BytesIO(make(Kind.APPROVAL, facts_of(Kind.APPROVAL)))).metadata
    assert info is not None
    assert info["/CreationDate"].startswith("D:20240520") and info["/ModDate"].startswith("D:20240520")


def test_the_pdf_is_an_archive_file_with_its_faces() -> None:
    reader = pypdf.PdfReader(io.BytesIO(make(Kind.ANNOUNCEMENT, facts_of(Kind.ANNOUNCEMENT))))
    metadata = reader.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfaid:part>2<", metadata) and re.search(r"pdfaid:conformance>A<", metadata)
    assert re.search(r"pdfuaid:part>1<", metadata), "a screen reader can follow it"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"] and reader.trailer["/Root"]["/Lang"].startswith(
        "zh"
    )
    for page in reader.pages:
        assert [round(float(v) / 72 * 25.4) for v in page.mediabox[2:]] == [210, 297]
        for font in page["/Resources"]["/Font"].values():
            described = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert "/FontFile3" in described or "/FontFile2" in described
            assert (
                "CJK" in described["/FontName"] or "Serif" in described["/FontName"] or described["/FontName"]
            )


def sheet() -> place_sheet.Sheet:
    road = shapely.LineString([(106.628, 29.727), (106.632, 29.733)])
    return place_sheet.build(
        [place_sheet.Spot("翠云路", road)], [place_sheet.Spot("王家湾", shapely.Point(106.629, 29.731))], [],
        on=DAY, approval="待填（未经审核，不得公开）", demo=True,
    )  # fmt: skip


@pytest.mark.parametrize("kind", [Kind.APPROVAL, Kind.FILING])
def test_the_attached_map_is_drawn_at_its_scale(kind: Kind) -> None:
    facts = facts_of(kind, sheet=sheet())
    pages = pypdf.PdfReader(io.BytesIO(make(kind, facts))).pages
    text = next(t for t in (p.extract_text() for p in pages) if "位置图" in t and "比例尺" in t)
    assert "审图号：待填（未经审核，不得公开）" in text and "王家湾" in text and "附件" in text
    found = docx.Document(io.BytesIO(make(kind, facts, "docx")))
    wide = [shape.width.mm for shape in found.inline_shapes]
    assert wide[-1] == pytest.approx(156, abs=0.01), "at scale in Word too"
    pictures = [p.blob for p in found.part.package.iter_parts() if p.partname.endswith(".png")]
    assert any(Image.open(io.BytesIO(blob)).size[0] == round(156 / 25.4 * 200) for blob in pictures)
    if kind is Kind.FILING:
        rows = [[cell.text for cell in row.cells] for row in found.tables[0].rows]
        assert ["附件", "“翠云路”位置图"] in [row[:2] for row in rows], "the form has a line of its own"
    else:
        assert "附件：“翠云路”位置图" in of_pdf(make(kind, facts))


def test_a_larger_sheet_has_a_page_of_its_own_size() -> None:
    large = replace(sheet(), width_mm=420.0, height_mm=297.0)
    pages = pypdf.PdfReader(io.BytesIO(make(Kind.APPROVAL, facts_of(Kind.APPROVAL, sheet=large)))).pages
    sizes = {tuple(round(float(v) / 72 * 25.4) for v in page.mediabox[2:]) for page in pages}
    assert sizes == {(210, 297), (420, 297)}
    assert "缩印" in of_docx(make(Kind.APPROVAL, facts_of(Kind.APPROVAL, sheet=large), "docx"))


def test_a_character_that_no_face_has_is_shown_and_named() -> None:
    said = of_pdf(make(Kind.APPROVAL, facts_of(Kind.APPROVAL, places=(place("翠\U0003fffd路"),), sheet=None)))
    assert f"翠{NO_GLYPH}路" in said and "字库所缺的字：U+3FFFD" in said
    assert "字库所缺" not in of_pdf(make(Kind.APPROVAL, facts_of(Kind.APPROVAL)))


def test_the_qr_code_holds_the_address() -> None:
    from maps.documents.press import qr

    assert qr("") is None and qr("x" * 5000) is None
    long_or_none = facts_of(Kind.RECEIPT, url="")
    assert "扫码" in of_pdf(make(Kind.RECEIPT, long_or_none))
    assert make(Kind.RECEIPT, facts_of(Kind.RECEIPT, url="x" * 5000), "docx")
    one, other = (make(Kind.RECEIPT, facts_of(Kind.RECEIPT, url=f"https://example.org/{i}")) for i in "ab")
    assert one != other


def test_without_a_chinese_face_the_problem_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typeset, "SERIF", ("No Such Face",))
    monkeypatch.setattr(typeset, "SANS", ("No Such Face",))
    typeset.faces.cache_clear()
    try:
        with pytest.raises(typeset.NoChineseFont) as refused:
            make(Kind.RECEIPT, facts_of(Kind.RECEIPT))
        assert "fonts-noto-cjk" in refused.value.text.zh
        assert make(Kind.RECEIPT, facts_of(Kind.RECEIPT), "docx"), "Word has faces of its own"
    finally:
        typeset.faces.cache_clear()


def test_sources_are_constants() -> None:
    """No text of the data is ever put into a Typst source: the sources are files, read as they are."""
    from maps.documents import press
    from maps.sheets import press as map_press

    for source in (press.SOURCE, map_press.SOURCE):
        words = source.read_text(encoding="utf-8")
        assert "eval(" not in words and 'mode: "markup"' not in words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("翠云路", "翠云路"),
        ("  翠 云\n路\t", "翠 云 路"),
        ("\x00a\u202eb\u200bc\ud800d\ufeff", f"{SHAPELESS}a{SHAPELESS}b{SHAPELESS}c{SHAPELESS}d{SHAPELESS}"),
        ("\U0003134f𠮷e\u0301", "\U0003134f𠮷e\u0301"),
    ],
)
def test_what_has_no_shape_is_made_visible(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_the_day_is_the_records() -> None:
    later = facts_of(Kind.APPROVAL, on=date(2025, 1, 2))
    assert "2025年1月2日" in of_pdf(make(Kind.APPROVAL, later))
    assert HEAD.at is not None and "2024年5月20日9时30分" in of_pdf(
        make(Kind.ANNOUNCEMENT, facts_of(Kind.ANNOUNCEMENT))
    )


def test_columns_are_as_wide_in_every_office_program() -> None:
    """Word goes by the cells, LibreOffice by the grid: both say the same."""
    made = docx.Document(io.BytesIO(make(Kind.REFUSAL, facts_of(Kind.REFUSAL, several=True), "docx")))
    table = made.tables[0]
    grid = [column.width.mm for column in table.columns]
    assert grid == [cell.width.mm for cell in table.rows[1].cells] and grid[2] > 5 * grid[0]
