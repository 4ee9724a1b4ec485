"""Units by their own code, whatever code system a layer uses: so that an upload in statistical codes is
laid onto the same published units as one in civil-affairs codes."""

from __future__ import annotations

from collections.abc import Iterable

from geo.checks import values
from geo.checks.derived import per_scene
from geo.checks.scene import Scene
from geo.checks.unit_codes import CodeTables, System, code_uses, systems
from geo.terms import Profile, Role


@per_scene
def _tables(scene: Scene) -> tuple[CodeTables, dict[tuple[Role, str], System]] | None:
    if scene.units is None or scene.profile is not Profile.TOWNSHIP:
        return None
    tables = CodeTables.of(scene.units)
    return tables, systems(list(code_uses(scene)), tables)


def unit_keys(scene: Scene, role: Role, column: str) -> list[str | None]:
    """The key of the unit that each row of a role's frame names in `column`; None where it names none.

    In profile generic no column is trusted to name units: all None.
    """
    frame = scene.frame(role)
    if scene.profile is not Profile.TOWNSHIP:
        return [None] * len(frame)
    found = [values.code(raw) for raw in frame[column]]
    known = _tables(scene)
    if known is None:
        return found
    tables, by_layer = known
    return [
        None if code is None else tables.key(code, by_layer.get((role, layer), System.EITHER))
        for code, layer in zip(found, frame["layer"], strict=True)
    ]


def all_claimed(scene: Scene, codes: Iterable[str | None]) -> bool:
    """Whether these are all townships of the district; False where its units are not known."""
    known = _tables(scene)
    return known is not None and bool(known[0].names) and set(known[0].names) <= set(codes)


@per_scene
def claims_whole_district(scene: Scene) -> bool:
    """Whether uploaded and published polygons together claim every township of the district: only then
    can what no polygon covers be called missing."""
    if scene.published is None or scene.published.district is None:
        return False
    claimed = {k for k in unit_keys(scene, Role.POLYGONS, "code") if k}
    claimed |= {c for c in map(values.code, scene.published.polygons["code"]) if c}
    known = _tables(scene)
    if known is not None and known[0].names:
        return set(known[0].names) <= claimed
    around = scene.published.polygons.geometry
    return bool(around.area.sum() >= 0.999 * scene.published.district.area)
