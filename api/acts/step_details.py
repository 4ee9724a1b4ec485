"""办理内容: what the form of a step holds, checked before anything is done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from geo import days
from geo.problems import BadInput
from geo.reading.rows import BadCell, sound
from geo.store.tables import StoredFile
from geo.text import Text

LONGEST, LONG, MOST = 5_000, 500, 40
STANCES = ("agree", "agree_with_changes", "disagree", "none")


class BadDetail(BadInput):
    """A field of a step's form is not in order."""

    code = "bad-detail"
    title = Text("“{field}”有误：{why}", "“{field}” is wrong: {why}")


NOT_TEXT = Text("应为文字", "it is to be text")
TOO_LONG = Text("不超过 {0} 字", "at most {0} characters")
NOT_LIST = Text("应为不超过 {0} 项的列表", "it is to be a list of at most {0}")
NOT_DATE = Text("日期须写作 2026-12-31", "the date is written as 2026-12-31")
IN_FUTURE = Text("日期在将来", "the date lies in the future")
IN_PAST = Text("日期已过", "the date has passed")
BACKWARDS = Text("截止日早于开始日", "the last day lies before the first")
NO_STANCE = Text("应为 {0} 之一", "it is one of {0}")
NO_FILE = Text("文件尚未上传，请先上传", "its file is not there; upload it first")
UNKNOWN = Text("没有这一项", "there is no such field")


def words(field: str, value: Any, longest: int = LONGEST, *, lines: bool = True) -> str:
    """A text without blanks around it and without characters that no text has. Raises BadDetail."""
    if not isinstance(value, str):
        raise BadDetail(field=field, why=NOT_TEXT)
    if len(value) > longest:
        raise BadDetail(field=field, why=TOO_LONG.fill(longest))
    try:
        sound(value, lines=lines)
    except BadCell as error:
        raise BadDetail(field=field, why=error.text) from None
    return value.strip()


def day(field: str, value: Any) -> str:
    """A date, as ISO 8601. Raises BadDetail."""
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise BadDetail(field=field, why=NOT_DATE) from None


def past(field: str, value: Any) -> str:
    """A date that is not in the future."""
    given = day(field, value)
    if date.fromisoformat(given) > days.today():
        raise BadDetail(field=field, why=IN_FUTURE)
    return given


def coming(field: str, value: Any) -> str:
    """A date that has not passed."""
    given = day(field, value)
    if date.fromisoformat(given) < days.today():
        raise BadDetail(field=field, why=IN_PAST)
    return given


def listed(field: str, value: Any) -> list[str]:
    """A list of short texts, blanks and repeats left out."""
    if not isinstance(value, list | tuple) or len(value) > MOST:
        raise BadDetail(field=field, why=NOT_LIST.fill(MOST))
    return [w for w in dict.fromkeys(words(field, item, LONG, lines=False) for item in value) if w]


def stance(field: str, value: Any) -> str:
    if value not in STANCES:
        raise BadDetail(field=field, why=NO_STANCE.fill("、".join(STANCES)))
    return str(value)


def covered(field: str, value: Any) -> dict[str, str]:
    """What a report says on each of its points."""
    if not isinstance(value, Mapping) or len(value) > MOST:
        raise BadDetail(field=field, why=NOT_LIST.fill(MOST))
    return {words(field, key, 40, lines=False): words(field, text) for key, text in value.items()}


def short(field: str, value: Any) -> str:
    return words(field, value, LONG, lines=False)


#: field -> how it is checked.
FIELDS: Mapping[str, Callable[[str, Any], Any]] = {
    "items": listed,  # 需补正的内容；征求意见的部门
    "until": coming,
    "giver": short,
    "stance": stance,
    "says": words,
    "contents": covered,
    "opens": coming,
    "closes": coming,
    "rule": short,
    "message": short,
    "body": short,
    "number": short,
    "date": past,
    "applied": past,  # 申请人提出复议之日
    "late_because": short,  # 逾期申请复议的正当理由
    "reference": short,
    "title": short,
    "how": short,
}


def tidy(session: Session, details: Mapping[str, Any] | None) -> dict[str, Any]:
    """The fields of a step's form, each checked; blank ones left out. Raises BadDetail."""
    kept: dict[str, Any] = {}
    for field, value in (details or {}).items():
        if field == "sha256":
            if not isinstance(value, str) or session.get(StoredFile, value) is None:
                raise BadDetail(field=field, why=NO_FILE)
            kept[field] = value
        elif field not in FIELDS:
            raise BadDetail(field=str(field)[:40], why=UNKNOWN)
        elif value not in (None, "", [], {}):
            kept[field] = FIELDS[field](field, value)
    if "opens" in kept and "closes" in kept and kept["closes"] < kept["opens"]:
        raise BadDetail(field="closes", why=BACKWARDS)
    return {field: value for field, value in kept.items() if value not in ("", [])}
