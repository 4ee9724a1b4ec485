"""Changes (变化): what a difference consists of, and how it is answered as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from geo.network import sentences
from geo.network.alignment import Change
from geo.text import Text

#: So many pieces are told one by one, the largest first; all of them are drawn.
TOLD = 20


@dataclass(frozen=True)
class VertexChange:
    """One vertex that is not simply kept: where it was and is, in EPSG:4490, longitude and latitude."""

    change: Change
    metres: float
    old: tuple[float, float] | None
    new: tuple[float, float] | None


@dataclass(frozen=True)
class LineDifference:
    """What became of one line. state: changed, added or removed. counts: vertices by Change."""

    code: str
    old_code: str | None
    name: str | None
    state: str
    counts: Mapping[str, int]
    largest_m: float
    vertices: tuple[VertexChange, ...]
    attributes: Mapping[str, tuple[str | None, str | None]]
    says: Text
    geometry: BaseGeometry | None = None

    @property
    def moves_boundary(self) -> bool:
        """Whether more than noise changed: a vertex on the old line changes nothing in law."""
        real = (Change.MOVED_REAL, Change.INSERTED_OFF, Change.DELETED_OFF)
        return self.state != "changed" or any(self.counts.get(c.value) for c in real)


@dataclass(frozen=True)
class Piece:
    """Ground that changes hands: geodesic area, polygon in EPSG:4490, the nearest marker, in words."""

    giver: str | None
    taker: str | None
    area_m2: float
    line: str | None
    marker: str | None
    says: Text
    geometry: BaseGeometry


@dataclass(frozen=True)
class UnitDifference:
    """What one unit gains and loses in all, in square metres on the ellipsoid."""

    code: str
    name: str
    gained_m2: float
    lost_m2: float
    says: Text


@dataclass(frozen=True)
class MarkerDifference:
    """A marker that is new, gone or moved. state: added, removed, moved."""

    number: str
    state: str
    metres: float | None
    says: Text
    geometry: BaseGeometry


@dataclass(frozen=True)
class Difference:
    """All that differs. Empty where nothing does."""

    lines: tuple[LineDifference, ...] = ()
    pieces: tuple[Piece, ...] = ()
    units: tuple[UnitDifference, ...] = ()
    markers: tuple[MarkerDifference, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.lines or self.pieces or self.markers)

    @property
    def says(self) -> tuple[Text, ...]:
        """The whole in a mayor's words: units, then where, then lines, then markers."""
        if self.empty:
            return (sentences.NOTHING,)
        units, pieces = [u.says for u in self.units], [p.says for p in self.pieces[:TOLD]]
        if len(self.pieces) > TOLD:
            pieces.append(sentences.more(len(self.pieces) - TOLD))
        lines, markers = [d.says for d in self.lines], [m.says for m in self.markers]
        return (*units, *pieces, *lines, *markers)

    def to_json(self) -> dict[str, Any]:
        """As `GET …/diff` answers: pieces as a FeatureCollection, the rest as plain objects."""
        return {
            "empty": self.empty,
            "sentences": [{"zh": t.zh, "en": t.en} for t in self.says],
            "units": [
                {
                    "code": u.code,
                    "name": u.name,
                    "gained_m2": round(u.gained_m2, 2),
                    "lost_m2": round(u.lost_m2, 2),
                    **_said(u.says),
                }
                for u in self.units
            ],
            "pieces": _collection(
                {
                    "from": p.giver,
                    "to": p.taker,
                    "area_m2": round(p.area_m2, 2),
                    "line": p.line,
                    "marker": p.marker,
                    **_said(p.says),
                    "geometry": p.geometry,
                }
                for p in self.pieces
            ),
            "lines": [
                {
                    "code": d.code,
                    "old_code": d.old_code,
                    "name": d.name,
                    "state": d.state,
                    "moves_boundary": d.moves_boundary,
                    "counts": dict(d.counts),
                    "largest_m": round(d.largest_m, 4),
                    "attributes": {k: list(v) for k, v in d.attributes.items()},
                    **_said(d.says),
                }
                for d in self.lines
            ],
            "vertices": _collection(
                {
                    "line": d.code,
                    "change": v.change.value,
                    "distance_m": round(v.metres, 4),
                    "old": v.old,
                    "new": v.new,
                    "geometry": _vertex_place(v),
                }
                for d in self.lines
                for v in d.vertices
            ),
            "markers": _collection(
                {
                    "number": m.number,
                    "state": m.state,
                    "distance_m": None if m.metres is None else round(m.metres, 4),
                    **_said(m.says),
                    "geometry": m.geometry,
                }
                for m in self.markers
            ),
        }


def _vertex_place(vertex: VertexChange) -> BaseGeometry:
    ends = [p for p in (vertex.old, vertex.new) if p is not None]
    return shapely.Point(ends[0]) if len(ends) == 1 else shapely.LineString(ends)


def _said(text: Text) -> dict[str, str]:
    return {"message": text.zh, "message_en": text.en}


def _collection(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    features = []
    for row in rows:
        geometry = row.pop("geometry")
        features.append({"type": "Feature", "properties": row, "geometry": mapping(geometry)})
    return {"type": "FeatureCollection", "features": features}
