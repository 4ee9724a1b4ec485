"""Room on the disk, asked for before a step that needs much of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from geo.problems import Unavailable
from geo.text import Text


class NoRoom(Unavailable):
    """The disk is full."""

    code = "no-disk-space"
    title = Text(
        "磁盘空间不足：{path} 只剩 {free} MB，至少需要 {needed} MB，请清理后再运行",
        "Not enough disk space: {free} MB left at {path}, at least {needed} MB needed; free some and run again",
    )


def no_room(path: Path, needed_mb: int) -> NoRoom:
    """The sentence for the disk that `path` is on."""
    return NoRoom(path=path, free=shutil.disk_usage(path).free // 1024**2, needed=needed_mb)


def check_room(path: Path, needed_mb: int) -> None:
    """Raises NoRoom where the disk of `path` has less than that left."""
    if shutil.disk_usage(path).free < needed_mb * 1024**2:
        raise no_room(path, needed_mb)
