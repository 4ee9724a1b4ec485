"""GE04: what the reader saw on the raw rings, once a layer."""

from __future__ import annotations

from geo.terms import Role, Severity


def test_rows_named_by_the_reader_are_counted(scenes):
    made = scenes.layer(
        Role.POLYGONS,
        [(scenes.square(0, 0), {"code": "A"}), (scenes.square(1000, 0), {"code": "B"})],
        oriented=(1,),
    )
    (found,) = scenes.findings(scenes.scene(layers=[made]), "GE04")
    assert found.severity is Severity.WARNING and found.features == (1,) and found.ids == ("B",)
    assert found.geometry is not None and found.measure["count"] == 1


def test_nothing_is_said_of_rings_that_run_right(scenes):
    assert not scenes.findings(scenes.scene(polygons=[scenes.square(0, 0)]), "GE04")
