"""What an accepted submission brings into force, record by record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import geopandas
import numpy as np
import pyproj
import shapely
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from api.security.person import Person
from geo.boundaries import codes, life
from geo.boundaries.merge import Settling, derived_units, number_of, same_shape, text_of
from geo.machine import GuardUnmet
from geo.problems import Conflict
from geo.settings import tolerances
from geo.store import boundaries, submissions, units, versions
from geo.store.tables import (
    SRID,
    AdminUnit,
    BoundaryLine,
    BoundaryMarker,
    Demarcation,
    Submission,
    Tripoint,
)
from geo.terms import LineState, MarkerKind, Role
from geo.text import Text

_GEOD = pyproj.Geod(ellps="GRS80")

#: Fields that have a column of their own; the others are kept as facts.
LINE_COLUMNS = {"code", "name", "left", "right", "level", "document", "status", "length_m", "length_km"}
MARKER_COLUMNS = {"number", "line", "kind", "height", "lon", "lat", "north", "east"}


class LineLocked(Conflict):
    """The geometry of a line that is agreed, under approval or settled would change."""

    code = "line-locked"
    title = Text(
        "界线 {lines} 已签协议或已勘定，图形不能改动；已勘定的请先启动变更，已签协议的请先退回",
        "The geometry of {lines} is agreed or settled and cannot change: open a boundary change for a settled line, send an agreed one back first",
    )


class UnknownLine(Conflict):
    """A record names a line that is neither in the submission nor in the district."""

    code = "unknown-line"
    title = Text(
        "{record} 所属界线 {line} 不存在，请核对编号",
        "{record} belongs to line {line}, which does not exist; check the number",
    )


class Merger:
    """Lays one submission into the published state, inside the caller's transaction.

    replaced: submissions whose records were closed.
    """

    def __init__(self, session: Session, actor: Person, row: Submission, on_date: date) -> None:
        self.session, self.actor, self.row, self.on_date = session, actor, row, on_date
        self.equal_m = tolerances().equal
        self.names = units.names_at(session, row.district, on_date)
        self.valid = Range(on_date, None, bounds="[)")
        self.replaced: set[UUID] = set()
        self.reason = f"第 {row.number} 号提交审查通过"
        self.locked: list[str] = []

    def merge(self, features: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
        """Enter everything; returns what was entered or moved, by kind: codes and numbers.

        Raises LineLocked with all the lines that would have had to change.
        """
        of = {role: [f for f in features if f["role"] == role and f["geometry"] is not None] for role in Role}
        self.settling = Settling(self.positions(), self.equal_m)
        summary: dict[str, list[str]] = {}
        # Lines in the order of their codes: two acceptances lock them in the same order.
        lines = sorted(((self.line_code(f), f) for f in of[Role.LINES]), key=lambda pair: pair[0])
        self.rows = {code: self.demarcation(code, f) for code, f in lines}
        summary["lines"] = [code for code, f in lines if self.line(code, f)]
        summary["markers"] = [n for f in of[Role.MARKERS] if (n := self.marker(f))]
        summary["tripoints"] = [n for f in of[Role.TRIPOINTS] if (n := self.tripoint(f))]
        if self.locked:
            raise LineLocked(lines="、".join(dict.fromkeys(self.locked)))
        summary["units"] = self.polygons(of[Role.POLYGONS])
        summary["results_checked"] = [code for code in self.rows if self.move(self.rows[code])]
        # Unchanged records are an answer too: the submission confirms what is published.
        summary["confirmed"] = sorted(set(self.rows) - set(summary["lines"]))
        return summary

    def positions(self) -> np.ndarray[Any, Any]:
        """Every published vertex of the district: what new geometry settles on."""
        parts: list[Any] = []
        for table in (BoundaryLine, Tripoint, AdminUnit):
            for record in self.session.scalars(versions.as_of(table, self.on_date)):
                if record.geometry is not None:
                    parts.append(to_shape(record.geometry))
        return np.unique(shapely.get_coordinates(parts), axis=0) if parts else np.empty((0, 2))

    def settled(self, feature: Mapping[str, Any]) -> Any:
        return self.settling.apply(shapely.force_2d(feature["geometry"]))

    # Lines -------------------------------------------------------------------------------------------------

    def line_code(self, feature: Mapping[str, Any]) -> str:
        fields = feature["fields"]
        stated = codes.tidy_line(text_of(fields.get("code")) or "")
        if stated:
            return stated
        return codes.line_code(text_of(fields.get("left")) or "", text_of(fields.get("right")) or "")

    def demarcation(self, code: str, feature: Mapping[str, Any]) -> Demarcation:
        """The line's row, locked; made where the pair of units had none yet."""
        parts = codes.parse_line(code)
        row = self.session.get(Demarcation, code, with_for_update=True, populate_existing=True)
        if row is None:
            row = Demarcation(
                code=code,
                name=text_of(feature["fields"].get("name")) or self.line_name(parts.first, parts.second),
                unit_a=parts.first,
                unit_b=parts.second,
                level="township" if len(parts.first) == 9 else "county",
                district=self.row.district,
                demo=self.row.demo,
            )
            self.session.add(row)
            self.session.flush()
        return row

    def line_name(self, a: str, b: str) -> str:
        return codes.line_name(self.names.get(a, a), self.names.get(b, b))

    def line(self, code: str, feature: Mapping[str, Any]) -> bool:
        """Enter a line's new version; False where it is what is published already."""
        fields, row = feature["fields"], self.rows[code]
        shape = shapely.line_merge(self.settled(feature))
        parts = shapely.get_parts(shape)
        if len(parts) != 1:
            raise GuardUnmet(
                step=Text("接受成果", "accept"),
                missing=Text(f"界线 {code} 为单一线段", f"line {code} as one part"),
            )
        shape = parts[0]
        left = text_of(fields.get("left")) or row.unit_a
        right = text_of(fields.get("right")) or row.unit_b
        document = text_of(fields.get("document"))
        current = self.current(BoundaryLine, code)
        if current is not None and same_shape(to_shape(current.geometry), shape, self.equal_m):
            if document in (None, current.document) or life.geometry_is_locked(LineState(row.state)):
                return False
            shape, left, right = to_shape(current.geometry), current.left_code, current.right_code
        elif life.geometry_is_locked(LineState(row.state)):
            self.locked.append(code)
            return False
        self.enter(
            BoundaryLine(
                code=code,
                name=text_of(fields.get("name")) or row.name,
                left_code=left,
                right_code=right,
                level=row.level,
                document=document,
                facts=facts(fields, LINE_COLUMNS),
                geometry=from_shape(shape, srid=SRID),
                length_m=_GEOD.geometry_length(shape),
                demo=self.row.demo or row.demo,
            )
        )
        return True

    def move(self, row: Demarcation) -> bool:
        """Move a line on to results_checked, unless it is further already."""
        state = LineState(row.state)
        if not life.acceptance_moves(state):
            return False
        step = life.LIFE.step(state, life.ACCEPT, self.actor.roles, life.Facts(submission=str(self.row.id)))
        before = boundaries.steps(self.session, row.code)
        file = submissions.file_of(self.session, self.row.id)
        boundaries.take(
            self.session,
            row,
            transition=step.name,
            to=step.to,
            # A line whose earlier papers are dated later than the as-of date keeps its order.
            on_date=max([self.on_date, *(s.on_date for s in before[-1:])]),
            actor_id=self.actor.id,
            reason=self.reason,
            evidence=[
                {
                    "kind": "submission",
                    "title": file.filename,
                    "number": str(self.row.number),
                    "date": self.on_date.isoformat(),
                    "sha256": file.sha256,
                }
            ],
        )
        return True

    # Markers and tripoints -----------------------------------------------------------------------------------

    def marker(self, feature: Mapping[str, Any]) -> str | None:
        """Enter a marker's new version; None where it is what is published already."""
        fields = feature["fields"]
        number = text_of(fields.get("number"))
        if number is None:
            return None
        parts = codes.parse_marker(number)
        number = str(parts) if parts else number
        line = codes.tidy_line(text_of(fields.get("line")) or "") or (parts.line if parts else "")
        owner = self.rows.get(line) or self.session.get(Demarcation, line)
        if owner is None:
            raise UnknownLine(record=number, line=line or "?")
        shape = single_point(self.settled(feature))
        kind = parts.kind if parts else marker_kind(text_of(fields.get("kind")))
        height = number_of(fields.get("height"))
        height = feature["z"] if height is None else height
        current = self.current(BoundaryMarker, number)
        if current is not None:
            moved = not same_shape(to_shape(current.geometry), shape, self.equal_m)
            if (
                not moved
                and (current.line_code, current.kind) == (line, kind.value)
                and height in (None, current.height)
            ):
                return None
            if moved and life.geometry_is_locked(LineState(owner.state)):
                self.locked.append(line)
                return None
        elif life.geometry_is_locked(LineState(owner.state)):
            self.locked.append(line)
            return None
        self.enter(
            BoundaryMarker(
                number=number,
                display_number=text_of(fields.get("number")),
                line_code=line,
                kind=kind.value,
                height=height,
                condition=None if current is None else current.condition,
                accuracy_m=None if current is None else current.accuracy_m,
                facts=facts(fields, MARKER_COLUMNS),
                geometry=from_shape(shape, srid=SRID),
                demo=self.row.demo or owner.demo,
            )
        )
        return number

    def tripoint(self, feature: Mapping[str, Any]) -> str | None:
        """Enter a tripoint's new version; None where it is what is published already."""
        fields = feature["fields"]
        around = sorted(filter(None, (text_of(fields.get(f"unit{i}")) for i in (1, 2, 3))))
        if len(set(around)) != 3:
            return None
        number = text_of(fields.get("number")) or codes.tripoint_number(*around)
        shape = single_point(self.settled(feature))
        height = number_of(fields.get("height"))
        current = self.current(Tripoint, number)
        if current is not None and same_shape(to_shape(current.geometry), shape, self.equal_m):
            return None
        pairs = [
            codes.line_code(a, b)
            for a, b in ((around[0], around[1]), (around[0], around[2]), (around[1], around[2]))
        ]
        for code in pairs:
            line = self.session.get(Demarcation, code)
            if line is not None and life.geometry_is_locked(LineState(line.state)) and current is not None:
                self.locked.append(code)
                return None
        self.enter(
            Tripoint(
                number=number,
                unit1=around[0],
                unit2=around[1],
                unit3=around[2],
                height=feature["z"] if height is None else height,
                geometry=from_shape(shape, srid=SRID),
                demo=self.row.demo,
            )
        )
        return number

    # Township polygons -----------------------------------------------------------------------------------------

    def polygons(self, features: Sequence[Mapping[str, Any]]) -> list[str]:
        """Township polygons: derived from the lines where they close up to a unit, else as uploaded."""
        present = {
            u.code: u
            for u in self.session.scalars(
                versions.as_of(AdminUnit, self.on_date).where(AdminUnit.level == "township")
            )
            if u.code.startswith(self.row.district) or u.parent_code == self.row.district
        }
        outlines = {c: to_shape(u.geometry) for c, u in present.items() if u.geometry is not None}
        uploaded = {
            code: self.settled(f) for f in features if (code := text_of(f["fields"].get("code"))) in present
        }
        lines = list(self.session.scalars(versions.as_of(BoundaryLine, self.on_date)))
        frame = geopandas.GeoDataFrame(
            {
                "code": [r.code for r in lines],
                "left_code": [r.left_code for r in lines],
                "right_code": [r.right_code for r in lines],
            },
            geometry=[to_shape(r.geometry) for r in lines],
            crs=SRID,
        )
        pairs = [
            (a, b)
            for a, b in self.session.execute(
                select(Demarcation.unit_a, Demarcation.unit_b).where(
                    Demarcation.district == self.row.district, Demarcation.level == "township"
                )
            )
        ]
        derived = derived_units(frame, outlines, present, pairs)
        changed = []
        for code, unit in sorted(present.items()):
            source, shape = (
                ("derived", derived[code]) if code in derived else ("imported", uploaded.get(code))
            )
            if shape is None:
                continue
            if (
                unit.geometry is not None
                and same_shape(to_shape(unit.geometry), shape, self.equal_m)
                and (unit.geometry_source == source or source == "imported")
            ):
                continue
            self.enter(unit_with(unit, shape, source, demo=self.row.demo or unit.demo))
            changed.append(code)
        return changed

    # All -----------------------------------------------------------------------------------------------------

    def current(self, table: type[Any], key: str) -> Any:
        """The version of a record in force on the date."""
        return self.session.scalars(
            versions.as_of(table, self.on_date).where(versions.key_of(table) == key)
        ).first()

    def enter(self, record: Any) -> None:
        """Put a version in force."""
        table = type(record)
        key = getattr(record, versions.key_of(table).key)
        before = self.current(table, key)
        if before is not None and before.submission_id is not None:
            self.replaced.add(before.submission_id)
        record.valid, record.submission_id, record.made_by = self.valid, self.row.id, self.actor.id
        record.reason = self.reason
        versions.supersede(self.session, record)


def facts(fields: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    """The fields that have no column of their own."""
    return {name: value for name, value in fields.items() if name not in known and text_of(value) is not None}


def single_point(shape: Any) -> Any:
    """A marker's point, also where the file wraps it into a multipoint of one."""
    return shapely.get_parts(shape)[0]


def marker_kind(stated: str | None) -> MarkerKind:
    """The kind of a marker whose number does not say it; single where the file does not either."""
    return MarkerKind(stated) if stated in set(MarkerKind) else MarkerKind.SINGLE


def unit_with(unit: AdminUnit, shape: Any, source: str, *, demo: bool) -> AdminUnit:
    """A unit's facts with another polygon."""
    parts = shapely.get_parts(shape)
    return AdminUnit(
        code=unit.code,
        statistical=unit.statistical,
        name=unit.name,
        level=unit.level,
        kind=unit.kind,
        parent_code=unit.parent_code,
        document=unit.document,
        source=unit.source,
        geometry=from_shape(shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2]), srid=SRID),
        geometry_source=source,
        demo=demo,
    )
