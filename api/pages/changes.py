"""Changes (变化): the difference of a submission from what is in force, as words and as pieces of a map.

Reads the object that `GET …/diff` answers: units that gain and lose ground, lines vertex by vertex, markers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from shapely.geometry import shape
from sqlalchemy.orm import Session

from api.pages.rendering import words
from geo.settings import DistrictSettings
from geo.store import compared as comparison
from geo.store import submissions
from geo.store.tables import Submission
from geo.terms import Role, SubmissionState
from maps import difference_map
from maps.boundary_map import About
from maps.difference_map import Piece
from maps.page import Assets, MapParts

#: States in which comparing a submission with what is, or was, in force says something.
COMPARABLE = frozenset(
    {SubmissionState.CHECKED.value, SubmissionState.RETURNED.value, SubmissionState.ACCEPTED.value}
)

#: What became of a marker, and how the map draws it.
MARKER_KINDS = {"moved": "moved", "added": "inserted", "removed": "deleted"}
MOST_SENTENCES = 12


@dataclass(frozen=True)
class Row:
    """One row of the list: what changes, in words, and the pieces that the map goes to."""

    title: str
    sentences: tuple[str, ...]
    pieces: tuple[tuple[str, Any, str], ...] = ()


@dataclass(frozen=True)
class Compared:
    """A difference for a page, and the submitted lines as the course that stays."""

    rows: tuple[Row, ...] = ()
    course: tuple[Any, ...] = ()


def of(
    session: Session, row: Submission, *, district: DistrictSettings, at: date, language: str
) -> Compared | None:
    """The difference of a submission from what is in force on a date, or was before it was accepted; None
    for one that is not, or not yet, to be compared."""
    if row.state not in COMPARABLE or row.report is None:
        return None
    answer = comparison.difference_of(session, row, district=district, at=at).to_json()
    course = [f["geometry"] for f in submissions.features(session, row, Role.LINES.value)]
    return Compared(
        tuple(rows(answer, language)),
        tuple(g for g in course if g is not None),
    )


def rows(answer: Mapping[str, Any], language: str) -> Iterator[Row]:
    """Units first, then lines, then markers by what became of them, each with its pieces."""
    said = "message_en" if language == "en" else "message"
    ground = answer["pieces"]["features"]
    for unit in answer["units"]:
        mine = [
            (kind, shape(f["geometry"]), f["properties"][said])
            for f in ground
            for kind, side in (("gained", "to"), ("lost", "from"))
            if f["properties"][side] == unit["code"]
        ]
        yield Row(unit["name"], (unit[said], *(says for _, _, says in mine)), tuple(mine))
    for line in answer["lines"]:
        vertices = [f for f in answer["vertices"]["features"] if f["properties"]["line"] == line["code"]]
        yield Row(line["name"] or line["code"], (line[said],), tuple(_vertices(vertices)))
    for state, kind in MARKER_KINDS.items():
        mine = [f for f in answer["markers"]["features"] if f["properties"]["state"] == state]
        if mine:
            said_of = [f["properties"][said] for f in mine]
            title = words()[f"markers_{state}"].fill(count=len(mine)).in_language(language)
            shown = said_of if len(mine) <= MOST_SENTENCES else [*said_of[:MOST_SENTENCES], "…"]
            pieces = ((kind, shape(f["geometry"]), f["properties"][said]) for f in mine)
            yield Row(title, tuple(shown), tuple(pieces))


def _vertices(features: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any, str]]:
    """Vertices that are not kept: the way of one that moved, and a dot at its new place, or the old one
    where there is no new."""
    for feature in features:
        kind = str(feature["properties"]["change"]).partition("_")[0]
        if kind in difference_map.POINTS:
            place = shape(feature["geometry"])
            says = f"{feature['properties']['distance_m']:.3f} m"
            if place.geom_type == "Point":
                yield kind, place, says
            else:
                yield "old", place, says
                yield kind, place.boundary.geoms[-1] if not place.is_closed else place.centroid, says


def listed(compared: Compared) -> list[dict[str, Any]]:
    """The rows for the template."""
    return [{"title": row.title, "sentences": row.sentences} for row in compared.rows]


def drawn(
    compared: Compared, units: Iterable[tuple[str, Any]], about: About, assets: Assets, nonce: str
) -> MapParts:
    """The map of the difference: the submitted course, and over it what changes."""
    pieces = [Piece(-1, "new", geometry) for geometry in compared.course]
    for number, row in enumerate(compared.rows):
        pieces += [Piece(number, kind, geometry, says) for kind, geometry, says in row.pieces]
    return difference_map.build(pieces, units, about, assets, nonce)
