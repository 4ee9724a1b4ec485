"""What is kept while nothing is written: made once, made anew after any commit, never from rows of a transaction's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geo.store.kept import Kept


@pytest.fixture
def reader(test_engines: dict[str, Engine]) -> Iterator[Session]:
    """A session that has written nothing."""
    with Session(test_engines["public"]) as made:
        made.connection(execution_options={"postgresql_readonly": True})
        yield made


class Made:
    """A result that tells how often it was made."""

    def __init__(self, answer: Any = "made") -> None:
        self.times = 0
        self.answer = answer

    def __call__(self) -> Any:
        self.times += 1
        return self.answer


def test_it_is_made_once_and_anew_after_any_write(reader: Session, test_engines: dict[str, Engine]) -> None:
    kept, made = Kept(), Made()
    # Other databases of the server may be written to meanwhile, and that counts too: so the last three askings decide.
    for _ in range(20):
        before = made.times
        if [kept.get(reader, "key", made) for _ in range(3)] == ["made"] * 3 and made.times <= before + 1:
            break
    else:
        pytest.fail(f"made {made.times} times in 60 askings")
    held = made.times
    with test_engines["owner"].begin() as writer:
        writer.execute(text("select pg_current_xact_id()"))
    kept.get(reader, "key", made)
    assert made.times > held


def test_what_is_written_but_not_committed_is_not_kept(session: Session) -> None:
    session.execute(text("select pg_current_xact_id()"))
    kept, made = Kept(), Made()
    assert [kept.get(session, "key", made) for _ in range(3)] == ["made"] * 3
    assert made.times == 3 and len(kept) == 0


def test_another_minute_is_another_result_and_the_last_one_alone_is_kept(reader: Session) -> None:
    kept, made = Kept(), Made()
    for minute in range(4):
        kept.get(reader, "key", made, also=minute)
    assert made.times == 4 and len(kept) == 1


def test_so_many_are_kept_and_the_least_lately_used_leaves_first(reader: Session) -> None:
    kept = Kept(most=2)
    for key in ("a", "b", "a", "c"):
        kept.get(reader, key, Made())
    assert len(kept) == 2 and set(kept._results) == {"a", "c"}


def test_a_refusal_is_not_kept(reader: Session) -> None:
    kept = Kept()
    with pytest.raises(ValueError):
        kept.get(reader, "key", lambda: int("no number"))
    assert len(kept) == 0
