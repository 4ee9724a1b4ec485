"""设施批量导入: a file of facilities into the register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from sqlalchemy.orm import Session

from api.acts import import_rows
from api.acts.edit_facilities import NothingNew, new_row, next_version, require_editor
from api.acts.import_names import Table
from api.security.person import Person
from geo.facilities.register import draft, mapped
from geo.reading.rows import Box, Brought, Draft, Place
from geo.settings import as_of
from geo.store import facilities as store
from geo.store import versions
from geo.store.tables import Facility
from geo.text import Text


def bring_in(
    session: Session, actor: Person, table: Table, *, file: str, unit_of: Callable[[str, Place | None], str | None],
    chosen: Mapping[str, str] | None = None, kind: str | None = None, source: str | None = None, box: Box | None = None,
    on: date | None = None, progress: Callable[[int], None] = lambda rows: None,
) -> tuple[Brought, dict[str, str]]:  # fmt: skip
    """批量导入: rows in, bad ones told by column, the rest kept; one audit event. A dry run is this, rolled back.

    A row is found again by its code, else by name, kind and township. Raises NoFacilityName, BadMapping.
    """
    require_editor(actor)

    by_code: dict[str, Facility] = {}
    by_name: dict[tuple[str, str, str], list[Facility]] = {}

    def keep(row: Facility) -> None:
        if row.code:
            by_code[row.code] = row
        by_name.setdefault((row.name, row.kind, row.unit_code[:9]), []).append(row)

    for row in versions.all_for_change(session, Facility):
        keep(row)
    numbers, entered = store.numbers(session), []

    def known(got: Draft) -> Facility | None:
        if code := got.values.get("code"):
            return by_code.get(code)
        same = by_name.get((got.values["name"], got.values["kind"], got.values["unit_code"][:9]), [])
        return same[0] if len(same) == 1 else None

    def enter(got: Draft, reason: str) -> Facility:
        row = new_row(got, actor, reason, on or as_of())
        row.number = next(numbers)
        entered.append(row)
        keep(row)
        return row

    def changed(old: Facility, got: Draft, reason: str) -> bool:
        try:
            entered.append(next_version(actor, old, got, reason, on)[0])
        except NothingNew:
            return False
        return True

    mapping = mapped(table.headings, chosen)
    register = import_rows.Register(
        "facility", Text("设施", "facility"), "name", draft=lambda row: draft(row, unit_of, box, kind), known=known,
        enter=enter, supersede=changed,
        # All rows in a few statements: one by one, ten thousand would take minutes.
        last=lambda: versions.supersede_many(session, entered),
    )  # fmt: skip
    done = import_rows.bring_in(
        session, actor, table, mapping, register, file=file, source=source, progress=progress
    )
    return done, mapping
