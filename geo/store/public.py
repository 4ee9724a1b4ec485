"""公开图形: write the generalised shapes that the public sees. From outlines in use, which came with no
submission, and from settled lines; never from an accepted line that is not settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas
import shapely
from geoalchemy2 import WKBElement
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geo.boundaries.merge import overlap_share
from geo.network.generalise import Settled, as_multi, generalise
from geo.settings import DistrictSettings, public_tolerance_m
from geo.store import map_areas
from geo.store.frames import frame
from geo.store.tables import SRID, PublicShape
from geo.store.versions import remainders

# The outline in use is the last one that did not come from a submission, whether or not a derived or an
# imported one has taken its place for the officers since.
OUTLINES = """
    select u.code, u.level, base.demo, base.since, ST_AsBinary(base.geometry) as geometry
    from admin_unit u
    join lateral (
        select b.geometry, b.demo, lower(b.valid) as since from admin_unit b
        where b.code = u.code and b.submission_id is null and b.geometry is not null
          and (lower(b.valid) is null or lower(b.valid) <= :at)
        order by lower(b.valid) desc nulls last, lower(b.recorded) desc limit 1
    ) base on true
    where u.valid @> :at and upper_inf(u.recorded)
      and (u.parent_code = :district or u.code = :district or left(u.code, 6) = :district)
    order by u.level, u.code"""

# Lines that were settled by the date, each with the geometry that it was settled with: of the versions that
# the database still held after the step, the first recorded. A later one is of a change not yet settled.
SETTLED = """
    select d.code, l.id, l.left_code, l.right_code, l.demo, s.on_date, ST_AsBinary(l.geometry) as geometry
    from demarcation d
    join lateral (
        select s.on_date, s.at from demarcation_step s
        where s.code = d.code and s.to_state = 'settled' and s.from_state not in ('settled', 'changing')
          and s.on_date <= :at
        order by s.version desc limit 1
    ) s on true
    join lateral (
        select l.id, l.left_code, l.right_code, l.demo, l.geometry from boundary_line l
        where l.code = d.code and (upper_inf(l.recorded) or upper(l.recorded) > s.at)
        order by l.valid @> s.on_date desc, lower(l.recorded) limit 1
    ) l on true
    where d.district = :district
    order by d.code"""

LATER = """
    select distinct s.on_date from demarcation_step s join demarcation d on d.code = s.code
    where d.district = :district and s.to_state = 'settled' and s.from_state <> 'settled' and s.on_date > :at
    order by s.on_date"""

EXACT = """
    select ST_AsBinary(m.geometry) as geometry from boundary_marker m
    join demarcation d on d.code = m.line_code where d.district = :district
    union all
    select ST_AsBinary(t.geometry) from tripoint t where :district in (left(t.unit1, 6), left(t.unit2, 6), left(t.unit3, 6))"""


def refresh(
    session: Session, district: DistrictSettings, at: date, levels: Sequence[str] | None = None
) -> int:
    """Write the public shapes of a district from a date on; returns how many are new.

    levels: of units of these levels only; LINED is enough where a line was settled. A shape that did not change is left alone. Where lines were settled after the date, their dates follow,
    so that a settlement entered late does not undo them. To be called in the transaction that settles a
    line or loads outlines.
    """
    later = session.scalars(text(LATER), {"district": district.code, "at": at}).all()
    new = refresh_on(session, district, at, levels)
    # What changes after is what settled lines change: villages (村、社区) do not.
    new += sum(refresh_on(session, district, day, LINED) for day in later)
    if new:
        map_areas.simplify(session)
    return new


#: Levels whose outlines settled lines are laid into.
LINED = ("county", "township")


def refresh_on(
    session: Session, district: DistrictSettings, at: date, levels: Sequence[str] | None = None
) -> int:
    """Write the public shapes as they are on a date; of some levels only where named."""
    where = {"district": district.code, "at": at}
    tolerance = public_tolerance_m()
    outlines = frame(session, OUTLINES, **where)
    settled = frame(session, SETTLED, **where)
    exact = shapely.get_coordinates(frame(session, EXACT, district=district.code).geometry.to_numpy())
    lines = [Settled(r.code, r.left_code, r.right_code, r.geometry) for r in settled.itertuples(index=False)]
    shapes: dict[str, Any] = {}
    shown_lines: dict[str, Any] = {}
    for level in sorted({*outlines["level"], "township"} - {"county"}):
        if levels is not None and level not in levels:
            continue
        units = outlines[outlines["level"] == level]
        public = generalise(
            dict(zip(units["code"], units.geometry, strict=True)),
            lines if level == "township" else [],
            exact,
            zone=district.zone,
            tolerance_m=tolerance,
        )
        shapes |= public.units
        shown_lines |= public.lines
    shapes |= counties(outlines, shapes, exact, district, tolerance)
    present = in_force(session)
    writer = Writer(session, tolerance, present)
    for row in outlines[outlines["code"].isin(shapes)].itertuples(index=False):
        since = at if ("unit", row.code) in present else row.since
        writer.put("unit", row.code, shapes[row.code], since, demo=row.demo)
    for row in settled.itertuples(index=False):
        since = at if ("line", row.code) in present else row.on_date
        writer.put("line", row.code, shown_lines[row.code], since, demo=row.demo, line_id=row.id)
    return writer.write()


def counties(
    outlines: geopandas.GeoDataFrame,
    shapes: dict[str, Any],
    exact: Any,
    district: DistrictSettings,
    tolerance: float,
) -> dict[str, Any]:
    """Shapes of counties: the union of their townships' shapes where these fill them, so that the two
    cannot disagree; else generalised by themselves."""
    answer: dict[str, Any] = {}
    for row in outlines[outlines["level"] == "county"].itertuples(index=False):
        own = [
            shapes[c]
            for c, level in zip(outlines["code"], outlines["level"], strict=True)
            if level == "township" and c in shapes and c.startswith(row.code)
        ]
        union = shapely.union_all(own) if own else None
        if union is not None and overlap_share(union, row.geometry) > 0.95:
            answer[row.code] = as_multi(union)
        else:
            answer |= generalise(
                {row.code: row.geometry}, [], exact, zone=district.zone, tolerance_m=tolerance
            ).units
    return answer


@dataclass(frozen=True, slots=True)
class Held:
    """A shape that is in the table now."""

    id: int
    valid: Range[date]
    line_id: int | None
    tolerance_m: float
    demo: bool
    wkb: bytes


def in_force(session: Session) -> dict[tuple[str, str], list[Held]]:
    """The shapes that the database holds now, by kind and code."""
    rows = session.execute(
        select(
            PublicShape.kind,
            PublicShape.code,
            PublicShape.id,
            PublicShape.valid,
            PublicShape.line_id,
            PublicShape.tolerance_m,
            PublicShape.demo,
            func.ST_AsBinary(PublicShape.geometry),
        ).where(func.upper_inf(PublicShape.recorded))
    )
    answer: dict[tuple[str, str], list[Held]] = {}
    for kind, code, id, valid, line_id, tolerance, demo, wkb in rows:
        answer.setdefault((kind, code), []).append(Held(id, valid, line_id, tolerance, demo, bytes(wkb)))
    return answer


class Writer:
    """Collects what changed and writes it in two statements."""

    def __init__(
        self, session: Session, tolerance: float, present: dict[tuple[str, str], list[Held]]
    ) -> None:
        self.session, self.tolerance, self.present = session, tolerance, present
        self.closed: list[int] = []
        self.rows: list[dict[str, Any]] = []
        self.new = 0

    def put(
        self, kind: str, code: str, shape: Any, since: date | None, *, demo: bool, line_id: int | None = None
    ) -> None:
        """Put a shape in force from a date, unless the one in force is the same."""
        if shape.is_empty:
            return
        valid = Range(since, None, bounds="[)")
        wkb = shapely.to_wkb(shape, byte_order=1)
        met = [held for held in self.present.get((kind, code), []) if held.valid.overlaps(valid)]
        if len(met) == 1 and met[0].valid.upper is None and (met[0].line_id, met[0].wkb) == (line_id, wkb):
            return
        for held in met:
            self.closed.append(held.id)
            for rest in remainders(held.valid, valid):
                self.add(kind, code, held.wkb, rest, held.tolerance_m, held.demo, held.line_id)
        self.add(kind, code, wkb, valid, self.tolerance, demo, line_id)
        self.new += 1

    def add(
        self, kind: str, code: str, wkb: bytes, valid: Range[date], tolerance: float, demo: bool,
        line_id: int | None,
    ) -> None:  # fmt: skip
        self.rows.append(
            {"kind": kind, "code": code, "line_id": line_id, "valid": valid, "tolerance_m": tolerance,
             "demo": demo, "geometry": WKBElement(wkb, srid=SRID)}
        )  # fmt: skip

    def write(self) -> int:
        """Close what is replaced and enter what is new; returns how many shapes are new."""
        self.session.flush()
        moment = self.session.scalar(select(func.clock_timestamp()))
        if self.closed:
            self.session.execute(
                update(PublicShape)
                .where(PublicShape.id.in_(self.closed))
                .values(recorded=func.tstzrange(func.lower(PublicShape.recorded), moment, "[)"))
                .execution_options(synchronize_session=False)
            )
        if self.rows:
            opened = Range(moment, None, bounds="[)")
            self.session.execute(insert(PublicShape), [row | {"recorded": opened} for row in self.rows])
        return self.new
