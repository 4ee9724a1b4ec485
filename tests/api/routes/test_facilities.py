"""Facilities over HTTP, on the demonstration: who may see and change what, what is near, what is withheld."""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError

from api import care, nearby
from api.acts import edit_areas, enter_figures, import_facilities, import_names
from api.app import create_app
from api.security.sessions import person_of
from api.security.settings import DoorSettings
from geo.settings import district
from geo.store import facilities as store
from geo.store import people, streets, versions
from geo.store.engine import sessions
from geo.store.tables import Facility
from geo.terms import UserRole
from tests.api.conftest import TestClient
from tests.demonstration import Loaded, settings_of_the_demonstration
from tests.demonstration import demo_database as demo_database
from tests.demonstration import demonstration as demonstration

ROOT = "/api/v1/facilities"
AT, DISTRICT = date(2024, 12, 31), "500112"
REST = f"/maps/elderly-care/rest?at={AT}&lang=zh"
VAR = Path(__file__).resolve().parents[3] / "var"
ELDERCARE = Path(__file__).resolve().parents[4] / "shared" / "data" / "eldercare"


@pytest.fixture(scope="module")
def site(demo_database: str, demonstration: Loaded) -> Iterator[Any]:
    with settings_of_the_demonstration():
        yield create_app(settings=DoorSettings(login_burst=1000, login_per_minute=6000))


@pytest.fixture(scope="module")
def clients(site: Any, demonstration: Loaded) -> Iterator[dict[str, Any]]:
    """A client for each of the accounts that matter here, and one for nobody."""
    words = {a.login: a.password for a in demonstration.accounts}
    made = {}
    with TestClient(site) as nobody:
        made[""] = nobody
        for login in ("facility", "operator", "surveyor"):
            answer = nobody.post(
                "/api/v1/sessions", json={"user": login, "password": words[login], "kind": "token"}
            )
            made[login] = TestClient(site, headers={"Authorization": f"Bearer {answer.json()['token']}"})
        yield made


@pytest.fixture
def session(site: Any) -> Iterator[Any]:
    with sessions("app")() as made:
        yield made


def editor(session: Any) -> Any:
    return person_of(people.users_with(session, UserRole.FACILITY_EDITOR, DISTRICT)[0], DISTRICT)


def some(kind: str, **more: Any) -> Any:
    with sessions("public")() as public:
        return next(
            f
            for f in store.facilities(public, AT, district=DISTRICT, kind_codes=[kind])
            if f.status.value == "open"
        )


def test_the_list_has_filters_and_pages(clients: dict[str, Any]) -> None:
    first = clients[""].get(ROOT, params={"limit": 5}).json()
    again = clients[""].get(ROOT, params={"limit": 5, "cursor": first["next"]}).json()
    assert len(first["items"]) == 5 and first["items"][-1]["number"] < again["items"][0]["number"]
    market = clients[""].get(ROOT, params={"mode": "market"}).json()["items"]
    assert market and all(m["mode_name"] == "赶集食堂" and "赶集日" in m["hours_says"] for m in market)
    homes = clients[""].get(ROOT, params={"kind": "E01", "unit": "500112"}).json()["items"]
    assert (
        homes and {h["kind"] for h in homes} == {"E01"} and all(h["beds"] >= h["nursing_beds"] for h in homes)
    )
    assert clients[""].get(ROOT, params={"group": "nothing"}).json() == {"items": [], "next": None}
    assert {k["code"] for k in clients[""].get(ROOT + "/kinds").json()} >= {"E01", "E15", "S02", "P01"}
    reported = {h["vacancies"]["fresh"] for h in homes if h["vacancies"]}
    assert reported == {True, False} and any(
        h["vacancies"] is None for h in homes
    )  # fresh, old, and stale: hidden


