"""The officers' queue and a case page among a hundred thousand cases, beside one indexed query.

    ./yudi bench cases

The pages are whole requests of a reviewer who is logged in, in this process: gate, session, questions, rules, map, template,
compression. All sides go through the same pool, as the application's role, in turns. A tenth of the cases is open; each
has eight steps, three clocks and two opinions. The database is made on the server of YUDI_DATABASE_URL under a
name of its own and dropped at the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import random
import statistics
import time
from typing import Any

import psycopg
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from api.app import create_app
from api.security.sessions import cookie_name, open_session
from api.security.settings import DoorSettings
from benchmarks.measure import ROOT, Comparison, report
from geo.store import engine as engines
from geo.store import people
from geo.store.engine import libpq, with_driver
from geo.store.migrate import upgrade
from geo.terms import UserRole

CASES = 100_000
ROUNDS, WARM = 300, 20
DATABASE = "yudi_bench_cases"
DISTRICT = "500112"
AT_MOST = 10.0

FILL = (
    "alter table place_name_application disable trigger user",
    "alter table application_step disable trigger user",
    """insert into place_name_application (ref, number, district, action, category, state, version, name, unit_code,
        geometry, form, applicant_kind, applicant_id, organisation_id, contact_name, contact_phone, route, body,
        submitted_at, due, result_number, findings)
    select gen_random_uuid(), '500112-2026-' || (100000 + i), '500112', 'naming', '街路巷', s.state, 8, '路' || i, '500112106',
        st_setsrid(st_makepoint(106.5 + (i % 1000) * 0.0004, 29.6 + (i / 1000) * 0.004), 4490),
        '{"reasons": "便于群众出行", "position": "北起甲路", "size": "长1千米", "nature": "支路"}', 'township', :person, :home,
        '经办人', '13800000000', 'decide', '区人民政府', now() - make_interval(days => i % 700),
        case when s.open then date '2026-01-01' + i % 700 end,
        case when s.state in ('approved', 'closed') then i end,
        '{"verdict": "fits", "findings": [], "suggestions": []}'
    from generate_series(1, :cases) i,
        lateral (select case when i % 10 > 0 then 'closed'
            else (array['submitted', 'supplement', 'accepted', 'review', 'reviewed', 'approved'])[1 + i / 10 % 6] end,
            i % 10 = 0) s (state, open)""",
    """insert into application_step (application_id, version, transition, from_state, to_state, actor_id, role, reason)
    select a.id, v, 'report', 'review', a.state, :person, 'reviewer', '依据充分' from place_name_application a,
        generate_series(1, 8) v""",
    """insert into application_clock (application_id, limit_id, unit, days, starts, due, stopped)
    select a.id, l, 'working', 20, date '2026-01-05', a.due, case when a.due is null then date '2026-01-20' end
    from place_name_application a, unnest(array['DL-4', 'DL-5', 'DL-7']) l""",
    """insert into application_opinion (application_id, kind, says, made_by)
    select a.id, k, '无不同意见', :person from place_name_application a, unnest(array['opinion', 'review']) k""",
    "analyze",
)  # fmt: skip


def fill(engine: Engine) -> str:
    """A hundred thousand cases, and the token of the reviewer who looks at them."""
    with Session(engine) as session:
        home = people.organisation(session, "民政局", kind="department", unit_code=DISTRICT, demo=False)
        user = people.add_user(
            session, login="reviewer", name="审核员", organisation=home, password_hash=None,
            roles={UserRole.REVIEWER}, district=DISTRICT, demo=False,
        )  # fmt: skip
        for statement in FILL:
            given = {"person": user.id, "home": home.id, "cases": CASES}
            session.execute(text(statement), {k: v for k, v in given.items() if f":{k}" in statement})
        opened = open_session(session, user, kind="cookie", settings=DoorSettings.from_environment())
        session.commit()
        return opened.token


async def get(app: Any, token: str, path: str) -> tuple[int, int]:
    """One request, as the server would hand it over: its status, and how many bytes were answered."""
    headers = [
        (b"host", b"localhost"), (b"accept-encoding", b"gzip"), (b"cookie", f"{cookie_name(False)}={token}".encode()),
    ]  # fmt: skip
    address, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": address, "raw_path": address.encode(), "query_string": query.encode(), "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("localhost", 80),
    }  # fmt: skip
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        told.append(message)

    await app(scope, receive, send)
    return told[0]["status"], sum(len(m.get("body", b"")) for m in told[1:])


async def rounds(engine: Engine, token: str) -> dict[str, list[float]]:
    """Each side in turns, so that a busy moment meets all of them; milliseconds."""
    made = sessionmaker(engine, expire_on_commit=False)
    app = create_app(sessions=lambda role: made)
    chance = random.Random(7)
    indexed = text("select id, state, version from place_name_application where number = :number")
    times: dict[str, list[float]] = {"one": [], "page": [], "queue": []}
    for turn in range(ROUNDS + WARM):
        for name, taken in times.items():
            number = f"{DISTRICT}-2026-{100_000 + chance.randint(1, CASES)}"
            begun = time.perf_counter()
            if name == "one":
                with made() as session:
                    session.execute(indexed, {"number": number}).one()
                    session.commit()
            else:
                status, size = await get(
                    app, token, f"/review/{number}" if name == "page" else "/review?state=all"
                )
                assert status == 200 and size > 1000, (status, size)
            if turn >= WARM:
                taken.append((time.perf_counter() - begun) * 1000)
    return times


def measure(engine: Engine, token: str) -> list[Comparison]:
    """The pages beside one indexed query."""
    with contextlib.redirect_stderr(io.StringIO()):
        times = asyncio.run(rounds(engine, token))
    p95 = {name: sorted(taken)[int(0.95 * len(taken))] for name, taken in times.items()}
    p50 = {name: statistics.median(taken) for name, taken in times.items()}
    return [
        Comparison(f"{words}, {what} / one indexed query, {what}", values[name], values["one"], AT_MOST, "ms")
        for what, values in (("p95", p95), ("p50", p50))
        for name, words in (("page", f"case page among {CASES:,}"), ("queue", "the queue with its counts"))
    ]


def main() -> list[dict[str, object]]:
    if "YUDI_DATABASE_URL" not in os.environ:
        from api.setup import cluster

        os.environ["YUDI_DATABASE_URL"] = str(cluster.ensure(ROOT / "var" / "pg-bench"))
    server = with_driver(os.environ["YUDI_DATABASE_URL"])
    own = server.set(database=DATABASE)
    with psycopg.connect(libpq(server), autocommit=True) as admin:
        admin.execute(f"drop database if exists {DATABASE} with (force)")
        admin.execute(f"create database {DATABASE} template template0 encoding 'UTF8' locale 'C.UTF-8'")
    try:
        upgrade(own)
        owner, app = engines.engine_of(own, "owner"), engines.engine_of(own, "app")
        try:
            begun = time.perf_counter()
            token = fill(owner)
            print(f"{CASES:,} cases with their steps: {time.perf_counter() - begun:.0f} s")
            return report("Queue and case page", measure(app, token))
        finally:
            owner.dispose()
            app.dispose()
    finally:
        with psycopg.connect(libpq(server), autocommit=True) as admin:
            admin.execute(f"drop database if exists {DATABASE} with (force)")


if __name__ == "__main__":
    main()
