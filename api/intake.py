"""Intake (接收): one file of a multipart body, streamed to disk while it arrives.

Nothing of the file is held in memory, nothing is left on disk once the request is over, and a body
that ends before its last boundary is a file cut off, never a shorter file.
"""

from __future__ import annotations

import hashlib
import os
import time
import unicodedata
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from api.security.limits import BodyTooLarge, CutOff
from geo.problems import BadInput
from geo.settings import ROOT
from geo.text import Text

#: Leftovers of a process that was killed are swept when they are older than this.
STALE_SECONDS = 3600
#: How much of a file is collected before it is written.
PIECE = 256 * 1024
FIELD_BYTES = 64 * 1024
PARTS = 50


def form_body(file: str = "", *, required: tuple[str, ...] = (), **fields: dict[str, Any]) -> dict[str, Any]:
    """What OpenAPI says of a form with one file: openapi_extra of a route that reads its body by `receive`.

    file: what kind of file. required: the fields that have to be there. fields: their schemas, by name.
    """
    described = {"description": file} if file else {}
    properties = {"file": {"type": "string", "format": "binary"} | described, **fields}
    schema = {"type": "object", "required": ["file", *required], "properties": properties}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


class NoFile(BadInput):
    """The request carries no file."""

    code = "no-file"
    title = Text(
        "没有收到文件：请先选择文件（接口：multipart/form-data 的字段 file）",
        "No file came: choose one first (over the interface: the field “file” of multipart/form-data)",
    )


class OneFile(BadInput):
    """The request carries several files."""

    code = "one-file"
    title = Text(
        "一次只能上传一个文件，多个图层请打成一个 zip",
        "Send one file at a time; put several layers into one zip",
    )


class BadForm(BadInput):
    """The multipart body cannot be parsed."""

    code = "bad-form"
    title = Text(
        "上传的表单无法解析（multipart/form-data 格式不对），请用浏览器或标准工具重传",
        "The multipart/form-data body cannot be parsed; send it with a browser or a standard tool",
    )


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that came whole. path: on disk until the request ends, unless an act moved it away.

    filename: the last part of the name that the client gave, safe to show. fields: the other parts.
    """

    path: Path
    filename: str
    size: int
    sha256: str
    fields: dict[str, str]


#: First bytes -> media type, of what agreements, approvals and photographs come as.
KINDS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
)


def media_type(head: bytes) -> str:
    """The media type by the first bytes; what the client claims is not believed."""
    return next((kind for mark, kind in KINDS if head.startswith(mark)), "application/octet-stream")


def room() -> Path:
    """Where files lie while they arrive; beside the kept ones, so that keeping is a rename."""
    return Path(os.environ.get("YUDI_VAR", ROOT / "var")) / "incoming"


def sweep(now: float | None = None) -> int:
    """Delete what a killed process left behind; how many files."""
    gone = 0
    limit = (time.time() if now is None else now) - STALE_SECONDS
    for path in room().glob("*.part"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < limit:
                path.unlink()
                gone += 1
    return gone


def readable(raw: bytes) -> str:
    """A part's name or value as text: UTF-8, else GB18030 as old Chinese programs send it."""
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    return raw.decode("latin-1")


def safe_name(name: str) -> str:
    """The last component of a client's file name without control characters, at most 200 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    clean = clean.strip().strip(".") or "unnamed"
    if len(clean) <= 200:
        return clean
    stem, dot, extension = clean.rpartition(".")
    return f"{stem[: 199 - len(extension)]}.{extension}" if dot and len(extension) < 20 else clean[:200]


@dataclass
class _Form:
    """What the parser's callbacks build up."""

    wanted: str
    file_limit: int
    fields: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)
    filename: str | None = None
    size: int = 0
    files: int = 0
    parts: int = 0
    done: bool = False
    _key: bytes = b""
    _value: bytes = b""
    _disposition: bytes = b""
    _name: str = ""
    _is_file: bool = False
    _data: bytearray = field(default_factory=bytearray)

    def callbacks(self) -> dict[str, Callable[..., None]]:
        return {
            "on_part_begin": self.part_begin,
            "on_header_field": self.header_field,
            "on_header_value": self.header_value,
            "on_header_end": self.header_end,
            "on_headers_finished": self.headers_finished,
            "on_part_data": self.part_data,
            "on_part_end": self.part_end,
            "on_end": self.end,
        }

    def part_begin(self) -> None:
        self.parts += 1
        if self.parts > PARTS:
            raise BadForm()
        self._disposition = self._key = self._value = b""
        self._name, self._is_file, self._data = "", False, bytearray()

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._key += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        if self._key.lower() == b"content-disposition":
            self._disposition = self._value
        self._key = self._value = b""

    def headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"name" not in options:
            raise BadForm()
        self._name = readable(options[b"name"])
        self._is_file = b"filename" in options
        if self._is_file:
            # A file input that was left empty is sent as a nameless part.
            if self._name != self.wanted or self.files:
                raise OneFile()
            self.files += 1
            self.filename = safe_name(readable(options[b"filename"])) if options[b"filename"] else None

    def part_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self.size += end - start
            if self.size > self.file_limit:
                raise BodyTooLarge(megabytes=self.file_limit // 1024**2)
            self.pieces.append(bytes(data[start:end]))
        else:
            self._data += data[start:end]
            if len(self._data) > FIELD_BYTES:
                raise BadForm()

    def part_end(self) -> None:
        if not self._is_file:
            self.fields[self._name] = readable(bytes(self._data))

    def end(self) -> None:
        self.done = True


@asynccontextmanager
async def receive(request: Request, *, limit: int, wanted: str = "file") -> AsyncIterator[Incoming]:
    """The file of a request's body, on disk for as long as the context lasts.

    limit: bytes of the file. Raises NoFile, OneFile, BadForm, BodyTooLarge, CutOff; OSError where the
    disk has no room. Whatever happens, what was written is deleted, unless it was moved away.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise NoFile()
    form = _Form(wanted, limit)
    parser = MultipartParser(options[b"boundary"], form.callbacks())  # type: ignore[arg-type]
    folder = room()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid4().hex}.part"
    digest = hashlib.sha256()
    try:
        with path.open("xb", buffering=0) as out:
            await _fill(request, parser, form, out, digest)
        if not form.done:
            raise CutOff()
        if form.filename is None:
            raise NoFile()
        yield Incoming(path, form.filename, form.size, digest.hexdigest(), form.fields)
    finally:
        path.unlink(missing_ok=True)


async def _fill(request: Request, parser: MultipartParser, form: _Form, out: Any, digest: Any) -> None:
    def write() -> None:
        data = b"".join(form.pieces)
        form.pieces.clear()
        digest.update(data)
        view = memoryview(data)
        while view:
            view = view[out.write(view) :]

    waiting = 0
    try:
        async for chunk in request.stream():
            if not chunk:
                continue
            waiting += len(chunk)
            parser.write(chunk)
            if waiting >= PIECE:
                await run_in_threadpool(write)
                waiting = 0
    except MultipartParseError as error:
        raise BadForm() from error
    except ClientDisconnect as error:
        raise CutOff() from error
    await run_in_threadpool(write)
