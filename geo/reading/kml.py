"""KML: folders as layers, placemarks as rows, read here.

GDAL has two KML drivers. The newer one is in some builds and not in others, the older one drops the
attributes of ExtendedData and every empty folder: the same file would be read in two ways. The parser
allows no DTD and no entities, and was given a text that has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from xml.sax import handler
from xml.sax.xmlreader import AttributesImpl

import defusedxml.sax
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.errors import ShapelyError

from geo.reading.bulk import Bulk
from geo.reading.rings import held

CONTAINERS = ("Document", "Folder")
SIMPLE = ("Point", "LineString", "LinearRing", "Track")
GEOMETRIES = (*SIMPLE, "Polygon", "MultiGeometry", "MultiTrack")


@dataclass
class _Shape:
    """One geometry element: its coordinates, or the rings or parts inside it."""

    kind: str
    text: list[str] = field(default_factory=list)
    parts: list[_Shape] = field(default_factory=list)


@dataclass
class _Row:
    values: dict[str, str] = field(default_factory=dict)
    shapes: list[_Shape] = field(default_factory=list)


@dataclass
class Folder:
    """A container: name "" where it has none; rows are its own placemarks, not those of folders inside."""

    tag: str = "Document"
    name: str = ""
    rows: list[_Row] = field(default_factory=list)
    inside: int = 0


@dataclass
class Document:
    """layers: containers with placemarks of their own, folders without any, and a document with nothing in
    it, as (name, Bulk) in document order; coordinates as in the file, longitude first. links: where network
    links lead, never followed. pictures: how many overlays there are, which are no features."""

    layers: list[tuple[str, Bulk]]
    links: list[str]
    pictures: int

    @property
    def bare(self) -> bool:
        """Whether there is no placemark in it."""
        return not any(len(bulk.geometry) for _, bulk in self.layers)


def read(document: bytes) -> Document:
    """What a KML document holds.

    document: UTF-8. Raises SAXException or ValueError where the XML is malformed.
    """
    reader = _Reader()
    defusedxml.sax.parseString(document, reader, forbid_dtd=True)
    layers = [(f.name, _bulk(f.rows)) for f in reader.folders if f.rows or f.tag == "Folder" or not f.inside]
    return Document(layers, reader.links, reader.pictures)


class _Reader(handler.ContentHandler):
    """Collects placemarks by the container that they stand in."""

    def __init__(self) -> None:
        super().__init__()
        self.folders: list[Folder] = []
        self.open: list[Folder] = []
        self.path: list[str] = []
        self.row: _Row | None = None
        self.shapes: list[_Shape] = []
        self.field = ""
        self.text: list[str] = []
        self.links: list[str] = []
        self.pictures = 0

    def startElement(self, name: str, attributes: AttributesImpl) -> None:
        tag = name.rpartition(":")[2]
        self.path.append(tag)
        self.text = []
        if tag in CONTAINERS:
            if self.open:
                self.open[-1].inside += 1
            self.open.append(Folder(tag))
            self.folders.append(self.open[-1])
        elif tag == "Placemark":
            if not self.open:
                self.folders.append(Folder())
                self.open.append(self.folders[-1])
            self.row = _Row()
            self.open[-1].rows.append(self.row)
        elif tag == "NetworkLink":
            self.links.append("NetworkLink")
        elif tag in ("GroundOverlay", "PhotoOverlay"):
            self.pictures += 1
        elif self.row is None:
            return
        elif tag in GEOMETRIES:
            shape = _Shape(tag)
            there = self.shapes[-1].parts if self.shapes else self.row.shapes
            # The shell comes first, wherever the document has it.
            there.insert(0 if "outerBoundaryIs" in self.path[-2:-1] else len(there), shape)
            self.shapes.append(shape)
        elif tag in ("Data", "SimpleData"):
            self.field = attributes.get("name") or ""

    def characters(self, content: str) -> None:
        self.text.append(content)

    def endElement(self, name: str) -> None:
        tag = self.path.pop()
        parent = self.path[-1] if self.path else ""
        words = "".join(self.text).strip()
        self.text = []
        if tag in CONTAINERS:
            self.open.pop()
        elif tag == "name" and parent in CONTAINERS and self.open:
            self.open[-1].name = words
        elif tag == "href" and "NetworkLink" in self.path:
            self.links[-1] = words or self.links[-1]
        elif self.row is None:
            return
        elif tag == "Placemark":
            self.row, self.shapes = None, []
        elif tag in GEOMETRIES and self.shapes:
            self.shapes.pop()
        elif tag in ("coordinates", "coord") and self.shapes:
            # gx:coord parts its numbers by blanks, one element a point.
            self.shapes[-1].text.append(words if tag == "coordinates" else ",".join(words.split()))
        elif tag in ("name", "description") and parent == "Placemark":
            self.row.values["Name" if tag == "name" else tag] = words
        elif (tag == "value" and parent == "Data") or tag == "SimpleData":
            self.row.values.setdefault(self.field or tag, words)


def _bulk(rows: list[_Row]) -> Bulk:
    names = list(dict.fromkeys(n for row in rows for n in row.values))
    table = {n: pd.Series([row.values.get(n) for row in rows], dtype=object) for n in names}
    attributes = pd.DataFrame(table, index=range(len(rows)))
    attributes.columns = pd.Index(names, dtype=object)
    answer = Bulk(attributes, np.full(len(rows), None, dtype=object))
    for number, row in enumerate(rows):
        try:
            made = [_geometry(shape, answer.unclosed, number) for shape in row.shapes]
        except (ValueError, ShapelyError):
            answer.lost.append(number)
            continue
        if made:
            answer.geometry[number] = made[0] if len(made) == 1 else _together(made)
    answer.unclosed = sorted(set(answer.unclosed))
    return answer


def _geometry(shape: _Shape, unclosed: list[int], row: int) -> Any:
    """One element as a geometry. Raises ValueError where a coordinate is no number."""
    if shape.kind in ("MultiGeometry", "MultiTrack"):
        return _together([_geometry(part, unclosed, row) for part in shape.parts])
    if shape.kind == "Polygon":
        rings = [
            _closed(_numbers(part.text), unclosed, row) for part in shape.parts if part.kind == "LinearRing"
        ]
        if not rings or not len(rings[0]):
            return shapely.Polygon()
        return shapely.Polygon(rings[0], [ring for ring in rings[1:] if len(ring)])
    points = _numbers(shape.text)
    if shape.kind == "Point":
        return shapely.Point(points[0]) if len(points) else shapely.Point()
    if not len(points):
        return shapely.LineString()
    return shapely.LineString(points if len(points) > 1 else np.repeat(points, 2, axis=0))


def _together(made: list[Any]) -> Any:
    """Parts as one: a multi geometry where they are of one kind, else a collection."""
    if not made:
        return shapely.GeometryCollection()
    # A collection in a collection says no more than its parts.
    made = [part for g in made for part in (g.geoms if g.geom_type.startswith(("Multi", "Geo")) else [g])]
    kinds = {g.geom_type for g in made}
    multi = {
        "Point": shapely.multipoints,
        "LineString": shapely.multilinestrings,
        "Polygon": shapely.multipolygons,
    }
    if len(kinds) == 1 and (make := multi.get(kinds.pop())):
        return make(made)
    return shapely.GeometryCollection(made)


def _numbers(texts: list[str]) -> NDArray[np.float64]:
    """(n, 3) coordinates of "lon,lat[,height] …"; heights 0 where left out.

    Blanks around a comma are let pass, and so is a comma after each point.
    """
    text = " ".join(texts)
    tuples = text.split()
    if not all(words.strip(",").count(",") in (1, 2) for words in tuples):
        tuples = re.sub(r"\s*,\s*", ",", text).split()
    answer = np.zeros((len(tuples), 3))
    for number, words in enumerate(tuples):
        parts = [float(word) for word in words.split(",") if word]
        if len(parts) < 2:
            raise ValueError(f"{words} is no coordinate")
        answer[number, : min(len(parts), 3)] = parts[:3]
    return answer


def _closed(ring: NDArray[np.float64], unclosed: list[int], row: int) -> NDArray[np.float64]:
    """The ring ending where it begins, of at least four points: what GEOS can hold, for checks to judge."""
    if not len(ring):
        return ring
    ring, opened = held(ring)
    if opened:
        unclosed.append(row)
    return ring
