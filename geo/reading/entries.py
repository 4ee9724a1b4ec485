"""Entries (压缩包条目): what the names in an archive say: which belong together, which are no layers.

Names alone are looked at, never bytes: what is none of these is decided by its bytes (geo.reading.archive).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from geo.reading.package import SET

#: Files that come with layers and say nothing: never an obstacle, never a layer.
_JUNK = re.compile(
    r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)"
    r"|\.(xml|sbn|sbx|qix|qpj|qmd|qml|sld|lyr|lyrx|lock|pdf|docx?|jpe?g|png|tiff?|mxd|aprx|qgs|qgz|idx|ain|aih|ixs|mxs|atx|fix|cst)$",
    re.IGNORECASE,
)
_GDB = re.compile(r"^(.*?[^/]+\.gdb)/([A-Za-z0-9_.]+)$", re.IGNORECASE)
#: The table of tables that every geodatabase has, and names that a file of one can have.
_CATALOGUE = re.compile(r"(^|/)a00000001\.gdbtable$", re.IGNORECASE)
_GDB_FILE = re.compile(r"^(.*?)/?((?:a[0-9a-f]{8}\.[a-z_]+|gdb|timestamps))$", re.IGNORECASE)


@dataclass
class Entry:
    """One entry of an archive, its name decoded and made harmless."""

    info: zipfile.ZipInfo
    name: str

    @property
    def extension(self) -> str:
        return PurePosixPath(self.name).suffix[1:].lower()

    @property
    def stem(self) -> str:
        return self.name[: len(self.name) - len(PurePosixPath(self.name).suffix)]


@dataclass
class Groups:
    """Entries by what they are part of. order: ("shapefile" | "geodatabase" | "single", key) as they stand in
    the archive. sets: shapefile sets by stem and extension. geodatabases: by folder, with the names inside.
    single: what is decided by its bytes. journals: write-ahead logs by the GeoPackage that they belong to.
    junk: what comes with layers and says nothing. odd: names that are unusual, and were understood."""

    order: list[tuple[str, str]] = field(default_factory=list)
    sets: dict[str, dict[str, Entry]] = field(default_factory=dict)
    geodatabases: dict[str, list[tuple[str, Entry]]] = field(default_factory=dict)
    single: dict[str, Entry] = field(default_factory=dict)
    journals: dict[str, Entry] = field(default_factory=dict)
    junk: list[Entry] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)


def arranged(entries: Sequence[Entry]) -> Groups:
    """Entries into groups: shapefile sets by stem, geodatabases by folder, the rest one by one."""
    found = Groups(
        journals={e.name.removesuffix("-wal"): e for e in entries if e.name.lower().endswith(".gpkg-wal")}
    )
    twins = _twins(entries)
    bare = {_folder_of(e.name) for e in entries if _CATALOGUE.search(e.name)}
    for entry in entries:
        match = _GDB.match(entry.name)
        if match is None and (inside := _folder_of(entry.name)) in bare:
            # Files of a geodatabase that were zipped without their folder, or whose folder lost its .gdb.
            match = _GDB_FILE.match(entry.name)
            if match is not None and inside not in found.geodatabases:
                found.odd.append(f"{inside or '.'} → .gdb")
        if match is not None:
            key = match.group(1)
            if key not in found.geodatabases:
                found.order.append(("geodatabase", key))
            found.geodatabases.setdefault(key, []).append((match.group(2), entry))
        elif entry in found.journals.values():
            continue  # read with its GeoPackage
        elif _JUNK.search(entry.name):
            found.junk.append(entry)
        elif entry.extension in SET:
            key = entry.stem if entry.stem.casefold() in twins else entry.stem.casefold()
            if key not in found.sets:
                found.order.append(("shapefile", key))
            found.sets.setdefault(key, {})[entry.extension] = entry
            if PurePosixPath(entry.name).suffix[1:] != entry.extension:
                found.odd.append(entry.name)
        else:
            found.order.append(("single", entry.name))
            found.single[entry.name] = entry
    return found


def _folder_of(name: str) -> str:
    """The folder of an entry, "" for the archive's own."""
    return name.rpartition("/")[0]


def _twins(entries: Sequence[Entry]) -> set[str]:
    """Stems that are different shapefiles only by their case: those match by case, others do not."""
    stems: dict[str, set[str]] = {}
    for entry in entries:
        if entry.extension == "shp":
            stems.setdefault(entry.stem.casefold(), set()).add(entry.stem)
    return {folded for folded, own in stems.items() if len(own) > 1}


def is_workbook(names: set[str]) -> bool:
    """Whether an archive of these names is a spreadsheet."""
    return ("[Content_Types].xml" in names and any(n.startswith("xl/") for n in names)) or (
        "mimetype" in names and "content.xml" in names
    )


def decoded_name(info: zipfile.ZipInfo) -> tuple[str, str]:
    """An entry's name as text, and how it was read where the archive does not say.

    Without bit 11 the name is in whatever encoding the packer's machine used (docs/checks.md, trap 10).
    """
    name = info.orig_filename.split("\x00")[0]
    if info.flag_bits & 0x800 or name.isascii():
        return name, ""
    raw = name.encode("cp437", errors="replace")
    for codec, how in (("utf-8", "UTF-8"), ("gb18030", "GBK")):
        try:
            return raw.decode(codec), how
        except UnicodeDecodeError:
            continue
    return name, "cp437"
