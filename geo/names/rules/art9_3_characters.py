"""第九条（三）用字: characters of a name."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from geo.names.categories import Category
from geo.names.rules.catalogue import RULES, Case, Hit
from geo.names.rules.proposal import Facts, Proposal
from geo.names.words import levels, standard_forms
from geo.terms import Severity
from geo.text import Text

TRADITIONAL = Text("“{0}”不是规范汉字，请改用“{1}”", "“{0}” is no standard character; use “{1}”")
OUTSIDE = Text(
    "“{0}”不在通用规范汉字表内，请换用规范汉字",
    "“{0}” is not in the table of standard characters; use one that is",
)
FOREIGN = Text(
    "“{0}”（{1}）不是汉字，地名应使用国家通用语言文字，请改用汉字",
    "“{0}” ({1}) is no Han character; a name is written in the national common language: use Han characters",
)
CODED = Text(
    "“{0}”中的数字为编号，按自然地理实体的高程点写法保留",
    "The digits of “{0}” are a survey number and may stay",
)


@RULES.rule(
    code="9(3)-characters",
    article="地名管理条例第九条（三）",
    severity=Severity.WARNING,
    message=Text(
        "“{0}”是通用规范汉字表三级字，应避免使用生僻字；当地沿用的字请附考证材料",
        "“{0}” is of the third level of the standard table; rare characters are to be avoided: attach evidence of "
        "its local use",
    ),
    source="地名管理条例（2022）第九条（三）；通用规范汉字表（2013）",
    cases=(
        Case("龙兴镇", None),
        Case("鸭儿凼", None, Category.NATURAL_VILLAGE, why="local, yet of level two"),
        Case("黄泥塝", Severity.WARNING, Category.NATURAL_VILLAGE, why="third level, in local use: weighed"),
        Case("邏山村", Severity.ERROR, why="traditional form"),
        Case("A区小区", Severity.ERROR, why="Latin letter"),
        Case("龙 山村", Severity.ERROR, why="a space"),
        Case("Ａ山村", Severity.ERROR, why="full width"),
        Case("8号路", Severity.ERROR, Category.STREET),
        Case("1203高地", Severity.INFO, Category.NATURAL, why="survey number, spelling rule 7"),
        Case("砦子村", Severity.ERROR, why="variant, outside the 8,105"),
    ),
)
def characters(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """One hit per character that is no Han character, no standard one, or rare (生僻字).

    The article names no table: taking this one is our reading.
    """
    if (
        proposal.kind is Category.NATURAL
        and proposal.generic in ("高地", "峰", "山")
        and proposal.specific.isascii()
        and proposal.specific.isdigit()
    ):
        yield Hit((proposal.name,), Severity.INFO, CODED)
        return
    for character in list(dict.fromkeys(proposal.name))[:20]:
        level = levels().get(character)
        if level is not None:
            if level == 3:
                yield Hit((character,))
        elif standard := standard_forms().get(character):
            yield Hit((character, standard), Severity.ERROR, TRADITIONAL)
        elif unicodedata.name(character, "").startswith("CJK") or character == "〇":
            yield Hit((character,), Severity.ERROR, OUTSIDE)
        else:
            shown = character if character.isprintable() and character.strip() else "□"
            yield Hit((shown, f"U+{ord(character):04X}"), Severity.ERROR, FOREIGN)
