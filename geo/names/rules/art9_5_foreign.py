"""第九条（五）外国人名地名: no foreign personal or place names."""

from __future__ import annotations

from collections.abc import Iterator

from geo.names.categories import Category
from geo.names.rules.catalogue import RULES, Case, Hit
from geo.names.rules.lexical import hits
from geo.names.rules.proposal import Facts, Proposal
from geo.terms import Severity
from geo.text import Text


@RULES.rule(
    code="9(5)-foreign",
    article="地名管理条例第九条（五）",
    severity=Severity.ERROR,
    message=Text(
        "“{0}”是{1}，不以外国人名、地名作地名，请换用中文专名",
        "“{0}” is foreign ({1}); foreign personal and place names are not used: choose a Chinese specific part",
    ),
    source="地名管理条例（2022）第九条（五）；词表为通行常识",
    cases=(
        Case("巴黎花园", Severity.ERROR, Category.ESTATE),
        Case("东方曼哈顿小区", Severity.ERROR, Category.ESTATE),
        Case("柏林村", Severity.WARNING, why="also a grove of cypresses"),
        Case("兴隆村", None),
        Case("罗汉堡路", None, Category.STREET, why="罗汉|堡, no Hamburg"),
        Case("犀牛津村", None, why="犀牛|津, no Oxford"),
        Case("永泰国际大厦", None, Category.ESTATE, why="永泰|国际"),
        Case("泰国风情园", Severity.ERROR, Category.ESTATE),
        Case("罗马一路", Severity.ERROR, Category.STREET, why="an ordinal makes no other name of it"),
    ),
)
def foreign(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """Transliterations of the list; a word that is common Chinese too is weighed by a person."""
    yield from hits(proposal, facts, "foreign")
