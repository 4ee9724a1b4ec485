"""第九条（九）行政区划专名: not the name of a famous feature, a heritage site or what reaches beyond the division."""

from __future__ import annotations

from collections.abc import Iterator

from geo.names.categories import GENERICS, Category
from geo.names.rules.catalogue import RULES, Case, Collision, Hit
from geo.names.rules.lexical import KINDS, kind_said
from geo.names.rules.proposal import Facts, Proposal
from geo.terms import Severity
from geo.text import Text

REACHES = Text(
    "专名“{0}”是自然地理实体名称，是否国内著名或超出本区域范围，请审定",
    "The specific part “{0}” is a natural feature's name; decide whether it is famous or reaches beyond the division",
)
PART = Text(
    "专名“{0}”与“{1}”的专名相同，是否指该地理实体，请审定",
    "“{0}” is also the specific part of “{1}”; decide whether that feature is meant",
)
BEYOND = Text("超出本行政区域范围的地理实体", "a feature that reaches beyond the division")
_NATURAL = frozenset(GENERICS[Category.NATURAL])


@RULES.rule(
    code="9(9)-division",
    article="地名管理条例第九条（九）",
    severity=Severity.ERROR,
    message=Text(
        "专名“{0}”是{1}，不以其作行政区划专名，请换用其他专名",
        "The specific part “{0}” is a name of this kind: {1}; divisions do not take it: choose another",
    ),
    source="地名管理条例（2022）第九条（九）；词表为通行常识",
    cases=(
        Case("黄山市", Severity.ERROR, Category.COUNTY_UP),
        Case(
            "华山街道",
            Severity.WARNING,
            Category.SUBDISTRICT,
            why="a subdistrict office is an agency of the government, no division: a person weighs it",
        ),
        Case("玉峰山镇", Severity.WARNING, Category.TOWNSHIP, "[自然地理实体]玉峰山"),
        Case(
            "铜锣山镇", Severity.ERROR, Category.TOWNSHIP, "[外县][自然地理实体]铜锣山", why="reaches beyond"
        ),
        Case("老鹰岩镇", Severity.ERROR, Category.TOWNSHIP, "[历史文化遗产遗址]老鹰岩"),
        Case("峨眉镇", Severity.WARNING, Category.TOWNSHIP, why="峨眉 of 峨眉山"),
        Case("华蓥镇", Severity.WARNING, Category.TOWNSHIP, "[外县][自然地理实体]华蓥山"),
        Case("统景镇", None, Category.TOWNSHIP, "[自然地理实体]统景峡", why="it lies inside"),
        Case("兴隆镇", None, Category.TOWNSHIP),
        Case("黄山路", None, Category.STREET, why="no division"),
    ),
)
def division(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """The specific part against the list and against the features and heritage sites among the facts.

    A subdistrict office (街道) is an agency (派出机关) and no division, and such names stand (华山街道, 泰山街道): weighed.
    """
    if proposal.category not in (Category.COUNTY_UP, Category.TOWNSHIP, Category.SUBDISTRICT):
        return
    for match in facts.words["features"].find(proposal.specific):
        if match.stands == "whole":
            agency = proposal.category is Category.SUBDISTRICT
            said = (match.word.text, kind_said(match.word))
            yield Hit(said, Severity.WARNING if agency else match.word.severity)
            return
    famous = [w.text for w in facts.words["features"] if w.severity is Severity.ERROR]
    afar = [e.name for e in facts.existing if e.category is Category.NATURAL and e.apart is not None]
    if proposal.category is not Category.SUBDISTRICT and len(proposal.specific) > 1:
        for name in dict.fromkeys((*famous, *afar)):
            if name.startswith(proposal.specific) and name[len(proposal.specific) :] in _NATURAL:
                yield Hit((proposal.specific, name), Severity.WARNING, PART)
                break
    for other in facts.existing:
        if other.name != proposal.specific:
            continue
        if other.heritage:
            yield Hit(
                (other.name, KINDS["历史文化遗产遗址"]), collides=(Collision(other, "历史文化遗产遗址"),)
            )
        elif other.category is Category.NATURAL:
            beyond = other.apart is not None
            yield Hit(
                (other.name, BEYOND),
                None if beyond else Severity.WARNING,
                None if beyond else REACHES,
                (Collision(other, "自然地理实体"),),
            )
