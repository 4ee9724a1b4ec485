"""Word lists, rule switches, thresholds and settled readings (词表、规则开关、阈值、审定读音) in the database.

The rows of data/placenames are entered at set-up; what an administrator changed stays as it is through every
later set-up. The engine reads them as Facts, kept per process until their revision changes.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from geo.names.readings import Settled
from geo.names.rules.proposal import Facts
from geo.names.words import KINDS, PLACE, Word, WordList, word_lists
from geo.names.words import thresholds as shipped_thresholds
from geo.store.tables import NamingSetting, NamingWord
from geo.terms import Severity

SHIPPED = "随软件提供"
#: Reserved key: of the kind reading, what the index keys of names were worked out from; of the kind threshold, what lists and
#: thresholds were entered last.
_BASIS = ""
#: Two set-ups at once follow each other.
_SEED_LOCK = 7_308_115

_REVISION = text(
    "select coalesce((select max(id) from naming_word), 0), coalesce((select max(id) from naming_setting), 0)"
)
_CLOSE_WORD = text(
    "update naming_word set recorded = tstzrange(lower(recorded), clock_timestamp(), '[)')"
    " where list = :list and word = :word and upper_inf(recorded)"
)
_CLOSE_SETTING = text(
    "update naming_setting set recorded = tstzrange(lower(recorded), clock_timestamp(), '[)')"
    " where kind = :kind and key = :key and upper_inf(recorded)"
)

_CACHE: dict[str, tuple[tuple[int, int], Facts]] = {}
_CACHING = Lock()


def base(session: Session) -> Facts:
    """The facts that hold everywhere: word lists, switches, thresholds. From the files where nothing was
    entered yet."""
    bind: Any = session.get_bind()
    where = str(getattr(bind, "engine", bind).url.set(username=None, password=None))
    revision = tuple(session.execute(_REVISION).one())
    with _CACHING:
        known = _CACHE.get(where)
    if known is not None and known[0] == revision:
        return known[1]
    facts = _read(session)
    with _CACHING:
        _CACHE[where] = ((revision[0], revision[1]), facts)
    return facts


def _read(session: Session) -> Facts:
    rows = session.execute(
        select(
            NamingWord.list, NamingWord.word, NamingWord.severity, NamingWord.match, NamingWord.kind, NamingWord.source
        ).where(func.upper_inf(NamingWord.recorded))
    ).all()  # fmt: skip
    words: Mapping[str, WordList] = word_lists()
    if rows:
        # What is shipped and was never entered holds too, as where a word was put on a list before the set-up.
        entered = {(row.list, row.word) for row in rows}
        lists: dict[str, list[Word]] = {
            kind: [w for w in words[kind] if (kind, w.text) not in entered] for kind in KINDS
        }
        for row in rows:
            if row.severity != "off":
                lists.setdefault(row.list, []).append(
                    Word(row.word, Severity(row.severity), row.match == "anywhere", row.kind, row.source)
                )
        words = {kind: WordList(group) for kind, group in lists.items()}
    settings = current_settings(session)
    return Facts(
        words=words,
        off=frozenset(s.key for s in settings if s.kind == "rule" and not s.value.get("on", True)),
        thresholds=tuple(value for value in thresholds(session).values() if value),
        settled=settled(session),
    )


def thresholds(session: Session) -> dict[str, Mapping[str, Any]]:
    """Thresholds of generic parts by key, {} for one that was taken away; those of the shipped table that nobody
    changed among them, entered or not."""
    shipped: dict[str, Mapping[str, Any]] = {threshold_key(row): row for row in shipped_thresholds()}
    return shipped | {row.key: row.value for row in current_settings(session, "threshold")}


def threshold_key(row: Mapping[str, Any]) -> str:
    return "|".join((row["generic"], row["category"], row["attribute"]))


def current_settings(session: Session, kind: str | None = None) -> Sequence[NamingSetting]:
    """Settings as they are now, by kind and key."""
    query = select(NamingSetting).where(func.upper_inf(NamingSetting.recorded), NamingSetting.key != _BASIS)
    if kind:
        query = query.where(NamingSetting.kind == kind)
    return session.scalars(query.order_by(NamingSetting.kind, NamingSetting.key)).all()


def settled(session: Session) -> Settled:
    """The settled readings (审定读音) of all units."""
    return Settled.from_rows(
        (s.value["text"], s.value["reading"], s.value.get("unit"))
        for s in current_settings(session, "reading")
        if s.value
    )


def current_word(session: Session, list_name: str, word: str, *, lock: bool = False) -> NamingWord | None:
    """A word of a list as it is now, also where it is taken off."""
    query = select(NamingWord).where(
        NamingWord.list == list_name, NamingWord.word == word, func.upper_inf(NamingWord.recorded)
    )
    return session.scalars(query.with_for_update() if lock else query).first()


def current_setting(session: Session, kind: str, key: str, *, lock: bool = True) -> NamingSetting | None:
    """A setting as it is now."""
    query = select(NamingSetting).where(
        NamingSetting.kind == kind, NamingSetting.key == key, func.upper_inf(NamingSetting.recorded)
    )
    return session.scalars(query.with_for_update() if lock else query).first()


def put_word(session: Session, row: NamingWord) -> NamingWord:
    """A new version of a word; what was current is closed."""
    session.flush()
    session.execute(_CLOSE_WORD, {"list": row.list, "word": row.word})
    session.add(row)
    session.flush()
    return row


def put_setting(session: Session, row: NamingSetting) -> NamingSetting:
    """A new version of a setting; what was current is closed."""
    session.flush()
    session.execute(_CLOSE_SETTING, {"kind": row.kind, "key": row.key})
    session.add(row)
    session.flush()
    return row


def words_like(
    session: Session, part: str, *, list_name: str | None = None, after: tuple[str, str] = ("", ""), limit: int = 50
) -> Sequence[NamingWord]:  # fmt: skip
    """Current words that hold a text, by list and word, those after `after`. At most limit + 1."""
    query = select(NamingWord).where(
        func.upper_inf(NamingWord.recorded),
        func.strpos(NamingWord.word, part) > 0 if part else NamingWord.id > 0,
        (NamingWord.list > after[0]) | ((NamingWord.list == after[0]) & (NamingWord.word > after[1])),
    )
    if list_name:
        query = query.where(NamingWord.list == list_name)
    return session.scalars(query.order_by(NamingWord.list, NamingWord.word).limit(limit + 1)).all()


def counts(session: Session) -> Mapping[str, int]:
    """How many words each list holds now."""
    rows = session.execute(
        select(NamingWord.list, func.count())
        .where(func.upper_inf(NamingWord.recorded), NamingWord.severity != "off")
        .group_by(NamingWord.list)
    )
    return {kind: 0 for kind in KINDS} | {row[0]: row[1] for row in rows}


def history(session: Session, list_name: str, word: str) -> Sequence[NamingWord]:
    """All versions of a word, the newest first."""
    return session.scalars(
        select(NamingWord)
        .where(NamingWord.list == list_name, NamingWord.word == word)
        .order_by(NamingWord.id.desc())
        .execution_options(populate_existing=True)
    ).all()


def setting_history(session: Session, kind: str, key: str) -> Sequence[NamingSetting]:
    """All versions of a setting, the newest first."""
    return session.scalars(
        select(NamingSetting)
        .where(NamingSetting.kind == kind, NamingSetting.key == key)
        .order_by(NamingSetting.id.desc())
        .execution_options(populate_existing=True)
    ).all()


def seed(session: Session) -> int:
    """Enter the rows of data/placenames that are new or differ from what a former release brought; how many.

    A row that an administrator made, also one taken off, stays. Idempotent. Where the tables of readings
    changed, the index keys of all names are to be worked out anew.
    """
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _SEED_LOCK})
    # Every command asks; the rows are compared where the files are others than those entered last.
    done = _seed_lists(session) if _seed_setting(session, "threshold", _BASIS, {"lists": _lists()}) else 0
    if _seed_setting(session, "reading", _BASIS, {"basis": _basis()}):
        session.execute(text("update name_shape set keys = null where keys is not null"))
    return done


def _seed_lists(session: Session) -> int:
    done, new = 0, []
    current = {
        (r.list, r.word): r
        for r in session.scalars(select(NamingWord).where(func.upper_inf(NamingWord.recorded)))
    }
    for row in _shipped_words():
        old = current.get((row.list, row.word))
        if old is not None and (
            old.made_by is not None
            or all(getattr(old, c) == getattr(row, c) for c in ("kind", "severity", "match", "source", "licence"))
        ):  # fmt: skip
            continue
        if old is not None:
            put_word(session, row)
        else:
            new.append(
                {
                    c: getattr(row, c)
                    for c in ("list", "word", "kind", "severity", "match", "source", "licence", "reason")
                }
            )
        done += 1
    if new:
        session.execute(insert(NamingWord), new)
    session.flush()
    for threshold in shipped_thresholds():
        done += _seed_setting(session, "threshold", threshold_key(threshold), dict(threshold))
    return done


def _seed_setting(session: Session, kind: str, key: str, value: dict[str, Any]) -> int:
    old = current_setting(session, kind, key)
    if old is not None and (old.made_by is not None or old.value == value):
        return 0
    put_setting(session, NamingSetting(kind=kind, key=key, value=value, reason=SHIPPED))
    return 1


def _shipped_words() -> Iterable[NamingWord]:
    seen: set[tuple[str, str]] = set()
    for kind in KINDS:
        with (PLACE / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if (kind, row["word"]) not in seen:
                    seen.add((kind, row["word"]))
                    yield NamingWord(
                        list=kind,
                        word=row["word"],
                        kind=row["kind"],
                        severity=row["severity"],
                        match=row["match"] if row["match"] == "anywhere" else "whole",
                        source=row["source"],
                        licence=row.get("licence") or None,
                        reason=row.get("note") or SHIPPED,
                    )


def _lists() -> str:
    """A digest of the shipped lists, and of the thresholds."""
    digest = hashlib.sha256(
        json.dumps([dict(row) for row in shipped_thresholds()], ensure_ascii=False).encode()
    )
    for kind in KINDS:
        digest.update((PLACE / f"{kind}.csv").read_bytes())
    return digest.hexdigest()[:16]


def _basis() -> str:
    """A digest of everything that the keys of names follow from."""
    import geo.names

    room = Path(geo.names.__file__).resolve().parent
    files = [room / f"{name}.py" for name in ("similar", "readings", "categories", "parts", "words")]
    files += [room / "rules" / "proposal.py"]
    files += [PLACE / name for name in ("readings.csv", "heteronyms.csv", "lookalikes.csv", "traditional_convert.json")]  # fmt: skip
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
