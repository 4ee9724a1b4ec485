"""地名登记簿 /registry: the registrar's list and editing page: descriptive facts, readings, history, undo.

What a name is (standard name, category, standing, unit, position) is shown and cannot be edited here: it changes by an
import with its document, or by an application (条例第四条).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from geoalchemy2.shape import to_shape
from shapely.geometry import mapping
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from api.acts import edit_register
from api.doors import Reading, district_of, language, transaction
from api.pages.forms import received, whole
from api.pages.place import position_map
from api.pages.rendering import actor_of, page, reading_of, status_of, viewing_date
from api.paging import decode, encode
from api.security.limits import PICTURE_BYTES
from geo.names.categories import Category
from geo.names.readings import Settled, doubtful_characters, read
from geo.names.register import FURTHER, columns
from geo.names.romanize import romanize
from geo.problems import BadInput, Problem
from geo.reading.materials import PICTURES, Examined, examine
from geo.settings import MaterialLimits
from geo.store import files, name_lists, naming_words, search
from geo.store.name_lists import LACKS, Wanted
from geo.store.names import numbers_named
from geo.store.published_units import names_of
from geo.terms import NAME_STATUS_NAMES, NameStatus
from geo.text import Text

router = APIRouter(include_in_schema=False)

PER_PAGE = 50
#: So many names at a time are looked through for uncertain readings.
AT_ONCE = 500
TEXTS = ("meaning", "origin", "history", "description")
#: Empty rows for further sources.
BLANK_SOURCES = 2


class NoPicture(BadInput):
    """An uploaded picture is none, or lacks its caption or licence."""

    code = "no-picture"
    title = Text(
        "图片须为 JPEG、PNG 或 WebP，不超过 10 MB，并写明图注和许可",
        "A picture is JPEG, PNG or WebP of at most 10 MB, with a caption and a licence",
    )


#: What a form does; the picture that came with it has been examined by then.
Act = Callable[[Session, FormData, Examined | None], None]


@router.get("/registry")
def show_all(request: Request, session: Reading) -> Response:
    """The list, filtered; without JavaScript."""
    asked = request.query_params
    q = asked.get("q", "").strip()[:50]
    district = district_of(request).code
    problem = None
    rows: list[dict[str, Any]] = []
    kept = {k: asked[k] for k in ("q", "category", "status", "unit", "lacks") if asked.get(k)}
    try:
        numbers = _numbers(session, q, district) if q else None
        wanted = Wanted(
            numbers=numbers,
            category=_one_of(asked.get("category"), {c.value for c in Category}),
            status=_one_of(asked.get("status"), {s.value for s in NameStatus}),
            unit=_digits(asked.get("unit")) or district,
            lacks=_one_of(asked.get("lacks"), set(LACKS)),
            open=doubtful_characters(),
        )
        rows = _rows(session, wanted, decode(asked.get("cursor"), int, 0))
    except Problem as refused:
        problem = refused
    shown = rows[:PER_PAGE]
    units = names_of(session, [r["unit_code"][:9] for r in shown], viewing_date(request))
    more = None if len(rows) <= PER_PAGE else "?" + urlencode(kept | {"cursor": encode(shown[-1]["number"])})
    return page(
        request,
        "registry.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        rows=[{**r, "unit": units.get(r["unit_code"][:9], r["unit_code"])} for r in shown],
        asked=kept,
        categories=[c.value for c in Category],
        statuses={s.value: NAME_STATUS_NAMES[s] for s in NameStatus},
        lacks=list(LACKS),
        next_href=more,
        first_href="?" + urlencode(kept) if asked.get("cursor") else None,
        demo=any(r["demo"] for r in shown),
    )


def _rows(session: Session, wanted: Wanted, after: int) -> list[dict[str, Any]]:
    """One page of the list and a row more; of names whose reading is wanted, those that are uncertain."""
    if wanted.lacks != "reading":
        return name_lists.listed(session, wanted, after=after, limit=PER_PAGE)
    settled = naming_words.settled(session)
    found: list[dict[str, Any]] = []
    while len(found) <= PER_PAGE:
        rows = name_lists.listed(session, wanted, after=after, limit=AT_ONCE)
        found += [r for r in rows[:AT_ONCE] if _uncertain(settled, r["name"], r["category"], r["unit_code"])]
        if len(rows) <= AT_ONCE:
            break
        after = rows[AT_ONCE - 1]["number"]
    return found[: PER_PAGE + 1]


def _uncertain(settled: Settled, name: str, category: str, unit: str) -> bool:
    """Whether a person should settle how a name is read."""
    return bool(romanize(name, Category(category), settled, unit).uncertain)


@router.get("/registry/{number}")
def show(request: Request, number: int, session: Reading) -> Response:
    """One name in the form. Raises NoSuchName."""
    return _one(request, session, number)


@router.post("/registry/{number}")
async def describe(request: Request, number: int) -> Response:
    """Save the descriptive facts."""

    def act(session: Session, form: FormData, picture: Examined | None) -> None:
        edit_register.describe(
            session, actor_of(request), number, _changes(session, number, form, picture),
            version=whole(form, "version"), reason=str(form.get("reason") or ""),
        )  # fmt: skip

    return await _act(request, number, act)


@router.post("/registry/{number}/reading")
async def settle(request: Request, number: int) -> Response:
    """Settle how the name is read."""

    def act(session: Session, form: FormData, _: Examined | None) -> None:
        edit_register.settle_reading(
            session, actor_of(request), number, [str(s) for s in form.getlist("syllable")],
            version=whole(form, "version"), reason=str(form.get("reason") or ""),
        )  # fmt: skip

    return await _act(request, number, act)


@router.post("/registry/{number}/undo")
async def undo(request: Request, number: int) -> Response:
    """Go back to an older version's facts, as a new version."""

    def act(session: Session, form: FormData, _: Examined | None) -> None:
        edit_register.undo(
            session, actor_of(request), number, whole(form, "to"), version=whole(form, "version"),
            reason=str(form.get("reason") or ""),
        )  # fmt: skip

    return await _act(request, number, act)


