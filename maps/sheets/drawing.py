"""Drawing (绘图): SVG of shapes and letters in millimetres. Every text is escaped here, nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import shapely

from maps.sheets.layers import Lettering, Stroke, Symbol
from maps.sheets.placing import POINT_MM
from maps.sheets.printable import printable
from maps.sheets.typeset import SANS, SERIF

#: The halo (描边) of a name on the map: the colour of maps.theme.HALO and its opacity apart, as SVG wants them.
HALO_COLOUR, HALO_OPACITY = "#FFFDF8", 0.92

#: Faces as SVG wants them: quoted, in one attribute.
FAMILIES = {
    True: ",".join(f"'{name}'" for name in SERIF) + ",serif",
    False: ",".join(f"'{name}'" for name in SANS) + ",sans-serif",
}


def mm(value: float) -> str:
    """A length to a hundredth of a millimetre, as short as it can be."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def path(geometry: Any) -> str:
    """A shape in paper millimetres as path data; rings are closed. Points that fall together are one."""
    pieces: list[str] = []
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon":
            rings = [part.exterior, *part.interiors]
            pieces += [f"{_run(ring)}Z" for ring in rings if not ring.is_empty]
        elif part.geom_type in ("LineString", "LinearRing"):
            pieces.append(_run(part))
        elif part.geom_type.startswith("Multi") or part.geom_type == "GeometryCollection":
            pieces.append(path(part))
    return "".join(pieces)


def _run(line: Any) -> str:
    points = np.round(shapely.get_coordinates(line), 2)
    if not len(points):
        return ""
    keep = np.r_[True, np.any(np.diff(points, axis=0) != 0, axis=1)]
    kept = points[keep]
    return "M" + "L".join(f"{mm(x)} {mm(y)}" for x, y in kept.tolist())


def shape(
    data: str, *, fill: str = "none", stroke: Stroke | None = None, opacity: float = 1, rule: bool = True
) -> str:
    """A path with its look."""
    if not data:
        return ""
    look = f'fill="{fill}"' + (' fill-rule="evenodd"' if rule and fill != "none" else "")
    look += f' fill-opacity="{opacity:g}"' if opacity != 1 and fill != "none" else ""
    return f'<path d="{data}" {look}{stroked(stroke)}/>'


def stroked(stroke: Stroke | None) -> str:
    """The attributes of a stroke."""
    if stroke is None:
        return ""
    dash = f' stroke-dasharray="{" ".join(mm(d) for d in stroke.dash_mm)}"' if stroke.dash_mm else ""
    clear = f' stroke-opacity="{stroke.opacity:g}"' if stroke.opacity != 1 else ""
    return (
        f' stroke="{stroke.colour}" stroke-width="{mm(stroke.width_mm)}" stroke-linejoin="round" '
        f'stroke-linecap="{"butt" if stroke.dash_mm else "round"}"{dash}{clear}'
    )


def rectangle(
    left: float, top: float, width: float, height: float, fill: str, stroke: Stroke | None = None
) -> str:
    return f'<rect x="{mm(left)}" y="{mm(top)}" width="{mm(width)}" height="{mm(height)}" fill="{fill}"{stroked(stroke)}/>'


def symbol(kind: Symbol, x: float, y: float, size: float, colour: str) -> str:
    """A point symbol (点状符号), `size` its width."""
    r = size / 2
    if kind == "diamond":
        return (
            f'<path d="M{mm(x)} {mm(y - r * 1.25)}L{mm(x + r * 1.25)} {mm(y)}L{mm(x)} {mm(y + r * 1.25)}'
            f'L{mm(x - r * 1.25)} {mm(y)}Z" fill="{colour}" stroke="#fff" stroke-width="{mm(size * 0.12)}"/>'
        )
    if kind == "square":
        return (
            f'<rect x="{mm(x - r)}" y="{mm(y - r)}" width="{mm(size)}" height="{mm(size)}" fill="{colour}"/>'
        )
    if kind == "post":
        return (
            f'<rect x="{mm(x - r)}" y="{mm(y - r)}" width="{mm(size)}" height="{mm(size)}" fill="#fff" '
            f'stroke="{colour}" stroke-width="{mm(size * 0.22)}"/>'
        )
    if kind == "ring":
        return (
            f'<circle cx="{mm(x)}" cy="{mm(y)}" r="{mm(r)}" fill="#fff" stroke="{colour}" '
            f'stroke-width="{mm(size * 0.26)}"/>'
        )
    return (
        f'<circle cx="{mm(x)}" cy="{mm(y)}" r="{mm(r)}" fill="{colour}" stroke="#fff" '
        f'stroke-width="{mm(size * 0.16)}"/>'
    )


def letters(
    text: str,
    x: float,
    y: float,
    lettering: Lettering,
    *,
    anchor: str = "middle",
    factor: float = 1.0,
    angle: float = 0.0,
) -> str:
    """A text whose middle height lies at y, turned by an angle about x, y (degrees, clockwise). Spaced letters
    are centred without the gap after the last."""
    size = lettering.size_pt * POINT_MM * factor
    spacing = lettering.spacing_em * size
    turn = f' transform="rotate({angle:.2f} {mm(x)} {mm(y)})"' if angle else ""
    x += spacing / 2 if anchor == "middle" else 0
    look = f'font-size="{mm(size)}" fill="{lettering.colour}"' + (
        ' font-weight="700"' if lettering.bold else ""
    )
    if spacing:
        look += f' letter-spacing="{mm(spacing)}"'
    if lettering.halo:
        look += (
            f' stroke="{HALO_COLOUR}" stroke-opacity="{HALO_OPACITY}" stroke-width="{mm(size * 0.2)}" '
            f'stroke-linejoin="round" paint-order="stroke"'
        )
    # 黑体 is the drawing's own face, 宋体 is said.
    face = f" font-family={quoteattr(FAMILIES[True])}" if lettering.serif else ""
    return (
        f'<text x="{mm(x)}" y="{mm(y + 0.36 * size)}" text-anchor="{anchor}"{face} {look}{turn}>'
        f"{escape(printable(text))}</text>"
    )


def group(parts: Iterable[str], attributes: str = "") -> str:
    inside = "".join(parts)
    return f"<g{' ' if attributes else ''}{attributes}>{inside}</g>" if inside else ""


def svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    """The whole drawing: one user unit a millimetre, its title for readers that do not see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{mm(width)}mm" height="{mm(height)}mm" '
        f'viewBox="0 0 {mm(width)} {mm(height)}" role="img" font-family={quoteattr(FAMILIES[False])}><title>{escape(printable(title))}</title>'
        + "".join(parts)
        + "</svg>"
    )
