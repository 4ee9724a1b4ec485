"""月报数: monthly figures of a township, one by one or from a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlalchemy.orm import Session

from api.acts.edit_facilities import require_editor
from api.acts.import_names import Table
from api.acts.stale import require_reason
from api.security.person import Person
from geo.facilities.kinds import figures
from geo.problems import BadInput
from geo.reading.rows import Brought, RowProblem
from geo.store import audit
from geo.store import facilities as store
from geo.store.tables import CareFigure
from geo.text import Text


class BadFigure(BadInput):
    code = "bad-figure"
    title = Text("月报数“{field}”无法保存：{why}", "The figure {field} cannot be kept: {why}")


def enter(
    session: Session,
    actor: Person,
    figure: str,
    unit: str,
    month: date,
    value: str,
    *,
    reason: str,
    names: Mapping[str, str],
) -> None:
    """录入月报数 of a township. names: the townships that there are, by code. Raises BadFigure."""
    require_editor(actor)
    why = require_reason(reason)
    _put(session, actor, figure, unit, month, value, why, names)
    audit.append(
        session, actor=actor, act="enter_figure", subject_kind="care_figure", subject=figure, reason=why,
        after={"unit": unit, "month": month.isoformat(), "value": value},
    )  # fmt: skip


def _put(
    session: Session,
    actor: Person,
    figure: str,
    unit: str,
    month: date,
    value: str,
    why: str,
    names: Mapping[str, str],
) -> None:
    known = figures().get(figure) or next(
        (f for f in figures().values() if figure in (f.name.zh, f.name.en)), None
    )
    if known is None:
        raise BadFigure(field=figure, why=Text("没有这个指标", "there is no such figure"))
    code = unit if unit in names else next((c for c, n in names.items() if n == unit), None)
    if code is None:
        raise BadFigure(field=known.name, why=Text(f"没有镇街“{unit}”", f"there is no township {unit}"))
    try:
        number = Decimal(value.replace(",", "").strip())
        if not 0 <= number < 10**9 or number != round(number, 2):
            raise ValueError
    except (InvalidOperation, ValueError):
        raise BadFigure(
            field=known.name, why=Text(f"“{value}”应为不小于 0 的数", f"{value} is no number from 0 on")
        ) from None
    store.enter_figure(
        session,
        CareFigure(
            figure=known.code,
            unit_code=code,
            month=month.replace(day=1),
            value=number,
            reason=why,
            made_by=actor.id,
        ),
    )


#: Headings of a table.
COLUMNS = {
    "figure": ("指标", "figure"),
    "unit": ("镇街", "乡镇街道", "单位", "unit"),
    "month": ("月份", "年月", "month"),
    "value": ("数值", "数量", "value"),
}


def bring_in(
    session: Session, actor: Person, table: Table, *, file: str, names: Mapping[str, str]
) -> Brought:
    """导入月报数: columns 指标, 镇街, 月份 (2024-12), 数值. Bad rows are said, the others taken."""
    require_editor(actor)
    where = {
        key: next((h for h in table.headings if h.strip().lower() in words), None)
        for key, words in COLUMNS.items()
    }
    if lacks := [COLUMNS[k][0] for k, h in where.items() if h is None]:
        raise BadFigure(field="、".join(lacks), why=Text("缺少列", "the column is missing"))
    done = Brought()
    for batch in table.records():
        for record in batch.to_pylist():
            done.rows += 1
            cells = {k: str(record.get(h) or "").strip() for k, h in where.items() if h}
            try:
                with session.begin_nested():
                    month = month_of(cells["month"])
                    why = f"导入：{file}"[:500]
                    _put(session, actor, cells["figure"], cells["unit"], month, cells["value"], why, names)
                done.new += 1
            except BadFigure as problem:
                done.refuse([RowProblem(record["row"], "", cells["figure"], problem.text)])
    audit.append(
        session, actor=actor, act="import", subject_kind="care_figure", subject=table.sha256, reason=f"导入月报数：{file}"[:500],
        after={"file": file, **done.counts()},
    )  # fmt: skip
    return done


def month_of(text: str) -> date:
    parts = text.replace("年", "-").replace("月", "").replace("/", "-").split("-")
    try:
        return date(int(parts[0]), int(parts[1]), 1)
    except (ValueError, IndexError):
        raise BadFigure(
            field=text, why=Text("月份应为 2024-12 的形式", "a month is written 2024-12")
        ) from None
