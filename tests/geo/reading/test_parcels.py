"""地块坐标文件: plots as land offices exchange them."""

from __future__ import annotations

import pytest

from geo.reading.sniff import kind_of
from tests.geo.reading.conftest import codes
from tests.geo.reading.test_workbook import ring

HEAD = """[属性描述]
格式版本号=1.01版本
数据产生日期=2018-3-1
坐标系={system}
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=36
精度=0.001
转换参数=0,0,0,0,0,0,0
[地块坐标]
"""


def plot(name: str, *rings: list[tuple[float, float]], count: int | None = None, east: float = 0) -> str:
    points = [
        f"J{n % 4 + 1},{number},{x},{y + east}"
        for number, corners in enumerate(rings, 1)
        for n, (x, y) in enumerate(corners)
    ]
    return (
        f"{len(points) if count is None else count},1.0,{name[-1]},{name},面,,公路,,@\n"
        + "\n".join(points)
        + "\n"
    )


def text(*plots: str, system: str = "2000国家大地坐标系") -> bytes:
    return (HEAD.format(system=system) + "".join(plots)).encode("gb18030")


TWO = (
    plot("甲1", ring(3300000.5, 100), [(x + 20, y + 20) for x, y in ring(3300000.5, 30)]),
    plot("乙2", ring(3301000.5, 50)),
)


def test_plots_with_their_rings_and_system(take):
    reading = take(text(*TWO), "勘测定界.txt")
    assert not codes(reading, "error")
    (layer,) = reading.layers
    assert layer.crs.epsg == 4524
    assert list(layer.frame.area) == pytest.approx([10000 - 900, 2500])
    assert list(layer.frame["地块名称"]) == ["甲1", "乙2"]


def test_an_easting_without_its_zone_number(take):
    layer = take(text(plot("甲1", ring(3300000.5, 100), east=-36_000_000)), "a.txt").layers[0]
    assert layer.crs.epsg == 4545


def test_a_system_without_an_authorised_way(take):
    reading = take(text(*TWO, system="80国家大地坐标系"), "a.txt")
    assert {"CR03", "CR04"} <= codes(reading)
    assert "CR01" not in codes(reading)


def test_words_that_name_no_system_are_asked_about(take):
    assert "CR01" in codes(take(text(*TWO, system="地方坐标系"), "a.txt"), "error")


def test_a_plot_cut_off(take):
    cut = plot("甲1", ring(3300000.5, 100), count=9)
    assert "UP13" in codes(take(text(cut), "a.txt"), "error")


@pytest.mark.parametrize("head", [b"[1,\n2]", b"[\n{", b'["a"]\n', b"[]\n"])
def test_arrays_are_no_titles(head):
    assert kind_of(head).family == "json"
