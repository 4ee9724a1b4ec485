"""办件页的申请材料: the materials of a case as its page lists them, and what the viewer beside the case needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from geo.approvals import materials
from geo.reading.materials import DOCX, PDF, PICTURES, PPTX, XLSX
from geo.text import Text
from maps.page import Assets

#: What a file is, in words.
TYPES: Mapping[str, Text] = {
    PDF: Text("PDF", "PDF"),
    "image/jpeg": Text("JPEG 图片", "JPEG picture"),
    "image/png": Text("PNG 图片", "PNG picture"),
    "image/webp": Text("WebP 图片", "WebP picture"),
    DOCX: Text("Word 文档", "Word document"),
    XLSX: Text("Excel 工作簿", "Excel workbook"),
    PPTX: Text("PowerPoint 演示文稿", "PowerPoint presentation"),
}


def papers(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The materials with their words. form: how the viewer shows one: pdf, picture, or download alone, which is all
    that a file gets that browsers may not show in place."""
    titles = materials.titles()
    return [
        {
            **m,
            "title": titles.get(m["kind"], Text(m["kind"], m["kind"])),
            "type": TYPES.get(m["media_type"], Text(m["media_type"], m["media_type"])),
            "form": _form(m["media_type"]) if m["inline"] else "download",
            "size": _size(m["size"]),
        }
        for m in found
    ]


def _form(media_type: str) -> str:
    return "picture" if media_type in PICTURES else "pdf" if media_type == PDF else "download"


def _size(octets: int) -> str:
    return f"{octets / 1048576:.1f} MB" if octets > 1048576 else f"{max(1, round(octets / 1024))} KB"


def library() -> dict[str, str]:
    """Where the viewer finds pdf.js: the library, its worker, and the folder of character maps, faces and decoders."""
    assets = Assets()
    folder = str(PurePosixPath(assets.url("pdfjs")).parent)
    return {"library": assets.url("pdfjs"), "worker": assets.url("pdfjs_worker"), "folder": f"{folder}/"}
