"""The walking model rule by rule, on streets small enough to draw."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.walking import heights, reach
from geo.walking.graph import graph, with_places
from geo.walking.model import (
    ESCALATOR,
    LIFT,
    PATH,
    STEPS,
    STREET,
    Model,
    Profile,
    model,
)
from geo.walking.network import build, split
from geo.walking.osm import walkable
from geo.walking.ways import Ways

#: Metres in a degree at the test streets' latitude, near enough.
NORTH = 1 / 110_800


def ways(*given: dict, **more: object) -> Ways:
    """Ways of dictionaries: points [(east m, north m, height m)], and what differs from a plain street."""
    east = NORTH / np.cos(np.radians(29.7))
    lines = np.array(
        [
            shapely.LineString([(106.5 + x * east, 29.7 + y * NORTH, z) for x, y, z in w["points"]])
            for w in given
        ],
        dtype=object,
    )

    def column(key: str, default: object, dtype: object) -> np.ndarray:
        return np.array([w.get(key, default) for w in given], dtype=dtype)

    return Ways(
        lines, column("kind", STREET, np.int8), column("structure", False, bool), column("wheels", True, bool),
        column("one_way", False, bool), column("level", 0, np.int32), column("name", "", object),
        column("hours", "", object), column("fare", "", object), column("handrail", False, bool), **more,
    )  # fmt: skip


def seconds(kind: int, length: float, rise: float, profile: Profile = Profile.ELDER) -> float:
    return float(model().seconds(profile, np.array([kind], np.int8), np.array([length]), np.array([rise]))[0])


def test_b_steps_with_sixty_metres_of_rise_take_four_minutes() -> None:
    assert seconds(STEPS, 120, 60) >= 240
    assert seconds(STEPS, 120, 60, Profile.CARER) == pytest.approx(300)  # 120 / 1.2 · 3 < 60 / 0.2
    assert seconds(STEPS, 120, 60) == pytest.approx(400)  # 120 / 0.9 · 3
    assert seconds(STEPS, 60, -60, Profile.CARER) == pytest.approx(240)  # 60 / 0.25


def test_steps_and_slope_are_never_both_counted() -> None:
    assert seconds(STEPS, 90, 1) == pytest.approx(300)
    assert seconds(STEPS, 90, -1) == pytest.approx(300)


@pytest.mark.parametrize(
    ("profile", "speed"),
    [(Profile.ELDER, 0.9), (Profile.CANE, 0.7), (Profile.WHEELCHAIR, 0.7), (Profile.CARER, 1.2)],
)
def test_on_the_flat_everybody_walks_at_the_flat_speed(profile: Profile, speed: float) -> None:
    assert seconds(PATH, 100, 0, profile) == pytest.approx(100 / speed)


def test_slope_follows_tobler_by_direction() -> None:
    up, down = seconds(STREET, 100, 10), seconds(STREET, 100, -10)
    assert up == pytest.approx(100 / (0.9 * np.exp(-3.5 * 0.15) / np.exp(-0.175)))
    assert down == pytest.approx(100 / (0.9 * np.exp(-3.5 * 0.05) / np.exp(-0.175)))
    assert seconds(STREET, 100, 90) == seconds(STREET, 100, 40)  # no steeper than 0.4
    assert seconds(STREET, 100, -5, Profile.CARER) == pytest.approx(100 / 1.2)  # never at 1.43 m/s


def test_a_wheelchair_may_not() -> None:
    assert seconds(STEPS, 10, 1, Profile.WHEELCHAIR) == np.inf
    assert seconds(ESCALATOR, 10, 3, Profile.WHEELCHAIR) == np.inf
    assert seconds(STREET, 100, 8.4, Profile.WHEELCHAIR) == np.inf
    assert seconds(STREET, 100, -8.4, Profile.WHEELCHAIR) == np.inf
    assert np.isfinite(seconds(STREET, 100, 8.2, Profile.WHEELCHAIR))
    assert seconds(LIFT, 0, 30, Profile.WHEELCHAIR) == pytest.approx(75)


def test_a_lift_joins_what_steps_join_for_those_who_cannot_climb() -> None:
    """Two streets, 20 m apart in height: 40 m of steps, and a lift beside them that shuts at night."""
    low, high = [(0, 0, 200), (100, 0, 200)], [(0, 40, 220), (100, 40, 220)]
    made = ways(
        {"points": low}, {"points": high},
        {"points": [(0, 0, 200), (0, 40, 220)], "kind": STEPS},
        {"points": [(100, 0, 200), (100, 40, 220)], "kind": LIFT, "name": "凯旋路电梯", "hours": "06:00-23:00", "fare": "1元"},
    )  # fmt: skip
    net = build(made)
    lift = int(net.way[net.kind == LIFT][0])
    assert (net.name[lift], net.hours[lift], net.fare[lift]) == ("凯旋路电梯", "06:00-23:00", "1元")
    start = (float(net.lon[0]), float(net.lat[0]))
    top = np.flatnonzero((net.z > 219) & (net.x < net.x.mean()))[0]
    rules = Model(**{**{f: getattr(model(), f) for f in model().__slots__}, "component_least": 0.0})
    for closed, profile, expected in (
        ((), Profile.ELDER, 40 / 0.9 * 3),  # the steps
        ((), Profile.WHEELCHAIR, 200 / 0.7 + 45 + 20),  # along, up the lift, back along
        ((lift,), Profile.WHEELCHAIR, np.inf),
        ((lift,), Profile.ELDER, 40 / 0.9 * 3),
    ):
        found = reach.reach(graph(net, profile, rules, closed), *start, 900)
        assert found is not None
        assert found.there[top] == pytest.approx(expected, rel=0.01), (closed, profile)


def test_lines_that_only_cross_do_not_meet() -> None:
    made = ways(
        {"points": [(-50, 0, 200), (50, 0, 200)]},
        {"points": [(0, -50, 210), (0, 50, 210)], "structure": True},
    )
    net = build(made)
    g = graph(net, Profile.ELDER, model())
    import scipy.sparse.csgraph

    assert scipy.sparse.csgraph.connected_components(g.forward)[0] == 2


def test_a_long_bridge_of_several_spans_is_straight_between_its_ends() -> None:
    nan = float("nan")
    made = ways(
        {"points": [(-100, 0, 300), (0, 0, 300)]},
        {"points": [(0, 0, 300), (50, 0, nan), (100, 0, nan)], "structure": True},
        {"points": [(100, 0, nan), (200, 0, 320)], "structure": True},
        {"points": [(200, 0, 320), (300, 0, 320)]},
    )
    valley = build(made, lambda lon, lat: np.full(len(lon), 210.0))
    middle = np.isin(np.round((valley.x - valley.x.min()) / 50), [3, 4])
    assert sorted(np.round(valley.z[middle], 1)) == [305.0, 310.0]


def test_a_bridge_reached_by_steps_alone_stands_on_its_ends() -> None:
    """人行天桥: what is under it says nothing, the ground at its two ends does."""
    nan = float("nan")
    made = ways(
        {"points": [(-20, 0, nan), (0, 0, nan)], "kind": STEPS},
        {"points": [(0, 0, nan), (20, 0, nan), (40, 0, nan)], "kind": PATH, "structure": True},
        {"points": [(40, 0, nan), (60, 0, nan)], "kind": STEPS},
    )
    net = build(made, lambda lon, lat: np.where(np.abs(lon - lon.mean()) < 5e-5, 100.0, 250.0))
    assert net.z == pytest.approx([250.0] * len(net.z))


def test_heights_of_a_tile_are_between_its_posts(tmp_path: Path) -> None:
    posts = np.array([[10, 20], [30, -32768]], dtype=">i2")
    path = tmp_path / "N29E106.hgt"
    path.write_bytes(posts.tobytes())
    at = heights.tile(path)
    assert at(np.array([106.0, 106.0, 107.5]), np.array([30.0, 29.5, 29.5])).tolist()[:2] == [10.0, 20.0]
    assert np.isnan(at(np.array([107.5, 106.9]), np.array([29.5, 29.1]))).all()
    with pytest.raises(ValueError):
        heights.tile(Path(__file__))


def test_a_place_set_into_a_street_changes_no_time() -> None:
    made = ways({"points": [(0, 0, 200), (400, 0, 220), (400, 300, 200)]})
    net = build(made)
    grown, nodes = split(net, np.array([0, 0, 1]), np.array([0.75, 0.25, 0.5]))
    assert len(grown.a) == len(net.a) + 3
    assert grown.length.sum() == pytest.approx(net.length.sum())
    before, after = graph(net, Profile.ELDER, model()), graph(grown, Profile.ELDER, model())
    assert after.along.sum() == pytest.approx(before.along.sum())
    assert grown.z[nodes].tolist() == pytest.approx([215.0, 205.0, 210.0], abs=0.1)


def test_a_place_far_from_every_street_has_no_node_and_falls_back_to_the_straight_line() -> None:
    made = ways({"points": [(0, 0, 200), (400, 0, 200)]})
    rules = model()
    g, nodes, metres = with_places(
        build(made), Profile.ELDER, rules, np.array([106.5005, 106.9]), np.array([29.7, 29.7])
    )
    assert nodes[0] >= 0 and nodes[1] == -1 and np.isinf(metres[1])
    assert reach.reach(g, 106.9, 29.7, 900) is None
    off = reach.straight(106.5, 29.7, np.array([106.5]), np.array([29.71]), Profile.ELDER, rules)
    assert off[0] == pytest.approx(1108 * 1.3 / 0.9, rel=0.002)
    drawn = reach.circle(106.5, 29.7, 15, Profile.ELDER, rules)
    assert drawn.contains(shapely.Point(106.5, 29.7 + 600 * NORTH))
    assert not drawn.contains(shapely.Point(106.5, 29.7 + 640 * NORTH))


def test_an_escalator_is_taken_one_way_only() -> None:
    made = ways(
        {"points": [(0, 0, 200), (500, 0, 200)]},
        {"points": [(500, 0, 200), (500, 20, 210)], "kind": ESCALATOR, "one_way": True},
        {"points": [(500, 20, 210), (0, 20, 210)]},
    )
    g = graph(build(made), Profile.ELDER, model())
    moving = g.network.kind == ESCALATOR
    assert g.along[moving][0] == pytest.approx(20 / 0.5, rel=0.01) and np.isinf(g.against[moving]).all()


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"highway": "footway"}, PATH),
        ({"highway": "steps"}, STEPS),
        ({"highway": "steps", "conveying": "forward"}, ESCALATOR),
        ({"highway": "elevator"}, LIFT),
        ({"highway": "residential"}, STREET),
        ({"highway": "motorway"}, None),
        ({"highway": "trunk"}, None),
        ({"highway": "trunk", "sidewalk": "both"}, STREET),
        ({"highway": "primary", "foot": "no"}, None),
        ({"highway": "service", "access": "private"}, None),
        ({"highway": "track", "access": "private", "foot": "designated"}, STREET),
        ({"highway": "footway", "access": "no"}, None),
        ({"highway": "footway", "access": "no", "foot": "yes"}, None),
        ({"highway": "construction"}, None),
        ({"building": "yes"}, None),
    ],
)
def test_who_may_walk_where(tags: dict[str, str], kind: int | None) -> None:
    assert walkable(tags) == kind


def test_a_locked_gate_is_not_passed() -> None:
    made = ways({"points": [(0, 0, 200), (50, 0, 200), (100, 0, 200)]})
    gate = np.array([shapely.get_coordinates(made.lines[0])[1]])
    net = build(ways({"points": [(0, 0, 200), (50, 0, 200), (100, 0, 200)]}, closed=gate))
    assert len(net.a) == 0


def test_the_parameters_are_a_sentence_in_both_languages() -> None:
    text = model().sentence(Profile.ELDER)
    assert "0.9" in text.zh and "0.9" in text.en and "Tobler" in text.zh
    assert re.search(r"8\.3\s*%", model().sentence(Profile.WHEELCHAIR).zh)


def test_another_table_is_read_where_the_setting_names_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from geo.settings import DATA

    text = (DATA / "facilities" / "walking.csv").read_text(encoding="utf-8")
    (tmp_path / "w.csv").write_text(text.replace("elder_speed,0.9", "elder_speed,0.8"), encoding="utf-8")
    monkeypatch.setenv("YUDI_WALKING_FILE", str(tmp_path / "w.csv"))
    assert model().elder_speed == 0.8
    (tmp_path / "bad.csv").write_text("key,value\nelder_sped,1\n", encoding="utf-8")
    monkeypatch.setenv("YUDI_WALKING_FILE", str(tmp_path / "bad.csv"))
    with pytest.raises(ValueError, match="elder_sped"):
        model()
