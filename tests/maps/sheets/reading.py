"""Reading what a sheet became on paper: the lines and texts of an SVG and of a PDF, in millimetres."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pypdf
from pypdf.generic import ContentStream

from maps import sheets

SVG = "{http://www.w3.org/2000/svg}"
POINT_MM = 25.4 / 72


def about(**changes: Any) -> sheets.About:
    """What a sheet of a test says about itself."""
    given: dict[str, Any] = {
        "title": "示例区界线图", "on": date(2024, 12, 31), "approval": "待填（未经审核，不得公开）",
        "subtitle": "14 个镇街", "sources": "示例区民政局", "notes": ("界线经概括",), "demo": True,
    }  # fmt: skip
    return sheets.About(**(given | changes))


def texts(svg: str) -> list[str]:
    """Every text of a drawing, in its order."""
    return ["".join(e.itertext()) for e in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def stroked(pdf: bytes) -> Iterator[tuple[tuple[float, ...], np.ndarray]]:
    """Every stroked path of the first page with its colour: points in millimetres from the lower left corner."""
    page = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]
    yield from _walk(page.get_contents(), page["/Resources"], np.eye(3), page.pdf)


def _walk(
    stream: Any, resources: Any, matrix: np.ndarray, reader: Any
) -> Iterator[tuple[tuple[float, ...], np.ndarray]]:
    stack: list[tuple[np.ndarray, tuple[float, ...]]] = []
    colour: tuple[float, ...] = ()
    points: list[tuple[float, float]] = []
    for operands, operator in ContentStream(stream, reader).operations:
        name = operator.decode() if isinstance(operator, bytes) else operator
        values = [float(v) for v in operands if isinstance(v, (int, float))]
        if name == "q":
            stack.append((matrix, colour))
        elif name == "Q":
            matrix, colour = stack.pop()
        elif name == "cm":
            a, b, c, d, e, f = values
            matrix = np.array([[a, b, 0], [c, d, 0], [e, f, 1]]) @ matrix
        elif name in ("SCN", "RG"):
            colour = tuple(values)
        elif name in ("m", "l"):
            points.append((values[-2], values[-1]))
        elif name == "S":
            yield colour, (np.array([(*p, 1) for p in points]) @ matrix)[:, :2] * POINT_MM
            points = []
        elif name in ("n", "f", "F", "f*", "B", "B*", "b", "s"):
            points = []
        elif name == "Do":
            form = resources["/XObject"][operands[0]].get_object()
            if form.get("/Subtype") == "/Form":
                a, b, c, d, e, f = (float(v) for v in form.get("/Matrix", (1, 0, 0, 1, 0, 0)))
                inner = np.array([[a, b, 0], [c, d, 0], [e, f, 1]]) @ matrix
                yield from _walk(form, form.get("/Resources", resources), inner, reader)


def rgb(colour: str) -> tuple[float, ...]:
    """#A8392B as three numbers from 0 to 1."""
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))


def metres_of_bar(svg: str) -> tuple[float, float]:
    """The scale bar: its length on paper (mm) and what it says it is on the ground (m)."""
    bar = next(g for g in ElementTree.fromstring(svg).iter(f"{SVG}g") if g.get("data-part") == "scale")
    fields = [(float(r.get("x", 0)), float(r.get("width", 0))) for r in bar.iter(f"{SVG}rect")]
    assert len(fields) == 4
    said = re.fullmatch(r"([\d.]+) (km|m)", ["".join(t.itertext()) for t in bar.iter(f"{SVG}text")][-1])
    assert said is not None
    return max(x + w for x, w in fields) - min(x for x, _ in fields), float(said[1]) * (
        1000 if said[2] == "km" else 1
    )
