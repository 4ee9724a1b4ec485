"""Whom a private cluster belongs to: PostgreSQL refuses to run as root, so root lends it to another user."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.problems import Unavailable
from geo.text import Text


class NotYours(Unavailable):
    """The cluster belongs to somebody else."""

    code = "cluster-not-yours"
    title = Text(
        "数据库文件夹 {path} 属于用户 {user}：请用该用户或 root 运行",
        "The database folder {path} belongs to {user}: run as that user or as root",
    )


@dataclass(frozen=True, slots=True)
class Owner:
    """An unprivileged user. as_self: it is who runs this process, so nothing has to be dropped."""

    uid: int
    gid: int
    name: str
    as_self: bool

    def dropped(self) -> dict[str, Any]:
        """What subprocess wants to run a program as this user."""
        if self.as_self:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, folder: Path) -> None:
        """Make a folder that only this user (and root) can enter."""
        folder.mkdir(parents=True, exist_ok=True)
        if not self.as_self:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)


def owner_of(data: Path) -> Owner:
    """Who is to own the data folder: whoever does already, else this user; for root the system's `postgres`,
    else the owner of the checkout, else `nobody`. Raises NotYours."""
    me = os.geteuid()
    held = data.stat().st_uid if data.exists() else None
    if me != 0:
        if held not in (None, me):
            raise NotYours(path=data, user=name_of(held))
        return Owner(me, os.getegid(), name_of(me), as_self=True)
    if held:
        return lent_to(held)
    try:
        return lent_to(pwd.getpwnam("postgres").pw_uid)
    except KeyError:
        above = next(p for p in data.parents if p.exists())
        return lent_to(above.stat().st_uid or pwd.getpwnam("nobody").pw_uid)


def lent_to(uid: int) -> Owner:
    try:
        gid = pwd.getpwuid(uid).pw_gid
    except KeyError:
        gid = uid
    return Owner(uid, gid, name_of(uid), as_self=False)


def name_of(uid: int | None) -> str:
    """The login name of a user, or its number where it has none."""
    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        return str(uid)
