"""Typesetting (排版): the one door to Typst. Constant sources, everything else as data.

No text ever becomes part of a Typst source: the sources lie beside this room's modules, and what they set comes
to them as one JSON value and as pictures, both through `sys.inputs`. Same data, same bytes: the date in the
file is that of the record.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Literal

import typst

from geo.problems import Unavailable
from geo.settings import ROOT
from geo.text import Text
from maps.sheets.printable import NO_GLYPH, points

#: Faces of the two kinds (宋体, 黑体), the first that is installed is taken; then any that has the character.
SERIF = (
    "Noto Serif CJK SC",
    "Noto Serif SC",
    "Source Han Serif SC",
    "Source Han Serif CN",
    "FandolSong",
    "SimSun",
)
SANS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "FandolHei", "SimHei",
        "WenQuanYi Zen Hei", "WenQuanYi Micro Hei")  # fmt: skip

UNPACKED = ROOT / "var" / "fonts"

#: Standards of a PDF, the strictest first: an archive file that a screen reader can follow, else an archive file,
#: else any.
STANDARDS: tuple[list[Any], ...] = (["a-2a", "ua-1"], ["a-2u"], [])

#: What one document may lack of characters, one round of typesetting each.
ROUNDS = 40

LACKING = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]+)\}")


class NoChineseFont(Unavailable):
    """No Chinese face on this machine."""

    code = "no-chinese-font"
    title = Text(
        "没有中文字体，无法排版：请安装 fonts-noto-cjk 后重试",
        "No Chinese font to typeset with: install fonts-noto-cjk and try again",
    )


class NotTypeset(Unavailable):
    """Typst did not make the document: a fault of ours, not of what was typed."""

    code = "not-typeset"
    title = Text("排版没有完成：{reason}", "Typesetting did not finish: {reason}")


@dataclass(frozen=True, slots=True)
class Faces:
    """The fonts of this machine, read once, and which of ours are among them."""

    fonts: Any
    serif: str
    sans: str


@cache
def faces() -> Faces:
    """Raises NoChineseFont."""
    # Without root the set-up unpacks the distribution's fonts there; an absent folder holds none.
    own = [str(UNPACKED)] if UNPACKED.is_dir() else []
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=own)
    installed = set(fonts.families())
    serif = next((f for f in SERIF if f in installed), None)
    sans = next((f for f in SANS if f in installed), None)
    if not (serif or sans):
        raise NoChineseFont()
    return Faces(fonts, serif or sans or "", sans or serif or "")


def typeset(
    source: bytes,
    data: Mapping[str, Any],
    pictures: Mapping[str, str],
    *,
    on: date,
    form: Literal["pdf", "png"] = "pdf",
    ppi: float = 300,
) -> bytes:
    """One document from a constant source, as PDF/A-2a and PDF/UA-1 with its faces embedded, or its first page as PNG.

    data: JSON values, which the source reads as `json(bytes(sys.inputs.data))`; pictures: SVG by name,
    read as `bytes(sys.inputs.at(name))`. on: the date that the file carries. Characters that no face
    has are set as 〓 and named in `data.lacking`, so that the source can say which.
    Raises NoChineseFont, NotTypeset.
    """
    known = faces()
    lacking: set[str] = set()
    level = 0
    stamp = datetime(on.year, on.month, on.day, tzinfo=UTC)
    for _ in range(ROUNDS):
        inputs = {
            "data": json.dumps(
                {
                    **_without(data, lacking),
                    "serif": known.serif,
                    "sans": known.sans,
                    "lacking": points(lacking),
                    "on": [on.year, on.month, on.day],
                },
                ensure_ascii=False,
            ),
            **_without(pictures, lacking),
        }
        try:
            paper = typst.compile(
                source,
                font_paths=known.fonts,
                format="pdf",
                sys_inputs=inputs,
                pdf_standards=STANDARDS[level],
                timestamp=stamp,
            )
        except typst.TypstError as error:
            found = _lacking(f"{error.message}\n{error.diagnostic}") - lacking
            if not found and level + 1 == len(STANDARDS):
                raise NotTypeset(reason=error.message[:300]) from error
            # A character of the private use area that some face has is against the strict standards only.
            level += not found
            lacking |= found
            continue
        if form == "pdf":
            return paper
        pages = typst.compile(source, font_paths=known.fonts, format="png", ppi=ppi, sys_inputs=inputs)
        return pages[0] if isinstance(pages, list) else pages
    raise NotTypeset(reason=points(lacking))


def _lacking(words: str) -> set[str]:
    """The characters that Typst says it has no shape of. 〓 and plain letters are never among them."""
    found: set[str] = set()
    for text in LACKING.findall(words):
        plain = ESCAPE.sub(lambda m: chr(int(m[1], 16)), text)
        cluster = {c for c in plain if ord(c) > 126 and c != NO_GLYPH}
        # A character with marks on it: the marks first, else the sound character would go with them.
        found |= {c for c in cluster if unicodedata.category(c).startswith("M")} or cluster
    return found


def _without(value: Any, lacking: set[str]) -> Any:
    """The data with 〓 for every lacking character."""
    if not lacking:
        return value
    if isinstance(value, str):
        return "".join(NO_GLYPH if c in lacking else c for c in value)
    if isinstance(value, Mapping):
        return {key: _without(item, lacking) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without(item, lacking) for item in value]
    return value
