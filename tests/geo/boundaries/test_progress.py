"""勘界进度: counts and kilometres."""

from __future__ import annotations

from datetime import date

import pandas as pd

from geo.boundaries.progress import progress
from geo.terms import LineState


def frame(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["state", "length_m", "approved_on", "in_dispute"], dtype=object)


def test_counts_lengths_and_the_target() -> None:
    lines = frame(
        ("settled", 1500.0, date(2024, 3, 1), False),
        ("settled", 2500.0, date(2023, 3, 1), False),
        ("changing", 1000.0, date(2024, 12, 31), True),  # settled this year, and already changing again
        ("preparing", None, None, False),
        ("settled", 100.0, date(2024, 12, 31), False),
    )
    told = progress(lines, at=date(2024, 12, 30), target=18, year=2024)
    assert (told.lines, told.settled_in_year, told.settled_in_year_km, told.in_dispute) == (5, 1, 1.5, 1)
    assert (told.length_km, told.unknown_length) == (5.1, 1)
    by_state = {s.state: (s.count, s.length_km) for s in told.states}
    assert by_state[LineState.SETTLED] == (3, 4.1) and by_state[LineState.PREPARING] == (1, 0.0)
    assert progress(lines, at=date(2024, 12, 31), target=18, year=2024).settled_in_year == 3
    said = told.to_json(officer=False)
    assert (
        "in_dispute" not in said
        and said["share"] == round(1 / 18, 4)
        and len(said["states"]) == len(LineState)
    )
    assert told.to_json(officer=True)["in_dispute"] == 1


def test_no_lines_and_no_target() -> None:
    told = progress(frame(), at=date(2024, 12, 30), target=0, year=2024)
    assert told.lines == 0 and told.to_json(officer=True)["share"] is None
