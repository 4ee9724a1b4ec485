"""Limits: how often (token bucket in PostgreSQL) and how much (bytes of a body)."""

from __future__ import annotations

import hashlib
import math
import re
from typing import Any

from sqlalchemy.orm import Session
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.security.sessions import now
from api.security.settings import DoorSettings
from geo.problems import BadInput, TooLarge, TooMany
from geo.settings import MaterialLimits
from geo.store import people
from geo.text import Text


class BodyTooLarge(TooLarge):
    """The request's body is over the limit."""

    code = "body-too-large"
    title = Text(
        "上传内容超过 {megabytes} MB 的上限，请拆分或压缩后再传",
        "The upload is over the limit of {megabytes} MB: split or compress it",
    )


class CutOff(BadInput):
    """The connection ended before the whole body had come."""

    code = "upload-cut-off"
    title = Text(
        "上传中途断开，文件不完整，请重新上传", "The upload was cut off half way; send the file again"
    )


def take(session: Session, what: str, who: str, *, burst: int, per_minute: float) -> TooMany | None:
    """Take one token for `who` doing `what`; TooMany with the seconds to wait where there is none left.

    Returned, not raised, so that the caller commits what was counted before refusing.
    """
    key = hashlib.sha256(f"{what}\x1f{who}".encode()).digest()
    wait = people.take_token(session, key, capacity=burst, per_second=per_minute / 60, now=now())
    return TooMany(seconds=math.ceil(wait)) if wait else None


#: A case of another system with its materials in base64; larger ones are sent one by one to …/materials.
EXCHANGE_BYTES = 32 * 1024**2
#: A table of facilities or of their figures: a district has hundreds.
TABLE_BYTES = 20 * 1024**2
#: A picture of a place name.
PICTURE_BYTES = 10 * 1024**2
#: What the fields of a form take beside its file.
FORM_BYTES = 64 * 1024


class BodyLimit:
    """Counts a request's body and raises in `receive` where it grows over the limit of its path, or ends
    before it is whole. What is too large by its own word is refused before a byte is taken."""

    def __init__(self, app: ASGIApp, settings: DoorSettings) -> None:
        self.app = app
        self.settings = settings
        #: Paths that take a file, and its bytes; every other takes a JSON body or a form.
        self.files = [
            (re.compile(path), most)
            for path, most in (
                (r"/api/v1/submissions|/survey", settings.upload_bytes),
                (r"/api/v1/place-names/imports|/names/import", settings.upload_bytes),
                # The page of a line sends its papers with the step; the interface takes them one by one.
                (r"/api/v1/evidence|/boundaries/[^/]+/transitions", settings.evidence_bytes),
                (r"/api/v1/exchange/applications", EXCHANGE_BYTES),
                (r"/(api/v1/applications|apply)/[^/]+/materials", MaterialLimits.from_environment().bytes),
                (r"/facilities/(import|figures)", TABLE_BYTES),
                (r"/registry/[0-9]+", PICTURE_BYTES),
            )
        ]

    def limit_of(self, scope: Scope) -> int:
        """The bytes that the body of a request may have: a file's limit and FORM_BYTES for its form."""
        path = scope["path"].rstrip("/")
        for form, most in self.files:
            if form.fullmatch(path):
                return most + FORM_BYTES
        return self.settings.body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.limit_of(scope)
        too_large = BodyTooLarge(megabytes=round(limit / 1024**2, 1) if limit < 1024**2 else limit // 1024**2)
        headers = dict(scope["headers"])
        declared = headers.get(b"content-length", b"")
        length = int(declared) if declared.isdigit() else None
        waits = headers.get(b"expect", b"").lower() == b"100-continue"
        seen = 0
        ended = False

        async def drain() -> None:
            """Swallow a moderate excess: a client that is still sending would see a broken connection
            in place of the answer."""
            nonlocal seen, ended
            while not ended and seen <= 2 * limit + 16 * 1024**2:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                seen += len(message.get("body", b""))
                ended = not message.get("more_body", False)

        async def counted() -> Message:
            nonlocal seen, ended
            message: Any = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                ended = not message.get("more_body", False)
                if seen > limit:
                    await drain()
                    raise too_large
                if ended and length is not None and seen < length:
                    raise CutOff()
            elif not ended and not scope.get("state", {}).get("answered"):
                raise CutOff()
            return message  # type: ignore[no-any-return]

        async def noted(message: Message) -> None:
            scope.setdefault("state", {})["answered"] = True
            await send(message)

        if length is not None and length > limit:
            if not waits:
                await drain()
            raise too_large
        await self.app(scope, counted, noted)
