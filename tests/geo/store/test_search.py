"""Search: a table of cases for every kind of question, filters, pages, offers, and what is no question at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.names import query
from geo.names.categories import Category
from geo.names.query import TIER_NAMES, QuestionTooLong, Tier
from geo.store import engine, search, search_forms, search_looking, search_statements
from geo.store.search import Filters
from geo.store.search_statements import Arm, page_of
from geo.terms import NameStatus
from tests import builders as b

C = Category
#: name, category, unit code, importance, status.
NAMES = (
    ("重庆市", C.COUNTY_UP, "50", 90, NameStatus.STANDARD),
    ("渝北区", C.COUNTY_UP, "50", 80, NameStatus.STANDARD),
    ("西安市", C.COUNTY_UP, "61", 80, NameStatus.STANDARD),
    ("统景镇", C.TOWNSHIP, "500112", 50, NameStatus.STANDARD),
    ("兴隆镇", C.TOWNSHIP, "500112", 50, NameStatus.STANDARD),
    ("洛碛镇", C.TOWNSHIP, "500112", 50, NameStatus.STANDARD),
    ("洛阳村", C.COMMITTEE, "500112133", 10, NameStatus.STANDARD),
    ("江口村", C.COMMITTEE, "500112133", 20, NameStatus.STANDARD),
    ("江口村", C.COMMITTEE, "500112138", 20, NameStatus.STANDARD),
    ("大江口湾", C.NATURAL_VILLAGE, "500112133", 0, NameStatus.STANDARD),
    ("兴隆村", C.COMMITTEE, "500112138", 20, NameStatus.STANDARD),
    ("兴龙村", C.COMMITTEE, "500112140", 20, NameStatus.STANDARD),
    ("新隆湾", C.NATURAL_VILLAGE, "500112138", 0, NameStatus.STANDARD),
    ("绿松村", C.COMMITTEE, "500112138", 5, NameStatus.STANDARD),
    ("A区小区", C.ESTATE, "500112138", 5, NameStatus.STANDARD),
    ("御临河", C.NATURAL, "500112", 30, NameStatus.STANDARD),
    ("石坪一、二组", C.NATURAL_VILLAGE, "500112140", 0, NameStatus.STANDARD),
)
#: Codes of the units that some of them name.
UNITS = {
    "重庆市": "500000",
    "渝北区": "500112",
    "统景镇": "500112133",
    "兴隆镇": "500112138",
    "洛碛镇": "500112120",
}


MOVED = date(2025, 11, 7)


@pytest.fixture(scope="module")
def filled(module_database: str) -> Iterator[None]:
    """The names of the table, and 月影湖社区, which became 月隐湖社区 in 2020."""
    with engine.sessions("owner").begin() as session:
        maker = b.person(session).id
        for i, (name, category, unit, importance, status) in enumerate(NAMES):
            b.place_name(
                session, maker, name, category, status=status, unit_code=unit, importance=importance,
                names_unit=UNITS.get(name), point=(106.7 + i * 0.01, 29.8),
            )  # fmt: skip
        old = b.place_name(
            session, maker, "月影湖社区", unit_code="500112010", status=NameStatus.FORMER,
            valid=b.since(date(2010, 1, 1), date(2020, 1, 1)),
        )  # fmt: skip
        b.place_name(
            session, maker, "月隐湖社区", unit_code="500112010", place_id=old.place_id, valid=b.since(date(2020, 1, 1)),
            facts={"alias": "湖边院子"},
        )  # fmt: skip
        b.unit(session, maker, "500112133", "统景镇")
        # 蔡家岗街道 came to 500157 with the code that it had in 500109.
        b.unit(session, maker, "500109", "北碚区", level="county", parent="500000")
        b.unit(session, maker, "500157", "两江新区", level="county", parent="500000", valid=b.since(MOVED))
        b.unit(session, maker, "500109006", "蔡家岗街道", parent="500109", valid=b.since(end=MOVED))
        b.unit(session, maker, "500109006", "蔡家岗街道", parent="500157", valid=b.since(MOVED))
        b.place_name(session, maker, "灯塔村", unit_code="500109006")
        b.place_name(session, maker, "灯塔湾", C.NATURAL_VILLAGE, unit_code="500109006201")
        b.place_name(session, maker, "灯塔社区", unit_code="500109001")
    yield


@pytest.fixture
def reader(filled: None) -> Iterator[Session]:
    """The public's own session: it searches with no more rights than that."""
    with engine.sessions("public")() as session:
        yield session


