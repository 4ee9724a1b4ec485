"""The life of a line over HTTP, and what the public and officers see of it at every step."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import shapely

from api.acts import inspect
from geo.store.engine import sessions
from geo.terms import UserRole
from tests import answers
from tests import builders as b
from tests.api.conftest import TestClient

LINES = "/api/v1/boundary-lines"
UPPER = f"{b.XINGLONG}-{b.CIZHU}"
OTHER = f"{b.TONGJING}-{b.DASHENG}"


@pytest.fixture(scope="module", autouse=True)
def as_of(module_database):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YUDI_AS_OF", "2024-12-31")
        yield


@pytest.fixture(scope="module")
def shapes(module_database) -> b.SmallDistrict:
    """The small district, committed; its outlines in use are public."""
    from geo import settings
    from geo.store import public

    with sessions("owner").begin() as session:
        shapes = b.small_district(session, b.user(session).id)
        public.refresh(session, settings.district(b.DISTRICT), settings.as_of())
        return shapes


def upload(client: Any, content: bytes) -> str:
    answer = client.post("/api/v1/submissions", files={"file": ("成果.zip", content)})
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def inspected(id: str, answer: answers.Answer) -> None:
    """The worker's part."""
    with sessions("app").begin() as session:
        work = inspect.begin(session, UUID(id), 1)
    with sessions("app").begin() as session:
        inspect.finish(session, work, answer)


def paper(client: Any, kind: str, *, signed: bool = False, number: bool = False) -> dict[str, Any]:
    kept = client.post("/api/v1/evidence", files={"file": (f"{kind}.pdf", f"%PDF-1.7 {kind}".encode())})
    assert kept.status_code == 201, kept.text
    assert kept.json()["media_type"] == "application/pdf"
    made: dict[str, Any] = {"kind": kind, "title": kind, "sha256": kept.json()["sha256"]}
    if signed:
        made["signed_by"] = [b.XINGLONG, b.CIZHU]
    if number:
        made |= {"number": "渝北府〔2024〕8号", "date": "2024-12-20"}
    return made


@pytest.fixture
def everyone(login_as, app, shapes):
    def new() -> Any:
        return TestClient(app)

    public = new()
    people = SimpleNamespace(
        surveyor=login_as(UserRole.SURVEYOR), reviewer=login_as(UserRole.REVIEWER), approver=login_as(UserRole.APPROVER),
        registrar=login_as(UserRole.REGISTRAR), public=public, shapes=shapes,
    )  # fmt: skip
    yield people
    public.close()


def positions(value: Any) -> set[tuple[float, float]]:
    """Every coordinate pair in a JSON value, at any depth."""
    found: set[tuple[float, float]] = set()

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            for item in part.values():
                walk(item)
        elif isinstance(part, list):
            if len(part) >= 2 and all(isinstance(x, int | float) for x in part[:2]):
                found.add((float(part[0]), float(part[1])))
            for item in part:
                walk(item)

    walk(value)
    return found


#: Everything that answers without a login.
OPEN = (
    LINES, f"{LINES}/{UPPER}", f"{LINES}/{UPPER}/history", "/api/v1/demarcation/progress", "/api/v1/markers",
    f"/api/v1/markers/{UPPER}001Q", f"/api/v1/markers?line={UPPER}", "/api/v1/admin-units?geometry=true", f"/api/v1/admin-units/{b.CIZHU}",
    "/api/v1/locate?lon=106.72&lat=29.85",
)  # fmt: skip


def seen_by(client: Any) -> str:
    return "\n".join(client.get(path).text for path in OPEN)


def near(text: str, exact: shapely.Geometry) -> int:
    """How many exact vertices, at 1e-6 degree (0.1 m), appear in an answer."""
    numbers = {f"{x:.6f},{y:.6f}" for part in text.split("\n") for x, y in positions(json.loads(part))}
    return sum(f"{x:.6f},{y:.6f}" in numbers for x, y in shapely.get_coordinates(exact))


