"""What the register knows around a proposed name: the Facts (审查依据) that the naming rules judge by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.names.rules.proposal import SCOPES, Existing, Facts, Proposal, Scope
from geo.names.rules.run import LONGEST
from geo.settings import as_of, district
from geo.store import naming_words
from geo.store.name_shapes import index_keys
from geo.store.protection import PROTECTED
from geo.text import Text

_HERE = Path(__file__).resolve().parent
_PLACE = text((_HERE / "name_place.sql").read_text(encoding="utf-8"))
_CANDIDATES = text(
    (_HERE / "name_candidates.sql").read_text(encoding="utf-8").replace("/*protected*/", PROTECTED)
)
_AROUND = text((_HERE / "name_around.sql").read_text(encoding="utf-8"))
_CALLED_AFTER = text((_HERE / "name_called_after.sql").read_text(encoding="utf-8"))
_FEATURES = text((_HERE / "name_features.sql").read_text(encoding="utf-8"))

#: How far around a facility names are local names, metres, and the same in degrees, generously.
LOCAL_M = 1_000.0
_LOCAL_DEGREES = 0.02

#: Divisions (行政区划): their approval changes units, and other names are held against them (条例第九条第九项).
DIVISIONS = frozenset({Category.COUNTY_UP, Category.TOWNSHIP, Category.SUBDISTRICT})
#: Names that a facility may be called after.
_LOCAL = tuple(
    c.value
    for c in (
        Category.COMMITTEE,
        Category.NATURAL_VILLAGE,
        Category.NATURAL,
        Category.STREET,
        Category.PARK,
    )
)

NO_PLACE = Text(
    "没有给出位置，按{0}全域查重；请给出乡镇代码或坐标后再审查",
    "No place was given, so the whole of {0} was searched; give a township's code or a point and ask again",
)
NO_BUILT_UP = Text(
    "此处没有建成区范围数据，按所在{0}查重；建成区更大时请另行核对",
    "No built-up area is on record here, so {0} was searched; where the built-up area is larger, check beyond it",
)
IN_BUILT_UP = Text("按建成区“{0}”查重", "Searched in the built-up area “{0}”")
NO_TOWNSHIP = Text(
    "不知道所在乡镇，按全县（区）查重；请给出乡镇代码或坐标后再审查",
    "The township is not known, so the whole county was searched; give its code or a point and ask again",
)


@dataclass(frozen=True, slots=True)
class Registered(Existing):
    """A name of the register. public: whether anybody may be told it; lon, lat: its middle, degrees, EPSG:4490."""

    number: int = 0
    status: str = "standard"
    public: bool = True
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """所在: codes and names of the units that hold a proposal on a date. came, left: townships that belong to
    the county though their code does not say so, and the other way round. built_up: ids and names."""

    township: str | None
    county: str
    province: str
    names: tuple[str, ...] = ()
    came: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    built_up: tuple[tuple[int, str], ...] = ()
    given: bool = True

    @property
    def county_codes(self) -> list[str]:
        return [self.county, *self.came]


def whereabouts(session: Session, proposal: Proposal, at: date) -> Whereabouts:
    """Where a proposal lies: by its unit code, else by its point, else in the configured district."""
    unit = proposal.unit or ""
    codes = list(dict.fromkeys(c for c in (unit, unit[:9], unit[:6]) if len(c) >= 6))
    rows = session.execute(_PLACE, {"at": at, "codes": codes, "lon": proposal.lon, "lat": proposal.lat}).all()
    by: dict[str, list[Any]] = {}
    for row in rows:
        by.setdefault(row.what, []).append(row)

    def code_of(level: str) -> str | None:
        return by[level][0].code if level in by else None

    township = code_of("township") or (unit[:9] if len(unit) >= 9 else None)
    here = district().code
    county = code_of("county") or (unit or township or here)[:6]
    return Whereabouts(
        township=township,
        county=county,
        province=county[:2],
        names=tuple(by[level][0].name for level in ("village", "township", "county") if level in by),
        came=tuple(r.code for r in by.get("came", ())),
        left=tuple(r.code for r in by.get("left", ())),
        built_up=tuple((int(r.code), r.name) for r in by.get("built_up", ())),
        given=bool(unit or "county" in by or "township" in by or "built_up" in by),
    )


def facts_for(
    session: Session,
    proposal: Proposal,
    *,
    at: date | None = None,
    ignored: Iterable[int] = (),
    near_sounds: bool = True,
) -> Facts:
    """What is known around a proposal: names of the legal scope that are alike, local names, word lists.

    session: of the application's role, since names that are not yet public count too. at: the date whose
    register is asked, by default the as-of date. ignored: numbers that do not count, as the proposal's own
    record. Existing names are `Registered`, the most alike and nearest first.
    """
    base = replace(naming_words.base(session), near_sounds=near_sounds)
    if not 0 < len(proposal.name) <= LONGEST or not _storable(proposal.name + (proposal.replaces or "")):
        return base
    on = at or as_of()
    place = whereabouts(session, proposal, on)
    within, built_up, note = _scope(proposal, place)
    scope = SCOPES[proposal.category]
    rows = session.execute(
        _CANDIDATES,
        {
            "keys": index_keys(
                proposal.name, proposal.category, base.settled, proposal.unit, proposal.readings
            ),
            "category": proposal.category.value,
            "plain": proposal.plain,
            "replaces": (proposal.replaces or "").strip() or None,
            "within": within,
            "county": place.county_codes,
            "gone": list(place.left) if scope in (Scope.COUNTY, Scope.BUILT_UP) else [],
            "built_up": built_up,
            "township": place.township or place.county,
            "ignored": list(ignored),
            "at": on,
            "lon": proposal.lon,
            "lat": proposal.lat,
        },
    ).all()
    existing = [
        _existing(row, shares=scope if row.category == proposal.category.value else None)
        for row in _without_old(rows, proposal, place)
    ]
    existing += _old_if_protected(rows, proposal, place)
    if proposal.category in DIVISIONS:
        existing += features_of(session, proposal, place, on)
    if proposal.category is Category.FACILITY:
        existing += _local(session, proposal, place, on)
    return replace(base, existing=tuple(existing), notes=(note,) if note else ())


def _storable(given: str) -> bool:
    """Whether the database can hold a text at all; the characters rule refuses what it cannot."""
    return "\x00" not in given and not any("\ud800" <= c <= "\udfff" for c in given)


def _scope(proposal: Proposal, place: Whereabouts) -> tuple[list[str], list[int], Text | None]:
    """Code prefixes of the legal scope, ids of built-up areas that narrow it, and what to say of it."""
    scope = SCOPES[proposal.category]
    if scope is Scope.NATION:
        return [""], [], None
    missing = NO_PLACE.fill(district().name) if not place.given else None
    if scope is Scope.PROVINCE:
        return [place.province], [], missing
    if scope is Scope.COUNTY or not place.given:
        return place.county_codes, [], missing
    if scope is Scope.BUILT_UP and place.built_up:
        areas = [number for number, _ in place.built_up]
        return [place.province], areas, IN_BUILT_UP.fill("、".join(name for _, name in place.built_up))
    if place.township is None:
        return place.county_codes, [], NO_TOWNSHIP
    if scope is Scope.TOWNSHIP:
        return [place.township], [], None
    name = next((n for n in place.names if n.endswith(("镇", "乡", "街道"))), place.township)
    return [place.township], [], NO_BUILT_UP.fill(name)


def _existing(row: Any, **more: Any) -> Registered:
    return Registered(
        name=row.name,
        category=Category(row.category),
        unit=row.unit_code,
        distance_m=row.distance_m,
        protected=row.protected,
        former=row.former,
        readings=tuple(getattr(row, "readings", None) or ()),
        number=row.number,
        status=row.status,
        public=row.public,
        lon=row.lon,
        lat=row.lat,
        **more,
    )


def _old(rows: Sequence[Any], proposal: Proposal, place: Whereabouts) -> Any | None:
    """The record that a renaming leaves: of its name, in its township rather than outside, the nearest."""
    same = [r for r in rows if r.name == (proposal.replaces or "").strip() and not r.former]
    same = [r for r in same if r.category == proposal.category.value]
    return min(
        same,
        key=lambda r: (
            not (place.township and r.unit_code.startswith(place.township)),
            r.distance_m is None,
            r.distance_m or 0.0,
            r.number,
        ),
        default=None,
    )


def _without_old(rows: Sequence[Any], proposal: Proposal, place: Whereabouts) -> list[Any]:
    old = _old(rows, proposal, place)
    return [r for r in rows if old is None or r.number != old.number]


def _old_if_protected(rows: Sequence[Any], proposal: Proposal, place: Whereabouts) -> list[Registered]:
    old = _old(rows, proposal, place)
    # Apart from everything: it is not in the new name's way, only its protection counts.
    return [_existing(old, apart=Scope.NATION)] if old is not None and old.protected else []


def features_of(session: Session, proposal: Proposal, place: Whereabouts, at: date) -> list[Registered]:
    """Natural features and heritage sites that have the name of a division's specific part."""
    unit = place.county if proposal.category is Category.COUNTY_UP else place.township or place.county
    above = [c for c in (place.county, f"{place.province}0000", place.province) if c != unit]
    rows = session.execute(
        _FEATURES,
        {
            "unit": unit,
            "above": above,
            "specific": proposal.specific,
            "natural": Category.NATURAL.value,
            "at": at,
        },
    ).all()
    return [
        _existing(row, heritage=row.heritage, apart=Scope.TOWNSHIP if row.beyond else None) for row in rows
    ]


