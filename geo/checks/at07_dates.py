"""AT07 日期: dates of a line out of order, in the future, or no dates."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from geo.checks import values
from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.findings import Hit
from geo.terms import Role, Severity
from geo.text import Text

#: In the order that they must have.
DATES = {
    "survey_date": Text("勘测日期", "survey date"),
    "agreement_date": Text("协议日期", "date of agreement"),
    "approval_date": Text("批准日期", "date of approval"),
}
FUTURE = Text(
    "界线 {0} 的{1} {2} 晚于今天（{3}）", "Line {0}: the {1}, {2}, lies in the future (today is {3})"
)
NO_DATE = Text("界线 {0} 的{1}“{2}”不是日期", "Line {0}: the {1}, “{2}”, is no date")
NO_DATE_REMEDY = Text("按 2024-03-01 的形式填写", "Write it as 2024-03-01")


@CHECKS.rule(
    code="AT07",
    severity=Severity.ERROR,
    generic=None,
    message=Text(
        "界线 {0} 的{1}（{2}）晚于{3}（{4}）", "Line {0}: the {1} ({2}) is later than the {3} ({4})"
    ),
    remedy=Text(
        "顺序应为 勘测 ≤ 协议 ≤ 批准，且都不晚于今天：对照文件改正",
        "The order is survey, agreement, approval, none after today: correct them after the papers",
    ),
    source="行政区域界线管理条例第四条、第九条",
)
def dates(scene: Scene) -> Iterator[Hit]:
    """Survey ≤ agreement ≤ approval, none after the real date (`scene.today`)."""
    frame = scene.lines
    for i in range(len(frame)):
        raw = {name: frame[name].iat[i] for name in DATES}
        if all(values.text(v) is None for v in raw.values()):
            continue
        ref, at = scene.refs(Role.LINES, i)[0], frame.geometry.iat[i]
        found = {name: day for name, v in raw.items() if (day := values.day(v)) is not None}
        for name, v in raw.items():
            if name not in found and values.text(v) is not None:
                says = (ref, DATES[name], values.text(v))
                yield Hit((ref,), says, at=at, text=NO_DATE, remedy=NO_DATE_REMEDY, aspect=name)
        for name, day in found.items():
            if day > scene.today:
                yield Hit((ref,), (ref, DATES[name], day, scene.today), at=at, text=FUTURE, aspect=name)
        for first, second in combinations(found, 2):
            if found[first] > found[second]:
                order = (ref, DATES[first], found[first], DATES[second], found[second])
                yield Hit((ref,), order, at=at, aspect=f"{first} {second}")
