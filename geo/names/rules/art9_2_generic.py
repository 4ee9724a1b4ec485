"""第九条（二）名副其实: the name fits the real area, size and nature of the feature."""

from __future__ import annotations

from collections.abc import Iterator

from geo.names.categories import CATEGORY_NAMES, GENERICS, Category
from geo.names.rules.catalogue import RULES, Case, Hit
from geo.names.rules.lexical import hits
from geo.names.rules.proposal import Facts, Proposal
from geo.terms import Severity
from geo.text import Text

INFLATED = Text(
    "“{0}”（{1}）容易名不副实，请核对是否与规模、性质相符",
    "“{0}” ({1}) is easily too big a word; see that it fits the size and nature of the feature",
)
SMALL = Text(
    "通名“{0}”要求 {1} {2} {3}{4}，实际为 {5}（{6}，现行数值待核）",
    "The generic word “{0}” asks for {1} {2} {3}{4}; it is {5} (“{6}”; the present number is to be confirmed)",
)

#: What the threshold table measures, and in what.
_SIZES = {
    "width_m": Text("路面宽度", "a road surface width"),
    "area_m2": Text("建筑面积", "a built area"),
    "green_ratio": Text("绿地率", "a green ratio"),
}
_UNITS = {"米": Text("米", " m"), "平方米": Text("平方米", " m²")}
#: Facilities that are international by their nature.
_TRULY = ("国际机场", "国际会议中心", "国际会展中心", "国际博览中心", "国际物流枢纽", "国际铁路港")
#: Generic parts of divisions.
_GOVERNED = frozenset(GENERICS[Category.TOWNSHIP] + GENERICS[Category.COUNTY_UP])
_SIGHTS = frozenset((*GENERICS[Category.NATURAL], *"城苑园楼院里阁"))
#: Single characters that many things end in: in a solid village name they are no generic of another category.
_STRONG = (
    "大道",
    "小区",
    "街道",
    "社区",
    "公园",
    "大厦",
    "大楼",
    "开发区",
    "胡同",
    "公寓",
    "隧道",
    "立交",
    "机场",
)


@RULES.rule(
    code="9(2)-generic",
    article="地名管理条例第九条（二）",
    severity=Severity.ERROR,
    message=Text(
        "通名“{0}”不是“{1}”类的通名，请换用与实际类别相符的通名",
        "“{0}” is no generic word of the category {1}; use one that fits what the feature is",
    ),
    source="地名管理条例（2022）第九条（二）；通名用法；数值：重庆市地名专名与通名使用规范（2008）",
    cases=(
        Case("龙山路", None, Category.STREET),
        Case("龙山小区", Severity.ERROR, Category.STREET),
        Case("兴隆镇", Severity.ERROR, Category.COMMITTEE),
        Case("世界路", Severity.WARNING, Category.STREET),
        Case(
            "中华第一街", Severity.WARNING, Category.STREET, why="nothing but such words, one after another"
        ),
        Case("国华路", None, Category.STREET),
        Case("江北国际机场", None, Category.FACILITY),
        Case("龙山大道", Severity.WARNING, Category.STREET, attributes={"width_m": 20}),
        Case("龙山大道", None, Category.STREET, attributes={"width_m": 40}),
        Case("两路", None, Category.NATURAL_VILLAGE),
        Case("前沿数据港", Severity.WARNING, Category.ZONE, why="what is built up as one: weighed"),
        Case("前沿大学城", None, Category.ZONE),
        Case("嘉陵桥西村", Severity.WARNING, Category.STREET, why="an old row of houses: weighed"),
        Case("金山镇", Severity.ERROR, Category.NATURAL),
        Case("金山镇", Severity.ERROR, Category.FACILITY),
        Case("金山路", Severity.ERROR, Category.COMMITTEE),
        Case("金山岭", Severity.WARNING, Category.COMMITTEE, why="a village's own name: weighed"),
        Case("翠湖公馆", None, Category.ESTATE),
        Case("两江影视城", Severity.WARNING, Category.PARK, why="a sight of another kind: weighed"),
        Case("悦来国际会议中心", None, Category.FACILITY),
    ),
)
def generic(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """A generic of another category; inflated words; sizes below the threshold table where they are known."""
    name, kind, category = proposal.plain, proposal.kind, CATEGORY_NAMES[proposal.category]
    if proposal.category is not Category.OTHER:
        if kind is Category.NATURAL_VILLAGE:
            other = next((g for g in _STRONG if name.endswith(g) and len(name) > len(g)), None)
            if other:
                yield Hit((other, category))
        elif not proposal.generic:
            other = max(
                (g for c in GENERICS for g in GENERICS[c] if name.endswith(g) and len(name) > len(g)),
                key=len,
                default=None,
            )
            if other:
                weighed = _weighed(name, kind, other)
                yield Hit((other, category), Severity.WARNING if weighed else Severity.ERROR)
        elif kind is Category.STREET and any(name.endswith(s) for s in ("街道", "小街道")):
            yield Hit(("街道", category))
    if not any(name.endswith(t) for t in _TRULY):
        for hit in hits(proposal, facts, "inflated"):
            yield Hit(hit.says, hit.severity, INFLATED)
    for row in facts.thresholds:
        value = proposal.attributes.get(row["attribute"])
        if value is None or row["generic"] != proposal.generic or row["category"] != kind.value:
            continue
        if value < float(row["value"]):
            yield Hit(
                (
                    row["generic"],
                    _SIZES.get(row["attribute"], row["attribute"]),
                    "≥",
                    row["value"],
                    _UNITS.get(row["unit"], row["unit"]),
                    f"{value:g}",
                    row["source"],
                ),
                Severity.WARNING,
                SMALL,
            )


def _weighed(name: str, kind: Category, other: str) -> bool:
    """Whether a generic of another category may stand in this one all the same, so that a person decides."""
    if kind is Category.PARK:
        # Sights are called after the hill, the lake or the old town that they are (金佛山, 影视城).
        return other in _SIGHTS
    if kind is Category.FACILITY and other in ("中心", "大厦", "大楼"):
        return True
    if kind is Category.ZONE:
        # 科技城, 物流港, 会展中心: what is built up as one.
        return other in ("城", "港", "中心", "广场", "新村")
    if kind is Category.STREET and other == "村":
        return len(name) > 3  # 嘉陵桥西村: an old row of houses that became a street's name
    if len(other) > 1 or other in _STRONG:
        return False
    if kind is Category.STREET:
        return other in GENERICS[Category.NATURAL] and len(name) > 2
    if kind is Category.COMMITTEE:
        return other not in (*_GOVERNED, *"路街巷道")
    if kind is Category.NATURAL:
        return other not in (*_GOVERNED, "村")
    return kind is Category.FACILITY and other not in "镇乡县"
