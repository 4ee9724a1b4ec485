"""Specific part and generic part (专名、通名) of a name.

Source: 《中国地名汉语拼音字母拼写规则（汉语地名部分）》（1984）, rules 1 to 4 and 14, by their numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from geo.names.categories import GENERICS, LANDFORMS, SECTIONS, Category, guess
from geo.names.numerals import DIGITS, ordinal_at
from geo.names.words import divisions

#: One-syllable modifiers (单音节附加成分) that join the part beside them, rule 2.
MODIFIERS = frozenset("东西南北中前后左右内外上下新老旧大小正横")

#: Nationality names (民族名称) of China, longest first: they are words of their own in a division's name.
NATIONALITIES = tuple(
    sorted(
        (
            "蒙古族 回族 藏族 维吾尔族 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 白族 土家族 哈尼族 哈萨克族 傣族 黎族 "
            "傈僳族 佤族 畲族 高山族 拉祜族 水族 东乡族 纳西族 景颇族 柯尔克孜族 土族 达斡尔族 仫佬族 羌族 布朗族 撒拉族 "
            "毛南族 仡佬族 锡伯族 阿昌族 普米族 塔吉克族 怒族 乌孜别克族 俄罗斯族 鄂温克族 德昂族 保安族 裕固族 京族 "
            "塔塔尔族 独龙族 鄂伦春族 赫哲族 门巴族 珞巴族 基诺族 各族 蒙古 回 维吾尔 柯尔克孜 哈萨克 藏 彝 壮 锡伯 塔吉克"
        ).split(),
        key=len,
        reverse=True,
    )
)


@dataclass(frozen=True, slots=True)
class Parts:
    """A name cut into words as they are written apart.

    specific and generic: the legal parts (generic "" where there is none). words: the texts that are
    written apart, in order; `generic_from` is the index of the first word that belongs to the generic
    part with its modifiers. rules: numbers of the spelling rules that were applied. ordinal: which of the words is
    an ordinal to be written in Arabic digits (rule 7), None for none.
    """

    name: str
    category: Category
    specific: str
    generic: str
    words: tuple[str, ...]
    rules: tuple[int, ...]
    ordinal: int | None = None


#: What lists of divisions hold besides.
_IN_LISTS = ("风景名胜区", "行政委员会", "群岛", "新城")
#: What sights and sites of 其他 are, written apart (规则十四: 罗汉|寺, 湖广|会馆).
_SITES = (
    *(
        "古镇 古城 古寨 古村 古道 老街 石刻 石窟 会馆 故居 旧居 旧址 遗址 书院 牌坊 陵园 教堂 祠堂 影视城".split()
    ),
    *"寺庙庵祠塔墓陵殿亭",
)
#: The one unit of its kind: elsewhere 林 before 区 belongs to the specific part (万柏林区).
WHOLE_NAMES = {"神农架林区": "林区"}


def generic_of(name: str, category: Category) -> str:
    """The longest generic part of the category that the name ends in, "" where none does."""
    if category is Category.COUNTY_UP and name in WHOLE_NAMES:
        return WHOLE_NAMES[name]
    if category is Category.COUNTY_UP and name.endswith("新区") and len(name) == 3:
        return "区"  # 清新|区: a specific part of one character stands before 县 alone.
    known, lengths = _ENDINGS[category]
    for length in lengths:
        if length < len(name) and name[-length:] in known:
            return name[-length:]
    return ""


#: Of each category its generic parts, and their lengths, the longest first.
_ENDINGS = {
    c: (frozenset(gs), sorted({len(g) for g in gs}, reverse=True))
    for c, gs in {**GENERICS, Category.NATURAL: (*GENERICS[Category.NATURAL], *LANDFORMS)}.items()
}


def _site(name: str) -> str:
    """What sight or site a name of 其他 ends in, "" for none."""
    return next((s for s in _SITES if name.endswith(s) and len(name) - len(s) >= 2), "")


def split(name: str, category: Category | None = None) -> Parts:
    """Cut a name into specific and generic part and into the words that are written apart."""
    kind = category or guess(name)
    if category in (None, Category.OTHER) and (site := _site(name)):
        return Parts(name, Category.OTHER, name[: -len(site)], site, (name[: -len(site)], site), (1, 14))
    if kind is Category.OTHER:
        kind = guess(name)
    if kind is Category.NATURAL_VILLAGE:
        return Parts(name, kind, name, "", (name,), (3,))
    generic = generic_of(name, kind)
    if kind is Category.COUNTY_UP and name.endswith(_IN_LISTS):
        generic = next(g for g in _IN_LISTS if name.endswith(g))
    if not generic:
        return Parts(name, kind, name, "", (name,), ())
    specific = name[: -len(generic)]
    rules = [1]
    if kind is Category.COUNTY_UP and len(zone := generic_of(name, Category.ZONE)) > 2:
        # Lists of divisions hold zones too (石家庄|高新|技术|产业|开发区).
        kind, generic, specific = Category.ZONE, zone, name[: -len(zone)]
    if kind is Category.COUNTY_UP or kind is Category.TOWNSHIP:
        specific_words = _division_words(specific, generic)
        if generic in ("新区", "新城"):
            # 沧州|渤海|新区: the city that such an area belongs to is a word of its own.
            specific_words = tuple(_divisions_before(specific))
        if _ends_in_generic(specific):
            rules.append(4)
        return Parts(name, kind, specific, generic, (*specific_words, generic), tuple(rules))
    if kind is Category.STREET:
        return _street(name, specific, generic)
    modifier = ""
    if (
        kind in (Category.NATURAL, Category.FACILITY, Category.PARK)
        and len(specific) >= 3
        # 重庆|北站: of a generic of one syllable, the side too (规则十四), unless it ends a division's name (江北|站).
        and specific[-1] in ("东西南北新老旧" if generic == "站" else "新老旧")
        and not _ends_in_division(specific)
    ):
        # 潮白新河: the modifier of the generic joins it; 西辽河: that of the specific stays with it.
        modifier, specific = specific[-1], specific[:-1]
        rules.append(2)
    elif len(specific) >= 2 and specific[0] in MODIFIERS and kind is Category.NATURAL:
        rules.append(2)
    if _ends_in_generic(specific):
        rules.append(4)
    words = [specific]
    if kind in (Category.ESTATE, Category.FACILITY, Category.ZONE, Category.PARK):
        words = _owner_words(specific, airport=generic == "机场")
        if kind is Category.ZONE:
            words = [*_divisions_before(words[0]), *words[1:]]
        if kind in (Category.ESTATE, Category.FACILITY) or len(words) > 1:
            rules.append(14)
    elif (
        kind is Category.NATURAL
        and (ordinal := re.match(rf"第[{DIGITS}]+", specific))
        and ordinal.end() < len(specific)
    ):
        words = [ordinal.group(), specific[ordinal.end() :]]
    return Parts(name, kind, specific, modifier + generic, (*words, modifier + generic), tuple(rules))


#: Generic parts of several words (规则二、十四): a modifier of two syllables or more stands apart, one before a
#: generic of one syllable joins it (工业园, 水电站).
APART = {
    "".join(words): tuple(words)
    for words in (
        spelled.split("|")
        for spelled in (
            "高新|技术|产业|开发区 高新|技术|产业|园区 高新|技术|开发区 经济|技术|开发区 经济|开发区 旅游|度假区 边境|经济|合作区 出口|加工区 综合|保税区 综合|改革|示范区 化工|园区 物流|园区 "
            "高技术|产业|开发区 城乡|一体化|示范区 综合|实验区 产业|集聚区 产业|聚集区 行政|委员会 农业|科技|园区 科技|园区 创意|园区 产业|园区 工业|园区 保税|港区 自然|保护区 自然|保护地 风景|名胜区 湿地|公园 森林|公园 地质|公园 "
            "体育|公园 长途|汽车站 污水|处理厂 高速|公路 会议|中心 会展|中心 展览|中心 博览|中心 体育|中心 文化|中心 活动|中心 服务|中心 客运|中心 "
            "物流|中心 数据|中心 卫生|服务|中心 交通|枢纽 物流|枢纽 人行|天桥 地下|通道 社区|居民|委员会 航电|枢纽 居民|委员会 村民|委员会 社区|居委会 街道|办事处 特别|行政区"
        ).split()
    )
}

#: Words that describe whom a facility is for, written apart (北京|工人|体育馆).
DESCRIBING = (
    *("工人", "烈士", "解放", "人民", "革命", "抗战", "国际", "中心", "职工", "青少年", "儿童"),
    *("国家级", "国家", "省级", "市级", "商务", "会展", "文化", "影视", "矿山"),
)
#: Cities that stand before the place where a facility lies (重庆|江北|国际|机场).
_CITIES = ("重庆", "北京", "上海", "天津")

#: Rivers that a bridge, tunnel or wharf is named across, after where it stands (石板坡|长江|大桥).
RIVERS = (
    "长江",
    "嘉陵江",
    "乌江",
    "黄河",
    "汉江",
    "珠江",
    "钱塘江",
    "松花江",
    "湘江",
    "赣江",
    "岷江",
    "沱江",
    "涪江",
    "渠江",
    "綦江",
)


@cache
def _division_names() -> frozenset[str]:
    """Specific parts of two characters of the nation's divisions."""
    return frozenset(name[:2] for name in divisions() if len(name) == 3)


