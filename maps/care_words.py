"""Words of the elderly-care map and its pages, in Chinese and English, without a name of any place."""

from __future__ import annotations

from geo.text import Text

WORDS: dict[str, Text] = {
    "title": Text("养老地图", "Elderly care map"),
    "lead": Text(
        "找老年食堂、养老服务站、养老院：开没开门，怎么走，打什么电话。",
        "Canteens, care stations, homes: whether they are open, how to get there, whom to call.",
    ),
    "demo": Text(
        "演示数据（虚构）：设施、道路、电话和人数都不是真的",
        "Invented demonstration: no place, street, phone or number is real",
    ),
    "near_me": Text("我的附近", "Near me"),
    "near_lead": Text(
        "位置只用来算这一次，不记录。",
        "Your position is used for this one answer and kept nowhere.",
    ),
    "use_position": Text("用我的位置", "Use my position"),
    "pick": Text("在地图上点选", "Point on the map"),
    "picking": Text("请在地图上点一下出发的地方", "Press the map where you start from"),
    "profile": Text("谁来走", "Who walks"),
    "minutes": Text("分钟以内", "Minutes at most"),
    "clear": Text("清除位置", "Forget the position"),
    "position_failed": Text(
        "没有得到您的位置，请在地图上点选", "Your position was not given; point on the map instead"
    ),
    "answer_failed": Text("没有算出来，请再试一次", "It could not be worked out; please try again"),
    "computing": Text("正在计算步行时间…", "Working out the walk…"),
    "none_near": Text("这个时间内步行到不了任何设施", "Nothing can be reached on foot in that time"),
    "walk": Text(
        "步行 {minutes} 分钟（去 {there}，回 {back}）", "{minutes} min on foot ({there} there, {back} back)"
    ),
    "found": Text("{count} 处", "{count} places"),
    "filter": Text("筛选", "Filter"),
    "kinds": Text("类别", "Kinds"),
    "township": Text("镇街", "Township"),
    "all": Text("全部", "All"),
    "mode": Text("食堂模式", "Canteen mode"),
    "service": Text("服务", "Service"),
    "open_now": Text("现在开门", "Open now"),
    "words": Text("名称或地址", "Name or address"),
    "apply": Text("筛选", "Apply"),
    "list": Text("设施列表", "Facilities"),
    "nothing": Text("没有符合条件的设施", "No facility fits"),
    "all_closed": Text(
        "现在都没有开门；有 {count} 处符合其他条件，各写着几点开门。",
        "All are closed now; {count} fit otherwise, each says when it opens.",
    ),
    "show_closed": Text("没开门的也看", "Show closed ones too"),
    "farther": Text("找 {minutes} 分钟以内的", "Look within {minutes} minutes"),
    "more": Text("再显示一些", "Show more"),
    "prev": Text("上一页", "Previous"),
    "next": Text("下一页", "Next"),
    "part_of": Text("第 {part} 页，共 {parts} 页", "Page {part} of {parts}"),
    "call": Text("打电话", "Call"),
    "phone": Text("电话", "Phone"),
    "address": Text("地址", "Address"),
    "grade": Text("等级", "Grade"),
    "unit": Text("所在社区（村）", "Community"),
    "hours": Text("开放时间", "Hours"),
    "price": Text("价格", "Price"),
    "services": Text("服务", "Services"),
    "access": Text("无障碍", "Access"),
    "beds": Text("床位", "Beds"),
    "beds_value": Text("{beds} 张，护理型 {nursing} 张", "{beds}, {nursing} for nursing"),
    "vacancies": Text("空床", "Vacancies"),
    "vacancies_value": Text("{count} 张（{at} 报）", "{count} (reported {at})"),
    "vacancies_old": Text("{count} 张（{at} 报，较早）", "{count} (reported {at}, some time ago)"),
    "checked": Text("核实日期", "Checked"),
    "overdue": Text("超过半年未核实，去前请先电话询问", "Not checked for half a year: please call first"),
    "never_checked": Text("尚未核实", "Not checked yet"),
    "market": Text("赶集日", "Market days"),
    "next_market": Text("最近的赶集日：{days}", "Next market days: {days}"),
    "details": Text("详细", "Details"),
    "on_map": Text("在地图上看", "Show on the map"),
    "reach": Text("15 分钟步行范围", "Within 15 minutes' walk"),
    "compare": Text("比较所选（2–6 处）", "Compare those chosen (2–6)"),
    "choose": Text("选入比较", "Compare"),
    "restricted": Text("地址不公开", "Its address is not public"),
    "map_label": Text(
        "养老设施地图；列表在旁，内容相同", "Map of facilities; the list beside it holds the same"
    ),
    "close": Text("关闭", "Close"),
    "zoom_in": Text("放大", "Zoom in"),
    "zoom_out": Text("缩小", "Zoom out"),
    "whole": Text("全区", "Whole district"),
    "start": Text("出发地", "Start"),
    "area": Text("能走到并走回来的范围", "Can be reached and returned from"),
    "network_of": Text("路网：{source}，{dated}", "Streets: {source}, {dated}"),
    "leaflet": Text("打印“我的十五分钟”", "Print “my 15 minutes”"),
    "coverage": Text("覆盖与供需", "Coverage and supply"),
    "as_list": Text("只看列表", "The list alone"),
    "as_map": Text("看地图", "The map"),
    "source": Text(
        "资料：{district}民政部门设施登记",
        "Source: register of facilities of the civil affairs office, {district}",
    ),
    "on_date": Text("{date} 状态", "as of {date}"),
    "noscript": Text(
        "没有脚本时列表照常可用，地图和步行时间不能显示。",
        "Without scripts the list works as it is; the map and walking times do not.",
    ),
    "saved": Text("打开时间以生成时为准，去前请电话确认", "Saved copy: call before you go"),
}


def care_word(key: str, language: str, **values: object) -> str:
    """One of the words in a language."""
    text = WORDS[key].in_language(language)
    return text.format(**values) if values else text
