"""原始文件: the bytes of uploads and evidence, kept under var/files by their SHA-256.

A file is whole or absent: it is written beside its place, flushed to the disk, then renamed. It is there
for good once its row of stored_file is committed; a transaction that fails takes its new file away again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO

from sqlalchemy import Engine, event, select, text
from sqlalchemy.orm import Session, SessionTransaction

from geo.problems import NotFound, Unavailable
from geo.settings import ROOT
from geo.store.tables import StoredFile
from geo.text import Text

CHUNK = 1024 * 1024


class DiskFull(Unavailable):
    """No room for a file."""

    code = "disk-full"
    title = Text(
        "存储空间不足，文件没有保存；请管理员清理磁盘后重新上传",
        "There is no room left on the disk and the file was not saved; ask the administrator to free space, then upload again",
    )


class FileGone(NotFound):
    """A file that a record names is not on the disk."""

    code = "file-gone"
    title = Text(
        "原始文件 {sha256} 不在存储中，请管理员从备份恢复",
        "The original file {sha256} is missing from the store; ask the administrator to restore it from a backup",
    )


def room() -> Path:
    """var/files."""
    return Path(os.environ.get("YUDI_VAR", ROOT / "var")) / "files"


def place(sha256: str) -> Path:
    """Where the bytes of a digest lie, whether they are there or not."""
    return room() / sha256[:2] / sha256[2:4] / sha256


def open_file(sha256: str) -> BinaryIO:
    """The bytes of a kept file. Raises FileGone."""
    try:
        return place(sha256).open("rb")
    except FileNotFoundError as error:
        raise FileGone(sha256=sha256) from error


@contextlib.contextmanager
def said_plainly() -> Iterator[None]:
    """A full disk (or quota, or file size limit) as a problem that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DiskFull() from error
        raise


def keep(session: Session, path: Path, media_type: str, *, sha256: str | None = None) -> StoredFile:
    """Keep a complete file, by its digest; the same bytes are kept once.

    A copy of it, unless its digest is given: then the file is the caller's to give away, and is moved where that
    is possible. Takes the digest's lock until the transaction ends, so that two uploads of the same bytes follow
    each other. Raises DiskFull, and then leaves nothing behind.
    """
    if sha256 is not None:
        size = path.stat().st_size
        sync(path)
        try:
            return settle(session, path, sha256, size, media_type)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
    return _keep_copy(session, path, media_type)


def _keep_copy(session: Session, path: Path, media_type: str) -> StoredFile:
    digest = hashlib.sha256()
    with said_plainly():
        folder = room() / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as source, NamedTemporaryFile(dir=folder, delete=False) as copy:
            fresh = Path(copy.name)
            try:
                size = 0
                while chunk := source.read(CHUNK):
                    digest.update(chunk)
                    copy.write(chunk)
                    size += len(chunk)
                copy.flush()
                os.fsync(copy.fileno())
            except BaseException:
                # Closing flushes what is buffered and may meet the full disk again.
                with contextlib.suppress(OSError):
                    copy.close()
                fresh.unlink(missing_ok=True)
                raise
    sha256 = digest.hexdigest()
    try:
        return settle(session, fresh, sha256, size, media_type)
    finally:
        fresh.unlink(missing_ok=True)


def settle(session: Session, fresh: Path, sha256: str, size: int, media_type: str) -> StoredFile:
    """Move a complete copy to its place and enter its row."""
    lock(session, sha256)
    row = session.get(StoredFile, sha256)
    target = place(sha256)
    if not target.exists():
        with said_plainly():
            target.parent.mkdir(parents=True, exist_ok=True)
            # Registered first: whatever fails from here on, the file does not stay without its row.
            forget_on_rollback(session, sha256)
            os.chmod(fresh, 0o640)
            os.replace(fresh, target)
            sync(target.parent)
    if row is None:
        row = StoredFile(sha256=sha256, size=size, media_type=media_type)
        session.add(row)
        session.flush()
    return row


def lock(session: Session, sha256: str) -> None:
    """Wait for whoever else is taking the same bytes, until this transaction ends."""
    session.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"file {sha256}"}
    )


def sync(path: Path) -> None:
    """Make what was written to a file, or renamed in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with said_plainly():
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def forget_on_rollback(session: Session, sha256: str) -> None:
    """Take the file away if this transaction does not commit."""
    waiting: set[str] = session.info.setdefault("files not committed", set())
    waiting.add(sha256)
    if session.info.setdefault("forgets files", False):
        return
    session.info["forgets files"] = True
    bind = session.get_bind()
    engine = bind if isinstance(bind, Engine) else bind.engine

    def note(ended: Session) -> None:
        waiting.clear()

    def undo(ended: Session, transaction: SessionTransaction) -> None:
        if transaction.parent is None:
            while waiting:
                remove_if_unknown(engine, waiting.pop())

    # Not after_rollback: a session that is closed without either does not send it. Both stay for the
    # session's life: a listener that takes itself away breaks the round of listeners it is called in.
    event.listen(session, "after_commit", note)
    event.listen(session, "after_transaction_end", undo)


def remove_if_unknown(engine: Engine, sha256: str) -> bool:
    """Remove a kept file that no committed row names; True if it is gone.

    Under the digest's lock: whoever is taking the same bytes now either enters the row before this looks,
    or finds the file gone and writes it again.
    """
    with Session(engine) as own, own.begin():
        lock(own, sha256)
        if own.scalar(select(StoredFile.sha256).where(StoredFile.sha256 == sha256)):
            return False
        place(sha256).unlink(missing_ok=True)
    return True


def sweep(engine: Engine, older_than_seconds: float = 3600) -> int:
    """Remove what a killed process left: half copies, and files without a row. Returns how many."""
    before = time.time() - older_than_seconds
    removed = 0
    for path in (room() / "incoming").glob("*"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()
                removed += 1
    for path in room().glob("??/??/*"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before and remove_if_unknown(engine, path.name):
                removed += 1
    return removed