def test_nothing_private_is_given_out(clients: dict[str, Any]) -> None:
    text_ = json.dumps(clients[""].get(ROOT, params={"limit": 500}).json(), ensure_ascii=False)
    assert "internal" not in text_ and "疏散通道" not in text_ and '"version": 0' not in text_
    hidden = clients[""].get(ROOT, params={"kind": "S02"}).json()["items"][0]
    assert hidden["lon"] is None and hidden["address"] is None and hidden["restricted"]
    number = some("E01").number
    for path in ("history", "inspections"):
        assert clients[""].get(f"{ROOT}/{number}/{path}").status_code == 401
        assert clients["operator"].get(f"{ROOT}/{number}/{path}").status_code == 403
    assert "疏散通道" in clients["facility"].get(f"{ROOT}/{number}/inspections").text


def test_near_is_there_and_back_and_the_slow_reach_less(clients: dict[str, Any]) -> None:
    start = some("E02")
    body = {"lon": start.lon, "lat": start.lat, "minutes": 15, "area": True, "limit": 200}
    elder = clients[""].post(ROOT + "/nearby", json=body).json()
    assert elder["method"] == "network" and "0.9" in elder["parameters"] and elder["streets"]["demo"]
    assert elder["items"][0]["number"] == start.number and elder["items"][0]["minutes"] == 1
    assert [i["minutes"] for i in elder["items"]] == sorted(i["minutes"] for i in elder["items"])
    assert all(i["minutes"] == max(i["minutes_there"], i["minutes_back"]) <= 15 for i in elder["items"])
    assert elder["area"]["type"] in ("Polygon", "MultiPolygon") and elder["lines"]
    cane = clients[""].post(ROOT + "/nearby", json=body | {"profile": "cane"}).json()
    carer = clients[""].post(ROOT + "/nearby", json=body | {"profile": "carer"}).json()
    numbers = [{i["number"] for i in a["items"]} for a in (cane, elder, carer)]
    assert numbers[0] <= numbers[1] <= numbers[2] and len(numbers[2]) > 1
    off = clients[""].post(ROOT + "/nearby", json={"lon": 107.9, "lat": 29.9, "area": True}).json()
    assert off["method"] == "straight" and "直线" in off["says"] and off["items"] == []


def test_a_position_is_in_no_address_and_no_log(clients: dict[str, Any], caplog: Any, capfd: Any) -> None:
    with caplog.at_level(logging.DEBUG):
        clients[""].post(ROOT + "/nearby", json={"lon": 106.543217, "lat": 29.765432})
        program = clients[""].get(ROOT + "/nearby", params={"lon": 106.543217, "lat": 29.765432})
    browser = clients[""].get(
        ROOT + "/nearby", params={"lon": 106.543217, "lat": 29.765432}, headers={"Sec-Fetch-Mode": "cors"}
    )
    assert program.status_code == 200 and browser.status_code == 422
    assert browser.json()["code"] == "position-in-address"
    said = " ".join(r.getMessage() for r in caplog.records if not r.name.startswith("http"))
    said += "".join(capfd.readouterr())
    assert "106.5432" not in said and "29.7654" not in said


@pytest.mark.parametrize("bad", [{"lon": 200, "lat": 0}, {"lon": 106, "lat": 29, "minutes": 600}, {"lon": "x", "lat": 1},
                                 {"lon": 106, "lat": 29, "profile": "car"}, {"lat": 29}])  # fmt: skip
def test_bad_questions_are_refused(clients: dict[str, Any], bad: dict[str, Any]) -> None:
    assert clients[""].post(ROOT + "/nearby", json=bad).status_code == 422


def test_comparison_of_two_to_six(clients: dict[str, Any]) -> None:
    found = [i["number"] for i in clients[""].get(ROOT, params={"kind": "E01"}).json()["items"]][:7]
    good = clients[""].get(ROOT + "/compare", params={"number": found[:3]}).json()
    assert len(good["items"]) == 3 and all(len(r["values"]) == 3 for r in good["rows"])
    assert any(r["label"] == "价格" and r["differs"] for r in good["rows"])
    for wrong in (found[:1], found[:7], [found[0], found[0]]):
        assert clients[""].get(ROOT + "/compare", params={"number": wrong}).status_code == 422


