"""GE09: one line, one part; polygons of several parts may be exclaves."""

from __future__ import annotations

import shapely

from geo.terms import Profile, Severity

BROKEN = "MULTILINESTRING ((0 0, 100 0), (110 0, 150 0))"


def test_a_line_in_two_pieces_is_an_error_in_township_only(scenes):
    for profile, severity in ((Profile.TOWNSHIP, Severity.ERROR), (Profile.GENERIC, Severity.WARNING)):
        scene = scenes.scene(lines=[(BROKEN, {"code": "L"})], profile=profile)
        (found,) = scenes.findings(scene, "GE09")
        assert found.severity is severity and found.measure["count"] == 2


def test_a_polygon_in_two_pieces_warns_and_shows_the_smaller(scenes):
    shape = shapely.MultiPolygon([scenes.square(0, 0), scenes.square(3000, 0, 100)])
    scene = scenes.scene(polygons=[(shape, {"code": "A"})])
    (found,) = scenes.findings(scene, "GE09")
    assert found.severity is Severity.WARNING and len(found.geometry.geoms) == 1


def test_a_multi_geometry_of_one_part_is_one_part(scenes):
    assert not scenes.findings(
        scenes.scene(
            lines=["MULTILINESTRING ((0 0, 100 0))"], polygons=[shapely.MultiPolygon([scenes.square(0, 0)])]
        ),
        "GE09",
    )


def test_the_words_tell_a_broken_line_from_an_exclave(scenes):
    shape = shapely.MultiPolygon([scenes.square(0, 0), scenes.square(3000, 0, 100)])
    (area,) = scenes.findings(scenes.scene(polygons=[(shape, {"code": "A"})]), "GE09")
    (line,) = scenes.findings(scenes.scene(lines=[(BROKEN, {"code": "L"})]), "GE09")
    assert "飞地" in area.text.zh + area.remedy.zh and "飞地" not in line.text.zh + line.remedy.zh
