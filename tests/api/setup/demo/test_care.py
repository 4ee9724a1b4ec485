"""Care data of the demonstration: invented and marked, enough to try everything with."""

from __future__ import annotations

from collections import Counter
from datetime import date

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.setup.demo.streets import streets
from geo.facilities.kinds import MODES, kinds
from geo.store import facilities as store
from geo.store import streets as street_store
from geo.store.engine import sessions
from geo.walking.model import ESCALATOR, LIFT, STEPS
from tests.demonstration import Loaded

DISTRICT, AT = "500112", date(2024, 12, 31)


@pytest.fixture
def session(demo_database: str, demonstration: Loaded):
    with sessions("app")() as made:
        yield made


def test_every_kind_and_every_mode_is_there_and_marked(session: Session) -> None:
    every = store.facilities(session, AT, district=DISTRICT, officer=True)
    assert len(every) > 250 and all(f.demo and f.geometry_source == "demo" for f in every)
    assert {f.kind for f in every} >= {k for k in kinds() if k.startswith("E")} - {"E15"}
    assert {f.mode for f in every if f.mode} == {m.value for m in MODES if m.value != "other"}
    assert all(f.phone and f.phone.startswith("023-0000") for f in every)
    assert any((f.hours.get("market") or {}).get("calendar") == c for f in every for c in ("solar",))
    assert any((f.hours.get("market") or {}).get("calendar") == "lunar" for f in every)


def test_the_public_sees_no_plan_no_restricted_place_and_nothing_internal(demo_database: str) -> None:
    with sessions("public")() as public:
        seen = store.facilities(public, AT, district=DISTRICT)
        assert len(seen) > 250
        assert all(f.lon is None and f.address is None for f in seen if f.kind == "S02")
        assert not any(f.status.value in ("planned", "building") for f in seen)
        for hidden in ("facility_inspection", "facility", "care_figure", "community_area", "walk_network"):
            with pytest.raises(Exception, match="permission denied"), public.begin_nested():
                public.execute(text(f"select count(*) from public.{hidden}"))


def test_streets_have_heights_steps_lifts_with_hours_and_an_escalator(session: Session) -> None:
    state = street_store.newest(session, DISTRICT)
    assert state is not None and state.demo
    network = street_store.network(state.sha256)
    assert np.isfinite(network.z).all() and network.structure.any()
    count = Counter(network.kind.tolist())
    assert count[STEPS] > 100 and count[LIFT] > 10 and count[ESCALATOR] > 3
    assert all("06:00-23:00" in network.hours[w] for w in network.way[network.kind == LIFT])


def test_the_same_seed_gives_the_same_streets(session: Session) -> None:
    from api.setup.demo.generate import generate

    state = street_store.newest(session, DISTRICT)
    assert state is not None
    kept, again = street_store.network(state.sha256), streets(generate())
    assert np.array_equal(kept.z, again.z) and np.array_equal(kept.a, again.a)


def test_the_cremation_area_is_of_six_townships_twelve_villages_and_121_groups(session: Session) -> None:
    before = store.policy_areas(session, DISTRICT, date(2024, 6, 30))
    after = store.policy_areas(session, DISTRICT, date(2024, 7, 1))
    assert {a["kind"] for a in before} == {"burial"} and {a["kind"] for a in after} == {"cremation"}
    assert len(before) == len(after) == 121
    assert len({a["unit_code"] for a in after}) == 12 and len({a["unit_code"][:9] for a in after}) == 6
    assert all(a["document"] and a["demo"] for a in after)


def test_figures_stand_beside_the_plans_targets(session: Session) -> None:
    rows = store.figures(session, DISTRICT, date(2024, 1, 1), date(2024, 12, 31))
    december = {f: sum(v for g, _, m, v, _ in rows if g == f and m.month == 12) for f in ("family_care_beds", "model_canteens")}  # fmt: skip
    visits = sum(v for g, _, _, v, _ in rows if g == "home_visits")
    assert december["family_care_beds"] >= 500 and 3 <= december["model_canteens"] <= 5 and visits >= 38_000


def test_all_of_it_goes_with_the_demonstration(demo_database: str) -> None:
    from api.setup.demo.remove import CARE, remove_demo
    from geo.settings import district

    with sessions("owner")() as owner:
        remove_demo(owner, district())
        for table in CARE:
            assert owner.scalar(text(f"select count(*) from {table.__tablename__}")) == 0
        owner.rollback()
