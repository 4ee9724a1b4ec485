"""Coverage as it is kept between requests: what is drawn anew is counted anew."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import shapely

from api.care import _Areas
from geo.facilities.coverage import Communities

ON = date(2024, 12, 31)
NAMES = tuple("甲乙丙丁戊")
CODES = tuple(f"50011213800{i}" for i in range(5))
ELDERS = np.arange(5.0) + 100
SHAPES = np.array([shapely.box(i, 0, i + 1, 1) for i in range(5)], dtype=object)


def key(names=NAMES, elders=ELDERS, shapes=SHAPES, on=ON) -> _Areas:
    return _Areas(Communities(CODES, names, elders.copy(), shapes.copy()), on)


def moved() -> np.ndarray:
    """The last community grows by a corner; the first ones stay as they are."""
    shapes = SHAPES.copy()
    shapes[-1] = shapely.box(4, 0, 5, 1.5)
    return shapes


def test_the_same_demand_is_one_key() -> None:
    assert key() == key() and hash(key()) == hash(key())


@pytest.mark.parametrize(
    "change",
    [{"shapes": moved()}, {"elders": ELDERS + 1}, {"names": ("新", *NAMES[1:])}, {"on": date(2025, 6, 30)}],
    ids=["outline", "residents", "name", "date"],
)
def test_anything_that_changed_is_another(change) -> None:
    assert key(**change) != key()
