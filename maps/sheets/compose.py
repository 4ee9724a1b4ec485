"""Composing (拼图): layers, names and furniture on one paper. The one way to a sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from maps.sheets import words
from maps.sheets.anchors import anchors
from maps.sheets.drawing import group, letters, mm, path, rectangle, shape, svg, symbol
from maps.sheets.furniture import (
    FOOT,
    HEADING,
    ROW,
    STRONG,
    SUBTITLE,
    TITLE,
    WARNING,
    About,
    Entry,
    entries,
    meridian,
    north_arrow,
    scale_bar,
    swatch,
    ticks,
    wrapped,
)
from maps.sheets.layers import Areas, Band, Layer, Layers, Lettering, Points, Stroke
from maps.sheets.paper import Paper
from maps.sheets.placing import AROUND, LINE, OVER, POINT_MM, Box, Wanted, place, width_em
from maps.sheets.printable import printable
from maps.sheets.projecting import Frame, frame
from maps.sheets.sheet import Sheet
from maps.theme import INK, OUTSIDE, RULE, SECOND

#: Detail finer than this cannot be printed, millimetres.
FINE_MM = 0.04

Line = tuple[str, Lettering]


def sheet(layers: Layers, about: About, paper: Paper) -> Sheet:
    """The map of these layers on a paper, at the largest round scale that shows all of the extent.

    Names are placed before anything is drawn: by rank, none over another. What a name says is set as text
    and nothing else. The same input gives the same SVG.
    """
    k = paper.factor
    edge = 8 * k
    head = _head_height(about, paper, k)
    rows = entries(layers)
    panel = _Panel(about, rows, paper, k, edge, head)
    left, top, width, height = panel.window
    chosen = frame(_extent(layers), left, top, width, height, margin=5 * k)
    window = Box(left, top, left + width, top + height)
    panel.rows = entries(layers, chosen.seen)
    drawn = [_Drawn(layer, chosen, window, k) for layer in layers.drawn]
    north = (window.right - 7 * k, window.top + 12 * k)
    reserved = Box(north[0] - 5 * k, window.top, window.right, north[1] + 5.5 * k)
    names, left_out = _names(layers, drawn, chosen, window, reserved, k)
    face = [
        rectangle(left, top, width, height, OUTSIDE),
        *(part.svg for part in drawn),
        group(names, 'data-part="names"'),
        north_arrow(*north, chosen, k, about.language),
    ]
    clip = (
        f'<defs><clipPath id="window"><rect x="{mm(left)}" y="{mm(top)}" width="{mm(width)}" '
        f'height="{mm(height)}"/></clipPath></defs>'
    )
    parts = [
        clip,
        group(face, 'data-part="map" clip-path="url(#window)"'),
        rectangle(left, top, width, height, "none", Stroke(INK, 0.25 * k)),
        *ticks(chosen, k),
        *_head(about, paper, k, edge),
        *panel.draw(chosen, left_out),
    ]
    return Sheet(
        svg(paper.width_mm, paper.height_mm, about.title, parts),
        paper.width_mm, paper.height_mm, chosen.scale, printable(about.title), about.on, about.demo, tuple(left_out),
    )  # fmt: skip


def _extent(layers: Layers) -> tuple[float, float, float, float]:
    if layers.extent is not None:
        return layers.extent
    found = [
        bounds
        for layer in layers.drawn
        if not isinstance(layer, Band)
        for bounds in shapely.bounds(np.asarray(layer.geometries, dtype=object)).reshape(-1, 4)
        if not np.isnan(bounds).any()
    ]
    if not found:
        return 106.4, 29.5, 107.0, 30.2
    west, south, east, north = np.array(found).T
    return float(west.min()), float(south.min()), float(east.max()), float(north.max())


class _Drawn:
    """One layer as SVG, where its point symbols stand, and where the lines run that names keep off."""

    def __init__(self, layer: Layer, frame: Frame, window: Box, k: float) -> None:
        self.symbols: list[tuple[float, float, float]] = []
        self.lines: list[tuple[float, float, float]] = []
        self.svg = ""
        room = shapely.box(*(_grown(window, 3)))
        if isinstance(layer, Band):
            self.svg = self._band(layer, frame, room, k)
            return
        shapes = np.asarray(frame.on_paper(layer.geometries), dtype=object).reshape(-1)
        if isinstance(layer, Points):
            self._points(layer, shapes, window, k)
            return
        kept = shapely.intersection(_valid(shapes), room) if isinstance(layer, Areas) else _cut(shapes, room)
        kept = shapely.simplify(kept, FINE_MM)
        if isinstance(layer, Areas):
            edge = _larger(layer.edge, k)
            self.svg = group(
                shape(path(one), fill=fill, stroke=edge, opacity=layer.opacity)
                for one, fill in zip(kept, layer.fills, strict=True)
            )
        else:
            data = "".join(path(one) for one in kept)
            self.svg = shape(data, stroke=_larger(layer.stroke, k))
            if layer.avoid:
                half = layer.stroke.width_mm * k / 2 + 0.2
                steps = shapely.segmentize(kept, 1.2)
                self.lines += [(x, y, half) for x, y in shapely.get_coordinates(steps).tolist()]

    def _points(self, layer: Points, shapes: Any, window: Box, k: float) -> None:
        size = layer.size_mm * k
        parts = []
        for x, y in shapely.get_coordinates(shapes).tolist():
            if window.left <= x <= window.right and window.top <= y <= window.bottom:
                parts.append(symbol(layer.symbol, x, y, size, layer.colour))
                self.symbols.append((x, y, size / 2))
        self.svg = group(parts)

    @staticmethod
    def _band(layer: Band, frame: Frame, room: Any, k: float) -> str:
        outline = shapely.simplify(_valid(frame.on_paper([layer.outline]))[0], FINE_MM)
        if outline.is_empty:
            return ""
        inside = shapely.difference(outline, shapely.buffer(outline, -layer.width_mm * k, quad_segs=4))
        return shape(path(shapely.intersection(inside, room)), fill=layer.colour, opacity=layer.opacity)


def _names(
    layers: Layers, drawn: Sequence[_Drawn], frame: Frame, window: Box, reserved: Box, k: float
) -> tuple[list[str], list[str]]:
    """The names in their places as SVG, and those without a place."""
    if not layers.names:
        return [], []
    shapes = frame.on_paper([name.at for name in layers.names])
    room = shapely.box(window.left, window.top, window.right, window.bottom)
    keys: dict[tuple[float, float], int] = {}
    wanted = []
    for i, (name, where) in enumerate(zip(layers.names, shapes, strict=True)):
        look = name.lettering
        size = look.size_pt * POINT_MM * k
        width = (width_em(name.text) + look.spacing_em * len(name.text)) * size
        at, along, wide = anchors(where, room, name.sits, width)
        if at is None or (name.sits == "line" and not along):
            continue
        keys.setdefault((round(at[0], 2), round(at[1], 2)), i)
        sides = (name.anchor,) if name.anchor else AROUND if name.sits == "point" else OVER
        wanted.append(
            Wanted(
                i, name.text, *at, size, name.rank, look.spacing_em, sides, name.clear_mm * k, name.must,
                _sizes(width, wide), 0.45 * wide if wide else math.inf,
                name.mark.size_mm * k / 2 if name.mark else 0.0, along,
            )
        )  # fmt: skip
    symbols = [
        (Box(x - r, y - r, x + r, y + r), keys.get((round(x, 2), round(y, 2)), -1))
        for part in drawn
        for x, y, r in part.symbols
    ]
    inner = Box(window.left + 0.8, window.top + 0.8, window.right - 0.8, window.bottom - 0.8)
    symbols += [(Box(x - r, y - r, x + r, y + r), LINE) for part in drawn for x, y, r in part.lines]
    placed, left_out, bare = place(wanted, inner, symbols, [reserved])
    spots = {w.key: (w.x, w.y) for w in wanted}
    drawn_keys = sorted([p.key for p in placed] + [w.key for w in bare])
    marks = [
        symbol(mark.symbol, *spots[key], mark.size_mm * k, mark.colour)
        for key in drawn_keys
        if (mark := layers.names[key].mark) is not None
    ]
    said = [
        letters(
            layers.names[p.key].text, p.x, p.y, layers.names[p.key].lettering, factor=k * p.share, angle=p.angle
        )
        for p in sorted(placed, key=lambda p: p.key)
    ]  # fmt: skip
    return [group(marks), *said], [w.text for w in left_out]


def _sizes(width: float, wide: float) -> tuple[float, ...]:
    """Sizes to try for the name of an area, `wide` at its widest: smaller where it would reach far out of the
    area, and smaller still before it is left out."""
    if not wide:
        return (1.0,)
    first = min(1.0, max(0.72, 1.25 * wide / width))
    return tuple(dict.fromkeys((first, min(first, 0.8), 0.66, 0.56, 0.5)))


def _head_height(about: About, paper: Paper, k: float) -> float:
    return (15.5 if about.subtitle else 11.5) * k + (4.2 * k if about.demo or about.warning else 0)


def _head(about: About, paper: Paper, k: float, edge: float) -> list[str]:
    """Title and subtitle over the map, the marks of demonstration and of restriction under them."""
    room = paper.width_mm - 2 * edge
    spaced = 1 + TITLE.spacing_em
    fits = min(1.0, room / max(width_em(about.title) * spaced * TITLE.size_pt * POINT_MM * k, 1e-9))
    parts = [letters(about.title, paper.width_mm / 2, edge + 3.6 * k, TITLE, factor=k * max(fits, 0.25))]
    y = edge + 9.6 * k
    if about.subtitle:
        parts.append(letters(about.subtitle, paper.width_mm / 2, y, SUBTITLE, factor=k))
        y += 4.2 * k
    marks = [about.warning, words.DEMO.in_language(about.language) if about.demo else ""]
    said = " · ".join(m for m in marks if m)
    if said:
        parts.append(letters(said, paper.width_mm / 2, y, WARNING, factor=k))
    return parts


class _Panel:
    """Legend, scale and notes: at the right of a lying sheet, under the map of an upright one."""

    def __init__(
        self, about: About, rows: list[Entry], paper: Paper, k: float, edge: float, head: float
    ) -> None:
        self.about, self.rows, self.paper, self.k, self.edge = about, rows, paper, k, edge
        tick = 4.2 * k
        top = edge + head
        if paper.lying:
            self.width = max(0.2 * paper.width_mm, 48 * k)
            self.left = paper.width_mm - edge - self.width
            self.top, self.height = top, paper.height_mm - edge - top
            wide = self.left - 5 * k - edge - tick
            self.window = (edge + tick, top, wide, paper.height_mm - edge - tick - top)
        else:
            self.width = paper.width_mm - 2 * edge
            self.left = edge
            self.notes_width = self.width * 0.42
            self.columns = 2
            self.height = max(self._legend_height(), self._notes_height()) + 3 * k
            self.top = paper.height_mm - edge - self.height
            self.window = (edge + tick, top, paper.width_mm - 2 * edge - tick, self.top - tick - 2 * k - top)

    def _legend_height(self) -> float:
        k = self.k
        return 6.5 * k + 5.2 * k * -(-len(self.rows) // self.columns)

    def _notes_height(self) -> float:
        lines = self._foot(self.notes_width, None, 99)
        return 11 * self.k + 3.4 * self.k * len(lines)

    def _foot(self, width: float, chosen: Frame | None, left_out: int) -> list[Line]:
        about, language = self.about, self.about.language
        said: list[Line] = [(note, FOOT) for note in about.notes]
        said.append((words.SYSTEM.fill(meridian(chosen) if chosen else 108).in_language(language), FOOT))
        if left_out:
            said.append((words.LEFT_OUT.fill(left_out).in_language(language), FOOT))
        if about.sources:
            said.append((words.SOURCES.fill(about.sources).in_language(language), FOOT))
        said.append((words.DATE.fill(about.on.isoformat()).in_language(language), FOOT))
        said.append((words.APPROVAL.fill(about.approval).in_language(language), STRONG))
        return [(line, look) for text, look in said for line in wrapped(text, width, look, self.k)]

    def draw(self, chosen: Frame, left_out: list[str]) -> list[str]:
        return (
            self._lying(chosen, len(left_out)) if self.paper.lying else self._upright(chosen, len(left_out))
        )

    def _lying(self, chosen: Frame, left_out: int) -> list[str]:
        k, x = self.k, self.left
        parts = [rectangle(x - 2.5 * k, self.top, 0.2 * k, self.height, RULE)]
        foot = self._foot(self.width, chosen, left_out)
        bottom = self.top + self.height
        y = bottom - 3.5 * k * len(foot) + 1.6 * k
        start = y - 15 * k
        for i, (line, look) in enumerate(foot):
            parts.append(letters(line, x, y + i * 3.5 * k, look, anchor="start", factor=k))
        bar, _ = scale_bar(x, start, self.width * 0.86, chosen.scale, k, self.about.language)
        parts.append(bar)
        return [*parts, *self._legend(x, self.top, self.width, start - 4 * k - self.top, 1)]

    def _upright(self, chosen: Frame, left_out: int) -> list[str]:
        k = self.k
        notes_x = self.left + self.width - self.notes_width
        legend_width = self.width - self.notes_width - 4 * k
        parts = [rectangle(notes_x - 2 * k, self.top + k, 0.2 * k, self.height - k, RULE)]
        bar, high = scale_bar(
            notes_x, self.top + k, self.notes_width * 0.8, chosen.scale, k, self.about.language
        )
        parts.append(bar)
        y = self.top + high + 3.2 * k
        for i, (line, look) in enumerate(self._foot(self.notes_width, chosen, left_out)):
            parts.append(letters(line, notes_x, y + i * 3.4 * k, look, anchor="start", factor=k))
        return [*parts, *self._legend(self.left, self.top + k, legend_width, self.height - k, self.columns)]

    def _legend(self, x: float, y: float, width: float, room: float, columns: int) -> list[str]:
        """Heading and rows; rows come closer together where they would not fit."""
        k = self.k
        if not self.rows:
            return []
        parts = [
            letters(
                words.LEGEND.in_language(self.about.language),
                x,
                y + 2.2 * k,
                HEADING,
                anchor="start",
                factor=k,
            )
        ]
        down = -(-len(self.rows) // columns) or 1
        pitch = min(5.2 * k, (room - 6.5 * k) / down)
        small = min(1.0, pitch / (4.2 * k)) * k
        each = width / columns
        for i, entry in enumerate(self.rows):
            left, middle = x + (i // down) * each, y + 8.2 * k + (i % down) * pitch
            parts.append(swatch(entry.layer, left, middle, 9 * k, k))
            text = Lettering(ROW.size_pt, ROW.colour, halo=False)
            parts.append(letters(entry.text, left + 11 * k, middle, text, anchor="start", factor=small))
            if entry.note:
                note = Lettering(6.8, SECOND, halo=False)
                parts.append(
                    letters(
                        entry.note,
                        left + each - (0 if columns == 1 else 5 * k),
                        middle,
                        note,
                        anchor="end",
                        factor=small,
                    )
                )
        return parts


def _larger(stroke: Stroke | None, k: float) -> Stroke | None:
    if stroke is None:
        return None
    return Stroke(stroke.colour, stroke.width_mm * k, tuple(d * k for d in stroke.dash_mm), stroke.opacity)


def _valid(shapes: Any) -> Any:
    return np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes))


def _cut(shapes: Any, room: Any) -> Any:
    return shapely.intersection(shapes, room)


def _grown(box: Box, by: float) -> tuple[float, float, float, float]:
    return box.left - by, box.top - by, box.right + by, box.bottom + by
