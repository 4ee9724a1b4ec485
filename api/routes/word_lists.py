"""词表、规则开关、审定读音: what the naming rules go by, for administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.acts import edit_words, respell
from api.doors import Acting, Reading, Writing
from api.errors import problems
from api.paging import Cursor, Limit, decode, encode, page
from geo.names.words import KINDS
from geo.store import naming_words
from geo.store.respelling import Otherwise
from geo.store.tables import NamingWord

router = APIRouter(tags=["naming rules 命名规则"])
LISTS = "/api/v1/word-lists"


class WordIn(BaseModel):
    """词条: a word to add or change; severity `off` takes it off the list."""

    model_config = ConfigDict(extra="forbid")

    word: str = Field(min_length=1, max_length=60)
    severity: str = Field(description="error, warning, info, off")
    match: str = Field("anywhere", description="anywhere, whole")
    kind: str | None = Field(None, max_length=100)
    source: str | None = Field(None, max_length=500)
    licence: str | None = Field(None, max_length=200)
    reason: str = Field(max_length=1000)


class WordOut(BaseModel):
    """词条的一个版本."""

    list: str
    word: str
    kind: str
    severity: str
    match: str
    source: str
    licence: str | None
    reason: str
    shipped: bool = Field(description="随软件提供，未经修改 Shipped and not changed")
    since: datetime
    until: datetime | None


class WordsOut(BaseModel):
    """词条列表."""

    items: list[WordOut]
    next: str | None


class WordListOut(BaseModel):
    """词表."""

    list: str
    words: int


class WordListsOut(BaseModel):
    """词表目录."""

    items: list[WordListOut]
    next: None = None


class SwitchIn(BaseModel):
    """规则开关."""

    model_config = ConfigDict(extra="forbid")

    rule: str = Field(max_length=60)
    on: bool
    reason: str = Field(max_length=1000)


class ReadingIn(BaseModel):
    """审定读音."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=60)
    reading: str = Field(max_length=500, description="带声调的音节，空格分开 Syllables with tone marks")
    unit: Annotated[str, Field(pattern=r"^[0-9]{2,12}$")] | None = None
    source: str = Field(max_length=500)
    reason: str = Field(max_length=1000)