async def _act(request: Request, number: int, act: Act) -> Response:
    """Carry a form out; where it is refused, show the page again with what is wrong and what was filled in."""

    def work(form: FormData) -> Response:
        try:
            with _picture(form) as picture, transaction(request) as session:
                act(session, form, picture)
        except Problem as problem:
            with reading_of(request) as session:
                return _one(request, session, number, problem=problem, given=form)
        return RedirectResponse(f"/registry/{number}?done=registry", status_code=303)

    async with request.form() as form:
        return await run_in_threadpool(work, form)


def _changes(session: Session, number: int, form: FormData, picture: Examined | None) -> dict[str, Any]:
    """The fields of the form that say otherwise than the register."""
    row = edit_register.current(session, number)
    changes: dict[str, Any] = {}
    for field in TEXTS:
        given = _text(form, field)
        if given != (getattr(row, field) or None):
            changes[field] = given
    facts = {
        key: _text(form, f"fact:{key}")
        for key in (*FURTHER, "story")
        if f"fact:{key}" in form and (_text(form, f"fact:{key}") or None) != (row.facts.get(key) or None)
    }
    if facts:
        changes["facts"] = facts
    sources = [
        {k: v for k, v in zip(("title", "url", "note"), each, strict=True) if v}
        for each in zip(
            *([str(v).strip() for v in form.getlist(f"source_{k}")] for k in ("title", "url", "note")),
            strict=True,
        )
    ]
    sources = [s for s in sources if s]
    if sources != row.sources:
        changes["sources"] = sources
    pictures = list(_pictures(session, row.pictures, form, picture))
    if pictures != row.pictures:
        changes["pictures"] = pictures
    if form.get("importance") not in (None, "") and whole(form, "importance") != row.importance:
        changes["importance"] = whole(form, "importance")
    return changes


