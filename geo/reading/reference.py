"""Reference system (坐标系) of a layer: declared, given, guessed or none, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

from geo.crs.datums import Family, authorised, carries_shift, code_of, family_of, horizontal, parse
from geo.crs.guess import (
    Fit,
    box_under,
    described,
    fits,
    grown,
    out_of_place,
    relation,
    sample,
    share_inside,
)
from geo.crs.zones import BY_EPSG, box_in
from geo.reading.layers import CrsDecision, Layer
from geo.reading.notes import Notes, listed
from geo.reading.systems import CR02, CR03, CR04, CR05, CR06, CR07, MERCATOR_NOTE, WGS84_NOTE, Stated
from geo.reading.undeclared import undeclared
from geo.settings import DistrictSettings
from geo.terms import Profile, Severity
from geo.text import Text


def decide(
    layer: str,
    coordinates: NDArray[np.float64],
    stated: Stated,
    given: int | None,
    swapped: bool | None,
    district: DistrictSettings | None,
    notes: Notes,
) -> CrsDecision:
    """The system of one layer, its findings noted.

    coordinates: (n, 2) of all vertices as they will be read. given: EPSG code that a person set.
    swapped: whether a person said that northing and easting stand the other way round.
    """
    points = sample(coordinates)
    if stated.swapped is not None and not swapped:
        notes.say(CR05, layer, stated.swapped.zh, stated.swapped.en, layer=layer)
    if stated.swapped is not None:
        swapped = None  # the table was read the right way round already
    if given is not None:
        decision = _given(layer, given, notes)
        if decision is not None:
            return _fitted(layer, decision, points, swapped, district, notes)
    declared = _declared(layer, stated, notes) if given is None else None
    if declared is None:
        return undeclared(layer, points, stated, district, notes)
    # A shift of the file's own makes it a system of its own, whatever its name.
    code = None if carries_shift(stated.text) else code_of(declared)
    crs = pyproj.CRS.from_epsg(code) if code is not None else declared
    decision = CrsDecision(
        crs,
        code,
        crs.name if code is not None else declared.name,
        "declared",
        Text(f"{stated.origin} 声明", f"Declared by {stated.origin}"),
        authorised(crs),
    )
    return _fitted(layer, decision, points, swapped, district, notes)


def _given(layer: str, given: int, notes: Notes) -> CrsDecision | None:
    try:
        crs = horizontal(pyproj.CRS.from_epsg(given))
    except CRSError:
        notes.say(CR02, layer, f"EPSG:{given}", layer=layer)
        return None
    return CrsDecision(
        crs, given, crs.name, "given", Text("由用户指定", "Given by a person"), authorised(crs)
    )


def _declared(layer: str, stated: Stated, notes: Notes) -> pyproj.CRS | None:
    if stated.crs is not None:
        return horizontal(stated.crs)
    if stated.text is None:
        return None
    try:
        return parse(stated.text)
    except CRSError:
        notes.say(CR02, layer, repr(stated.text[:60]), layer=layer)
        raise Unreadable from None


class Unreadable(Exception):
    """A .prj that cannot be read: CR02 has been noted."""


def _fitted(
    layer: str,
    decision: CrsDecision,
    points: NDArray[np.float64],
    swapped: bool | None,
    district: DistrictSettings | None,
    notes: Notes,
) -> CrsDecision:
    """The decision against the numbers: CR05 with the fix that was proved, then CR03, CR04, CR06."""
    assert decision.crs is not None
    crs = decision.crs
    _judge(layer, crs, decision, notes)
    if swapped:
        return CrsDecision(
            crs, decision.epsg, decision.name, decision.source,
            Text(f"{decision.reason.zh}；纵横坐标按用户所说对调", f"{decision.reason.en}; axes exchanged as a person said"),
            decision.authorised, True,
        )  # fmt: skip
    fix = _proved(crs, decision.epsg, points, district) if notes.profile is Profile.TOWNSHIP else None
    if fix is not None:
        assert district is not None
        text = relation(crs, decision.epsg, fix)
        low, high = points.min(axis=0), points.max(axis=0)
        extent = f"{low[0]:.3f}…{high[0]:.3f}, {low[1]:.3f}…{high[1]:.3f}"
        notes.say(
            CR05, layer,
            f"声明 {decision.name}，{text.zh}（{extent}；按 {described(fix.epsg)} 有 {fix.share:.0%} 落在{district.name}）",
            f"declared {decision.name}; {text.en} ({extent}; as EPSG:{fix.epsg} {fix.share:.0%} lie in {district.name_en})",
            layer=layer,
        )  # fmt: skip
        if family_of(crs) in (Family.CGCS2000, Family.WGS84):
            proved = pyproj.CRS.from_epsg(fix.epsg) if fix.epsg != decision.epsg else crs
            return CrsDecision(
                proved, fix.epsg, proved.name, "guessed" if fix.epsg != decision.epsg else decision.source,
                Text(f"声明 {decision.name} 与坐标不符，由数值证明：{text.zh}", f"{decision.name} contradicts the numbers, which prove: {text.en}"),
                True, fix.swapped,
            )  # fmt: skip
        return CrsDecision(None, decision.epsg, decision.name, decision.source, decision.reason, False)
    wrong = out_of_place(points, crs)
    if wrong is not None:
        text, certain = wrong
        sketch = not certain and notes.profile is Profile.GENERIC
        severity = Severity.WARNING if sketch else None
        notes.say(CR05, layer, text.zh, text.en, layer=layer, severity=severity)
        return CrsDecision(None, decision.epsg, decision.name, decision.source, decision.reason, False)
    return decision


def _proved(
    crs: pyproj.CRS, code: int | None, points: NDArray[np.float64], district: DistrictSettings | None
) -> Fit | None:
    """The system or axis order that the district's ranges prove against the declared one."""
    if district is None or not len(points):
        return None
    home = box_in(code, grown(district.box)) if code in BY_EPSG else box_under(crs, district.box)
    if home is not None:
        if share_inside(points, home) > 0:
            return None
        if share_inside(points[:, ::-1], home) >= 0.9:
            return Fit(code or 0, share_inside(points[:, ::-1], home), True)
    best = next(iter(fits(points, district)), None)
    return best if best is not None and best.share >= 0.9 else None


