"""Categories of place names after the regulation, and the generic parts (通名) that belong to each.

Source: 《地名管理条例》第三条; generics of each category: usage.
"""

from __future__ import annotations

from enum import StrEnum

from geo.text import Text


class Category(StrEnum):
    """地名类别. The values are the words of the contract."""

    NATURAL = "自然地理实体"
    COUNTY_UP = "县级以上行政区划"
    SUBDISTRICT = "街道"
    TOWNSHIP = "乡镇"
    COMMITTEE = "村委会、居委会所在地"
    NATURAL_VILLAGE = "自然村"
    PARK = "公园、自然保护地"
    ZONE = "开发区、园区"
    STREET = "街路巷"
    ESTATE = "住宅区、楼宇"
    FACILITY = "设施"
    OTHER = "其他"


#: The words of the contract with their English.
CATEGORY_NAMES: dict[Category, Text] = {
    category: Text(category.value, english)
    for category, english in zip(
        Category,
        (
            "Natural feature", "Division of county level and above", "Subdistrict", "Town or township", "Seat of a committee",
            "Natural village", "Park or reserve", "Development zone", "Street, road or lane", "Housing estate or building",
            "Facility", "Other",
        ),
        strict=True,
    )
}  # fmt: skip

_NATURAL = (
    "山脉 山峰 山 岭 峰 岩 崖 垭口 垭 坡 坎 坪 坝 湾 塆 沟 槽 峡谷 峡 洞 江 河 溪 湖泊 湖 潭 泉 滩 沱 浩 碛 "
    "岛 海 洲 盆地 平原 高原 草原 沙漠 海峡 半岛 群岛 列岛 港 渠 塘 池 淀 泊 川 水 瀑布 高地 峰 嘴 咀 天坑 地缝 溶洞 石林 冰川"
)
#: Generics of natural features that villages, estates and family names end in just as often (李家梁, 紫金谷): they
#: speak for no category, and count where the category is given.
LANDFORMS = tuple("谷 梁 岗 冈 顶 包 堆 坳 尖 丘 峁 塬 嶂 礁 屿 矶".split())

#: Sections (路段) of a street, by where they lie or by number.
SECTIONS = tuple("东段 西段 南段 北段 中段 一段 二段 三段 四段 五段 六段 七段 八段 九段 十段".split())
_STREET = "步行街 大道 大街 马路 胡同 支路 支巷 环路 路 街 巷 道 弄 里 条 街巷 步道 小街 小巷 小路"

