"""An application from its draft to the announced name, as the people of a district handle it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.api.acts.desk import Desk


@pytest.fixture
def desk(session: Session) -> Desk:
    return Desk(session)


def test_a_naming_goes_from_draft_to_closed(desk: Desk) -> None:
    row = desk.closed("云雀路")
    assert row.state == "closed"
    assert [n[:2] for n in desk.names(row.result_number)] == [("云雀路", "standard")]