def _pictures(
    session: Session, kept: list[dict[str, Any]], form: FormData, new: Examined | None
) -> Iterator[dict[str, Any]]:
    """The pictures that stay, with their captions as given, and a new one."""
    gone = {str(s) for s in form.getlist("picture_gone")}
    for picture in kept:
        sha256 = picture["sha256"]
        if sha256 not in gone:
            yield {
                "sha256": sha256,
                "caption": _text(form, f"caption:{sha256}") or picture["caption"],
                "licence": _text(form, f"licence:{sha256}") or picture["licence"],
            }
    if new is not None:
        yield {
            "sha256": files.keep(session, new.path, new.media_type).sha256,
            "caption": _text(form, "picture_caption"),
            "licence": _text(form, "picture_licence"),
        }


@contextmanager
def _picture(form: FormData) -> Iterator[Examined | None]:
    """The picture that a form brings, examined before a transaction is open: everybody will see it, so nothing but its
    pixels is kept (a camera writes down where it stood). Raises NoPicture, BodyTooLarge, MaterialRefused."""
    file = form.get("picture")
    if not isinstance(file, UploadFile) or not file.filename:
        yield None
        return
    if not _text(form, "picture_caption") or not _text(form, "picture_licence"):
        raise NoPicture()
    most = replace(MaterialLimits.from_environment(), bytes=PICTURE_BYTES)
    with received(file, limit=PICTURE_BYTES) as came, examine(came.path, came.filename, most) as seen:
        if seen.media_type not in PICTURES:
            raise NoPicture()
        yield seen


def _one(
    request: Request,
    session: Session,
    number: int,
    *,
    problem: Problem | None = None,
    given: FormData | None = None,
) -> Response:
    row = edit_register.current(session, number)
    units = names_of(session, [row.unit_code[:9]], viewing_date(request))
    versions = name_lists.versions(session, number)
    wording = columns()
    where = None
    if row.geometry is not None:
        shown = {
            "name": row.name,
            "geometry": mapping(to_shape(row.geometry)),
            "geometry_source": row.geometry_source,
            "demo": row.demo,
        }
        where = position_map(request, session, shown, [], viewing_date(request), language(request))
    settled = naming_words.settled(session)
    syllables = row.readings or [r.syllable for r in read(row.name, settled, row.unit_code)]
    return page(
        request,
        "registry_name.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        name=row,
        value=lambda field: (
            str(given.get(field) or "") if given is not None and field in given else getattr(row, field) or ""
        ),
        fact=lambda key: (
            str(given.get(f"fact:{key}") or "")
            if given is not None and f"fact:{key}" in given
            else row.facts.get(key, "")
        ),
        given=given,
        unit=units.get(row.unit_code[:9], row.unit_code),
        status_name=NAME_STATUS_NAMES[NameStatus(row.status)],
        fields={key: column.title for key, column in wording.items()},
        texts=TEXTS,
        facts=[key for key in FURTHER if key in wording and key != "secrecy"],
        sources=[*row.sources, *[{}] * BLANK_SOURCES],
        readings=[
            (c, sorted({*edit_register.readings_of(c), s} - {""}), s)
            for c, s in zip(row.name, syllables, strict=True)
        ],
        uncertain=row.readings is None and _uncertain(settled, row.name, row.category, row.unit_code),
        versions=versions,
        in_words=name_lists.in_words,
        statuses={s.value: NAME_STATUS_NAMES[s] for s in NameStatus},
        position=versions[0]["position"] if versions else None,
        map=where,
        demo=bool(row.demo),
    )


def _numbers(session: Session, q: str, district: str) -> list[int]:
    """Numbers of the names that a registrar may mean: by number, by the exact words, and what the search finds."""
    if q.isascii() and q.isdigit() and len(q) < 19:
        return [int(q)]
    found = search.search(session, q, limit=200)
    return [*numbers_named(session, q, district), *(hit.number for hit in (*found.items, *found.offers))]


def _one_of(given: str | None, known: set[str]) -> str | None:
    return given if given in known else None


def _digits(given: str | None) -> str | None:
    return given if given and given.isascii() and given.isdigit() and 2 <= len(given) <= 12 else None


def _text(form: FormData, field: str) -> str | None:
    return str(form.get(field) or "").replace("\r\n", "\n").strip() or None
