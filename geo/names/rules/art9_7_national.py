"""第九条（七）全国范围: county-level divisions and famous natural features, nation-wide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from geo.names.categories import Category
from geo.names.rules.catalogue import RULES, Case, Collision, Hit
from geo.names.rules.proposal import Existing, Facts, Proposal, Scope
from geo.names.similar import ALIKE, Shape, folded, likeness, proposed, shape, standing
from geo.names.words import divisions
from geo.terms import Severity
from geo.text import Text

SPECIFIC = Text(
    "与“{0}”专名相同，请核对是否容易混淆",
    "It has the same specific part as “{0}”; see whether they are easily mixed up",
)
WEIGHED = Text(
    "与自然地理实体“{0}”同名，是否属国内著名的请审定",
    "A natural feature “{0}” has the same name; decide whether one of them is famous in the nation",
)
FAMOUS = Text(
    "“{0}”是国内著名的自然地理实体，全国范围内不应重名，请换用其他名称",
    "“{0}” is a famous natural feature; its name must not be repeated in the nation: choose another",
)


def _rivals(proposal: Proposal, facts: Facts) -> Iterator[Existing]:
    for other in facts.existing:
        if (
            other.category is proposal.category
            and other.inside(Scope.NATION)
            and not (other.heritage or other.local)
        ):
            yield other


@cache
def _divisions() -> Mapping[tuple[str, ...], tuple[Shape, ...]]:
    """The nation's divisions of county level and above by the toneless sound of their specific part."""
    table: dict[tuple[str, ...], list[Shape]] = {}
    for name in divisions():
        its = shape(name, Category.COUNTY_UP)
        if its.generic and its.specific:
            table.setdefault(folded(its.specific_first, "toneless"), []).append(its)
    return {key: tuple(found) for key, found in table.items()}


def _codes(proposal: Proposal, name: str) -> list[str]:
    """Codes of the divisions of a name on the shipped list, but for the proposal's own."""
    return [c for c in divisions().get(name, ()) if c != (proposal.unit or "")[: len(c)]]


def _collisions(proposal: Proposal, name: str, why: str) -> tuple[Collision, ...]:
    return tuple(
        Collision(Existing(name, proposal.category, unit=c), why) for c in _codes(proposal, name)[:10]
    )


def _listed(proposal: Proposal, facts: Facts, mine: Shape) -> Iterator[tuple[str, str]]:
    """Names of divisions on the shipped list that the proposal is like, and how; none that the facts hold."""
    known = {e.name for e in facts.existing} | {proposal.plain, proposal.replaces}
    for its in _divisions().get(folded(mine.specific_first, "toneless"), ()):
        how = None if its.name in known else likeness(mine, its, whole=False)
        if how and _codes(proposal, its.name):
            yield its.name, how


@RULES.rule(
    code="9(7)-duplicate",
    article="地名管理条例第九条（七）",
    severity=Severity.ERROR,
    message=Text(
        "全国已有“{0}”，县级以上行政区划和国内著名的自然地理实体不应重名，请换用其他名称",
        "“{0}” exists in the nation; divisions at county level and above and famous natural features must not be "
        "repeated: choose another name",
    ),
    source="地名管理条例（2022）第九条（七）；统计用区划代码 2023（国家统计局）",
    cases=(
        Case("龙兴区", Severity.ERROR, Category.COUNTY_UP, "[全国]龙兴区"),
        Case("龙兴区", Severity.ERROR, Category.COUNTY_UP, "[外省]龙兴区", why="the scope is the nation"),
        Case("朝阳区", Severity.ERROR, Category.COUNTY_UP, why="from the list of divisions"),
        Case("渝龙区", None, Category.COUNTY_UP),
        Case("永川市", Severity.WARNING, Category.COUNTY_UP, why="永川区 is on the list of divisions"),
        Case("泰山", Severity.ERROR, Category.NATURAL),
        Case("天池", Severity.WARNING, Category.NATURAL, why="many are called so: weighed"),
        Case("尖尖山", Severity.WARNING, Category.NATURAL, "尖尖山", why="not known to be famous"),
    ),
)
def duplicate(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """The same name among divisions of the nation, or as a famous natural feature."""
    if proposal.category is Category.NATURAL:
        for match in facts.words["features"].find(proposal.plain):
            if match.stands == "whole" and match.word.kind == "自然地理实体":
                famous = match.word.severity is Severity.ERROR
                yield Hit((match.word.text,), match.word.severity, FAMOUS if famous else WEIGHED)
                return
    elif proposal.category is not Category.COUNTY_UP:
        return
    mine = proposed(proposal, facts)
    for other in _rivals(proposal, facts):
        how = likeness(mine, standing(other, facts), whole=False)
        if how == "name":
            natural = proposal.category is Category.NATURAL
            yield Hit(
                (other.name,),
                Severity.WARNING if natural else None,
                WEIGHED if natural else None,
                (Collision(other, "同名"),),
            )
        elif how == "specific" and proposal.category is Category.COUNTY_UP:
            yield Hit((other.name,), Severity.WARNING, SPECIFIC, (Collision(other, "专名相同"),))
    if proposal.category is Category.COUNTY_UP:
        # Where the register is given, the list only informs: the register may stand for another time.
        told = Severity.INFO if facts.register_complete else None
        if others := _collisions(proposal, proposal.plain, "同名"):
            yield Hit((proposal.plain,), told, collides=others)
        for name, how in _listed(proposal, facts, mine):
            if how == "specific":
                others = _collisions(proposal, name, "专名相同")
                yield Hit((name,), told or Severity.WARNING, SPECIFIC, others)


@RULES.rule(
    code="9(7)-homophone",
    article="地名管理条例第九条（七）",
    severity=Severity.WARNING,
    message=Text(
        "与“{0}”同音（{1}），全国范围内应避免同音，请考虑换用其他名称",
        "It sounds like “{0}” ({1}); homophones are to be avoided in the nation: consider another name",
    ),
    source="地名管理条例（2022）第九条（七）",
    cases=(
        Case("龙星区", Severity.WARNING, Category.COUNTY_UP, "[外省]龙兴区"),
        Case("龙醒区", Severity.INFO, Category.COUNTY_UP, "[外省]龙兴区", why="tones differ"),
        Case("渝岚区", None, Category.COUNTY_UP, "龙兴区"),
        Case("朝洋区", Severity.WARNING, Category.COUNTY_UP, why="朝阳区 is on the list of divisions"),
    ),
)
def homophone(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """The same sound, tones included, is a warning; without tones only told."""
    if proposal.category not in (Category.COUNTY_UP, Category.NATURAL):
        return
    mine = proposed(proposal, facts)
    for other in _rivals(proposal, facts):
        how = likeness(mine, standing(other, facts), whole=False)
        if how == "sound":
            natural = proposal.category is Category.NATURAL
            yield Hit(
                (other.name, ALIKE["声韵调相同"]),
                Severity.INFO if natural else None,
                collides=(Collision(other, "同音"),),
            )
        elif how == "toneless":
            yield Hit(
                (other.name, ALIKE["声调不同"]), Severity.INFO, collides=(Collision(other, "声调不同"),)
            )
    if proposal.category is not Category.COUNTY_UP:
        return
    for name, how in _listed(proposal, facts, mine):
        if how == "sound":
            weight = Severity.INFO if facts.register_complete else None
            yield Hit((name, ALIKE["声韵调相同"]), weight, collides=_collisions(proposal, name, "同音"))
        elif how == "toneless":
            others = _collisions(proposal, name, "声调不同")
            yield Hit((name, ALIKE["声调不同"]), Severity.INFO, collides=others)
