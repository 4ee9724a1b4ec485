"""第九条（四）人名: generally no personal names."""

from __future__ import annotations

from collections.abc import Iterator

from geo.names.categories import Category
from geo.names.rules.catalogue import RULES, Case, Hit
from geo.names.rules.lexical import hits
from geo.names.rules.proposal import Facts, Proposal
from geo.terms import Severity
from geo.text import Text


@RULES.rule(
    code="9(4)-person",
    article="地名管理条例第九条（四）；实施办法第三条",
    severity=Severity.WARNING,
    message=Text(
        "“{0}”是人名（{1}），一般不以人名作地名；与该人无特定联系的，请说明",
        "“{0}” is a person's name ({1}); names are generally not taken from persons: say so if there is no specific "
        "link with the person",
    ),
    source="地名管理条例（2022）第九条（四）；实施办法（2024）第三条；词表为通行常识",
    cases=(
        Case("鲁迅路", Severity.WARNING, Category.STREET),
        Case("孙悟空公园", Severity.WARNING, Category.PARK, why="a character of literature"),
        Case("王家湾", None, Category.NATURAL_VILLAGE, why="a family, no person"),
        Case("金龙路", None, Category.STREET),
        Case("李白一路", Severity.WARNING, Category.STREET, why="an ordinal makes no other name of it"),
    ),
)
def person(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """Real persons (本名、别名、化名) and characters of literary works, by the list."""
    yield from hits(proposal, facts, "persons")
