"""Units (行政区划) over time: which were in force on a date. Where a point lies and what became of a unit, for the
doors: published_units.py."""

from __future__ import annotations

from datetime import date

import pandas as pd
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.boundaries.unit_lists import other_codes, units_of
from geo.checks.scene import Units


def names_at(session: Session, district: str, at: date) -> dict[str, str]:
    """Names of a district's townships on a date, by code; of its last day where it is gone by then."""
    units = checked_units(session, district, at)
    return {} if units is None else dict(zip(units.table["code"], units.table["name"], strict=True))


TOWNSHIPS = """
    select u.code, u.statistical, u.name, u.level, lower(u.valid) as valid_from, upper(u.valid) as valid_to
    from admin_unit u
    where u.level = 'township' and u.parent_code = :district and upper_inf(u.recorded)
    order by u.code, u.valid"""

FORMER = """
    select u.code, array_agg(distinct u.name order by u.name) as names
    from admin_unit u
    where u.level = 'township' and left(u.code, 6) = :district and upper_inf(u.recorded)
    group by u.code"""


def checked_units(session: Session, district: str, at: date) -> Units | None:
    """The townships of a district on a date, for the checks.

    Where the district was abolished by then, those of its last day; where the database knows none, the
    unit lists that come with the system; None where neither has any.
    """
    rows = [dict(r._mapping) for r in session.execute(text(TOWNSHIPS), {"district": district})]
    if not rows:
        return units_of(district, at)
    now = [
        r
        for r in rows
        if (r["valid_from"] is None or r["valid_from"] <= at)
        and (r["valid_to"] is None or at < r["valid_to"])
    ]
    if not now:
        ends = [r["valid_to"] for r in rows if r["valid_to"] is not None and r["valid_to"] <= at]
        day = max(ends) if ends else min(r["valid_from"] for r in rows)
        now = [r for r in rows if (r["valid_to"] if ends else r["valid_from"]) == day]
    names = {r.code: set(r.names) for r in session.execute(text(FORMER), {"district": district})}
    others = other_codes()
    columns = ["code", "statistical", "name", "level", "former_names", "other_codes"]
    data = [
        (
            r["code"],
            None if r["statistical"] is None else r["statistical"][:9],
            r["name"],
            r["level"],
            tuple(sorted(names.get(r["code"], set()) - {r["name"]})),
            others.get(r["code"], ()),
        )
        for r in now
    ]
    return Units(pd.DataFrame(data, columns=columns))
