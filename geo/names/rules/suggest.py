"""Suggestions (建议名称): candidates for a refused name; `run` keeps those that pass every rule."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from geo.names.categories import GENERICS, Category
from geo.names.rules.proposal import Facts, Proposal
from geo.names.words import levels, seemly

_DEFAULT: dict[Category, tuple[str, ...]] = {
    Category.COUNTY_UP: ("区", "县"),
    Category.SUBDISTRICT: ("街道",),
    Category.TOWNSHIP: ("镇", "乡"),
    Category.COMMITTEE: ("村", "社区"),
    Category.NATURAL_VILLAGE: ("湾", "坝", "坪"),
    Category.PARK: ("公园", "广场"),
    Category.ZONE: ("产业园", "工业园"),
    Category.STREET: ("路", "街", "巷"),
    Category.ESTATE: ("小区", "苑", "家园"),
    Category.FACILITY: ("桥", "隧道", "站"),
    Category.NATURAL: ("山", "溪", "湾"),
    Category.OTHER: (),
}
_BEFORE = "东西南北上下大小"
_DROPPED = ("leaders", "foreign", "companies", "features", "inflated", "vulgar")


def candidates(proposal: Proposal, facts: Facts, broken: set[str]) -> Iterator[str]:
    """Names to try: standard characters, words taken out, a fitting generic, a modifier in front (方位、大小); where
    nothing of the name can stay, a seemly specific part (雅称) with its generic.

    In the order of how near they stay to the name; none twice, never the name itself.
    """
    seen = {proposal.name}
    for name in _all(proposal, facts, broken):
        if len(name) > 1 and name not in seen:
            seen.add(name)
            yield name


def _all(proposal: Proposal, facts: Facts, broken: set[str]) -> Iterator[str]:
    clean = "".join(c for c in proposal.plain if c in levels())
    yield clean
    kind = proposal.kind
    generics = _DEFAULT[kind]
    ending = next(
        (
            g
            for g in sorted(GENERICS[kind], key=len, reverse=True)
            if clean.endswith(g) and len(clean) > len(g)
        ),
        "",
    )
    specific = clean[: -len(ending)] if ending else clean
    if "9(2)-generic" in broken:
        other = max(
            (
                g
                for c in GENERICS
                for g in GENERICS[c]
                if specific.endswith(g) and len(specific) - len(g) >= 2
            ),
            key=len,
            default="",
        )
        specific = specific[: -len(other)] if other else specific
    for kind_of_words in _DROPPED:
        for match in facts.words[kind_of_words].find(specific):
            shorter = specific.replace(match.word.text, "")
            if shorter:
                specific = shorter
    roots = [specific]
    roots += [e.name[:2] for e in facts.existing if e.local and len(e.name) >= 2]
    for root in roots:
        for generic in dict.fromkeys((ending, *generics)):
            yield root + generic
    for root in roots:
        for generic in dict.fromkeys((ending, *generics[:2])):
            for before in _BEFORE if root[:1] not in _BEFORE else "":
                yield before + root + generic
    yield from _instead(proposal, tuple(dict.fromkeys((ending, *generics))) or ("",))


def _instead(proposal: Proposal, generics: tuple[str, ...]) -> Iterator[str]:
    """Seemly specific parts, from a place in the list that follows from the name, so that not everybody is told the
    same; then two of them joined, for what must be one of its kind in the nation."""
    words = seemly()
    start = zlib.crc32(proposal.name.encode("utf-8", "replace")) % len(words)
    turned = words[start:] + words[:start]
    endings = [g for g in generics if g][:1] or [""]
    for word in turned:
        for generic in endings:
            yield word + generic
    for one, two in zip(turned, turned[7:] + turned[:7], strict=True):
        for generic in endings:
            yield one[0] + two[0] + generic
