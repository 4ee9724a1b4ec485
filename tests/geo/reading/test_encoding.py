"""Encoding (EN01-EN06): decided in the order of docs/checks.md, all texts of a file together."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.reading import encoding
from geo.reading.encoding import Raw, codec_of, detect
from tests.geo.reading.conftest import codes
from tests.geo.reading.made import dbf, named, shapefile, zipped

NAMES = ["兴隆镇", "茨竹镇", "统景镇", "大湾镇", "木耳镇", "古路镇", "玉峰山镇"]
TRADITIONAL = ["興隆鎮", "臺北市", "萬華區", "統景鎮", "龍興鎮", "龍潭區"]


def made(codec: str, values: list[str] = NAMES, **more):
    from tests.geo.reading.made import poly, square

    records = [poly(square(370000 + 200 * i)) for i in range(len(values))]
    return zipped(
        named(
            shapefile(names=("name",), records=records, values=[[v] for v in values], codec=codec, **more),
            "a",
        )
    )


def read_names(got) -> list[str]:
    frame = got.layers[0].frame
    return frame[frame.columns[0]].tolist()


@pytest.mark.parametrize(
    ("codec", "more", "source", "expected"),
    [
        ("utf-8", {"cpg": b"UTF-8"}, "declared", set()),
        ("utf-8", {"cpg": b"\xef\xbb\xbfutf8\r\n"}, "declared", set()),
        ("gbk", {"cpg": b"936"}, "declared", set()),
        ("gbk", {"cpg": b"GBK"}, "declared", set()),
        ("gbk", {"cpg": b"GB2312"}, "declared", set()),
        ("gb18030", {"cpg": b"GB18030"}, "declared", set()),
        ("gbk", {"cpg": b"ANSI 936"}, "declared", set()),
        ("gbk", {"ldid": 0x4D}, "declared", set()),
        ("gbk", {"ldid": 0x7A}, "declared", set()),
        ("gbk", {"cpg": b"OEM", "ldid": 0x4D}, "declared", set()),
        ("gbk", {}, "guessed", {"EN01"}),
        ("gbk", {"ldid": 0x57}, "guessed", {"EN01"}),
        ("utf-8", {}, "guessed", {"EN01"}),
        ("gbk", {"cpg": b"UTF-8"}, "guessed", {"EN02"}),
        ("utf-8", {"cpg": b"GBK"}, "guessed", {"EN02"}),
        ("utf-8", {"ldid": 0x4D}, "guessed", {"EN02"}),
        ("gbk", {"cpg": b"ISO-8859-1"}, "guessed", {"EN02"}),
        ("gbk", {"cpg": b"<!DOCTYPE html><html>404"}, "guessed", {"EN02"}),
        ("gbk", {"cpg": b"<html>", "ldid": 0x4D}, "declared", {"EN02"}),
        ("gbk", {"cpg": b"x-no-such-codec"}, "guessed", {"EN02"}),
    ],
)
def test_the_order_of_decision(take, codec, more, source, expected):
    got = take(made(codec, **more))
    assert read_names(got) == NAMES
    assert got.layers[0].encoding.source == source
    assert codes(got) - {"EN06"} == expected


@pytest.mark.parametrize(
    ("codec", "more"),
    [("big5", {}), ("cp950", {"ldid": 0x78}), ("big5", {"cpg": b"950"}), ("big5", {"cpg": b"Big5"})],
)
def test_big5(take, codec, more):
    got = take(made(codec, TRADITIONAL, **more))
    assert read_names(got) == TRADITIONAL


@pytest.mark.parametrize(("codec", "label", "text"), [("euc_jp", b"EUC-JP", "東京都渋谷区"), ("cp932", b"932", "大阪市北区"), ("cp949", b"949", "서울특별시"), ("euc_kr", b"EUC-KR", "부산광역시"), ("cp1251", b"1251", "Москва")])  # fmt: skip
def test_other_declared_codecs(take, codec, label, text):
    got = take(zipped(named(shapefile(names=("name",), values=[[text]], codec=codec, cpg=label), "a")))
    assert read_names(got) == [text] and not codes(got) & {"EN01", "EN02", "EN03"}


def test_latin_letters(take):
    words = ["Zürich", "Genève", "São Paulo", "Straße"]
    got = take(
        zipped(named(shapefile(names=("name",), values=[[w] for w in words[:1]], codec="cp1252"), "a"))
    )
    assert read_names(got) == ["Zürich"] and codes(got) == {"EN01"}


def test_ascii_needs_no_decision(take):
    got = take(zipped(named(shapefile(names=("name",), values=[["Xinglong"]]), "a")))
    assert codes(got) == set() and got.layers[0].encoding.source == "none"


def test_a_given_encoding_wins(take):
    got = take(made("gbk", cpg=b"UTF-8"), encoding="gbk")
    assert read_names(got) == NAMES and got.layers[0].encoding.source == "given" and codes(got) == set()


def test_text_that_no_codec_decodes(take):
    parts = shapefile(names=("name",))
    parts["dbf"] = dbf([(b"name", "C", 20)], [[b"\x81\x20\xff\x8d\x9d\x90x"]])
    assert codes(take(zipped(named(parts, "a"))), "error") == {"EN03"}


@pytest.mark.parametrize("broken", ["兴\ufffd镇", "兴?镇", "????"])
def test_text_destroyed_before(take, broken):
    got = take(zipped(named(shapefile(values=[[broken]], codec="utf-8", cpg=b"UTF-8"), "a")))
    assert codes(got) == {"EN04"}


def test_a_question_is_not_destroyed_text(take):
    got = take(zipped(named(shapefile(values=[["兴隆镇?"]], ldid=0x4D), "a")))
    assert codes(got) == set()


def test_a_value_cut_in_two_at_its_width(take):
    parts = shapefile(names=("name",))
    parts["dbf"] = dbf([(b"name", "C", 9)], [["兴隆镇人民政府".encode("gbk")[:9]]], ldid=0x4D)
    got = take(zipped(named(parts, "a")))
    assert read_names(got) == ["兴隆镇人"] and codes(got) == {"EN04"}


@pytest.mark.parametrize(
    ("name", "hit"), [("礌口", True), ("大塝", True), ("\ue123山", True), ("兴隆", False)]
)
def test_rare_characters_are_kept_and_listed(take, name, hit):
    got = take(zipped(named(shapefile(values=[[name]], codec="gb18030", cpg=b"GB18030"), "a")))
    assert read_names(got) == [name] and ("EN06" in codes(got)) is hit


@pytest.mark.parametrize(
    ("label", "codec"),
    [("UTF-8", "utf-8"), ("65001", "utf-8"), ("936", "gbk"), ("CP936", "gbk"), ("ANSI 1252", "cp1252"), ("1252", "cp1252"), ("88591", "iso-8859-1"), ("ISO-8859-1", "iso8859-1"), ("ISO8859_1", "iso8859-1"), ("950", "big5"), ("LDID/77", "gbk"), ("OEM", ""), ("<html>", None), ("", None), ("rot13", None), ("hex", None)],
)  # fmt: skip
def test_labels(label, codec):
    assert codec_of(label) == codec


@given(st.lists(st.sampled_from(sorted(encoding._common("gb18030"))), min_size=8, max_size=40))
@settings(max_examples=60, deadline=None)
def test_common_hanzi_in_gbk_are_never_taken_for_another_code(characters):
    text = "".join(characters)
    assert detect([Raw(text.encode("gbk"))]) in ("gb18030", "utf-8")
    assert detect([Raw(text.encode())]) == "utf-8"


@given(st.binary(min_size=1, max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_bytes_get_a_codec_that_decodes_them_or_none(data):
    codec = detect([Raw(data)])
    assert codec is None or encoding.decode(data, codec)[0] is not None


@pytest.mark.parametrize("name", ["鎮", "統景鎮", "大灣鎮", "寶聖湖、龍興"])
@pytest.mark.parametrize("codec", ["utf-8", "big5"])
def test_traditional_characters_are_not_rare(take, name, codec):
    got = take(made(codec, [name], cpg=codec.encode()))
    assert read_names(got) == [name] and "EN06" not in codes(got)


@pytest.mark.parametrize("cpg", [None, b"ISO-8859-1", b"1252"])
def test_traditional_characters_in_gbk(take, cpg):
    """Few of them are among the everyday ones of GB 2312, and Latin-1 decodes them too."""
    got = take(made("gbk", TRADITIONAL, cpg=cpg))
    assert read_names(got) == TRADITIONAL and got.layers[0].encoding.name == "GB18030"
    assert codes(got) - {"EN06"} == {"EN01" if cpg is None else "EN02"}
    assert "繁体按简体计" in got.layers[0].encoding.reason.zh


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("經度,緯度", "gb18030"),
        ("縱座標X(m),橫座標Y(m)", "gb18030"),
        ("經度", "cp1252"),
        ("經樁緯", "cp1252"),
        ("經樁緯鎮", "gb18030"),
    ],
)
def test_how_little_speaks_for_traditional_characters(text, codec):
    """Three with one that is everyday as it stands, four without."""
    assert detect([Raw(text.encode("gbk"))]) == codec


def test_accented_letters_are_not_traditional_characters():
    words = "Frédéric Général Hélène Gisèle Forêt Côte Père Dürnstein Köln Tübingen Málaga Peñíscola"
    raws = [Raw(word.encode("cp1252")) for word in words.split()]
    assert encoding.traditional_share(raws) < 0.3 and detect(raws) == "cp1252"


def test_characters_of_the_standard_table_that_gb2312_lacks_are_not_rare(take):
    assert "EN06" not in codes(take(made("utf-8", ["塆子"], cpg=b"UTF-8")))


def gdal_names(*names: str) -> list[bytes]:
    """As GDAL writes them in UTF-8: ten bytes, or eight and a number where ten are another's too."""
    found: list[bytes] = []
    for name in names:
        raw = name.encode()[:10]
        numbers = (name.encode()[:8] + (b"_%d" % n if n < 10 else b"%02d" % n) for n in range(1, 100))
        found.append(raw if raw not in found else next(n for n in numbers if n not in found))
    return found