def test_from_upload_to_the_public_map(everyone) -> None:
    """Accepting publishes nothing; only the step to settled, with its papers, does, and generalised."""
    shapes, approver, reviewer = everyone.shapes, everyone.approver, everyone.reviewer
    line = shapes.lines[UPPER]
    id = upload(everyone.surveyor, b"the correct delivery")
    inspected(
        id,
        answers.answer(
            [
                *answers.line_features(shapes),
                *answers.polygon_features(shapes),
                *answers.marker_features(shapes, UPPER),
            ]
        ),
    )

    seen = approver.get(f"/api/v1/submissions/{id}").json()
    assert seen["verdict"] == "accept" and set(seen["may"]) == {"accept", "return"}
    features = everyone.surveyor.get(f"/api/v1/submissions/{id}/features?role=lines").json()["features"]
    assert len(features) == 5 and features[0]["properties"]["role"] == "lines"
    difference = approver.get(f"/api/v1/submissions/{id}/diff").json()
    assert {d["code"] for d in difference["lines"]} == set(shapes.lines) and not difference["empty"]
    assert {d["state"] for d in difference["lines"]} == {"added"}

    body = {"reason": "合格", "version": seen["version"]}
    own = everyone.surveyor.post(f"/api/v1/submissions/{id}/accept", json=body)
    assert own.status_code == 403
    stale = approver.post(f"/api/v1/submissions/{id}/accept", json={**body, "version": seen["version"] + 7})
    assert stale.status_code == 409 and stale.json()["code"] == "stale"
    accepted = approver.post(f"/api/v1/submissions/{id}/accept", json=body)
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["state"] == "accepted" and accepted.json()["decision_reason"] == "合格"
    again = approver.post(
        f"/api/v1/submissions/{id}/accept", json={**body, "version": accepted.json()["version"]}
    )
    assert again.status_code == 409 and again.json()["code"] == "wrong-state"
    after = approver.get(f"/api/v1/submissions/{id}/diff").json()
    assert {d["code"] for d in after["lines"]} == set(shapes.lines), (
        "what the acceptance changed stays to be seen"
    )

    # Accepted, not settled: officers see it exactly, the public its state alone.
    officer = approver.get(f"{LINES}/{UPPER}").json()
    assert officer["state"] == "results_checked" and near(json.dumps(officer["geometry"]), line) == len(
        line.coords
    )
    assert "sign_agreement" in officer["may"] and "check_results" not in officer["may"]
    public = everyone.public.get(f"{LINES}/{UPPER}").json()
    assert public["state"] == "results_checked" and public["geometry"] is None and public["length_m"] is None
    assert not {"version", "may", "in_dispute", "inspection_due"} & set(public)
    for client in (everyone.public, everyone.surveyor):
        assert client.get("/api/v1/markers").json()["items"] == []
        assert client.get(f"/api/v1/markers/{UPPER}001Q").status_code == 404
        inner = shapely.LineString(line.coords[1:-1])
        assert near(seen_by(client), inner) == 0

    # The steps to settled, each with its papers.
    def step(client: Any, name: str, *papers: dict[str, Any], status: int = 200) -> dict[str, Any]:
        version = approver.get(f"{LINES}/{UPPER}").json()["version"]
        body = {"transition": name, "reason": "办理", "version": version, "evidence": list(papers)}
        answer = client.post(f"{LINES}/{UPPER}/transitions", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    agreement, drawing = (
        paper(reviewer, k, signed=True, number=True) for k in ("agreement", "agreement_map")
    )
    assert step(approver, "settle", status=409)["code"] == "wrong-state", "no skipping"
    missing = step(reviewer, "sign_agreement", agreement, status=409)
    assert missing["code"] == "guard-unmet" and "附图" in missing["title"]
    forged = {**agreement, "sha256": "0" * 64}
    assert step(reviewer, "sign_agreement", forged, drawing, status=422)["code"] == "bad-evidence"
    assert step(reviewer, "sign_agreement", agreement, drawing)["state"] == "agreement_signed"
    assert step(reviewer, "submit", paper(reviewer, "request"))["state"] == "submitted"
    approval = paper(approver, "approval", number=True)
    assert step(reviewer, "settle", approval, status=403)["code"] == "step-not-yours"
    settled = step(approver, "settle", approval)
    assert (
        settled["state"] == "settled"
        and settled["state_name"] == "已勘定"
        and settled["may"] == ["open_change", "set_dispute"]
    )

    # Settled: the public sees a generalised line and rounded markers; nothing exact anywhere.
    public = everyone.public.get(f"{LINES}/{UPPER}").json()
    assert public["state"] == "settled" and public["document"] == "渝北府〔2024〕8号"
    shown = shapely.LineString(public["geometry"]["coordinates"])
    assert 2 <= len(shown.coords) < len(line.coords)
    markers = everyone.public.get("/api/v1/markers").json()["items"]
    assert len(markers) == 4 and not any(m["exact"] for m in markers)
    for marker in markers:
        assert "height" not in marker and "accuracy_m" not in marker
        assert all(round(v, 3) == v for v in marker["geometry"]["coordinates"])
    for client in (everyone.public, everyone.surveyor):
        exact_markers = shapely.multipoints([line.coords[i] for i in (10, 20, 30)])
        assert near(seen_by(client), exact_markers) == 0
        assert near(seen_by(client), shapes.lines[OTHER]) <= 2, "the other lines' inner vertices stay hidden"
    exact = everyone.registrar.get("/api/v1/markers").json()["items"]
    assert all(m["exact"] and m["height"] == 420.5 for m in exact)
    assert near(json.dumps(exact), shapely.MultiPoint(list(line.coords)[::10])) == 4

    history = everyone.public.get(f"{LINES}/{UPPER}/history").json()
    assert [s["to_state"] for s in history["steps"]][-1] == "settled"
    assert not any({"actor", "reason", "evidence"} & set(s) for s in history["steps"])
    assert len(history["versions"]) == 1 and "made_by" not in history["versions"][0]
    full = approver.get(f"{LINES}/{UPPER}/history").json()
    assert [s["transition"] for s in full["steps"]] == ["check_results", "sign_agreement", "submit", "settle"]
    assert full["steps"][-1]["evidence"][0]["sha256"] == approval["sha256"]
    assert full["versions"][0]["submission_id"] == id

    progress = everyone.public.get("/api/v1/demarcation/progress").json()
    assert progress["target"] == 18 and progress["settled_in_year"] == 1
    counted = {s["state"]: s["count"] for s in progress["states"]}
    assert counted["settled"] == 1 and counted["results_checked"] == 4 and "in_dispute" not in progress
    assert approver.get("/api/v1/demarcation/progress").json()["in_dispute"] == 0


def test_papers_are_for_officers(everyone) -> None:
    kept = paper(everyone.reviewer, "request")
    url = f"/api/v1/evidence/{kept['sha256']}"
    answer = everyone.registrar.get(url)
    assert answer.content == b"%PDF-1.7 request"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert everyone.public.get(url).status_code == 401 and everyone.surveyor.get(url).status_code == 403
    assert everyone.registrar.get("/api/v1/evidence/" + "1" * 64).status_code == 404
    assert everyone.registrar.get("/api/v1/evidence/../../etc/passwd").status_code in (404, 422)


@pytest.mark.parametrize(
    "change",
    [
        {"reason": ""}, {"version": 0}, {"version": "x"}, {"transition": None}, {"evidence": [{"kind": "agreement", "sha256": "../x"}]},
        {"evidence": {}}, {"nonsense": 1}, {"on_date": "31.12.2024"}, {"evidence": [{"kind": "agreement", "date": "20241231"}]},
    ],
)  # fmt: skip
def test_malformed_steps_are_422(everyone, change) -> None:
    body = {"transition": "prepare", "reason": "办理", "version": 1, "evidence": []} | change
    answer = everyone.reviewer.post(f"{LINES}/{OTHER}/transitions", json=body)
    assert answer.status_code == 422 and answer.json()["code"] == "malformed"


def test_an_unknown_step_or_line_is_said(everyone) -> None:
    body = {
        "transition": "jump",
        "reason": "办理",
        "version": everyone.reviewer.get(f"{LINES}/{OTHER}").json()["version"],
    }
    answer = everyone.reviewer.post(f"{LINES}/{OTHER}/transitions", json=body)
    assert answer.status_code == 422 and answer.json()["code"] == "unknown-step"
    answer = everyone.reviewer.post(f"{LINES}/500112998-500112999/transitions", json=body)
    assert answer.status_code == 404 and answer.json()["code"] == "no-such-line"
    assert everyone.public.get(f"{LINES}/500112998-500112999").status_code == 404
    assert everyone.public.get(f"{LINES}/not-a-code").status_code == 422


def test_lists_filter_and_page(everyone) -> None:
    everything = everyone.public.get(LINES).json()
    codes = [line["code"] for line in everything["items"]]
    assert codes == sorted(everyone.shapes.lines) and everything["next"] is None
    seen: list[str] = []
    cursor = None
    while True:
        page = everyone.public.get(LINES, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [line["code"] for line in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == codes
    of_unit = everyone.public.get(LINES, params={"unit": b.CIZHU}).json()["items"]
    assert {line["code"] for line in of_unit} == {c for c in codes if b.CIZHU in c}
    before = everyone.public.get(LINES, params={"at": "1999-01-01"}).json()["items"]
    assert {line["state"] for line in before} == {"undemarcated"}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=x", "cursor=%%%", "cursor=abc", "state=nowhere", "unit=x", "at=yesterday", "cursor=" + "A" * 2000]
)  # fmt: skip
def test_wrong_queries_are_422(everyone, query) -> None:
    assert everyone.public.get(f"{LINES}?{query}").status_code == 422


def test_units_and_places(everyone) -> None:
    units = everyone.public.get(
        "/api/v1/admin-units", params={"level": "township", "parent": b.DISTRICT}
    ).json()
    assert [u["code"] for u in units["items"]] == sorted(b.NAMES) and units["items"][0]["geometry"] is None
    one = everyone.public.get(f"/api/v1/admin-units/{b.CIZHU}").json()
    assert one["current"]["name"] == "茨竹镇" and one["current"]["geometry"]["type"] == "MultiPolygon"
    assert one["versions"] and one["successions"] == []
    past = everyone.public.get(f"/api/v1/admin-units/{b.CIZHU}", params={"at": "1990-01-01"}).json()
    assert past["current"] is None and past["versions"]
    assert everyone.public.get("/api/v1/admin-units/500112999").status_code == 404
    place = everyone.public.get("/api/v1/locate", params={"lon": 106.78, "lat": 29.85}).json()
    assert place["township"]["name"] == "茨竹镇" and place["village"] is None
    assert [u["level"] for u in place["units"]][-1] == "township"
    nowhere = everyone.public.get("/api/v1/locate", params={"lon": 0, "lat": 0}).json()
    assert nowhere["units"] == [] and nowhere["township"] is None
    for query in ("lon=181&lat=0", "lon=nan&lat=0", "lon=0&lat=inf", "lon=0", "lon=x&lat=0"):
        assert everyone.public.get(f"/api/v1/locate?{query}").status_code == 422, query


def test_the_public_role_cannot_read_more(module_database) -> None:
    """The public's answers come from a database role that has no right to the exact records."""
    from sqlalchemy import text
    from sqlalchemy.exc import ProgrammingError

    for table in (
        "boundary_line",
        "boundary_marker",
        "admin_unit",
        "submission",
        "app_user",
        "login_session",
        "demarcation_step",
    ):
        with sessions("public")() as session, pytest.raises(ProgrammingError):
            session.execute(text(f"select * from public.{table}"))