@cache
def _greater_units() -> frozenset[str]:
    """Provinces and prefectures, with and without what they are (河北, 唐山, 唐山市)."""
    full = [name for name, codes in divisions().items() if any(len(c) < 6 or c.endswith("00") for c in codes)]
    return frozenset((*full, *(name[:-1] for name in full if name[-1] in "省市" and len(name) > 2), "内蒙古"))


def _divisions_before(specific: str) -> list[str]:
    """河北|唐山|芦台 before 经济开发区: the greater units that a zone names are words of their own."""
    for length in range(4, 1, -1):
        if len(specific) >= length + 2 and specific[:length] in _greater_units():
            head = specific[:length]
            apart = [head[:-1], head[-1]] if head[-1] in "省市" and len(head) > 2 else [head]
            if head == "内蒙古":
                apart = ["内", "蒙古"]
            return [*apart, *_divisions_before(specific[length:])]
    return [specific]


def _ends_in_division(specific: str) -> bool:
    return specific[-1] in "东西南北" and specific[-2:] in _division_names()


def _owner_words(specific: str, *, airport: bool = False) -> list[str]:
    """浙江|省|测绘局, 费|县|汽车站, 北京|工人|体育馆, 石板坡|长江|大桥, 万州|五桥|机场: rule 14."""
    for word in (*DESCRIBING, *RIVERS):
        if specific.endswith(word) and len(specific) > len(word):
            return [*_owner_words(specific[: -len(word)], airport=airport), word]
    if (
        len(specific) >= 2
        and specific[-1] in "省市县区镇乡"
        and not (specific.endswith("小区") or specific.endswith("新区"))
        # 新乡|站, 景德镇|站: a city whose name ends so.
        and f"{specific}市" not in divisions()
    ):
        return [specific[:-1], specific[-1]]
    if len(specific) >= 4 and (
        specific.startswith(_CITIES) or (airport and specific[:2] in _division_names() | _greater_units())
    ):
        return [specific[:2], specific[2:]]
    return [specific]