def test_coverage_withholds_small_numbers_and_adds_up(clients: dict[str, Any]) -> None:
    out = clients[""].get(ROOT + "/coverage").json()
    assert 0 < out["district"]["share"] < 1 and out["demo"] and out["elders_on"] == "2024-12-31"
    hidden = [c for c in out["communities"] if c["withheld"]]
    assert hidden and all(c["elders"] is None and c["covered"] is None for c in hidden)
    shown = [c for c in out["communities"] if not c["withheld"]]
    assert all(not 0 < n < 10 for c in shown for n in (c["elders"], c["covered"], c["elders"] - c["covered"]))
    by_township: dict[str, int] = {}
    for c in hidden:
        by_township[c["code"][:9]] = by_township.get(c["code"][:9], 0) + 1
    assert all(n >= 2 for n in by_township.values())
    total = sum(t["covered"] for t in out["townships"] if not t["withheld"])
    assert abs(total - out["district"]["covered"]) <= len(out["townships"])
    longer = clients[""].get(ROOT + "/coverage", params={"minutes": 30}).json()
    assert longer["district"]["covered"] > out["district"]["covered"]


def test_the_best_sites_are_for_editors_and_proved(clients: dict[str, Any]) -> None:
    assert clients[""].get(ROOT + "/sites").status_code == 401
    out = clients["facility"].get(ROOT + "/sites", params={"count": 3}).json()
    assert out["proven"] and len(out["sites"]) == 3 and out["gained"] >= out["greedy_gained"] > 0
    assert out["bound"] >= out["gained"] and out["cost_of_greed"] == out["gained"] - out["greedy_gained"]


def test_figures_and_areas(clients: dict[str, Any]) -> None:
    rows = {f["figure"]: f for f in clients[""].get(ROOT + "/figures").json()}
    assert rows["family_care_beds"]["value"] >= 500 and rows["family_care_beds"]["reached"] is True
    assert rows["model_canteens"]["target_most"] == 5
    after = clients[""].get(ROOT + "/areas", params={"at": "2024-12-31"}).json()["features"]
    before = clients[""].get(ROOT + "/areas", params={"at": "2024-01-01"}).json()["features"]
    assert {f["properties"]["kind"] for f in after} == {"cremation"} and len(after) == len(before) == 121


def test_the_page_of_areas_shows_before_and_after(clients: dict[str, Any]) -> None:
    before = clients[""].get("/facilities/areas?at=2024-06-30", headers={"Accept": "text/html"}).text
    after = clients[""].get("/facilities/areas?at=2024-07-01", headers={"Accept": "text/html"}).text
    assert "土葬改革区（调整前）" in before and "火葬区（调整后）" not in before
    assert (
        "火葬区（调整后）" in after
        and "共 6 个镇街、12 个村、121 个组" in after
        and "演示文件（虚构）" in after
    )
    for page in (before, after):
        assert "/facilities/areas?at=2024-06-30" in page and "/facilities/areas?at=2024-07-01" in page


def test_an_answer_in_english_has_its_words(clients: dict[str, Any]) -> None:
    start = some("E02")
    answer = clients[""].post(ROOT + "/nearby", json={"lon": start.lon, "lat": start.lat}).json()
    assert "Elder" in answer["parameters_en"] and answer["says_en"] == "By the street network"
    page = clients[""].get("/maps/elderly-care?lang=en", headers={"Accept": "text/html"}).text
    assert "Elderly care map" in page and "Near me" in page and "Canteens and meal points" in page
    clients[""].get("/maps/elderly-care?lang=zh")


