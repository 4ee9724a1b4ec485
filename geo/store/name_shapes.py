"""Index keys of names (读音、字形索引): a trigger notes every new name, this works out its keys."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.names.categories import Category
from geo.names.similar import keys

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


def index_keys(name: str, category: Category) -> list[str]:
    """The keys of a name among those of its category: two that are alike in any way share one."""
    mark = _PLACE[category]
    return sorted(mark + key for key in keys(name, category))


def waiting(session: Session) -> bool:
    """Whether a name waits for its keys."""
    return bool(session.scalar(text("select exists (select from name_shape where keys is null)")))


def fill(session: Session, limit: int | None = None, progress: Callable[[int], None] | None = None) -> int:
    """Work out the keys of names that wait for them, up to `limit`; how many. Takes names that no other
    process has taken; commits nothing."""
    done = 0
    while limit is None or done < limit:
        rows = session.execute(
            text(_DUE), {"limit": _AT_ONCE if limit is None else min(_AT_ONCE, limit - done)}
        ).all()
        if not rows:
            break
        session.execute(
            text(_FILL),
            {
                "names": [r.name for r in rows],
                "categories": [r.category for r in rows],
                "keys": ["\n".join(index_keys(r.name, Category(r.category))) for r in rows],
            },
        )
        done += len(rows)
        if progress:
            progress(done)
    return done