def _division_words(specific: str, generic: str) -> tuple[str, ...]:
    """石柱土家族自治县: the nationality is a word of its own, and so is each of several."""
    # 土家族乡, 回族区: such a unit is named with the whole nationality (…族), never its short form.
    whole_only = not generic.startswith(("自治", "民族"))
    words: list[str] = []
    rest = specific
    while True:
        found = next((n for n in NATIONALITIES if rest.endswith(n) and len(rest) > len(n)), None)
        # A one-character short form (回, 藏) counts only next to 自治区, 自治州, 自治县 and after two characters.
        if found is None or (len(found) == 1 and len(rest) < 3):
            break
        if whole_only and not (found.endswith("族") and generic in ("乡", "区")):
            break
        words.insert(0, found)
        rest = rest[: -len(found)]
    return (rest, *words)


#: Numbered sections of a street (兴隆路一段), and the sides of one that a number may follow (天府大道南二段).
_NUMBERED_SECTIONS = frozenset(section for section in SECTIONS if section[0] in DIGITS)
_SIDES = tuple("东西南北中")

#: Modifiers of two syllables (双音节附加成分) before the generic of a street, rule 2.
LONG_MODIFIERS = ("顺城", "环城", "滨江", "滨河", "沿江", "沿河", "环湖", "快速")

#: Street generics that stay words of their own when a later generic makes them specific (包头|胡同|东巷).
_LONG_STREET = ("胡同", "大街", "大道", "马路")


