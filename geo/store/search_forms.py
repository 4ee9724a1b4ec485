"""Search forms (检索形式) in the database: written from the public names, kept in step with them.

`refresh` follows every change of single names; `rebuild` brings all forms in step at once, after an import,
and counts anew which keys are common. Both take what published.place_name shows, nothing else, so that a
proposed or a secret name never gets a form.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.names.forms import Form, form_of, keys_of
from geo.store.search_known import changed
from geo.terms import NameStatus

#: A key of more names than this is common, and keeps its best names listed.
COMMON, LISTED, FIRST = 300, 200, 150_000
#: So many names at once; more are worth counting common keys again.
CHUNK, MANY = 5_000, 20_000
#: Facts of the census form that are further forms of a name.
ALIASES = ("alias", "short", "map_name")

_ORDER = tuple(c.value for c in (
    Category.COUNTY_UP, Category.TOWNSHIP, Category.SUBDISTRICT, Category.NATURAL, Category.COMMITTEE,
    Category.PARK, Category.ZONE, Category.FACILITY, Category.NATURAL_VILLAGE, Category.STREET,
    Category.ESTATE, Category.OTHER,
))  # fmt: skip
#: A name in force first, then what else is in use, then what was.
_STANDING = {NameStatus.STANDARD: 0, NameStatus.SHORT: 1, NameStatus.VARIANT: 1, NameStatus.DIALECT: 1}


def category_ranks(category: str) -> tuple[int, int]:
    """The first and last rank of a category."""
    first = _ORDER.index(category) * 1000
    return first, first + 999


def rank_of(category: str, status: str, importance: int) -> int:
    """Where a name stands among names that match alike: category, standing, importance; the least first."""
    return category_ranks(category)[0] + 200 * _STANDING.get(NameStatus(status), 2) + 100 - importance


# Versions of public names by number. published.place_name does not tell versions apart; its condition is
# repeated here, and only what both hold is written. Both sides are asked for the numbers: with thousands of them the
# planner else takes the view for every name of the register. Served by place_name_number_ix.
SOURCE = """
    select n.id as version_id, n.number, n.place_id, n.name, n.specific, n.readings, n.romanization, n.status,
           n.category, n.unit_code, n.names_unit, n.importance, n.valid, n.demo, p.facts,
           encode(ST_AsEWKB(ST_PointOnSurface(n.geometry)), 'hex') as point
    from public.place_name n
    join published.place_name p on p.number = n.number and p.valid = n.valid
    where n.number = any(:numbers) and p.number = any(:numbers) and upper_inf(n.recorded)
    order by n.number, lower(n.valid) desc nulls last"""

COLUMNS = (
    "version_id number place_id kind name form bare plain bare_plain initials spelled romanization status category"
    " unit_code names_unit importance rank latest valid demo point keys"
).split()


def refresh(session: Session, numbers: Iterable[int]) -> int:
    """Write the forms of these names anew, after any change of them in the same transaction. Returns how many
    forms stand now."""
    wanted = sorted(set(numbers))
    written = 0
    for start in range(0, len(wanted), CHUNK):
        written += _write(session, wanted[start : start + CHUNK])
    if len(wanted) > MANY:
        count_common(session)
    return written


def rebuild(session: Session, *, anew: bool = False) -> int:
    """Bring all forms in step with the public names; returns how many were written. For bulk changes.

    anew: also those whose version did not change, as after a change of the reading dictionary. Readers see
    the old forms until the transaction commits.
    """
    session.flush()
    numbers = session.scalars(text(ALL if anew else DIFFERENT)).all()
    # Built in one go at the end, the index costs a tenth; only where nothing is there that is being read.
    bare = len(numbers) > MANY and not session.scalar(text("select exists (select from published.name_form)"))
    bare = bare and bool(session.scalar(text(OWNED)))
    if bare:
        session.execute(text("drop index published.name_form_keys_gin"))
    chunks = [numbers[start : start + CHUNK] for start in range(0, len(numbers), CHUNK)]
    written = _write_all(session, chunks) if bare else sum(_write(session, chunk) for chunk in chunks)
    if bare:
        session.execute(text("set local maintenance_work_mem = '512MB'"))
        session.execute(text(KEYS_INDEX))
    if written:
        count_common(session)
    return written


ALL = "select number from public.place_name union select number from published.name_form order by 1"
DIFFERENT = """
    select number from public.place_name n
    where upper_inf(recorded) and not exists (select from published.name_form f where f.version_id = n.id and f.number = n.number)
      and status not in ('proposed', 'approved')
    union
    select number from published.name_form f
    where not exists (select from public.place_name n where n.id = f.version_id and upper_inf(n.recorded))
    order by 1"""
OWNED = """
    select pg_has_role(current_user, relowner, 'usage') from pg_class where oid = 'published.name_form'::regclass"""
KEYS_INDEX = "create index name_form_keys_gin on published.name_form using gin (keys) with (fastupdate = off)"


def _write(session: Session, numbers: Sequence[int]) -> int:
    """The forms of some numbers: old ones out, present ones in, listed where their keys are common. Where one of them is a
    unit's name, searches learn of it."""
    session.flush()
    unit_gone = session.scalar(text(FORGET), {"numbers": list(numbers)})
    versions = _versions(session, numbers)
    written, lines = lines_of(versions)
    if written:
        _copy(session, lines)
        session.execute(text(LIST), {"numbers": list(numbers)})
    if unit_gone or any(version["names_unit"] for version in versions):
        changed(session)
    return written


