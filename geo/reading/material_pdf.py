"""PDF materials: pages counted, and nothing in them that acts when they are opened.

Every object of the file is looked at, reached from a page or not: a reader may reach it another way than ours.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from geo.reading.materials import Refused
from geo.settings import MaterialLimits

#: Actions that do something other than moving to a page or showing an address.
_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/Movie", "/RichMediaExecute"}
)  # fmt: skip
#: Actions that may be taken without being asked for.
_QUIET = frozenset({"/GoTo", "/Named"})
_SCRIPTS = frozenset({"/JS", "/JavaScript", "/XFA", "/RichMediaContent", "/RichMediaSettings"})
_FILES = frozenset({"/EmbeddedFiles", "/EF"})
_OBJECTS = 1_000_000
#: Names in the bytes themselves, where a reader that mends a broken table would find them.
_NAMES = re.compile(rb"/(?:[A-Za-z]|#[0-9A-Fa-f]{2}){6,40}")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_RAW = frozenset({b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/EmbeddedFiles", b"/RichMedia"})


def pages(path: Path, most: MaterialLimits) -> int:
    """How many pages a PDF has. Raises Refused."""
    from pypdf import PdfReader
    from pypdf.errors import FileNotDecryptedError

    _one_file(path)
    try:
        reader = PdfReader(path)
        if reader.is_encrypted:
            raise Refused("encrypted")
        for thing in _objects(reader):
            _look(thing)
        count = len(reader.pages)
    except (Refused, MemoryError):
        raise
    except FileNotDecryptedError:
        raise Refused("encrypted") from None
    except Exception:
        # The reader meets a broken file with errors of every kind.
        raise Refused("damaged") from None
    if count == 0:
        raise Refused("damaged")
    if count > most.pages:
        raise Refused("too-many-pages", most=most.pages)
    return count


def _one_file(path: Path) -> None:
    """Nothing before the header (the caller saw it), nothing after the end, no archive around it."""
    data = path.read_bytes()
    end = data.rfind(b"%%EOF")
    if end < 0:
        raise Refused("damaged")
    if data[end + 5 :].strip(b"\r\n\t \0") or zipfile.is_zipfile(path):
        raise Refused("polyglot")
    for match in _NAMES.finditer(data):
        name = _ESCAPE.sub(lambda m: bytes([int(m[1], 16)]), match[0]) if b"#" in match[0] else match[0]
        if name in _RAW:
            raise Refused("attachment" if name.startswith(b"/Embedded") else "script")


def _objects(reader: Any) -> Iterator[Any]:
    """Every indirect object, and the trailer."""
    from pypdf.generic import IndirectObject

    yield reader.trailer
    numbers = [(n, g) for g, table in reader.xref.items() for n in table]
    numbers += [(n, 0) for n in reader.xref_objStm]
    if len(numbers) > _OBJECTS:
        raise Refused("bomb")
    for number, generation in numbers:
        yield reader.get_object(IndirectObject(number, generation, reader))


def _look(thing: Any) -> None:
    """A dictionary or list with all that it holds directly; what it refers to is looked at for itself."""
    from pypdf.generic import ArrayObject, DictionaryObject

    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ArrayObject):
            waiting.extend(list.__iter__(one))
        elif isinstance(one, DictionaryObject):
            _look_at(one)
            waiting.extend(dict.values(one))


def _look_at(one: Any) -> None:
    keys = set(dict.keys(one))
    kind = one.get("/S")
    if keys & _SCRIPTS or (kind in _ACTIONS and one.get("/Type") != "/StructElem"):
        raise Refused("script")
    if keys & _FILES or one.get("/Type") == "/EmbeddedFile" or one.get("/Subtype") == "/FileAttachment":
        raise Refused("attachment")
    for key in keys & {"/OpenAction", "/AA"}:
        for action in _actions(one[key]):
            if action.get("/S") not in _QUIET:
                raise Refused("script")


def _actions(value: Any) -> Iterator[Any]:
    from pypdf.generic import DictionaryObject

    if isinstance(value, DictionaryObject):
        if "/S" in value:
            yield value
        else:
            for key in value:
                if isinstance(value[key], DictionaryObject):
                    yield value[key]