def test_the_leaflet_comes_as_pdf_and_keeps_no_position(clients: dict[str, Any]) -> None:
    start = some("E02")
    made = clients[""].post(
        "/facilities/leaflet", data={"lon": start.lon, "lat": start.lat, "minutes": 15, "profile": "cane"}
    )
    assert (
        made.status_code == 200
        and made.content.startswith(b"%PDF")
        and made.headers["Cache-Control"] == "no-store"
    )
    assert clients[""].post("/facilities/leaflet", data={"lon": "x"}).status_code == 422
    for endless in ("inf", "1e999", "nan"):
        asked = {"lon": start.lon, "lat": start.lat, "minutes": endless}
        assert clients[""].post("/facilities/leaflet", data=asked).status_code == 422
    assert (
        clients[""].post("/facilities/leaflet", data={"lon": 500, "lat": 0, "minutes": 15}).status_code == 422
    )


@pytest.mark.parametrize("name", ["..", "/", "名" * 300 + ".csv", "a\x00b.csv", "", "../../x.csv"])
def test_whatever_a_file_is_called_it_is_a_table_or_said_to_be_none(
    clients: dict[str, Any], name: str
) -> None:
    kept = set(VAR.glob("*"))
    for body in (b"", "名称,类型\n某站,E02\n".encode()):
        answer = clients["facility"].post(
            "/facilities/import", data={"dry": "1"}, files={"file": (name, body, "text/csv")}
        )
        assert answer.status_code in (200, 422) and "<h1>" in answer.text
        if not body or not name:
            assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert set(VAR.glob("*")) == kept


def test_an_operator_reports_for_its_own_facilities_only(clients: dict[str, Any], session: Any) -> None:
    own = store.facilities(session, AT, district=DISTRICT, officer=True)
    mine = next(f for f in own if f.operator_id is not None and f.beds)
    other = next(f for f in own if f.operator_id is None and f.beds)
    report = {"vacancies": 2, "nursing_vacancies": 1, "notice": "今天停水"}
    assert "今天停水" not in clients[""].get(REST).text
    assert clients["operator"].post(f"{ROOT}/{mine.number}/reports", json=report).status_code == 201
    seen = clients[""].get(f"{ROOT}/{mine.number}").json()
    assert seen["vacancies"]["vacancies"] == 2 and seen["vacancies"]["fresh"] and seen["notice"] == "今天停水"
    assert "今天停水" in clients[""].get(REST).text  # what is kept is made anew
    refused = clients["operator"].post(f"{ROOT}/{other.number}/reports", json=report)
    assert refused.status_code == 403 and refused.json()["code"] == "not-your-facility"
    assert clients["surveyor"].post(f"{ROOT}/{mine.number}/reports", json=report).status_code == 403
    too_many = clients["operator"].post(
        f"{ROOT}/{mine.number}/reports", json={"vacancies": (mine.beds or 0) + 1}
    )
    assert too_many.status_code == 422
    hours = {"hours": "每天 08:00-20:00", "version": mine.version, "reason": "冬季时间"}
    assert clients["operator"].post(f"{ROOT}/{mine.number}/hours", json=hours).status_code == 200
    assert clients[""].get(f"{ROOT}/{mine.number}").json()["hours_says"] == "每天 08:00–20:00"
    stale = clients["operator"].post(f"{ROOT}/{mine.number}/hours", json=hours)
    assert stale.status_code == 409
    given = {"operator": mine.operator_id, "version": other.version, "reason": "委托运营"}
    assert clients["operator"].post(f"{ROOT}/{other.number}/operator", json=given).status_code == 403
    assert (
        clients["facility"]
        .post(f"{ROOT}/{other.number}/operator", json=given | {"operator": 10**9})
        .status_code
        == 422
    )
    assert clients["facility"].post(f"{ROOT}/{other.number}/operator", json=given).status_code == 200
    assert clients["operator"].post(f"{ROOT}/{other.number}/reports", json=report).status_code == 201
    fields = {"fields": {"name": "改名"}, "reason": "x", "version": mine.version}
    assert clients["operator"].patch(f"{ROOT}/{mine.number}", json=fields).status_code == 403


