"""Answers of a search on a date: the name is found, and shown in the unit that it lay in then."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.store import search, search_dates
from geo.store.search_dates import as_on
from tests import builders as b


def test_a_name_is_shown_where_it_lay_on_the_date(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    maker = b.person(session).id
    moved = date(2025, 11, 7)
    b.unit(session, maker, "500112", "渝北区", level="county")
    b.unit(session, maker, "500109", "北碚区", level="county")
    first = b.place_name(
        session, maker, "茨竹镇", Category.TOWNSHIP, unit_code="500112", valid=b.since(date(2000, 1, 1))
    )
    b.place_name(
        session, maker, "茨竹镇", Category.TOWNSHIP, unit_code="500109", number=first.number, place_id=first.place_id,
        valid=b.since(moved),
    )  # fmt: skip
    found = search.search(session, "茨竹")
    assert [h.unit_code for h in found.items] == ["500109"]
    then, now = (as_on(session, found, day).items[0] for day in (date(2024, 12, 31), date(2026, 1, 1)))
    assert (then.unit_code, then.unit_name, then.valid_to) == ("500112", "渝北区", None)
    assert (now.unit_code, now.unit_name) == ("500109", "北碚区")
    # Before the register knows of it, what is known last is shown.
    assert as_on(session, found, date(1950, 1, 1)).items == found.items
    # Where nothing lay elsewhere, no names of units are asked for.
    monkeypatch.setattr(search_dates, "names_of", None)
    assert as_on(session, found, date(2026, 1, 1)) == found
