"""The report of `./yudi check` for people: text that a surveyor can paste into an e-mail (检查报告)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, TextIO

from geo.text import Text

if TYPE_CHECKING:
    from geo.settings import DistrictSettings

#: More places of one code than this are counted, not listed: the GeoPackage has them all.
LISTED = 20

VERDICTS = {
    "accept": Text("可以接受", "accept"),
    "accept-with-warning": Text("可以接受，有警告", "accept with warning"),
    "reject": Text("不通过", "reject"),
}
SEVERITIES = {
    "error": Text("错误", "ERROR"),
    "warning": Text("警告", "WARNING"),
    "info": Text("提示", "INFO"),
}
ROLES = {
    "lines": Text("界线", "lines"),
    "markers": Text("界桩", "markers"),
    "tripoints": Text("三交点", "tripoints"),
    "polygons": Text("政区面", "polygons"),
    None: Text("内容未识别", "contents not recognised"),
}
PROFILES = {
    "township": Text("乡镇勘界成果", "township"),
    "generic": Text("一般界线文件", "generic"),
}
SOURCES = {
    "declared": Text("文件声明", "declared"),
    "given": Text("人工指定", "given"),
    "guessed": Text("推断", "guessed"),
    "none": Text("没有", "none"),
}


def write_report(
    report: Mapping[str, Any], out: TextIO, language: str, district: DistrictSettings | None
) -> None:
    """Write one report: file, verdict, layers, then findings grouped by code, errors first."""
    for row in _rows(report, language, district):
        print(row, file=out)
    print(file=out, flush=True)


def _rows(report: Mapping[str, Any], language: str, district: DistrictSettings | None) -> Iterator[str]:
    def say(text: Text, *values: object) -> str:
        return text.fill(*values).in_language(language)

    findings = report["findings"]
    counts = {s: sum(f["severity"] == s for f in findings) for s in SEVERITIES}
    yield say(Text("检查报告  {0}", "Check report  {0}"), report["file"])
    yield say(
        Text(
            "结论：{0}（错误 {1}，警告 {2}，提示 {3}）", "Verdict: {0} ({1} errors, {2} warnings, {3} notes)"
        ),
        VERDICTS[report["verdict"]],
        *counts.values(),
    )
    yield say(
        Text("检查类别：{0}  SHA-256：{1}", "Profile: {0}  SHA-256: {1}"),
        PROFILES[report["profile"]],
        report["sha256"],
    )
    for layer in report["layers"]:
        crs, encoding = layer["crs"], layer["encoding"]
        yield say(
            Text(
                "图层 {0}：{1}，{2} 条，坐标系 {3}，编码 {4}",
                "Layer {0}: {1}, {2} records, system {3}, encoding {4}",
            ),
            layer["name"],
            ROLES[layer["role"]],
            layer["features"],
            _decided(
                crs, language, crs and (f"EPSG:{crs['epsg']} {crs['name']}" if crs["epsg"] else crs["name"])
            ),
            _decided(encoding, language, encoding and encoding["name"]),
        )
    if not findings:
        yield say(Text("没有检查意见。", "No findings."))
    place = _placer(district)
    weight = {s: i for i, s in enumerate(SEVERITIES)}
    order = sorted(findings, key=lambda f: (weight[f["severity"]], f["code"]))
    for (severity, code), same in groupby(order, key=lambda f: (f["severity"], f["code"])):
        yield ""
        yield from _group(list(same), SEVERITIES[severity], code, language, place)


def _group(
    findings: list[Mapping[str, Any]], severity: Text, code: str, language: str, place: Any
) -> Iterator[str]:
    from geo.checks.titles import title

    zh = language == "zh"
    message, remedy = ("message", "remedy") if zh else ("message_en", "remedy_en")
    # A title names the defect; a note of the same code says that there is none, or what was not looked at.
    named = "" if findings[0]["severity"] == "info" else title(code).in_language(language)
    heading = f"{severity.in_language(language)} {code} {named}".strip()
    yield f"【{heading}】{len(findings)} 处" if zh else f"[{heading}] {len(findings)}"
    common = {f[remedy] for f in findings}
    for number, finding in enumerate(findings[:LISTED], 1):
        yield f"  {number}. {finding[message]}"
        if (
            details := "；".join(_details(finding, zh, place))
            if zh
            else "; ".join(_details(finding, zh, place))
        ):
            yield f"     {details}"
        if len(common) > 1 and finding[remedy]:
            yield f"     {'改法：' if zh else 'To mend: '}{finding[remedy]}"
    if (more := len(findings) - LISTED) > 0:
        yield (
            f"  …… 另有 {more} 处，用 --findings OUT.gpkg 在地图上看全部"
            if zh
            else f"  … and {more} more: see all on a map with --findings OUT.gpkg"
        )
    if len(common) == 1 and (only := common.pop()):
        yield f"  {'改法：' if zh else 'To mend: '}{only}"


def _details(finding: Mapping[str, Any], zh: bool, place: Any) -> Iterator[str]:
    if finding["layer"]:
        records = finding["features"]
        shown = ", ".join(map(str, records[:8])) + (" …" if len(records) > 8 else "")
        where = f"图层 {finding['layer']}" if zh else f"layer {finding['layer']}"
        yield where + (
            (f" 第 {shown} 条（从 0 起）" if zh else f" record {shown} (from 0)") if records else ""
        )
    if finding["ids"]:
        ids = ", ".join(finding["ids"][:8]) + (" …" if len(finding["ids"]) > 8 else "")
        yield f"编号 {ids}" if zh else f"ids {ids}"
    if finding["geometry"] is not None:
        yield place(finding["geometry"], zh)
    elif finding.get("source_geometry"):
        x, y = _middle(finding["source_geometry"])
        yield f"文件坐标 {x:.3f}, {y:.3f}" if zh else f"file coordinates {x:.3f}, {y:.3f}"


def _placer(district: DistrictSettings | None) -> Any:
    """A function from a GeoJSON place to words: north and east in the district's zone, then degrees."""
    transformer: list[Any] = []

    def place(geometry: Mapping[str, Any], zh: bool) -> str:
        lon, lat = _middle(geometry)
        degrees = f"东经 {lon:.6f}° 北纬 {lat:.6f}°" if zh else f"lon {lon:.6f}, lat {lat:.6f}"
        if district is None or not _inside(district.box, lon, lat):
            return degrees
        if not transformer:
            import pyproj

            transformer.append(pyproj.Transformer.from_crs(4490, district.zone, always_xy=True))
        east, north = transformer[0].transform(lon, lat)
        plane = f"北 {north:.3f} 东 {east:.3f}" if zh else f"north {north:.3f} east {east:.3f}"
        return f"{plane} (EPSG:{district.zone}) {degrees}"

    return place


def _inside(box: tuple[float, float, float, float], lon: float, lat: float) -> bool:
    """Within the district's box or half a degree of it: farther off the zone's numbers mean nothing."""
    return box[0] - 0.5 <= lon <= box[2] + 0.5 and box[1] - 0.5 <= lat <= box[3] + 0.5


def _middle(geometry: Mapping[str, Any]) -> tuple[float, float]:
    """A point on the place: the middle of its first line, a point inside its first polygon."""
    import shapely
    from shapely.geometry import shape

    part = shape(geometry)
    while hasattr(part, "geoms") and len(part.geoms):
        part = part.geoms[0]
    if part.geom_type == "Polygon":
        part = part.representative_point() if part.area > 0 else shapely.Point(part.exterior.coords[0])
    elif part.geom_type != "Point":
        part = part.interpolate(0.5, normalized=True)
    return float(part.x), float(part.y)


def _decided(decision: Mapping[str, Any] | None, language: str, words: str | None) -> str:
    if decision is None:
        return SOURCES["none"].in_language(language)
    return f"{words} ({SOURCES[decision['source']].in_language(language)})"
