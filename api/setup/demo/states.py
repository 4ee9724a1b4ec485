"""States of the demonstration's lines: which line is how far, with invented documents and dates."""

from __future__ import annotations

from datetime import date, timedelta

import geopandas
import numpy as np
import pandas as pd

from api.setup.demo.plan import Plan
from geo.terms import LineState

CYCLE = 5 * 365 + 1


def with_states(
    lines: geopandas.GeoDataFrame, chosen: Plan, random: np.random.Generator
) -> geopandas.GeoDataFrame:
    """The lines with `state`, `in_dispute`, `inspection_due`, `document` and the three dates.

    Dates rise from survey to agreement to approval; approvals keep to the year that states.csv names.
    The tutorial's lines are `markers_done`, the disputed one is in field survey.
    """
    rows = chosen.states
    wanted = [(r["state"], int(r["approval_years"] or 0)) for r in rows for _ in range(int(r["lines"]))]
    present = set(lines["code"])
    fixed = {c: ("markers_done", 0) for c in chosen.tutorial if c in present}
    if chosen.disputed in present:
        fixed[chosen.disputed] = ("field_survey", 0)
    for entry in fixed.values():
        wanted.remove(entry)
    free = [c for c in lines["code"] if c not in fixed]
    order = [free[i] for i in random.permutation(len(free))]
    given = fixed | dict(zip(order, wanted, strict=False))
    columns: dict[str, list[object]] = {
        k: [] for k in ("state", "in_dispute", "inspection_due", "document", "survey_date",
                        "agreement_date", "approval_date")
    }  # fmt: skip
    serial = 0
    for code in lines["code"]:
        state, year = given.get(code, ("undemarcated", 0))
        rank = list(LineState).index(LineState(state))
        approval = date(year, 1, 15) + timedelta(int(random.integers(0, 320))) if year else None
        end = approval or date(2024, 11, 20) - timedelta(int(random.integers(0, 60)))
        agreement = end - timedelta(int(random.integers(25, 60)))
        survey = agreement - timedelta(int(random.integers(40, 150)))
        agreed = rank >= list(LineState).index(LineState.AGREEMENT_SIGNED)
        measured = rank >= list(LineState).index(LineState.MARKERS_DONE)
        serial += 1 if approval else 0
        columns["state"].append(state)
        columns["in_dispute"].append(code == chosen.disputed)
        due = approval + timedelta(CYCLE) if approval and state == "settled" else None
        columns["inspection_due"].append(due)
        columns["document"].append(f"演示勘界批复〔{year}〕{serial}号（虚构）" if approval else None)
        columns["survey_date"].append(survey if measured else None)
        columns["agreement_date"].append(agreement if agreed else None)
        columns["approval_date"].append(approval)
    as_given = {k: pd.Series(v, index=lines.index, dtype=object) for k, v in columns.items()}
    return lines.assign(**as_given).astype({"state": str, "in_dispute": bool})


def long_settled(lines: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """County lines as settled long before the townships' lines, their five-yearly inspection due."""
    approval = date(2001, 6, 18)
    columns: dict[str, object] = {
        "state": LineState.SETTLED.value,
        "in_dispute": False,
        "inspection_due": date(2024, 6, 18),
        "document": [f"演示县界批复〔2001〕{i}号（虚构）" for i in range(1, len(lines) + 1)],
        "survey_date": date(2000, 3, 6),
        "agreement_date": date(2000, 12, 4),
        "approval_date": approval,
    }
    return lines.assign(**columns)