def _judge(layer: str, crs: pyproj.CRS, decision: CrsDecision, notes: Notes) -> None:
    """CR03, CR04 and CR06 of a known system."""
    family = family_of(crs)
    name = f"{decision.name}{f' (EPSG:{decision.epsg})' if decision.epsg else ''}"
    if decision.epsg is None:
        notes.say(CR06, layer, decision.name, layer=layer)
    if family is Family.CGCS2000:
        return
    if decision.epsg == 3857:
        notes.say(CR03, layer, name, layer=layer, severity=Severity.WARNING, text=MERCATOR_NOTE)
    elif family is Family.WGS84 and crs.is_geographic:
        notes.say(CR03, layer, name, layer=layer, severity=Severity.WARNING, text=WGS84_NOTE)
    else:
        notes.say(CR03, layer, name, layer=layer)
    if not decision.authorised:
        notes.say(CR04, layer, family.value if family is not Family.OTHER else name, layer=layer)


def unreadable(layer: str) -> CrsDecision:
    """After CR02: no system."""
    return CrsDecision(
        None, None, "", "none", Text("坐标系定义无法读取", "The definition cannot be read"), False
    )


def compare(layers: Sequence[Layer], notes: Notes) -> None:
    """CR07: the layers of one submission differ; only a warning between systems that are authorised alike."""
    systems = {(layer.crs.epsg, layer.crs.name if layer.crs.epsg is None else ""): layer for layer in layers}
    if len(systems) < 2:
        return
    names = listed(f"{layer.name}: {layer.crs.name or '—'}" for layer in systems.values())
    ways = {layer.crs.authorised for layer in layers}
    severity = Severity.WARNING if ways == {True} else Severity.ERROR
    notes.say(CR07, names, severity=severity, ids=tuple(layer.name for layer in systems.values()))
