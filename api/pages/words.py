"""词表管理 /admin/words: search a word, change its weight, see its history, switch rules."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.acts import edit_words
from api.doors import Acting, Reading, transaction
from api.pages.rendering import page, reading_of, status_of
from api.security.person import Person
from geo.names.categories import Category
from geo.names.rules.run import discover
from geo.names.words import KINDS
from geo.problems import Problem
from geo.store import naming_words
from geo.text import Text

router = APIRouter(include_in_schema=False)

LIST_NAMES = {
    "leaders": Text("国家领导人", "National leaders"),
    "persons": Text("人名", "Persons"),
    "foreign": Text("外国人名、地名", "Foreign names"),
    "companies": Text("企业、商标", "Companies and trademarks"),
    "features": Text("著名地理实体、遗产", "Famous features and heritage"),
    "inflated": Text("夸大的词", "Inflated words"),
    "vulgar": Text("不雅的词", "Vulgar words"),
}


MEASURES = {
    "width_m": Text("路面宽度", "Width of the road"),
    "area_m2": Text("面积", "Area"),
    "green_ratio": Text("绿地率", "Share of green"),
}


@router.get("/admin/words")
def show(request: Request, session: Reading) -> Response:
    """The page; `q` searches, `list` and `word` open one word's history."""
    return _page(request, session)


@router.post("/admin/words")
async def change(request: Request, actor: Acting) -> Response:
    """A word or a switch is changed; then the page shows it."""
    form = await request.form()
    given = {key: value for key, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_change, request, actor, given)


def _change(request: Request, actor: Person, given: dict[str, str]) -> Response:
    try:
        with transaction(request) as session:
            if "rule" in given:
                edit_words.switch_rule(
                    session, actor, given["rule"], on=given.get("on") == "yes", reason=given.get("reason", "")
                )
                return RedirectResponse("/admin/words?done=words#rules", status_code=303)
            if "threshold" in given:
                names = ("generic", "category", "attribute", "value", "source", "reason")
                edit_words.set_threshold(session, actor, **{name: given.get(name, "") for name in names})
                return RedirectResponse("/admin/words?done=words#thresholds", status_code=303)
            row = edit_words.put_word(
                session,
                actor,
                given.get("list", ""),
                given.get("word", ""),
                severity=given.get("severity", ""),
                match=given.get("match", "anywhere"),
                source=given.get("source"),
                reason=given.get("reason", ""),
            )
            from urllib.parse import urlencode

            address = urlencode({"q": row.word, "list": row.list, "word": row.word, "done": "words"})
            return RedirectResponse(f"/admin/words?{address}", status_code=303)
    except Problem as problem:
        with reading_of(request) as session:
            return _page(request, session, given, problem)


def _page(
    request: Request, session: Any, given: dict[str, str] | None = None, problem: Problem | None = None
) -> Response:
    asked = given if given is not None else dict(request.query_params)
    q = asked.get("q", asked.get("word", "")).strip()[:60].replace("\x00", "")
    chosen = asked.get("list", "") if asked.get("list", "") in KINDS else ""
    word = asked.get("word", "").strip()[:60].replace("\x00", "")
    off = naming_words.base(session).off
    return page(
        request,
        "words.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        q=q,
        chosen=chosen,
        word=word,
        lists=[(kind, LIST_NAMES[kind], count) for kind, count in naming_words.counts(session).items()],
        list_names=LIST_NAMES,
        words=naming_words.words_like(session, q, list_name=chosen or None, limit=50)[:50] if q else [],
        history=naming_words.history(session, chosen, word) if chosen and word else [],
        rules=[(rule.code, rule.article, rule.code not in off) for rule in discover()],
        thresholds=[
            (
                dict(zip(("generic", "category", "attribute"), key.split("|"), strict=True)),
                value,
                naming_words.setting_history(session, "threshold", key),
            )
            for key, value in naming_words.thresholds(session).items()
        ],
        measures={name: (MEASURES[name], unit) for name, unit in edit_words.THRESHOLD_UNITS.items()},
        categories=[c.value for c in Category],
        severities=edit_words.SEVERITIES,
        matches=edit_words.MATCHES,
    )
