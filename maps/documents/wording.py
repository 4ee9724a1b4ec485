"""Wording (用语) that several documents share: names and actions in sentences, remedies, tables of names."""

from __future__ import annotations

from collections.abc import Sequence

from geo.approvals import titles
from geo.terms import APPLICATION_ACTION_NAMES
from maps.documents.facts import Facts, Place, Reason, Refused, Remedies
from maps.documents.paper import Figure, Paragraph, Table, say, sentence

REGULATION = "《地名管理条例》"
LICENSING = "《中华人民共和国行政许可法》"


def action(place: Place) -> str:
    """命名, 更名 or 销名."""
    return APPLICATION_ACTION_NAMES[place.action].zh


def matter(place: Place) -> titles.Matter:
    """A name as titles speak of it."""
    return titles.Matter(place.action, say(place.name), say(place.former))


def proposal(place: Place) -> str:
    """What is asked for one name, as a noun: “翠云路”命名, “甲村”更名为“乙村”, “丙桥”销名."""
    return titles.proposal(matter(place))


def subject(facts: Facts, places: Sequence[Place] | None = None) -> str:
    """What a document is about: the one name, the plan, or the first of several names."""
    places = facts.places if places is None else places
    return titles.subject([matter(p) for p in places], say(facts.plan))


def spelt(place: Place) -> str:
    """“翠云路”（罗马字母拼写：Cuìyún Lù）."""
    roman = say(place.romanization)
    return f"“{say(place.name)}”" + (f"（罗马字母拼写：{roman}）" if roman else "")


def reason(given: Reason) -> str:
    """A reason with its article, as one sentence."""
    text, article = say(given.text).rstrip("。"), say(given.article)
    return sentence(f"{text}（依据：{article}）" if article else text)


def numbered(reasons: Sequence[Reason]) -> tuple[Paragraph, ...]:
    """Reasons one below the other; one alone has no number."""
    if len(reasons) == 1:
        return (Paragraph(reason(reasons[0])),)
    return tuple(Paragraph(f"{i}. {reason(given)}") for i, given in enumerate(reasons, 1))


def remedies(given: Remedies, what: str) -> Paragraph:
    """救济途径 (行政复议法第二十条、行政诉讼法第四十六条; 行政许可法第三十八条 asks for them)."""
    return Paragraph(
        f"如不服{what}，可以自收到{what}之日起{given.days}日内向{say(given.reconsideration)}申请行政复议，"
        f"也可以自收到{what}之日起{given.months}个月内依法向{say(given.court)}提起行政诉讼。"
    )


def names_table(places: Sequence[Place]) -> Table:
    """The names of a plan: what a decision or announcement states of each. The action and the former name are
    columns only where they say something."""
    several = len({place.action for place in places}) > 1
    former = any(place.former for place in places)
    rows = []
    for i, place in enumerate(places, 1):
        row = [str(i)]
        row += [action(place)] if several else []
        row += [say(place.former) or "—"] if former else []
        row += [
            say(text) for text in (place.name, place.romanization, place.category, place.unit, place.position)
        ]
        rows.append(tuple(row))
    columns = [
        "序号",
        *["事项"] * several,
        *["原名"] * former,
        "标准名称",
        "罗马字母拼写",
        "类别",
        "所属政区",
        "位置描述",
    ]
    shares = [0.9, *[1.0] * several, *[1.7] * former, 1.8, 2.1, 1.4, 2.0, 3.0]
    return Table(tuple(columns), tuple(rows), tuple(shares))


def refused_blocks(refused: Sequence[Refused]) -> tuple[Paragraph | Table, ...]:
    """Names not approved, each with its own reasons: one in paragraphs, several in a table."""
    if len(refused) == 1:
        return numbered(refused[0].reasons)
    rows = tuple(
        (str(i), proposal(one.place), "".join(reason(given) for given in one.reasons))
        for i, one in enumerate(refused, 1)
    )
    return (Table(("序号", "申请事项", "不予批准的理由及依据"), rows, (0.7, 3.0, 6.0)),)


def materials(titles: Sequence[str]) -> Paragraph:
    """Papers handed in, in one paragraph."""
    listed = "；".join(f"{i}. {say(title)}" for i, title in enumerate(titles, 1))
    return Paragraph(sentence(f"收到的材料：{listed}"))


def attached(facts: Facts) -> tuple[tuple[str, ...], tuple[Figure, ...]]:
    """附件说明 and the attached map, where there is one."""
    if facts.sheet is None:
        return (), ()
    title = say(facts.sheet.title)
    return (title,), (Figure(facts.sheet, "附件"),)
