"""Sharing over HTTP: history by date, stable addresses in every format, bulk download with ETag."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import sqlite3
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range

from api import name_files
from geo.names.categories import Category
from geo.store import names, search_forms
from geo.store.engine import sessions
from geo.store.tables import NameSuccession
from geo.terms import NameStatus
from tests import builders as b

NASTY = '</script>{{7*7}}<img src=x onerror="alert(1)">'


@pytest.fixture(scope="module")
def register(module_database: str) -> dict[str, int]:
    with sessions("app").begin() as session:
        maker = b.person(session).id
        b.unit(session, maker, "500112", "渝北区", level="county", parent="50")
        b.unit(session, maker, "500112113", "兴隆镇")
        old = b.place_name(
            session, maker, "月影湖社区", valid=Range(date(1950, 1, 1), date(2020, 6, 30), bounds="[)")
        )
        b.place_name(
            session, maker, "月影湖社区", number=old.number, place_id=old.place_id, status=NameStatus.FORMER,
            valid=Range(date(2020, 6, 30), None, bounds="[)"),
        )  # fmt: skip
        new = b.place_name(
            session, maker, "月隐湖社区", place_id=old.place_id, point=(106.6, 29.8),
            valid=Range(date(2020, 6, 30), None, bounds="[)"),
        )  # fmt: skip
        nasty = b.place_name(session, maker, NASTY, Category.OTHER, meaning=NASTY, point=(106.61, 29.81))
        secret = b.place_name(session, maker, "某某站", Category.FACILITY, facts={"secrecy": "秘密"})
        names.succeed(
            session,
            NameSuccession(
                from_number=old.number, to_number=new.number, kind="renamed", on_date=date(2020, 6, 30),
                source="年度名录", made_by=maker,
            ),
        )  # fmt: skip
        search_forms.refresh(session, [r.number for r in (old, new, nasty, secret)])
        return {
            "place": old.place_id, "old": old.number, "new": new.number, "nasty": nasty.number,
            "secret": secret.number, "secret_place": secret.place_id,
        }  # fmt: skip


def test_what_was_it_called(client: Any, register: dict[str, int]) -> None:
    path = f"/api/v1/places/{register['place']}"
    for at, name in (("1950-06-01", "月影湖社区"), ("2024-01-01", "月隐湖社区")):
        given = client.get(path, params={"at": at}).json()
        assert given["called"]["name"] == name and given["called"]["must_be_used"] and not given["gone"]
    before = client.get(path, params={"at": "1949-01-01"}).json()
    assert before["called"] is None and before["known_since"] == "1950-01-01"
    assert [u["name"] for u in before["moves"][-1]["units"]] == ["渝北区", "兴隆镇"]


def test_the_chain(client: Any, register: dict[str, int]) -> None:
    given = client.get(f"/api/v1/place-names/{register['new']}/chain").json()
    assert [(x["from_name"], x["kind"], x["to_name"], x["source"]) for x in given["links"]] == [
        ("月影湖社区", "renamed", "月隐湖社区", "年度名录")
    ]


def test_names_that_are_gone(client: Any, register: dict[str, int]) -> None:
    given = client.get("/api/v1/vanished-names", params={"at": "2024-01-01"}).json()
    assert [v["name"] for v in given["items"]] == ["月影湖社区"] and given["next"] is None
    assert client.get("/api/v1/vanished-names", params={"status": "vanished"}).json()["items"] == []
    assert client.get("/api/v1/vanished-names", params={"status": "nonsense"}).status_code == 422


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "text/html"),
        ("*/*", "text/html"),
        ("application/ld+json", "application/ld+json"),
        ("application/json", "application/ld+json"),
        ("application/geo+json", "application/geo+json"),
        ("text/html;q=0.1, application/geo+json", "application/geo+json"),
        ("application/ld+json;q=x, text/html", "text/html"),
        ("nonsense", "text/html"),
    ],
)
def test_the_stable_address_speaks_every_format(
    client: Any, register: dict[str, int], accept: str, media: str
) -> None:
    answer = client.get(f"/places/{register['place']}", headers={"Accept": accept})
    assert answer.status_code == 200 and answer.headers["content-type"].split(";")[0] == media
    assert "Accept" in answer.headers["vary"]
    if media != "text/html":
        body = answer.json()
        feature = body if media == "application/geo+json" else body["features"][0]
        assert feature["@id"].endswith(f"/places/{register['place']}")
        assert {n["toponym"] for n in feature["names"]} >= {"月影湖社区", "月隐湖社区"}


def test_a_name_is_data_on_the_page(client: Any, register: dict[str, int]) -> None:
    answer = client.get(f"/names/{register['nasty']}")
    assert answer.status_code == 200
    assert "<img src=x" not in answer.text and "&lt;img" in answer.text and "{{7*7}}" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/names/{secret}", "/places/{secret_place}", "/names/999999", "/places/0", f"/names/{10**30}",
        "/api/v1/places/999999", "/api/v1/place-names/{secret}/chain", "/api/v1/place-names/{secret}.lpf.json",
        "/places/{place}/pictures/" + "0" * 64,
    ],
)  # fmt: skip
def test_what_is_not_public_is_not_found(client: Any, register: dict[str, int], path: str) -> None:
    assert client.get(path.format(**register)).status_code == 404


def test_one_place_in_linked_places(client: Any, register: dict[str, int]) -> None:
    answer = client.get(f"/api/v1/place-names/{register['new']}.lpf.json", params={"at": "2024-12-31"})
    assert answer.headers["content-type"] == "application/ld+json"
    feature = answer.json()["features"][0]
    assert feature["properties"]["title"] == "月隐湖社区"
    assert feature["when"]["timespans"][0] == {"start": {"in": "1950-01-01"}, "end": {"in": "2020-06-29"}}


def fetch(client: Any, kind: str) -> Any:
    return client.get(f"/api/v1/place-names/download.{kind}", params={"at": "2024-12-31"})


def test_csv(client: Any, register: dict[str, int]) -> None:
    answer = fetch(client, "csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    found = {value for row in rows for value in row.values()}
    assert {"月隐湖社区", "月影湖社区", NASTY} <= found and "某某站" not in found


def test_geojson(client: Any, register: dict[str, int]) -> None:
    given = json.loads(fetch(client, "geojson").content)
    assert given["attribution"].startswith("资料：") and given["date"] == "2024-12-31"
    points = {f["properties"]["name"]: f["geometry"] for f in given["features"]}
    assert points["月隐湖社区"]["coordinates"] == [106.6, 29.8] and "某某站" not in points


def test_geopackage(client: Any, register: dict[str, int], tmp_path: Path) -> None:
    path = tmp_path / "names.gpkg"
    path.write_bytes(fetch(client, "gpkg").content)
    with sqlite3.connect(path) as file:
        found = {row[0] for row in file.execute("select name from place_names")}
    file.close()
    assert "月隐湖社区" in found and "某某站" not in found


def test_linked_places(client: Any, register: dict[str, int]) -> None:
    given = json.loads(fetch(client, "lpf.json").content)
    titles = [f["properties"]["title"] for f in given["features"]]
    assert sorted(titles) == sorted(["月隐湖社区", NASTY])


@pytest.mark.parametrize("kind", ["csv", "geojson", "gpkg", "lpf.json"])
def test_who_has_it_gets_304_until_the_register_changes(
    client: Any, register: dict[str, int], kind: str
) -> None:
    first = fetch(client, kind)
    path = f"/api/v1/place-names/download.{kind}"
    again = client.get(
        path, params={"at": "2024-12-31"}, headers={"If-None-Match": f"W/{first.headers['etag']}"}
    )
    assert again.status_code == 304 and again.content == b""
    with sessions("app").begin() as session:
        row = b.place_name(session, b.person(session).id, "新来村")
        search_forms.refresh(session, [row.number])
    changed = client.get(path, params={"at": "2024-12-31"}, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200 and changed.headers["etag"] != first.headers["etag"]


def test_who_waits_for_a_file_that_another_has_made_holds_no_connection_and_is_told(
    client: Any, register: dict[str, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("YUDI_VAR", str(tmp_path))
    monkeypatch.setattr(name_files, "PATIENCE", 0.2)
    (tmp_path / "downloads").mkdir()
    held: list[int] = []
    real = name_files.one_at_a_time

    def waiting(lock: Path) -> Any:
        held.append(sum(state != "idle" for state in states()))
        return real(lock)

    def states() -> list[str]:
        with sessions("owner")() as session:
            asked = "select coalesce(state, '') from pg_stat_activity where usename = 'yudi_public' and datname = current_database()"
            return [str(s) for s in session.scalars(text(asked))]

    monkeypatch.setattr(name_files, "one_at_a_time", waiting)
    with (tmp_path / "downloads" / "geojson.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        answer = client.get("/api/v1/place-names/download.geojson", params={"at": "1991-01-01"})
    assert answer.status_code == 503 and answer.json()["code"] == "being-made" and held == [0]
    assert int(answer.headers["Retry-After"]) > 0


def test_only_so_many_dates_are_kept_and_only_so_many_made_for_one_address(
    client: Any, register: dict[str, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("YUDI_VAR", str(tmp_path))
    monkeypatch.setattr(name_files, "KEPT", 3)
    monkeypatch.setattr(name_files, "GRACE", 0)
    path = "/api/v1/place-names/download.csv"
    statuses = [client.get(path, params={"at": f"1990-01-{day:02}"}).status_code for day in range(1, 31)]
    assert statuses[:4] == [200] * 4 and statuses[-1] == 429
    kept = sorted(file.name[:8] for file in (tmp_path / "downloads").glob("*.csv"))
    last = statuses.count(200)
    assert kept == [f"199001{day:02}" for day in range(last - 2, last + 1)], "the last asked for"
    assert client.get(path, params={"at": f"1990-01-{last:02}"}).status_code == 200, (
        "what is there costs nothing"
    )


def test_a_file_that_is_being_sent_is_not_tidied_away(
    client: Any, register: dict[str, int], tmp_path: Path
) -> None:
    """Another process makes the file of a newer state between the answer's decision and its sending."""
    for name, minutes in (("old-1-a.csv", 30), ("just-1-a.csv", 0), ("new-2-a.csv", 0)):
        (tmp_path / name).write_text("x", encoding="utf-8")
        os.utime(tmp_path / name, (time.time() - 60 * minutes,) * 2)
    name_files.tidy(tmp_path, "csv", "2")
    assert {path.name for path in tmp_path.iterdir()} == {"just-1-a.csv", "new-2-a.csv"}
    os.utime(tmp_path / "just-1-a.csv", (time.time() - 1800,) * 2)
    assert name_files.in_use(tmp_path / "just-1-a.csv") and not name_files.in_use(tmp_path / "gone.csv")
    name_files.tidy(tmp_path, "csv", "2")
    assert (tmp_path / "just-1-a.csv").exists(), "who asks for it keeps it"


def test_another_format_is_refused(client: Any) -> None:
    assert client.get("/api/v1/place-names/download.exe").status_code == 422


def test_the_page_of_open_data(client: Any) -> None:
    answer = client.get("/names/data")
    assert answer.status_code == 200
    for kind in ("csv", "geojson", "gpkg", "lpf.json"):
        assert f"download.{kind}" in answer.text