@pytest.mark.parametrize("cpg", [b"UTF-8", None])
def test_names_cut_inside_a_hanzi_and_then_numbered(take, cpg):
    """A field's name must not spoil the texts of the whole file."""
    raw = gdal_names(*(f"行政区划代码{i}" for i in range(12)), "行政区划名称")
    assert (
        raw[1] == "行政".encode() + "区".encode()[:2] + b"_1"
        and raw[11] == "行政".encode() + "区".encode()[:2] + b"11"
    )
    parts = shapefile(cpg=cpg)
    parts["dbf"] = dbf([(name, "C", 30) for name in raw], [["兴隆镇".encode()] * len(raw)])
    got = take(zipped(named(parts, "a")))
    assert codes(got) == {"EN05"} | ({"EN01"} if cpg is None else set())
    layer = got.layers[0]
    assert layer.encoding.name == "UTF-8" and set(layer.frame.iloc[0][:-1]) == {"兴隆镇"}
    assert list(layer.frame.columns)[:3] == ["行政区", "行政_1", "行政_2"]


def test_any_name_cut_by_gdal_keeps_its_file_in_utf8():
    for text in ("乡镇代码类型甲", "a乡镇代码类型甲", "ab乡镇代码类型甲", "abcdefg乡镇", "街道办事处"):
        raws = [Raw(name, True) for name in gdal_names(*[text + "一二三四五"] * 30)]
        assert detect([Raw("兴隆镇".encode()), *raws]) == "utf-8"
