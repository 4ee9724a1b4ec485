"""Candidates for matching (匹配候选): names of the register that names of another list may mean, many at once.

Reads published.name_form in a session of the public role, through its index of keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.names.forms import EXACT, NEAR, SOUND, UNIT, key, near
from geo.names.matching import Candidate, Reading, Wanted, readings
from geo.store import name_history

#: So many candidates of one key, the most important first; so many names in one statement.
MOST, BATCH = 40, 100

# name_form_keys_gin: one look-up a key, within the unit that the list names where it does. latest: the last
# version of a name with this form, so that former names are found and nothing twice.
CANDIDATES = """
    select distinct on (q.i, f.id) q.i, f.number, f.place_id, f.kind, f.name, f.form, f.bare, f.spelled,
           f.romanization, f.status, f.category, f.unit_code, f.names_unit, f.demo, st_x(f.point) as lon,
           st_y(f.point) as lat
    from unnest(cast(:wanted as integer[]), cast(:keys as integer[]), cast(:units as integer[])) as q(i, key, unit)
    cross join lateral (
        select f.* from published.name_form f
        where f.keys @> array_remove(array[q.key, q.unit], null) and f.latest
        order by f.rank, f.id limit :most
    ) f
    order by q.i, f.id"""

# name_form_place_ix.
STANDARD = """
    select distinct on (place_id) place_id, name from published.name_form
    where place_id = any(:places) and kind = 'name' and status = 'standard' and latest
    order by place_id, upper(valid) desc nulls first"""


def candidates(session: Session, wanted: Sequence[Wanted]) -> list[list[Candidate]]:
    """For each name of a list what it may mean, not yet scored; lists in the order of `wanted`."""
    answer: list[list[Candidate]] = []
    for start in range(0, len(wanted), BATCH):
        answer += _some(session, wanted[start : start + BATCH])
    return answer


def keys_of(reading: Reading) -> set[int]:
    """The keys under which a name's candidates stand: as written, without generic part, by sound, one slip."""
    form = reading.form
    pieces = [(EXACT, form.form), (EXACT, form.bare), (SOUND, form.plain)]
    if len(form.form) <= 12:
        pieces += [(NEAR, t) for t in near(form.form) if len(t) > 1]
    return {key(kind, piece) for kind, piece in pieces}


def _some(session: Session, wanted: Sequence[Wanted]) -> list[list[Candidate]]:
    asked: list[tuple[int, int, int | None]] = []
    for i, each in enumerate(wanted):
        code = each.unit if each.unit and each.unit.isascii() and each.unit.isdigit() else ""
        length = next((n for n in (12, 9, 6, 2) if len(code) >= n), 0)
        for reading in readings(each.name):
            for k in keys_of(reading):
                asked.append((i, k, None))
                if length:
                    asked.append((i, k, key(UNIT, code[:length])))
    if not asked:
        return [[] for _ in wanted]
    rows = session.execute(
        text(CANDIDATES),
        {
            "wanted": [a[0] for a in asked],
            "keys": [a[1] for a in asked],
            "units": [a[2] for a in asked],
            "most": MOST,
        },
    ).all()
    units = name_history.unit_versions(session, {c for r in rows for c in lineage(r.unit_code)})
    odd = sorted({r.place_id for r in rows if r.status != "standard" or r.kind != "name"})
    standing = session.execute(text(STANDARD), {"places": odd}).all() if odd else ()
    standard = {r.place_id: r.name for r in standing}
    found: list[list[Candidate]] = [[] for _ in wanted]
    for r in rows:
        found[r.i].append(
            Candidate(
                number=r.number, place_id=r.place_id, name=r.name, form=r.form, bare=r.bare, spelled=r.spelled,
                kind=r.kind, status=r.status, category=r.category, unit_code=r.unit_code,
                romanization=r.romanization, units=around(units, r.unit_code), demo=r.demo, standard=standard.get(r.place_id), lon=r.lon, lat=r.lat,
            )
        )  # fmt: skip
    return found


def lineage(code: str) -> list[str]:
    """The codes of the units that a unit's code says it lies in, itself included, the largest first."""
    return [code[:n] for n in (2, 6, 9, 12) if len(code) >= n]


def around(units: Mapping[str, list[dict[str, Any]]], code: str) -> tuple[str, ...]:
    """The names of every unit that a unit lies in or ever lay in, itself included: lists are of all years."""
    names: dict[str, None] = {}
    seen: set[str] = set()
    edge = set(lineage(code))
    while edge:
        seen |= edge
        times = [t for c in sorted(edge) for t in units.get(c, ())]
        names |= dict.fromkeys(t["name"] for t in times)
        edge = {t["parent_code"] for t in times if t["parent_code"]} - seen
    return tuple(names)