class RespellIn(BaseModel):
    """改拼写：按审定读音."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=60)
    unit: Annotated[str, Field(pattern=r"^[0-9]{2,12}$")] | None = None
    numbers: Annotated[list[int], Field(max_length=respell.MOST)] | None = Field(
        None, description="只改这些编号；不填则全部 These alone; all where none are given"
    )
    reason: str = Field(max_length=1000)


class RespelledOut(BaseModel):
    """拼写与审定读音不同的地名."""

    number: int
    name: str
    category: str
    unit_code: str
    romanization: str = Field(description="现有拼写 The present spelling")
    spelled: str = Field(description="按审定读音的拼写 The spelling of the settled reading")


class RespelledListOut(BaseModel):
    """拼写与审定读音不同的地名."""

    items: list[RespelledOut]
    next: str | None


class SettingOut(BaseModel):
    """一项审查设置."""

    kind: str
    key: str
    value: dict[str, Any]
    reason: str


class SettingsOut(BaseModel):
    """审查设置."""

    items: list[SettingOut]
    next: None = None


def word_out(row: NamingWord) -> dict[str, Any]:
    """A version of a word for the reader."""
    fields = ("list", "word", "kind", "severity", "match", "source", "licence", "reason")
    return {
        **{name: getattr(row, name) for name in fields},
        "shipped": row.made_by is None,
        "since": row.recorded.lower,
        "until": row.recorded.upper,
    }


@router.get(LISTS, summary="词表目录 Word lists", response_model=WordListsOut)
def lists(session: Reading) -> Any:
    """每个词表的词条数。How many words each list holds."""
    return {"items": [{"list": k, "words": n} for k, n in naming_words.counts(session).items()], "next": None}


@router.get(
    LISTS + "/{list_name}",
    summary="一个词表的词条 Words of a list",
    response_model=WordsOut,
    responses=problems(edit_words.NoSuchList),
)
def words(
    list_name: str,
    session: Reading,
    q: Annotated[str, Query(max_length=60, pattern=r"^[^\x00]*$", description="含有 Holding")] = "",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """现行词条，含已停用的。Words as they are now, those taken off too."""
    if list_name not in KINDS:
        raise edit_words.NoSuchList(given=list_name[:40], known=" ".join(KINDS))
    rows = naming_words.words_like(
        session, q, list_name=list_name, after=(list_name, decode(cursor, str, "")), limit=limit
    )
    return page([word_out(r) for r in rows], limit, lambda row: row["word"])


@router.get(
    LISTS + "/{list_name}/history",
    summary="一个词条的历史 History of a word",
    response_model=WordsOut,
)
def history(
    list_name: str, session: Reading, word: Annotated[str, Query(max_length=60, pattern=r"^[^\x00]*$")]
) -> Any:
    """所有版本，最新在前。All versions, the newest first."""
    rows = naming_words.history(session, list_name, word)
    return {"items": [word_out(r) for r in rows], "next": None}


@router.post(
    LISTS + "/{list_name}",
    summary="增改词条 Add or change a word",
    response_model=WordOut,
    responses=problems(edit_words.NoSuchList, edit_words.BadWord, edit_words.Unchanged),
)
def put(list_name: str, body: WordIn, actor: Acting, session: Writing) -> Any:
    """新增、升降级或停用，须写明理由；升级软件不会改回。Add, promote, demote or take off, with a reason; a new
    release leaves it as it is."""
    return word_out(edit_words.put_word(session, actor, list_name, **body.model_dump()))


@router.get("/api/v1/naming-settings", summary="审查设置 Settings of the rules", response_model=SettingsOut)
def settings(session: Reading) -> Any:
    """规则开关、通名阈值、审定读音。Switches of rules, thresholds of generic parts, settled readings."""
    rows = naming_words.current_settings(session)
    entered = {row.key for row in rows if row.kind == "threshold"}
    shipped = [
        {"kind": "threshold", "key": key, "value": dict(value), "reason": naming_words.SHIPPED}
        for key, value in naming_words.thresholds(session).items()
        if key not in entered
    ]
    return {
        "items": [
            *({"kind": r.kind, "key": r.key, "value": r.value, "reason": r.reason} for r in rows),
            *shipped,
        ],
        "next": None,
    }


@router.post(
    "/api/v1/naming-settings/switches",
    summary="开关一条规则 Switch a rule",
    response_model=SettingOut,
    responses=problems(edit_words.NoSuchRule, edit_words.Unchanged),
)
def switch(body: SwitchIn, actor: Acting, session: Writing) -> Any:
    """停用或启用一条命名规则，须写明理由。Switch a naming rule off or on, with a reason."""
    row = edit_words.switch_rule(session, actor, body.rule, on=body.on, reason=body.reason)
    return {"kind": row.kind, "key": row.key, "value": row.value, "reason": row.reason}


@router.post(
    "/api/v1/naming-settings/readings",
    summary="审定读音 Settle a reading",
    response_model=SettingOut,
    responses=problems(edit_words.BadReading, edit_words.Unchanged),
)
def settle(body: ReadingIn, actor: Acting, session: Writing) -> Any:
    """审定一个读音，可限于一个政区。Settle a reading, in one unit or everywhere."""
    row = edit_words.settle_reading(
        session,
        actor,
        body.text,
        reading=body.reading,
        unit=body.unit,
        source=body.source,
        reason=body.reason,
    )
    return {"kind": row.kind, "key": row.key, "value": row.value, "reason": row.reason}


@router.get(
    "/api/v1/naming-settings/readings/spellings",
    summary="与审定读音不同的拼写 Spellings that a settled reading changes",
    response_model=RespelledListOut,
    responses=problems(respell.NotSettled),
)
def spellings(
    actor: Acting,
    session: Reading,
    text: Annotated[str, Query(min_length=1, max_length=60)],
    unit: Annotated[str | None, Query(pattern=r"^[0-9]{2,12}$")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """审定读音之前入库、拼写与之不同的地名；自有审定读音的除外。Names that were entered before, and are spelled
    otherwise; those whose own reading was settled are left out."""
    found = respell.offered(session, actor, text, unit, after=decode(cursor, int, 0), limit=limit)
    return {
        "items": [_spelled(each) for each in found[:limit]],
        "next": encode(found[limit - 1].number) if len(found) > limit else None,
    }


@router.post(
    "/api/v1/naming-settings/readings/spellings",
    summary="按审定读音改拼写 Spell names after a settled reading",
    response_model=RespelledListOut,
    responses=problems(respell.NotSettled, edit_words.Unchanged),
)
def put_spellings(body: RespellIn, actor: Acting, session: Writing) -> Any:
    """每个地名写一个新版本，可逐个恢复。Every name gets a new version, which can be undone like any other."""
    changed = respell.respell(session, actor, body.text, body.unit, reason=body.reason, numbers=body.numbers)
    return {"items": [_spelled(each) for each in changed], "next": None}


def _spelled(each: Otherwise) -> dict[str, Any]:
    names = ("number", "name", "category", "unit_code", "romanization", "spelled")
    return {name: getattr(each, name) for name in names}
