"""Matching (地名匹配): which name of the register a name of another list means, with a score and how it matched.

Pure: candidates come from geo.store.name_matches or a file. A match is typed: exact, variant (a former, variant
or short name, or the generic part left out), homophone (same sounds, tones included), fuzzy (one slip, or the
same sounds but for the tones), ambiguous (several places fit alike), none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from geo.names.categories import Category
from geo.names.forms import LONGEST, Form, fold, form_of, is_han
from geo.names.parts import split
from geo.terms import NameStatus
from geo.text import Text


class Kind(StrEnum):
    """匹配类型."""

    EXACT = "exact"
    VARIANT = "variant"
    HOMOPHONE = "homophone"
    FUZZY = "fuzzy"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


KIND_NAMES: dict[Kind, Text] = {
    Kind.EXACT: Text("完全一致", "exact"),
    Kind.VARIANT: Text("异名（别名、曾用名、简称、省略通名）", "variant, former or short name"),
    Kind.HOMOPHONE: Text("同音", "same sound"),
    Kind.FUZZY: Text("近似", "one slip away"),
    Kind.AMBIGUOUS: Text("多处同样符合，需人工选定", "several places fit alike; a person has to choose"),
    Kind.NONE: Text("没有找到", "nothing found"),
}

#: Points of a likeness before units and category are weighed; 100 is a standard name letter by letter.
EXACT, FORMER, SHORTENED, SOUND, SLIP, TONELESS = 100.0, 95.0, 90.0, 80.0, 70.0, 65.0
#: What is taken away where the list says another unit, or another category.
OTHER_UNIT, OTHER_PLACE, OTHER_CATEGORY = 20.0, 35.0, 10.0
#: Below this a candidate is none. A match is decided from MATCH on, where the next place is GAP behind.
LEAST, MATCH, GAP = 50.0, 85.0, 5.0

#: 渝北区统景镇江口村: units before the name itself, the largest first.
_ADDRESS = re.compile(
    r"^(?:(?P<province>[^省市区县]{2,8}(?:省|自治区|市))(?=.{2}))?"
    r"(?:(?P<city>[^市区县]{2,6}(?:市|自治州|盟))(?=.{2}))?"
    r"(?:(?P<county>[^区县旗镇乡]{1,8}(?:自治县|新区|区|县|旗))(?=.{2}))?"
    r"(?:(?P<township>[^镇乡]{1,8}?(?:街道办事处|街道|镇|乡))(?=.{2}))?"
    r"(?P<name>.{2,})$"
)


#: 羽裳路社区居委会, 太洪村村民委员会: the committee for the place that it sits in.
_COMMITTEE = re.compile(r"^(.{2,}?)(村民|村|居民|居)(?:委员会|委会)$")
#: 石鞋村6社, 五星社区第三居民小组: a part of the village or community.
_PART = re.compile(r"^(.+(?:村|社区))第?[0-9一二三四五六七八九十]{1,3}(?:村民小组|居民小组|小组|组|社|队)$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A name of another list. unit: a hint where it lies, a code or words; category: of the thing, if told."""

    name: str
    unit: str | None = None
    category: Category | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name of the register that may be meant. form, bare, spelled: its search form; units: the names of the
    units that it lies in, in any order. standard: the standard name of its place, where that is another."""

    number: int
    place_id: int
    name: str
    form: str
    bare: str
    spelled: str
    kind: str
    status: str
    category: str
    unit_code: str
    romanization: str = ""
    units: tuple[str, ...] = ()
    standard: str | None = None
    demo: bool = False
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with how well it fits. features: what the score is made of."""

    candidate: Candidate
    kind: Kind
    score: float
    features: Mapping[str, float | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """The answer for one name: the best places first, each once, and what kind of match the whole is."""

    wanted: Wanted
    kind: Kind
    score: float
    best: Scored | None
    candidates: tuple[Scored, ...]

    def to_json(self) -> dict[str, Any]:
        """The contract's object of `names match`: kind, score, match, candidates."""
        return {
            "name": self.wanted.name,
            "unit": self.wanted.unit,
            "type": self.kind.value,
            "score": self.score,
            "match": None if self.best is None else as_json(self.best),
            "candidates": [as_json(c) for c in self.candidates],
        }


def as_json(scored: Scored) -> dict[str, Any]:
    """A scored candidate as JSON."""
    c = scored.candidate
    return {
        "place_id": c.place_id, "number": c.number, "name": c.name, "romanization": c.romanization,
        "category": c.category, "status": c.status, "unit_code": c.unit_code, "units": list(c.units),
        "type": scored.kind.value, "score": scored.score, "demo": c.demo,
        "standard": c.name if c.status == NameStatus.STANDARD.value else c.standard,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a name of a list: the name itself, and the units written before it. place: of what is named, a
    committee or a part of a village, only the place is meant."""

    form: Form
    before: tuple[str, ...]
    place: bool = False


def clean(name: str) -> str:
    """A name as it can be looked up: without brackets' content, at most LONGEST characters."""
    return re.sub(r"[（(【\[][^）)】\]]*[）)】\]]", "", name).strip()[:LONGEST]


@lru_cache(maxsize=20_000)
def readings(name: str) -> tuple[Reading, ...]:
    """The ways to read a name: as it stands, with the units before it taken off, and the place that a committee or a
    part of a village names."""
    text = clean(name)
    folded, _ = fold(text)
    if not folded:
        return ()
    answer = [Reading(_form(folded), ())]
    found = _ADDRESS.match(folded)
    if found and found["name"] != folded:
        # Province and city are in every row of such a list and tell nothing apart.
        before = tuple(v for v in (found["county"], found["township"]) if v)
        answer.append(Reading(_form(found["name"]), before))
    answer += [
        Reading(_form(place), each.before, place=True)
        for each in tuple(answer)
        if (place := place_of(each.form.form)) != each.form.form
    ]
    return tuple(answer)


def place_of(name: str) -> str:
    """The village or community of a committee's or a part's name; any other name as it is."""
    if part := _PART.match(name):
        return part[1]
    found = _COMMITTEE.match(name)
    if not found:
        return name
    generic = "村" if found[2] in ("村", "村民") else "社区"
    return found[1] if found[1].endswith(generic) else found[1] + generic


def _form(name: str) -> Form:
    return form_of(name, split(name).specific or name)


def one_slip(a: str, b: str) -> bool:
    """Whether one character replaced, missing, added or two neighbours swapped lead from one to the other."""
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    head = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    x, y = a[head:], b[head:]
    if len(a) == len(b):
        swapped = len(x) > 1 and x[0] == y[1] and x[1] == y[0] and x[2:] == y[2:]
        return x[1:] == y[1:] or swapped
    return x[1:] == y if len(a) > len(b) else x == y[1:]


def likeness(form: Form, c: Candidate) -> tuple[Kind, float] | None:
    """How a name is like a candidate's form: the kind and its points; None where it is not."""
    if form.form == c.form:
        plain = c.kind == "name" and c.status == NameStatus.STANDARD.value
        return (Kind.EXACT, EXACT) if plain else (Kind.VARIANT, FORMER)
    if c.form == form.bare or form.form == c.bare:
        # One of the two leaves the generic part out; two different ones are two names.
        return (Kind.VARIANT, SHORTENED if len(form.form) > 1 and len(c.form) > 1 else SLIP)
    if not all(is_han(x) for x in form.form):
        return (Kind.FUZZY, SLIP) if form.plain == _sounds(c.spelled, tones=False) else None
    if len(form.form) == len(c.form) and len(form.form) > 1:
        if _sounds(form.spelled, tones=True) == _sounds(c.spelled, tones=True):
            return (Kind.HOMOPHONE, SOUND)
        if form.plain == _sounds(c.spelled, tones=False):
            return (Kind.FUZZY, TONELESS)
    if len(form.form) > 2 and len(c.form) > 1 and one_slip(form.form, c.form):
        # A slip in the part that tells places apart weighs as much as that part is short.
        return (Kind.FUZZY, SLIP - (5 if len(c.bare) < 3 else 0))
    return None


def _sounds(spelled: str, *, tones: bool) -> str:
    """The syllables of a spelled form, without its characters."""
    found = "".join(x for x in spelled if not is_han(x))
    return found if tones else re.sub(r"\d", "", found)


def fits_unit(hint: str, c: Candidate) -> bool:
    """Whether a hint of a unit, a code or words, is true of a candidate. Words fit with or without the generic
    part (统景 = 统景镇)."""
    text = hint.strip()
    if re.fullmatch(r"\d{2,12}", text):
        code = text.rstrip("0") if len(text) == 6 and text.endswith("00") else text
        return c.unit_code.startswith(code) or code.startswith(c.unit_code)
    folded, _ = fold(text)
    if not c.units:
        return True  # nothing is known of where it lies, so nothing contradicts
    return any(
        folded == u or (len(folded) > 1 and u.startswith(folded)) or folded.endswith(u) for u in c.units
    )


def score(wanted: Wanted, c: Candidate) -> Scored | None:
    """How well a candidate fits: likeness of the name, less what speaks against it. None below LEAST."""
    best: Scored | None = None
    for reading in readings(wanted.name):
        like = likeness(reading.form, c)
        if like is None:
            continue
        kind, points = like
        if reading.place and kind is Kind.EXACT:
            kind, points = Kind.VARIANT, FORMER
        hints = [h for h in (wanted.unit, *reading.before) if h]
        in_unit = all(fits_unit(h, c) for h in hints)
        same = wanted.category is None or wanted.category.value == c.category
        total = points - (0 if in_unit else OTHER_UNIT) - (0 if same else OTHER_CATEGORY)
        if reading.before and not in_unit:
            # The words before the name are no units of this one, so they belong to another name.
            total -= OTHER_PLACE
        if not in_unit and kind in (Kind.EXACT, Kind.VARIANT):
            kind = Kind.FUZZY  # the name is the same, the place by the list's own word is not
        features: dict[str, float | bool] = {"name": points, "unit": in_unit, "category": same}
        if total >= LEAST and (best is None or total > best.score):
            best = Scored(c, kind, round(total, 1), features)
    return best


def match(wanted: Wanted, candidates: Iterable[Candidate], *, limit: int = 5) -> Match:
    """The answer for one name: each place once with its best form, the best first.

    Decided (exact, variant, homophone, fuzzy) where one place is ahead; ambiguous where two are alike. What only
    sounds alike or is one slip away is a proposal: a person confirms it.
    """
    places: dict[int, Scored] = {}
    for candidate in candidates:
        scored = score(wanted, candidate)
        if scored is None:
            continue
        held = places.get(candidate.place_id)
        if held is None or _order(scored) < _order(held):
            places[candidate.place_id] = scored
    ranked: Sequence[Scored] = sorted(places.values(), key=_order)
    if not ranked:
        return Match(wanted, Kind.NONE, 0.0, None, ())
    first = ranked[0]
    alone = len(ranked) == 1 or first.score - ranked[1].score >= GAP
    kind = first.kind if alone else Kind.AMBIGUOUS
    return Match(wanted, kind, first.score, first if alone else None, tuple(ranked[:limit]))


def decided(answer: Match) -> bool:
    """Whether a match may be taken over without a person: exact or variant, well ahead of the next."""
    return answer.kind in (Kind.EXACT, Kind.VARIANT) and answer.score >= MATCH


def _order(scored: Scored) -> tuple[float, bool, int]:
    return (-scored.score, scored.candidate.status != NameStatus.STANDARD.value, scored.candidate.number)
