"""Names on a sheet: none over another, the important ones first, the same in any order."""

from __future__ import annotations

import random

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.sheets.anchors import anchors
from maps.sheets.placing import AROUND, LINE, OVER, Box, Wanted, place, size_of, width_em

WINDOW = Box(0, 0, 100, 80)

wanted = st.lists(
    st.builds(
        Wanted,
        key=st.just(0),
        text=st.text(alphabet="王家湾大石桥ab ", min_size=1, max_size=8),
        x=st.floats(0, 100),
        y=st.floats(0, 80),
        size_mm=st.sampled_from([2.0, 3.5]),
        rank=st.floats(0, 9),
        spacing_em=st.sampled_from([0.0, 0.3]),
        sides=st.sampled_from([AROUND, OVER, ("right",)]),
        gap=st.sampled_from([0.0, 1.0]),
        smaller=st.sampled_from([(1.0,), (1.0, 0.6)]),
        along=st.sampled_from([(), ((50.0, 40.0, 30.0), (20.0, 20.0, -75.0))]),
    ),
    max_size=25,
).map(
    lambda names: [
        Wanted(**{f: getattr(n, f) for f in n.__slots__ if f != "key"}, key=i) for i, n in enumerate(names)
    ]
)


@given(wanted)
@settings(max_examples=60, deadline=None)
def test_no_name_lies_over_another_or_over_the_edge(names: list[Wanted]) -> None:
    placed, left_out, _ = place(names, WINDOW)
    assert len(placed) + len(left_out) == len(names)
    for i, one in enumerate(placed):
        assert all(box.within(WINDOW) for box in one.boxes)
        for other in placed[i + 1 :]:
            assert not any(a.meets(b) for a in one.boxes for b in other.boxes)


@given(wanted, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_names_does_not_matter(names: list[Wanted], chance: random.Random) -> None:
    names = list({(n.text, n.x, n.y, n.rank): n for n in names}.values())
    shuffled = names[:]
    chance.shuffle(shuffled)
    first, second = place(names, WINDOW)[0], place(shuffled, WINDOW)[0]
    assert sorted(first, key=lambda p: p.key) == sorted(second, key=lambda p: p.key)


def test_the_important_name_has_the_place() -> None:
    names = [
        Wanted(0, "小湾", 50, 40, 3, rank=5),
        Wanted(1, "大湾镇", 50, 40, 3, rank=1),
    ]
    placed, left_out, _ = place(names, WINDOW)
    assert [p.key for p in placed] == [1] and [w.key for w in left_out] == [0]
    assert (placed[0].x, placed[0].y) == (50, 40)


def test_a_name_that_must_stand_comes_first_and_stands_even_over_furniture() -> None:
    names = [Wanted(0, "大湾镇", 50, 40, 3, rank=-9), Wanted(1, "翠云路", 50, 40, 3, rank=9, must=True)]
    placed, *_ = place(names, WINDOW, taken=[Box(0, 0, 100, 80)])
    assert [p.key for p in placed] == [1]


def test_symbols_stay_free_except_the_names_own() -> None:
    own, other = Box(49, 39, 51, 41), Box(52, 38, 60, 42)
    placed, *_ = place(
        [Wanted(0, "王家湾", 50, 40, 3, sides=("right", "left"), gap=1)], WINDOW, [(own, 0), (other, 7)]
    )
    assert placed[0].boxes[0].right < 50, "the right side is another's symbol"


def test_a_dot_gives_way_to_a_more_important_name_and_else_stands_alone() -> None:
    important = Wanted(0, "大湾镇", 50, 40, 3, rank=1, sides=("right",), gap=1, symbol=0.5)
    under = Wanted(1, "小湾", 55, 40, 3, rank=2, sides=("right",), gap=1, symbol=0.5)
    crowded = Wanted(2, "新湾", 48.5, 40, 3, rank=3, sides=("right",), gap=1, symbol=0.5)
    placed, left_out, bare = place([crowded, under, important], WINDOW)
    assert [p.key for p in placed] == [0]
    assert [w.key for w in left_out] == [1, 2] and [w.key for w in bare] == [2]


def test_a_dot_may_stand_on_a_line_and_its_name_beside_it() -> None:
    line = [(Box(x, 39.8, x + 1, 40.2), LINE) for x in range(100)]
    village = Wanted(0, "大石桥", 50, 40, 3, sides=AROUND, gap=1, symbol=0.5)
    [placed], *_ = place([village], WINDOW, line)
    assert placed.boxes[0].bottom < 39.8 or placed.boxes[0].top > 40.2


def test_a_name_takes_a_smaller_size_before_it_is_left_out() -> None:
    tight = Box(40, 35, 58, 45)
    one = Wanted(0, "双龙湖街道", 49, 40, 4, smaller=(1.0, 0.8))
    placed, *_ = place([one], tight)
    assert placed[0].share == 0.8
    assert placed[0].boxes[0].right - placed[0].boxes[0].left == pytest.approx(0.8 * size_of(one)[0])


def test_an_areas_name_does_not_wander_out_of_it() -> None:
    taken = [Box(30, 38, 70, 42)]
    assert not place([Wanted(0, "悦来街道", 50, 40, 3, sides=OVER, reach=2)], WINDOW, taken=taken)[0]
    assert place([Wanted(0, "悦来街道", 50, 40, 3, sides=OVER, reach=9)], WINDOW, taken=taken)[0]


def test_widths_are_never_too_small() -> None:
    assert width_em("统景镇") == 3
    assert width_em("Xīnglóng Zhèn") >= 6
    assert width_em("e\u0301") == width_em("e")


ROOM = shapely.box(0, 0, 100, 80)


def test_an_area_half_outside_has_its_name_in_what_is_seen() -> None:
    at, _, wide = anchors(shapely.box(80, 20, 400, 60), ROOM, "area", 10)
    assert at == pytest.approx((90, 40), abs=10.1) and 80 < at[0] < 100 and wide == pytest.approx(20, abs=1)
    assert anchors(shapely.box(180, 20, 400, 60), ROOM, "area", 10)[0] is None


def test_a_name_follows_its_line_and_is_never_upside_down() -> None:
    for line in ([(10, 70), (90, 10)], [(90, 10), (10, 70)]):
        _, along, _ = anchors(shapely.LineString(line), ROOM, "line", 20)
        assert along and along[0][2] == pytest.approx(-36.87, abs=0.01)
    crooked = shapely.LineString([(50, 40), (55, 30), (50, 45), (58, 40), (48, 42)])
    assert anchors(crooked, ROOM, "line", 20)[0] is None
    assert anchors(shapely.LineString([(1, 1), (2, 2)]), ROOM, "line", 20)[0] is None, (
        "too short for its name"
    )


def test_nothing_to_name_has_no_place() -> None:
    for shape in (None, shapely.Point(), shapely.Polygon(), shapely.Point(500, 5)):
        assert anchors(shape, ROOM, "point", 5)[0] is None
