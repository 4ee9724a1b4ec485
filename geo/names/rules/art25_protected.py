"""第二十五条 地名保护: names of a protection list (保护名录) are generally not renamed."""

from __future__ import annotations

from collections.abc import Iterator

from geo.names.categories import Category
from geo.names.rules.catalogue import RULES, Case, Collision, Hit
from geo.names.rules.proposal import Facts, Proposal
from geo.terms import Severity
from geo.text import Text

TAKES = Text(
    "“{0}”在保护名录内，使用前请审定是否属优先启用",
    "“{0}” is on a protection list; decide whether this is its reuse",
)


@RULES.rule(
    code="25-protected",
    article="地名管理条例第十条第二款、第二十五条",
    severity=Severity.ERROR,
    message=Text(
        "原名“{0}”在地名保护名录内，一般不得更名；确需更名的，请先附保护措施",
        "The old name “{0}” is on a protection list and is generally not changed; if it must be, attach the protection "
        "measures first",
    ),
    source="地名管理条例（2022）第十条、第二十五条",
    cases=(
        Case("新隆村", Severity.ERROR, Category.COMMITTEE, "[保护名录]两路村", replaces="两路村"),
        Case("新隆村", None, Category.COMMITTEE, "[保护名录]两路村", replaces="三路村"),
        Case(
            "两路村",
            Severity.INFO,
            Category.COMMITTEE,
            "[外县][保护名录]两路村",
            why="reuse of a listed name",
        ),
    ),
)
def protected(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """A renaming away from a listed name: with measures attached it is for a person to decide."""
    for listed in facts.existing:
        if not listed.protected:
            continue
        if proposal.replaces and listed.name == proposal.replaces.strip() != proposal.name:
            yield Hit(
                (listed.name,),
                Severity.WARNING if proposal.measures_attached else None,
                collides=(Collision(listed, "保护名录"),),
            )
        elif listed.name == proposal.plain:
            yield Hit((listed.name,), Severity.INFO, TAKES, (Collision(listed, "保护名录"),))
