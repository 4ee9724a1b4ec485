"""乡村著名行动: enter what its 六个一批 collect, one by one or from a file, change it, and end it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from geoalchemy2.shape import to_shape
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from api.acts import import_rows
from api.acts.import_names import Table
from api.acts.stale import require_reason, require_version
from api.security.person import Person
from geo.machine import StepNotYours
from geo.problems import BadInput
from geo.programme.items import columns, draft, mapped
from geo.reading.rows import Box, Brought, Draft, Place
from geo.settings import as_of
from geo.store import audit, versions
from geo.store import programme as store
from geo.store.tables import ProgrammeItem
from geo.terms import ProgrammeKind, UserRole
from geo.text import Text

KEEPERS = (UserRole.REGISTRAR, UserRole.ADMINISTRATOR)
KEPT = (
    "code",
    "kind",
    "title",
    "theme",
    "status",
    "unit_code",
    "name_numbers",
    "says",
    "responsible",
    "on_date",
    "facts",
)


class BadItem(BadInput):
    """A field of an item is not in order."""

    code = "bad-programme-item"
    title = Text("“{field}”有误：{why}", "“{field}” is wrong: {why}")


def enter(
    session: Session, actor: Person, given: Draft, *, reason: str, on: date | None = None
) -> ProgrammeItem:
    """Enter an item. Raises StepNotYours, BadItem, NoReason."""
    _keeper(actor)
    _sound(given)
    row = store.enter(session, _row(given, actor, require_reason(reason), on or as_of()))
    _note(session, actor, "enter", row, row.reason, None)
    return row


def change(
    session: Session,
    actor: Person,
    number: int,
    given: Draft,
    *,
    version: int,
    reason: str,
    on: date | None = None,
) -> ProgrammeItem:
    """Change an item: a new version. version: id of the version that the person saw. Raises StepNotYours, NoSuchItem,
    Stale, BadItem, NoReason."""
    _keeper(actor)
    old = store.current(session, number, lock=True)
    require_version(version, old.id)
    _sound(given)
    words = require_reason(reason)
    row = _next_version(actor, old, given, words, on or as_of())
    if row is None:
        return old
    made = store.enter(session, row)
    _note(session, actor, "change", made, words, {"version": old.id})
    return made


def end(
    session: Session, actor: Person, number: int, *, version: int, reason: str, on: date | None = None
) -> None:
    """End an item: it stays in the history. Raises StepNotYours, NoSuchItem, Stale, NoReason."""
    _keeper(actor)
    old = store.current(session, number, lock=True)
    require_version(version, old.id)
    words = require_reason(reason)
    versions.end(session, ProgrammeItem, number, on or as_of())
    _note(session, actor, "end", old, words, {"version": old.id})


def bring_in(
    session: Session, actor: Person, table: Table, *, file: str,
    unit_of: Callable[[str, Place | None], str | None], names_of: Callable[[str], int | None],
    chosen: Mapping[str, str] | None = None, kind: ProgrammeKind | None = None, source: str | None = None,
    box: Box | None = None, on: date | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> tuple[Brought, dict[str, str]]:  # fmt: skip
    """批量导入: rows in, bad ones told by column, the rest kept; one audit event. A dry run is this, rolled back.

    A row is found again by kind and code, else by title, kind and township. Raises StepNotYours, NoTitle, BadMapping.
    """
    _keeper(actor)
    day = on or as_of()

    by_code: dict[tuple[str, str], ProgrammeItem] = {}
    by_title: dict[tuple[str, str, str], list[ProgrammeItem]] = {}

    def keep(row: ProgrammeItem) -> None:
        if row.code:
            by_code[row.kind, row.code] = row
        by_title.setdefault((row.kind, row.title, row.unit_code[:9]), []).append(row)

    for row in versions.all_for_change(session, ProgrammeItem):
        keep(row)
    numbers, entered = store.numbers(session), []

    def known(got: Draft) -> ProgrammeItem | None:
        v = got.values
        if code := v.get("code"):
            return by_code.get((v["kind"], code))
        found = by_title.get((v["kind"], v["title"], v["unit_code"][:9]), [])
        return found[0] if len(found) == 1 else None

    def enter_one(got: Draft, reason: str) -> ProgrammeItem:
        row = _row(got, actor, reason, day)
        row.number = next(numbers)
        entered.append(row)
        keep(row)
        return row

    def changed(old: ProgrammeItem, got: Draft, reason: str) -> bool:
        row = _next_version(actor, old, got, reason, day)
        if row is not None:
            entered.append(row)
        return row is not None

    mapping = mapped(table.headings, chosen)
    register = import_rows.Register(
        "programme-item", Text("项目", "item"), "title", draft=lambda row: draft(row, unit_of, names_of, box, kind),
        known=known, enter=enter_one, supersede=changed,
        # All rows in a few statements.
        last=lambda: versions.supersede_many(session, entered),
    )  # fmt: skip
    done = import_rows.bring_in(
        session, actor, table, mapping, register, file=file, source=source, progress=progress
    )
    return done, mapping


def _keeper(actor: Person) -> None:
    if not actor.holds(*KEEPERS):
        raise StepNotYours(
            step=Text("登记乡村著名行动项目", "Keep the programme's items"), roles=UserRole.REGISTRAR.value
        )


def _sound(given: Draft) -> None:
    for key, why in given.problems:
        raise BadItem(field=columns()[key].title if key in columns() else Text(key, key), why=why)


def _row(given: Draft, actor: Person, reason: str, on: date) -> ProgrammeItem:
    values = {k: v for k, v in given.values.items() if k in (*KEPT, "sources")}
    return ProgrammeItem(
        **values, geometry=store.point(given.place), geometry_source="imported" if given.place else None,
        valid=store.since(on), reason=reason, made_by=actor.id,
    )  # fmt: skip


def _next_version(
    actor: Person, old: ProgrammeItem, given: Draft, reason: str, on: date
) -> ProgrammeItem | None:
    """A new version, not yet entered; None where nothing is new."""
    values: dict[str, Any] = {k: v for k, v in given.values.items() if k in (*KEPT, "sources")}
    values["facts"] = {**old.facts, **values.get("facts", {})}
    moved = given.place is not None and (old.geometry is None or _away(old, given.place))
    if not moved and all(getattr(old, key) == value for key, value in values.items()):
        return None
    start = old.valid.lower
    row = versions.copy_of(
        old, Range(start if start is not None and start >= on else on, None, bounds="[)"), None
    )
    for key, value in values.items():
        setattr(row, key, value)
    if moved:
        row.geometry, row.geometry_source = store.point(given.place), "imported"
    row.made_by, row.reason, row.submission_id = actor.id, reason, None
    return row


def _away(old: ProgrammeItem, place: tuple[float, float]) -> bool:
    there = to_shape(old.geometry)  # type: ignore[arg-type]
    return abs(there.x - place[0]) > 1e-7 or abs(there.y - place[1]) > 1e-7


def _note(session: Session, actor: Person, act: str, row: ProgrammeItem, reason: str, before: Any) -> None:
    audit.append(
        session, actor=actor, act=act, subject_kind="programme-item", subject=str(row.number), reason=reason, before=before,
        after={"version": row.id, "kind": row.kind, "title": row.title},
    )  # fmt: skip