def _local(session: Session, proposal: Proposal, place: Whereabouts, at: date) -> list[Registered]:
    """Names that a facility may be called after: the units that hold it, what lies about its point, and what of its
    township it is named like; the point may be unknown, or the place be long (a road, a reservoir)."""
    local = [
        Registered(name, Category.OTHER, local=True, unit=place.township or place.county)
        for name in place.names
    ]
    if not place.names:
        return local
    categories = list(_LOCAL)
    rows: list[Any] = []
    if place.township is not None:
        asked = {"pieces": _pieces(proposal.specific), "township": place.township, "at": at}
        rows += session.execute(_CALLED_AFTER, {**asked, "categories": categories}).all()
    if proposal.lon is not None:
        asked = {
            "lon": proposal.lon,
            "lat": proposal.lat,
            "degrees": _LOCAL_DEGREES,
            "metres": LOCAL_M,
            "at": at,
        }
        rows += session.execute(_AROUND, {**asked, "categories": categories}).all()
    known = {e.name for e in local}
    found = {row.number: row for row in rows if row.name not in known}
    return local + [_existing(row, local=True) for row in found.values()]


#: The longest specific part that is looked for in a facility's name.
_PIECE = 6


def _pieces(specific: str) -> list[str]:
    """What a name could be called after: the runs of two characters and more of its specific part."""
    name = specific[:60]
    return sorted({name[a:b] for a in range(len(name)) for b in range(a + 2, min(a + _PIECE, len(name)) + 1)})


