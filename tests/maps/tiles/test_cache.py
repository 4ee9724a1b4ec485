"""What a process keeps of the tiles: bounded, and forgotten exactly where something changed."""

from __future__ import annotations

from datetime import date

import pytest

from maps.tiles.cache import CELL_BITS, Address, Cache, Change, Tile

DAY = date(2024, 12, 31)


def tile(z: int, x: int, y: int, layer: str = "villages") -> Address:
    return Address(layer, z, x, y, DAY)


def at(
    z: int, x: float, y: float, *, number: int = 2, rank: int = 0, layers: tuple[str, ...] = ("villages",)
) -> Change:
    """A change at a place given in tiles of a zoom."""
    side = 1 << (CELL_BITS - z)
    east, south = int(x * side), int(y * side)
    return Change(number, layers, rank, (east, south, east, south))


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        (at(10, 5.5, 5.5), True),
        (at(10, 4.5, 5.5), False),
        (at(10, 4.97, 5.5), True),  # in the strip around the tile
        (at(10, 5.5, 6.03), True),
        (at(10, 5.5, 6.2), False),
        (at(10, 5.5, 5.5, rank=11), False),  # does not show at this zoom
        (at(10, 5.5, 5.5, layers=("townships",)), False),
        (Change(2, ("villages",), 0, None), False),  # without a place
        (Change(2, ("villages",), 0, (0, 0, 2**24 - 1, 2**24 - 1)), True),
    ],
)
def test_a_change_touches_the_tiles_that_show_it(change: Change, touched: bool) -> None:
    assert change.touches(tile(10, 5, 5)) is touched


def test_only_touched_tiles_are_forgotten() -> None:
    cache = Cache(10_000)
    cache.clear(1)
    for address in (tile(10, 5, 5), tile(10, 9, 5), tile(9, 2, 2), tile(0, 0, 0)):
        cache.put(address, Tile(b"x", 1))
    assert cache.apply([at(10, 5.5, 5.5)], 2) == 3
    assert cache.get(tile(10, 9, 5)) is not None and len(cache) == 1 and cache.seen == 2


def test_a_tile_made_after_the_change_stays() -> None:
    cache = Cache(10_000)
    cache.clear(1)
    cache.put(tile(10, 5, 5), Tile(b"new", 2))
    assert cache.apply([at(10, 5.5, 5.5, number=2)], 2) == 0
    assert cache.get(tile(10, 5, 5)) is not None


def test_a_tile_made_before_a_change_that_is_known_is_not_kept() -> None:
    cache = Cache(10_000)
    cache.clear(5)
    cache.put(tile(10, 5, 5), Tile(b"old", 4))
    assert cache.get(tile(10, 5, 5)) is None


def test_the_least_lately_used_tile_leaves_first() -> None:
    cache = Cache(3 * Tile(b"1234", 0).size)
    for x in range(3):
        cache.put(tile(5, x, 0), Tile(b"1234", 0))
    cache.get(tile(5, 0, 0))
    cache.put(tile(5, 3, 0), Tile(b"1234", 0))
    assert cache.get(tile(5, 1, 0)) is None and cache.get(tile(5, 0, 0)) is not None
    assert cache.bytes <= cache.most_bytes and len(cache) == 3


def test_equal_bytes_have_equal_tags_and_equal_gzip() -> None:
    a, b, c = Tile(b"same" * 100, 1), Tile(b"same" * 100, 9), Tile(b"other", 1)
    assert a.etag == b.etag != c.etag and a.pack() == b.pack()