def _write_all(session: Session, chunks: Sequence[Sequence[int]]) -> int:
    """The forms of very many names into an empty table. Making the forms takes longer than storing them, so
    processes beside this one make them where there is more than one core; a few chunks are under way at a time."""
    session.flush()
    beside = min(os.cpu_count() or 1, 4)
    if beside == 1 or multiprocessing.current_process().daemon:
        return sum(_write(session, chunk) for chunk in chunks)
    written = 0
    making: deque[Future[tuple[int, bytes]]] = deque()

    def store() -> int:
        count, lines = making.popleft().result()
        _copy(session, lines)
        return count

    with ProcessPoolExecutor(beside, mp_context=multiprocessing.get_context("spawn")) as pool:
        for chunk in chunks:
            making.append(pool.submit(lines_of, _versions(session, chunk)))
            if len(making) > beside:
                written += store()
        while making:
            written += store()
    return written


def _versions(session: Session, numbers: Sequence[int]) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(text(SOURCE), {"numbers": list(numbers)}).mappings()]


def _copy(session: Session, lines: bytes) -> None:
    driver = session.connection().connection.driver_connection
    assert driver is not None
    sentence = f"copy published.name_form ({', '.join(COLUMNS)}) from stdin"
    with driver.cursor() as cursor, cursor.copy(sentence) as copy:
        copy.write(lines)


def lines_of(versions: Iterable[Any]) -> tuple[int, bytes]:
    """(how many, as COPY reads them) the rows of versions, see `rows_of`."""
    lines = ["\t".join(map(_cell, row)) + "\n" for row in rows_of(versions)]
    return len(lines), "".join(lines).encode()


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _cell(value: Any) -> str:
    """A value in COPY's text format."""
    if value is None:
        return "\\N"
    if isinstance(value, list):
        return "{" + ",".join(map(str, value)) + "}"
    return str(value).translate(_ESCAPED)


FORGET = """
    with gone as (delete from published.name_form where number = any(:numbers) returning id, names_unit),
    unlisted as (delete from published.common_name where form_id in (select id from gone))
    select bool_or(names_unit is not null) from gone"""
