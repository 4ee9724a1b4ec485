"""Furniture (图廓整饰): title, legend, scale, north arrow, date, sources, approval line of a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from maps.sheets import words
from maps.sheets.drawing import group, letters, mm, rectangle, shape, symbol
from maps.sheets.layers import Areas, Layer, Layers, Lettering, Lines, Mark, Points, Stroke
from maps.sheets.placing import POINT_MM, width_em
from maps.sheets.printable import printable
from maps.sheets.projecting import Frame, transformer
from maps.theme import INK, PANEL, RULE, SEAL, SECOND

TITLE = Lettering(19, INK, serif=True, bold=True, spacing_em=0.06, halo=False)
SUBTITLE = Lettering(8.5, SECOND, halo=False)
HEADING = Lettering(9.5, INK, serif=True, bold=True, halo=False)
ROW = Lettering(8, INK, halo=False)
FOOT = Lettering(6.8, SECOND, halo=False)
STRONG = Lettering(7.4, INK, bold=True, halo=False)
TICK = Lettering(5.6, SECOND, halo=False)
WARNING = Lettering(7.4, SEAL, bold=True, halo=False)


@dataclass(frozen=True, slots=True)
class About:
    """What a sheet says about itself.

    approval: 审图号, or the words that there is none. on: date of the data. sources: 资料来源. notes:
    sentences for the reader. warning: said in red (内部版 …). demo: demonstration data are drawn.
    """

    title: str
    on: date
    approval: str
    subtitle: str = ""
    sources: str = ""
    notes: tuple[str, ...] = ()
    warning: str = ""
    demo: bool = False
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the legend: its layer, whose look it shows, with text and a figure or length at the end."""

    layer: Layer
    text: str
    note: str = ""


def entries(layers: Layers, room: BaseGeometry | None = None) -> list[Entry]:
    """The rows of the legend, from the top down: the marks of names, then the layers that have words.

    room: the window in degrees; what does not reach into it has no row, and names outside are not counted.
    """
    found = []
    numbers: dict[Mark, int] = {}
    for name in layers.names:
        if name.mark is not None and name.mark.legend and (room is None or room.intersects(name.at)):
            numbers[name.mark] = numbers.get(name.mark, 0) + 1
    for mark, number in numbers.items():
        found.append(Entry(Points([], mark.symbol, mark.colour, mark.size_mm), mark.legend, str(number)))
    for layer in reversed(layers.drawn):
        if not isinstance(layer, (Areas, Lines, Points)) or not layer.legend or not len(layer.geometries):
            continue
        if room is None or shapely.intersects(np.asarray(layer.geometries, dtype=object), room).any():
            found.append(Entry(layer, layer.legend, getattr(layer, "note", "")))
    return found


def swatch(layer: Layer, x: float, y: float, width: float, factor: float) -> str:
    """A layer's look in the legend: `width` wide, its middle at y."""
    if isinstance(layer, Lines):
        stroke = layer.stroke
        look = Stroke(
            stroke.colour, stroke.width_mm * factor, tuple(d * factor for d in stroke.dash_mm), stroke.opacity
        )
        return shape(f"M{mm(x)} {mm(y)}L{mm(x + width)} {mm(y)}", stroke=look)
    if isinstance(layer, Points):
        return symbol(layer.symbol, x + width / 2, y, layer.size_mm * factor * 1.2, layer.colour)
    if isinstance(layer, Areas):
        fills = list(dict.fromkeys(layer.fills))[:4]
        each = width / max(len(fills), 1)
        high = 3.0 * factor
        edge = layer.edge or Stroke(RULE, 0.15)
        return group(
            rectangle(x + i * each, y - high / 2, each, high, fill, Stroke(edge.colour, 0.15))
            for i, fill in enumerate(fills)
        )
    return ""


def bar_length(scale: int, room_mm: float) -> tuple[float, float]:
    """A round length on the ground (metres) that fills most of the room, and its millimetres on paper."""
    most = room_mm / 1000 * scale
    power = 10 ** float(np.floor(np.log10(most)))
    metres = max(m * power for m in (1, 2, 4, 5) if m * power <= most)
    return metres, metres * 1000 / scale


def scale_bar(x: float, y: float, room: float, scale: int, factor: float, language: str) -> tuple[str, float]:
    """Numeric scale over a bar of four fields; answers its height too. The bar's fields are exact."""
    metres, length = bar_length(scale, room)
    unit, per = ("km", 1000.0) if metres >= 1000 else ("m", 1.0)
    high = 1.3 * factor
    parts = [letters(words.SCALE.fill(f"{scale:,}".replace(",", " ")).in_language(language), x, y + 1.6 * factor, STRONG,
                     anchor="start", factor=factor)]  # fmt: skip
    top = y + 4.2 * factor
    quarter = length / 4
    for i in range(4):
        parts.append(
            rectangle(x + i * quarter, top, quarter, high, INK if i % 2 == 0 else PANEL, Stroke(INK, 0.12))
        )
    for i in (0, 2, 4):
        value = f"{metres / per * i / 4:g}" + (f" {unit}" if i == 4 else "")
        parts.append(
            letters(
                value,
                x + i * quarter,
                top + high + 2.0 * factor,
                TICK,
                anchor="start" if i == 0 else "middle",
                factor=factor,
            )
        )
    return group(parts, 'data-part="scale"'), 9.2 * factor


