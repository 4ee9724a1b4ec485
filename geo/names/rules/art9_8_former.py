"""第九条（八）旧名: a name that was in use here before (曾用名、消失地名), told so that it is known."""

from __future__ import annotations

from collections.abc import Iterator

from geo.names.categories import CATEGORY_NAMES, Category
from geo.names.rules.catalogue import RULES, Case, Collision, Hit
from geo.names.rules.proposal import Facts, Proposal
from geo.terms import Severity
from geo.text import Text


@RULES.rule(
    code="9(8)-former",
    article="地名管理条例第九条（八）",
    severity=Severity.INFO,
    message=Text(
        "“{0}”曾是{1}的地名，现已不用；如属恢复旧名请说明，如属另一处地方请注意区别",
        "“{0}” was in use before as a name of this category: {1}; say so if this brings it back, else mind the difference",
    ),
    source="地名管理条例（2022）第九条（八）只及现用地名；旧名仅供参考",
    cases=(
        Case("兴隆村", Severity.INFO, Category.COMMITTEE, "[曾用名]兴隆村"),
        Case("兴龙村", None, Category.COMMITTEE, "[曾用名]兴隆村", why="only the same name is told"),
        Case("兴隆村", Severity.INFO, Category.COMMITTEE, "[乡镇][曾用名]兴隆村"),
    ),
)
def former(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """The same name among those that are out of use, unless it is the one that a renaming leaves."""
    for other in facts.existing:
        if other.former and other.name == proposal.plain and other.name != proposal.replaces:
            yield Hit((other.name, CATEGORY_NAMES[other.category]), collides=(Collision(other, "旧名"),))
