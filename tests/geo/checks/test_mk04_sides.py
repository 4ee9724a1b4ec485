"""MK04: twins on both sides, triples on three banks, offsets as registered."""

from __future__ import annotations

import pytest
import shapely

from geo.terms import Severity
from tests.geo.checks.legal import LINE, a_line, a_marker, found, line, published, scene

RIVER = a_line()


def messages(markers: list[dict[str, object]], lines: list[dict[str, object]] | None = None) -> list[str]:
    findings = found("MK04", scene(lines=lines or [RIVER], markers=markers))
    assert all(f.severity is Severity.ERROR for f in findings)
    return [f.text.zh for f in findings]


def test_twins_on_both_banks() -> None:
    assert not messages([a_marker(500, 8, 1, "A"), a_marker(503, -12, 1, "B")])


@pytest.mark.parametrize(("a", "b"), [((500, 8), (503, 12)), ((500, -0.2), (503, -8))])
def test_twins_on_one_bank(a: tuple[float, float], b: tuple[float, float]) -> None:
    findings = found("MK04", scene(lines=[RIVER], markers=[a_marker(*a, 1, "A"), a_marker(*b, 1, "B")]))
    (finding,) = findings
    assert finding.features == (0, 1) and LINE in finding.ids
    assert finding.geometry is not None and shapely.get_dimensions(finding.geometry) == 1


def test_a_bend_between_twins_is_crossed_twice() -> None:
    bend = a_line(line((0, 0), (490, 0), (500, 40), (510, 0), (1000, 0)))
    same_bank = [a_marker(480, 10, 1, "A"), a_marker(520, 10, 1, "B")]
    assert len(messages(same_bank, [bend])) == 1
    assert not messages([a_marker(500, 10, 1, "A"), a_marker(520, 10, 1, "B")], [bend])


@pytest.mark.parametrize(("kinds", "absent"), [("A", "B"), ("CD", "E"), ("E", "C、D")])
def test_a_group_is_complete(kinds: str, absent: str) -> None:
    markers = [a_marker(500, 8 if i % 2 else -8, 1, k) for i, k in enumerate(kinds)]
    assert any("不全" in m and f"缺 {absent}" in m for m in messages(markers))


def test_a_published_twin_completes_a_group() -> None:
    there = published(markers=[a_marker(500, -8, 1, "B")])
    assert not found("MK04", scene(lines=[RIVER], markers=[a_marker(500, 8, 1, "A")], published=there))


@pytest.mark.parametrize(("off", "count"), [(0.0, 1), (0.1, 1), (0.1002, 0)])
def test_a_twin_is_not_on_the_line(off: float, count: int) -> None:
    markers = [a_marker(500, off, 1, "A"), a_marker(500, -8, 1, "B")]
    assert sum("却在界线" in m for m in messages(markers)) == count


@pytest.mark.parametrize(
    ("stated", "count"),
    [
        (8, 0),
        (8.0999, 0),
        (8.1, 0),
        (7.9, 0),
        (8.1002, 1),
        ("8.25", 1),
        (-8.0, 0),
        ("8 m", 0),
        ("8.4", 1),
        ("8", 0),
        ("9", 1),
    ],
)
def test_the_offset_is_as_registered(stated: object, count: int) -> None:
    markers = [a_marker(500, 8, 1, "A", offset_m=stated), a_marker(500, -8, 1, "B")]
    assert sum("登记的偏距" in m for m in messages(markers)) == count


def triple(*places: tuple[float, float]) -> list[dict[str, object]]:
    return [a_marker(x, y, 1, k) for (x, y), k in zip(places, "CDE", strict=True)]


def test_triples_where_three_lines_meet() -> None:
    three = [
        a_line(line((0, 0), (500, 0))), a_line(line((500, 0), (1000, 200)), code="x-1"),
        a_line(line((500, 0), (1000, -200)), code="x-2"),
    ]  # fmt: skip
    assert not messages(triple((480, 10), (480, -10), (520, 0)), three)
    assert len(messages(triple((480, 10), (470, 10), (520, 0)), three)) == 1


def test_triples_where_a_tributary_is_no_boundary() -> None:
    assert not messages(triple((480, 10), (480, -10), (520, 10)))
    assert len(messages(triple((480, 10), (490, 10), (520, 10)))) == 1
