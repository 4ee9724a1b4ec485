"""勘界进度: counts and lengths of lines by status, against the year's target."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from geo.terms import LINE_STATE_NAMES, LineState


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many lines stand in one state, and how long they are, in geodesic kilometres."""

    state: LineState
    count: int
    length_km: float


@dataclass(frozen=True, slots=True)
class Progress:
    """进度 of a district on a date.

    settled_in_year: lines whose approval document is dated in the target's year, up to the date; a line
    counts once, however often it was changed and settled again. length without a length known: unknown.
    """

    at: date
    year: int
    target: int
    states: tuple[StateCount, ...]
    settled_in_year: int
    settled_in_year_km: float
    in_dispute: int
    lines: int
    length_km: float
    unknown_length: int

    def to_json(self, *, officer: bool) -> dict[str, Any]:
        """For the API; how many lines are disputed is for officers."""
        answer: dict[str, Any] = {
            "at": self.at.isoformat(),
            "year": self.year,
            "target": self.target,
            "settled_in_year": self.settled_in_year,
            "settled_in_year_km": round(self.settled_in_year_km, 3),
            "share": round(self.settled_in_year / self.target, 4) if self.target else None,
            "lines": self.lines,
            "length_km": round(self.length_km, 3),
            "unknown_length": self.unknown_length,
            "states": [
                {
                    "state": s.state.value,
                    "name": LINE_STATE_NAMES[s.state].zh,
                    "name_en": LINE_STATE_NAMES[s.state].en,
                    "count": s.count,
                    "length_km": round(s.length_km, 3),
                }
                for s in self.states
            ],
        }
        if officer:
            answer["in_dispute"] = self.in_dispute
        return answer


def progress(lines: pd.DataFrame, *, at: date, target: int, year: int) -> Progress:
    """Count the lines of a district.

    lines: one row a line, columns state (LineState value on `at`), length_m (geodesic metres, NaN where
    unknown), approved_on (date of the first approval document in the target's year, or None), in_dispute.
    """
    length = pd.to_numeric(lines["length_m"], errors="coerce").astype(float)
    counts = tuple(
        StateCount(
            state,
            int((lines["state"] == state.value).sum()),
            float(length[lines["state"] == state.value].sum()) / 1000,
        )
        for state in LineState
    )
    counted = pd.Series(
        [d is not None and d.year == year and d <= at for d in lines["approved_on"]],
        index=lines.index,
        dtype=bool,
    )
    return Progress(
        at=at,
        year=year,
        target=target,
        states=counts,
        settled_in_year=int(counted.sum()),
        settled_in_year_km=float(length[counted].sum()) / 1000,
        in_dispute=int(lines["in_dispute"].astype(bool).sum()),
        lines=len(lines),
        length_km=float(length.sum()) / 1000,
        unknown_length=int(length.isna().sum()),
    )
