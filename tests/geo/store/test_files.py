"""原始文件: whole or absent, kept by digest, gone with a transaction that fails, and a disk that is full."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from geo.store import engine, files
from geo.store.tables import StoredFile


@pytest.fixture
def sessions(module_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> sessionmaker[Session]:
    monkeypatch.setenv("YUDI_VAR", str(tmp_path / "room"))
    with engine.sessions("owner").begin() as session:
        session.execute(delete(StoredFile))
    return engine.sessions("app")


def on_disk(tmp_path: Path) -> list[Path]:
    return [p for p in (tmp_path / "room").rglob("*") if p.is_file()]


def write(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "upload"
    path.write_bytes(content)
    return path


def test_kept_once_by_digest(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    content = os.urandom(3 * files.CHUNK + 5)
    digest = hashlib.sha256(content).hexdigest()
    for _ in range(2):
        with sessions.begin() as session:
            row = files.keep(session, write(tmp_path, content), "application/zip")
            assert (row.sha256, row.size) == (digest, len(content))
    assert on_disk(tmp_path) == [files.place(digest)]
    with files.open_file(digest) as file:
        assert file.read() == content
    assert files.place(digest).stat().st_mode & 0o777 == 0o640


def test_a_file_whose_digest_is_known_is_moved_and_copied_only_from_another_disk(
    sessions: sessionmaker[Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = hashlib.sha256(b"whole").hexdigest()
    path = write(tmp_path, b"whole")
    with pytest.raises(RuntimeError), sessions.begin() as session:
        files.keep(session, path, "text/plain", sha256=digest)
        raise RuntimeError
    assert on_disk(tmp_path) == [] and not path.exists()
    path = write(tmp_path, b"whole")
    number = path.stat().st_ino
    with sessions.begin() as session:
        row = files.keep(session, path, "text/plain", sha256=digest)
        assert (row.sha256, row.size) == (digest, 5)
    assert not path.exists() and files.place(digest).stat().st_ino == number
    path = write(tmp_path, b"whole")
    with sessions.begin() as session:
        files.keep(session, path, "text/plain", sha256=digest)
    assert path.exists()  # it was there already

    other = hashlib.sha256(b"other").hexdigest()
    path, replace = write(tmp_path, b"other"), os.replace

    def across(source: Path, target: Path) -> None:
        if source == path:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        replace(source, target)

    monkeypatch.setattr("os.replace", across)
    with sessions.begin() as session:
        files.keep(session, path, "text/plain", sha256=other)
    assert path.exists() and files.place(other).read_bytes() == b"other"


def test_a_failed_transaction_takes_its_file_away(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), sessions.begin() as session:
        files.keep(session, write(tmp_path, b"x"), "text/plain")
        raise RuntimeError
    assert on_disk(tmp_path) == []
    session = sessions()
    files.keep(session, write(tmp_path, b"x"), "text/plain")
    session.close()  # neither committed nor rolled back
    assert on_disk(tmp_path) == []


def test_a_failed_transaction_leaves_the_file_of_another(
    sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    with sessions.begin() as session:
        kept = files.keep(session, write(tmp_path, b"x"), "text/plain").sha256
    with pytest.raises(RuntimeError), sessions.begin() as session:
        files.keep(session, write(tmp_path, b"x"), "text/plain")
        raise RuntimeError
    assert files.place(kept).exists()


def test_a_lost_file_is_named(sessions: sessionmaker[Session]) -> None:
    with pytest.raises(files.FileGone, match="备份"):
        files.open_file("0" * 64)


def test_the_sweep_takes_what_a_killed_process_left(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    with sessions.begin() as session:
        kept = files.keep(session, write(tmp_path, b"kept"), "text/plain").sha256
    orphan = files.place("ab" * 32)
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"no row")
    (files.room() / "incoming" / "half").write_bytes(b"half a copy")
    assert files.sweep(engine.engine("app"), older_than_seconds=3600) == 0
    assert files.sweep(engine.engine("app"), older_than_seconds=-1) == 2
    assert on_disk(tmp_path) == [files.place(kept)]


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB, which only root may mount."""
    room = tmp_path / "room"
    room.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", room], capture_output=True
        ).returncode
    ):
        pytest.skip("mounting a small tmpfs needs root and the right to mount")
    yield room
    subprocess.run(["umount", room], check=True)


def test_a_disk_that_is_really_full(
    module_database: str, tiny_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YUDI_VAR", str(tiny_disk))
    content = os.urandom(1024 * 1024)
    with pytest.raises(files.DiskFull) as problem, engine.sessions("app").begin() as session:
        files.keep(session, write(tmp_path, content), "application/zip")
    assert (
        problem.value.code == "disk-full"
        and "重新上传" in problem.value.text.zh
        and "free space" in problem.value.text.en
    )
    assert on_disk(tmp_path) == []
    with engine.sessions("app").begin() as session:
        assert session.get(StoredFile, hashlib.sha256(content).hexdigest()) is None
        files.keep(session, write(tmp_path, b"small enough"), "text/plain")  # and it goes on working


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_disk_that_fills_at_the_last_step(
    sessions: sessionmaker[Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(files.DiskFull), sessions.begin() as session:
        monkeypatch.setattr(f"os.{call}", full)
        files.keep(session, write(tmp_path, b"x" * 100_000), "application/zip")
    monkeypatch.undo()
    monkeypatch.setenv("YUDI_VAR", str(tmp_path / "room"))
    assert on_disk(tmp_path) == []


def test_another_error_is_not_called_a_full_disk(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), sessions.begin() as session:
        files.keep(session, tmp_path / "absent", "text/plain")
