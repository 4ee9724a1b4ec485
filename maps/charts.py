"""Charts (图表) as small SVG, drawn by the server: bars of one measure. A table of the same numbers stands beside each.

Nothing in them is code: text is escaped, colours are classes of charts.css, so the strict policy of the pages holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

#: Width of the drawing in its own units; it is shown about as wide in pixels.
WIDTH = 340
#: Units of one row and of its text: ordinary and 长辈版.
ORDINARY, LARGE = (42, 14), (76, 27)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. value: None where it is withheld or unknown; whole: what it is a part of, drawn behind it;
    says: the number as it is written; kind: a word of charts.css for another colour."""

    name: str
    value: float | None
    says: str
    whole: float | None = None
    kind: str = ""


def bars(rows: Sequence[Bar], title: str, *, large: bool = False, most: float | None = None) -> Markup:
    """Bars one below the other, name and number above each. title: what a screen reader says of the picture.
    most: what a full bar stands for, by default the largest of the rows."""
    row, size = LARGE if large else ORDINARY
    full = most or max((v for r in rows for v in (r.value, r.whole) if v is not None), default=0) or 1

    def width(value: float | None) -> float:
        return round(WIDTH * min(max(value or 0, 0) / full, 1), 1)

    drawn, y = Markup(), 0
    for r in rows:
        lines = [shortened(r.name, r.says, size)] if not large else folded(r.name, r.says, size)
        for i, line in enumerate(lines):
            drawn += Markup('<text x="0" y="{}" font-size="{}" class="chart-name">{}</text>').format(
                y + size + i * (size + 6), size, line
            )
        below = (len(lines) - 1) * (size + 6)
        drawn += Markup(
            '<text x="{right}" y="{y}" font-size="{size}" text-anchor="end" class="chart-number">{says}</text>'
            '<rect x="0" y="{top}" width="{all}" height="{height}" rx="2" class="chart-all"/>'
            '<rect x="0" y="{top}" width="{part}" height="{height}" rx="2" class="chart-part{kind}"/>'
        ).format(
            y=y + size,
            size=size,
            right=WIDTH,
            says=r.says,
            top=y + below + size + max(6, size // 3),
            all=width(r.whole) if r.whole is not None else WIDTH,
            part=width(r.value),
            height=row // 4,
            kind=Markup(" chart-{}").format(r.kind) if r.kind else "",
        )
        y += row + below
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}</svg>'
    ).format(WIDTH, max(y, 1), title, drawn)


def shortened(name: str, says: str, size: int) -> str:
    """The name as far as it fits beside its number; whole in the table."""
    room = (WIDTH - width_of(says, size) - size) / size
    taken = 0.0
    for i, c in enumerate(name):
        taken += 0.56 if ord(c) < 0x2E80 else 1.0
        if taken > room:
            return name[: max(i - 1, 1)] + "…"
    return name


def folded(name: str, says: str, size: int) -> list[str]:
    """The name on one line or two, the first beside its number; only what needs more is cut off."""
    whole = shortened(name, says, size)
    if whole == name:
        return [name]
    first = whole[:-1]
    if " " in first:
        first = first[: first.rindex(" ")]
    return [first, shortened(name[len(first) :].strip(), "", size)]


def width_of(text: str, size: int) -> float:
    return sum(0.6 if ord(c) < 0x2E80 else 1.0 for c in text) * size
