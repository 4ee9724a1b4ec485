"""A sheet says what a map must say, prints any name as it stands, and is the same twice."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pypdf
import pytest
import shapely
from PIL import Image

from maps import sheets
from maps.boundary_map import About
from maps.sheets import boundary_sheet, place_sheet
from maps.sheets.paper import NoSuchPaper, fitting
from maps.sheets.press import resolution
from maps.sheets.printable import printable
from tests.maps.sheets import reading

HOSTILE = [
    "</text></svg><script>alert(1)</script>", "#eval(\"1+1\")", "$x^2$ \\ [a] *b* _c_", "]]>&amp;&lt;", "{{ 7*7 }}",
    "`${1}`", "\u202e镇湾大\u202c", "\x00空\x07", "半\ud83d个", "=1+1", "湾" * 300, "'\"><image href='/etc/passwd'/>",
]  # fmt: skip

NONE = "待填（未经审核，不得公开）"


def spots(names: list[str]) -> list[place_sheet.Spot]:
    rng = np.random.default_rng(4)
    at = rng.uniform((106.622, 29.722), (106.638, 29.738), (len(names), 2))
    return [
        place_sheet.Spot(name, shapely.Point(*xy), i)
        for i, (name, xy) in enumerate(zip(names, at, strict=True))
    ]


def place_map(names: list[str] = ["翠云路"], **changes: Any) -> sheets.Sheet:  # noqa: B006
    given: dict[str, Any] = {
        "subjects": [place_sheet.Spot(names[0], shapely.LineString([(106.628, 29.727), (106.632, 29.733)]))],
        "around": spots(names[1:]),
        "units": [place_sheet.Spot("云山镇", shapely.box(106.5, 29.6, 106.8, 29.9))],
    }
    return place_sheet.build(
        **(given | changes), on=date(2024, 5, 20), approval=NONE, demo=True, sources="地名登记簿"
    )


def test_a_sheet_says_all_that_a_map_must_say() -> None:
    made = place_map(["翠云路", "王家湾"])
    said = reading.texts(made.svg)
    for text in (
        "“翠云路”位置图", "图例", "北", "资料来源：地名登记簿", "资料截至：2024-05-20", f"审图号：{NONE}", "演示数据（虚构）",
        "翠云路", "王家湾", "云山镇", "现有地名", "2000国家大地坐标系，高斯-克吕格投影，中央经线 108°",
        "106°38′", "29°44′",
    ):  # fmt: skip
        assert any(text in one for one in said), (text, said)
    assert any(one.startswith("比例尺 1∶") for one in said)
    assert made.demo and made.on == date(2024, 5, 20)


def test_the_legend_explains_what_is_seen_and_nothing_else() -> None:
    far = place_sheet.Spot("远方", shapely.Point(107.9, 29.73))
    units = [place_sheet.Spot("云山镇", shapely.box(106.5, 29.6, 106.8, 29.9))]
    made = place_map(
        ["翠云路"], around=[far, *spots(["王家湾"])], units=units, outline=shapely.box(106, 29, 108, 31)
    )
    said = reading.texts(made.svg)
    assert "现有地名" in said and said[said.index("现有地名") + 1] == "1"
    assert "区界" not in said and "镇街界" not in said and "镇街" in said


def test_the_text_of_the_pdf_can_be_searched_and_its_faces_are_embedded() -> None:
    reader = pypdf.PdfReader(io.BytesIO(sheets.pdf(place_map(["翠云路", "王家湾"]))))
    text = reader.pages[0].extract_text()
    for word in ("位置图", "王家湾", "翠云路", f"审图号：{NONE}", "比例尺 1∶25 000"):
        assert word in text
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        described = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert "/FontFile3" in described or "/FontFile2" in described
    assert "/XObject" not in reader.pages[0]["/Resources"] or not any(
        one.get_object().get("/Subtype") == "/Image"
        for one in reader.pages[0]["/Resources"]["/XObject"].values()
    ), "a picture in place of vectors"


def test_a_name_is_text_whatever_it_holds() -> None:
    for name in HOSTILE:
        made = place_map([name, *HOSTILE], title=name)
        root = ElementTree.fromstring(made.svg)
        kinds = {element.tag.removeprefix(reading.SVG) for element in root.iter()}
        assert kinds <= {"svg", "title", "g", "defs", "clipPath", "rect", "path", "circle", "text"}
        assert printable(name) in reading.texts(made.svg)
        assert made.title == printable(name)
    made = place_map(["；".join(HOSTILE[:6]), *HOSTILE], title=HOSTILE[0])
    text = pypdf.PdfReader(io.BytesIO(sheets.pdf(made))).pages[0].extract_text()
    assert "审图号" in text and ("<script>" in text or "#eval" in text)


def test_the_same_data_give_the_same_bytes() -> None:
    first, second = place_map(["翠云路", "王家湾"]), place_map(["翠云路", "王家湾"])
    assert first == second
    assert sheets.pdf(first) == sheets.pdf(second)
    info = pypdf.PdfReader(io.BytesIO(sheets.pdf(first))).metadata
    assert info is not None and info["/CreationDate"].startswith("D:20240520")


def test_the_name_applied_for_always_stands_and_keeps_off_its_line() -> None:
    crowd = [f"村{i}" for i in range(300)]
    made = place_map(["翠云路", *crowd])
    said = reading.texts(made.svg)
    assert "翠云路" in said and made.left_out
    assert any(f"因图面所限，{len(made.left_out)} 个名称未注出" in one for one in said)
    assert set(made.left_out) | set(said) >= {c for c in crowd if c in made.left_out or c in said}


def test_places_of_every_shape_and_of_a_plan() -> None:
    area = shapely.box(106.61, 29.71, 106.62, 29.72)
    made = place_map(
        subjects=[
            place_sheet.Spot("翠云公园", area),
            place_sheet.Spot("翠云桥", shapely.Point(106.625, 29.725)),
            place_sheet.Spot("翠云路", shapely.LineString([(106.63, 29.73), (106.64, 29.74)])),
            place_sheet.Spot("无位置", shapely.Point()),
        ]
    )
    said = reading.texts(made.svg)
    assert made.title == "“翠云公园”等3处地名位置图"
    assert {
        "翠云公园",
        "翠云桥",
        "翠云路",
        "申请的地名（范围）",
        "申请的地名（道路、河流等）",
        "申请的地名",
    } <= set(said)
    with pytest.raises(ValueError):
        place_map(subjects=[place_sheet.Spot("无位置", shapely.Point())])


def test_pictures_are_fine_to_a3_and_coarser_above(saying: Callable[..., Any]) -> None:
    found = {}
    for size in ("A4", "A3", "A2", "A0"):
        made = sheets.sheet(sheets.Layers([], extent=(106, 29, 107, 30)), saying(), sheets.paper(size))
        found[size] = resolution(made)
    assert found == {"A4": 300, "A3": 300, "A2": 150, "A0": 150}
    with Image.open(io.BytesIO(sheets.png(place_map()))) as picture:
        assert picture.size == (round(156 / 25.4 * 300), round(188 / 25.4 * 300))


def test_paper_fits_the_district() -> None:
    assert fitting("A3", (106.4, 29.4, 106.9, 30.2)).lying is False
    assert fitting("a3", (106.0, 29.8, 107.0, 30.1)).lying is True
    with pytest.raises(NoSuchPaper):
        sheets.paper("B5")


def boundaries(
    frames: Any, size: str = "A3", officer: bool = False, language: str = "zh", **changes: Any
) -> Any:
    about = About("示例区", date(2024, 12, 31), NONE, officer=officer, language=language, target=18)
    return boundary_sheet.build(frames(officer, **changes), about, sheets.paper(size))


def test_the_boundary_sheet_shows_what_the_map_shows(frames: Any) -> None:
    made = boundaries(frames)
    said = reading.texts(made.svg)
    for text in (
        "示例区界线图", "统景镇", "双龙湖街道", "已勘定", "未勘定", "有争议的界线", "区界", f"审图号：{NONE}", "演示数据（虚构）",
        "已勘定界线经概括，不作定界依据", "未勘定界线为现用界，仅供参考", "14 个镇街 · 2024-12-31 状态 · 已勘定 2 条，年度目标 18 条",
    ):  # fmt: skip
        assert any(text in one for one in said), text
    assert not any("内部版" in one for one in said)
    officers = reading.texts(boundaries(frames, officer=True).svg)
    assert any("内部版" in one for one in officers) and "已勘定界线经概括，不作定界依据" not in officers
    english = reading.texts(boundaries(frames, language="en").svg)
    assert {"Legend", "N", "Boundaries of 示例区"} <= set(english)


def test_hostile_units_and_an_empty_district(frames: Any) -> None:
    made = boundaries(
        frames, names=[h for h in HOSTILE if h.isprintable() or "\x00" in h] + ["统景镇", "大湾镇"]
    )
    kinds = {element.tag.removeprefix(reading.SVG) for element in ElementTree.fromstring(made.svg).iter()}
    assert "script" not in kinds and "image" not in kinds
    assert "审图号" in pypdf.PdfReader(io.BytesIO(sheets.pdf(made))).pages[0].extract_text()
    nothing = frames(False)
    for name in ("units", "lines", "pairs", "markers"):
        setattr(nothing, name, getattr(nothing, name).iloc[0:0])
    about = About("示例区", date(2024, 12, 31), NONE)
    empty = boundary_sheet.build(nothing, about, sheets.paper("A4"))
    assert f"审图号：{NONE}" in reading.texts(empty.svg) and "图例" not in reading.texts(empty.svg)


def test_names_on_the_sheet_do_not_overlap_as_the_pdf_sets_them(frames: Any) -> None:
    """The widths that the placing reckons with are not smaller than what the face really takes."""
    import json

    import typst

    from maps.sheets.placing import width_em
    from maps.sheets.typeset import faces

    known = faces()
    source = (
        "#set page(width: auto, height: auto)\n#let t = json(bytes(sys.inputs.t))\n"
        "#context [#metadata(t.map(x => measure(text(size: 10pt, font: sys.inputs.font, x)).width / 10pt)) <w>]"
    )
    texts = ["统景镇", "004Q", "双龙湖街道—木耳镇线", "Xīnglóng Zhèn", "(1986)", "“大石桥”", "ABCDEFG mwMW"]
    for font in (known.serif, known.sans):
        found = typst.query(
            source.encode(), "<w>", field="value", one=True, font_paths=known.fonts,
            sys_inputs={"t": json.dumps(texts), "font": font},
        )  # fmt: skip
        for text, real in zip(texts, json.loads(found), strict=True):
            assert width_em(text) >= real * 0.985, (font, text, width_em(text), real)
