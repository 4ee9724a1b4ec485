"""Halves: whole-array GEOS calls on two cores. GEOS leaves the interpreter's lock while it works."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

#: Below this many rows, and of vertices, starting a thread costs more than it saves.
WORTH = 2_000
MANY_VERTICES = 20_000


def large(array: NDArray[np.object_]) -> bool:
    """Whether geometries are worth a second thread."""
    return len(array) >= WORTH or int(shapely.get_num_coordinates(array).sum()) >= MANY_VERTICES


def halves(work: Callable[[Any], Any], array: NDArray[np.object_]) -> Any:
    """`work` on an array of geometries, element by element, in two threads; the same answer as work(array)."""
    if len(array) < 2 or not large(array):
        return work(array)
    middle = len(array) // 2
    with ThreadPoolExecutor(1) as other:
        second = other.submit(work, array[middle:])
        first = work(array[:middle])
        return np.concatenate([first, second.result()])


def both(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """Two calls at the same time."""
    with ThreadPoolExecutor(1) as other:
        answer = other.submit(second)
        return first(), answer.result()
