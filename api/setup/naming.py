"""What the naming rules need in the database: the shipped word lists, and the keys of names that wait for them."""

from __future__ import annotations


def enter_words() -> int:
    """Enter what is new in the shipped word lists, and work out the keys of waiting names; how many words.
    An administrator's changes stay. For YUDI_DATABASE_URL, at the newest schema."""
    from geo.store import name_shapes, naming_words
    from geo.store.engine import sessions

    with sessions("owner").begin() as session:
        entered = naming_words.seed(session)
    with sessions("owner").begin() as session:
        name_shapes.regroup(session)
        name_shapes.fill(session)
    return entered
