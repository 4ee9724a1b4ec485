"""Words of the pages of facilities, in Chinese and English; those of the map's own parts are in maps/care_words.py."""

from __future__ import annotations

from collections.abc import Callable

from geo.text import Text
from maps.care_words import WORDS as MAP_WORDS

WORDS: dict[str, Text] = {
    "facilities": Text("设施", "Facilities"),
    "facilities_lead": Text("养老服务设施和其他民政设施，按类别列出。", "Elderly-care and other civil-affairs facilities, by kind."),
    "compare_title": Text("设施比较", "Facilities side by side"),
    "compare_lead": Text("有差别的行以粗体标出。", "Rows in which they differ are in bold."),
    "item": Text("项目", "Item"),
    "back_map": Text("养老地图", "Elderly care map"),
    "coverage_title": Text("养老服务覆盖与供需", "Coverage and supply of elderly care"),
    "coverage_lead": Text(
        "60 岁以上常住老人中，能在 {minutes} 分钟内走到并走回来的比例。",
        "Share of residents 60+ who can walk there and back within {minutes} minutes each way.",
    ),
    "within": Text("分钟", "Minutes"),
    "show": Text("显示", "Show"),
    "elders": Text("60 岁以上老人", "Residents 60+"),
    "covered": Text("覆盖人数", "Within reach"),
    "share": Text("覆盖率", "Share"),
    "district_total": Text("全区", "Whole district"),
    "by_township": Text("按镇街", "By township"),
    "by_community": Text("{name}：按社区（村）", "{name}: by community"),
    "withheld": Text("人数少，不公布", "few people: withheld"),
    "how": Text("怎么算的", "How it is worked out"),
    "formula": Text(
        "覆盖率 = 可达人数 ÷ 60 岁以上常住老人。人数按社区（村）总数沿道路均匀分布，几处设施重叠覆盖的只算一次。人数少于 10 的格不公布，同一镇街再隐去另一格，以免推算。",
        "Share = residents within reach ÷ residents 60+. Totals of communities are spread along their streets; who is within reach of "
        "several facilities counts once. Cells of fewer than ten people are withheld, and another of the same township with them.",
    ),
    "inputs": Text("人数 {date}；路网 {source}，{dated}。", "Residents as of {date}; streets: {source}, {dated}."),
    "by_line": Text("其中 {count} 人所在处没有路网，按直线估算。", "{count} of them live where no street is known and are judged by the straight line."),
    "supply_title": Text("供给与需求", "Supply beside demand"),
    "beds_thousand": Text("每千名老人床位", "Beds per 1,000 elders"),
    "beds_parts": Text("机构 {a} + 社区 {b}（另有家庭养老床位 {c}）", "institutions {a} + communities {b} (and {c} home-care beds)"),
    "nursing_share": Text("护理型床位占比", "Nursing share"),
    "canteens": Text("食堂、助餐点", "Canteens"),
    "stations": Text("有站（点）的社区（村）", "Communities with a station"),
    "centres": Text("养老服务中心", "Care centre"),
    "targets": Text("年度目标", "Targets of the year"),
    "figure": Text("指标", "Figure"),
    "value": Text("完成", "So far"),
    "target": Text("目标", "Target"),
    "target_from": Text("{a}–{b}", "{a}–{b}"),
    "at_least": Text("不少于 {a}", "at least {a}"),
    "reached": Text("已达到", "Reached"),
    "not_reached": Text("未达到", "Not yet"),
    "no_figure": Text("尚未录入", "none entered"),
    "figure_source": Text("依据", "Source"),
    "call": Text("打电话", "Call"),
    "print": Text("打印此页", "Print"),
    "report_error": Text("报告错误", "Report an error"),
    "status": Text("状态", "Status"),
    "kind": Text("类别", "Kind"),
    "history": Text("变更记录", "Versions"),
    "inspections": Text("检查记录（内部）", "Inspections (internal)"),
    "reports": Text("上报记录", "Reports"),
    "internal": Text("内部信息", "Internal"),
    "reporting": Text("上报空床和通知", "Report vacancies"),
    "vacant_beds": Text("空床", "Vacancies"),
    "vacant_nursing": Text("其中护理型", "For nursing"),
    "notice": Text("今天的通知（如：今日停餐）", "Notice of today"),
    "send": Text("上报", "Report"),
    "change_hours": Text("改开放时间", "Change the hours"),
    "hours_help": Text(
        "例：周一至周五 08:00-17:30；逢1、4、7 07:00-13:00；农历逢三、六、九 07:00-12:00；法定节假日休息",
        "e.g. 周一至周五 08:00-17:30; market days: 逢1、4、7 07:00-13:00",
    ),
    "reason": Text("理由", "Reason"),
    "save": Text("保存", "Save"),
    "edit": Text("修改", "Edit"),
    "verify": Text("核实无误", "Confirm as checked"),
    "verify_lead": Text("已实地或电话核实，登记内容无误。", "Made sure on the spot or by phone that all of it is right."),
    "verified_on": Text("核实日期", "Checked on"),
    "inspect": Text("登记检查", "Enter an inspection"),
    "inspect_kind": Text("检查类别", "Kind of inspection"),
    "inspect_says": Text("情况", "What was found"),
    "new": Text("登记新设施", "Enter a new facility"),
    "import": Text("批量导入", "Import a file"),
    "import_lead": Text(
        "CSV、Excel、GeoPackage、shapefile（zip）。列名可用官方名称；有问题的行列在下面，其余入库。",
        "CSV, Excel, GeoPackage or zipped shapefile. Rows with a problem are told below, the others are kept.",
    ),
    "file": Text("文件", "File"),
    "default_kind": Text("没有类别列时的类别", "Kind where no column gives one"),
    "dry_run": Text("只试，不入库", "Try only, keep nothing"),
    "import_go": Text("导入", "Import"),
    "import_done": Text(
        "{rows} 行：新增 {new}，更新 {changed}，无变化 {unchanged}，未入库 {refused}",
        "{rows} rows: {new} new, {changed} changed, {unchanged} unchanged, {refused} refused",
    ),
    "import_tried": Text("这次只试，没有入库。", "Only tried: nothing was kept."),
    "row": Text("行", "Row"),
    "column": Text("列", "Column"),
    "cell": Text("内容", "Cell"),
    "wrong": Text("问题", "Problem"),
    "figures_title": Text("月报数", "Monthly figures"),
    "figures_lead": Text("按镇街录入；同一指标、镇街和月份以最后录入的为准。也可导入表格：指标、镇街、月份、数值。", "By township; the last entry of a month counts. Or a table: 指标, 镇街, 月份, 数值."),
    "month": Text("月份", "Month"),
    "enter": Text("录入", "Enter"),
    "version": Text("版本", "Version"),
    "changed_when": Text("记录时间", "Recorded"),
    "mine": Text("本机构运营的设施", "Facilities of your organisation"),
    "assign": Text("指定上报的运营机构", "Who reports for it"),
    "nobody": Text("没有", "Nobody"),
    "areas_title": Text("火葬区等政策区域", "Areas of policy: cremation and others"),
    "areas_lead": Text("{date} 有效的区域；换一个日期可看调整之前。", "In force on {date}; another date shows what was before."),
    "areas_date": Text("日期", "Date"),
    "areas_before": Text("调整前", "Before:"),
    "areas_after": Text("调整后", "After:"),
    "areas_groups": Text("村民小组", "Groups"),
    "areas_since": Text("生效", "Since"),
    "areas_document": Text("文件", "Document"),
    "areas_none": Text("这一天没有登记的区域", "None on this day"),
    "areas_total": Text("共 {townships} 个镇街、{villages} 个村、{groups} 个组", "{townships} townships, {villages} villages, {groups} groups"),
    "done": Text("已保存", "Saved"),
    "nothing_internal": Text("没有记录", "None"),
    "demo_long": Text("演示数据（虚构）", "Invented demonstration"),
}  # fmt: skip


def w(language: str) -> Callable[..., str]:
    """word(key, **values) in a language; the map's words are at hand too."""

    def word(key: str, **values: object) -> str:
        text = (WORDS.get(key) or MAP_WORDS[key]).in_language(language)
        return text.format(**values) if values else text

    return word
