"""第九条（一）含义: clear, healthy, not against public morals (公序良俗)."""

from __future__ import annotations

from collections.abc import Iterator

from geo.names.categories import Category
from geo.names.rules.catalogue import RULES, Case, Hit
from geo.names.rules.lexical import hits
from geo.names.rules.proposal import Facts, Proposal
from geo.names.similar import shape
from geo.terms import Severity
from geo.text import Text

SOUNDS = Text("“{0}”与不雅词“{1}”同音，请斟酌", "“{0}” sounds like the unseemly word “{1}”; weigh it")


@RULES.rule(
    code="9(1)-meaning",
    article="地名管理条例第九条（一）",
    severity=Severity.WARNING,
    message=Text(
        "含有“{0}”（{1}），地名应当含义明确、健康，不违背公序良俗，请换用雅称",
        "It contains “{0}” ({1}); a name must be clear and healthy and not against public morals: use a seemly word",
    ),
    source="地名管理条例（2022）第九条（一）；词表为通行常识",
    cases=(
        Case("兴隆村", None),
        Case(
            "屙屎坪",
            Severity.WARNING,
            Category.NATURAL_VILLAGE,
            why="long in use elsewhere: a person weighs it",
        ),
        Case("支那路", Severity.ERROR, Category.STREET),
        Case("富翁小区", Severity.WARNING, Category.ESTATE),
        Case("狗史村", Severity.WARNING, why="sounds like 狗屎"),
        Case("烂泥湾", Severity.INFO, Category.NATURAL_VILLAGE, why="a kind of soil: told, not weighed"),
        Case("老公园路", None, Category.STREET, why="老|公园: no word of the list where two words meet"),
        Case("彩色情韵路", None, Category.STREET, why="彩色|情韵"),
        Case("楼台独秀路", None, Category.STREET, why="楼台|独秀"),
        Case("滥泥湾", None, Category.NATURAL_VILLAGE, why="sounds like a word that is not weighed"),
    ),
)
def meaning(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """Words of the list in the name; and a specific part that sounds like one of them, tones included."""
    found = list(hits(proposal, facts, "vulgar"))
    yield from found
    if found or len(proposal.specific) < 2:
        return
    mine = shape(proposal.specific, Category.NATURAL_VILLAGE).first
    for word in facts.words["vulgar"]:
        if word.severity is Severity.INFO or len(word.text) != len(mine):
            continue
        if shape(word.text, Category.NATURAL_VILLAGE).first == mine:
            yield Hit((proposal.specific, word.text), Severity.WARNING, SOUNDS)
