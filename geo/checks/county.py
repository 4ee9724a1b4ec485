"""County lines (县级界线) of an upload: which codes are of another county, and which lines border one."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.checks import values
from geo.checks.derived import per_scene
from geo.checks.scene import Scene
from geo.checks.unit_keys import unit_keys
from geo.terms import Role

_COUNTY = re.compile(r"\d{6}")
_ABOVE = re.compile(r"县|区|市|省|county|district|province|prefecture")


def is_county(code: str | None) -> bool:
    """Whether a code is that of a county as a whole, six digits; a township has nine."""
    return code is not None and _COUNTY.fullmatch(code) is not None


def above_township(level: Any) -> bool:
    """Whether a line's level (级别) is above that of townships."""
    return bool(_ABOVE.search((values.text(level) or "").lower()))


def outside(scene: Scene, code: str | None) -> bool:
    """Whether a code is well formed and of another county than the district."""
    if code is None or scene.district is None or not re.fullmatch(r"\d{6}|\d{9}", code):
        return False
    return not code.startswith(scene.district.code)


@per_scene
def county_lines(scene: Scene) -> NDArray[np.bool_]:
    """Which of scene.lines are of the district's own border, shape (n,).

    One side names a unit outside, and the line's level or its number says so too: a slip of one digit
    in a side's code makes no county line.
    """
    sides = [unit_keys(scene, Role.LINES, side) for side in ("left", "right")]
    answer = np.zeros(len(scene.lines), dtype=bool)
    for i, (number, level) in enumerate(zip(scene.lines["code"], scene.lines["level"], strict=True)):
        far = [s[i] for s in sides if outside(scene, s[i])]
        if far:
            named = set((values.code(number) or "").split("-"))
            answer[i] = above_township(level) or any(c in named or c[:6] in named for c in far if c)
    return answer
