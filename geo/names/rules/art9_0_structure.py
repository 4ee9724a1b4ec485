"""第九条第一款 专名与通名: a name is made of a specific and a generic part."""

from __future__ import annotations

import re
from collections.abc import Iterator

from geo.names.categories import CATEGORY_NAMES, GENERICS, Category
from geo.names.parts import MODIFIERS
from geo.names.rules.catalogue import RULES, Case, Hit
from geo.names.rules.proposal import ALL_GENERICS, SETTLEMENT, Facts, Proposal
from geo.terms import Severity
from geo.text import Text

BARE = Text(
    "“{0}”只有通名，没有专名，请在前面加专名", "“{0}” is a bare generic word; put a specific part before it"
)
EMPTY = Text("名称为空，请填写名称", "The name is empty; give a name")
LONG = Text(
    "名称有 {0} 个字，不能作地名，请填写简短的名称",
    "The name has {0} characters and is no place name; give a short one",
)
STACKED = Text(
    "“{0}”“{1}”两个通名叠用，请去掉一个", "The generic words “{0}” and “{1}” are stacked; take one away"
)
MANY = Text(
    "专名“{0}”有 {1} 个字，2008 年重庆规范为不超过 4 个字（现行数值待核），请考虑缩短",
    "The specific part “{0}” has {1} characters; Chongqing's rule of 2008 allowed 4 (the present number is to be "
    "confirmed); consider a shorter one",
)

NUMERAL = Text(
    "专名“{0}”只有数词（2008 年重庆规范不用，现行规定待核），请换用有含义的专名",
    "The specific part “{0}” is a numeral alone (not used by Chongqing's rule of 2008; to be confirmed); choose one "
    "that means something",
)

#: Categories whose generic vocabulary is closed; elsewhere an unknown ending is for a person to weigh.
CLOSED = frozenset(
    {
        Category.COUNTY_UP,
        Category.SUBDISTRICT,
        Category.TOWNSHIP,
        Category.COMMITTEE,
        Category.STREET,
        Category.ESTATE,
        Category.PARK,
    }
)
#: What villages are called after besides: written solid, and enough of a name.
_VILLAGE_ENDS = frozenset("间墙竹柏松槐柳桂碾磨窑坊馆市埂嵝凹岔洼壁桠垣沙堂祠碉榜池")
#: What estates are called after besides, where usage has not settled what is a generic part (人家、谷、郡).
_ESTATE_ENDS = ("人家", "半岛", "天地", "世家", *"谷郡墅岸台第坊汇境筑堡湖")
#: What sights, temples and old places of 其他 end in.
_SIGHTS = (
    *"寺庙宫观祠庵殿塔亭台阁楼碑墓陵寨堡关门坊院堂池井泉洞石树桥",
    *(
        "古镇",
        "古城",
        "古道",
        "古寨",
        "老街",
        "遗址",
        "旧址",
        "故居",
        "旧居",
        "书院",
        "牌坊",
        "石刻",
        "陵园",
        "烈士墓",
    ),
    *(
        "摩崖造像",
        "影视城",
        "景区",
        "农场",
        "林场",
        "茶场",
        "果园",
        "牧场",
        "渔场",
        "城墙",
        "城门",
        "码头",
        "片区",
        "地块",
    ),
)
_STACKING = {
    Category.STREET: ("大道", "大街", "路", "街", "巷", "胡同"),
    Category.ESTATE: ("花园", "小区", "公寓", "家园", "花苑", "大厦", "大楼", "广场", "山庄", "新村"),
    Category.TOWNSHIP: ("镇", "乡"),
    Category.SUBDISTRICT: ("街道", "镇", "乡"),
    Category.PARK: ("公园", "广场"),
}


