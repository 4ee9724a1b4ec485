"""Methods (压缩方法): the bytes of an archive's entry, whichever method packed it, in bounded pieces.

Python's zipfile unpacks bzip2 and LZMA a whole buffer at a time: 256 kB of bzip2 can be gigabytes. Here no
more than a piece is ever asked for, so that the limits see the bytes before the memory does.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

#: What a method is called that cannot be read here; numbers of APPNOTE.TXT 4.4.5.
NAMES = {
    1: "Shrink", 2: "Reduce", 3: "Reduce", 4: "Reduce", 5: "Reduce", 6: "Implode", 9: "Deflate64",
    10: "PKWARE DCL Implode", 12: "bzip2", 14: "LZMA", 16: "IBM CMPSC", 18: "IBM TERSE", 19: "LZ77",
    20: "Zstandard", 93: "Zstandard", 94: "MP3", 95: "XZ", 96: "JPEG", 97: "WavPack", 98: "PPMd", 99: "AES",
}  # fmt: skip
_PIECE = 1 << 18


class UnknownMethod(Exception):
    """An entry packed by a method that is not read; `name`: what it is called."""

    def __init__(self, method: int) -> None:
        super().__init__(method)
        self.name = f"{NAMES.get(method, '?')} ({method})"


def pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The content of an entry, at most 256 kB at a time, its sum checked at the end.

    Raises UnknownMethod; BadZipFile, EOFError, zlib.error, OSError, ValueError where the entry is broken.
    """
    if info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        with archive.open(info) as stream:
            while piece := stream.read(_PIECE):
                yield piece
        return
    if info.compress_type not in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        raise UnknownMethod(info.compress_type)
    packed = _packed(archive, info)
    machine = _machine(info.compress_type, packed)
    total = crc = 0
    while total < info.file_size and not machine.eof:
        more = next(packed, b"") if machine.needs_input else b""
        if machine.needs_input and not more:
            break
        piece = machine.decompress(more, _PIECE)
        total += len(piece)
        crc = zlib.crc32(piece, crc)
        if piece:
            yield piece
    if total != info.file_size or crc != info.CRC:
        raise zipfile.BadZipFile(f"Bad CRC-32 for file {info.filename!r}")


def _packed(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The entry's bytes as they stand in the archive."""
    stream = archive.fp
    assert stream is not None
    stream.seek(info.header_offset)
    head = stream.read(30)
    if len(head) < 30 or head[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("Bad magic number for file header")
    name, extra = struct.unpack("<HH", head[26:30])
    at, left = info.header_offset + 30 + name + extra, info.compress_size
    while left > 0:
        stream.seek(at)
        piece = stream.read(min(_PIECE, left))
        if not piece:
            raise EOFError("the archive ends within an entry")
        at, left = at + len(piece), left - len(piece)
        yield piece


def _machine(method: int, packed: Iterator[bytes]) -> Any:
    """The decompressor of an entry, the properties that stand before LZMA data read."""
    if method == zipfile.ZIP_BZIP2:
        import bz2

        return bz2.BZ2Decompressor()
    import lzma

    first = next(packed, b"")
    size = int.from_bytes(first[2:4], "little")
    if size != 5 or len(first) < 9:
        raise zipfile.BadZipFile("LZMA properties are missing")
    code, dictionary = first[4], int.from_bytes(first[5:9], "little")
    if code >= 225:
        raise zipfile.BadZipFile("LZMA properties are wrong")
    bits = {"lc": code % 9, "lp": code // 9 % 5, "pb": code // 45}
    # No dictionary serves that is larger than the data can be: a lie about it must not take memory.
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": min(max(dictionary, 4096), 1 << 27), **bits}]
    try:
        machine = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters)
    except lzma.LZMAError as error:
        raise zipfile.BadZipFile(str(error)) from None
    return _Started(machine, first[9:])


class _Started:
    """A decompressor that was given its first bytes already."""

    def __init__(self, machine: Any, first: bytes) -> None:
        self.machine, self.first = machine, first

    @property
    def eof(self) -> bool:
        return bool(self.machine.eof)

    @property
    def needs_input(self) -> bool:
        return not self.first and bool(self.machine.needs_input)

    def decompress(self, data: bytes, length: int) -> bytes:
        import lzma

        data, self.first = self.first + data, b""
        try:
            return bytes(self.machine.decompress(data, length))
        except lzma.LZMAError as error:
            raise zipfile.BadZipFile(str(error)) from None
