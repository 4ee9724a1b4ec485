"""Cross-site request forgery (跨站请求伪造): what a write with a cookie has to bring.

Two fences. The browser's own word (Sec-Fetch-Site, Origin) refuses every write that another site
started, logins too. A write with a cookie session also brings the session's token, in the header
X-CSRF-Token or in the form field `csrf`.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from geo.problems import NotAllowed
from geo.text import Text

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER = "X-CSRF-Token"
FIELD = "csrf"


class ForeignOrigin(NotAllowed):
    """Another site sent the request."""

    code = "foreign-origin"
    title = Text(
        "请求来自其他网站，已拒绝；请在本站页面上操作",
        "Another site sent this request; use this site's own pages",
    )


class NoToken(NotAllowed):
    """The write lacks the session's token, or brings another one's."""

    code = "csrf-token"
    title = Text(
        "页面已过期，请刷新后重试（写操作须带 X-CSRF-Token）",
        "The page is out of date: reload and try again (writes need X-CSRF-Token)",
    )


def refuse_foreign(headers: Headers, public_url: str | None) -> None:
    """Raise ForeignOrigin where the browser says that another site started the request.

    Programs send neither header and pass: they bring a bearer token, which no other site knows.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise ForeignOrigin()
        return
    origin = headers.get("origin")
    if origin is None:
        return
    hosts = {headers.get("host", "").lower()}
    if public_url:
        hosts.add(urlsplit(public_url).netloc.lower())
    if urlsplit(origin).netloc.lower() not in hosts:
        raise ForeignOrigin()


def check(expected: str | None, given: str | None) -> None:
    """Raise NoToken unless the token is the session's."""
    if not expected or not given or not hmac.compare_digest(expected.encode(), given.encode()):
        raise NoToken()
