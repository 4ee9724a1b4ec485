"""The database of a command: started where it is the private one, and at the newest schema."""

from __future__ import annotations


def ready() -> None:
    """Make the database answer and its schema current; YUDI_DATABASE_URL names it afterwards.

    Raises Unavailable kinds with one sentence.
    """
    from api.setup import cluster
    from api.setup.naming import enter_words
    from geo.store.migrate import upgrade

    upgrade(cluster.ensure())
    enter_words()