@pytest.fixture
def owner(filled: None) -> Iterator[Session]:
    """The owner's session on the same names; what it counts is rolled back."""
    with engine.sessions("owner")() as session:
        yield session


def found(session: Session, q: str, **filters: object) -> list[tuple[str, str]]:
    return [(h.name, h.tier.value) for h in search.search(session, q, filters=Filters(**filters)).items]  # type: ignore[arg-type]


CASES = [
    # exact, generic part left out, prefix, inside
    ("兴隆镇", [("兴隆镇", "exact"), ("兴隆村", "kin")]),
    ("兴隆", [("兴隆镇", "bare"), ("兴隆村", "bare")]),
    ("重庆", [("重庆市", "bare")]),
    ("兴", [("兴隆镇", "prefix"), ("兴隆村", "prefix"), ("兴龙村", "prefix")]),
    ("隆", [("兴隆镇", "inside"), ("兴隆村", "inside"), ("新隆湾", "inside")]),
    ("江口", [("江口村", "bare"), ("江口村", "bare"), ("大江口湾", "inside")]),
    ("江口湾", [("大江口湾", "inside"), ("江口村", "kin"), ("江口村", "kin")]),
    ("大江口湾", [("大江口湾", "exact")]),
    ("临河", [("御临河", "inside")]),
    ("A区", [("A区小区", "bare")]),
    ("ａ區", [("A区小区", "bare")]),
    # traditional characters, other widths, blanks
    ("興隆鎮", [("兴隆镇", "exact"), ("兴隆村", "kin")]),
    ("洛磧", [("洛碛镇", "bare")]),
    ("重 庆", [("重庆市", "bare")]),
    # pinyin: whole, prefix, inside, tones as marks and digits, capitals, width, ü, apostrophe
    ("chongqing", [("重庆市", "pinyin")]),
    ("Chongqing Shi", [("重庆市", "pinyin")]),
    ("chóngqìng", [("重庆市", "pinyin-prefix")]),
    ("chong2qing4", [("重庆市", "pinyin-prefix")]),
    ("chong4qing4", []),
    ("zhòngqìng", []),
    ("ｃｈｏｎｇｑｉｎｇ", [("重庆市", "pinyin")]),
    ("xinglo", [("兴隆镇", "pinyin-prefix"), ("兴隆村", "pinyin-prefix"), ("兴龙村", "pinyin-prefix")]),
    ("jiangkouw", [("大江口湾", "pinyin-inside")]),
    ("jiāngkǒuw", [("大江口湾", "pinyin-inside")]),
    ("xi'an", [("西安市", "pinyin")]),
    ("xian", [("西安市", "pinyin")]),
    ("lüsong", [("绿松村", "pinyin")]),
    ("lvsong", [("绿松村", "pinyin")]),
    ("lusong", [("绿松村", "pinyin")]),
    ("lǜsōng", [("绿松村", "pinyin-prefix")]),
    # initials, mixed
    ("lqz", [("洛碛镇", "initials")]),
    ("ylh", [("御临河", "initials")]),
    ("洛qi", [("洛碛镇", "mixed")]),
    ("洛y", [("洛阳村", "mixed")]),
    ("yu临", [("御临河", "mixed")]),
    ("xing隆", [("兴隆镇", "mixed"), ("兴隆村", "mixed")]),
    # former names and aliases
    ("月影湖", [("月影湖社区", "bare")]),
    ("湖边院子", [("湖边院子", "exact")]),
    # a township and a name in it
    ("统景江口", [("江口村", "within"), ("大江口湾", "within")]),
    ("统景镇江口村", [("江口村", "within")]),
    ("統景 江口", [("江口村", "within"), ("大江口湾", "within")]),
    # units above it, each with its generic part or without, with blanks or without, before it or behind
    ("重庆市统景镇", [("统景镇", "within")]),
    ("重庆统景", [("统景镇", "within")]),
    ("重庆市渝北区", [("渝北区", "within")]),
    ("重庆市江口", [("江口村", "within"), ("江口村", "within"), ("大江口湾", "within")]),
    ("渝北区统景镇江口村", [("江口村", "within")]),
    ("重庆市渝北区统景镇江口村", [("江口村", "within")]),
    ("渝北统景江口", [("江口村", "within"), ("大江口湾", "within")]),
    ("重庆江口湾", [("大江口湾", "within")]),
    ("渝北区 统景镇 江口村", [("江口村", "within")]),
    ("渝北区统景镇 江口村", [("江口村", "within")]),
    ("统 景 江 口", [("江口村", "within"), ("大江口湾", "within")]),
    ("江口村 统景镇", [("江口村", "within")]),
    ("江口村 渝北区 统景镇", [("江口村", "within")]),
    ("江口村 统景镇 渝北区", [("江口村", "within")]),
    # units that contradict, and a unit that is none
    ("统景镇兴隆村", []),
    ("西安市统景镇江口村", []),
    ("兴隆镇统景镇江口村", []),
    # pinyin within a unit, where a blank says so
    ("统景 jiangkou", [("江口村", "within"), ("大江口湾", "within")]),
    ("统景 jiāngkǒu", [("江口村", "within"), ("大江口湾", "within")]),
    ("统景 jk", [("江口村", "within")]),
    ("统景 大jiang", [("大江口湾", "within")]),
    ("统景jiangkou", []),
    # quotes and brackets round it, marks within it
    ("“统景镇”", [("统景镇", "exact")]),
    ("《统景镇》", [("统景镇", "exact")]),
    ("(统景镇)", [("统景镇", "exact")]),
    ("（统景镇）", [("统景镇", "exact")]),
    ("【“统景镇”】。", [("统景镇", "exact")]),
    ("统景镇，", [("统景镇", "exact")]),
    ("统景镇，江口村", [("江口村", "within")]),
    ("渝北区、统景镇、江口村", [("江口村", "within")]),
    ("重庆·渝北·统景", [("统景镇", "within")]),
    ("江口村（统景镇）", [("江口村", "within")]),
    ("《统景镇》江口村", [("江口村", "within")]),
    ("重，庆", [("重庆市", "bare")]),
    ("tong, jing", [("统景镇", "pinyin")]),
    ("石坪一、二组", [("石坪一、二组", "exact")]),
    ("渝北石坪一、二组", [("石坪一、二组", "within")]),
    ("渝北区，石坪一、二", [("石坪一、二组", "within")]),
    ("石坪一、", [("石坪一、二组", "prefix")]),
    ("坪一、二", [("石坪一、二组", "inside")]),
    # nothing, and what only looks like something
    ("“”", []), ("（", []), ("，、·", []),
    ("", []), ("   ", []), ("%", []), ("_", []), ("兴%", []), ("兴_村", []), ("\\", []), ("'; drop table place; --", []),
    ("\x00", []), ("\u202e\u200f", []), ("😀", []), ("\U000e0fff", []), ("\ud800", []), ("．", []), ("村" * 150, []),
]  # fmt: skip