def unit_names(session: Session, codes: Iterable[str], at: date) -> Mapping[str, str]:
    """Names of units by code, on a date; codes of villages are answered with their township's name."""
    wanted = {code[:9] for code in codes}
    rows = session.execute(
        text(
            "select code, name from admin_unit where upper_inf(recorded) and valid @> cast(:at as date)"
            " and code = any(cast(:codes as text[]))"
        ),
        {"at": at, "codes": sorted(wanted)},
    )
    return {row.code: row.name for row in rows}


def concealed(finding: Mapping[str, Any], collides: Sequence[Existing]) -> dict[str, Any]:
    """A finding as the public may read it: a name that is not public is not named, nor where it is.

    finding: as the contract has it, its `collides` in the order of the existing names.
    """
    hidden = [isinstance(e, Registered) and not e.public for e in collides]
    if not any(hidden):
        return dict(finding)
    shown = [
        {**c, "name": HIDDEN.zh, "unit": None, "distance_m": None} if secret else c
        for c, secret in zip(finding["collides"], hidden, strict=True)
    ]
    why = "、".join(dict.fromkeys(c["why"] for c, s in zip(finding["collides"], hidden, strict=True) if s))
    said = UNSAID.fill(why)
    return {**finding, "message": said.zh, "message_en": said.en, "collides": shown}


HIDDEN = Text("（尚未公布的地名）", "(a name not yet public)")
UNSAID = Text(
    "与一个尚未公布的地名{0}，请向地名主管部门咨询或换用其他名称",
    "It meets a name that is not yet public ({0}); ask the place-name authority, or choose another",
)
