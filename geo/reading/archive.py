"""Archive: an upload unpacked into data sets, within limits counted on bytes produced.

No entry's name is ever a path: files are written as `<n>.<ext>` in the work folder.
"""

from __future__ import annotations

import contextlib
import errno
import re
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from geo.reading import methods
from geo.reading.entries import Entry, arranged, decoded_name, is_workbook
from geo.reading.notes import Notes, listed
from geo.reading.package import (
    SET,
    TABLES,
    UP01,
    UP02,
    UP03,
    UP05,
    UP06,
    UP07,
    UP08,
    UP09,
    UP10,
    Budget,
    Dataset,
    dataset_kind,
    refusal,
)
from geo.reading.sniff import Kind, kind_of
from geo.settings import Limits
from geo.text import Text

METHOD = Text(
    "重新压缩：压缩方法选 Deflate（标准 zip），不选 Deflate64、Zstandard、PPMd 等；超过 2 GB 的文件先删去无用内容",
    "Zip it again with the method Deflate (standard zip), not Deflate64, Zstandard or PPMd; thin out files past 2 GB first",
)


def unpack(path: Path, file: str, work: Path, limits: Limits, notes: Notes) -> list[Dataset]:
    """The data sets of an upload, in the order of the archive; one that is the only one knows it.

    path: the file; file: the name that the surveyor gave it. work: an empty folder of our own.
    Raises Refused where nothing can be read; the notes then say why.
    """
    found = _unpacked(path, file, work, limits, notes)
    for dataset in found:
        dataset.alone = len(found) == 1
    return found


def _unpacked(path: Path, file: str, work: Path, limits: Limits, notes: Notes) -> list[Dataset]:
    if path.is_dir():
        return [_folder(path, work, limits, notes)]
    size = path.stat().st_size
    if size > limits.upload_bytes:
        raise notes.refuse(UP08, f"{size / 1024**2:.1f} MB > {limits.upload_bytes // 1024**2} MB")
    with path.open("rb") as stream:
        kind = kind_of(stream.read(1 << 16))
    extension = PurePosixPath(file.replace("\\", "/")).suffix[1:].lower()
    # A self-extracting archive, or one with a mail's text before it, is one all the same.
    led = extension in ("zip", "kmz") and kind.family in ("binary", "text") and zipfile.is_zipfile(path)
    if kind.family == "zip" or led:
        return _Unpacking(path, file, work, limits, notes).datasets()
    if extension == "shp" or (kind.family == "shp" and extension not in SET):
        return [_bare_shapefile(path, file, work, notes)]
    return [_single(path, file, extension, kind, work, notes)]


def _folder(path: Path, work: Path, limits: Limits, notes: Notes) -> Dataset:
    """A file geodatabase given as the folder that it is."""
    if path.suffix.lower() != ".gdb":
        raise notes.refuse(UP01, "是文件夹 (a folder)")
    target = work / "0.gdb"
    target.mkdir()
    budget = Budget(limits, notes, limits.unpacked_bytes)
    for part in sorted(path.iterdir()):
        if part.is_file() and not part.is_symlink() and not part.name.endswith(".lock"):
            budget.spend(part.stat().st_size)
            shutil.copyfile(part, target / part.name)
    return Dataset("geodatabase", path.stem, target)


def _bare_shapefile(path: Path, file: str, work: Path, notes: Notes) -> Dataset:
    """A `.shp` path with its siblings, which lie beside it under any case of letters."""
    dataset = Dataset("shapefile", PurePosixPath(file.replace("\\", "/")).stem, work / "0.shp")
    wanted = path.stem.casefold()
    for sibling in sorted(path.parent.iterdir()):
        extension = sibling.suffix[1:].lower()
        if sibling.stem.casefold() == wanted and extension in SET and sibling.is_file():
            if extension in dataset.parts and sibling.stem != path.stem:
                continue
            dataset.parts[extension] = work / f"0.{extension}"
            shutil.copyfile(sibling, dataset.parts[extension])
    if "shp" not in dataset.parts:
        dataset.parts["shp"] = work / "0.shp"
        shutil.copyfile(path, dataset.parts["shp"])
    return dataset


def _single(path: Path, file: str, extension: str, kind: Kind, work: Path, notes: Notes) -> Dataset:
    """A file that is one data set by itself, kept in the work folder under a name of ours."""
    name = PurePosixPath(file.replace("\\", "/")).stem
    found = dataset_kind(kind, extension)
    if found is None and extension in ("dbf", "shx", "prj", "cpg"):
        raise notes.refuse(UP03, name, ".shp", layer=name)
    if found is None:
        raise refusal(kind, extension, file, notes)
    target = work / f"0.{_EXTENSION[found]}"
    shutil.copyfile(path, target)
    return Dataset(found, name, target, detail=extension)


