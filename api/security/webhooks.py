"""Webhooks (推送): which addresses other systems are told at, how a message is signed, and which addresses are never called.

The targets stand in the JSON file that `YUDI_WEBHOOKS` names; nothing else is ever called. A message is signed after the
Standard Webhooks form: HMAC-SHA256 over id, timestamp and body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import os
import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

#: How old a message may be for its receiver, seconds (docs/exchange.md).
TOLERANCE = 300
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SECRET_MARK = "whsec_"
_LEAST_SECRET = 24


class BadTargets(ValueError):
    """The file of webhook targets is not in order."""


class ForbiddenAddress(Exception):
    """The target's name leads to an address that is not to be called."""


@dataclass(frozen=True, slots=True)
class Target:
    """推送目标. events: names or beginnings that end in `*`. private: whether an address of the inner network, and plain
    http, may be called."""

    name: str
    url: str
    secret: bytes = field(repr=False)
    events: tuple[str, ...] = ("*",)
    private: bool = False

    def wants(self, event: str) -> bool:
        """Whether it is to be told of an event."""
        return any(event.startswith(e[:-1]) if e.endswith("*") else event == e for e in self.events)


def from_json(given: Any) -> tuple[Target, ...]:
    """Targets of a parsed file. Raises BadTargets, which never holds a secret."""
    if not isinstance(given, list):
        raise BadTargets("the file of webhook targets holds no list")
    targets: dict[str, Target] = {}
    for item in given:
        if not isinstance(item, dict) or set(item) - {"name", "url", "secret", "events", "private"}:
            raise BadTargets("a webhook target has other members than name, url, secret, events, private")
        name, url = str(item.get("name", "")), str(item.get("url", ""))
        if not _NAME.fullmatch(name) or name in targets:
            raise BadTargets(f"a webhook target's name is missing, odd or taken: {name!r}")
        events, private = item.get("events", ["*"]), item.get("private", False)
        if (
            not isinstance(private, bool)
            or not isinstance(events, list)
            or not all(isinstance(e, str) for e in events)
        ):
            raise BadTargets(f"webhook target {name}: events is a list of names, private true or false")  # fmt: skip
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise BadTargets(f"webhook target {name}: the url cannot be read") from None
        if not parts.hostname or parts.username or parts.fragment or port == 0:
            raise BadTargets(f"webhook target {name}: the url is no plain address")
        if parts.scheme != "https" and not (private and parts.scheme == "http"):
            raise BadTargets(f"webhook target {name}: https, or http with private")
        targets[name] = Target(name, url, _secret(name, str(item.get("secret", ""))), tuple(events), private)
    return tuple(targets.values())


def _secret(name: str, given: str) -> bytes:
    raw = given.encode()
    if given.startswith(_SECRET_MARK):
        try:
            raw = base64.b64decode(given.removeprefix(_SECRET_MARK), validate=True)
        except ValueError:
            raise BadTargets(f"webhook target {name}: the secret after whsec_ is no base64") from None
    if len(raw) < _LEAST_SECRET:
        raise BadTargets(f"webhook target {name}: the secret has fewer than {_LEAST_SECRET} bytes")
    return raw


@cache
def targets() -> tuple[Target, ...]:
    """The configured targets; none where `YUDI_WEBHOOKS` is not set. Read once. Raises BadTargets, OSError."""
    path = os.environ.get("YUDI_WEBHOOKS")
    if not path:
        return ()
    try:
        return from_json(json.loads(Path(path).read_text(encoding="utf-8")))
    except json.JSONDecodeError as error:
        raise BadTargets(f"the file of webhook targets is no JSON: {error}") from None


def target(name: str) -> Target | None:
    """The target of a name, if it is still configured."""
    return next((t for t in targets() if t.name == name), None)


def signature(secret: bytes, id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of "id.timestamp.body" in base64."""
    signed = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def headers(target: Target, id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of a message."""
    return {
        "content-type": "application/json",
        "user-agent": "Yudi-Webhooks/1",
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(target.secret, id, timestamp, body),
    }


def verify(secret: bytes, given: Mapping[str, str], body: bytes, now: int) -> bool:
    """What a receiver checks: the signature, and that the message is not older (or newer) than the tolerance."""
    stamp = given.get("webhook-timestamp", "")
    if not stamp.isdigit() or abs(now - int(stamp)) > TOLERANCE:
        return False
    expected = signature(secret, given.get("webhook-id", ""), int(stamp), body)
    return any(
        hmac.compare_digest(expected, one) for one in given.get("webhook-signature", "").split() if one.isascii()
    )  # fmt: skip


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses that a name leads to."""
    return list(
        dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    )


def callable_address(target: Target) -> str:
    """The address to call, resolved once, so that a name cannot lead elsewhere between looking and calling.

    Without `private` every address of the name has to be one of the open internet. Raises ForbiddenAddress; OSError
    where the name has none.
    """
    parts = urlsplit(target.url)
    assert parts.hostname is not None
    found = resolve(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
    if not found:
        raise OSError("the name has no address")
    if not target.private and not all(_open(address) for address in found):
        raise ForbiddenAddress()
    return found[0]


def _open(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    teredo = getattr(ip, "teredo", None)
    inner = [mapped] if mapped else list(teredo or ())
    return ip.is_global and not ip.is_multicast and all(i.is_global for i in inner)
