"""Tables of coordinates: which column is which, and points, lines or rings of them."""

from __future__ import annotations

import io
import math

import openpyxl
import pytest
import shapely

from geo.reading.numbers import number_of
from geo.terms import Role
from tests.geo.reading.conftest import codes
from tests.geo.reading.made import zipped

CORNERS = [
    (3300000.125, 36370000.25),
    (3300100.125, 36370000.25),
    (3300100.125, 36370100.25),
    (3300000.125, 36370100.25),
]


def text(rows, header="点号,X,Y"):
    return header + "\n" + "\n".join(",".join(map(str, (i + 1, *r))) for i, r in enumerate(rows)) + "\n"


def workbook(*sheets: tuple[str, list[list[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_corner_list_is_a_ring_with_north_first(take):
    got = take(text(CORNERS), "a.csv")
    layer = got.layers[0]
    assert layer.role is Role.POLYGONS and layer.crs.epsg == 4524 and layer.crs.source == "guessed"
    assert layer.frame.geometry[0].bounds == (36370000.25, 3300000.125, 36370100.25, 3300100.125)
    assert codes(got, "error") == {"CR01"}


def test_exchanged_columns_are_proved_by_the_numbers(take):
    got = take(text([(y, x) for x, y in CORNERS]), "a.csv")
    assert codes(got, "error") == {"CR01", "CR05"}
    assert got.layers[0].frame.geometry[0].bounds[0] == 36370000.25 and got.layers[0].crs.swapped


@pytest.mark.parametrize("header", ["點號,縱坐標,橫坐標", "樁號,北座標X(m),東座標Y(m)", "編號,X軸,Y軸,備註"])
@pytest.mark.parametrize("codec", ["utf-8", "gbk", "big5"])
def test_headings_in_traditional_characters_alone(take, header, codec):
    got = take(text(CORNERS, header).encode(codec), "a.csv")
    (layer,) = got.layers
    assert layer.role is Role.POLYGONS
    assert layer.frame.geometry[0].bounds == (36370000.25, 3300000.125, 36370100.25, 3300100.125)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gbk", "utf-16", "big5"])
def test_encodings_of_a_table(take, codec):
    header = "點號,北坐標,東坐標" if codec == "big5" else "点号,北坐标,东坐标"
    got = take(text(CORNERS, "點號,X,Y" if codec == "big5" else header).encode(codec), "a.csv")
    assert len(got.layers) == 1 and got.layers[0].encoding.source in ("declared", "guessed")


@pytest.mark.parametrize("sign", [",", ";", "\t", "，", "|"])
def test_what_parts_the_cells(take, sign):
    got = take(text(CORNERS).replace(",", sign), "a.csv")
    assert got.layers[0].frame.geometry[0].area == 10000


def test_degrees_minutes_and_seconds(take):
    rows = [("106°36′00.00″", "29°48′00.00″"), ("106°36′36″", "29°48′00″"), ("106°36′36″", "29°48′36″")]
    got = take(text(rows, "点号,经度,纬度"), "a.csv")
    assert got.layers[0].frame.geometry[0].bounds == pytest.approx((106.6, 29.8, 106.61, 29.81))


@pytest.mark.parametrize(
    ("cell", "value"),
    [("12.5", 12.5), (" 12.5 ", 12.5), ("１２．５", 12.5), ("1,234,567.8", 1234567.8), ("106°30′36″", 106.51), ("106-30-36", 106.51), ("106:30:36.0", 106.51), ("106度30分36秒", 106.51), ("东经106°30′36″", 106.51), ("106°30'36\"E", 106.51), ("3300000.5米", 3300000.5), ("1e3", 1000.0), ("", None), ("abc", None), ("106°75′00″", None)],
)  # fmt: skip
def test_cells(cell, value):
    assert number_of(cell) == (None if value is None else pytest.approx(value))


def test_no_number_is_no_number():
    assert math.isnan(number_of("NaN") or 0) and number_of("inf") == math.inf


def test_longitude_and_latitude_the_wrong_way_round(take):
    got = take(text([(29.8, 106.6), (29.8, 106.61), (29.81, 106.61)], "点号,经度,纬度"), "a.csv")
    assert "CR05" in codes(got, "error") and got.layers[0].frame.geometry[0].bounds[0] == 106.6


def test_without_zone_number_and_district_nothing_is_guessed(take):
    rows = [(x + 400_000, y - 36_000_000 + 170_000) for x, y in CORNERS]
    got = take(text(rows), "a.csv", township=False)
    assert codes(got, "error") == {"CR01"} and got.layers[0].crs.source == "none"


def test_without_zone_number_in_the_district(take):
    got = take(text([(x, y - 36_000_000) for x, y in CORNERS]), "a.csv")
    assert got.layers[0].crs.epsg == 4545 and got.layers[0].crs.source == "guessed"
    assert codes(take(text([(x, y - 36_000_000) for x, y in CORNERS]), "a.csv", crs=4545)) == {"EN01"}


def test_a_marker_table_is_points(take):
    rows = [
        ["界桩号", "线号", "类型", "X", "Y", "高程"],
        ["001Q", "L1", "Q", 3300000.125, 36370000.25, 412.3],
        ["002Q", "L1", "Q", 3300100.5, 36370050.5, 430.1],
        ["003Q", "L1", "Q", None, None, None],
    ]
    got = take(workbook(("界桩成果表", rows)), "a.xlsx")
    layer = got.layers[0]
    assert layer.role is Role.MARKERS and layer.geometry_type == "Point" and layer.features == 3
    assert layer.fields == {
        "number": "界桩号",
        "line": "线号",
        "kind": "类型",
        "north": "X",
        "east": "Y",
        "height": "高程",
    }
    assert layer.z is not None and layer.z[:2].tolist() == [412.3, 430.1]
    assert layer.frame.geometry.isna().tolist() == [False, False, True]
    assert layer.frame.geometry[0].coords[0] == (36370000.25, 3300000.125)


def test_headings_of_two_rows_under_a_title_and_notes_below(take):
    rows = [["边界点成果表", None, None, None], ["线号", "点号", "坐标（米）", None], [None, None, "X", "Y"]]
    rows += [["L1", f"P{i}", x, y] for i, (x, y) in enumerate(CORNERS)] + [["制表：张", None, None, None]]
    got = take(workbook(("边界点成果表", rows)), "a.xlsx")
    layer = got.layers[0]
    assert layer.role is Role.LINES and len(layer.frame) == 1
    assert layer.frame["线号"].tolist() == ["L1"] and layer.frame.geometry[0].length == 300


def test_a_line_for_each_line_number(take):
    rows = [("L1", *CORNERS[0]), ("L1", *CORNERS[1]), ("L2", *CORNERS[2]), ("", *CORNERS[3])]
    got = take("线号,X,Y\n" + "\n".join(",".join(map(str, r)) for r in rows), "边界点.csv")
    assert got.layers[0].frame["线号"].tolist() == ["L1", "L2"]
    assert got.layers[0].frame.geometry.length.tolist() == [100, 100]


def test_several_parcels_and_a_hole(take):
    inner = [(x, y) for x, y in ((3300020.5, 36370020.5), (3300020.5, 36370040.5), (3300040.5, 36370040.5))]
    far = [(x + 1000, y) for x, y in CORNERS]
    rows = [("1", "1", *c) for c in CORNERS] + [("1", "2", *c) for c in inner] + [("2", "1", *c) for c in far]
    got = take("地块号,圈号,X,Y\n" + "\n".join(",".join(map(str, r)) for r in rows), "a.csv")
    shapes = got.layers[0].frame.geometry
    assert len(shapes) == 2 and len(shapes[0].interiors) == 1 and shapes[0].area == pytest.approx(10000 - 200)


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"role": Role.LINES}, "LineString"),
        ({"role": Role.MARKERS}, "Point"),
        ({"role": Role.POLYGONS}, "Polygon"),
        ({"ring": False}, "LineString"),
        ({"ring": True}, "Polygon"),
    ],
)
def test_a_person_says_what_the_points_make(take, options, kind):
    assert take(text(CORNERS), "a.csv", **options).layers[0].geometry_type == kind


