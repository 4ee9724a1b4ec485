"""Package (成果包): what an upload may be, how much of it, and the findings on what it is (UP01-UP10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from geo.checks.catalogue import CHECKS
from geo.reading.notes import Notes, Refused
from geo.reading.sniff import Kind
from geo.settings import Limits
from geo.terms import Severity
from geo.text import Text

SOURCE = "docs/checks.md"

UP01 = CHECKS.declare(
    code="UP01",
    severity=Severity.ERROR,
    message=Text("文件无法读取：{0}", "The file cannot be read: {0}"),
    remedy=Text(
        "重新压缩为不加密的 .zip 后上传；若传输中断，请重新上传",
        "Zip it again without a password and upload it; if the transfer broke off, upload it again",
    ),
    source=SOURCE,
)
UP02 = CHECKS.declare(
    code="UP02",
    severity=Severity.ERROR,
    message=Text("文件内没有可用的矢量图层：{0}", "There is no vector layer inside: {0}"),
    remedy=Text(
        "压缩包内应有 .shp/.shx/.dbf/.prj 全套文件，或 .gpkg、.gdb、.kml、.geojson、坐标表",
        "Put a whole .shp/.shx/.dbf/.prj set in the archive, or a .gpkg, .gdb, .kml, .geojson or coordinate table",
    ),
    source=SOURCE,
)
UP03 = CHECKS.declare(
    code="UP03",
    severity=Severity.ERROR,
    message=Text("{0}：缺少 {1}", "{0}: {1} is missing"),
    remedy=Text(
        "把同名的 .shp、.shx、.dbf、.prj、.cpg 一起压缩上传",
        "Zip the .shp, .shx, .dbf, .prj and .cpg of the same name together",
    ),
    source=SOURCE,
)
UP04 = CHECKS.declare(
    code="UP04",
    severity=Severity.WARNING,
    message=Text("文件含多个图层，请核对各自的用途：{0}", "Several layers: check what each one holds: {1}"),
    remedy=Text(
        "在此处为每个图层选定 界线、界桩、三交点 或 政区面",
        "Choose for each layer: lines, markers, tripoints or polygons",
    ),
    source=SOURCE,
)
UP05 = CHECKS.declare(
    code="UP05",
    severity=Severity.WARNING,
    message=Text("压缩包内还有压缩包：{0}", "There is an archive inside the archive: {0}"),
    remedy=Text(
        "只打开一层；请把图层文件直接放进一个 .zip",
        "Only one level is opened; put the layer files straight into one .zip",
    ),
    source=SOURCE,
)
UP06 = CHECKS.declare(
    code="UP06",
    severity=Severity.INFO,
    message=Text("文件名写法特殊，已识别：{0}", "Unusual file names, recognised: {0}"),
    remedy=Text(
        "无需处理；建议扩展名用小写，压缩时文件名用 UTF-8",
        "Nothing to do; lower-case extensions and UTF-8 entry names are safer",
    ),
    source=SOURCE,
)
UP07 = CHECKS.declare(
    code="UP07",
    severity=Severity.ERROR,
    message=Text("压缩包内有不安全的条目：{0}", "The archive holds unsafe entries: {0}"),
    remedy=Text(
        "去掉绝对路径、“..”、盘符、链接和设备文件后重新压缩",
        "Zip again without absolute paths, “..”, drive letters, links or device files",
    ),
    source=SOURCE,
)
UP08 = CHECKS.declare(
    code="UP08",
    severity=Severity.ERROR,
    message=Text("超出限额：{0}", "Over the limit: {0}"),
    remedy=Text(
        "拆成较小的文件分别提交，或请管理员调整限额",
        "Split the data into smaller files, or ask the administrator to raise the limit",
    ),
    source=SOURCE,
)
UP09 = CHECKS.declare(
    code="UP09",
    severity=Severity.ERROR,
    message=Text("不支持的格式：{0}", "Format not offered: {0}"),
    remedy=Text(
        "在 ArcGIS、QGIS 或 CASS 中导出为 Shapefile（整套压缩为 .zip）或 GeoPackage（.gpkg）后上传",
        "Export it from ArcGIS, QGIS or CASS as a shapefile (the set zipped) or a GeoPackage (.gpkg)",
    ),
    source=SOURCE,
)
UP10 = CHECKS.declare(
    code="UP10",
    severity=Severity.INFO,
    message=Text("与图层无关的文件已忽略：{0}", "Files that are no layers were ignored: {0}"),
    remedy=Text("无需处理", "Nothing to do"),
    source=SOURCE,
)

SET = ("shp", "shx", "dbf", "prj", "cpg")
TABLES = ("csv", "txt", "xlsx", "xlsm", "xls", "ods")


@dataclass
class Dataset:
    """One data set in the work folder. kind: shapefile geopackage geodatabase kml json table.

    name: as the surveyor called it. parts: of a shapefile, by extension. alone: nothing else was uploaded.
    unread: records that could not be read and were said, found before GDAL opens it.
    """

    kind: str
    name: str
    path: Path
    parts: dict[str, Path] = field(default_factory=dict)
    detail: str = ""
    alone: bool = False
    unread: list[int] = field(default_factory=list)


@dataclass
class Budget:
    """Bytes that unpacking may still produce."""

    limits: Limits
    notes: Notes
    packed: int
    produced: int = 0

    def spend(self, count: int) -> None:
        self.produced += count
        if self.produced > self.limits.unpacked_bytes:
            raise self.notes.refuse(UP08, f"解压后 > {self.limits.unpacked_bytes // 1024**2} MB")
        if self.produced > self.limits.ratio_from_bytes and self.produced > self.limits.ratio * max(
            self.packed, 1
        ):
            raise self.notes.refuse(UP08, f"压缩比 > {self.limits.ratio}:1")


#: Extensions of binary formats: text under such a name is not a file of its kind.
_BINARY = {"zip", "shp", "shx", "dbf", "gpkg", "kmz", "xlsx", "xls", "ods", "gdb", "rar", "7z", "sqlite"}


def dataset_kind(kind: Kind, extension: str) -> str | None:
    """Which data set bytes of this kind under this extension are; None where none of ours."""
    if kind.family == "sqlite":
        return "geopackage"
    if kind.family == "ole" and extension in ("xls", "et"):
        return "table"
    if extension in _BINARY:
        return None
    if kind.family == "xml" and (kind.detail == "kml" or extension == "kml"):
        return "kml"
    if kind.family == "json" or (
        extension in ("geojson", "json", "topojson", "geojsonl", "geojsons", "ndjson")
        and kind.family == "text"
    ):
        return "json"
    if extension == "kml" and kind.family == "text":
        return "kml"
    if kind.family == "text":
        return "table"
    return None


def refusal(kind: Kind, extension: str, file: str, notes: Notes) -> Refused:
    """Why a file is none of ours."""
    if kind.family == "empty":
        return notes.refuse(UP01, f"{file}：0 字节 (0 bytes)")
    if kind.family == "alien":
        return notes.refuse(UP09, kind.detail)
    if kind.family == "xml":
        return notes.refuse(UP09, f"XML <{kind.detail}>")
    if kind.family in ("text", "json"):
        return notes.refuse(
            UP01,
            f"{file} 的内容是文本，不是 .{extension} (text under the name .{extension})",
            remedy=Text(
                "按真实格式改扩展名（如 .csv、.geojson），或重新压缩后上传",
                "Give it the extension of what it is (such as .csv or .geojson), or zip the data again",
            ),
        )
    if kind.family == "ole":
        return notes.refuse(UP09, "OLE (.doc/.mxd …)")
    if extension in _BINARY | {"geojson", "json", "kml", "csv"}:
        return notes.refuse(UP01, f"{file} 不是有效的 .{extension} 文件 (not a .{extension} file)")
    return notes.refuse(UP09, f".{extension}" if extension else file)
