"""Errors over HTTP: every Problem, and everything that goes wrong, as RFC 9457 problem details.

`code` is the contract; `title` is Chinese, `title_en` English. A browser that asks for a page gets an
HTML page with the same words. Nobody ever sees a stack trace.
"""

from __future__ import annotations

import errno
import html
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import sqlalchemy.exc
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from api.acts.submit import OwnSubmission
from api.log import log
from api.security.access import PasswordDue
from api.security.headers import WrongHost
from api.security.limits import CutOff
from geo.problems import (
    BadInput,
    Conflict,
    NotAllowed,
    NotFound,
    NotLoggedIn,
    Problem,
    TooLarge,
    TooMany,
    Unavailable,
)
from geo.store.engine import DatabaseBusy, DatabaseFull, problem_of
from geo.store.files import DiskFull
from geo.text import Text

MEDIA_TYPE = "application/problem+json"


class Raced(Conflict):
    """Two writes met, and this one lost."""

    code = "raced"
    title = Text(
        "记录刚被他人改动，请刷新后重试", "Someone else has just changed the record: reload and try again"
    )


class Malformed(BadInput):
    """The request does not have the form that the description states."""

    code = "malformed"
    title = Text("请求内容不符合格式，请按提示修改", "The request does not have the stated form")


class Internal(Problem):
    """Our own mistake."""

    code = "internal"
    title = Text(
        "系统出错，已记录；请凭编号 {request_id} 联系管理员",
        "Something went wrong on our side; quote {request_id} to the administrator",
    )


#: Kind -> status; the nearest class in the order of inheritance counts.
STATUS: dict[type[Problem], int] = {
    CutOff: 400,
    WrongHost: 421,
    BadInput: 422,
    NotLoggedIn: 401,
    NotAllowed: 403,
    OwnSubmission: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    TooMany: 429,
    DiskFull: 507,
    DatabaseFull: 507,
    Unavailable: 503,
    Internal: 500,
    Problem: 400,
}

#: What the framework itself answers, in our words.
PLAIN: dict[int, tuple[str, Text]] = {
    400: ("bad-request", Text("请求无法解析，请核对格式", "The request cannot be parsed; check its form")),
    404: (NotFound.code, NotFound.title),
    405: ("method-not-allowed", Text("此地址不支持该方法", "This address does not support the method")),
    406: ("not-acceptable", Text("没有可接受的表示形式", "No acceptable representation")),
    415: ("unsupported-media-type", Text("不支持的内容类型", "Unsupported media type")),
}


def status_of(problem: Problem) -> int:
    """The HTTP status of a problem."""
    return next(STATUS[kind] for kind in type(problem).__mro__ if kind in STATUS)


def plain(value: Any) -> Any:
    """A detail as JSON can carry it."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    return str(value)


def document(
    request: Request, status: int, code: str, title: Text, details: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The problem details of RFC 9457 with the contract's own members. `type` is a URN: it names the
    kind of problem and has no page behind it."""
    return {
        **{k: plain(v) for k, v in (details or {}).items()},
        "type": f"urn:yudi:problem:{code}",
        "title": title.zh,
        "title_en": title.en,
        "status": status,
        "code": code,
        "instance": request.url.path,
        "request_id": getattr(request.state, "request_id", ""),
    }


def wants_page(request: Request) -> bool:
    """Whether a browser asked for a page."""
    path = request.url.path
    machine = path.startswith(("/api/", "/tiles/", "/ogc", "/static/")) or path in (
        "/healthz",
        "/readyz",
        "/metrics",
        "/oembed",
    )
    return not machine and "text/html" in request.headers.get("accept", "")


