"""Office materials (OOXML): the parts of the package looked through for macros, embedded objects and foreign content.

They are never shown by the site, only downloaded; what is refused here would act on the officer's own machine.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from geo.reading.materials import DOCX, PPTX, XLSX, Refused
from geo.settings import Limits, MaterialLimits

_MAIN = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": DOCX,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": XLSX,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml": PPTX,
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = struct.Struct("<4s4H2LH")
_MACRO_NAME = re.compile(r"(^|/)(vbaproject[^/]*\.bin|vbadata\.xml|activex[^/]*(/|\.))", re.IGNORECASE)
_MACRO_TYPE = re.compile(r"macroenabled|vbaproject|activex|ms-office\.script", re.IGNORECASE)
_PROGRAM = re.compile(
    r"\.(exe|dll|com|scr|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|lnk|jar|msi|html?|svgz|xml\.exe)$", re.IGNORECASE
)
#: In the text of a part: an external entity, a field or link that starts another program.
_ACTING = re.compile(rb"<!DOCTYPE|<!ENTITY|DDEAUTO|<ddeLink|>\s*DDE\s", re.IGNORECASE)
_OVERLAP = 64
_CHUNK = 1 << 18


def media_type(path: Path, most: MaterialLimits, limits: Limits) -> str:
    """What kind of Office file it is. Raises Refused."""
    with path.open("rb") as stream:
        return _package(stream, path.stat().st_size, most, limits, nested=False)


def _package(stream: BinaryIO, size: int, most: MaterialLimits, limits: Limits, *, nested: bool) -> str:
    _one_file(stream, size)
    try:
        with zipfile.ZipFile(stream) as package:
            return _look(package, most, limits, nested)
    except (Refused, MemoryError):
        raise
    except Exception:
        # A broken archive is met with errors of every kind.
        raise Refused("damaged") from None


def _one_file(stream: BinaryIO, size: int) -> None:
    """The archive begins at the first byte and ends with its directory: nothing before, after or behind a comment."""
    stream.seek(max(0, size - _END.size))
    tail = stream.read(_END.size)
    if len(tail) < _END.size or not tail.startswith(b"PK\x05\x06"):
        raise Refused("polyglot")
    _, _, _, _, _, length, start, comment = _END.unpack(tail)
    gap = size - _END.size - start - length
    # In the 64-bit form the fields are full and a second directory end (76 bytes) stands before this one.
    if comment or (start != 0xFFFFFFFF and length != 0xFFFFFFFF and gap not in (0, 76)):
        raise Refused("polyglot")
    stream.seek(0)


def _look(package: zipfile.ZipFile, most: MaterialLimits, limits: Limits, nested: bool) -> str:
    entries = package.infolist()
    if len(entries) > limits.entries:
        raise Refused("bomb")
    names = [e.filename for e in entries]
    if len({n.lower() for n in names}) != len(names):
        raise Refused("polyglot")
    if "[Content_Types].xml" not in names:
        raise Refused("wrong-type")
    if min(e.header_offset for e in entries) != 0:
        raise Refused("polyglot")
    left = most.unpacked
    for entry in entries:
        _name(entry)
        left -= _part(package, entry, left, most, limits, nested)
    return _kind(package)


def _name(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 1:
        raise Refused("encrypted")
    name = entry.filename
    if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or "\0" in name:
        raise Refused("polyglot")
    if _MACRO_NAME.search(name):
        raise Refused("macro")
    if _PROGRAM.search(name):
        raise Refused("macro")


def _part(
    package: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int, most: MaterialLimits, limits: Limits, nested: bool
) -> int:  # fmt: skip
    """Read a part to its end, within what is left; how many bytes it had."""
    text = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
    embedded = "/embeddings/" in f"/{entry.filename.lower()}"
    size, before, head = 0, b"", b""
    kept = bytearray()
    for piece in _pieces(package, entry):
        if size == 0:
            head = piece[:8]
            if head.startswith(_OLE):
                raise Refused("ole")
            if text and (head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in head):
                raise Refused("damaged")
        size += len(piece)
        heavy = size > limits.ratio_from_bytes and size > limits.ratio * max(1, entry.compress_size)
        if size > left or heavy:
            raise Refused("bomb")
        if text and _ACTING.search(before + piece):
            raise Refused("external")
        before = piece[-_OVERLAP:]
        if embedded:
            kept += piece
    if embedded and head.startswith(b"PK\x03\x04"):
        # A chart's own workbook; what lies in that again is not looked into, and not taken.
        if nested:
            raise Refused("ole")
        _package(io.BytesIO(bytes(kept)), size, most, limits, nested=True)
    elif embedded and size and not text:
        raise Refused("ole")
    if entry.filename.lower().endswith(".rels"):
        _relations(package.read(entry))
    return size


def _pieces(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with package.open(entry) as part:
        while piece := part.read(_CHUNK):
            yield piece


def _xml(data: bytes) -> Any:
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        return ElementTree.fromstring(data, forbid_dtd=True)
    except (DefusedXmlException, ElementTree.ParseError):
        raise Refused("damaged") from None


def _relations(data: bytes) -> None:
    """Only links that a person follows may lead out of the file."""
    for one in _xml(data):
        kind = one.get("Type", "")
        if _MACRO_TYPE.search(kind.rpartition("/")[2]) or kind.endswith(("/control", "/ctrlProp")):
            raise Refused("macro")
        if one.get("TargetMode", "").lower() == "external" and not kind.endswith("/hyperlink"):
            raise Refused("external")


def _kind(package: zipfile.ZipFile) -> str:
    """The kind by the main part. A type that no part has is only a habit of the program that wrote the file."""
    names = set(package.namelist())
    endings = {PurePosixPath(name).suffix[1:].lower() for name in names}
    kinds: list[str] = []
    for one in _xml(package.read("[Content_Types].xml")):
        part, kind = (one.get("PartName") or "").lstrip("/"), one.get("ContentType") or ""
        if part in names or (one.get("Extension") or "").lower() in endings:
            kinds.append(kind)
    if any(_MACRO_TYPE.search(kind) for kind in kinds):
        raise Refused("macro")
    found = {_MAIN[kind] for kind in kinds if kind in _MAIN}
    if len(found) != 1:
        raise Refused("wrong-type")
    return found.pop()
