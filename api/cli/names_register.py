"""The register behind ./yudi names check: where a database is there, its names count too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import typer
from sqlalchemy.orm import Session

from geo.names.rules.proposal import Facts, Proposal


@contextmanager
def register() -> Iterator[Session | None]:
    """A read-only session of the register; None where no database is set up or none answers, which is said."""
    from geo.problems import Unavailable

    try:
        session = _session()
    except Unavailable as error:
        typer.echo(f"未对照地名库 · not against the register: {error.text.zh} · {error.text.en}", err=True)
        session = None
    if session is None:
        yield None
        return
    with session:
        yield session


def _session() -> Session | None:
    from sqlalchemy import text
    from sqlalchemy.exc import OperationalError

    from api.setup.places import var
    from geo.store.engine import DatabaseAway, sessions

    if not os.environ.get("YUDI_DATABASE_URL"):
        if not (var() / "pg" / "PG_VERSION").is_file():
            return None
        from api.cli._database import ready

        ready()
    session = sessions("app")()
    try:
        known = session.scalar(text("select to_regclass('name_shape') is not null"))
    except OperationalError as error:
        session.close()
        raise DatabaseAway() from error
    if not known:
        session.close()
        return None
    return session


def with_register(session: Session | None, proposal: Proposal, facts: Facts) -> Facts:
    """The facts of a command with those of the register added."""
    if session is None:
        return facts
    from geo.store.name_facts import facts_for

    known = facts_for(session, proposal, near_sounds=facts.near_sounds)
    return replace(known, existing=(*facts.existing, *known.existing), off=facts.off | known.off)
