"""Reference system (坐标系) of a layer: declared, given, guessed or none, and what is wrong with it (CR01-CR07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

from geo.checks.catalogue import CHECKS
from geo.crs.datums import Family, authorised, carries_shift, code_of, family_of, horizontal, parse
from geo.crs.guess import (
    Fit,
    described,
    fits,
    grown,
    looks_like_degrees,
    meridians,
    out_of_place,
    relation,
    sample,
    share_inside,
    zone_from_numbers,
)
from geo.crs.zones import BY_EPSG, GEOGRAPHIC, box_in
from geo.reading.layers import CrsDecision, Layer
from geo.reading.notes import Notes, listed
from geo.settings import DistrictSettings
from geo.terms import Profile, Severity
from geo.text import Text

SOURCE = "docs/checks.md；EPSG"

CR01 = CHECKS.declare(
    code="CR01",
    severity=Severity.ERROR,
    message=Text("{0}：没有坐标系：{1}", "{0}: no reference system: {2}"),
    remedy=Text(
        "在此处选定坐标系（或用 --crs），并请测绘单位书面确认基准；最好附 .prj 重新导出",
        "Choose the system here (or with --crs) and have the surveyor confirm the datum; better, export with a .prj",
    ),
    source=SOURCE,
)
CR02 = CHECKS.declare(
    code="CR02",
    severity=Severity.ERROR,
    message=Text("{0}：坐标系定义无法读取：{1}", "{0}: the reference system cannot be read: {1}"),
    remedy=Text(
        "在 ArcGIS 或 QGIS 中重新定义投影并导出，或在此处选定坐标系",
        "Define the projection again in ArcGIS or QGIS and export, or choose the system here",
    ),
    source=SOURCE,
)
CR03 = CHECKS.declare(
    code="CR03",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text("{0}：坐标系是 {1}，不是 CGCS2000", "{0}: the system is {1}, not CGCS2000"),
    remedy=Text(
        "由测绘单位用合法参数转换为 CGCS2000（EPSG:4490 或 3 度带）后提交",
        "Have the surveyor transform it to CGCS2000 (EPSG:4490 or a 3-degree zone) with authorised parameters",
    ),
    source=SOURCE,
)
CR04 = CHECKS.declare(
    code="CR04",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text(
        "{0}：{1} 到 CGCS2000 没有合法的转换（PROJ 精度未知），未转换",
        "{0}: no authorised transformation from {1} to CGCS2000 (PROJ knows no accuracy); left as it is",
    ),
    remedy=Text(
        "转换参数属国家秘密：请向测绘主管部门申请转换，提交 CGCS2000 成果",
        "The parameters are state secrets: apply to the surveying authority and submit CGCS2000 results",
    ),
    source=SOURCE,
)
CR05 = CHECKS.declare(
    code="CR05",
    severity=Severity.ERROR,
    message=Text("{0}：坐标与坐标系不符：{1}", "{0}: the coordinates do not fit the system: {2}"),
    remedy=Text(
        "改正坐标系定义或坐标后重新导出；也可在此处选定正确的坐标系",
        "Correct the definition or the coordinates and export again, or choose the right system here",
    ),
    source=SOURCE,
)
CR06 = CHECKS.declare(
    code="CR06",
    severity=Severity.WARNING,
    message=Text(
        "{0}：自定义坐标系“{1}”，没有 EPSG 代码", "{0}: custom reference system “{1}” without an EPSG code"
    ),
    remedy=Text(
        "请确认参数，或改用标准的 CGCS2000 3 度带",
        "Confirm its parameters, or use a standard CGCS2000 3-degree zone",
    ),
    source=SOURCE,
)
CR07 = CHECKS.declare(
    code="CR07",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text("各图层坐标系不一致：{0}", "The layers are in different reference systems: {0}"),
    remedy=Text("统一为同一 CGCS2000 坐标系后提交", "Bring all layers to one CGCS2000 system"),
    source=SOURCE,
)

WGS84_NOTE = Text(
    "{0}：坐标系是 {1}，不是 CGCS2000（两者相差可达分米级）",
    "{0}: the system is {1}, not CGCS2000 (they differ by up to decimetres)",
)
MERCATOR_NOTE = Text(
    "{0}：坐标系是 {1}（网络墨卡托），不是 CGCS2000（基准相差可达分米级）；其上量得的长度和面积不对",
    "{0}: the system is {1} (Web Mercator), not CGCS2000 (up to decimetres apart); lengths and areas on it are wrong",
)


@dataclass(frozen=True)
class Stated:
    """What a file says of its system. text: of the .prj or the WKT; crs: where a format gives the system
    itself; swapped: a point table whose columns stand the other way round, as the numbers prove."""

    text: str | None = None
    crs: pyproj.CRS | None = None
    origin: str = ".prj"
    table: bool = False
    swapped: Text | None = None


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
        return _none(layer, points, stated, district, notes)
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
    home = box_in(code, grown(district.box)) if code in BY_EPSG else _box_of(crs, district)
    if home is not None:
        if share_inside(points, home) > 0:
            return None
        if share_inside(points[:, ::-1], home) >= 0.9:
            return Fit(code or 0, share_inside(points[:, ::-1], home), True)
    best = next(iter(fits(points, district)), None)
    return best if best is not None and best.share >= 0.9 else None


def _box_of(crs: pyproj.CRS, district: DistrictSettings) -> tuple[float, float, float, float] | None:
    """The district's box, with its margin, in any system; None where it has no image there."""
    west, south, east, north = grown(district.box)
    if crs.is_geographic:
        return west, south, east, north
    steps = np.linspace(0.0, 1.0, 21)
    x, y = west + (east - west) * steps, south + (north - south) * steps
    lon = np.concatenate([x, x, np.full(21, west), np.full(21, east)])
    lat = np.concatenate([np.full(21, south), np.full(21, north), y, y])
    try:
        px, py = pyproj.Transformer.from_crs(GEOGRAPHIC, crs, always_xy=True).transform(lon, lat)
    except pyproj.exceptions.ProjError:
        return None
    if not (np.isfinite(px).all() and np.isfinite(py).all()):
        return None
    return float(px.min()), float(py.min()), float(px.max()), float(py.max())


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


