"""Ways (可步行道路): what readers hand over, before any of it is a network."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Ways:
    """Ways that somebody may walk on; what is closed to walkers is not among them.

    lines: (n,) LineStrings, longitude and latitude in degrees (EPSG:4490 or 4326), with heights in metres
    where they are known. kind: (n,) index into model.KINDS. structure: bridge, tunnel or elevated walk: its
    heights come from its ends. wheels: a wheelchair may use it. one_way: only in the line's own direction.
    level: floor or layer, which keeps apart what a lift joins. name, hours, fare: text, empty where unknown;
    handrail: True where one is recorded. lifts: (k, 2) places of lifts that stand at one point, with
    lift_names and lift_hours; closed: (m, 2) places that nobody may pass (a locked gate). source: where from,
    as it is to be cited; dated: the date of the network.
    """

    lines: NDArray[np.object_]
    kind: NDArray[np.int8]
    structure: NDArray[np.bool_]
    wheels: NDArray[np.bool_]
    one_way: NDArray[np.bool_]
    level: NDArray[np.int32]
    name: NDArray[np.object_]
    hours: NDArray[np.object_]
    fare: NDArray[np.object_]
    handrail: NDArray[np.bool_]
    lifts: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    lift_names: tuple[str, ...] = ()
    lift_hours: tuple[str, ...] = ()
    closed: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    source: str = ""
    dated: str = ""

    def __len__(self) -> int:
        return len(self.lines)
