"""Street networks (步行路网) in the database: one file a state, the newest counts."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.store import files
from geo.store.tables import WalkNetwork
from geo.walking.network import Network
from geo.walking.packing import pack, unpack


@dataclass(frozen=True, slots=True)
class Streets:
    """The newest network of a district, and what is to be said beside it."""

    sha256: str
    dated: date
    source: str
    demo: bool


def newest(session: Session, district: str) -> Streets | None:
    """The network in use, None where none was brought in. Only the application's role can ask."""
    row = session.scalars(
        select(WalkNetwork).where(WalkNetwork.district == district).order_by(WalkNetwork.id.desc()).limit(1)
    ).first()
    return None if row is None else Streets(row.sha256, row.dated, row.source, row.demo)


@lru_cache(maxsize=2)
def network(sha256: str) -> Network:
    """The network of a kept file. Raises FileGone."""
    with files.open_file(sha256) as file:
        return unpack(file.read())


def put(
    session: Session, district: str, streets: Network, *, dated: date, source: str, reason: str, made_by: int,
    demo: bool = False,
) -> WalkNetwork:  # fmt: skip
    """Keep a network as the newest of a district."""
    with tempfile.TemporaryDirectory(prefix="yudi-streets-") as folder:
        path = Path(folder) / "streets.npz"
        path.write_bytes(pack(streets))
        kept = files.keep(session, path, "application/x-yudi-streets")
    row = WalkNetwork(
        district=district, dated=dated, sha256=kept.sha256, nodes=len(streets.lon), edges=len(streets.a),
        source=source, reason=reason, made_by=made_by, demo=demo,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row
