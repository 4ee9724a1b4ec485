"""What the database refuses, whoever asks."""

from __future__ import annotations

import psycopg.errors as pg
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests import builders as b


def refused(session: Session, statement: str, **values: object) -> type[Exception]:
    """The kind of error that a statement meets; the session stays usable."""
    with pytest.raises(DBAPIError) as error, session.begin_nested():
        session.execute(text(statement), values)
    return type(error.value.orig)


def test_small_district_is_a_coverage_with_lines_on_its_edges(session: Session) -> None:
    shapes = b.small_district(session, b.user(session).id)
    assert shapely.coverage_is_valid(list(shapes.units.values()))
    for code, line in shapes.lines.items():
        left, right = shapes.sides[code]
        for u in (left, right):
            assert shapes.units[u].boundary.covers(line)
    session.execute(text("set constraints all immediate"))


def test_overlapping_validity_is_refused(session: Session) -> None:
    maker = b.user(session).id
    b.unit(session, maker, "500112138", "兴隆镇", valid=b.since(b.date(2000, 1, 1), b.date(2010, 1, 1)))
    b.unit(session, maker, "500112138", "兴隆镇", valid=b.since(b.date(2010, 1, 1)))
    with pytest.raises(DBAPIError) as error, session.begin_nested():
        b.unit(session, maker, "500112138", "兴隆镇", valid=b.since(b.date(2009, 12, 31), b.date(2010, 1, 2)))
    assert isinstance(error.value.orig, pg.ExclusionViolation)
