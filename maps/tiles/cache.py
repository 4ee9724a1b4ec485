"""The tiles that a process keeps (瓦片缓存): bounded, and forgotten exactly where published data changed.

Every tile knows the newest change set that was visible to the statement that made it (`seen`). Change sets are
numbered in the order of their commits, so a tile is of today unless a later one touches it. A process reads what
was changed since it last looked; nothing is told to it, so any number of processes and hosts agree.
"""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from datetime import date
from threading import Lock
from typing import NamedTuple

from maps.tiles.layers import BUFFER, EXTENT

#: Cells of a change (see r0008_map.sql) are parts of the web map by 2^24.
CELL_BITS = 24


class Address(NamedTuple):
    """A tile: its layer, where it lies (XYZ, north on top), and the day that it shows."""

    layer: str
    z: int
    x: int
    y: int
    at: date


class Change(NamedTuple):
    """A change of published data: rank is the first zoom that it shows at; cells west, north, east, south,
    None where it has no place."""

    number: int
    layers: tuple[str, ...]
    rank: int
    cells: tuple[int, int, int, int] | None

    def touches(self, tile: Address) -> bool:
        """Whether a tile, with the strip around it, shows what was changed."""
        if self.cells is None or tile.z < self.rank or tile.layer not in self.layers:
            return False
        west, north, east, south = self.cells
        side = 1 << (CELL_BITS - tile.z)
        strip = side * BUFFER // EXTENT + 1
        return (
            tile.x * side - strip <= east
            and west <= (tile.x + 1) * side + strip
            and tile.y * side - strip <= south
            and north <= (tile.y + 1) * side + strip
        )


class Tile:
    """The bytes of a tile, plain and packed, and its ETag, which follows from the bytes alone.

    heads: the headers of an answer with it, as the door keeps them, by whether it is packed."""

    __slots__ = ("etag", "heads", "packed", "plain", "seen")

    def __init__(self, plain: bytes, seen: int) -> None:
        self.plain = plain
        self.seen = seen
        self.etag = f'W/"{hashlib.sha256(plain).hexdigest()[:24]}"'
        self.packed: bytes | None = None
        self.heads: dict[bool, tuple[list[tuple[bytes, bytes]], bytes]] = {}

    def pack(self) -> bytes:
        """The bytes as gzip; the same bytes give the same gzip."""
        if self.packed is None:
            self.packed = gzip.compress(self.plain, compresslevel=5, mtime=0)
        return self.packed

    @property
    def size(self) -> int:
        return 2 * len(self.plain) + 1000


class Cache:
    """Tiles by address, the least lately used one leaves first. For several threads."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self.seen = -1
        self._tiles: OrderedDict[Address, Tile] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._tiles)

    def get(self, address: Address) -> Tile | None:
        with self._lock:
            tile = self._tiles.get(address)
            if tile is not None:
                self._tiles.move_to_end(address)
            return tile

    def put(self, address: Address, tile: Tile) -> None:
        """Keep a tile, unless a change that this process knows of may have come after it was made."""
        with self._lock:
            if tile.seen < self.seen or tile.size > self.most_bytes:
                return
            old = self._tiles.pop(address, None)
            self.bytes += tile.size - (old.size if old else 0)
            self._tiles[address] = tile
            while self.bytes > self.most_bytes:
                _, gone = self._tiles.popitem(last=False)
                self.bytes -= gone.size

    def apply(self, changes: Iterable[Change], seen: int) -> int:
        """Forget the tiles that changes touch; how many. seen: the newest change set that is known now."""
        listed = list(changes)
        with self._lock:
            gone = [
                address
                for address, tile in self._tiles.items()
                if any(c.number > tile.seen and c.touches(address) for c in listed)
            ]
            self._forget(gone)
            self.seen = max(self.seen, seen)
        return len(gone)

    def clear(self, seen: int) -> None:
        """Forget every tile that does not show the newest change set."""
        with self._lock:
            self._forget([a for a, tile in self._tiles.items() if tile.seen < seen])
            self.seen = max(self.seen, seen)

    def _forget(self, addresses: list[Address]) -> None:
        for address in addresses:
            self.bytes -= self._tiles.pop(address).size
