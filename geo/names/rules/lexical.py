"""How a word of a list weighs in a name: whole specific part, edge, or inside a longer word (按语境权衡)."""

from __future__ import annotations

from collections.abc import Iterator

from geo.names.rules.catalogue import Hit
from geo.names.rules.proposal import Facts, Proposal, core, unnumbered
from geo.names.word_cut import Standing, standing
from geo.names.words import Match, Word
from geo.terms import Severity
from geo.text import Text

#: What the lists call their words, in both languages; an administrator's own word is said as it is.
KINDS = {
    text.zh: text
    for text in (
        Text("国家领导人", "a national leader"),
        Text("国家领导人的名（不带姓）", "a national leader's given name"),
        Text("真实人物", "a real person"),
        Text("文学作品人物", "a character of literature"),
        Text("外国国名", "the name of a country"),
        Text("外国地名", "a place abroad"),
        Text("外国人名", "a foreign person"),
        Text("企业或商标名称", "a company or trademark"),
        Text("自然地理实体", "a natural feature"),
        Text("历史文化遗产遗址", "a heritage site"),
        Text("夸大的词", "an inflated word"),
        Text("不雅或不吉", "unseemly or ill-omened"),
        Text("怪异或刻意夸富", "odd or showy"),
        Text("违背公序良俗", "against public morals"),
    )
}


def kind_said(word: Word) -> Text | str:
    """What a word is, as a finding says it."""
    return KINDS.get(word.kind, word.kind)


def weight(match: Match, text: str) -> Severity | None:
    """Whole: as the list says. Elsewhere a word that means nothing else weighs the same, one that
    would refuse is weighed at an edge or from three characters on, and any other weighs nothing. What only arises where
    two words meet (渝北|汽车) weighs nothing, and refuses nothing where that is unsure (办法第四条: 无特定联系)."""
    severity = match.word.severity
    if match.stands == "whole":
        return severity
    stands = standing(text, match.start, match.start + len(match.word.text))
    if stands is Standing.ACCIDENT:
        return None
    if match.word.anywhere:
        return Severity.WARNING if severity is Severity.ERROR and stands is Standing.UNSURE else severity
    if severity is Severity.ERROR and (match.stands == "edge" or len(match.word.text) > 2):
        return Severity.WARNING
    return None


def hits(proposal: Proposal, facts: Facts, kind: str, *, series: bool = True) -> Iterator[Hit]:
    """One hit per word of the list in the specific part, seen without a modifier or an ordinal (新巴黎, 巴黎二路 count
    as 巴黎). series: whether a word that is only weighed counts with an ordinal too (李白一路)."""
    seen: set[str] = set()
    specific = proposal.specific
    plain = unnumbered(specific)
    for text in dict.fromkeys((core(plain), plain, core(specific), specific, proposal.plain)):
        for match in facts.words[kind].find(text):
            if match.word.text in seen:
                continue
            numbered = plain != specific and text in (plain, core(plain))
            if numbered and not series and match.word.severity is not Severity.ERROR:
                continue
            if text == proposal.plain and match.stands != "whole" and text != proposal.specific:
                continue
            seen.add(match.word.text)
            if severity := weight(match, text):
                yield Hit((match.word.text, kind_said(match.word)), severity)