def test_a_list_without_heading(take):
    got = take("1,3300000.125,36370000.25\n2,3300100.125,36370000.25\n3,3300100.125,36370100.25\n", "a.csv")
    assert got.layers[0].frame.geometry[0].area == 5000


def test_words_among_the_coordinates(take):
    got = take(text([*CORNERS, ("x", "y")]), "a.csv")
    assert "UP13" in codes(got, "error")


def test_the_direction_of_a_ring_does_not_matter_after_normalising(take):
    from geo.reading.normalise import tidy

    one = take(text(CORNERS), "a.csv").layers[0].frame.geometry.to_numpy()
    two = take(text(CORNERS[::-1]), "a.csv").layers[0].frame.geometry.to_numpy()
    assert shapely.equals(tidy(one), tidy(two)).all()
    assert shapely.is_ccw(shapely.get_exterior_ring(tidy(two))).all()


def test_a_workbook_that_is_none(take):
    assert codes(
        take(zipped({"[Content_Types].xml": b"<a/>", "xl/workbook.xml": b"<broken"}), "a.xlsx"), "error"
    ) == {"UP13"}


def test_a_bomb_in_a_workbook(take):
    bomb = zipped({"[Content_Types].xml": b"<a/>", "xl/workbook.xml": b" " * 30_000_000})
    assert codes(take(bomb, "a.xlsx"), "error") == {"UP08"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("纵坐标", "横坐标"), ("纵坐标(X)", "横坐标（Y）"), ("北坐标X(m)", "东坐标Y(m)"), ("北(X)", "东(Y)"), ("X轴", "Y轴"),
        ("X坐标值", "Y坐标值"), ("国家2000坐标X", "国家2000坐标Y"), ("CGCS2000_X", "CGCS2000_Y"), ("高斯坐标X", "高斯坐标Y"),
        ("平面坐标X（米）", "平面坐标Y（米）"), ("大地坐标X", "大地坐标Y"), ("ZB_X", "ZB_Y"), ("X坐标m", "Y坐标m"), ("N", "E"),
        ("縱坐標", "橫坐標"), ("Ｘ座标", "Ｙ座标"),
    ],
)  # fmt: skip
def test_headings_of_northing_and_easting(take, first, second):
    text = f"点号,{first},{second}\n1,3300000.5,36370000.5\n2,3300100.5,36370000.5\n3,3300100.5,36370100.5\n"
    got = take(text, "a.csv")
    assert shapely.get_coordinates(got.layers[0].frame.geometry)[0].tolist() == [36370000.5, 3300000.5]


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("经度(E)", "纬度(N)"), ("GPS经度", "GPS纬度"), ("WGS84经度", "WGS84纬度"), ("东经E", "北纬N"), ("经度坐标", "纬度坐标"),
        ("lon_deg", "lat_deg"), ("大地经度L", "大地纬度B"), ("经度（°）", "纬度（°）"), ("經度", "緯度"), ("LNG", "LAT"),
    ],
)  # fmt: skip
def test_headings_of_degrees(take, lon, lat):
    for header, row in ((f"{lon},{lat}", "{0},{1}"), (f"{lat},{lon}", "{1},{0}")):
        rows = [row.format(106.6 + i / 100, 29.8 + i * i / 100) for i in range(3)]
        got = take("\n".join([f"点号,{header}", *(f"{i},{r}" for i, r in enumerate(rows))]), "a.csv")
        assert shapely.get_coordinates(got.layers[0].frame.geometry)[1] == pytest.approx([106.61, 29.81])


@pytest.mark.parametrize("blank", [False, True])
def test_degrees_minutes_and_seconds_in_three_columns(take, blank):
    """As a register of markers has them, under a heading of two rows."""
    rows = [f"J{i},106,3{i},12.3{i},29,4{i},0{i}.5,41{i}.5" for i in range(1, 4)]
    if blank:
        rows[1] = "J2,,,,,,,412.5"
    text = "\n".join(["点号,经度,,,纬度,,,高程", ",度,分,秒,度,分,秒,(米)", *rows])
    layer = take(text, "界桩.csv", role=Role.MARKERS).layers[0]
    assert [g is None for g in layer.frame.geometry] == [False, blank, False]
    east, north = shapely.get_coordinates(layer.frame.geometry.iloc[2])[0]
    assert (round(east, 9), round(north, 9)) == (
        round(106 + 33 / 60 + 12.33 / 3600, 9),
        round(29 + 43 / 60 + 3.5 / 3600, 9),
    )
    assert layer.z.tolist() == [411.5, 412.5, 413.5] and layer.frame["点号"].tolist() == ["J1", "J2", "J3"]
