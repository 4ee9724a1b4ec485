"""Response headers: a strict Content-Security-Policy with a nonce per response, and its companions.

Endpoints under SHARED answer pages of other sites too (CORS): they are public reads without cookies.

`request.state.nonce` is the response's nonce, for every script tag. What is under EMBEDDED, and nothing else, may be
framed: its cookies are taken away on the way in, and none goes out. The answer with a file that somebody uploaded says
so, `request.state.uploaded = True`, and gets a policy that lets it do nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.security.settings import DoorSettings
from geo.problems import BadInput
from geo.text import Text

#: Where other sites' pages may read: the Reconciliation API demands it of all its endpoints; tiles and features are
#: there to be drawn by others.
SHARED = ("/api/v1/reconcile", "/tiles", "/ogc", "/oembed")


#: What other sites may frame, read-only and without cookies.
EMBEDDED = "/embed/"


def policy(nonce: str, *, framed: bool = False) -> str:
    """The Content-Security-Policy of one response. Styles are files, scripts bear the nonce, workers
    and data come from this host alone. framed: whether other sites may frame it."""
    frames = "*" if framed else "'none'"
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; frame-src 'none'; "
        f"base-uri 'none'; form-action 'self'; frame-ancestors {frames}"
    )


#: The worker that reads the PDF of a material, and what it may: fetch its own character maps and faces, run its own
#: decoders. A worker has the policy of its own response, not that of the page.
READER = "/static/vendor/pdfjs/"
READING = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'"

#: The policy of a file that somebody uploaded, shown in a tab of its own: it may load and run nothing, and nobody may
#: frame it. (Beside its case a PDF is drawn by our own scripts.)
UPLOADED = "sandbox; default-src 'none'; frame-ancestors 'none'"


class WrongHost(BadInput):
    """The request names another host than this site's."""

    code = "wrong-host"
    title = Text(
        "请求的主机名不是本站（YUDI_PUBLIC_URL），请从正式网址访问",
        "The request names another host: use the site's own address (YUDI_PUBLIC_URL)",
    )


class HostFence:
    """Refuses requests for other host names, where the site's own is set: links in pages, feeds and QR codes
    must never be built from a name that a stranger chose."""

    def __init__(self, app: ASGIApp, settings: DoorSettings) -> None:
        self.app = app
        self.hosts = settings.hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.hosts is not None:
            named = Headers(scope=scope).get("host", "").lower()
            name = named.rsplit(":", 1)[0] if not named.endswith("]") else named
            if name.strip("[]") not in self.hosts:
                raise WrongHost()
        await self.app(scope, receive, send)


class SecureHeaders:
    """Gives every response its security headers and every request its nonce."""

    def __init__(self, app: ASGIApp, settings: DoorSettings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state: MutableMapping[str, Any] = scope.setdefault("state", {})
        state["nonce"] = secrets.token_urlsafe(18)
        secure = scope["scheme"] == "https" or self.settings.https
        framed = scope["path"].startswith(EMBEDDED)
        if framed:
            scope = {
                **scope,
                "headers": [h for h in scope["headers"] if h[0] not in (b"cookie", b"authorization")],
            }

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if state.get("uploaded"):
                    headers["Content-Security-Policy"] = UPLOADED
                elif scope["path"].startswith(READER):
                    headers["Content-Security-Policy"] = READING
                else:
                    headers["Content-Security-Policy"] = policy(state["nonce"], framed=framed)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                if framed:
                    del headers["Set-Cookie"]
                else:
                    headers["X-Frame-Options"] = "DENY"
                shared = any(scope["path"] == s or scope["path"].startswith(s + "/") for s in SHARED)
                if shared:
                    headers["Access-Control-Allow-Origin"] = "*"
                    headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
                    headers["Access-Control-Allow-Headers"] = "Content-Type, Accept"
                    headers["Access-Control-Expose-Headers"] = "Content-Crs, ETag, Link"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Cross-Origin-Resource-Policy"] = (
                    "cross-origin" if shared or framed else "same-origin"
                )
                headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(self), payment=()"
                if secure:
                    headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
                if "cache-control" not in headers:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, receive, with_headers)