@pytest.mark.parametrize(("q", "expected"), CASES, ids=lambda v: repr(v)[:30] if isinstance(v, str) else "")
def test_every_kind_of_question(reader: Session, q: str, expected: list[tuple[str, str]]) -> None:
    assert found(reader, q) == expected


@pytest.mark.parametrize("q", ["兴\x00隆镇", "\u202e兴隆镇", "兴隆镇😀", "兴\u200b隆镇", "\ufeff兴隆镇"])
def test_what_is_no_text_is_no_part_of_a_question(reader: Session, q: str) -> None:
    assert found(reader, q)[0] == ("兴隆镇", "exact")


@pytest.mark.parametrize(
    ("q", "least"), [("洛qi", 2), ("洛qi镇", 3), ("xing隆", 2), ("洛qì", 2), ("村a" * 50, 100)]
)
def test_a_pattern_is_tried_on_names_that_are_long_enough(q: str, least: int) -> None:
    """What takes long is not done for every village: a pattern of a hundred pieces on twenty thousand names."""
    assert query.shortest(query.understand(q).text) == least


def test_names_that_a_pattern_is_tried_on_are_counted() -> None:
    """A character of half a million villages beside letters that none of them has (村zu), a tone that none has (cǔn)."""
    assert {n for n, c in search_statements.CONDITIONS.items() if "~" in c} == search_statements.PATTERNS
    arm = Arm(("tried",), ("mixed",), ("f.latest",))
    [inner] = re.findall(
        r"from \(select \* from published.name_form f where (.*?)\) f", page_of((arm,), (), False).sql
    )
    assert inner == 'f.keys @> q."keys" and f.latest limit 30000', (
        "what is limited is what is looked at, not what answers"
    )


def test_a_search_waits_no_longer_than_its_time(reader: Session) -> None:
    search.search(reader, "村a" * 50)
    assert reader.scalar(text("show statement_timeout")) == "3s"


