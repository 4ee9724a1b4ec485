"""第九条（四）国家领导人: never the names of national leaders."""

from __future__ import annotations

from collections.abc import Iterator

from geo.names.categories import Category
from geo.names.rules.catalogue import RULES, Case, Hit
from geo.names.rules.lexical import hits
from geo.names.rules.proposal import Facts, Proposal
from geo.terms import Severity
from geo.text import Text


@RULES.rule(
    code="9(4)-leader",
    article="地名管理条例第九条（四）",
    severity=Severity.ERROR,
    message=Text(
        "“{0}”（{1}）：不以国家领导人的名字作地名，请换用其他专名",
        "“{0}” ({1}): names of national leaders are not used as place names; choose another specific part",
    ),
    source="地名管理条例（2022）第九条（四）；词表为通行常识",
    cases=(
        Case("毛泽东大道", Severity.ERROR, Category.STREET),
        Case("新毛泽东路", Severity.ERROR, Category.STREET),
        Case("小平路", Severity.WARNING, Category.STREET, why="given name alone: a person decides"),
        Case("小平坝村", None, why="小平 means a small flat here"),
        Case("陈毅一路", Severity.ERROR, Category.STREET, why="an ordinal makes no other name of it"),
        Case("小平一路", Severity.WARNING, Category.STREET),
        Case("彭冲村", Severity.WARNING, why="冲 of the Pengs: a person decides"),
    ),
)
def leader(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """Full names refuse; a given name alone is for a person to decide, and inside a longer word nothing."""
    yield from hits(proposal, facts, "leaders")
