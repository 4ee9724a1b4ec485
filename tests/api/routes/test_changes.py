"""The change feed: its replay gives the public register, whatever was done, and no cursor skips a change."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from geo.store import changes, engine, versions
from geo.store.tables import PlaceName
from geo.terms import NameStatus
from tests import builders as b

START = date(2000, 1, 1)
VIEW = "select version, number, name, status, lower(valid) as valid_from, upper(valid) as valid_to, importance from published.place_name_version"
PLAIN = "select number, name, status, lower(valid) as valid_from, upper(valid) as valid_to, importance from published.place_name"


def replayed(pages: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """The register as who follows the feed has it."""
    held: dict[int, dict[str, Any]] = {}
    for item in pages:
        if item["action"] == "end":
            held.pop(item["version"], None)
        elif item["record"] is not None:
            held[item["version"]] = item["record"]
    return held


def all_changes(session: Any, limit: int) -> list[dict[str, Any]]:
    position, met = (0, 0), []
    while True:
        page = changes.after(session, position, limit)
        met += page[:limit]
        if len(page) <= limit:
            return met
        position = (page[limit - 1]["change_set"], page[limit - 1]["id"])


STEP = st.tuples(
    st.sampled_from(["enter", "change", "announce", "end", "secret", "rollback"]),
    st.integers(0, 5),
    st.integers(0, 400),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=1, max_size=10), limit=st.integers(1, 4))
def test_the_replay_is_the_view(module_database: str, steps: Any, limit: int) -> None:
    with engine.sessions("app")() as session:
        maker = b.user(session).id
        session.commit()
        numbers: list[int] = []
        for what, which, days in steps:
            since = b.since(START + timedelta(days=days))
            number = numbers[which % len(numbers)] if numbers else None
            if what == "enter" or number is None:
                status = NameStatus.APPROVED if which == 0 else NameStatus.STANDARD
                numbers.append(
                    b.place_name(
                        session, maker, f"村{days}", status=status, point=(106.7, 29.8), valid=since
                    ).number
                )
            elif what == "end":
                versions.end(session, PlaceName, number, START + timedelta(days=days))
            else:
                facts = {"secrecy": "x"} if what == "secret" else {}
                b.place_name(
                    session, maker, f"村{days}新", number=number, valid=since, facts=facts, importance=which
                )
            if what == "rollback":
                session.rollback()
                numbers = [n for n in numbers if session.get(PlaceName, n) or True]
            else:
                session.commit()
    with engine.sessions("public")() as session:
        held = replayed(all_changes(session, limit))
        view = {row["version"]: dict(row) for row in session.execute(text(VIEW)).mappings()}
        assert held.keys() == view.keys()
        for version, row in view.items():
            assert {k: held[version][k] for k in row if k != "version"} == {
                k: v for k, v in row.items() if k != "version"
            }
        plain = sorted(map(str, (dict(r) for r in session.execute(text(PLAIN)).mappings())))
        assert (
            sorted(
                str({k: r[k] for k in ("number", "name", "status", "valid_from", "valid_to", "importance")})
                for r in held.values()
            )
            == plain
        )


def test_a_cursor_skips_no_transaction_that_ends_later(module_database: str) -> None:
    """The one that began first ends last: its change comes after the cursor, not before it."""
    with (
        engine.sessions("app")() as early,
        engine.sessions("app")() as late,
        engine.sessions("public")() as reader,
    ):
        maker = b.user(early).id
        early.commit()
        position = (0, 0)
        while page := changes.after(reader, position, 500)[:500]:
            position = (page[-1]["change_set"], page[-1]["id"])
        b.place_name(early, maker, "先始村")
        b.place_name(late, maker, "后始村")
        late.commit()
        reader.rollback()
        first = changes.after(reader, position, 10)
        assert [c["record"]["name"] for c in first] == ["后始村"]
        position = (first[-1]["change_set"], first[-1]["id"])
        early.commit()
        reader.rollback()
        assert [c["record"]["name"] for c in changes.after(reader, position, 10)] == ["先始村"]


def test_over_http_page_by_page(client: Any, module_database: str, committed: Any) -> None:
    maker = b.user(committed).id
    row = b.place_name(committed, maker, "页页村", point=(106.7, 29.8))
    committed.commit()
    b.place_name(committed, maker, "页页新村", number=row.number, valid=b.since(date(2020, 1, 1)))
    committed.commit()
    met, since = [], None
    while True:
        answer = client.get(
            "/api/v1/changes", params={"limit": 2, **({"since": since} if since else {})}
        ).json()
        met += answer["items"]
        since = answer["next"]
        if not answer["more"]:
            break
    mine = [(c["action"], (c["record"] or {}).get("name")) for c in met if c["number"] == row.number]
    assert mine == [("add", None), ("end", None), ("version", "页页村"), ("version", "页页新村")]
    assert met[-1]["record"]["geometry"] is None and met[-2]["record"]["geometry"]["type"] == "Point"
    again = client.get("/api/v1/changes", params={"since": since}).json()
    assert again == {"items": [], "next": since, "more": False}


@pytest.mark.parametrize("since", ["x", "IjEi", "MQ", "IjEuMi4zIg", "Ii0xLjIi", "%00"])
def test_another_cursor_is_refused(client: Any, module_database: str, since: str) -> None:
    answer = client.get("/api/v1/changes", params={"since": since})
    assert answer.status_code == 422 and answer.json()["code"] == "bad-cursor"


def test_nobody_writes_the_feed(module_database: str) -> None:
    with engine.sessions("app")() as session:
        for statement in (
            "insert into published.change_set default values", "update published.change set action = 'end'",
            "delete from published.map_name", "select yudi_change_set()", "insert into published.map_shape (layer) values ('x')",
        ):  # fmt: skip
            with pytest.raises(Exception, match="permission denied") as refusal:
                session.execute(text(statement))
            assert isinstance(refusal.value.__cause__, psycopg.errors.InsufficientPrivilege)
            session.rollback()