def answer(
    request: Request,
    status: int,
    code: str,
    title: Text,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The error as a page or as problem details."""
    if wants_page(request):
        response = _page(request, status, title)
        response.headers.update(headers or {})
        return response
    body = document(request, status, code, title, details)
    return JSONResponse(body, status_code=status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def _page(request: Request, status: int, title: Text) -> Response:
    """The site's own error page; the bare one where that fails too."""
    show = getattr(request.app.state, "error_page", bare_page)
    try:
        response: Response = show(request, status, title)
    except Exception as error:
        log.warning("error-page", kind=type(error).__qualname__)
        return bare_page(request, status, title)
    return response


def bare_page(request: Request, status: int, title: Text) -> Response:
    """A page without scripts or styles of its own, for when nothing else can be relied on."""
    number = html.escape(str(getattr(request.state, "request_id", "")))
    body = (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{status} · 舆地</title></head><body><main><h1>{html.escape(title.zh)}</h1>"
        f'<p lang="en">{html.escape(title.en)}</p><p>{status} · {number}</p>'
        '<p><a href="/">返回首页 Home</a></p></main></body></html>'
    )
    return Response(body, status_code=status, media_type="text/html; charset=utf-8")


def of_problem(request: Request, problem: Problem) -> Response:
    """A Problem as a response. A page for which one has to log in leads to the login page and back."""
    status = status_of(problem)
    headers: dict[str, str] = {}
    if status == 401:
        if wants_page(request) and request.method in ("GET", "HEAD"):
            back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/login?next={quote(back, safe='/')}", status_code=303)
        headers["WWW-Authenticate"] = 'Bearer realm="yudi"'
    if isinstance(problem, PasswordDue) and wants_page(request) and request.method in ("GET", "HEAD"):
        return RedirectResponse("/account/password", status_code=303)
    if status in (429, 503) and "seconds" in problem.details:
        headers["Retry-After"] = str(problem.details["seconds"])
    if status in (400, 413):
        headers["Connection"] = "close"
    return answer(request, status, problem.code, problem.text, problem.details, headers)


def of_validation(request: Request, error: RequestValidationError) -> Response:
    """A request that pydantic refused: each place with what was expected there, never what was sent."""
    places = [
        {
            "pointer": "/" + "/".join(str(p) for p in item["loc"][1:]),
            "in": str(item["loc"][0]),
            "message": item["msg"],
        }
        for item in error.errors()
    ]
    return answer(request, 422, Malformed.code, Malformed.title, {"errors": places})


def of_http(request: Request, error: HTTPException) -> Response:
    """What the framework refuses by itself: unknown paths, methods, unreadable forms. A body that was
    too large or cut off while the framework read it is that problem, not an unreadable form."""
    if isinstance(error.__cause__, Problem):
        return of_problem(request, error.__cause__)
    code, title = PLAIN.get(
        error.status_code, (f"http-{error.status_code}", Text("请求无法完成", _phrase(error.status_code)))
    )
    return answer(request, error.status_code, code, title, None, error.headers)


def of_anything(request: Request, error: Exception) -> Response:
    """Everything else: the database away, the disk full, a lost race; else our own mistake."""
    problem = known(error)
    if problem is not None:
        return of_problem(request, problem)
    return of_problem(request, Internal(request_id=getattr(request.state, "request_id", "")))


def known(error: BaseException) -> Problem | None:
    """The problem that an exception of a library means, or None."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DiskFull()
    of_store = problem_of(error)
    if of_store is not None:
        return of_store
    if isinstance(error, sqlalchemy.exc.DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        if state == "23505":
            return Raced()
        if state.startswith("22") or isinstance(error, sqlalchemy.exc.DataError):
            return Malformed()
    if isinstance(error, sqlalchemy.exc.TimeoutError):
        return DatabaseBusy()
    return None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "The request cannot be carried out"


def install(app: FastAPI) -> None:
    """Hang the handlers into an app."""
    app.add_exception_handler(Problem, of_problem)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, of_validation)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, of_http)  # type: ignore[arg-type]
    for kind in (sqlalchemy.exc.SQLAlchemyError, OSError):
        app.add_exception_handler(kind, _known_or_raise)


def _known_or_raise(request: Request, error: Exception) -> Response:
    problem = known(error)
    if problem is None:
        raise error
    return of_problem(request, problem)


def problems(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may raise these problems, for its OpenAPI description."""
    answers: dict[int | str, dict[str, Any]] = {}
    for kind in (*kinds, Malformed):
        status = next(STATUS[k] for k in kind.__mro__ if k in STATUS)
        known_words = answers.get(status, {}).get("description")
        words = f"`{kind.code}`: {kind.title.zh} / {kind.title.en}"
        answers[status] = {
            "description": f"{known_words}\n\n{words}" if known_words else words,
            "content": {MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}},
        }
    return answers


PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "title_en", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "中文说明"},
        "title_en": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
    },
}


def as_bytes(body: Mapping[str, Any]) -> bytes:
    """Problem details as UTF-8, for the places that answer without the framework."""
    return json.dumps(body, ensure_ascii=False).encode()