_EXTENSION = {"geopackage": "gpkg", "kml": "kml", "json": "json", "table": "table"}


class _Unpacking:
    """One archive, and at most one level of archives inside it."""

    def __init__(self, path: Path, file: str, work: Path, limits: Limits, notes: Notes) -> None:
        self.path, self.file, self.work = path, file, work
        self.limits, self.notes = limits, notes
        self.budget = Budget(limits, notes, path.stat().st_size)
        self.count = 0
        self.entries = 0
        self.ignored: list[str] = []
        self.alien: list[str] = []
        self.odd: list[str] = []

    def datasets(self) -> list[Dataset]:
        """What the archive holds, its findings noted."""
        found = self._level(self.path, 0, "")
        if self.odd:
            self.notes.say(UP06, listed(dict.fromkeys(self.odd)))
        if self.ignored:
            self.notes.say(UP10, listed(self.ignored))
        if not found and not self.notes.blocked:
            if self.alien:
                raise self.notes.refuse(UP09, listed(dict.fromkeys(self.alien)))
            raise self.notes.refuse(UP02, self.file)
        return found

    def _level(self, path: Path, depth: int, prefix: str) -> list[Dataset]:
        try:
            with zipfile.ZipFile(path) as archive:
                entries = [e for e in map(self._entry, archive.infolist()) if e is not None]
                if depth == 0 and is_workbook({e.name for e in entries}):
                    return self._workbook(archive, entries)
                return self._sorted(archive, entries, depth, prefix)
        except methods.UnknownMethod as error:
            raise self.notes.refuse(
                UP01,
                f"{prefix or self.file}：压缩方法 {error.name} 不能读取 (method not readable)",
                remedy=METHOD,
            ) from None
        except _BROKEN as error:
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise  # the machine's room, not the archive
            why = str(error) or type(error).__name__
            raise self.notes.refuse(UP01, f"{prefix or self.file}：{why}") from None

    def _entry(self, info: zipfile.ZipInfo) -> Entry | None:
        """The entry with its name decoded, None for a folder. Refuses what could leave the folder."""
        self.entries += 1
        if self.entries > self.limits.entries:
            raise self.notes.refuse(UP08, f"条目 > {self.limits.entries} (entries)")
        name, how = decoded_name(info)
        name = name.replace("\\", "/")
        parts = name.split("/")
        form = stat.S_IFMT(info.external_attr >> 16)
        unsafe = (
            name.startswith("/")
            or ".." in parts
            or re.match(r"^[A-Za-z]:", name)
            or "\x00" in info.orig_filename
            or form not in (0, stat.S_IFREG, stat.S_IFDIR)
        )
        if unsafe:
            raise self.notes.refuse(UP07, listed([name]))
        if name.endswith("/") or info.is_dir():
            return None
        if info.flag_bits & 1:
            raise self.notes.refuse(
                UP01,
                f"{listed([name])} 已加密 (encrypted)",
                remedy=Text("取消密码后重新压缩上传", "Zip it again without a password"),
            )
        if how:
            self.odd.append(f"{name} ({how})")
        return Entry(info, name)

    def _workbook(self, archive: zipfile.ZipFile, entries: list[Entry]) -> list[Dataset]:
        """A spreadsheet is an archive too: its bytes are counted, then it is kept whole."""
        for entry in entries:
            for piece in methods.pieces(archive, entry.info):
                self.budget.spend(len(piece))
        target = self.work / "0.table"
        shutil.copyfile(self.path, target)
        self.odd.clear()
        return [Dataset("table", PurePosixPath(self.file.replace("\\", "/")).stem, target, detail="xlsx")]

    def _sorted(
        self, archive: zipfile.ZipFile, entries: list[Entry], depth: int, prefix: str
    ) -> list[Dataset]:
        """Entries into data sets, in the order of the archive."""
        groups = arranged(entries)
        self.odd += groups.odd
        for entry in groups.junk:
            self._pass_over(archive, entry)
        found: list[Dataset] = []
        beside_layers = bool(groups.sets or groups.geodatabases)
        for what, key in groups.order:
            if what == "geodatabase":
                found.append(self._geodatabase(archive, key, groups.geodatabases[key]))
            elif what == "shapefile":
                dataset = self._set(archive, groups.sets[key])
                if dataset is not None:
                    found.append(dataset)
            else:
                other = self._other(archive, groups.single[key], depth, beside_layers)
                if key in groups.journals and other and other[0].kind == "geopackage":
                    self._write(archive, groups.journals[key], f"{other[0].path.name}-wal")
                found.extend(other)
        return found

    def _set(self, archive: zipfile.ZipFile, parts: dict[str, Entry]) -> Dataset | None:
        """One shapefile set. What lacks a .shp is not a layer."""
        number = self._next()
        first = parts.get("shp") or next(iter(parts.values()))
        name = PurePosixPath(first.stem).name
        if "shp" not in parts:
            for entry in parts.values():
                self._pass_over(archive, entry, silent=True)
            if "dbf" in parts or "shx" in parts:
                self.notes.say(UP03, name, ".shp", layer=name)
            else:
                self.ignored.extend(entry.name for entry in parts.values())
            return None
        dataset = Dataset("shapefile", name, self.work / f"{number}.shp", detail=first.stem)
        for extension, entry in parts.items():
            dataset.parts[extension] = self._write(archive, entry, f"{number}.{extension}")
        return dataset

    def _geodatabase(self, archive: zipfile.ZipFile, key: str, entries: list[tuple[str, Entry]]) -> Dataset:
        folder = self.work / f"{self._next()}.gdb"
        folder.mkdir()
        for inner, entry in entries:
            if inner.endswith(".lock") or inner in (".", ".."):
                self._pass_over(archive, entry, silent=True)
            else:
                self._write(archive, entry, f"{folder.name}/{inner}")
        return Dataset("geodatabase", PurePosixPath(key).stem or PurePosixPath(self.file).stem, folder)

    def _other(
        self, archive: zipfile.ZipFile, entry: Entry, depth: int, beside_layers: bool
    ) -> list[Dataset]:
        """A file that is neither part of a set nor junk by name: its bytes decide."""
        path = self._write(archive, entry, f"{self._next()}.bin")
        with path.open("rb") as stream:
            kind = kind_of(stream.read(1 << 16))
        name = PurePosixPath(entry.stem).name
        if kind.family == "zip":
            return self._nested(path, entry, depth, name)
        found = dataset_kind(kind, entry.extension)
        table = found == "table" and entry.extension not in TABLES
        prose = found == "table" and entry.extension == "txt" and beside_layers
        if found is None or table or prose:
            if kind.family == "alien" or kind.family == "ole":
                self.alien.append(kind.detail or "OLE")
            elif kind.family == "empty" and entry.extension in ("geojson", "json", "kml", "gpkg", "csv"):
                self.notes.say(UP01, f"{entry.name}：0 字节 (0 bytes)", aspect=entry.name)
            elif kind.family == "binary" and entry.extension in ("gpkg", "xlsx", "xls", "zip", "kmz"):
                self.notes.say(
                    UP01, f"{entry.name} 不是有效的 .{entry.extension} 文件 (not a .{entry.extension} file)"
                )
            self.ignored.append(entry.name)
            return []
        return [Dataset(found, name, path, detail=entry.extension)]

    def _nested(self, path: Path, entry: Entry, depth: int, name: str) -> list[Dataset]:
        """An archive in the archive: spreadsheets and KMZ are formats, others are opened one level deep."""
        try:
            with zipfile.ZipFile(path) as inner:
                names = {decoded_name(info)[0] for info in inner.infolist()}
                for info in inner.infolist() if is_workbook(names) else ():
                    for piece in methods.pieces(inner, info):
                        self.budget.spend(len(piece))
        except methods.UnknownMethod as error:
            self.notes.say(UP01, f"{entry.name}：压缩方法 {error.name}", remedy=METHOD, aspect=entry.name)
            return []
        except _BROKEN as error:
            self.notes.say(UP01, f"{entry.name}：{error}", aspect=entry.name)
            return []
        if is_workbook(names):
            return [Dataset("table", name, path, detail="xlsx")]
        if entry.extension != "kmz":
            self.notes.say(UP05, entry.name, aspect=entry.name)
            if depth >= 1:
                return []
        return self._level(path, depth + 1, entry.name)

    def _write(self, archive: zipfile.ZipFile, entry: Entry, target: str) -> Path:
        path = self.work / target
        with path.open("wb") as out:
            for piece in methods.pieces(archive, entry.info):
                self.budget.spend(len(piece))
                out.write(piece)
        return path

    def _pass_over(self, archive: zipfile.ZipFile, entry: Entry, *, silent: bool = False) -> None:
        """Read an entry that is not kept: its sum is checked and its bytes are counted all the same."""
        # What is not kept needs no method of ours.
        with contextlib.suppress(methods.UnknownMethod):
            for piece in methods.pieces(archive, entry.info):
                self.budget.spend(len(piece))
        if not silent:
            self.ignored.append(entry.name)

    def _next(self) -> int:
        self.count += 1
        return self.count - 1


_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    OverflowError,
    KeyError,
    IndexError,
)
