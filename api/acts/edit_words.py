"""词表维护: what the naming rules go by is changed by an administrator, with a reason, as a new version."""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy.orm import Session

from api.acts.edit_register import require_readings
from api.acts.stale import require_reason
from api.security.person import Person
from geo.names.categories import Category
from geo.names.readings import Settled
from geo.names.rules.run import discover
from geo.names.words import KINDS
from geo.problems import BadInput, Conflict, NotAllowed, NotFound
from geo.store import audit, name_shapes, naming_words
from geo.store.tables import NamingSetting, NamingWord
from geo.terms import UserRole
from geo.text import Text

#: What is measured of a thing, and in which unit.
THRESHOLD_UNITS = {"width_m": "米", "area_m2": "平方米", "green_ratio": "%"}
SEVERITIES = ("error", "warning", "info", "off")
MATCHES = ("anywhere", "whole")


class NoSuchList(NotFound):
    """There is no word list of this name."""

    code = "no-such-word-list"
    title = Text("没有词表“{given}”，可用：{known}", "There is no word list “{given}”; use one of: {known}")


class NoSuchRule(NotFound):
    """There is no naming rule of this code."""

    code = "no-such-naming-rule"
    title = Text("没有命名规则“{given}”", "There is no naming rule “{given}”")


class BadWord(BadInput):
    """A word, severity, match or source that a list cannot hold."""

    code = "bad-word"
    title = Text(
        "词条应为 1 至 60 个字符，并写明来源；程度为 error、warning、info 或 off，匹配为 anywhere 或 whole",
        "A word has 1 to 60 characters and a source; its severity is error, warning, info or off, its match "
        "anywhere or whole",
    )


class BadReading(BadInput):
    """The reading does not fit its text."""

    code = "bad-reading"
    title = Text(
        "“{given}”有 {count} 个字，读音也应为 {count} 个带声调的音节，用空格分开，并写明来源",
        "“{given}” has {count} characters: give {count} syllables with tone marks apart by blanks, and a source",
    )


class BadThreshold(BadInput):
    """A threshold that no rule can go by."""

    code = "bad-threshold"
    title = Text(
        "用值须为大于 0 的数（留空为停用），并写明来源；项目为 width_m、area_m2 或 green_ratio，通名 1 至 10 字，类别为现有类别",
        "A threshold is a number above 0 (empty: none) with its source, of width_m, area_m2 or green_ratio, for a generic "
        "part of 1 to 10 characters in one of the categories",
    )


class Unchanged(Conflict):
    """It is so already."""

    code = "naming-unchanged"
    title = Text("内容没有变化，不用保存", "Nothing would change; there is nothing to save")


def put_word(
    session: Session,
    actor: Person,
    list_name: str,
    word: str,
    *,
    severity: str,
    match: str = "anywhere",
    kind: str | None = None,
    source: str | None = None,
    licence: str | None = None,
    reason: str,
) -> NamingWord:
    """Add a word, promote or demote it (升降级), or take it off (severity off). What is not given stays as it
    was. Raises NoSuchList, BadWord, Unchanged, and where the reason is missing."""
    _administrator(actor)
    reason = require_reason(reason)
    if list_name not in KINDS:
        raise NoSuchList(given=list_name[:40], known=" ".join(KINDS))
    word = word.strip()
    old = naming_words.current_word(session, list_name, word, lock=True) if _plain(word) else None
    row = NamingWord(
        list=list_name,
        word=word,
        kind=(kind or "").strip() or (old.kind if old else list_name),
        severity=severity,
        match=match,
        source=(source or "").strip() or (old.source if old else ""),
        licence=(licence or "").strip() or (old.licence if old else None),
        reason=reason,
        made_by=actor.id,
    )
    if not _plain(word) or severity not in SEVERITIES or match not in MATCHES or not row.source:
        raise BadWord()
    if old is None and severity == "off":
        raise NotFound()
    if old is not None and _said(old) == _said(row):
        raise Unchanged()
    before = None if old is None else _said(old)
    naming_words.put_word(session, row)
    audit.append(
        session, actor=actor, act="edit", subject_kind="naming_word", subject=f"{list_name}/{word}", reason=reason,
        before=before, after=_said(row),
    )  # fmt: skip
    return row