def test_an_editor_enters_changes_and_keeps_every_version(clients: dict[str, Any]) -> None:
    near = some("E06")
    fields = {"name": "新开的社区食堂", "kind": "老年食堂", "mode": "社区+食堂", "hours": "每天 11:00-13:00", "phone": "023-00009999",
              "lon": f"{near.lon:.6f}", "lat": f"{near.lat:.6f}"}  # fmt: skip
    made = clients["facility"].post(ROOT, json={"fields": fields, "reason": "验收合格"})
    assert made.status_code == 201 and made.headers["Location"] == f"{ROOT}/{made.json()['number']}"
    number, version = made.json()["number"], made.json()["version"]
    seen = clients[""].get(f"{ROOT}/{number}").json()
    assert seen["unit_code"] == near.unit_code and not seen["demo"]  # found by where it lies
    change = {"fields": {"hours": "每天 10:30-13:30", "beds": ""}, "reason": "延长", "version": version}
    after = clients["facility"].patch(f"{ROOT}/{number}", json=change)
    assert after.status_code == 200
    assert clients["facility"].patch(f"{ROOT}/{number}", json=change).status_code == 409
    kept = clients["facility"].get(f"{ROOT}/{number}/history").json()
    assert [v["reason"] for v in kept] == ["延长", "验收合格"] and kept[1]["closed"] is not None
    inside = {"on": "2024-12-20", "kind": "食品安全", "says": "冷藏温度合格"}
    assert clients["facility"].post(f"{ROOT}/{number}/inspections", json=inside).status_code == 201
    assert "冷藏" not in clients[""].get(f"{ROOT}/{number}").text
    for bad in ({"kind": "家庭养老床位"}, {"phone": "13800138000"}, {"hours": "随便"}, {"name": ""}):
        assert clients["facility"].post(ROOT, json={"fields": fields | bad, "reason": "x"}).status_code == 422
    assert clients["surveyor"].post(ROOT, json={"fields": fields, "reason": "x"}).status_code == 403


def brought(session: Any, path: Path, **more: Any) -> Any:
    with import_names.read(path, path.name) as table:
        return import_facilities.bring_in(
            session, editor(session), table, file=path.name, unit_of=more.pop("unit_of", care.unit_finder(session, DISTRICT, AT)),
            **more,
        )  # fmt: skip


def test_a_file_is_brought_in_bad_rows_apart_and_found_again(session: Any, tmp_path: Path) -> None:
    near = some("E06")
    rows = [
        ("编号", "机构名称", "类别", "地址", "联系电话", "经度", "纬度", "床位数", "开放时间"),
        (
            "T-1",
            "甲养老院",
            "养老机构",
            "甲路 1 号",
            "023-00001111",
            f"{near.lon}",
            f"{near.lat}",
            "80",
            "24小时",
        ),
        ("T-2", "乙食堂", "食堂", "", "", f"{near.lon}", f"{near.lat}", "", "逢1、4、7 07:00-13:00"),
        ("T-3", "丙", "飞机场", "", "13900000000", "116.4", "39.9", "许多", "随便"),
        ("T-1", "甲养老院", "养老机构", "", "", f"{near.lon}", f"{near.lat}", "", ""),
        ("T-4", "=cmd|' /C calc'!A0", "公墓", "", "", "", "", "", ""),
    ]
    path = tmp_path / "设施.csv"
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    path.write_bytes(out.getvalue().encode("gb18030"))
    done, mapping = brought(session, path, box=district().box)
    assert (done.rows, done.new, done.refused) == (5, 2, 3)
    assert mapping["name"] == "机构名称" and mapping["beds"] == "床位数"
    columns = {p.column for p in done.problems if p.row == 4}
    assert {"类别", "联系电话", "床位数", "开放时间", "经度"} <= columns
    again, _ = brought(session, path, box=district().box)
    assert (again.new, again.changed) == (0, 0) and again.unchanged == 2
    one = store.by_code(session, "T-1")
    assert one is not None and one.unit_code == near.unit_code and one.geometry_source == "imported"
    session.rollback()


