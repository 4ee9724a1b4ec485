"""Workbooks and corner lists as people make them."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from tests.geo.reading.conftest import codes
from tests.geo.reading.made import zipped
from tests.geo.reading.test_tables import CORNERS, workbook

HEAD = ["点号", "X", "Y", "备注"]


def rows(corners=CORNERS, first=1):
    return [[f"J{n + first}", *point, "木桩"] for n, point in enumerate(corners)]


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def book(*lines: list[object]) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    for line in lines:
        made.active.append(line)
    return made


@pytest.mark.parametrize(("value", "kind"), [("#REF!", "e"), ("#N/A", "e"), ("=1/0", "f"), (None, None)])
def test_a_corner_without_coordinates_is_said_with_its_row(take, value, kind):
    made = book(HEAD, *rows([*CORNERS, (3300050.5, 36369900.5)]))
    for cell in ("B4", "C4"):
        made.active[cell] = value
        if kind:
            made.active[cell].data_type = kind
    reading = take(saved(made), "a.xlsx")
    found = [f for f in reading.findings if f.code == "UP13"]
    assert found and all(list(f.features) == [2] for f in found)
    if value:
        assert any(value in f.text.zh for f in found)


def test_an_error_among_the_attributes(take):
    made = book(HEAD, *rows())
    made.active["D3"] = "#VALUE!"
    made.active["D3"].data_type = "e"
    reading = take(saved(made), "a.xlsx", role=None)
    found = next(f for f in reading.findings if f.code == "EN04")
    assert list(found.features) == [1]
    assert "#VALUE!" in found.text.zh


def test_hidden_sheets_are_no_layers(take):
    made = book(HEAD, *rows())
    for name, state in (("备份", "hidden"), ("旧", "veryHidden")):
        sheet = made.create_sheet(name)
        sheet.sheet_state = state
        for line in (HEAD, *rows()):
            sheet.append(line)
    reading = take(saved(made), "a.xlsx")
    assert len(reading.layers) == 1
    assert "备份" in next(f for f in reading.findings if f.code == "UP10").text.zh


def test_a_table_that_starts_within_the_sheet(take):
    reading = take(
        saved(book([], [None, "界址点成果表"], [None, *HEAD], *([None, *r] for r in rows()))), "a.xlsx"
    )
    assert len(reading.layers[0].frame) == 1


def test_a_workbook_in_an_archive_is_counted(take):
    inner = zipped({"[Content_Types].xml": b"", "xl/workbook.xml": bytes(30 << 20)})
    assert codes(take(zipped({"a.xlsx": inner}), "a.zip"), "error") == {"UP08"}


def test_headings_of_three_rows(take):
    head = [["界桩号", "坐标", None], [None, "2000国家大地坐标系", None], [None, "X（北）", "Y（东）"]]
    reading = take(
        workbook(("界桩", [*head, ["J1", 3300000.125, 36370000.25], ["J2", 3300100.5, 36370000.5]])), "a.xlsx"
    )
    assert reading.layers[0].fields["number"] == "界桩号"
    assert len(reading.layers[0].frame) == 2


def test_traditional_and_full_width_headings(take):
    reading = take(
        "界樁號,縱座標,橫座標,ＩＤ\n1,3300000.125,36370000.25,7\n2,3300100.5,36370000.5,8\n", "界樁.csv"
    )
    layer = reading.layers[0]
    assert layer.role.value == "markers"
    assert layer.fields["number"] == "界樁號"
    assert layer.frame.geometry.iloc[0].coords[0] == (36370000.25, 3300000.125)


def test_full_width_digits_and_thousands(take):
    text = "点号,X,Y\n" + "".join(
        f'{n},"{x:,.3f}",{str(y).translate(WIDE)}\n' for n, (x, y) in enumerate(CORNERS)
    )
    assert take(text, "a.csv").layers[0].frame.geometry.iloc[0].area == pytest.approx(10000)


WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")


def ring(x: float, size: float, *, close: bool = True) -> list[tuple[float, float]]:
    corners = [(x, 36370000.5), (x + size, 36370000.5), (x + size, 36370000.5 + size), (x, 36370000.5 + size)]
    return corners + corners[:1] * close


def listing(*rings, between: str = "") -> str:
    text = "点号,X,Y\n"
    for corners in rings:
        text += "".join(f"J{n % 4 + 1},{x},{y}\n" for n, (x, y) in enumerate(corners)) + between
    return text


@pytest.mark.parametrize("close", [True, False])
@pytest.mark.parametrize("between", ["", ",,\n", "第2圈,,\n"])
def test_rings_one_after_the_other(take, close, between):
    """The first point again, or J1 again, begins another ring: it does not cross the first."""
    hole = [(x + 20, y + 20) for x, y in ring(3300000.5, 30, close=close)]
    text = listing(ring(3300000.5, 100, close=close), hole, between=between)
    shape = take(text, "a.csv").layers[0].frame.geometry.iloc[0]
    assert shape.is_valid
    assert shape.area == pytest.approx(10000 - 900)


def test_parcels_under_their_names(take):
    text = (
        "点号,X,Y\n地块一,,\n"
        + listing(ring(3300000.5, 100))[7:]
        + "地块二,,\n"
        + listing(ring(3301000.5, 50))[7:]
    )
    assert list(take(text, "a.csv").layers[0].frame.area) == pytest.approx([10000, 2500])


def test_headings_repeated_on_every_page(take):
    text = (
        listing(ring(3300000.5, 100, close=False)[:2]) + "点号,X,Y\n" + listing(ring(3300000.5, 100)[2:])[7:]
    )
    reading = take(text, "a.csv")
    assert "UP13" not in codes(reading)
    assert reading.layers[0].frame.geometry.iloc[0].area == pytest.approx(10000)


@pytest.mark.parametrize("foot", ["制表：张三,审核：李四,2024\n", "注：坐标系为2000,,\n", "合计,4,\n"])
def test_what_stands_below_the_table(take, foot):
    reading = take(listing(ring(3300000.5, 100)) + foot, "a.csv")
    assert "UP13" not in codes(reading)
    assert reading.layers[0].frame.geometry.iloc[0].area == pytest.approx(10000)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [("1063812.3", "294812.3"), ("106-38-12.3", "29-48-12.3"), ("106°38′12.3″", "29°48′12.3″")],
)
def test_degrees_minutes_and_seconds_without_signs(take, lon, lat):
    layer = take(f"界桩号,经度,纬度\n1,{lon},{lat}\n2,{lon},{lat}\n", "a.csv").layers[0]
    assert layer.frame.geometry.iloc[0].coords[0] == pytest.approx((106.636750, 29.803417), abs=1e-6)
    assert layer.crs.epsg == 4490


@pytest.mark.parametrize("lon", ["1066112.3", "1063860.5"])
def test_what_cannot_be_minutes_stays_a_number(take, lon):
    layer = take(f"界桩号,经度,纬度\n1,{lon},294812.3\n", "a.csv").layers[0]
    assert layer.frame.geometry.iloc[0].x == float(lon)


def test_a_spreadsheet_that_qgis_wrote(take, tmp_path):
    """GDAL's .ods has line breaks between its elements."""
    path = tmp_path / "a.ods"
    table = pd.DataFrame(
        {
            "点号": ["J1", "J2", "J3"],
            "X": [3300000.5, 3300100.5, 3300100.5],
            "Y": [36370000.5, 36370000.5, 36370100.5],
        }
    )
    pyogrio.write_dataframe(table, path, layer="拐点", driver="ODS")
    with zipfile.ZipFile(path) as archive:
        assert b">\n<" in archive.read("content.xml")
    got = take(path.read_bytes(), "a.ods")
    assert shapely.get_coordinates(got.layers[0].frame.geometry)[:2].tolist() == [
        [36370000.5, 3300000.5],
        [36370000.5, 3300100.5],
    ]
