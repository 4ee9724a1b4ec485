"""MK05: serials rise along the line."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.checks.mk05_serial_order import longest_rise
from geo.terms import Severity
from tests.geo.checks.legal import LINE, a_line, a_marker, found, line, scene


def along(*places: tuple[float, int]) -> list[dict[str, object]]:
    return [a_marker(x, 0, serial) for x, serial in places]


def test_rising_serials_pass_with_gaps() -> None:
    assert not found("MK05", scene(lines=[a_line()], markers=along((100, 1), (300, 2), (900, 7))))


def test_the_one_out_of_order_is_named() -> None:
    markers = along((100, 1), (300, 4), (500, 2), (700, 3), (900, 5))
    (finding,) = found("MK05", scene(lines=[a_line()], markers=markers))
    assert finding.severity is Severity.WARNING and finding.features == (1,)
    assert finding.ids == (f"{LINE}004Q", LINE)


def test_two_the_wrong_way_round() -> None:
    assert len(found("MK05", scene(lines=[a_line()], markers=along((100, 2), (300, 1))))) == 1


def test_a_line_drawn_backwards_is_one_finding() -> None:
    backwards = a_line(line((1000, 0), (0, 0)))
    (finding,) = found("MK05", scene(lines=[backwards], markers=along((100, 1), (300, 2), (700, 3))))
    assert "从终点向起点" in finding.text.zh and finding.measure["count"] == 3


def test_twins_count_as_one_place() -> None:
    markers = [a_marker(100, 0, 1), a_marker(520, 8, 2, "A"), a_marker(480, -8, 2, "B"), a_marker(505, 0, 3)]
    assert not found("MK05", scene(lines=[a_line()], markers=markers))


def test_the_order_of_records_does_not_matter() -> None:
    markers = along((100, 1), (300, 4), (500, 2), (700, 3))
    one = found("MK05", scene(lines=[a_line()], markers=markers))
    other = found("MK05", scene(lines=[a_line()], markers=markers[::-1]))
    assert [f.ids for f in one] == [f.ids for f in other] and [f.key for f in one] == [f.key for f in other]


def test_two_markers_on_one_place_are_in_order_either_way() -> None:
    for one, other in ((300.0, 300.05), (300.05, 300.0)):
        markers = along((100, 1), (one, 2), (other, 3), (700, 4))
        assert not found("MK05", scene(lines=[a_line()], markers=markers))
    for apart, count in ((0.099, 0), (0.101, 1)):
        markers = along((100, 1), (300 + apart, 2), (300.0, 3), (700, 4))
        assert len(found("MK05", scene(lines=[a_line()], markers=markers))) == count


def test_the_middle_of_twins_counts() -> None:
    twins = [a_marker(540, 8, 2, "A"), a_marker(480, -8, 2, "B")]
    for after, count in ((509, 1), (511, 0)):
        markers = [a_marker(100, 0, 1), *twins, a_marker(after, 0, 3), a_marker(800, 0, 4)]
        assert len(found("MK05", scene(lines=[a_line()], markers=markers))) == count


def test_a_line_in_pieces_has_no_order() -> None:
    pieces = [a_line(line((0, 0), (400, 0))), a_line(line((600, 0), (1000, 0)))]
    assert not found("MK05", scene(lines=pieces, markers=along((300, 1), (100, 2), (700, 3))))
    joined = [a_line(line((0, 0), (400, 0))), a_line(line((400, 0), (1000, 0)))]
    assert found("MK05", scene(lines=joined, markers=along((300, 1), (100, 2), (700, 3))))


def test_a_ring_is_counted_from_its_first_serial() -> None:
    ring = a_line(line((0, 0), (100, 0), (100, 100), (0, 100), (0, 0)))
    markers = [a_marker(100, 50, 1), a_marker(50, 100, 2), a_marker(50, 0, 3)]
    assert not found("MK05", scene(lines=[ring], markers=markers))
    wrong = [a_marker(100, 50, 1), a_marker(50, 0, 2), a_marker(50, 100, 3)]
    assert found("MK05", scene(lines=[ring], markers=wrong))


def test_a_ring_drawn_backwards_is_one_finding() -> None:
    corners = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    markers = [a_marker(100, 50, 1), a_marker(50, 100, 2), a_marker(0, 50, 3), a_marker(50, 0, 4)]
    for start in range(4):
        turned = [*corners[start:-1], *corners[: start + 1]]
        assert not found("MK05", scene(lines=[a_line(line(*turned))], markers=markers))
        ring = a_line(line(*turned[::-1]))
        for records in (markers, markers[::-1]):
            (finding,) = found("MK05", scene(lines=[ring], markers=records))
            assert "从终点向起点" in finding.text.zh and "反转线方向" in finding.remedy.zh
            assert finding.ids == (*(f"{LINE}00{i}Q" for i in (1, 2, 3, 4)), LINE)


def test_on_a_ring_one_out_of_order_is_not_backwards() -> None:
    ring = a_line(line((0, 0), (100, 0), (100, 100), (0, 100), (0, 0)))
    markers = [a_marker(100, 50, 1), a_marker(50, 100, 3), a_marker(0, 50, 2), a_marker(50, 0, 4)]
    (finding,) = found("MK05", scene(lines=[ring], markers=markers))
    assert "与它沿线的位置不符" in finding.text.zh


@given(st.lists(st.integers(0, 20), max_size=12))
def test_the_longest_rise_rises_and_none_is_longer(numbers: list[int]) -> None:
    array = np.array(numbers, dtype=float)
    kept = longest_rise(array)
    assert (np.diff(array[kept]) >= 0).all() and (np.diff(kept) > 0).all()
    best = [1] * len(numbers)
    for i in range(len(numbers)):
        best[i] = 1 + max((best[j] for j in range(i) if numbers[j] <= numbers[i]), default=0)
    assert len(kept) == max(best, default=0)
