"""第三条 类别: a name is judged within its category."""

from __future__ import annotations

from collections.abc import Iterator

from geo.names.categories import CATEGORY_NAMES, Category
from geo.names.rules.catalogue import RULES, Case, Hit
from geo.names.rules.proposal import Facts, Proposal
from geo.terms import Severity
from geo.text import Text


@RULES.rule(
    code="3-category",
    article="地名管理条例第三条",
    severity=Severity.INFO,
    message=Text(
        "没有给出类别，按“其他”审查；从字面看像“{0}”，请指明类别后再审查",
        "No category was given, so it was judged as “其他” (other); by its ending it looks like {0}: name the category and ask again",
    ),
    source="地名管理条例（2022）第三条",
    cases=(Case("兴隆村", None), Case("兴隆村", None, Category.OTHER, why="given as 其他")),
)
def category(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """Tells that the category was missing."""
    if not proposal.category_given:
        yield Hit((CATEGORY_NAMES[proposal.kind],))