def _none(
    layer: str,
    points: NDArray[np.float64],
    stated: Stated,
    district: DistrictSettings | None,
    notes: Notes,
) -> CrsDecision:
    """No system is stated: the candidates that put the data in the district, or that the numbers name."""
    found = fits(points, district) if district is not None and len(points) else []
    zone = zone_from_numbers(points)
    if found:
        best = found[0]
        names = listed(
            f"{described(f.epsg)} {f.share:.0%}{'，X/Y 颠倒 (swapped)' if f.swapped else ''}" for f in found
        )
        notes.say(
            CR01,
            layer,
            f"坐标落在本区的候选：{names}",
            f"candidates inside the district: {names}",
            layer=layer,
        )
        if best.swapped:
            notes.say(
                CR05, layer,
                f"X/Y（纵横坐标）颠倒，按 {described(best.epsg)} 对调后有 {best.share:.0%} 落在本区",
                f"X and Y look swapped: exchanged, {best.share:.0%} lie in the district as EPSG:{best.epsg}",
                layer=layer,
            )  # fmt: skip
        return _guess(best.epsg, best.swapped, Text(
            f"未声明；由坐标范围推断（候选：{names}），基准须由测绘单位确认",
            f"Not declared; inferred from the ranges ({names}); the surveyor must confirm the datum",
        ))  # fmt: skip
    if zone is not None:
        home, swapped = zone
        notes.say(
            CR01, layer,
            f"带号 {home.prefix} 表明 {described(home.epsg)}，基准（CGCS2000、西安80、北京54）须由测绘单位说明",
            f"zone number {home.prefix} means {described(home.epsg)}; the datum must be stated by the surveyor",
            layer=layer,
        )  # fmt: skip
        if swapped and stated.swapped is None:
            notes.say(
                CR05, layer,
                f"X/Y（纵横坐标）颠倒：带号 {home.prefix} 出现在纵坐标位置",
                f"X and Y look swapped: the zone number {home.prefix} stands where the northing belongs",
                layer=layer,
            )  # fmt: skip
        return _guess(home.epsg, swapped, Text(
            f"未声明；东坐标带号 {home.prefix}，按 CGCS2000 理解", f"Not declared; zone number {home.prefix}, taken as CGCS2000",
        ))  # fmt: skip
    if stated.table and looks_like_degrees(points):
        notes.say(
            CR01, layer,
            "表中为经纬度，未说明基准；候选 EPSG:4490（CGCS2000）、EPSG:4326（WGS 84）",
            "the table gives degrees without a datum; candidates EPSG:4490 (CGCS2000), EPSG:4326 (WGS 84)",
            layer=layer,
        )  # fmt: skip
        return _guess(
            GEOGRAPHIC,
            False,
            Text("未声明；经纬度按 CGCS2000 理解", "Not declared; degrees taken as CGCS2000"),
        )
    zh, en = _open(points, district)
    notes.say(CR01, layer, zh, en, layer=layer)
    return CrsDecision(None, None, "", "none", Text(f"未声明：{zh}", f"Not declared: {en}"), False)


def _open(points: NDArray[np.float64], district: DistrictSettings | None) -> tuple[str, str]:
    """What can be said where the numbers prove nothing."""
    if len(points) and not looks_like_degrees(points):
        if district is not None and _local(points, district):
            return (
                "坐标像是中央经线 106°30′ 的地方坐标（重庆独立坐标系），不能换算；请提供 CGCS2000 成果",
                "the numbers look like a local system of central meridian 106°30′, which cannot be converted; provide CGCS2000",
            )
        north = points[:, 1]
        zones = meridians(points)
        if zones and north.min() > 1_800_000 and north.max() < 6_000_000:
            names = "、".join(f"{z.meridian}°" for z in zones)
            return (
                f"平面坐标没有带号，中央经线不明（可能是 {names}）",
                f"plane coordinates without a zone number: the central meridian is unknown (could be {names})",
            )
        return "平面坐标，数值不能说明是哪个坐标系", "plane coordinates; the numbers do not tell the system"
    if len(points):
        return (
            "数值像是经纬度，候选 EPSG:4490（CGCS2000）、EPSG:4326（WGS 84）",
            "the numbers look like degrees; candidates EPSG:4490 (CGCS2000), EPSG:4326 (WGS 84)",
        )
    return "没有坐标可供判断", "there are no coordinates to judge by"


def _local(points: NDArray[np.float64], district: DistrictSettings) -> bool:
    """Whether the numbers are those of the district under its middle meridian to half a degree, FE 500 km."""
    west, _, east, _ = district.box
    meridian = round(west + east) / 2
    custom = pyproj.CRS.from_proj4(
        f"+proj=tmerc +lat_0=0 +lon_0={meridian} +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m"
    )
    box = _box_of(custom, district)
    return box is not None and max(share_inside(points, box), share_inside(points[:, ::-1], box)) >= 0.9


def _guess(epsg: int, swapped: bool, reason: Text) -> CrsDecision:
    crs = pyproj.CRS.from_epsg(epsg)
    return CrsDecision(crs, epsg, crs.name, "guessed", reason, True, swapped)


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
