"""第十条 更名: the new name satisfies the naming rules (see `run.judge`), and it is another name."""

from __future__ import annotations

from collections.abc import Iterator

from geo.names.categories import Category
from geo.names.rules.catalogue import RULES, Case, Hit
from geo.names.rules.proposal import Facts, Proposal
from geo.terms import Severity
from geo.text import Text


@RULES.rule(
    code="10-renaming",
    article="地名管理条例第十条",
    severity=Severity.ERROR,
    message=Text(
        "新名与原名“{0}”相同，不构成更名", "The new name is the same as the old one, “{0}”: no renaming"
    ),
    source="地名管理条例（2022）第十条",
    cases=(
        Case("兴隆村", Severity.ERROR, Category.COMMITTEE, replaces="兴隆村"),
        Case("新隆村", None, Category.COMMITTEE, replaces="兴隆村"),
        Case(
            "巴黎村",
            Severity.ERROR,
            Category.COMMITTEE,
            replaces="兴隆村",
            why="the new name breaks Article 9",
        ),
    ),
)
def renaming(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """A renaming to the name that it has."""
    if proposal.replaces and proposal.replaces.strip() == proposal.name:
        yield Hit((proposal.replaces,))
