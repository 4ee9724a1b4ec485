"""Running a coroutine in a test. Playwright's own event loop stays open in the thread of a process that has had a browser, and
`asyncio.run` refuses to begin a second one there: a thread of its own has none."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Its answer, or what it raised."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
