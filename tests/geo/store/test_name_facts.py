"""What the register knows around a proposed name: scopes by category, renaming, built-up areas, standing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.names.rules.proposal import Proposal
from geo.names.rules.run import Verdict, run
from geo.store import name_facts, name_shapes, naming_words
from geo.store.engine import sessions
from geo.store.name_facts import concealed, facts_for
from geo.store.tables import BuiltUpArea, NamingSetting, NamingWord
from geo.terms import NameStatus
from tests import builders as b

ON = date(2024, 12, 31)
LATER = date(2026, 1, 1)
XINGLONG, CIZHU = "500112138", "500112140"
#: Half of 兴隆镇 is built up.
BUILT_UP = shapely.box(106.70, 29.83, 106.74, 29.86)


@pytest.fixture
def maker(session: Session) -> int:
    made = b.person(session).id
    b.unit(session, made, "500000", "重庆市", level="province", parent=None)
    b.small_district(session, made)
    return made


def verdict(
    session: Session, name: str, category: Category = Category.COMMITTEE, *, at: date = ON, **more: object
) -> Verdict:
    proposal = Proposal(name, category, **{"unit": XINGLONG, **more})  # type: ignore[arg-type]
    return run(proposal, facts_for(session, proposal, at=at))


def met(found: Verdict) -> dict[str, set[str | None]]:
    """Rule -> units of the names that the proposal meets, for findings that meet one."""
    answer: dict[str, set[str | None]] = {}
    for finding in found.findings:
        if finding.collides:
            answer.setdefault(finding.rule, set()).update(c.existing.unit for c in finding.collides)
    return answer


@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize(
    ("category", "name", "inside", "outside", "rule"),
    [
        (Category.TOWNSHIP, "古路镇", "500199100", "510100100", "9(8)-duplicate"),
        (Category.COMMITTEE, "新隆村", "500112140200", "500105100200", "9(8)-duplicate"),
        (Category.NATURAL_VILLAGE, "王家湾", "500112138200", "500112140200", "9(8)-duplicate"),
        (Category.COUNTY_UP, "渝龙区", "990000", None, "9(7)-duplicate"),
        (Category.NATURAL, "尖尖山", "990100", None, "9(7)-duplicate"),
        (Category.STREET, "龙山路", "500112138", "500112140", "9(8)-duplicate"),
        (Category.ESTATE, "龙山小区", "500112138", "500112140", "9(8)-duplicate"),
        (Category.PARK, "龙山公园", "500112140", "500105100", "9(8)-duplicate"),
    ],
)
def test_the_scope_of_each_category(
    session: Session, maker: int, category: Category, name: str, inside: str, outside: str | None, rule: str, keyed: bool
) -> None:  # fmt: skip
    b.place_name(session, maker, name, category, unit_code=inside)
    if outside:
        b.place_name(session, maker, name, category, unit_code=outside)
    if keyed:
        assert name_shapes.fill(session) == 1 and not name_shapes.waiting(session)
    assert met(verdict(session, name, category))[rule] == {inside}


def test_a_homophone_is_found_by_its_sound_and_a_settled_reading_is_none(
    session: Session, maker: int
) -> None:
    b.place_name(session, maker, "兴隆村", unit_code=CIZHU)
    b.place_name(session, maker, "长寿村", unit_code=CIZHU)
    b.place_name(session, maker, "长坪村", unit_code=CIZHU)
    name_shapes.fill(session)
    assert met(verdict(session, "兴龙村")) == {"9(8)-homophone": {CIZHU}}
    assert verdict(session, "兴龙村").verdict == "doubtful"
    # 长坪 can be read either way, 长寿 cannot: a heteronym neither hides a homophone nor makes one up.
    assert "9(8)-homophone" in met(verdict(session, "掌坪村"))
    assert met(verdict(session, "掌寿村")) == {}


def test_a_town_of_a_nationality_is_met_by_its_specific_part_whatever_keys_it_had(
    session: Session, maker: int
) -> None:
    b.place_name(session, maker, "龙溪土家族乡", Category.TOWNSHIP, unit_code="500199100")
    session.execute(text("update name_shape set keys = array['old']"))
    assert "9(8)-duplicate" not in met(verdict(session, "龙溪镇", Category.TOWNSHIP))
    name_shapes.regroup(session)
    name_shapes.fill(session)
    assert met(verdict(session, "龙溪镇", Category.TOWNSHIP))["9(8)-duplicate"] == {"500199100"}


def settle(session: Session, given: str, reading: str, unit: str | None = None) -> None:
    """What the act writes: the reading, and the keys of the names that hold the text anew."""
    value = {"text": given, "reading": reading, "source": "实地调查"} | ({"unit": unit} if unit else {})
    row = NamingSetting(kind="reading", key=f"{unit or ''}|{given}", value=value, reason="审定")
    naming_words.put_setting(session, row)
    name_shapes.forget(session, given)
    name_shapes.fill(session)


def test_a_settled_reading_alone_counts(session: Session, maker: int) -> None:
    """长坪 can be read either way until a person settles it; then it neither hides a homophone nor makes one up."""
    b.place_name(session, maker, "长坪村", unit_code=CIZHU)
    name_shapes.fill(session)
    assert "9(8)-homophone" in met(verdict(session, "掌坪村")) and "9(8)-homophone" in met(
        verdict(session, "常坪村")
    )
    settle(session, "长坪", "cháng píng", "500112")
    assert "9(8)-homophone" not in met(verdict(session, "掌坪村"))
    assert met(verdict(session, "常坪村")) == {"9(8)-homophone": {CIZHU}}
    # It holds in its unit alone.
    b.place_name(session, maker, "长坪村", unit_code="500105100")
    name_shapes.fill(session)
    assert "9(8)-homophone" in met(verdict(session, "掌坪村", unit="500105100"))


def test_a_reading_outside_the_tables_counts(session: Session, maker: int) -> None:
    """A local reading that no dictionary gives: what sounds like it is found, what sounds like the other is not."""
    b.place_name(session, maker, "石堡村", unit_code=CIZHU)
    name_shapes.fill(session)
    assert "9(8)-homophone" not in met(verdict(session, "石步村"))
    settle(session, "石堡", "shí bù")
    assert met(verdict(session, "石步村")) == {"9(8)-homophone": {CIZHU}}
    assert "9(8)-homophone" not in met(verdict(session, "石饱村"))


def test_the_reading_settled_for_one_name_counts_for_it(session: Session, maker: int) -> None:
    row = b.place_name(session, maker, "长坪村", unit_code=CIZHU, readings=["zhǎng", "píng", "cūn"])
    name_shapes.renew(session, "长坪村")
    assert met(verdict(session, "掌坪村")) == {"9(8)-homophone": {CIZHU}}
    assert "9(8)-homophone" not in met(verdict(session, "常坪村"))
    assert row.readings


def test_units_belong_where_they_belong_on_the_date(session: Session, maker: int) -> None:
    """兴隆镇 keeps its code, but lies in another county since 2025-11-07."""
    moved = date(2025, 11, 7)
    b.unit(session, maker, "500157", "两江新区", level="county", parent="500000", valid=b.since(moved))
    b.unit(session, maker, "500199100", "甲镇", parent="500157", valid=b.since(moved))
    from geo.store import versions
    from geo.store.tables import AdminUnit

    versions.supersede(
        session,
        AdminUnit(
            code=XINGLONG, name="兴隆镇", level="township", parent_code="500157", valid=b.since(moved), source="测试",
            reason="测试", made_by=maker,
        ),
    )  # fmt: skip
    b.place_name(session, maker, "新隆村", unit_code="500199100")
    b.place_name(session, maker, "新隆村", unit_code=CIZHU)
    assert met(verdict(session, "新隆村")) == {"9(8)-duplicate": {CIZHU}}
    assert met(verdict(session, "新隆村", at=LATER)) == {"9(8)-duplicate": {"500199100"}}
    # Seen from 茨竹镇, what 兴隆镇 holds went away with it.
    b.place_name(session, maker, "双龙村", unit_code=XINGLONG)
    assert met(verdict(session, "双龙村", unit=CIZHU)) == {"9(8)-duplicate": {XINGLONG}}
    assert met(verdict(session, "双龙村", unit=CIZHU, at=LATER)) == {}


def test_a_built_up_area_is_a_polygon(session: Session, maker: int) -> None:
    session.add(
        BuiltUpArea(
            code="demo-1", name="兴隆片区", source="测试", valid=b.since(), reason="测试", made_by=maker,
            geometry=b.stored(shapely.MultiPolygon([BUILT_UP])),
        )
    )  # fmt: skip
    session.flush()
    b.place_name(session, maker, "龙山路", Category.STREET, unit_code=CIZHU, point=(106.7399, 29.845))
    b.place_name(session, maker, "龙山路", Category.STREET, unit_code=XINGLONG, point=(106.7401, 29.845))
    here = {"unit": None, "lon": 106.72, "lat": 29.845}
    found = verdict(session, "龙山路", Category.STREET, **here)
    assert met(found) == {"9(8)-duplicate": {CIZHU}}
    assert any("兴隆片区" in f.text.zh for f in found.findings if f.rule == "9(8)-scope")
    # Just outside of it the township is taken, and the answer says so.
    out = verdict(session, "龙山路", Category.STREET, unit=None, lon=106.7405, lat=29.845)
    assert met(out) == {"9(8)-duplicate": {XINGLONG}}
    assert any("没有建成区范围" in f.text.zh for f in out.findings if f.rule == "9(8)-scope")


def test_distance_is_in_metres(session: Session, maker: int) -> None:
    b.place_name(session, maker, "新隆村", unit_code=CIZHU, point=(106.78, 29.85))
    found = verdict(session, "新隆村", unit=None, lon=106.72, lat=29.85)
    (collision,) = [c for f in found.findings for c in f.collides]
    assert collision.existing.distance_m == pytest.approx(5797, abs=10)


def test_a_renaming_is_not_in_its_own_way(session: Session, maker: int) -> None:
    b.place_name(session, maker, "兴隆村", unit_code=XINGLONG)
    assert met(verdict(session, "兴龙村", replaces="兴隆村")) == {}
    b.place_name(session, maker, "兴隆村", unit_code=CIZHU)
    assert met(verdict(session, "兴龙村", replaces="兴隆村")) == {"9(8)-homophone": {CIZHU}}


@pytest.mark.parametrize(
    ("status", "severity"),
    [
        (NameStatus.STANDARD, "error"),
        (NameStatus.APPROVED, "error"),
        (NameStatus.PROPOSED, "error"),
        (NameStatus.FORMER, "info"),
        (NameStatus.VANISHED, "info"),
        (NameStatus.VARIANT, None),
    ],
)
def test_standing_decides(session: Session, maker: int, status: NameStatus, severity: str | None) -> None:
    b.place_name(session, maker, "新隆村", unit_code=CIZHU, status=status)
    found = [f.severity.value for f in verdict(session, "新隆村").findings if f.collides]
    assert found == ([severity] if severity else [])


def test_a_name_that_ended_is_told_as_former(session: Session, maker: int) -> None:
    b.place_name(session, maker, "新隆村", unit_code=CIZHU, valid=b.since(end=date(2016, 1, 1)))
    assert set(met(verdict(session, "新隆村"))) == {"9(8)-former"}


def test_a_name_of_several_versions_is_met_once(session: Session, maker: int) -> None:
    first = b.place_name(session, maker, "新隆村", unit_code=CIZHU)
    b.place_name(
        session, maker, "新隆村", unit_code=CIZHU, number=first.number, place_id=first.place_id, meaning="测试",
        valid=b.since(LATER),
    )  # fmt: skip
    assert [len(f.collides) for f in verdict(session, "新隆村").findings if f.collides] == [1]
    assert len([f for f in verdict(session, "新隆村").findings if f.collides]) == 1


def test_a_proposal_does_not_meet_itself(session: Session, maker: int) -> None:
    row = b.place_name(session, maker, "新隆村", unit_code=CIZHU, status=NameStatus.PROPOSED)
    proposal = Proposal("新隆村", Category.COMMITTEE, CIZHU)
    assert facts_for(session, proposal, at=ON, ignored=[row.number]).existing == ()


def test_a_name_not_yet_public_is_not_named(session: Session, maker: int) -> None:
    b.place_name(session, maker, "兴隆村", unit_code=CIZHU, status=NameStatus.PROPOSED)
    (finding,) = [f for f in verdict(session, "兴龙村").findings if f.collides]
    told = concealed(finding.to_json(), [c.existing for c in finding.collides])
    assert "兴隆" not in str(told) and CIZHU not in str(told) and "尚未公布" in told["message"]
    assert told["severity"] == "warning" and told["collides"][0]["why"] == "同音"


def test_a_division_and_the_feature_that_reaches_beyond_it(session: Session, maker: int) -> None:
    b.place_name(session, maker, "玉峰山", Category.NATURAL, unit_code=XINGLONG)
    b.place_name(session, maker, "龙王山", Category.NATURAL, unit_code="500112")
    b.place_name(session, maker, "明月山", Category.NATURAL, unit_code="500105100")
    severity = {
        name: [f.severity.value for f in verdict(session, name, Category.TOWNSHIP).findings if f.rule == "9(9)-division"]
        for name in ("玉峰山镇", "龙王山镇", "明月山镇")
    }  # fmt: skip
    assert severity == {"玉峰山镇": ["warning"], "龙王山镇": ["error"], "明月山镇": []}


def test_a_facility_is_called_after_where_it_lies(session: Session, maker: int) -> None:
    b.place_name(session, maker, "保胜寺村", unit_code=XINGLONG, point=(106.721, 29.845))
    here = {"unit": None, "lon": 106.72, "lat": 29.845}
    for name, rules in (("兴隆大桥", set()), ("保胜寺大桥", set()), ("金碧大桥", {"9(10)-facility"})):
        found = verdict(session, name, Category.FACILITY, **here)
        assert {f.rule for f in found.findings if f.rule == "9(10)-facility"} == rules, name


def test_a_facility_may_be_called_after_any_place_of_its_township(session: Session, maker: int) -> None:
    """Where it lies in the township is not known, or more than a kilometre from the village's point."""
    b.place_name(session, maker, "保胜寺村", unit_code=XINGLONG)
    b.place_name(session, maker, "黄桷塆", Category.NATURAL_VILLAGE, unit_code=XINGLONG + "201")
    b.place_name(session, maker, "白鹤村", unit_code=CIZHU)
    for name, rules in (
        ("保胜寺大桥", set()), ("黄桷塆大桥", set()), ("白鹤大桥", {"9(10)-facility"}), ("金碧大桥", {"9(10)-facility"}),
    ):  # fmt: skip
        found = verdict(session, name, Category.FACILITY, unit=XINGLONG)
        assert {f.rule for f in found.findings if f.rule == "9(10)-facility"} == rules, name
    # A table of a few rows is read whole unless that is forbidden.
    session.execute(text("set local enable_seqscan = off"))
    plan = session.scalars(
        text(f"explain {name_facts._CALLED_AFTER.text}"),
        {
            "pieces": name_facts._pieces("保胜寺"),
            "categories": ["村"],
            "at": date(2024, 1, 1),
            "township": XINGLONG,
        },
    ).all()
    assert "Seq Scan" not in "\n".join(plan)


