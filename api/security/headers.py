"""Response headers: a strict Content-Security-Policy with a nonce per response, and its companions.

`request.state.nonce` is the response's nonce, for every script tag. A page that is to be framed by
this site, or frames a part of it, says so: `request.state.framing = "self"`.
"""

from __future__ import annotations

import secrets
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.security.settings import DoorSettings


def policy(nonce: str, framing: str | None = None) -> str:
    """The Content-Security-Policy of one response. Styles are files, scripts bear the nonce, workers
    and data come from this host alone; nobody may frame it unless `framing` is "self"."""
    frames = "'self'" if framing == "self" else "'none'"
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data: blob:; "
        f"font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; frame-src {frames}; "
        f"base-uri 'none'; form-action 'self'; frame-ancestors {frames}"
    )


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

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                framing = state.get("framing")
                headers["Content-Security-Policy"] = policy(state["nonce"], framing)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers["X-Frame-Options"] = "SAMEORIGIN" if framing == "self" else "DENY"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(self), payment=()"
                if secure:
                    headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
                if "cache-control" not in headers:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, receive, with_headers)