def test_a_question_too_long_is_refused(reader: Session) -> None:
    with pytest.raises(QuestionTooLong, match="10000"):
        search.search(reader, "村" * 10_000)


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("兴龙镇", [("兴隆镇", "same-sound"), ("兴隆村", "same-sound")]),
        ("洛契", [("洛碛镇", "same-sound"), ("洛阳村", "one-slip")]),
        ("统景真", [("统景镇", "same-sound")]),
        ("大江湾", [("大江口湾", "one-slip")]),
        ("大江口沟湾", [("大江口湾", "one-slip")]),
        ("御淋河", [("御临河", "same-sound")]),
        ("御零河", [("御临河", "one-slip")]),
        ("临御河", [("御临河", "one-slip")]),
        ("临渝河", []),
    ],
)
def test_offers_stand_apart(reader: Session, q: str, expected: list[tuple[str, str]]) -> None:
    answer = search.search(reader, q)
    assert [(h.name, h.tier.value) for h in answer.offers] == expected
    assert not any(h.tier.offer for h in answer.items)
    assert all(h.tier.offer and h.why.zh and h.why.en for h in answer.offers)


def test_offers_need_not_be_asked_for(reader: Session) -> None:
    for q in ("江口", "兴龙镇", "兴隆村"):
        whole, without = search.search(reader, q), search.search(reader, q, offers=False)
        assert (without.items, without.next, without.offers) == (whole.items, whole.next, ())


def test_offers_of_a_unit_or_a_category_are_not_looked_for_among_the_best_of_all(
    owner: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_forms, "COMMON", 1)
    monkeypatch.setattr(search_forms, "LISTED", 1)
    search_forms.count_common(owner)

    def offered(filters: Filters) -> set[str]:
        return {h.name for h in search.search(owner, "心隆湾", filters=filters).offers}

    assert offered(Filters(unit="500112138")) == {"新隆湾", "兴隆村"}
    assert offered(Filters(category=C.NATURAL_VILLAGE)) == {"新隆湾"}


@pytest.mark.parametrize("filters", [Filters(), Filters(near=(106.8, 29.8)), Filters(category=C.COMMITTEE)])
@pytest.mark.parametrize("q", ["兴龙镇", "兴隆村", "洛契", "统景真", "御淋河", "大江湾", "临御河"])
def test_what_is_offered_does_not_depend_on_how_common_it_is(
    owner: Session, monkeypatch: pytest.MonkeyPatch, q: str, filters: Filters
) -> None:
    def offered() -> list[tuple[str, str]]:
        return [(hit.name, hit.tier.value) for hit in search.search(owner, q, filters=filters).offers]

    rare = offered()
    assert rare or filters.category
    monkeypatch.setattr(search_forms, "COMMON", 0)
    search_forms.count_common(owner)
    assert offered() == rare
    # What walks for its ordinary names asks for the offers by themselves.
    monkeypatch.setattr(search_looking, "WALK_FROM", 1)
    assert offered() == rare


def test_patterns_of_a_slip() -> None:
    def one_slip(a: str, b: str) -> bool:
        return any(re.fullmatch(re.escape(p).replace("_", "."), b) for p in query.slips(a))

    for one, other in (
        ("江口", "江心"),
        ("江口", "江"),
        ("江口", "江口湾"),
        ("江口", "大江口"),
        ("江口", "口江"),
        ("a江", "江a"),
    ):
        assert one_slip(one, other) and one_slip(other, one)
    for one, other in (("江口", "河湾"), ("江口湾", "江"), ("江口湾", "湾口江"), ("江口", "大江口湾")):
        assert not one_slip(one, other) and not one_slip(other, one)
    assert query.slips("%")[:2] == ["_", "_\\%"], "what LIKE would take for any text stands for itself"


def test_a_former_name_says_which_is_the_standard_one(reader: Session) -> None:
    hit = search.search(reader, "月影湖").items[0]
    assert hit.status == "former" and hit.valid_to == date(2020, 1, 1)
    assert hit.standard is not None and hit.standard[1] == "月隐湖社区"
    assert search.search(reader, "月隐湖").items[0].standard is None


def test_a_hit_says_why_and_where(reader: Session) -> None:
    hit = search.search(reader, "统景江口").items[0]
    assert (hit.why.zh, hit.why.en) == ("在所写政区内", "Within the unit named")
    assert hit.unit_code == "500112133" and hit.unit_name == "统景镇"
    assert hit.to_json()["highlight"] == [[0, 2]]


@pytest.mark.parametrize(
    ("q", "spans"),
    [
        ("江口湾", [(1, 4)]),
        ("重庆", [(0, 2)]),
        ("xinglo", [(0, 2)]),
        ("kouwan", [(2, 4)]),
        ("lqz", [(0, 3)]),
        ("洛qi", [(0, 2)]),
        ("chong2qing4", [(0, 2)]),
        ("a區", [(0, 2)]),
    ],
)
def test_what_is_highlighted(reader: Session, q: str, spans: list[tuple[int, int]]) -> None:
    assert list(search.search(reader, q).items[0].spans) == spans