def _street(name: str, specific: str, generic: str) -> Parts:
    """街路巷: modifiers of the generic join it, ordinals stand alone in digits, older street names are specific."""
    section = generic in _NUMBERED_SECTIONS
    if section:
        # 兴隆路|一|段: the ordinal of a section stands apart like that of a street (rule 7).
        specific, generic = name[:-1], "段"
    start = ordinal_at(specific, section=section)
    if start is not None:
        ordinal, rest = specific[start:], specific[:start]
        side = ""
        if section and rest.endswith(_SIDES) and generic_of(rest[:-1], Category.STREET):
            # 天府大道南二段: the side of a section belongs to the section, not to its street.
            rest, side = rest[:-1], rest[-1]
        words, extra = _within(rest)
        before = [word for word in (*words, side) if word]
        applied = tuple(dict.fromkeys((1, 7, *extra)))
        return Parts(
            name, Category.STREET, specific, generic, (*before, ordinal, generic), applied, len(before)
        )
    if generic in SECTIONS:
        words, extra = _within(specific)
        return Parts(name, Category.STREET, specific, generic, (*words, generic), (1, *extra))
    words, extra = _modified(specific, generic)
    rules = [1, *extra]
    head = words[0]
    if len(words) == 2:
        long = next((g for g in _LONG_STREET if head.endswith(g) and len(head) > len(g)), None)
        if long:
            words = [head[: -len(long)], long, words[1]]
        if long or _ends_in_generic(head):
            rules.append(4)
    return Parts(
        name,
        Category.STREET,
        name[: len(name) - len(words[-1])],
        words[-1],
        tuple(words),
        tuple(dict.fromkeys(rules)),
    )


def _within(rest: str) -> tuple[list[str], list[int]]:
    """The words of a street's name that a later generic made specific: 兴隆路, 人民|南路, 金开|大道 before 一段 (rules
    2 and 4, as 天宁寺|西里|一巷)."""
    inner = generic_of(rest, Category.STREET)
    if not inner:
        return _apart(rest)
    words, extra = _modified(rest[: -len(inner)], inner)
    if len(words) > 1 and not (words[-1][0] in MODIFIERS or inner in _LONG_STREET):
        words = [*words[:-2], words[-2] + words[-1]]
    return words, [*extra, 4]


def _apart(text: str) -> tuple[list[str], list[int]]:
    """内环|快速, 嘉陵江|滨江: a modifier of two syllables stands apart from what it follows (rule 2), with its side
    (广安门|北滨河)."""
    long = next((m for m in LONG_MODIFIERS if text.endswith(m) and len(text) - len(m) >= 2), "")
    if not long:
        return ([text] if text else []), []
    head = text[: -len(long)]
    if len(head) >= 3 and head[-1] in "东西南北" and not _ends_in_division(head):
        head, long = head[:-1], head[-1] + long
    return [head, long], [2]


def _modified(specific: str, generic: str) -> tuple[list[str], list[int]]:
    """The words of specific + generic, with the one-syllable modifiers before the generic joined to it."""
    cut = len(specific)
    while cut > 0 and specific[cut - 1] in MODIFIERS and len(specific) - cut < 2:
        cut -= 1
    head, tail = specific[:cut], specific[cut:]
    if head.endswith("门") and tail[:1] in ("内", "外") and tail:
        # 朝阳门内, 东直门外: inside and outside of a gate are part of the gate's name.
        head, tail = head + tail[0], tail[1:]
    if not tail and (gate := re.match(r"(.+门[内外]?)([东西南北].{2,})$", specific)) and generic:
        # 广安门|北滨河|路: a street name of its own behind the gate that it lies at.
        return [gate.group(1), gate.group(2), generic], [2]
    if not tail:
        apart, extra = _apart(head) if generic else ([head], [])
        return [part for part in (*apart, generic) if part], extra
    if not head:
        # 小南街: 小 | 南街; 南小街: 南 | 小街; 北街: 北 | 街.
        if len(tail) >= 2:
            return [tail[:-1], tail[-1] + generic] if generic else [tail], [2]
        return [tail, generic] if generic else [tail], []
    if len(head) < 2:
        # 江东路: a modifier after one syllable belongs to that syllable; 南横东街 has two before it.
        if len(tail) == 2:
            return [head + tail[0], tail[1] + generic] if generic else [head + tail], [2]
        return [specific, generic] if generic else [specific], []
    return ([*_apart(head)[0], tail + generic] if generic else [head, tail]), [2]


def _ends_in_generic(text: str) -> bool:
    """Whether a specific part ends in what was a generic (玉峰山 in 玉峰山镇), rule 4."""
    return len(text) >= 2 and text.endswith(_ONCE_GENERIC)


_ONCE_GENERIC = tuple(
    dict.fromkeys(
        g
        for c in (Category.NATURAL, Category.STREET, Category.FACILITY, Category.TOWNSHIP)
        for g in GENERICS[c]
    )
)
