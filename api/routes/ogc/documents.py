"""Documents: links, and answers as JSON or as plain pages of HTML."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response

from api.routes.ogc.parameters import wants_html
from api.sharing import base_of

JSON, HTML, GEOJSON = "application/json", "text/html", "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"

Link = dict[str, Any]


def root(request: Request) -> str:
    """The address of the landing page, as others reach it."""
    return f"{base_of(request)}/ogc"


def link(href: str, rel: str, type: str, title: str, **more: Any) -> Link:
    return {"href": href, "rel": rel, "type": type, "title": title, **more}


def with_query(request: Request, path: str, **changes: Any) -> str:
    """An address under /ogc with the request's parameters, some of them changed (None: left out)."""
    query = {**dict(request.query_params), **changes}
    given = urlencode({k: v for k, v in query.items() if v is not None}, safe=",/:@")
    return f"{root(request)}{path}" + (f"?{given}" if given else "")


def both(request: Request, path: str, kind: str = JSON) -> list[Link]:
    """The links of a document to itself and to its other form."""
    page = wants_html(request)
    forms = {"json": (kind, "JSON"), "html": (HTML, "HTML")}
    mine, other = ("html", "json") if page else ("json", "html")
    return [
        link(with_query(request, path, f=mine), "self", forms[mine][0], f"本页 This document as {forms[mine][1]}"),
        link(with_query(request, path, f=other), "alternate", forms[other][0], f"{forms[other][1]} 格式 as {forms[other][1]}"),
    ]  # fmt: skip


def answer(
    request: Request,
    document: Mapping[str, Any],
    title: str,
    *,
    kind: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A document in the form that is asked for."""
    more = {"Vary": "Accept", "Cache-Control": "no-cache", **(headers or {})}
    links = document.get("links", [])
    if links:
        # A header holds ASCII only.
        more["Link"] = ", ".join(
            f'<{x["href"]}>; rel="{x["rel"]}"; type="{x["type"]}"'
            for x in links
            if x["rel"] in ("self", "alternate", "next") and x["href"].isascii()
        )
    if wants_html(request):
        return Response(page(document, title), media_type="text/html; charset=utf-8", headers=more)
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(body, media_type=kind, headers=more)


def page(document: Mapping[str, Any], title: str) -> str:
    """A document as a page: its links, then what it holds as nested lists. Everything is escaped."""
    said = html.escape(title)
    links = "".join(
        f'<li><a href="{html.escape(x["href"], quote=True)}" rel="{html.escape(x["rel"], quote=True)}">'
        f"{html.escape(x.get('title') or x['rel'])}</a> <small>{html.escape(x['rel'].rsplit('/', 1)[-1])}</small></li>"
        # One line an address, however many relations lead there.
        for x in {x["href"]: x for x in document.get("links", [])}.values()
    )
    features = document.get("features")
    held = (
        _table(features)
        if features is not None
        else _list({k: v for k, v in document.items() if k != "links"})
    )
    return (
        '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{said} · 舆地 OGC API</title>"
        '<link rel="icon" href="/static/icon.svg" type="image/svg+xml">'
        '<link rel="stylesheet" href="/static/css/tokens.css"><link rel="stylesheet" href="/static/css/site.css">'
        f'<link rel="stylesheet" href="/static/css/ogc.css"></head><body class="ogc"><main><h1>{said}</h1>'
        f'<nav aria-label="链接 Links"><ul>{links}</ul></nav>{held}</main></body></html>'
    )


def _table(features: list[Any]) -> str:
    names = list(dict.fromkeys(name for f in features for name in f["properties"]))
    rows = "".join(
        "<tr>"
        + f"<th scope=row>{_linked(f)}</th>"
        + "".join(f"<td>{_shown(f['properties'].get(name))}</td>" for name in names)
        + "</tr>"
        for f in features
    )
    head = "".join(f"<th scope=col>{html.escape(name)}</th>" for name in names)
    return f'<div class="ogc-table" role="region" aria-label="要素 Features" tabindex="0"><table><thead><tr><th scope=col>id</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _linked(feature: Any) -> str:
    own = next((x["href"] for x in feature.get("links", []) if x["rel"] == "self"), None)
    said = html.escape(str(feature["id"]))
    return said if own is None else f'<a href="{html.escape(own, quote=True)}">{said}</a>'


def _list(value: Any) -> str:
    if isinstance(value, Mapping):
        rows = "".join(
            f"<dt>{html.escape(str(k))}</dt><dd>{_list(v)}</dd>" for k, v in value.items() if v is not None
        )
        return f"<dl>{rows}</dl>"
    if isinstance(value, list) and any(isinstance(v, Mapping) for v in value):
        return "<ol>" + "".join(f"<li>{_list(v)}</li>" for v in value) + "</ol>"
    return _shown(value)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if said.startswith(("http://", "https://")):
        return f'<a href="{html.escape(said, quote=True)}">{html.escape(said)}</a>'
    return html.escape(said if len(said) < 2000 else said[:2000] + " …")