def test_many_rows_take_few_statements(session: Any, tmp_path: Path) -> None:
    """Ten thousand rows are brought in while the page waits: never by a statement a row, new or changed."""
    near = some("E06")
    path = tmp_path / "设施.csv"

    def write(beds: str) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(
                [("名称", "类别", "经度", "纬度", "床位数", "开放时间"),
                 *((f"试验{i}", "老年食堂", near.lon, near.lat, beds if i % 2 else "", "24小时") for i in range(500))]
            )  # fmt: skip

    asked: list[str] = []

    def note(*of: Any) -> None:
        asked.append(of[2])

    event.listen(session.get_bind(), "before_cursor_execute", note)
    for beds, counts in (("12", (500, 0, 0)), ("12", (0, 0, 500)), ("13", (0, 250, 250))):
        write(beds)
        asked.clear()
        # The township is found by where each lies.
        done, _ = brought(session, path, box=district().box)
        assert (done.new, done.changed, done.unchanged) == counts, done.problems[:3]
        assert len(asked) < 60, "a statement a row"
    event.remove(session.get_bind(), "before_cursor_execute", note)
    numbers = session.scalars(select(Facility.number).where(Facility.name == "试验1")).all()
    assert len(set(numbers)) == 1
    now, before = store.history(session, numbers[0])
    assert now.beds == 13 and before.beds == 12 and before.recorded.upper == now.recorded.lower
    assert now.geometry_source == "imported" and now.valid.lower and now.recorded.upper is None
    assert now.geometry is not None and now.unit_code == near.unit_code
    assert now.hours and now.facts == {} and now.services == []
    session.rollback()


def test_one_import_at_a_time_and_no_edit_under_it(session: Any) -> None:
    """An edit made while a file is brought in is neither overwritten by what the import read before it, nor lost."""
    number = some("E06").number
    versions.all_for_change(session, Facility)
    with sessions("app")() as other:
        other.execute(text("set local lock_timeout = '200ms'"))
        with pytest.raises(OperationalError):
            store.current(other, number, lock=True)
        other.rollback()
        other.execute(text("set local lock_timeout = '200ms'"))
        with pytest.raises(OperationalError):
            versions.all_for_change(other, Facility)
        other.rollback()
        session.rollback()
        assert store.current(other, number, lock=True).number == number
        other.rollback()


def test_the_unit_of_many_places_is_the_unit_of_each(session: Any) -> None:
    """Few places are asked for one by one, many by the outlines: the same answer, outside and inside."""
    shown = [f for f in store.facilities(session, AT, district=DISTRICT) if f.lon is not None][:40]
    places = [(f.lon, f.lat) for f in shown] + [(116.4, 39.9)]
    many = care.unit_finder(session, DISTRICT, AT)
    found = [many("", place) for place in places]
    assert found == [care.unit_finder(session, DISTRICT, AT)("", place) for place in places]
    assert len(set(found)) > 5 and found[-1] is None


@pytest.mark.parametrize(
    ("name", "kind", "least"),
    [("tp_homes.csv", "E01", 85), ("tp_day_care.csv", "E09", 12), ("jp_nursing_home.xlsx", "E01", 10)],
)  # fmt: skip
def test_real_lists_come_in_and_no_row_is_dropped_silently(
    session: Any, name: str, kind: str, least: int
) -> None:
    path = ELDERCARE / name
    if not path.exists():
        pytest.skip(f"real data not here: {name}")
    done, _ = brought(session, path, kind=kind, unit_of=lambda word, place: "500112001")
    assert done.new + done.changed + done.unchanged + done.refused == done.rows
    assert done.new >= least, done.problems[:5]
    assert done.refused == len({p.row for p in done.problems})
    session.rollback()


