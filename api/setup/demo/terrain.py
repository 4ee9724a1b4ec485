"""Terrain of the demonstration district: a seeded warp that makes straight borders natural, and heights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Longest and shortest wave of the warp, metres; each octave halves it.
LONGEST, OCTAVES = 9_000.0, 7
#: How strong each octave is: its Jacobian differs from the unit matrix by less than √2·0.4 < 1, so each
#: octave is one-to-one, and so is their chain: borders that do not cross before do not cross after.
STRENGTH = 0.4
WAVES = 3


class Warp:
    """A one-to-one map of the plane, in metres: octaves of waves, one applied after the other."""

    def __init__(self, random: np.random.Generator) -> None:
        angle = random.uniform(0, 2 * np.pi, (OCTAVES, 2, WAVES))
        self.direction = np.stack((np.cos(angle), np.sin(angle)))
        self.phase = random.uniform(0, 2 * np.pi, (OCTAVES, 2, WAVES))

    def __call__(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """points: (n, 2) easting and northing. Returns them moved, (n, 2)."""
        moved = points.copy()
        for octave in range(OCTAVES):
            wave = LONGEST / 2**octave
            size = STRENGTH * wave / (2 * np.pi) / WAVES
            shift = np.zeros_like(moved)
            for axis in range(2):
                for k in range(WAVES):
                    cos, sin = self.direction[:, octave, axis, k]
                    at = 2 * np.pi * (moved[:, 0] * cos + moved[:, 1] * sin) / wave
                    shift[:, axis] += size * np.sin(at + self.phase[octave, axis, k])
            moved += shift
        return moved


class Relief:
    """Invented heights (1985 国家高程基准), 150–1,400 m: ridges that run north-east, low towards the south."""

    def __init__(
        self, random: np.random.Generator, low: tuple[float, float], high: tuple[float, float]
    ) -> None:
        self.low, self.high = np.asarray(low), np.asarray(high)
        self.phase = random.uniform(0, 2 * np.pi, 3)

    def __call__(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """points: (n, 2). Returns (n,) metres, rounded to 0.1."""
        u, v = ((points - self.low) / (self.high - self.low)).T
        ridge = 0.5 + 0.5 * np.sin(14 * (u - 0.45 * v) + self.phase[0])
        rough = np.sin(31 * u + self.phase[1]) * np.sin(27 * v + self.phase[2])
        height = 185 + 900 * v * ridge**2 + 300 * v + 70 * rough * (0.3 + v)
        return np.clip(height, 152.0, 1_390.0).round(1)
