"""W3C Reconciliation Service API 0.2 (地名匹配服务): OpenRefine and its like match lists to places here.

Every endpoint is public, reads only, and answers other sites' pages too (CORS), as the specification demands.
"""

from __future__ import annotations

import html
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from api import doors
from api.doors import At, PublicReading, Searching, settings_of
from api.errors import problems
from api.reconciling import (
    CHARACTERS,
    PATH,
    PREVIEW,
    PROPERTIES,
    BatchTooLarge,
    NotABatch,
    batch_of,
    extended,
    manifest,
    plain,
    reconcile,
    snippet,
)
from geo.names.categories import Category
from geo.store import search
from geo.store.name_history import NoSuchPlace
from geo.terms import NAME_STATUS_NAMES, NameStatus

router = APIRouter(tags=["reconciliation 匹配服务"])

#: Batches of one address at once, and a minute.
BURST, PER_MINUTE = 300, 1200.0


def base_of(request: Request) -> str:
    """The site's address as others reach it: YUDI_PUBLIC_URL, else as this request has it."""
    return (settings_of(request).public_url or str(request.base_url)).rstrip("/")


@router.get(PATH, summary="服务清单或查询 Manifest, or a batch by GET", response_model=None,
            responses=problems(NotABatch, BatchTooLarge))  # fmt: skip
def by_get(
    request: Request,
    session: PublicReading,
    at: At,
    queries: Annotated[str | None, Query(description="查询批次（JSON） A batch as JSON")] = None,
    extend: Annotated[str | None, Query(description="取属性（JSON） Data extension as JSON")] = None,
) -> Any:
    """不带参数为服务清单。Without parameters the manifest."""
    return _answer(request, session, at, queries, extend)


@router.post(PATH, summary="批量匹配、取属性 A batch of queries, or data extension", response_model=None,
             responses=problems(NotABatch, BatchTooLarge))  # fmt: skip
def by_post(
    request: Request,
    session: PublicReading,
    at: At,
    queries: Annotated[str | None, Form()] = None,
    extend: Annotated[str | None, Form()] = None,
) -> Any:
    """表单字段 queries 或 extend。Form field queries or extend."""
    return _answer(request, session, at, queries, extend)


@router.options(PATH, include_in_schema=False)
@router.options(PATH + "/{rest:path}", include_in_schema=False)
def preflight(request: Request) -> Response:
    """The browser's question before a request from another site's page; the headers are set for all of them."""
    return Response(status_code=204)


def _answer(request: Request, session: Any, at: date, queries: str | None, extend: str | None) -> Any:
    if queries is not None:
        take_turn(request)
        return reconcile(session, batch_of(queries))
    if extend is not None:
        take_turn(request)
        return extended(session, extend, at, base_of(request))
    return manifest(base_of(request))


def take_turn(request: Request) -> None:
    """One batch of this address's share. Raises TooMany."""
    doors.take_turn(request, "reconcile", burst=BURST, per_minute=PER_MINUTE)


@router.get(PATH + "/suggest/entity", summary="地名提示 Suggest places", response_model=None)
def suggest_entity(
    request: Request,
    session: Searching,
    prefix: Annotated[str, Query(max_length=CHARACTERS)] = "",
    cursor: Annotated[int, Query(ge=0, le=200)] = 0,
) -> Any:
    """输入几个字，给出地方。Places for what was typed so far."""
    take_turn(request)
    if not plain(prefix).strip():
        return {"result": []}
    found = search.search(session, plain(prefix), limit=20 + cursor, offers=False)
    seen: dict[int, Any] = {}
    for hit in found.items:
        seen.setdefault(hit.place_id, hit)
    result = [
        {
            "id": str(hit.place_id),
            "name": hit.name,
            "description": "，".join(
                w for w in (hit.unit_name, NAME_STATUS_NAMES[NameStatus(hit.status)].zh) if w
            ),
            "notable": [{"id": hit.category, "name": hit.category}],
        }
        for hit in list(seen.values())[cursor:]
    ]
    return {"result": result}


@router.get(PATH + "/suggest/type", summary="类别提示 Suggest types", response_model=None)
def suggest_type(prefix: Annotated[str, Query(max_length=CHARACTERS)] = "") -> Any:
    """类别即《地名管理条例》第三条的类别。Types are the categories of the regulation."""
    word = prefix.strip()
    return {"result": [{"id": c.value, "name": c.value} for c in Category if word in c.value]}


@router.get(PATH + "/suggest/property", summary="属性提示 Suggest properties", response_model=None)
def suggest_property(prefix: Annotated[str, Query(max_length=CHARACTERS)] = "") -> Any:
    """可取的属性；unit、unit_code、category 也可限定查询。Properties; three of them also refine a query."""
    word = prefix.strip().lower()
    return {
        "result": [
            {"id": p, "name": t.zh, "description": t.en}
            for p, t in PROPERTIES.items()
            if word in p or word in t.zh or word in t.en
        ]
    }


@router.get(PATH + "/properties", summary="建议属性 Properties of a type", response_model=None)
def propose(
    type: Annotated[str, Query(max_length=CHARACTERS)] = "", limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> Any:
    """各类别属性相同。The same for every type."""
    found = [{"id": p, "name": t.zh} for p, t in PROPERTIES.items()]
    return {"type": type, "limit": limit, "properties": found[:limit]}


@router.get(PREVIEW, summary="预览 Preview of a place", response_model=None,
            responses=problems(NoSuchPlace))  # fmt: skip
def preview(
    request: Request,
    session: PublicReading,
    at: At,
    id: Annotated[str, Query(pattern=r"^\d{1,18}$", description="地方编号 Id of a place")],
) -> Any:
    """嵌入他站的小页面，不含脚本。A small page for other sites to frame, without scripts."""
    base = html.escape(base_of(request), quote=True)
    return HTMLResponse(
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>舆地</title>'
        f'<link rel="stylesheet" href="{base}/static/css/tokens.css">'
        f'<link rel="stylesheet" href="{base}/static/css/place.css"></head>'
        f'<body class="preview">{snippet(session, id, at, base_of(request))}</body></html>'
    )


@router.get(
    PATH + "/flyout/{kind}", summary="浮窗 Flyout", response_model=None, responses=problems(NoSuchPlace)
)
def flyout(
    request: Request,
    session: PublicReading,
    at: At,
    kind: str,
    id: Annotated[str, Query(max_length=CHARACTERS)],
) -> Any:
    """提示项旁的说明。What is shown beside a suggestion."""
    if kind == "entity":
        if not (id.isascii() and id.isdigit() and len(id) < 19):
            raise NoSuchPlace(place_id=id)
        text = snippet(session, id, at, base_of(request))
    elif kind == "property" and id in PROPERTIES:
        text = f"<p>{PROPERTIES[id].zh} · {PROPERTIES[id].en}</p>"
    else:
        text = f"<p>{html.escape(id)}</p>"
    return JSONResponse({"id": id, "html": text})
