"""What a rule sees: the proposed name (Proposal) and what is known around it (Facts)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache

from geo.names.categories import GENERICS, Category, guess
from geo.names.parts import NATIONALITIES, generic_of
from geo.names.readings import Settled
from geo.names.words import WordList, standardised, thresholds, word_lists
from geo.text import Text


class Scope(IntEnum):
    """范围: what two names have in common, from narrow to wide."""

    TOWNSHIP = 0
    BUILT_UP = 1
    COUNTY = 2
    PROVINCE = 3
    NATION = 4


#: The scope of 条例第九条（七）（八） by category; township and subdistrict scopes that the article does not
#: give are weighed, never refused.
SCOPES: Mapping[Category, Scope] = {
    Category.COUNTY_UP: Scope.NATION,
    Category.NATURAL: Scope.NATION,
    Category.TOWNSHIP: Scope.PROVINCE,
    Category.SUBDISTRICT: Scope.PROVINCE,
    Category.COMMITTEE: Scope.COUNTY,
    Category.STREET: Scope.BUILT_UP,
    Category.ESTATE: Scope.BUILT_UP,
    Category.NATURAL_VILLAGE: Scope.TOWNSHIP,
    Category.PARK: Scope.COUNTY,
    Category.ZONE: Scope.COUNTY,
    Category.FACILITY: Scope.COUNTY,
    Category.OTHER: Scope.COUNTY,
}


@dataclass(frozen=True, slots=True)
class Existing:
    """An existing name (现有地名).

    shares: the narrowest area known to be common with the proposal; apart: the widest known not to be;
    both None where it is simply taken to lie inside the legal scope. former: out of use (曾用名、消失地名), so
    it is told and never stands against a name. readings: those that a person settled (审定读音), one a character.
    """

    name: str
    category: Category
    shares: Scope | None = None
    apart: Scope | None = None
    unit: str | None = None
    distance_m: float | None = None
    heritage: bool = False
    local: bool = False
    protected: bool = False
    former: bool = False
    readings: tuple[str, ...] = ()

    def inside(self, scope: Scope) -> bool:
        """Whether it is in use and lies in the scope together with the proposal."""
        if self.former:
            return False
        if self.apart is not None and self.apart >= scope:
            return False
        return self.shares is None or self.shares <= scope


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed name (拟用地名). replaces: the standing name, where this is a renaming (更名).

    attributes: width_m, area_m2, green_ratio … as far as known. readings: as a person settled them, one a character.
    """

    name: str
    category: Category
    unit: str | None = None
    lon: float | None = None
    lat: float | None = None
    replaces: str | None = None
    measures_attached: bool = False
    attributes: Mapping[str, float] = field(default_factory=dict)
    category_given: bool = True
    readings: tuple[str, ...] = ()

    @property
    def plain(self) -> str:
        """The name in standard characters."""
        return standardised(self.name)

    @property
    def kind(self) -> Category:
        """The category whose generic parts count: 其他 takes what the ending speaks for."""
        return kind_of(self.plain, self.category)

    @property
    def generic(self) -> str:
        return generic_part(self.plain, self.kind)

    @property
    def specific(self) -> str:
        generic = self.generic
        return self.plain[: -len(generic)] if generic else self.plain


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known: existing names and word lists. A store can fill it as well as a file.

    off: rules that are switched off. near_sounds: show near-homophones and look-alikes (info).
    register_complete: existing names stand for the whole register (what-if), so the shipped list of the
    nation's divisions only informs. notes: what to say of the scope that was searched. settled: readings that
    persons settled, which alone are compared where they hold.
    """

    existing: tuple[Existing, ...] = ()
    words: Mapping[str, WordList] = field(default_factory=word_lists)
    off: frozenset[str] = frozenset()
    near_sounds: bool = True
    register_complete: bool = False
    thresholds: tuple[Mapping[str, str], ...] = field(default_factory=thresholds)
    notes: tuple[Text, ...] = ()
    settled: Settled | None = None


#: Endings of settlements (自然村): written solid, so not in GENERICS, but a village's name ends in one.
SETTLEMENT = frozenset(
    "村寨湾塆院坝坪沟嘴咀垭桥场铺店房屋庄屯堡集岩坡岭凼塘田塝冲坳坎坑垱碥土石井洞溪河滩沱浩碛槽峡山峰崖包堆丘"
    "坟庙寺观殿祠门口头角边上下里中营盘关楼台子家窝坨岗岛湖江水泉渡码街路巷园林树湴坡梁顶尾脚背面园圈墩垴硐峒基梯庵塔亭阁碑宫厂堰板津"
)


def kind_of(name: str, category: Category) -> Category:
    return guess(name) if category is Category.OTHER else category


@lru_cache(maxsize=10_000)
def generic_part(name: str, kind: Category) -> str:
    """The generic part of a name of this kind, "" where it has none."""
    if kind is Category.NATURAL_VILLAGE:
        return name[-1] if len(name) > 1 and name[-1] in SETTLEMENT else ""
    generic = generic_of(name, kind)
    if generic and kind in (Category.TOWNSHIP, Category.COUNTY_UP):
        # 龙溪|土家族乡, 石柱|土家族自治县: the nationalities are no part of the specific part.
        while nation := next((n for n in _NATIONS if name[: -len(generic)].endswith(n)), None):
            if len(name) - len(generic) == len(nation):
                break
            generic = nation + generic
    return generic


#: Nationalities by their full names, the longest first.
_NATIONS = tuple(n for n in NATIONALITIES if n.endswith("族"))

ALL_GENERICS = frozenset(g for generics in GENERICS.values() for g in generics)

#: Modifiers that do not make another name of a word: 新巴黎, 巴黎东.
_AROUND = re.compile(r"^[新老大小东西南北中上下前后]|[新老大小东西南北中上下前后]$")
#: The ordinal of a street of a series: 巴黎二 (路).
_ORDINAL = re.compile(r"第?[一二三四五六七八九十]+$")


def unnumbered(specific: str) -> str:
    """The specific part without an ordinal at its end, where two characters remain."""
    stripped = _ORDINAL.sub("", specific)
    return stripped if len(stripped) >= 2 else specific


def core(specific: str) -> str:
    """The specific part without a one-syllable modifier at either end, where two characters remain."""
    stripped = _AROUND.sub("", specific)
    return stripped if len(stripped) >= 2 else specific


_TAG = re.compile(r"\s*\[([^\]]*)\]")
_WORDS: Mapping[str, Scope] = {
    "建成区": Scope.BUILT_UP,
    "县": Scope.COUNTY,
    "省": Scope.PROVINCE,
    "乡": Scope.TOWNSHIP,
}


def existing_names(text: str, category: Category) -> tuple[Existing, ...]:
    """The names of an `existing` column (product.md §3). Raises ValueError on an unknown prefix."""
    answer = []
    for piece in text.replace("；", ";").split(";"):
        shares: Scope | None = None
        apart: Scope | None = None
        kind = category
        heritage = local = protected = former = False
        rest = piece.strip()
        while tag := _TAG.match(rest):
            word = tag.group(1).strip()
            rest = rest[tag.end() :].strip()
            if word == "全国":
                shares = Scope.NATION
            elif word[:1] == "同" and word[1:] in _WORDS:
                shares = _WORDS[word[1:]]
            elif word[:1] == "外" and word[1:] in _WORDS:
                apart = _WORDS[word[1:]]
            elif word == "历史文化遗产遗址":
                heritage, kind = True, Category.OTHER
            elif word == "所在地":
                local, kind = True, Category.OTHER
            elif word == "保护名录":
                protected = True
            elif word == "曾用名":
                former = True
            else:
                try:
                    kind = Category(word)
                except ValueError:
                    raise ValueError(word) from None
        if rest:
            answer.append(
                Existing(
                    rest,
                    kind,
                    shares,
                    apart,
                    heritage=heritage,
                    local=local,
                    protected=protected,
                    former=former,
                )
            )
    return tuple(answer)
