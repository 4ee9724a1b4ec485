"""How a word of a list weighs in a name: whole specific part, edge, or inside a longer word (按语境权衡)."""

from __future__ import annotations

from collections.abc import Iterator

from geo.names.rules.catalogue import Hit
from geo.names.rules.proposal import Facts, Proposal, core
from geo.names.words import Match
from geo.terms import Severity


def weight(match: Match) -> Severity | None:
    """Whole: as the list says. Elsewhere a word that means nothing else weighs the same, one that
    would refuse is weighed at an edge or from three characters on, and any other weighs nothing."""
    severity = match.word.severity
    if match.stands == "whole" or match.word.anywhere:
        return severity
    if severity is Severity.ERROR and (match.stands == "edge" or len(match.word.text) > 2):
        return Severity.WARNING
    return None


def hits(proposal: Proposal, facts: Facts, kind: str) -> Iterator[Hit]:
    """One hit per word of the list in the specific part, seen without a modifier (新巴黎 counts as 巴黎)."""
    seen: set[str] = set()
    for text in dict.fromkeys((core(proposal.specific), proposal.specific, proposal.plain)):
        for match in facts.words[kind].find(text):
            if match.word.text in seen:
                continue
            if text == proposal.plain and match.stands != "whole" and text != proposal.specific:
                continue
            seen.add(match.word.text)
            if severity := weight(match):
                yield Hit((match.word.text, match.word.kind), severity)
