"""第九条（八）同一范围: towns in a province, committee seats in a county, streets and estates in a built-up area."""

from __future__ import annotations

from collections.abc import Iterator

from geo.names.categories import CATEGORY_NAMES, SECTIONS, Category
from geo.names.rules.catalogue import RULES, Case, Collision, Hit
from geo.names.rules.proposal import SCOPES, Existing, Facts, Proposal
from geo.names.similar import ALIKE, Shape, likeness, proposed, standing
from geo.terms import Severity
from geo.text import Text

#: Categories of the article, and whether the specific part alone makes a duplicate (and carries the sound).
BY_SPECIFIC = frozenset(
    {Category.TOWNSHIP, Category.COMMITTEE, Category.SUBDISTRICT, Category.NATURAL_VILLAGE}
)
LEGAL = frozenset({Category.TOWNSHIP, Category.COMMITTEE, Category.STREET, Category.ESTATE})
NATIONAL = frozenset({Category.COUNTY_UP, Category.NATURAL})

SPECIFIC = Text(
    "与“{0}”专名相同，请核对是否容易混淆",
    "It has the same specific part as “{0}”; see whether they are easily mixed up",
)
WEIGHED = Text(
    "已有同类地名“{0}”，条例未规定此类的重名范围，请斟酌",
    "“{0}” of the same category exists; the regulation gives no scope for this category: weigh it",
)
CROSS = Text(
    "另有{1}“{0}”同名，类别不同，不属重名，仅供参考",
    "“{0}” is also the name of a feature of another category ({1}): no duplicate, for information",
)


#: Generics of a street that is named after another one, with which it makes a pair (派生).
DERIVED = frozenset({"支路", "支巷", "步道", "环路", "小路", "小街", "小巷", "街巷"})
_SECTIONS = frozenset(SECTIONS)


def _derived(mine: Shape, theirs: Shape) -> bool:
    """龙山支路 beside 龙山路: a branch that keeps the name of its street is no confusion, nor are sections of one
    street (兴隆路一段 beside 兴隆路二段, 兴隆大道东段 beside 兴隆大道西段)."""
    generics = {mine.generic, theirs.generic}
    return bool(generics & DERIVED) or generics <= _SECTIONS


def _same_kind(proposal: Proposal, facts: Facts) -> Iterator[Existing]:
    if proposal.category in NATIONAL:
        return
    for other in facts.existing:
        if (
            other.category is proposal.category
            and not (other.heritage or other.local)
            and other.inside(SCOPES[proposal.category])
        ):
            yield other


