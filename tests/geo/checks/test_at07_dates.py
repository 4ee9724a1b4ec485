"""AT07: the order of dates, and none in the future."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from geo.terms import Profile, Severity
from tests.geo.checks.legal import a_line, found, scene

TODAY = date(2025, 1, 31)


def messages(
    survey: object = None, agreement: object = None, approval: object = None, **more: object
) -> list[str]:
    row = a_line(survey_date=survey, agreement_date=agreement, approval_date=approval)
    findings = found("AT07", scene(lines=[row], today=TODAY, **more))  # type: ignore[arg-type]
    assert all(f.severity is Severity.ERROR for f in findings)
    return [f.text.zh for f in findings]


def test_the_order_of_a_demarcation() -> None:
    assert not messages("2024-03-01", "2024年5月8日", "20240601")
    assert not messages("2024-03-01", "2024-03-01", "2024-03-01")
    assert not messages(pd.Timestamp("2024-03-01"), None, datetime(2024, 6, 1))


@pytest.mark.parametrize(
    ("survey", "agreement", "approval", "count"),
    [
        ("2024-03-02", "2024-03-01", None, 1), (None, "2024-03-02", "2024-03-01", 1),
        ("2024-03-02", None, "2024-03-01", 1), ("2024-03-03", "2024-03-02", "2024-03-01", 3),
    ],
)  # fmt: skip
def test_out_of_order(survey: object, agreement: object, approval: object, count: int) -> None:
    assert len(messages(survey, agreement, approval)) == count


@pytest.mark.parametrize(("days", "count"), [(-1, 0), (0, 0), (1, 1)])
def test_none_after_the_real_date(days: int, count: int) -> None:
    assert len(messages(approval=TODAY + timedelta(days=days), as_of=date(2024, 1, 1))) == count


@pytest.mark.parametrize("raw", ["2024-02-30", "去年", "2024", 3.7])
def test_what_is_no_date(raw: object) -> None:
    (message,) = messages(raw)
    assert "不是日期" in message


def test_empty_dates_are_another_check() -> None:
    assert not messages() and not messages("", float("nan"), pd.NaT)


def test_generic_has_no_dates() -> None:
    assert not messages("去年", profile=Profile.GENERIC)
