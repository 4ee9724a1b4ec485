"""Every rule against its table of cases, and what holds for all of them."""

from __future__ import annotations

import csv
import gzip
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.names import words
from geo.names.categories import Category
from geo.names.rules.catalogue import Case, NameRule
from geo.names.rules.document import document
from geo.names.rules.proposal import Existing, Facts, Proposal, Scope, existing_names
from geo.names.rules.run import discover, judge, run
from geo.settings import ROOT
from geo.terms import Severity

REAL = ROOT.parent / "shared" / "data" / "codes"
CASES = [(r, c) for r in discover() for c in r.cases]
_WEIGHT = {Severity.ERROR: 3, Severity.WARNING: 2, Severity.INFO: 1}
CONTRACT = set(
    "9-structure 9(1)-meaning 9(2)-generic 9(3)-characters 9(4)-person 9(4)-leader 9(5)-foreign 9(6)-company "
    "9(7)-duplicate 9(7)-homophone 9(8)-duplicate 9(8)-homophone 9(9)-division 9(10)-facility 10-renaming "
    "25-protected".split()
)


def verdict(name: str, category: Category, existing: str = "", facts: Facts | None = None) -> str:
    base = facts or Facts()
    return run(Proposal(name, category), replace(base, existing=existing_names(existing, category))).verdict


@pytest.mark.parametrize(
    ("rule", "case"), CASES, ids=[f"{r.code}-{c.name}-{i}" for i, (r, c) in enumerate(CASES)]
)
def test_cases(rule: NameRule, case: Case) -> None:
    proposal = Proposal(case.name, case.category, replaces=case.replaces, attributes=case.attributes)
    facts = Facts(existing=existing_names(case.existing, case.category))
    found = [f for f in judge(proposal, facts) if f.rule == rule.code]
    assert max((f.severity for f in found), key=_WEIGHT.__getitem__, default=None) == case.severity
    assert all(f.text.zh and f.text.en and f.article for f in found)
    # What is no quotation is said in English.
    assert not [f.text.en for f in found if re.search("[一-鿿]", re.sub("“[^”]*”", "", f.text.en))]
    off = judge(proposal, replace(facts, off=frozenset({rule.code})))
    assert not [f for f in off if f.rule == rule.code], "the switch works"


def test_the_rules_are_those_of_the_contract() -> None:
    assert {r.code for r in discover()} >= CONTRACT
    assert all(r.cases and r.source for r in discover())


def test_the_page_of_rules_is_current() -> None:
    page = (ROOT / "docs" / "naming-rules.md").read_text("utf-8")
    assert page == document(), "run: python -m geo.names.rules.document > docs/naming-rules.md"


def test_every_list_row_has_a_source_and_is_found_whole() -> None:
    for kind, rows in words.word_lists().items():
        for word in rows:
            assert word.source and word.kind, (kind, word)
            assert rows.find(word.text)[0].stands == "whole"


@pytest.mark.parametrize("name", ["新村", "龙兴镇", "兴隆村", "木耳村"])
def test_suggestions_pass_every_rule(name: str) -> None:
    facts = Facts(existing=existing_names(name, Category.COMMITTEE))
    answer = run(Proposal(name, Category.COMMITTEE), facts)
    assert answer.verdict == "refused"
    assert answer.suggestions
    for other in answer.suggestions:
        assert run(Proposal(other, Category.COMMITTEE), facts).verdict == "fits"


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("李强公园", Category.PARK), ("支付宝广场", Category.PARK), ("奥地利湖", Category.NATURAL), ("大道", Category.STREET),
        ("科大讯飞区", Category.COUNTY_UP), ("邪教镇", Category.TOWNSHIP), ("ABC", Category.COMMITTEE), ("8号", Category.ESTATE),
    ],
)  # fmt: skip
def test_where_nothing_of_a_name_can_stay_a_seemly_one_is_suggested(name: str, category: Category) -> None:
    answer = run(Proposal(name, category), Facts())
    assert answer.verdict == "refused" and len(answer.suggestions) == 5
    assert all(run(Proposal(other, category), Facts()).verdict == "fits" for other in answer.suggestions)


def test_suggestions_give_way_when_all_modifiers_are_taken() -> None:
    taken = ";".join(f"{before}兴隆村" for before in ("", *"东西南北上下大小"))
    facts = Facts(existing=existing_names(taken, Category.COMMITTEE))
    assert run(Proposal("兴隆村", Category.COMMITTEE), facts).suggestions


def test_a_traditional_name_is_suggested_in_standard_characters() -> None:
    assert "龙兴村" in run(Proposal("龍興村", Category.COMMITTEE), Facts()).suggestions


def test_a_demoted_word_no_longer_refuses() -> None:
    lists = words.word_lists()
    softer = words.WordList(
        replace(w, severity=Severity.WARNING) if w.text == "巴黎" else w for w in lists["foreign"]
    )
    facts = Facts(words={**lists, "foreign": softer})
    assert verdict("巴黎花园", Category.ESTATE) == "refused"
    assert verdict("巴黎花园", Category.ESTATE, facts=facts) == "doubtful"


def test_near_sounds_have_a_switch() -> None:
    existing = existing_names("南山路", Category.STREET)
    proposal = Proposal("蓝山路", Category.STREET)
    assert [f.severity for f in judge(proposal, Facts(existing))] == [Severity.INFO]
    assert not judge(proposal, Facts(existing, near_sounds=False))


def test_protected_with_measures_is_for_a_person() -> None:
    facts = Facts(existing_names("[保护名录]两路村", Category.COMMITTEE))
    proposal = Proposal("新隆村", Category.COMMITTEE, replaces="两路村", measures_attached=True)
    assert run(proposal, facts).verdict == "doubtful"


