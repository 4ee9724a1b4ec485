"""登记簿编辑: the registrar's changes of single names: descriptive facts, pictures, sources, a settled reading,
and undoing. What a name is (standard name, category, standing, unit) is none of them: that rests on a document and
comes by an import or an application (条例第四条)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.acts.stale import require_reason, require_version
from api.security.person import Person
from geo.names.categories import Category
from geo.names.readings import Settled, choices
from geo.names.register import FURTHER
from geo.names.romanize import romanize
from geo.problems import BadInput, Conflict, NotAllowed
from geo.reading.rows import BadCell, sound
from geo.store import audit, name_shapes, search_forms, versions
from geo.store.names import NoSuchName
from geo.store.tables import PlaceName, StoredFile
from geo.terms import UserRole
from geo.text import Text

REGISTRARS = (UserRole.REGISTRAR, UserRole.ADMINISTRATOR)
#: What may be changed by hand.
DESCRIPTIVE = ("meaning", "origin", "history", "description", "sources", "pictures", "facts", "importance")
#: What a name is.
CORE = ("name", "category", "status", "unit_code", "unit", "specific", "generic", "romanization", "code", "gb_code", "document",
        "approved_by", "approved_on", "announcement", "announced_on", "names_unit", "place_id", "number", "geometry", "valid")  # fmt: skip
LONGEST, MOST = 20_000, 100


class NeedsDocument(Conflict):
    """A change that only a document can make (PN-20)."""

    code = "needs-document"
    title = Text(
        "“{field}”不能直接修改：标准名称、类别、状态、所在政区等须凭批准文件，经导入（附 --document）或地名申请变更（条例第四条）",
        "“{field}” cannot be changed by hand: a standard name, its category, standing or unit change by an import with "
        "its document, or by an application (regulation, art. 4)",
    )


class BadFact(BadInput):
    """A descriptive fact that cannot be kept."""

    code = "bad-fact"
    title = Text("“{field}”无法保存：{why}", "“{field}” cannot be kept: {why}")


class BadReading(BadInput):
    """A reading that the characters do not have."""

    code = "bad-reading"
    title = Text(
        "读音须逐字给出（{count} 个音节），且为该字的读音：{why}",
        "Give one syllable a character ({count} of them), each a reading of its character: {why}",
    )


class NothingToUndo(Conflict):
    """The version is none of this name, or it is the present one."""

    code = "nothing-to-undo"
    title = Text(
        "版本 {version} 不是此地名的旧版本，无法恢复", "Version {version} is no older version of this name"
    )


class Unchanged(BadInput):
    """A change without a difference."""

    code = "unchanged"
    title = Text("没有改动，未保存", "Nothing was changed, and nothing saved")


NO_FIELD = Text("没有这个项目", "there is no such field")
TOO_LONG = Text("超过 {0} 字", "longer than {0} characters")
NOT_TEXT = Text("应为文字", "it is a text")
NOT_LIST = Text("应为列表，最多 {0} 项", "it is a list of at most {0}")
NO_TITLE = Text("每条来源须有 title，可有 url、note", "every source has a title, and may have url and note")
NO_URL = Text("网址须以 http:// 或 https:// 开头", "an address begins with http:// or https://")
NO_PICTURE = Text(
    "每幅图片须有 sha256（先上传）、caption、licence",
    "every picture has sha256 (uploaded first), caption and licence",
)
NO_IMPORTANCE = Text("应为 0 到 100 的整数", "it is a whole number from 0 to 100")


def current(session: Session, number: int, *, lock: bool = False) -> PlaceName:
    """The last version of a name that the database holds now. Raises NoSuchName."""
    statement = (
        select(PlaceName)
        .where(PlaceName.number == number, func.upper_inf(PlaceName.recorded))
        .order_by(func.upper_inf(PlaceName.valid).desc(), func.lower(PlaceName.valid).desc().nulls_last())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    row = session.scalars(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise NoSuchName(number=number)
    return row


def describe(
    session: Session, actor: Person, number: int, changes: Mapping[str, Any], *, version: int, reason: str
) -> PlaceName:
    """修改描述: change meaning, origin, history, description, sources, pictures or further facts.

    changes: our field -> its new value; None empties it. facts: single facts by key, None takes one out.
    version: id of the row that the person saw. Raises NoSuchName, Stale, NoReason, NeedsDocument, BadFact, Unchanged.
    """
    old = _begin(session, actor, number, version)
    why = require_reason(reason)
    for field in changes:
        if field in CORE:
            raise NeedsDocument(field=field)
        if field not in DESCRIPTIVE:
            raise BadFact(field=field, why=NO_FIELD)
    values = {field: _value(session, field, value, old) for field, value in changes.items()}
    if all(getattr(old, field) == value for field, value in values.items()):
        raise Unchanged()
    return _put(session, actor, old, values, act="describe", reason=why)


def settle_reading(
    session: Session, actor: Person, number: int, readings: Sequence[str], *, version: int, reason: str
) -> PlaceName:
    """审定读音: keep how a name is read, one syllable with its tone mark a character; the romanization follows.

    Raises NoSuchName, Stale, NoReason, BadReading.
    """
    old = _begin(session, actor, number, version)
    why = require_reason(reason)
    given = [s.strip().lower() for s in readings]
    if len(given) != len(old.name):
        raise BadReading(count=len(old.name), why=Text(f"给了 {len(given)} 个", f"{len(given)} were given"))
    require_readings(old.name, given)
    spelled = romanize(
        old.name, Category(old.category), Settled(by_text={old.name: tuple(given)})
    ).romanization
    if old.readings == given and old.romanization == spelled:
        raise Unchanged()
    made = _put(
        session, actor, old, {"readings": given, "romanization": spelled}, act="settle_reading", reason=why
    )
    name_shapes.renew(session, old.name)
    return made


def follow_reading(
    session: Session, actor: Person, number: int, spelled: str, *, version: int, reason: str
) -> PlaceName:
    """随审定读音改拼写: the romanization that a reading settled for a text gives this name.

    Raises NoSuchName, Stale, NoReason, Unchanged.
    """
    old = _begin(session, actor, number, version)
    if old.romanization == spelled:
        raise Unchanged()
    return _put(session, actor, old, {"romanization": spelled}, act="respell", reason=require_reason(reason))


def undo(session: Session, actor: Person, number: int, to: int, *, version: int, reason: str) -> PlaceName:
    """恢复: the descriptive facts and the reading of an older version, as a new version. What the name is stays.

    to: id of the older version. Raises NoSuchName, Stale, NoReason, NothingToUndo, Unchanged.
    """
    old = _begin(session, actor, number, version)
    why = require_reason(reason)
    older = session.get(PlaceName, to)
    if older is None or older.number != number or older.id == old.id:
        raise NothingToUndo(version=to)
    values: dict[str, Any] = {field: getattr(older, field) for field in DESCRIPTIVE}
    if (older.name, older.category) == (old.name, old.category):
        values |= {"readings": older.readings, "romanization": older.romanization}
    if all(getattr(old, field) == value for field, value in values.items()):
        raise Unchanged()
    made = _put(session, actor, old, values, act="undo", reason=why, to=to)
    if made.readings != old.readings:
        name_shapes.renew(session, old.name)
    return made


def _begin(session: Session, actor: Person, number: int, version: int) -> PlaceName:
    if not actor.holds(*REGISTRARS):
        raise NotAllowed()
    old = current(session, number, lock=True)
    require_version(version, old.id)
    return old


def _put(
    session: Session,
    actor: Person,
    old: PlaceName,
    values: Mapping[str, Any],
    *,
    act: str,
    reason: str,
    to: int | None = None,
) -> PlaceName:
    """A new version with other facts for the same time, the search in step, one audit event."""
    before = {field: _plain(getattr(old, field)) for field in values}
    row = versions.copy_of(old, old.valid, None)
    for field, value in values.items():
        setattr(row, field, value)
    row.made_by, row.reason, row.submission_id = actor.id, reason, None
    entered = versions.supersede(session, row)
    search_forms.refresh(session, [old.number])
    audit.append(
        session, actor=actor, act=act, subject_kind="place_name", subject=str(old.number), reason=reason,
        before={"version": old.id, **before},
        after={"version": entered.id, **({} if to is None else {"restored": to}), **{f: _plain(v) for f, v in values.items()}},
    )  # fmt: skip
    return entered


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _value(session: Session, field: str, value: Any, old: PlaceName) -> Any:
    if field in ("sources", "pictures"):
        return (_sources if field == "sources" else _pictures)(session, value)
    if field == "facts":
        return _facts(value, old)
    if field == "importance":
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 100:
            raise BadFact(field=field, why=NO_IMPORTANCE)
        return value
    return _text(field, value)


def _text(field: str, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadFact(field=field, why=NOT_TEXT)
    if len(value) > LONGEST:
        raise BadFact(field=field, why=TOO_LONG.fill(LONGEST))
    try:
        sound(value, lines=True)
    except BadCell as error:
        raise BadFact(field=field, why=error.text) from None
    return value.strip() or None


def _listed(field: str, value: Any) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > MOST or not all(isinstance(v, Mapping) for v in value):
        raise BadFact(field=field, why=NOT_LIST.fill(MOST))
    return value


def _sources(session: Session, value: Any) -> list[dict[str, Any]]:
    answer = []
    for source in _listed("sources", value):
        if set(source) - {"title", "url", "note"} or not source.get("title"):
            raise BadFact(field="sources", why=NO_TITLE)
        kept = {k: t for k in ("title", "url", "note") if (t := _text("sources", source.get(k)))}
        if "url" in kept and not kept["url"].startswith(("http://", "https://")):
            raise BadFact(field="sources", why=NO_URL)
        answer.append(kept)
    return answer


def _pictures(session: Session, value: Any) -> list[dict[str, Any]]:
    answer = []
    for picture in _listed("pictures", value):
        if (
            set(picture) != {"sha256", "caption", "licence"}
            or session.get(StoredFile, str(picture["sha256"])) is None
        ):
            raise BadFact(field="pictures", why=NO_PICTURE)
        answer.append(
            {
                "sha256": str(picture["sha256"]),
                **{k: _text("pictures", picture[k]) or "" for k in ("caption", "licence")},
            }
        )
    return answer


def _facts(value: Any, old: PlaceName) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise BadFact(field="facts", why=NO_FIELD)
    facts = dict(old.facts)
    for key, given in value.items():
        if key not in (*FURTHER, "story"):
            raise BadFact(field=key, why=NO_FIELD)
        text = _text(key, given)
        if text is None:
            facts.pop(key, None)
        else:
            facts[key] = text
    return facts


def require_readings(text: str, syllables: Sequence[str]) -> None:
    """That every syllable is a reading of its character. Raises BadReading."""
    for character, syllable in zip(text, syllables, strict=True):
        possible = {*choices(character), *readings_of(character)}
        if syllable not in possible:
            known = "/".join(sorted(possible))
            raise BadReading(
                count=len(text),
                why=Text(
                    f"“{character}”不读“{syllable}”（{known}）",
                    f"“{character}” is not read “{syllable}” ({known})",
                ),
            )


def readings_of(character: str) -> set[str]:
    """Every reading that a dictionary gives a character, with tone marks."""
    from pypinyin import Style, pinyin

    return set(pinyin(character, style=Style.TONE, heteronym=True)[0])
