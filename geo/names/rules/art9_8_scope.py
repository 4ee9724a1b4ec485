"""第九条（八）范围: what was searched, where the place or the built-up area is not known exactly."""

from __future__ import annotations

from collections.abc import Iterator

from geo.names.categories import Category
from geo.names.rules.catalogue import RULES, Case, Hit
from geo.names.rules.proposal import Facts, Proposal
from geo.terms import Severity
from geo.text import Text


@RULES.rule(
    code="9(8)-scope",
    article="地名管理条例第九条（八）",
    severity=Severity.INFO,
    message=Text("{0}", "{0}"),
    source="地名管理条例（2022）第九条（八）",
    cases=(Case("龙山路", None, Category.STREET, why="a file says its own scope"),),
)
def scope(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """What the facts have to say of the scope that was searched."""
    for note in facts.notes:
        yield Hit((note,))
