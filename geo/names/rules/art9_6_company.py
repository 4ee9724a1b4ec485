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
        Case("渝北汽车公园", None, Category.PARK, why="渝北|汽车: no 北汽 where two words meet"),
        Case("江北汽车城", None, Category.ESTATE, why="江北|汽车"),
        Case("和美团结路", None, Category.STREET, why="和美|团结"),
        Case("双喜茶园路", None, Category.STREET, why="双喜|茶园"),
        Case("慎思科学路", None, Category.STREET, why="慎思|科学"),
        Case("光复星火路", None, Category.STREET, why="光复|星火"),
        Case("五福临门村", None, why="a saying that holds 福临门"),
        Case("金龙鱼塘村", Severity.WARNING, why="金龙|鱼塘 or 金龙鱼|塘: a person decides"),
        Case("鸦雀巢村", Severity.WARNING, why="鸦雀|巢 or 鸦|雀巢"),
        Case(
            "渝北万达广场",
            Severity.WARNING,
            Category.ESTATE,
            why="after the district the company's name is a word",
        ),
        Case("华为科技园", Severity.ERROR, Category.ZONE),
        Case("万达一路", Severity.ERROR, Category.STREET, why="an ordinal makes no other name of it"),
        Case("洋河一路", None, Category.STREET, why="a series after a river and a brand: the common word"),
        Case("小龙坎路", Severity.INFO, Category.STREET, why="a place before it was a company"),
    ),
)
def company(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """Names of the list; a common word that is a company's name too is weighed by a person, and in a series of streets
    (洋河一路) taken for the common word."""
    yield from hits(proposal, facts, "companies", series=False)