def test_without_a_place_the_district_is_searched_and_it_says_so(session: Session, maker: int) -> None:
    b.place_name(session, maker, "新隆村", unit_code=CIZHU)
    found = verdict(session, "新隆村", unit=None)
    assert found.verdict == "refused"
    assert any("没有给出位置" in f.text.zh for f in found.findings if f.rule == "9(8)-scope")


def test_the_protected_name_is_not_changed(session: Session, maker: int) -> None:
    row = b.place_name(session, maker, "两路村", unit_code=XINGLONG)
    session.execute(
        text(
            "with l as (insert into protection_list (district, kind, batch, title, state, document, published_on)"
            " values ('500112', :kind, 1, '测试名录', 'published', '测试〔2020〕1号', '2020-01-01') returning id)"
            " insert into protection_entry (list_id, number, state, proposed_by)"
            " select id, :number, 'accepted', :maker from l"
        ),
        {"number": row.number, "maker": maker, "kind": "historic"},
    )
    found = verdict(session, "新隆村", replaces="两路村")
    assert [(f.rule, f.severity.value) for f in found.findings if f.rule == "25-protected"] == [
        ("25-protected", "error")
    ]


@pytest.mark.parametrize(
    "name", ["", "村" * 10_000, "兴\x00村", "兴\ud800村", "兴\u202e隆村", "%' or 1=1 --", "𠀀村", "A" * 60]
)
def test_odd_text_is_answered(session: Session, maker: int, name: str) -> None:
    proposal = Proposal(name, Category.COMMITTEE, XINGLONG)
    assert run(proposal, facts_for(session, proposal, at=ON)).verdict == "refused"