def test_filters(reader: Session) -> None:
    assert found(reader, "江口", category=C.NATURAL_VILLAGE) == [("大江口湾", "inside")]
    assert found(reader, "江口", unit="500112138") == [("江口村", "bare")]
    assert found(reader, "江口", unit="5001121") == found(reader, "江口", unit="50") == found(reader, "江口")
    assert found(reader, "江口", unit="510000") == []
    assert found(reader, "江口", box=(106.775, 29.7, 106.785, 29.9)) == [("江口村", "bare")]
    assert found(reader, "月影湖", at=date(2015, 1, 1)) == [("月影湖社区", "bare")]
    assert found(reader, "月影湖", at=date(2021, 1, 1)) == []
    assert found(reader, "月隐湖", at=date(2015, 1, 1)) == []


@pytest.mark.parametrize(
    ("unit", "at", "expected"),
    [
        ("500109", date(2024, 1, 1), {"灯塔村", "灯塔湾", "灯塔社区"}),
        ("500109", date(2026, 1, 1), {"灯塔社区"}),
        ("500157", date(2026, 1, 1), {"灯塔村", "灯塔湾"}),
        ("500157", date(2024, 1, 1), set()),
        ("500109006", date(2026, 1, 1), {"灯塔村", "灯塔湾"}),
        # Names of all times, in the units of all times.
        ("500157", None, {"灯塔村", "灯塔湾"}),
        ("500109", None, {"灯塔村", "灯塔湾", "灯塔社区"}),
    ],
)
def test_a_unit_holds_what_its_parents_say_on_the_date(
    reader: Session, unit: str, at: date | None, expected: set[str]
) -> None:
    filters = Filters(unit=unit, at=at)
    assert {name for name, _ in found(reader, "灯塔", unit=unit, at=at)} == expected
    assert {hit.name for hit in search.listed(reader, filters=filters).items} == expected


def test_nearer_names_come_first(reader: Session) -> None:
    def units(lon: float) -> list[str]:
        near = Filters(near=(lon, 29.8))
        return [h.unit_code for h in search.search(reader, "江口村", filters=near).items]

    assert units(106.76) == ["500112133", "500112138"]
    assert units(106.80) == ["500112138", "500112133"]


@pytest.mark.parametrize("common", [False, True], ids=["few", "common"])
@pytest.mark.parametrize("q", ["村", "江", "口", "x", "xing", "xl"])
@pytest.mark.parametrize("filters", [Filters(), Filters(near=(106.8, 29.8)), Filters(category=C.COMMITTEE)])
def test_pages_follow_each_other_without_gap_or_repetition(
    owner: Session, monkeypatch: pytest.MonkeyPatch, common: bool, q: str, filters: Filters
) -> None:
    """Whatever way the names are found: gathered, from a list, behind the list's end, by distance."""
    session = owner
    before = search.search(session, q, filters=filters, limit=100)
    if common:
        monkeypatch.setattr(search_forms, "COMMON", 1)
        monkeypatch.setattr(search_forms, "LISTED", 2)
        monkeypatch.setattr(search_looking, "WALK_FROM", 3)
        search_forms.count_common(session)
    whole = search.search(session, q, filters=filters, limit=100)
    assert whole.next is None
    assert [h.number for h in whole.items] == [h.number for h in before.items]
    paged, cursor = [], None
    for _ in range(40):
        page = search.search(session, q, filters=filters, limit=2, cursor=cursor)
        paged += [h.number for h in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert paged == [h.number for h in whole.items]
    assert len(set(paged)) == len(paged)
    if filters.category:
        assert {h.category for h in whole.items} <= {C.COMMITTEE.value}


@pytest.mark.parametrize(
    "cursor", ["", "x", "1:2", "1:2:3:4", "1:-5:3", "٣:1:1", "1:1e999:1", "1:1:99999999999999999999"]
)
def test_a_cursor_of_another_kind_is_refused(reader: Session, cursor: str) -> None:
    with pytest.raises(search.BadPlaceInList):
        search.search(reader, "村", cursor=cursor)


def test_tiers_have_names_in_both_languages() -> None:
    assert set(TIER_NAMES) == set(Tier)
    assert {tier.value for tier in Tier if tier.offer} == {"same-sound", "one-slip"}
