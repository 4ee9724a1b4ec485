"""地名文件: the public register as files in var/downloads, each made once for a state of the register and a date.

Who asks for a file that is there costs the database nothing. Making one takes a minute where a district has a million
names: one file of a kind is made at a time, by a connection that is taken only then, and only so many are kept.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy.orm import Session

from api.sharing import attribution, linked_places
from geo.names import linked_places as lpf
from geo.names.linked_places import About
from geo.problems import Unavailable
from geo.settings import ROOT, as_of
from geo.store import name_export, name_history
from geo.store.engine import allow
from geo.text import Text

#: Opens a session of the public's role.
Opens = Callable[[], AbstractContextManager[Session]]

#: How long a statement of a whole file may take.
MOST_SECONDS = 300
#: Files that are kept of each kind; any date may be asked for.
KEPT = 24
#: Seconds that a file stays after it was last asked for: it may still have to be opened and sent.
GRACE = 600.0
#: How long somebody waits for a file that is being made for another.
PATIENCE = 20.0


class BeingMade(Unavailable):
    """A file of this kind is being made for somebody else."""

    code = "being-made"
    title = Text(
        "文件正在生成，请 {seconds} 秒后再下载",
        "The file is being made; download it again in {seconds} seconds",
    )


def room() -> Path:
    """var/downloads."""
    return Path(os.environ.get("YUDI_VAR", ROOT / "var")) / "downloads"


def place(kind: str, about: About, mark: str) -> Path:
    """Where the file of a state of the register stands, made or not. mark: of name_export.fingerprint."""
    # Addresses stand inside two of the formats, so a file is of one site.
    site = f"{zlib.crc32(about.base.encode()):08x}"
    return room() / f"{about.at:%Y%m%d}-{mark}-{site}.{kind}"


def made(opens: Opens, kind: str, about: About, mark: str) -> Path:
    """The file of this state of the register, made where it is not there; files of older states and the longest unused
    beyond KEPT are taken away. Raises BeingMade."""
    path = place(kind, about, mark)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not in_use(path):
        with one_at_a_time(path.parent / f"{kind}.lock"):
            if not in_use(path):
                with tempfile.TemporaryDirectory(dir=path.parent) as making:
                    fresh = Path(making) / f"names.{kind}"
                    with opens() as session:
                        allow(session, MOST_SECONDS)
                        write(session, fresh, kind, about)
                    fresh.replace(path)
                tidy(path.parent, kind, mark)
    return path


def in_use(path: Path) -> bool:
    """Whether the file is there, noting that it was asked for now."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def tidy(folder: Path, kind: str, mark: str) -> None:
    """Delete the files of other states of the register, and of this one the longest unused beyond KEPT; none that was
    asked for within GRACE."""
    used = {path: path.stat().st_mtime for path in folder.glob(f"*.{kind}")}
    current = sorted((p for p in used if f"-{mark}-" in p.name), key=used.__getitem__, reverse=True)
    for path in {*used} - {*current[:KEPT]}:
        if used[path] <= time.time() - GRACE:
            path.unlink(missing_ok=True)


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Who asks for the same file meanwhile waits for it instead of making it too. Raises BeingMade."""
    end = time.monotonic() + PATIENCE
    with lock.open("w") as held:
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise BeingMade(seconds=30) from None
                time.sleep(0.1)
        yield


def write(session: Session, out: Path, kind: str, about: About) -> int:
    """Write the public register in a format; how many names, or places for Linked Places."""
    if kind == "lpf.json":
        return write_linked_places(session, out, about)
    rows = name_export.rows(session, public=True, at=about.at)
    if kind == "geojson":
        return _geojson(rows, out, about)
    return name_export.write(rows, out)


def write_linked_places(session: Session, out: Path, about: About) -> int:
    """The whole public register in Linked Places format, streamed; how many places."""
    counted = 0

    def features() -> Iterator[str]:
        nonlocal counted
        for versions, links in name_history.every_place(session):
            counted += 1
            yield json.dumps(linked_places(list(versions), links, about), ensure_ascii=False)

    with out.open("w", encoding="utf-8") as file:
        file.writelines(lpf.stream(features()))
    return counted


def _geojson(rows: Iterator[dict[str, Any]], out: Path, about: About) -> int:
    """GeoJSON, streamed, with the line of attribution beside the features."""
    head = {"type": "FeatureCollection", "attribution": about.attribution, "date": about.at.isoformat()}
    counted = 0
    with out.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [\n')
        for row in rows:
            cells = {
                k: v for k, v in name_export.cells(row).items() if k not in ("lon", "lat", "geometry") and v
            }
            shape = None if row["wkb"] is None else shapely.from_wkb(bytes(row["wkb"]))
            feature = {
                "type": "Feature",
                "id": row["number"],
                "geometry": None if shape is None else shapely.geometry.mapping(shape),
                "properties": {**cells, "uri": about.place(row["place_id"]), "demo": bool(row["demo"])},
            }
            file.write((",\n" if counted else "") + json.dumps(feature, ensure_ascii=False))
            counted += 1
        file.write("\n]}\n")
    return counted


def on_date(at: date | None, base: str, district: str) -> About:
    """What a file made at the command line says of itself."""
    day = at or as_of()
    return About(base.rstrip("/"), day, attribution(district, day))
