"""docs/checks.md says what the rules say, and the rules are the whole catalogue."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from geo.checks.document import catalogue, page, tolerance_keys
from geo.checks.titles import title
from geo.findings import Rule
from geo.settings import ROOT, Tolerances
from geo.terms import Profile, Severity

#: The contract of codes: everything of the catalogue but what needs papers or earlier surveys.
CODES = [
    *(f"UP{n:02}" for n in range(1, 16)), *(f"EN{n:02}" for n in range(1, 7)), *(f"CR{n:02}" for n in range(1, 9)),
    *(f"GE{n:02}" for n in range(1, 15)), *(f"TP{n:02}" for n in range(1, 17)),
    *(f"MK{n:02}" for n in (1, 2, 3, 4, 5, 6, 7, 9)), *(f"AT{n:02}" for n in range(1, 8)),
]  # fmt: skip
RULES = list(catalogue())


def test_the_catalogue_is_whole() -> None:
    assert [r.code for r in RULES] == sorted(CODES)


def test_the_page_is_current() -> None:
    written = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    assert written == page(), "make it again: python -m geo.checks.document > docs/checks.md"


def test_the_readme_says_how_many_checks_there_are() -> None:
    said = re.findall(r"(\d+) checks \(\[docs/checks\.md\]", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert said == [str(len(RULES))]


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)
def test_every_rule_says_what_and_how_to_mend_it_in_both_languages(rule: Rule) -> None:
    assert all((rule.message.zh, rule.message.en, rule.remedy.zh, rule.remedy.en, rule.source))
    assert re.search(r"[\u4e00-\u9fff]", rule.message.zh) and re.search(r"[\u4e00-\u9fff]", rule.remedy.zh)
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"[“(（].*?[”)）]", "", rule.message.en)), rule.message.en
    assert title(rule.code).zh and title(rule.code).en


def test_profiles_of_the_catalogue() -> None:
    for rule in RULES:
        generic = rule.severity_in(Profile.GENERIC)
        if rule.code.startswith("TP"):
            assert generic in (Severity.WARNING, Severity.INFO, None), rule.code
        if rule.code.startswith("AT") or rule.code == "CR08":
            assert generic is None, rule.code
        if rule.code.startswith("MK"):
            assert generic in (Severity.WARNING, None), rule.code


def test_every_tolerance_is_some_checks() -> None:
    used = {key for keys in tolerance_keys().values() for key in keys}
    assert used == {f.name for f in fields(Tolerances)}


def test_a_check_is_in_the_file_of_its_code() -> None:
    for rule in RULES:
        if rule.check is not None:
            module = rule.check.__module__.rsplit(".", 1)[-1]
            assert module.startswith(rule.code.lower()), module
            assert Path(ROOT, "geo", "checks", f"{module}.py").exists()
