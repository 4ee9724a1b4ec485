"""设施批量导入: a file of facilities into the register; bad rows are told by column, the rest kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from api.acts.edit_facilities import NothingNew, new_row, require_editor, supersede
from api.acts.import_names import Table
from api.security.person import Person
from geo.facilities.register import Draft, draft, mapped
from geo.settings import as_of
from geo.store import audit
from geo.store import facilities as store
from geo.store.tables import Facility
from geo.text import Text

MOST_BAD = 2_000


@dataclass
class Bad:
    """A row that was not taken. row: as the file counts."""

    row: int
    column: str
    value: str
    text: Text


@dataclass
class Brought:
    """What an import did."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Bad] = field(default_factory=list)
    refused: int = 0

    def counts(self) -> dict[str, int]:
        return {k: getattr(self, k) for k in ("rows", "new", "changed", "unchanged", "refused")}


def bring_in(
    session: Session, actor: Person, table: Table, *, file: str,
    unit_of: Callable[[str, tuple[float, float] | None], str | None], chosen: Mapping[str, str] | None = None,
    kind: str | None = None, source: str | None = None, box: tuple[float, float, float, float] | None = None,
    on: date | None = None, progress: Callable[[int], None] = lambda rows: None,
) -> tuple[Brought, dict[str, str]]:  # fmt: skip
    """批量导入: rows in, bad ones told by column, the rest kept; one audit event. A dry run is this, rolled back.

    A row is found again by its code, else by name, kind and township. Raises NoFacilityName, BadMapping.
    """
    require_editor(actor)
    mapping = mapped(table.headings, chosen)
    reason = f"批量导入：{file}"[:500]
    done, seen = Brought(), set[int]()
    for record in records(table):
        done.rows += 1
        row = {key: str(record.get(heading) or "") for key, heading in mapping.items()}
        _place_of_shape(row, record.get("wkb"))
        got = draft(row, unit_of, box, kind)
        if got.problems:
            done.refused += 1
            for key, why in got.problems[: MOST_BAD - len(done.problems)]:
                done.problems.append(Bad(record["row"], mapping.get(key, key), row.get(key, ""), why))
            continue
        if source:
            got.values["sources"] = [{"title": source[:200]}]
        old = _known(session, got)
        if old is None:
            store.enter(session, (made := new_row(got, actor, reason, on or as_of())))
            seen.add(made.number)
            done.new += 1
        elif old.number in seen:
            done.refused += 1
            why = Text("与本文件前面的一行是同一设施", "the same facility as a row before")
            done.problems.append(Bad(record["row"], mapping["name"], row["name"], why))
        else:
            seen.add(old.number)
            try:
                supersede(session, actor, old, got, reason, on, None)
                done.changed += 1
            except NothingNew:
                done.unchanged += 1
        progress(done.rows)
    audit.append(
        session, actor=actor, act="import", subject_kind="facility", subject=table.sha256, reason=reason,
        after={"file": file, "mapping": mapping, **done.counts()},
    )  # fmt: skip
    return done, mapping


def records(table: Table) -> Any:
    for batch in table.records():
        yield from batch.to_pylist()


def _place_of_shape(row: dict[str, str], wkb: bytes | None) -> None:
    """The place of a layer's shape, where no columns give one: a point, or the middle of what it is."""
    if wkb is None or row.get("lon") or row.get("lat"):
        return
    import shapely

    shape = shapely.from_wkb(wkb)
    if shape is not None and not shape.is_empty:
        at = shape if shape.geom_type == "Point" else shapely.point_on_surface(shape)
        row["lon"], row["lat"] = repr(at.x), repr(at.y)


def _known(session: Session, got: Draft) -> Facility | None:
    if code := got.values.get("code"):
        return store.by_code(session, code)
    same = store.by_name(session, got.values["name"], got.values["kind"], got.values["unit_code"][:9])
    return same[0] if len(same) == 1 else None