def north_arrow(x: float, y: float, frame: Frame, factor: float, language: str) -> str:
    """An arrow to true north (真北), its middle at x, y: the sheet's upper edge is grid north."""
    high, wide = 5.2 * factor, 2.1 * factor
    arrow = (
        f'<g transform="rotate({frame.convergence:.3f} {mm(x)} {mm(y)})">'
        f'<path d="M{mm(x)} {mm(y - high)}L{mm(x + wide)} {mm(y + high * 0.62)}L{mm(x)} {mm(y + high * 0.3)}Z" fill="{INK}"/>'
        f'<path d="M{mm(x)} {mm(y - high)}L{mm(x - wide)} {mm(y + high * 0.62)}L{mm(x)} {mm(y + high * 0.3)}Z" '
        f'fill="{PANEL}" stroke="{INK}" stroke-width="{mm(0.22 * factor)}" stroke-linejoin="round"/></g>'
    )
    label = Lettering(9, INK, serif=True, bold=True)
    return arrow + letters(
        words.NORTH.in_language(language), x, y - high - 2.4 * factor, label, factor=factor
    )


def wrapped(text: str, width_mm: float, lettering: Lettering, factor: float) -> list[str]:
    """A text in lines of a width; Latin words stay whole where they can."""
    room = width_mm / (lettering.size_pt * POINT_MM * factor)
    lines: list[str] = []
    line = ""
    for character in printable(text):
        if width_em(line + character) > room and line:
            cut = line.rfind(" ")
            if character.isascii() and character.isalnum() and cut > len(line) * 0.4:
                lines.append(line[:cut])
                line = line[cut + 1 :]
            elif character in "，。；：、）》”’！？" and len(line) > 1:
                # No line begins with a mark that closes (避头).
                lines.append(line[:-1])
                line = line[-1]
            else:
                lines.append(line.rstrip())
                line = ""
        line += character if line or character != " " else ""
    return [*lines, line] if line else lines


def ticks(frame: Frame, factor: float) -> list[str]:
    """Longitude and latitude along the frame (经纬度注记), at round minutes, where they really cross it."""
    parts: list[str] = []
    steps = 200
    along = np.linspace(0, 1, steps)
    edges = (
        (np.column_stack((frame.left + along * frame.width, np.full(steps, frame.top + frame.height))), 0),
        (np.column_stack((np.full(steps, frame.left), frame.top + along * frame.height)), 1),
    )
    for points, axis in edges:
        values = frame.degrees(points)[:, axis]
        low, high = float(values.min()), float(values.max())
        length = frame.width if axis == 0 else frame.height
        step = _step((high - low) / max(length / (38 * factor), 1))
        order = np.argsort(values)
        for value in np.arange(np.ceil(low / step) * step, high, step):
            share = float(np.interp(value, values[order], along[order]))
            text = _minutes(float(value))
            if axis == 0:
                x, y = frame.left + share * frame.width, frame.top + frame.height
                if not 0.05 < share < 0.95:
                    continue
                parts.append(shape(f"M{mm(x)} {mm(y)}v{mm(-1.2 * factor)}", stroke=Stroke(SECOND, 0.15)))
                parts.append(letters(text, x, y + 1.9 * factor, TICK, factor=factor))
            else:
                x, y = frame.left, frame.top + share * frame.height
                if not 0.05 < share < 0.95:
                    continue
                parts.append(shape(f"M{mm(x)} {mm(y)}h{mm(1.2 * factor)}", stroke=Stroke(SECOND, 0.15)))
                parts.append(
                    f'<g transform="rotate(-90 {mm(x - 1.9 * factor)} {mm(y)})">'
                    + letters(text, x - 1.9 * factor, y, TICK, factor=factor)
                    + "</g>"
                )
    return parts


def _step(wanted: float) -> float:
    """A round step of degrees: seconds, minutes or degrees."""
    for seconds in (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18000):
        if seconds / 3600 >= wanted:
            return seconds / 3600
    return 10.0


def _minutes(value: float) -> str:
    seconds = round(value * 3600)
    minutes, rest = divmod(seconds, 60)
    whole, minutes = divmod(minutes, 60)
    return f"{whole}°{minutes:02d}′" + (f"{rest:02d}″" if rest else "")


def meridian(frame: Frame) -> int:
    """The central meridian of the sheet's zone, degrees."""
    lon, _ = transformer(frame.zone).transform(500_000, frame.north, direction="INVERSE")
    return round(lon)
