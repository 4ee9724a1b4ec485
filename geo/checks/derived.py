"""What several checks of one scene share, worked out once: kept with the scene, gone with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from geo.checks.scene import Scene

Answer = TypeVar("Answer")


def per_scene(work: Callable[[Scene], Answer]) -> Callable[[Scene], Answer]:
    """Decorator: the answer for a scene is worked out once.

    A scene is frozen, so its answers stay right; `dataclasses.replace` makes a scene without them.
    """

    @wraps(work)
    def once(scene: Scene) -> Answer:
        kept: dict[Any, Any] = scene.__dict__.setdefault("_derived", {})
        if work not in kept:
            kept[work] = work(scene)
        answer: Answer = kept[work]
        return answer

    return once
