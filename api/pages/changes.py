"""Changes (变化): the difference of a submission from what is in force, as words and as pieces of a map."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from geo.store.tables import Submission
from maps.page import Assets, MapParts


def of(session: Session, row: Submission) -> Any:
    return None


def sentences(compared: Any, language: str) -> list[dict[str, Any]]:
    return []


def drawn(compared: Any, units: Any, about: Any, assets: Assets, nonce: str) -> MapParts:
    raise NotImplementedError
