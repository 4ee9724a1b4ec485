"""Systems (坐标系): what a file says of its reference system, and the findings on it (CR01-CR07)."""

from __future__ import annotations

from dataclasses import dataclass

import pyproj

from geo.checks.catalogue import CHECKS
from geo.terms import Severity
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
