"""TP12 与已验收界线不接边: a line differs from the version that both sides have on record."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo.checks import values
from geo.checks.apart import ribbon
from geo.checks.catalogue import CHECKS
from geo.checks.coverage import laid_onto
from geo.checks.linework import ACCEPTED
from geo.checks.needs import needs
from geo.checks.scene import Scene
from geo.findings import Hit
from geo.network.build import to_grid
from geo.terms import LINE_STATE_NAMES, LineState, Role, Severity
from geo.text import Text

NOISE = Text(
    "{0} 与已验收的版本（{1}）相差 {distance_m:.4f} 米，在测量误差之内：建议采用已验收的折点",
    "{0} differs from the accepted version ({2}) by {distance_m:.4f} m, within survey noise: better take the "
    "accepted vertices",
)
DISPUTE = Text(
    "{0} 与已验收的版本（{1}）最远相差 {distance_m:.2f} 米，夹着 {area_m2:.1f} 平方米：是两条不同的界线",
    "{0} is up to {distance_m:.2f} m from the accepted version ({2}), with {area_m2:.1f} m² between: two different "
    "lines",
)
#: Both sides have signed these: another course needs them again.
SIGNED = (LineState.AGREEMENT_SIGNED, LineState.SUBMITTED, LineState.SETTLED)


@CHECKS.rule(
    code="TP12",
    severity=Severity.ERROR,
    generic=None,
    message=Text(
        "{0} 与已验收的版本（{1}）相差 {distance_m:.3f} 米，面积 {area_m2:.2f} 平方米：需双方签字确认",
        "{0} differs from the accepted version ({2}) by {distance_m:.3f} m and {area_m2:.2f} m²: both sides have "
        "to sign",
    ),
    remedy=Text(
        "以已验收的界线为准改回；确有变更的，先办界线变更再提交：ArcGIS 用“追踪”，QGIS 用“追踪数字化”，CASS 复制已验收的线",
        "Go back to the accepted line (Trace in ArcGIS, Enable Tracing in QGIS, copy the accepted line in CASS); "
        "where the line is to change, start the change first",
    ),
    source="docs/checks.md; 行政区域界线管理条例（国务院令第353号）第二条",
)
@needs("published", of=(Role.LINES,))
def edge_match(scene: Scene) -> Iterator[Hit]:
    """Uploaded lines (接边) against the accepted line of the same code.

    Up to `equal` the same; up to `snap` noise (a warning); beyond, an error once both sides have signed
    the accepted version, a warning before, because until then a new survey may replace it. `at` is the
    ribbon between the two, named two different lines from `displacement` on.
    """
    assert scene.published is not None
    t, frame = scene.tolerances, scene.published.lines
    source = scene.shapes(Role.LINES)
    mine: dict[str, list[int]] = {}
    for i, raw in enumerate(scene.lines["code"]):
        if (code := values.code(raw)) is not None:
            mine.setdefault(code, []).append(i)
    around = np.asarray(frame.geometry.to_numpy(), dtype=object)
    states = frame["state"] if "state" in frame else [None] * len(frame)
    for raw, state, shape in zip(frame["code"], states, around, strict=True):
        rows = mine.get(values.code(raw) or "")
        if not rows or state not in ACCEPTED or shapely.get_dimensions(shape) != 1:
            continue
        own = (
            shapely.union_all(to_grid(source[rows], t.grid))
            if len(rows) > 1
            else to_grid(source[rows], t.grid)[0]
        )
        theirs = laid_onto(np.array([shape], dtype=object), source[rows], t.grid)[0]
        between = ribbon(own, theirs, t.grid)
        metres = round(between.distance, 6)
        if metres <= t.equal:
            continue
        noise = metres <= t.snap
        name = LINE_STATE_NAMES[LineState(state)]
        refs = scene.refs(Role.LINES, *rows)
        yield Hit(
            refs,
            says=(refs[0], name.zh, name.en),
            measure={"distance_m": between.distance, "area_m2": between.area},
            at=between.place,
            severity=Severity.WARNING if noise or state not in SIGNED else Severity.ERROR,
            text=NOISE if noise else DISPUTE if metres > t.displacement else None,
        )