@RULES.rule(
    code="9-structure",
    article="地名管理条例第九条第一款",
    severity=Severity.ERROR,
    message=Text(
        "“{0}”没有“{1}”类的通名，地名应由专名和通名两部分组成，请补上通名",
        "“{0}” has no generic word of the category {1}; a name is made of a specific and a generic part: add one",
    ),
    source="地名管理条例（2022）第九条；专名长度：重庆市地名专名与通名使用规范（2008）",
    cases=(
        Case("兴隆村", None),
        Case("大道", Severity.ERROR, Category.STREET, why="bare generic"),
        Case("山峰", Severity.ERROR, Category.NATURAL, why="bare generic, of two characters"),
        Case("龙兴", Severity.ERROR, Category.STREET, why="no generic"),
        Case("龙山路大道", Severity.WARNING, Category.STREET, why="stacked"),
        Case("两路大道", None, Category.STREET, why="路 belongs to the specific part 两路"),
        Case("周口店", None, Category.NATURAL_VILLAGE),
        Case("鸭儿凼", None, Category.NATURAL_VILLAGE),
        Case("一二三四五六小区", Severity.WARNING, Category.ESTATE, why="six characters"),
        Case("五小区", Severity.WARNING, Category.ESTATE, why="a numeral alone"),
        Case("三八路", None, Category.STREET),
        Case("一号路", Severity.WARNING, Category.STREET, why="a number alone"),
        Case("石院墙", None, Category.NATURAL_VILLAGE, why="after what stands there"),
        Case("田家祠堂", None, Category.NATURAL_VILLAGE, why="after the clan's hall"),
        Case("枣子岚垭正街", None, Category.STREET, why="the modifier 正 belongs to 街"),
        Case("溪山人家", Severity.WARNING, Category.ESTATE, why="whether 人家 is a generic is not settled"),
        Case("丽景", Severity.ERROR, Category.ESTATE),
        Case("龙藏宫", None, Category.OTHER),
        Case("文昌宫", None, Category.NATURAL_VILLAGE),
        Case("青石板", None, Category.NATURAL_VILLAGE),
        Case("老瓦厂", None, Category.NATURAL_VILLAGE),
        Case("石堰", None, Category.NATURAL_VILLAGE),
        Case("放牛坪景区", None, Category.PARK),
        Case("青龙湿地", None, Category.PARK),
        Case("青龙自然保护小区", None, Category.PARK),
        Case("青龙商厦", None, Category.ESTATE),
        Case("青龙住宅区", None, Category.ESTATE),
        Case("青龙宿舍", None, Category.ESTATE),
        Case("红岩渡槽", None, Category.FACILITY),
        Case("双溪涵洞", None, Category.FACILITY),
        Case("古路互通", None, Category.FACILITY),
        Case("李家湾山坪塘", None, Category.FACILITY),
        Case("后河堰", None, Category.FACILITY),
        Case("石河道班", None, Category.FACILITY),
        Case("曹家庄", Severity.WARNING, why="the village's own name, without 村"),
        Case("前程", Severity.ERROR),
        Case("", Severity.ERROR),
    ),
)
def structure(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """Missing, bare or stacked generic parts, and names of impossible length."""
    name = proposal.plain
    if not name.strip():
        yield Hit(text=EMPTY)
        return
    if len(name) > 60:
        yield Hit((len(name),), text=LONG)
        return
    kind, generic, specific = proposal.kind, proposal.generic, proposal.specific
    named = generic and kind in (Category.NATURAL, Category.NATURAL_VILLAGE)  # 大坝
    if name in GENERICS[kind] or (name in ALL_GENERICS and not named):
        yield Hit((name,), text=BARE)
        return
    if len(name) == 1:
        yield Hit((name,), text=BARE)
        return
    if not generic:
        if any(name.endswith(g) for g in ALL_GENERICS) and kind is not Category.NATURAL_VILLAGE:
            return  # a generic of another category: that is 9(2)-generic's
        if kind is Category.NATURAL and name[-1] in SETTLEMENT:
            return
        if kind is Category.NATURAL_VILLAGE and name[-1] in _VILLAGE_ENDS:
            return
        if kind is Category.OTHER and name.endswith(_SIGHTS) and len(name) > 2:
            return
        # A committee's seat may carry the village's own name (曹家庄): for a person to weigh.
        # and an old street that of the slope, steps or gate it lies on (十八梯, 石板坡).
        settled = kind in (Category.COMMITTEE, Category.STREET) and name[-1] in SETTLEMENT and len(name) > 2
        estate = kind is Category.ESTATE and name.endswith(_ESTATE_ENDS) and len(name) > 2
        refused = kind in CLOSED and not (settled or estate)
        said = (name, CATEGORY_NAMES[proposal.category])
        yield Hit(said, Severity.ERROR if refused else Severity.WARNING)
        return
    inner = next(
        (g for g in _STACKING.get(kind, ()) if specific.endswith(g) and len(specific) - len(g) >= 2), None
    )
    if inner and (generic in _STACKING[kind]):
        yield Hit((inner, generic), Severity.WARNING, STACKED)
    numeral = re.fullmatch(r"第?[一二三四五六七八九十百]+号?", specific)
    # Two digits are a day of remembrance (三八路, 五一广场); 二马路 is an old kind of name.
    if (
        numeral
        and kind in (Category.STREET, Category.ESTATE)
        and (len(specific) == 1 or specific[0] == "第" or specific[-1] == "号")
    ):
        yield Hit((specific,), Severity.WARNING, NUMERAL)
    # 枣子岚垭|正街: a modifier of one syllable belongs to the generic part of a street.
    if kind is Category.STREET and len(specific) > 2 and specific[-1] in MODIFIERS:
        specific = specific[:-1]
    if len(specific) > 4 and not inner:
        derived = kind is Category.STREET and any(g in specific[1:] for g in GENERICS[kind])
        weighed = kind in (Category.STREET, Category.ESTATE) and not derived
        nations = kind is Category.COUNTY_UP or kind is Category.TOWNSHIP
        if not derived and not nations:
            yield Hit((specific, len(specific)), Severity.WARNING if weighed else Severity.INFO, MANY)
