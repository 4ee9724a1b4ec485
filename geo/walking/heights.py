"""Heights (高程): from SRTM tiles on the ground, by interpolation on bridges and in tunnels."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.sparse
import scipy.sparse.csgraph
import scipy.sparse.linalg
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Heights at longitudes and latitudes, metres; NaN where none is known.
Ground = Callable[[Floats, Floats], Floats]
VOID = -32768


def unknown(lon: Floats, lat: Floats) -> Floats:
    """No heights at all: every way counts as flat."""
    return np.full(len(lon), np.nan)


def tile(path: Path) -> Ground:
    """An SRTM tile (.hgt, or zipped): bilinear between its four nearest posts, NaN outside and at voids.

    Raises ValueError for a name or size that is no tile's.
    """
    name = Path(path.name.removesuffix(".zip"))
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            inner = next((n for n in archive.namelist() if n.endswith(".hgt")), None)
            if inner is None:
                raise ValueError(f"no tile in {path.name}")
            raw, name = archive.read(inner), Path(inner)
    else:
        raw = path.read_bytes()
    side = int((len(raw) // 2) ** 0.5)
    text = name.stem
    if side * side * 2 != len(raw) or side < 2 or len(text) < 7 or text[0] not in "NS" or text[3] not in "EW":
        raise ValueError(f"no SRTM tile: {path.name}")
    posts = np.frombuffer(raw, dtype=">i2").reshape(side, side).astype(np.float64)
    posts[posts == VOID] = np.nan
    south = int(text[1:3]) * (1 if text[0] == "N" else -1)
    west = int(text[4:7]) * (1 if text[3] == "E" else -1)

    def at(lon: Floats, lat: Floats) -> Floats:
        column, row = (lon - west) * (side - 1), (south + 1 - lat) * (side - 1)
        inside = (column >= 0) & (column <= side - 1) & (row >= 0) & (row <= side - 1)
        left = np.clip(np.floor(column), 0, side - 2).astype(np.intp)
        top = np.clip(np.floor(row), 0, side - 2).astype(np.intp)
        u, v = column - left, row - top
        height = np.zeros(len(lon))
        for post, weight in (
            (posts[top, left], (1 - u) * (1 - v)),
            (posts[top, left + 1], u * (1 - v)),
            (posts[top + 1, left], (1 - u) * v),
            (posts[top + 1, left + 1], u * v),
        ):
            height += np.where(weight > 0, post * weight, 0.0)
        return np.where(inside, height, np.nan)

    return at


def bridged(
    height: Floats, a: NDArray[np.intp], b: NDArray[np.intp], length: Floats,
    structure: NDArray[np.bool_], loose: NDArray[np.bool_], measured: NDArray[np.bool_],
) -> Floats:  # fmt: skip
    """Heights of nodes with those on bridges and in tunnels interpolated between the ends on the ground.

    height: (n,) of the ground; a, b, length, structure: of (m) edges; loose: edges that say nothing about the
    ground at their ends (steps, lifts); measured: nodes whose own height was surveyed. An end is a node of a
    structure that also lies on plain ground, or was measured; where a structure has fewer than two, its dead
    ends count too, and where it has none at all its heights are unknown, never those beneath. Along a single bridge this is the straight line
    between its ends; where spans meet, each node is the mean of its neighbours by their nearness.
    """
    out = height.copy()
    if not structure.any():
        return out
    n = len(height)
    on = np.zeros(n, dtype=bool)
    on[a[structure]] = on[b[structure]] = True
    ground = np.zeros(n, dtype=bool)
    plain = ~structure & ~loose
    ground[a[plain]] = ground[b[plain]] = True
    ends = on & (ground | measured) & np.isfinite(height)
    span = scipy.sparse.coo_array(
        (np.ones(int(structure.sum())), (a[structure], b[structure])), shape=(n, n)
    ).tocsr()
    _, component = scipy.sparse.csgraph.connected_components(span, directed=False)
    degree = np.bincount(np.concatenate((a[structure], b[structure])), minlength=n)
    few = np.bincount(component[ends], minlength=component.max() + 1) < 2
    ends |= on & (degree == 1) & few[component] & np.isfinite(height)
    anchored = np.bincount(component[ends], minlength=component.max() + 1) > 0
    free = on & ~ends & anchored[component]
    out[on & ~anchored[component]] = np.nan
    if not free.any():
        return out
    # Kirchhoff: the flow into every free node is zero, with conductance 1 / length.
    weight = 1.0 / np.maximum(length[structure], 0.01)
    i, j = a[structure], b[structure]
    pair = scipy.sparse.coo_array(
        (np.concatenate((weight, weight)), (np.concatenate((i, j)), np.concatenate((j, i)))), shape=(n, n)
    ).tocsr()
    total = np.asarray(pair.sum(axis=1)).ravel()
    laplace = (scipy.sparse.diags_array(total) - pair).tocsr()
    known = np.flatnonzero(ends)
    unknown_nodes = np.flatnonzero(free)
    right = -(laplace[unknown_nodes][:, known] @ out[known])
    out[unknown_nodes] = scipy.sparse.linalg.spsolve(laplace[unknown_nodes][:, unknown_nodes].tocsc(), right)
    return out