@pytest.mark.parametrize(
    ("category", "prefix", "expected"),
    [
        (Category.COMMITTEE, "", "refused"),
        (Category.COMMITTEE, "[同县]", "refused"),
        (Category.COMMITTEE, "[外建成区]", "refused"),
        (Category.COMMITTEE, "[外县]", "fits"),
        (Category.COMMITTEE, "[外省]", "fits"),
        (Category.TOWNSHIP, "[同省]", "refused"),
        (Category.TOWNSHIP, "[外县]", "refused"),
        (Category.TOWNSHIP, "[全国]", "fits"),
        (Category.STREET, "[同建成区]", "refused"),
        (Category.STREET, "[外建成区]", "fits"),
        (Category.COUNTY_UP, "[外省]", "refused"),
    ],
)
def test_scopes(category: Category, prefix: str, expected: str) -> None:
    generic = {"村委会、居委会所在地": "村", "乡镇": "镇", "街路巷": "路", "县级以上行政区划": "区"}[category]
    assert verdict(f"渝龙{generic}", category, f"{prefix}渝龙{generic}") == expected


HAN = st.text(alphabet="兴隆龙山石桥梨树坪长安重双凤木耳新大", min_size=2, max_size=3)


@settings(max_examples=60, deadline=None)
@given(HAN, st.lists(HAN, max_size=4), st.randoms())
def test_the_order_and_what_lies_outside_never_change_the_verdict(
    name: str, others: list[str], random
) -> None:
    proposal = Proposal(name + "村", Category.COMMITTEE)
    existing = [Existing(o + "村", Category.COMMITTEE) for o in others]
    before = run(proposal, Facts(tuple(existing)))
    apart = [Existing(o + "村", Category.COMMITTEE, apart=Scope.COUNTY) for o in (*others, name)]
    unrelated = Existing("飕飗村", Category.COMMITTEE)
    shuffled = [*existing, *apart, unrelated]
    random.shuffle(shuffled)
    after = run(proposal, Facts(tuple(shuffled)))
    assert after.verdict == before.verdict
    assert sorted(f.rule for f in after.findings) == sorted(f.rule for f in before.findings)


BAD = [
    "",
    " ",
    "龙" * 10_000,
    "😀村",
    "龙\u0000村",
    "龙\u202e村",
    "龙\u0007村",
    "ＡＢ村",
    "龙％村",
    "\u0378村",
    "'; DROP TABLE x;--",
    "龙\ud800村",
    "𠀀村",
    "村",
    "龙{0}村",
]


@pytest.mark.parametrize("name", BAD, ids=[ascii(b)[:20] for b in BAD])
@pytest.mark.parametrize("category", list(Category))
def test_bad_input_gets_a_clear_answer(name: str, category: Category) -> None:
    answer = run(Proposal(name, category), Facts(existing_names("兴隆村", category)))
    assert answer.verdict in ("refused", "doubtful")
    for finding in answer.to_json()["findings"]:
        assert finding["message"].isprintable()


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=12), st.sampled_from(list(Category)))
def test_no_text_fails(name: str, category: Category) -> None:
    assert run(Proposal(name, category), Facts()).verdict in ("fits", "doubtful", "refused")


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        pytest.skip(f"no {path.name} beside the repository")
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_real_township_names_are_not_refused() -> None:
    """Han-language townships of Chongqing and every 40th of the nation."""
    rows = _rows(REAL / "china" / "china_township_names_2015_2023.csv.gz")
    real = [r["name"] for i, r in enumerate(rows) if r["code"].startswith("50") or i % 40 == 0]
    kinds = {"镇": Category.TOWNSHIP, "乡": Category.TOWNSHIP, "街道": Category.SUBDISTRICT}
    refused = []
    for name in real:
        kind = next((k for end, k in kinds.items() if name.endswith(end)), None)
        if kind is None:
            continue
        answer = run(Proposal(name, kind), Facts(), suggestions=0)
        refused += [(name, f.rule) for f in answer.findings if f.severity is Severity.ERROR]
    # Towns named before the regulation after a famous feature or site are what 9(9) no longer allows.
    assert len([r for r in refused if r[1] != "9(9)-division"]) <= 0.002 * len(real), refused
    assert len(refused) <= 0.01 * len(real), refused


def test_verdicts_of_a_table_written_from_the_articles() -> None:
    """Names judged by the articles, most before the rules were run: lawful ordinary ones, unlawful, doubtful."""
    with Path(__file__).with_name("verdicts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 500 and sum(r["expected"] == "fits" for r in rows) > 250
    wrong = []
    for row in rows:
        category = Category(row["category"])
        facts = Facts(existing_names(row["existing"], category))
        answer = run(Proposal(row["name"], category), facts, suggestions=0).verdict
        if answer != row["expected"]:
            wrong.append((row["name"], row["existing"], row["expected"], answer))
    assert not wrong


def test_lists_can_come_from_the_rows_of_a_store() -> None:
    rows = []
    for kind in words.KINDS:
        with (words.PLACE / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
            rows += [{"list": kind, **row} for row in csv.DictReader(file)]
    softer = [{**r, "severity": "warning"} if r["word"] == "巴黎" else r for r in rows]
    facts = Facts(words=words.lists_from(softer))
    assert verdict("巴黎花园", Category.ESTATE, facts=facts) == "doubtful"
    without = [r for r in rows if r["word"] != "巴黎"]
    assert verdict("巴黎花园", Category.ESTATE, facts=Facts(words=words.lists_from(without))) == "fits"
    with pytest.raises(ValueError, match="use one of"):
        words.lists_from([{**rows[0], "list": "cities"}])
    with pytest.raises(ValueError, match="lacks its word or source"):
        words.lists_from([{**rows[0], "source": ""}])
