"""Answers that are kept (留存的应答): what a public page fetches beside itself, made once while nothing is written, packed
once, and with an ETag, so that who has it already gets 304."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from geo.store.kept import kept


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of an answer, plain and packed, and its ETag, which follows from the bytes alone."""

    plain: bytes
    packed: bytes
    etag: str


def body_of(data: Any) -> Body:
    plain = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return Body(plain, gzip.compress(plain, 6, mtime=0), f'W/"{hashlib.sha256(plain).hexdigest()[:24]}"')


def kept_json(
    request: Request, session: Session, key: Hashable, make: Callable[[], Any], also: Hashable = None
) -> Response:
    """The JSON of what `make` answers, for everybody alike. session, key, make, also: as `geo.store.kept` has them."""
    body = kept(session, ("body", key), lambda: body_of(make()), also)
    headers = {"ETag": body.etag, "Cache-Control": "public, max-age=60", "Vary": "Accept-Encoding"}
    if body.etag in {tag.strip() for tag in request.headers.get("if-none-match", "").split(",")}:
        return Response(status_code=304, headers=headers)
    packed = "gzip" in request.headers.get("accept-encoding", "")
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(body.packed if packed else body.plain, media_type="application/json", headers=headers)
