"""建成区导入: the polygons in which streets, estates and buildings must not share a name (条例第九条第八项), from a file,
resting on one document. An area of the same code gets a version from the document's date; the older one is kept. An area that
is built up no longer, or is part of another now, is ended by a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import shapely
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from api.acts.import_names import REGISTRARS, Table
from api.security.person import Person
from geo.names.register_cells import in_china
from geo.problems import BadInput, NotAllowed, NotFound
from geo.reading.rows import BadCell, RowProblem, sound
from geo.store import audit, versions
from geo.store.tables import BuiltUpArea
from geo.text import Text

#: Headings that name the area and its code, in the order of preference.
NAMES = ("名称", "建成区名称", "name", "NAME", "Name", "MC", "XZQMC")
CODES = ("代码", "编号", "code", "CODE", "id", "ID", "DM", "XZQDM")
LONGEST = 60
SRID = 4490


class NoName(BadInput):
    """No column names the areas."""

    code = "built-up-no-name"
    title = Text(
        "文件没有建成区名称列，请用 --name 指出，现有列：{headings}",
        "No column names the built-up areas; give it with --name, the columns are: {headings}",
    )


class NoDocument(BadInput):
    """A built-up area rests on a document and its date."""

    code = "built-up-no-document"
    title = Text(
        "建成区范围须有依据：请给出文件（--document）和日期（--on）",
        "A built-up area rests on a document: give --document and its date, --on",
    )


class NoSuchArea(NotFound):
    """No built-up area of this code is in force."""

    code = "no-built-up-area"
    title = Text("没有代码为“{given}”且现行的建成区", "No built-up area of the code “{given}” is in force")


NO_AREA = Text("没有面状图形", "it has no polygon")
BROKEN = Text("图形无效，且修复后没有面", "its polygon is not valid, and nothing of it remains after mending")
TWICE = Text("与第 {0} 行代码相同", "its code is that of row {0}")
EMPTY = Text("名称为空，或超过 60 字", "its name is empty or longer than 60 characters")
EARLY = Text("文件日期早于现有范围的生效日期", "the document's date is before the present area begins")


@dataclass
class Imported:
    """What an import did. names: of the areas that are new or changed."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    names: list[str] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {
            "new": self.new, "changed": self.changed, "unchanged": self.unchanged, "refused": len(self.problems),
        }  # fmt: skip


def bring_in(
    session: Session,
    actor: Person,
    table: Table,
    *,
    file: str,
    document: str,
    on: date | None,
    name: str | None = None,
    code: str | None = None,
) -> Imported:
    """Bring a file's areas in; bad rows are told and the rest goes in. One audit event.

    name, code: headings; without a code an area goes by its name. Raises NotAllowed, NoDocument, NoName.
    """
    if not actor.holds(*REGISTRARS):
        raise NotAllowed()
    if not document.strip() or on is None:
        raise NoDocument()
    headings = table.headings
    named = name or next((h for h in NAMES if h in headings), None)
    if named not in headings:
        raise NoName(headings="、".join(headings[:20]))
    coded = code or next((h for h in CODES if h in headings), None)
    done = Imported()
    seen: dict[str, int] = {}
    for batch in table.records():
        for row in batch.to_pylist():
            _one(session, actor, row, (named, coded), (file, document.strip(), on), seen, done)
    audit.append(
        session, actor=actor, act="import", subject_kind="built_up_area", subject=table.sha256, reason=document.strip()[:500],
        after={"file": file, "document": document.strip(), "on": on.isoformat(), **done.counts(), "names": done.names[:100]},
    )  # fmt: skip
    return done


def end(session: Session, actor: Person, code: str, *, document: str, on: date | None) -> str:
    """废止: an area ends on a date, resting on a document; its history stays. Returns its name. One audit event.

    Raises NotAllowed, NoDocument, NoSuchArea (none of this code, or none that still holds on that day).
    """
    if not actor.holds(*REGISTRARS):
        raise NotAllowed()
    if not document.strip() or on is None:
        raise NoDocument()
    held = [v for v in versions.history(session, BuiltUpArea, code) if v.recorded.upper is None]
    now = next((v for v in held if v.valid.upper is None and (v.valid.lower or date.min) < on), None)
    if now is None:
        raise NoSuchArea(given=code[:40])
    name = now.name
    versions.end(session, BuiltUpArea, code, on)
    audit.append(
        session, actor=actor, act="end", subject_kind="built_up_area", subject=code, reason=document.strip()[:500],
        before={"name": name}, after={"document": document.strip(), "on": on.isoformat()},
    )  # fmt: skip
    return name


def _one(
    session: Session,
    actor: Person,
    row: Mapping[str, object],
    columns: tuple[str | None, str | None],
    given: tuple[str, str, date],
    seen: dict[str, int],
    done: Imported,
) -> None:
    named, coded = columns
    file, document, on = given
    number = int(str(row["row"]))

    def wrong(column: str | None, value: object, text: Text) -> None:
        done.problems.append(RowProblem(number, column or "", str(value or "")[:60], text))

    name = str(row[named or ""] or "").strip()
    code = (str(row.get(coded) or "").strip() if coded else "") or name
    if not 0 < len(name) <= LONGEST or len(code) > 40:
        return wrong(named, name, EMPTY)
    try:
        sound(name)
        shape = _areal(row["wkb"])
        in_china(*shape.bounds)
    except BadCell as error:
        return wrong(named, name, error.text)
    if seen.setdefault(code, number) != number:
        return wrong(coded or named, code, TWICE.fill(seen[code]))
    held = [v for v in versions.history(session, BuiltUpArea, code) if v.recorded.upper is None]
    now = max(held, key=lambda v: v.valid.lower or date.min, default=None)
    if now is not None and (now.valid.lower or date.min) > on:
        return wrong(named, name, EARLY)
    ended = now is not None and now.valid.upper is not None
    if now is not None and not ended and now.name == name and to_shape(now.geometry).equals(shape):  # type: ignore[arg-type]
        done.unchanged += 1
        return None
    versions.supersede(
        session,
        BuiltUpArea(
            code=code, name=name, source=document, geometry=from_shape(shape, srid=SRID), made_by=actor.id,
            valid=Range(on, None, bounds="[)"), reason=f"导入建成区：{file}"[:500],
        ),
    )  # fmt: skip
    done.names.append(name)
    if now is None or ended:
        done.new += 1
    else:
        done.changed += 1
    return None


def _areal(wkb: object) -> shapely.MultiPolygon:
    """The polygons of a shape, mended. Raises BadCell."""
    if not isinstance(wkb, bytes):
        raise BadCell(NO_AREA)
    shape = shapely.force_2d(shapely.from_wkb(wkb))
    if shapely.get_dimensions(shape) != 2:
        raise BadCell(NO_AREA)
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    parts = [p for p in shapely.get_parts(shapely.get_parts(shape)) if p.geom_type == "Polygon"]
    parts += [q for p in shapely.get_parts(shape) if p.geom_type == "MultiPolygon" for q in p.geoms]
    parts = list({p.wkb: p for p in parts if not p.is_empty}.values())
    if not parts:
        raise BadCell(BROKEN)
    return shapely.MultiPolygon(parts)
