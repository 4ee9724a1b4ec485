"""Who approves, who applies, what is handed in: the settings tables."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from geo.approvals import rows
from geo.approvals.applicants import (
    ApplicantKind,
    Standing,
    applicants_for,
    kinds_of,
    names_of_kinds,
    standing,
)
from geo.approvals.authority import (
    EXTENT_NAMES,
    ROUTE_NAMES,
    Extent,
    NoAuthority,
    Route,
    authority_for,
)
from geo.approvals.materials import contents, demands, missing, requirements, titles, uncovered
from geo.names.categories import Category as C
from geo.settings import district
from geo.terms import ApplicationAction as A

ON = date(2026, 11, 28)
YUBEI = district("500112")


def authority(category, action=A.NAMING, extent=Extent.DISTRICT, on=ON):
    return authority_for(category, action, extent, on, YUBEI)


@pytest.mark.parametrize(("category", "action", "extent"), list(product(C, A, Extent)))
def test_every_case_has_an_approving_body(category, action, extent):
    found = authority(category, action, extent)
    assert found.body.zh and found.body.en and "{" not in found.body.zh + found.body.en
    assert found.announcer.zh and found.source
    assert found.sure or found.note, "a row that is not sure says why"


@pytest.mark.parametrize(
    ("category", "extent", "route", "body"),
    [
        (C.STREET, Extent.DISTRICT, Route.DECIDE, "渝北区人民政府"),
        (C.STREET, Extent.ACROSS, Route.CONSULT, "重庆市人民政府"),
        (C.TOWNSHIP, Extent.DISTRICT, Route.CONSULT, "重庆市人民政府"),
        (C.SUBDISTRICT, Extent.DISTRICT, Route.CONSULT, "重庆市人民政府"),
        (C.COUNTY_UP, Extent.DISTRICT, Route.CONSULT, "国务院"),
        (C.NATURAL, Extent.NATION, Route.CONSULT, "国务院"),
        (C.COMMITTEE, Extent.DISTRICT, Route.DECIDE, "渝北区人民政府"),
        (C.ESTATE, Extent.DISTRICT, Route.CONSULT, "渝北区住房和城乡建设主管部门"),
        (C.FACILITY, Extent.DISTRICT, Route.CONSULT, "设施主管部门"),
        (C.PARK, Extent.DISTRICT, Route.FILE, "城市公园、自然保护地主管部门"),
    ],
)
def test_the_category_decides_the_route(category, extent, route, body):
    found = authority(category, extent=extent)
    assert (found.route, found.body.zh) == (route, body)


def test_a_department_asks_first_and_files_here():
    estate = authority(C.ESTATE)
    assert estate.consults.zh == "渝北区民政局" == estate.announcer.zh and estate.announced_here
    assert estate.files_with.zh == "渝北区民政局"
    street = authority(C.STREET)
    assert street.files_with.zh == "重庆市人民政府"
    assert not authority(C.TOWNSHIP).announced_here


def test_what_the_text_leaves_open_is_marked():
    assert not authority(C.STREET).sure and "市辖区" in authority(C.STREET).note
    assert authority(C.STREET, extent=Extent.ACROSS).sure and authority(C.ESTATE).sure


def test_before_the_regulation_there_is_no_row():
    with pytest.raises(NoAuthority) as caught:
        authority(C.STREET, on=date(2022, 4, 30))
    assert "街路巷" in caught.value.text.zh and "Naming" in caught.value.text.en


def test_a_row_ends_where_another_begins(monkeypatch):
    old, new = dict(rows.read("authority.csv")[0]), dict(rows.read("authority.csv")[0])
    old["valid_to"], new["valid_from"], new["route"] = "2026-12-31", "2027-01-01", "consult"
    monkeypatch.setattr(rows, "read", lambda name: (old, new))
    assert authority(C.NATURAL).route is Route.DECIDE
    assert authority(C.NATURAL, on=date(2027, 1, 1)).route is Route.CONSULT


def test_every_extent_and_route_has_a_name():
    assert set(EXTENT_NAMES) == set(Extent) and set(ROUTE_NAMES) == set(Route)


@pytest.mark.parametrize(
    ("category", "action", "kinds"),
    [
        (C.NATURAL, A.NAMING, {"township"}),
        (C.COMMITTEE, A.NAMING, {"township"}),
        (C.NATURAL_VILLAGE, A.RENAMING, {"committee", "township"}),
        (C.PARK, A.NAMING, {"builder"}),
        (C.PARK, A.RENAMING, {"township"}),
        (C.STREET, A.NAMING, {"builder", "township"}),
        (C.STREET, A.RENAMING, {"township"}),
        (C.TOWNSHIP, A.RENAMING, {"government"}),
    ],
)
def test_who_may_apply(category, action, kinds):
    assert {k.value for k in applicants_for(category, action, ON).kinds} == kinds


@pytest.mark.parametrize(("category", "action"), list(product(C, A)))
def test_somebody_may_apply_for_everything_and_a_citizen_may_suggest_it(category, action):
    found = applicants_for(category, action, ON)
    assert found.kinds and found.source and ApplicantKind.CITIZEN not in found.kinds
    assert standing(ApplicantKind.CITIZEN, category, action, ON) is Standing.SUGGESTION


def test_what_an_organisation_may_apply_as():
    assert kinds_of("township") == (ApplicantKind.TOWNSHIP,)
    assert ApplicantKind.BUILDER in kinds_of("firm") and ApplicantKind.TOWNSHIP not in kinds_of("firm")
    assert set(names_of_kinds()) == set(ApplicantKind)
    assert kinds_of("nothing") == ()


def kinds_missing(category, action, kinds=(), form=None, **more):
    return [need.kind for need in missing(category, action, kinds=kinds, form=form or {}, **more)]


def test_everything_missing_is_named_at_once():
    assert kinds_missing(C.STREET, A.NAMING) == ["proposal", "basic_facts"]
    assert kinds_missing(C.STREET, A.ABOLITION) == ["basic_facts", "abolition_reasons"]
    assert kinds_missing(C.TOWNSHIP, A.RENAMING) == [
        "proposal", "basic_facts", "letter", "division_facts", "risk_report", "expert_report", "comment_report",
        "map_before", "map_change",
    ]  # fmt: skip


def test_form_fields_do_instead_of_a_file_and_blanks_do_not():
    form = {"reasons": "新建道路", "position": "…", "size": "长 800 米", "nature": "  "}
    assert kinds_missing(C.STREET, A.NAMING, form=form) == ["basic_facts"]
    assert kinds_missing(C.STREET, A.NAMING, form={**form, "nature": "城市支路"}) == []
    assert kinds_missing(C.STREET, A.NAMING, kinds={"basic_facts"}, form=form) == []


def test_a_listed_name_needs_measures_and_experts():
    full = {"reasons": "x", "position": "x", "size": "x", "nature": "x"}
    assert kinds_missing(C.STREET, A.RENAMING, form=full) == []
    assert kinds_missing(C.STREET, A.RENAMING, form=full, protected=True) == ["protection_measures"]
    assert "expert" in demands(C.STREET, A.RENAMING, protected=True).required
    assert "expert" not in demands(C.STREET, A.RENAMING).required


def test_the_reports_of_other_names_are_made_in_the_review():
    needs = {n.kind: n for n in requirements(C.STREET, A.NAMING)}
    assert needs["expert_report"].demanded and needs["other"].optional
    of_division = {n.kind: n for n in requirements(C.TOWNSHIP, A.NAMING)}
    assert not of_division["expert_report"].demanded and of_division["expert_report"].report == "expert"


@pytest.mark.parametrize(("category", "action"), list(product(C, A)))
def test_consultations_of_every_case(category, action):
    found = demands(category, action)
    assert not found.required & found.may and found.source and (found.sure or found.note)
    if category in (C.COUNTY_UP, C.TOWNSHIP):
        assert found.required == {"opinion", "expert", "comment", "assessment"} and found.sure


def test_a_report_covers_what_the_measures_ask():
    assert [t.zh for t in contents("assessment").values()] == [
        "合法性", "可行性", "可控性", "社会影响", "风险", "应对措施",
    ]  # fmt: skip
    assert len(contents("expert")) == 5 and len(contents("comment")) == 3 and not contents("nothing")
    assert [t.en for t in uncovered("comment", {"process": "网站公示 30 日", "opinions": " "})] == [
        "Main opinions", "How they were handled",
    ]  # fmt: skip
    assert titles()["map_before"].zh == "变更前的行政区域图"