def test_a_new_reading_table_has_all_keys_made_anew(
    session: Session, maker: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    b.place_name(session, maker, "新隆村")
    naming_words.seed(session)
    name_shapes.fill(session)
    assert naming_words.seed(session) == 0 and not name_shapes.waiting(session)
    monkeypatch.setattr(naming_words, "_basis", lambda: "another")
    assert naming_words.seed(session) == 0 and name_shapes.waiting(session)


def test_statements_are_not_compiled_first(session: Session) -> None:
    """The costs of spatial functions invite a compiler that takes seconds for a statement of milliseconds."""
    assert session.scalar(text("show jit")) == "off"


@pytest.mark.parametrize("point", [(106.72, 29.845), (None, None)])
def test_built_up_areas_are_found_by_their_index(
    session: Session, maker: int, point: tuple[float | None, float | None]
) -> None:
    session.execute(
        text(
            "insert into built_up_area (code, name, source, geometry, valid, reason, made_by)"
            " select i, i, '测试', st_multi(st_makeenvelope(100 + i / 100.0, 29, 100.005 + i / 100.0, 29.005, 4490)),"
            " '[2000-01-01,)', '测试', :maker from generate_series(1, 500) i"
        ),
        {"maker": maker},
    )
    session.execute(text("analyze built_up_area"))
    plan = session.scalars(
        text("explain " + (Path(name_facts.__file__).parent / "name_place.sql").read_text(encoding="utf-8")),
        {"at": ON, "codes": [XINGLONG], "lon": point[0], "lat": point[1]},
    ).all()
    assert "built_up_area_geometry_gist" in "\n".join(plan)
    assert "Seq Scan on built_up_area" not in "\n".join(plan)


@pytest.fixture
def untouched(own_database: str) -> Iterator[Session]:
    """A session on a database in which nobody has entered words yet; other tests of this process may have in theirs."""
    with sessions("owner")() as made:
        yield made


def test_what_is_shipped_holds_where_nothing_was_entered_yet(untouched: Session) -> None:
    """One word and one threshold entered before the set-up do not take the others away."""
    session = untouched
    maker = b.person(session).id
    b.unit(session, maker, "500000", "重庆市", level="province", parent=None)
    b.small_district(session, maker)
    wide = Proposal("龙山大道", Category.STREET, XINGLONG, attributes={"width_m": 20})
    assert not naming_words.current_settings(session)
    assert "9(2)-generic" in met_rules(run(wide, facts_for(session, wide, at=ON)))
    row = {"generic": "花园", "category": "住宅区、楼宇", "attribute": "green_ratio", "value": "30", "unit": "%", "source": "试"}  # fmt: skip
    naming_words.put_setting(
        session, NamingSetting(kind="threshold", key=naming_words.threshold_key(row), value=row, reason="试")
    )
    naming_words.put_word(
        session,
        NamingWord(list="vulgar", word="龙山", kind="试", severity="warning", match="whole", source="试", reason="试"),
    )  # fmt: skip
    facts = facts_for(session, wide, at=ON)
    assert met_rules(run(wide, facts)) >= {"9(1)-meaning", "9(2)-generic"}
    assert {t["generic"]: t["value"] for t in facts.thresholds} == {
        "大道": "40", "花园": "30", "广场": "2000", "城": "200000",
    }  # fmt: skip
    paris = Proposal("巴黎路", Category.STREET, XINGLONG)
    assert run(paris, facts_for(session, paris, at=ON)).verdict == "refused"


def met_rules(verdict_: Verdict) -> set[str]:
    return {finding.rule for finding in verdict_.findings}
