"""Index keys of names (读音、字形索引): a trigger notes every new name, this works out its keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.names.readings import Settled
from geo.names.similar import all_keys, keys
from geo.store import naming_words

_AT_ONCE = 5_000
_PLACE = {category: chr(ord("a") + i) for i, category in enumerate(Category)}

_DUE = """
select name, category from name_shape where keys is null order by name, category limit :limit
for update skip locked
"""
_FILL = """
update name_shape s set keys = string_to_array(t.keys, E'\\n')
from unnest(cast(:names as text[]), cast(:categories as text[]), cast(:keys as text[])) t (name, category, keys)
where s.name = t.name and s.category = t.category
"""


# Served by place_name_name_ix.
_SETTLED = """
select distinct name, category, readings from place_name
where name = any(cast(:names as text[])) and readings is not null and upper_inf(recorded)
"""


def index_keys(
    name: str,
    category: Category,
    settled: Settled | None = None,
    unit: str | None = None,
    readings: tuple[str, ...] = (),
) -> list[str]:
    """The keys of a name among those of its category: two that are alike in any way share one."""
    mark = _PLACE[category]
    return sorted(mark + key for key in keys(name, category, settled, unit, readings))


def forget(session: Session, text_: str) -> None:
    """A reading of a text was settled: the keys of all names that hold it are to be worked out anew."""
    session.execute(
        text("update name_shape set keys = null where strpos(name, :text) > 0 and keys is not null"),
        {"text": text_},
    )


def renew(session: Session, name: str) -> None:
    """The reading of one name was settled: its keys, in every category."""
    session.execute(text("update name_shape set keys = null where name = :name"), {"name": name})
    rows = session.execute(text("select name, category from name_shape where name = :name"), {"name": name})
    _fill(session, rows.all(), naming_words.settled(session))


def regroup(session: Session) -> None:
    """Names with a nationality in their generic part (土家族乡) are to be keyed anew: earlier versions took it for the
    specific part. They are few."""
    session.execute(
        text("update name_shape set keys = null where keys is not null and name like any(:ends)"),
        {"ends": ["%族乡", "%族自治_"]},
    )


def waiting(session: Session) -> bool:
    """Whether a name waits for its keys."""
    return bool(session.scalar(text("select exists (select from name_shape where keys is null)")))


def fill(session: Session, limit: int | None = None, progress: Callable[[int], None] | None = None) -> int:
    """Work out the keys of names that wait for them, up to `limit`; how many. Takes names that no other
    process has taken; commits nothing."""
    done = 0
    settled = naming_words.settled(session)
    while limit is None or done < limit:
        rows = session.execute(
            text(_DUE), {"limit": _AT_ONCE if limit is None else min(_AT_ONCE, limit - done)}
        ).all()
        if not rows:
            break
        _fill(session, rows, settled)
        done += len(rows)
        if progress:
            progress(done)
    return done


def _fill(session: Session, rows: Sequence[Any], settled: Settled) -> None:
    own: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for row in session.execute(text(_SETTLED), {"names": [r.name for r in rows]}):
        own.setdefault((row.name, row.category), []).append(tuple(row.readings))

    def of(name: str, category: str) -> str:
        mark = _PLACE[Category(category)]
        found = all_keys(name, Category(category), settled, own.get((name, category), ()))
        return "\n".join(sorted(mark + key for key in found))

    session.execute(
        text(_FILL),
        {
            "names": [r.name for r in rows],
            "categories": [r.category for r in rows],
            "keys": [of(r.name, r.category) for r in rows],
        },
    )
