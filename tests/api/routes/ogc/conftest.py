"""Published features of every collection, and how the tests ask for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from geo.names.categories import Category
from geo.settings import district
from geo.store import boundaries, engine, public
from geo.store.tables import ProtectionEntry, ProtectionList, ProtectionStep
from geo.terms import LineState, NameStatus
from tests import builders as b

SETTLED, OPEN = f"{b.XINGLONG}-{b.CIZHU}", f"{b.TONGJING}-{b.DASHENG}"


@pytest.fixture(scope="module")
def published(module_database: str) -> Iterator[Any]:
    """Names with and without a place and of every standing, townships, a settled line with markers and one that is
    not, a protection list."""
    with engine.sessions("owner").begin() as session:
        maker = b.person(session)
        shapes = b.small_district(session, maker.id)
        for code in (SETTLED, OPEN):
            left, right = shapes.sides[code]
            b.line(session, maker.id, code, left, right, shapes.lines[code], name=f"线{code}")
            for serial, (lon, lat) in enumerate(shapes.lines[code].coords[5:35:10], 1):
                b.marker(session, maker.id, code, serial, lon, lat, height=321.0)
            row = boundaries.locked(session, code)
            boundaries.take(session, row, transition="check_results", to=LineState.RESULTS_CHECKED, on_date=date(2024, 1, 1),
                            actor_id=maker.id, reason="秘密理由", evidence=[])  # fmt: skip
        row = boundaries.locked(session, SETTLED)
        for to in ("agreement_signed", "submitted", "settled"):
            boundaries.take(session, row, transition=to, to=to, on_date=date(2024, 6, 1), actor_id=maker.id,
                            reason="秘密理由", evidence=[])  # fmt: skip
        public.refresh(session, district(b.DISTRICT), b.SINCE)
        for i in range(12):
            b.place_name(session, maker.id, f"第{i}村", point=(106.71 + i / 200, 29.81 + i / 400))
        b.place_name(session, maker.id, "无位置村")
        b.place_name(session, maker.id, "老湾", Category.NATURAL_VILLAGE, point=(106.72, 29.82))
        b.place_name(session, maker.id, "旧名", status=NameStatus.FORMER, point=(106.73, 29.82),
                     valid=b.since(date(1980, 1, 1), date(2010, 1, 1)))  # fmt: skip
        b.place_name(session, maker.id, "拟用村", status=NameStatus.PROPOSED, point=(106.72, 29.82))
        b.place_name(session, maker.id, "密级村", point=(106.72, 29.82), facts={"secrecy": "秘密"})
        kept = b.place_name(session, maker.id, "古桥", Category.FACILITY, point=(106.75, 29.84))
        listed = ProtectionList(district=b.DISTRICT, kind="historic", batch=1, title="第一批", state="published",
                                document="渝北府〔2024〕1号", published_on=date(2024, 3, 1))  # fmt: skip
        session.add(listed)
        session.flush()
        entry = ProtectionEntry(list_id=listed.id, number=kept.number, state="accepted", proposed_by=maker.id)
        session.add(entry)
        session.flush()
        for of, to in ((None, "published"), (entry.id, "accepted")):
            session.add(ProtectionStep(list_id=listed.id, entry_id=of, version=1, transition="t", to_state=to,
                                       actor_id=maker.id, reason="秘密理由"))  # fmt: skip
    yield shapes


@pytest.fixture
def ask(client: Any, published: Any) -> Callable[..., Any]:
    """ask(path, **query) -> the JSON of an answer with status 200."""

    def given(path: str, **query: Any) -> Any:
        answer = client.get("/ogc" + path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return given