#: Generic parts by category; the longest that fits is taken.
GENERICS: dict[Category, tuple[str, ...]] = {
    Category.NATURAL: tuple(dict.fromkeys(_NATURAL.split())),
    Category.COUNTY_UP: (
        "特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "特区", "新区", "矿区", "省", "市", "区", "县", "盟", "旗",
    ),
    Category.SUBDISTRICT: ("街道办事处", "街道"),
    Category.TOWNSHIP: ("民族乡", "民族苏木", "苏木", "镇", "乡"),
    Category.COMMITTEE: (
        "社区居民委员会", "居民委员会", "村民委员会", "社区居委会", "居委会", "村委会", "社区", "村", "嘎查",
    ),
    Category.NATURAL_VILLAGE: (),
    Category.PARK: (
        "湿地公园", "森林公园", "地质公园", "体育公园", "自然保护小区", "自然保护区", "自然保护地", "风景名胜区", "风景区", "旅游景区", "景区", "湿地", "植物园", "动物园", "公园", "广场", "花园",
    ),
    Category.ZONE: (
        "经济技术开发区", "高新技术产业开发区", "高新技术产业园区", "高新技术开发区", "产业聚集区", "经济开发区", "旅游度假区", "度假区", "边境经济合作区", "合作区", "出口加工区", "综合保税区", "保税区", "综合改革示范区", "示范区", "开发区",
        "高技术产业开发区", "城乡一体化示范区", "综合实验区", "实验区", "产业集聚区", "集聚区", "科技城", "科学城", "大学城", "高新区", "经开区", "管理区", "产业园区", "产业园", "工业园区", "工业园", "化工园区", "物流园区", "物流园", "农业科技园区", "科技园区", "科技园", "创意园区", "园区",
        "保税港区", "新区", "园",
    ),
    Category.STREET: (*SECTIONS, *_STREET.split()),
    Category.ESTATE: (
        "住宅区", "小区", "花园", "公寓楼", "公寓", "宿舍", "商务楼", "写字楼", "商厦", "商场", "公馆", "山庄", "别墅", "新村", "家园", "花苑", "大厦", "大楼", "中心", "广场", "苑", "园", "楼", "城", "府", "庭", "居", "院", "里", "都", "阁", "轩", "邸", "湾",
    ),
    Category.FACILITY: (
        "长途汽车站", "污水处理厂", "水电站", "变电站", "变电所", "收费站", "火车站", "汽车站", "客运站", "公交站", "地铁站", "轻轨站", "加油站", "加气站", "充电站", "气象站",
        "水文站", "消防站", "卫生站", "枢纽站", "体育馆", "图书馆", "博物馆", "美术馆", "文化馆", "科技馆", "纪念馆", "展览馆", "档案馆", "体育场", "足球场", "停车场", "纪念碑", "种羊场",
        "会议中心", "会展中心", "展览中心", "博览中心", "体育中心", "文化中心", "活动中心", "服务中心", "客运中心", "物流中心", "数据中心", "卫生服务中心", "测绘局", "派出所", "航站楼",
        "卫生院", "敬老院", "养老院", "福利院", "医院", "学校", "小学", "中学", "大学", "学院", "幼儿园", "服务区", "交通枢纽", "物流枢纽", "航电枢纽", "枢纽", "索道", "人行天桥", "天桥", "地下通道",
        "特大桥", "大桥", "立交桥", "立交", "隧道", "机场", "码头", "水库", "发电厂", "自来水厂", "水厂", "电厂", "电站", "泵站", "公路", "铁路", "高速公路", "灌区", "大坝", "船闸", "渡口",
        "互通立交", "互通", "环岛", "道班", "渡槽", "涵洞", "排水沟", "管道", "山坪塘", "池塘", "海塘", "河堤", "大堤", "干渠", "支渠",
        "桥", "站", "港", "渠", "坝", "闸", "库", "场", "局", "馆", "厂", "堤", "堰", "井",
    ),
    Category.OTHER: (),
}  # fmt: skip

#: Where no category is given, generics are tried in this order.
_ORDER = (
    Category.COUNTY_UP,
    Category.SUBDISTRICT,
    Category.TOWNSHIP,
    Category.COMMITTEE,
    Category.FACILITY,
    Category.PARK,
    Category.ZONE,
    Category.STREET,
    Category.NATURAL,
    Category.ESTATE,
)


def category_named(word: str | None) -> Category | None:
    """The category of a contract word; None for None or an empty word. Raises ValueError on another."""
    return Category(word.strip()) if word and word.strip() else None


#: Every generic part with the category that it speaks for, the first of `_ORDER` that has it, and the lengths.
#: More villages and natural features end so than works do: they speak for nothing by themselves.
_MUTE = {(Category.FACILITY, generic) for generic in ("堤", "堰", "井")}
_SPEAKS_FOR = {
    generic: category
    for category in reversed(_ORDER)
    for generic in GENERICS[category]
    if (category, generic) not in _MUTE
}
_LENGTHS = sorted({len(generic) for generic in _SPEAKS_FOR}, reverse=True)


def guess(name: str) -> Category:
    """The category that a name's ending speaks for (其他 where none does), the longest ending first."""
    for length in _LENGTHS:
        if length < len(name) and (category := _SPEAKS_FOR.get(name[-length:])):
            return category
    return Category.OTHER