def switch_rule(session: Session, actor: Person, code: str, *, on: bool, reason: str) -> NamingSetting:
    """Switch a naming rule on or off (规则开关). Raises NoSuchRule, Unchanged."""
    _administrator(actor)
    if code not in {rule.code for rule in discover()}:
        raise NoSuchRule(given=code[:40])
    return _put(session, actor, "rule", code, {"on": on}, reason, usual={"on": True})


def set_threshold(
    session: Session,
    actor: Person,
    *,
    generic: str,
    category: str,
    attribute: str,
    value: str,
    source: str,
    reason: str,
) -> NamingSetting:
    """The least size of what a generic part may name (通名用值); an empty value takes it off. Raises BadThreshold, Unchanged."""
    _administrator(actor)
    generic, value, source = generic.strip(), value.strip(), source.strip()
    key = "|".join((generic, category, attribute))
    known = attribute in THRESHOLD_UNITS and category in set(Category)
    if not known or not _plain(generic) or len(generic) > 10:
        raise BadThreshold()
    row: dict[str, Any] = {}
    if value:
        try:
            number = float(value)
        except ValueError:
            raise BadThreshold() from None
        if not 0 < number < 1e12 or not source:
            raise BadThreshold()
        row = {
            "generic": generic, "category": category, "attribute": attribute, "op": ">=", "value": f"{number:g}",
            "unit": THRESHOLD_UNITS[attribute], "source": source, "valid_from": "", "valid_to": "",
        }  # fmt: skip
    if not row and key not in naming_words.thresholds(session):
        raise BadThreshold()
    return _put(session, actor, "threshold", key, row, reason, usual=None)


def settle_reading(
    session: Session, actor: Person, given: str, *, reading: str, unit: str | None, source: str, reason: str
) -> NamingSetting:
    """Settle a reading (审定读音), for names in a unit or everywhere: one that a dictionary gives its characters, tones
    included. Raises BadReading, Unchanged."""
    if not actor.holds(UserRole.ADMINISTRATOR, UserRole.REGISTRAR):
        raise NotAllowed()
    given = given.strip()
    try:
        Settled.from_rows([(given, reading, unit)])
    except ValueError:
        raise BadReading(given=given[:40], count=len(given)) from None
    if not source.strip() or not _plain(given):
        raise BadReading(given=given[:40], count=len(given))
    syllables = unicodedata.normalize("NFC", reading).lower().split()
    require_readings(given, syllables)
    value = {"text": given, "reading": " ".join(syllables), "source": source.strip()}
    if unit:
        value["unit"] = unit
    row = _put(session, actor, "reading", f"{unit or ''}|{given}", value, reason, usual=None)
    name_shapes.forget(session, given)
    return row


def _put(
    session: Session, actor: Person, kind: str, key: str, value: dict[str, Any], reason: str, usual: Any
) -> NamingSetting:
    reason = require_reason(reason)
    old = naming_words.current_setting(session, kind, key)
    before = usual if old is None else old.value
    if before == value:
        raise Unchanged()
    row = naming_words.put_setting(
        session, NamingSetting(kind=kind, key=key, value=value, reason=reason, made_by=actor.id)
    )
    audit.append(
        session, actor=actor, act="edit", subject_kind=f"naming_{kind}", subject=key, reason=reason,
        before=before, after=value,
    )  # fmt: skip
    return row


def _administrator(actor: Person) -> None:
    if not actor.holds(UserRole.ADMINISTRATOR):
        raise NotAllowed()


def _plain(word: str) -> bool:
    return 0 < len(word) <= 60 and word.isprintable() and not any("\ud800" <= c <= "\udfff" for c in word)


def _said(row: NamingWord) -> dict[str, Any]:
    return {c: getattr(row, c) for c in ("severity", "match", "kind", "source", "licence")}