def test_monthly_figures_from_a_table(session: Any, tmp_path: Path) -> None:
    path = tmp_path / "月报.csv"
    path.write_text(
        '指标,镇街,月份,数值\n居家养老上门服务,兴隆镇,2024-12,"1,250"\n家庭养老床位,没有镇,2024-12,3\n不认识,兴隆镇,2024年11月,1\n',
        encoding="utf-8",
    )
    before = {t.figure.code: t.value for t in care.totals(session, DISTRICT, AT)}
    with import_names.read(path, path.name) as table:
        done = enter_figures.bring_in(
            session, editor(session), table, file=path.name, names=care.townships(session, DISTRICT, AT)
        )
    assert (done.new, done.refused) == (1, 2)
    code = next(c for c, n in care.townships(session, DISTRICT, AT).items() if n == "兴隆镇")
    rows = {(f, u, m): v for f, u, m, v, _ in store.figures(session, DISTRICT, date(2024, 12, 1), AT)}
    assert rows["home_visits", code, date(2024, 12, 1)] == 1250  # the last entry of a month counts
    assert (
        before["home_visits"]
        != {t.figure.code: t.value for t in care.totals(session, DISTRICT, AT)}["home_visits"]
    )
    session.rollback()


def test_areas_take_the_place_of_what_was_in_force(session: Any) -> None:
    import shapely

    before = store.policy_areas(session, DISTRICT, AT)[0]
    shape = shapely.box(106.5, 29.6, 106.51, 29.61)
    rows = [(before["code"], "某组", before["unit_code"], shape)]
    edit_areas.bring_in_areas(
        session, editor(session), rows, kind="cremation", document="渝北府发〔2025〕1号", on=date(2025, 3, 1)
    )
    at = {
        d: next(a for a in store.policy_areas(session, DISTRICT, d) if a["code"] == before["code"])
        for d in (AT, date(2025, 3, 1))
    }
    assert at[AT]["name"] == before["name"] and at[date(2025, 3, 1)]["name"] == "某组"
    with pytest.raises(edit_areas.BadArea):
        edit_areas.bring_in_communities(
            session, editor(session), [("50011200", "x", 5, shape)], on=AT, source="x"
        )
    with pytest.raises(edit_areas.BadArea):
        edit_areas.bring_in_communities(
            session, editor(session), [("500112001001", "x", -5, shape)], on=AT, source="x"
        )
    session.rollback()


def test_lifts_are_shut_at_night_by_their_own_hours(session: Any) -> None:
    state = streets.newest(session, DISTRICT)
    assert state is not None
    shut = nearby.closed_ways(state, datetime(2024, 12, 26, 2, 0))
    network = streets.network(state.sha256)
    assert shut and {network.hours[way] for way in shut} == {"每天 06:00-23:00"}
    assert nearby.closed_ways(state, datetime(2024, 12, 26, 12, 0)) == frozenset()


def test_every_act_is_on_the_audit_chain(session: Any) -> None:
    acts = set(session.scalars(text("select act from audit_event where subject_kind = 'facility'")))
    assert {"enter", "change", "report", "set_hours", "inspect"} <= acts


def test_the_map_fetches_its_list_beside_the_page(clients: dict[str, Any]) -> None:
    """All of it, packed, and who has it already gets 304."""
    nobody = clients[""]
    page = nobody.get(f"/maps/elderly-care?at={AT}", headers={"Accept": "text/html"})
    assert page.text.count('class="care-item"') == 60 and len(page.text) < 150_000
    assert REST.partition("?")[0] in page.text and page.headers["cache-control"] == "no-store"
    found = nobody.get(REST)
    total = found.json()["list"].count('class="care-item"')
    assert total > 300 and f"{total} 处" in page.text
    assert (
        found.headers["cache-control"] == "public, max-age=60" and found.headers["content-encoding"] == "gzip"
    )
    again = nobody.get(REST, headers={"If-None-Match": found.headers["etag"]})
    # A minute may have gone by, in which something opened.
    assert again.status_code == 304 or again.headers["etag"] != found.headers["etag"]
    assert nobody.get(REST, headers={"Accept-Encoding": "identity"}).json()["units"]
