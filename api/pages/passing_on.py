"""Passing on (分享): what the templates of a page need to offer its link, its QR code and its frame for other sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import segno
from fastapi import Request
from markupsafe import Markup

from api import embedding
from api.doors import language
from api.sharing import base_of


@dataclass(frozen=True)
class Shared:
    """title: of what is passed on; link: to it; frame: address of the version for other sites; code: HTML of it; both None where
    other sites may not frame it."""

    title: str
    link: str
    frame: str | None = None
    code: str | None = None


def sharing(request: Request, title: str, *, link: str | None = None) -> dict[str, Any]:
    """{shared, discovery} for a page that has a frame. link: where that is not the page's own address."""
    query = dict(request.query_params)
    if language(request) == "en":
        query["lang"] = "en"
    found = embedding.embedded(request.url.path, query)
    assert found is not None, "the page has no frame"
    base = base_of(request)
    frame = base + found.frame
    code = embedding.snippet(frame, title, "100%", found.size[1])
    return {
        "shared": Shared(title, link or base + found.page, frame, code),
        "discovery": embedding.discovery(request, title),
    }


def qr(link: str) -> Markup:
    """The QR code of an address, as a drawing in the page."""
    return Markup(segno.make_qr(link, error="m").svg_inline(scale=5, border=2, dark="#2B2622"))