@RULES.rule(
    code="9(8)-duplicate",
    article="地名管理条例第九条（八）",
    severity=Severity.ERROR,
    message=Text(
        "同一范围内已有“{0}”，不应重名，请换用其他专名，或加方位、大小等字区别",
        "“{0}” exists in the same area and must not be repeated: choose another specific part, or add a direction or size",
    ),
    source="地名管理条例（2022）第九条（八）",
    cases=(
        Case("兴隆镇", Severity.ERROR, Category.TOWNSHIP, "兴隆乡", why="the specific part decides"),
        Case("兴隆镇", None, Category.TOWNSHIP, "[外省]兴隆镇"),
        Case(
            "龙溪土家族乡",
            Severity.ERROR,
            Category.TOWNSHIP,
            "[同省]龙溪镇",
            why="a nationality belongs to the generic part",
        ),
        Case("兴隆村", Severity.ERROR, Category.COMMITTEE, "[同县]兴隆村"),
        Case("兴隆村", None, Category.COMMITTEE, "[外县]兴隆村"),
        Case(
            "兴隆村", Severity.INFO, Category.COMMITTEE, "[乡镇]兴隆镇;[街路巷]兴隆村", why="another category"
        ),
        Case("龙山路", Severity.ERROR, Category.STREET, "[同建成区]龙山路"),
        Case("龙山路", None, Category.STREET, "[外建成区]龙山路"),
        Case("龙山路", Severity.WARNING, Category.STREET, "龙山街", why="specific part alone"),
        Case("龙山一路", None, Category.STREET, "龙山二路", why="a series"),
        Case("兴隆路二段", None, Category.STREET, "兴隆路一段", why="sections of one street"),
        Case("兴隆路五段", None, Category.STREET, "兴隆路四段;兴隆路", why="and the street itself"),
        Case(
            "兴隆大道东段", None, Category.STREET, "兴隆大道西段;兴隆大道中段", why="sections by their sides"
        ),
        Case("兴隆大道南二段", None, Category.STREET, "兴隆大道南一段;兴隆大道北段"),
        Case("兴隆路一段", Severity.ERROR, Category.STREET, "兴隆路一段", why="the same section twice"),
        Case("回兴街道", Severity.WARNING, Category.SUBDISTRICT, "回兴街道", why="no scope in the article"),
        Case("王家湾", Severity.WARNING, Category.NATURAL_VILLAGE, "王家湾"),
    ),
)
def duplicate(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """The same name of the same category in the legal scope; another category only informs."""
    mine = proposed(proposal, facts)
    for other in _same_kind(proposal, facts):
        theirs = standing(other, facts)
        how = likeness(mine, theirs, whole=True)
        whole = how == "name" or (
            how == "specific"
            and proposal.category in BY_SPECIFIC
            and proposal.category is not Category.NATURAL_VILLAGE
        )
        if whole:
            legal = proposal.category in LEGAL
            yield Hit(
                (other.name,),
                None if legal else Severity.WARNING,
                None if legal else WEIGHED,
                (Collision(other, "同名" if how == "name" else "专名相同"),),
            )
        elif how == "specific" and proposal.category in LEGAL and not _derived(mine, theirs):
            yield Hit((other.name,), Severity.WARNING, SPECIFIC, (Collision(other, "专名相同"),))
    for other in facts.existing:
        if other.category is proposal.category or other.local or other.heritage or other.former:
            continue
        if standing(other, facts).name == mine.name:
            yield Hit(
                (other.name, CATEGORY_NAMES[other.category]),
                Severity.INFO,
                CROSS,
                (Collision(other, "不同类别同名"),),
            )


@RULES.rule(
    code="9(8)-homophone",
    article="地名管理条例第九条（八）",
    severity=Severity.WARNING,
    message=Text(
        "与“{0}”{1}，同一范围内应避免同音，请考虑换用其他专名",
        "It is like “{0}” ({1}); homophones are to be avoided in the same area: consider another specific part",
    ),
    source="地名管理条例（2022）第九条（八）",
    cases=(
        Case("兴龙镇", Severity.WARNING, Category.TOWNSHIP, "兴隆镇"),
        Case("兴弄镇", Severity.INFO, Category.TOWNSHIP, "兴龙镇", why="tones differ"),
        Case("常安村", Severity.WARNING, Category.COMMITTEE, "长安村", why="长 is cháng in 长安"),
        Case("掌寿村", None, Category.COMMITTEE, "长寿村", why="the reading of 长寿 is settled"),
        Case("掌坪村", Severity.WARNING, Category.COMMITTEE, "长坪村", why="长坪 may be read either way"),
        Case("代坪村", None, Category.COMMITTEE, "大坪村", why="大 is not read dài in place names"),
        Case("蓝山路", Severity.INFO, Category.STREET, "南山路", why="n and l as spoken in Chongqing"),
        Case("未山路", Severity.INFO, Category.STREET, "末山路", why="look-alikes"),
        Case("兴龙镇", None, Category.TOWNSHIP, "[外省]兴隆镇"),
    ),
)
def homophone(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """The same sound, tones included, by sets of possible readings: warning. Without tones, as spoken in
    Chongqing, or alike to the eye: only told (the last two behind the switch `near_sounds`)."""
    mine = proposed(proposal, facts)
    whole = proposal.category not in BY_SPECIFIC
    for other in _same_kind(proposal, facts):
        how = likeness(mine, standing(other, facts), whole=whole)
        if how == "sound":
            yield Hit((other.name, ALIKE["同音"]), collides=(Collision(other, "同音"),))
        elif how == "toneless":
            yield Hit(
                (other.name, ALIKE["声调不同"]), Severity.INFO, collides=(Collision(other, "声调不同"),)
            )
        elif how == "spoken" and facts.near_sounds:
            yield Hit(
                (other.name, ALIKE["重庆话近音"]), Severity.INFO, collides=(Collision(other, "重庆话近音"),)
            )
        elif how == "look" and facts.near_sounds:
            yield Hit((other.name, ALIKE["形近"]), Severity.INFO, collides=(Collision(other, "形近"),))
