"""The way back (返回地址): where a login goes on to, never to another site."""

from __future__ import annotations

from urllib.parse import urlsplit


def way_back(given: str) -> str:
    """Where to go after logging in: a path of this site, else the home page."""
    parts = urlsplit(given)
    inside = (
        given.startswith("/")
        and not given.startswith(("//", "/\\"))
        and not parts.scheme
        and not parts.netloc
    )
    return given if inside and parts.path not in ("/login", "/logout") else "/"