# Up to a list's bound the list is complete: a form before it must stand in it, one behind it must not.
LIST = """
    insert into published.common_name (key, rank, form_id)
    select c.key, f.rank, f.id
    from published.name_form f cross join lateral unnest(f.keys) as k(key)
    join published.common_key c on c.key = k.key
    where f.number = any(:numbers) and (f.rank, f.id) <= (c.last_rank, c.last_form)"""


def rows_of(versions: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of `COLUMNS` of versions that come by number, the latest of each first."""
    for _, group in groupby(versions, key=lambda v: v["number"]):
        seen: set[str] = set()
        for v in group:
            for kind, name, form in _forms(v):
                latest = form.form not in seen
                seen.add(form.form)
                yield (
                    v["version_id"], v["number"], v["place_id"], kind, name, form.form, form.bare, form.plain,
                    form.bare_plain, form.initials, form.spelled, v["romanization"], v["status"], v["category"],
                    v["unit_code"], v["names_unit"], v["importance"],
                    rank_of(v["category"], v["status"], v["importance"]), latest, _range(v["valid"]), v["demo"],
                    v["point"], keys_of(form, v["unit_code"]),
                )  # fmt: skip


def _forms(version: Any) -> Iterator[tuple[str, str, Form]]:
    """(kind, as it is shown, form) of a version: its name, and what the census form calls it besides."""
    yield "name", version["name"], form_of(version["name"], version["specific"], version["readings"])
    for kind in ALIASES:
        for name in _listed(version["facts"].get(kind)):
            if name != version["name"] and (form := form_of(name, name)).form:
                yield kind, name, form


def _listed(value: Any) -> list[str]:
    """The names of a fact: a text (several divided by 、；;，) or a list of texts."""
    if isinstance(value, str):
        for divider in "；;，,":
            value = value.replace(divider, "、")
        value = value.split("、")
    if not isinstance(value, list):
        return []
    return [name.strip() for name in value if isinstance(name, str) and 0 < len(name.strip()) <= 100]


def _range(valid: Any) -> str:
    def day(value: date | None) -> str:
        return value.isoformat() if value else ""

    return f"[{day(valid.lower)},{day(valid.upper)})"


def count_common(session: Session) -> None:
    """Count which keys are common now, and list the best names of each."""
    session.execute(text("set local work_mem = '256MB'"))
    values = {"common": COMMON, "listed": LISTED, "first": FIRST}
    for sentence in COUNT:
        session.execute(text(sentence), {k: v for k, v in values.items() if f":{k}" in sentence})
    changed(session)


COUNT = (
    "delete from published.common_name",
    "delete from published.common_key",
    """insert into published.common_key (key, hits, last_rank, last_form)
    select k.key, count(*), -1, 0 from published.name_form f cross join lateral unnest(f.keys) as k(key)
    group by k.key having count(*) > :common""",
    # The very common keys find their best names among the first names of all; only the others look at all.
    """insert into published.common_name (key, rank, form_id)
    select key, rank, id from (
        select k.key, f.rank, f.id, row_number() over w as place, count(*) over (partition by k.key) as found
        from (select id, rank, keys from published.name_form order by rank, id limit :first) f
        cross join lateral unnest(f.keys) as k(key)
        join published.common_key c on c.key = k.key
        window w as (partition by k.key order by f.rank, f.id)) best
    where place <= :listed and found >= :listed""",
    """insert into published.common_name (key, rank, form_id)
    select key, rank, id from (
        select k.key, f.rank, f.id, row_number() over (partition by k.key order by f.rank, f.id) as place
        from published.name_form f cross join lateral unnest(f.keys) as k(key)
        join published.common_key c on c.key = k.key
        where not exists (select from published.common_name n where n.key = c.key)) best
    where place <= :listed""",
    """update published.common_key c set last_rank = b.rank, last_form = b.form_id
    from (select distinct on (key) key, rank, form_id from published.common_name
          order by key, rank desc, form_id desc) b where b.key = c.key""",
)
