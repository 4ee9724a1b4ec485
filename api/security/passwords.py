"""Passwords (口令): argon2id, and what a password must not be."""

from __future__ import annotations

import re
import secrets
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from geo.problems import BadInput
from geo.text import Text

SHORTEST = 12
LONGEST = 128
LIST = Path(__file__).with_name("common_passwords.txt")


def hasher() -> PasswordHasher:
    """RFC 9106, second recommended choice: 64 MiB, three passes, four lanes."""
    return PasswordHasher(
        time_cost=3, memory_cost=65536, parallelism=4, hash_len=32, salt_len=16, type=Type.ID
    )


HASHER = hasher()


class WeakPassword(BadInput):
    """The password would be guessed."""

    code = "weak-password"
    title = Text("口令不合要求：{why_zh}", "The password will not do: {why_en}")


def normal(password: str) -> str:
    """The password as it is hashed: the same whichever way an input method composes it (NFKC)."""
    return unicodedata.normalize("NFKC", password)


@cache
def common() -> frozenset[str]:
    """Words that breached passwords are made of, lower case."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip().lower() for line in lines if line.strip() and not line.startswith("#"))


def judge(password: str, *, login: str = "", name: str = "") -> None:
    """Raise WeakPassword, saying why, for one that is short, long, known, or made of the login name.

    Length and the list of known ones count, not the mix of characters (NIST SP 800-63B).
    """
    text = normal(password)
    low = text.lower()
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", low)
    letters = re.sub(r"[\W\d_]+", "", low)
    if len(text) < SHORTEST:
        raise WeakPassword(why_zh=f"至少 {SHORTEST} 个字符", why_en=f"use at least {SHORTEST} characters")
    if len(text) > LONGEST:
        raise WeakPassword(why_zh=f"至多 {LONGEST} 个字符", why_en=f"use at most {LONGEST} characters")
    if len(set(low)) < 5 or _is_run(low):
        raise WeakPassword(
            why_zh="重复或连续的字符太多", why_en="too many repeated or consecutive characters"
        )
    if {low, core, letters} & common() or any(low == word * (len(low) // len(word)) for word in common()):
        raise WeakPassword(why_zh="在常见泄露口令之列", why_en="it is among the commonly breached ones")
    for own in (login.lower(), name.lower()):
        if len(own) >= 3 and own in low and len(low) - len(own) < SHORTEST // 2:
            raise WeakPassword(why_zh="不能由登录名或姓名构成", why_en="do not build it from your name")


def _is_run(text: str) -> bool:
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    return steps <= {1} or steps <= {-1}


def hash_of(password: str) -> str:
    """The argon2id hash of a password, with its salt and costs."""
    return HASHER.hash(normal(password))


@cache
def _nobody() -> str:
    return HASHER.hash(secrets.token_urlsafe(16))


def fits(hashed: str | None, password: str) -> bool:
    """Whether the password belongs to the hash. Costs the same where there is no hash, so that the time
    does not tell which login names exist."""
    try:
        matches = HASHER.verify(hashed or _nobody(), normal(password)[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return matches and hashed is not None


def outdated(hashed: str) -> bool:
    """Whether a hash was made with other costs than today's and is to be made anew."""
    return HASHER.check_needs_rehash(hashed)
