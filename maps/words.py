"""Words (图面用语) of the maps' furniture, in Chinese and English. Names of places are data, not words."""

from __future__ import annotations

from geo.text import Text

WORDS: dict[str, Text] = {
    "boundaries": Text("{district}界线图", "Boundaries of {district}"),
    "units_count": Text("{count} 个镇街", "{count} townships"),
    "on_date": Text("{date} 状态", "as of {date}"),
    "legend": Text("图例", "Legend"),
    "list": Text("界线一览", "Lines"),
    "north": Text("北", "N"),
    "approval": Text("审图号：{number}", "Map approval no.: {number}"),
    "demo": Text("演示数据（虚构），不代表实际界线", "Demonstration data (invented), not actual boundaries"),
    "crs": Text("2000 国家大地坐标系", "CGCS2000"),
    "attribution": Text(
        "资料：{district}民政部门界线成果", "Source: boundary results of the civil affairs office, {district}"
    ),
    "county_lines": Text("区界（县级界线）", "District boundary (county lines)"),
    "district_line": Text("区界", "District boundary"),
    "unit": Text("镇街", "Township"),
    "outline": Text(
        "未勘定界线为现用界，仅供参考", "Lines not settled show the outline in use, for reference"
    ),
    "generalised": Text(
        "已勘定界线经概括，不作定界依据", "Settled lines are generalised; not a legal position"
    ),
    "marker": Text("界桩", "Boundary marker"),
    "marker_rounded": Text("界桩（概略位置）", "Marker (approximate position)"),
    "marker_single": Text("单立界桩", "Single marker"),
    "marker_twin": Text("双立界桩", "Twin marker"),
    "marker_triple": Text("三立界桩", "Triple marker"),
    "dispute": Text("争议", "In dispute"),
    "dispute_line": Text("有争议的界线", "Line in dispute"),
    "place_map": Text("地名位置图", "Map of the place"),
    "place_here": Text("本地名", "This place"),
    "place_near": Text("同名簇", "Same specific part"),
    "place_rounded": Text("位置来源：{source}", "Position: {source}"),
    "close": Text("关闭", "Close"),
    "zoom_in": Text("放大", "Zoom in"),
    "zoom_out": Text("缩小", "Zoom out"),
    "whole": Text("全图", "Whole map"),
    "details": Text("查看界线详情", "Open the line's page"),
    "code": Text("编号", "Code"),
    "name": Text("名称", "Name"),
    "state": Text("勘定状态", "State"),
    "left_unit": Text("左侧", "Left"),
    "right_unit": Text("右侧", "Right"),
    "length": Text("长度", "Length"),
    "settled_on": Text("勘定日期", "Settled on"),
    "document": Text("批准文件", "Approval"),
    "parent": Text("上级", "Parent"),
    "source": Text("资料来源", "Source"),
    "number": Text("界桩号", "Number"),
    "line": Text("所在界线", "Line"),
    "kind": Text("类型", "Kind"),
    "condition": Text("状况", "Condition"),
    "position": Text("位置", "Position"),
    "exact": Text("实测位置（受限）", "Surveyed position (restricted)"),
    "rounded": Text("概略位置（0.001°）", "Approximate position (0.001°)"),
    "progress": Text(
        "已勘定 {settled} 条，年度目标 {target} 条", "{settled} settled; target for the year {target}"
    ),
    "officer_version": Text(
        "内部版，含未公开界线，请勿外传", "Internal version with unpublished lines; do not pass on"
    ),
    "no_lines": Text("此日期没有界线记录", "No boundary lines on this date"),
    "map_label": Text("地图，可用方向键移动、加减号缩放", "Map; arrow keys pan, plus and minus zoom"),
    "findings": Text("检查意见图", "Map of findings"),
    "features": Text("提交的要素", "Submitted features"),
    "error": Text("错误", "Error"),
    "warning": Text("警告", "Warning"),
    "info": Text("提示", "Note"),
    "lines": Text("界线", "Lines"),
    "markers": Text("界桩", "Markers"),
    "tripoints": Text("三交点", "Tripoints"),
    "polygons": Text("政区面", "Polygons"),
    "difference": Text("与现行版本的变化", "Difference from the version in force"),
    "kept": Text("未变", "Unchanged"),
    "old": Text("现行", "In force"),
    "new": Text("提交", "Submitted"),
    "moved": Text("移动的点", "Moved"),
    "inserted": Text("新增的点", "Inserted"),
    "deleted": Text("删去的点", "Deleted"),
    "name_check": Text("命名审查图", "Map of a name check"),
    "name_proposed": Text("拟用名称", "Proposed name"),
    "name_error": Text("重名等（不符合）", "Meets it: refused"),
    "name_warning": Text("同音等（存疑）", "Meets it: doubtful"),
    "name_info": Text("提示", "For information"),
    "gained": Text("划入", "Gained"),
    "lost": Text("划出", "Lost"),
}


def word(key: str, language: str, **values: object) -> str:
    """One word or sentence in the language. Raises KeyError on an unknown key."""
    return WORDS[key].fill(**values).in_language(language)
