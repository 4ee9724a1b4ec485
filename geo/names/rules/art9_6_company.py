"""第九条（六）企业商标: no names of companies or trademarks."""

from __future__ import annotations

from collections.abc import Iterator

from geo.names.categories import Category
from geo.names.rules.catalogue import RULES, Case, Hit
from geo.names.rules.lexical import hits
from geo.names.rules.proposal import Facts, Proposal
from geo.terms import Severity
from geo.text import Text


@RULES.rule(
    code="9(6)-company",
    article="地名管理条例第九条（六）；实施办法第四条",
    severity=Severity.ERROR,
    message=Text(
        "“{0}”是{1}，不以企业名称、商标名称作地名；与其无特定联系的，请说明",
        "“{0}” is a name of business ({1}); company and trademark names are not used: say so if there is no "
        "specific link",
    ),
    source="地名管理条例（2022）第九条（六）；实施办法（2024）第四条；词表为通行常识",
    cases=(
        Case("碧桂园小区", Severity.ERROR, Category.ESTATE),
        Case("华为路", Severity.ERROR, Category.STREET),
        Case("长安路", Severity.WARNING, Category.STREET, why="an old city too"),
        Case("金龙村", Severity.WARNING, why="a common word and a trademark"),
        Case("光明村", Severity.INFO, why="an everyday word: told, not weighed"),
        Case("新长安桥村", None, why="inside a longer word"),
    ),
)
def company(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """Names of the list; a common word that is a company's name too is weighed by a person."""
    yield from hits(proposal, facts, "companies")
