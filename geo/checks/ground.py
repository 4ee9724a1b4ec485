"""Lines that markers stand on: the upload's own, else the published ones, by line code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.checks import values
from geo.checks.derived import per_scene
from geo.checks.scene import Scene
from geo.findings import Ref
from geo.terms import Role


@dataclass(frozen=True, slots=True)
class Ground:
    """One boundary line (界线) by its code: its geometry in the plane, its rows in scene.lines (empty
    for a published line), and what to call it (without record numbers: those are of the finding's layer)."""

    code: str
    geometry: BaseGeometry
    rows: tuple[int, ...]
    ref: Ref


@per_scene
def grounds(scene: Scene) -> dict[str, Ground]:
    """Lines by normalised code. A line in several features is one geometry, joined where it joins."""
    found: dict[str, Ground] = {}
    rows: dict[str, list[int]] = {}
    for i, raw in enumerate(scene.lines["code"].tolist()):
        if (code := values.code(raw)) is not None:
            rows.setdefault(code, []).append(i)
    shapes = scene.shapes(Role.LINES)
    for code, where in rows.items():
        layer = scene.refs(Role.LINES, where[0])[0].layer
        found[code] = Ground(code, _joined(shapes[where]), tuple(where), Ref(layer, None, code))
    if scene.published is not None:
        for raw, shape in zip(
            scene.published.lines["code"].tolist(), scene.published.lines.geometry.to_numpy(), strict=True
        ):
            code = values.code(raw)
            if code is not None and code not in found and shape is not None and not shape.is_empty:
                found[code] = Ground(code, _joined(np.array([shape])), (), Ref(None, None, code))
    return found


def _joined(shapes: NDArray[np.object_]) -> BaseGeometry:
    if len(shapes) == 1 and shapes[0].geom_type == "LineString":
        return shapes[0]
    return shapely.line_merge(shapely.union_all(shapely.get_parts(shapes)))
