"""第九条（十）设施: landmark facilities generally agree with the local place name."""

from __future__ import annotations

from collections.abc import Iterator

from geo.names.categories import Category, guess
from geo.names.rules.catalogue import RULES, Case, Collision, Hit
from geo.names.rules.proposal import Facts, Proposal, generic_part
from geo.terms import Severity
from geo.text import Text


@RULES.rule(
    code="9(10)-facility",
    article="地名管理条例第九条（十）",
    severity=Severity.WARNING,
    message=Text(
        "设施所在地为“{0}”，名称一般应与当地地名统一，请考虑以所在地命名",
        "The facility lies in “{0}”; its name generally agrees with the local place name: consider naming it after that",
    ),
    source="地名管理条例（2022）第九条（十）",
    cases=(
        Case("兴隆大桥", None, Category.FACILITY, "[所在地]兴隆镇"),
        Case("金碧大桥", Severity.WARNING, Category.FACILITY, "[所在地]兴隆镇"),
        Case("重庆江北国际机场", None, Category.FACILITY, "[所在地]江北区;[所在地]两路街道"),
        Case("金碧大桥", None, Category.FACILITY, why="where it lies is not known"),
    ),
)
def facility(proposal: Proposal, facts: Facts) -> Iterator[Hit]:
    """No local name stands in the facility's name, although local names are known."""
    if proposal.category is not Category.FACILITY:
        return
    local = [e for e in facts.existing if e.local]
    if not local:
        return
    for place in local:
        kind = guess(place.name)
        generic = generic_part(place.name, kind)
        word = place.name[: -len(generic)] if generic else place.name
        if (word and word in proposal.plain) or proposal.specific == word[: len(proposal.specific)]:
            return
    yield Hit((local[0].name,), collides=tuple(Collision(p, "所在地") for p in local))
