"""Alignment: each kind of change, and what must not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.network.alignment import Alignment, Change, align

LINE = np.array([(0, 0), (100, 10), (200, 0), (300, 20), (400, 0)], dtype=float)
RING = np.array([(0, 0), (100, 0), (100, 100), (40, 120), (0, 100), (0, 0)], dtype=float)


def aligned(old: NDArray[np.float64], new: NDArray[np.float64]) -> Alignment:
    return align(old, new, same=0.001, noise=0.15)


def changes(new: NDArray[np.float64], old: NDArray[np.float64] = LINE) -> list[str]:
    return [c.value for c in aligned(old, new).change if c is not Change.KEPT]


def moved(by: tuple[float, float], vertex: int = 2) -> NDArray[np.float64]:
    new = LINE.copy()
    new[vertex] += by
    return new


def test_nothing_changed() -> None:
    assert changes(LINE) == []


@pytest.mark.parametrize(
    ("metres", "change"),
    [
        (0.0009, None),
        (0.001, None),
        (0.0012, "moved_noise"),
        (0.1499, "moved_noise"),
        (0.15, "moved_noise"),
        (0.1502, "moved_real"),
        (35.0, "moved_real"),
    ],
)
def test_how_far_a_vertex_moved(metres: float, change: str | None) -> None:
    result = aligned(LINE, moved((0, metres)))
    kinds = [c.value for c in result.change if c is not Change.KEPT]
    assert kinds == ([] if change is None else [change])
    assert result.metres.max() == pytest.approx(metres)


def test_a_vertex_on_the_old_line_is_no_change_of_the_boundary() -> None:
    assert changes(np.insert(LINE, 2, (150, 5), axis=0)) == ["inserted_on"]
    assert changes(np.insert(LINE, 2, (150, 5.0009), axis=0)) == ["inserted_on"]


def test_a_vertex_off_the_old_line_is() -> None:
    result = aligned(LINE, np.insert(LINE, 2, (150, 8), axis=0))
    assert [c for c in result.change if c is not Change.KEPT] == [Change.INSERTED_OFF]
    assert result.metres.max() == pytest.approx(3 / np.hypot(1, 0.1), abs=1e-3)


def test_a_deleted_vertex() -> None:
    assert changes(np.delete(LINE, 2, axis=0)) == ["deleted_off"]
    dense = np.insert(LINE, 2, (150, 5), axis=0)
    assert changes(LINE, dense) == ["deleted_on"]


def test_a_vertex_pushed_aside_is_not_one_deleted_and_one_inserted() -> None:
    new = moved((3, 12))
    assert changes(new) == ["moved_real"]


def test_a_vertex_slid_along_the_line_does_not_move_the_boundary() -> None:
    dense = np.insert(LINE, 2, (150, 5), axis=0)
    slid = np.insert(LINE, 2, (130, 7), axis=0)
    assert sorted(changes(slid, dense)) == ["deleted_on", "inserted_on"]


def test_the_direction_does_not_matter() -> None:
    result = aligned(LINE, LINE[::-1])
    assert result.reversed and set(result.change) == {Change.KEPT}


@pytest.mark.parametrize("start", range(5))
@pytest.mark.parametrize("backwards", [False, True])
def test_the_start_of_a_ring_does_not_matter(start: int, backwards: bool) -> None:
    ring = np.roll(RING[:-1], start, axis=0)
    ring = np.vstack([ring, ring[:1]])
    result = aligned(RING, ring[::-1] if backwards else ring)
    assert set(result.change) == {Change.KEPT}


@pytest.mark.parametrize("start", range(5))
@pytest.mark.parametrize("vertex", range(5))
def test_one_vertex_of_a_ring_moved(start: int, vertex: int) -> None:
    ring = RING[:-1].copy()
    ring[vertex] += (2, 3)
    ring = np.roll(ring, start, axis=0)
    result = aligned(RING, np.vstack([ring, ring[:1]]))
    kinds = [c for c in result.change if c is not Change.KEPT]
    # The first vertex of a ring is written twice.
    assert kinds == [Change.MOVED_REAL] * (2 if vertex == 0 else 1)


def test_a_line_surveyed_anew_has_no_anchor() -> None:
    rng = np.random.default_rng(7)
    new = LINE + rng.uniform(-0.1, 0.1, LINE.shape)
    assert set(aligned(LINE, new).change) == {Change.MOVED_NOISE}


def test_long_lines_are_cut_at_their_nearest_vertices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.network.alignment.CELLS", 50)
    x = np.arange(60.0) * 10
    old = np.column_stack([x, np.sin(x)])
    new = old + np.array([0.0, 0.05])
    assert set(aligned(old, new).change) == {Change.MOVED_NOISE}


@given(
    st.lists(st.sampled_from(["keep", "move", "delete", "insert"]), min_size=3, max_size=25),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_every_vertex_is_accounted_for_once(plan: list[str], backwards: bool, random: object) -> None:
    old = np.array([(i * 50.0, (i * 37 % 11) * 3.0) for i in range(len(plan) + 2)])
    new = [old[0]]
    for i, what in enumerate(plan, 1):
        if what == "insert":
            new.append((old[i - 1] + old[i]) / 2 + (0, 4))
        if what != "delete":
            new.append(old[i] + ((1, 2) if what == "move" else (0, 0)))
    new.append(old[-1])
    array = np.array(new)
    result = aligned(old, array[::-1] if backwards else array)
    assert sorted(result.old[result.old >= 0]) == list(range(len(old)))
    assert sorted(result.new[result.new >= 0]) == list(range(len(array)))
    assert result.reversed is backwards
    assert result.count(Change.KEPT) >= 2 + plan.count("keep") + plan.count("insert")


@given(st.integers(0, 359), st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
def test_shift_and_rotation_do_not_matter(angle: int, east: float, north: float) -> None:
    new = np.insert(moved((0, 5)), 1, (50, 5), axis=0)
    turned = np.radians(angle)
    matrix = np.array([[np.cos(turned), -np.sin(turned)], [np.sin(turned), np.cos(turned)]])

    def place(c: NDArray[np.float64]) -> NDArray[np.float64]:
        return c @ matrix.T + (east, north)

    assert aligned(place(LINE), place(new)).change == aligned(LINE, new).change
