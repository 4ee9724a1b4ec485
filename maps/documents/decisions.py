"""Decisions (决定): approval, whole or in part, refusal, and the opinion for another department."""

from __future__ import annotations

from geo.approvals import titles
from geo.terms import ApplicationAction
from maps.documents import facts as f
from maps.documents.paper import Block, Head, Paper, Paragraph, Table, day, ordinal, reference, say, sentence
from maps.documents.wording import (
    REGULATION,
    attached,
    matter,
    names_table,
    numbered,
    reason,
    refused_blocks,
    remedies,
    spelt,
    subject,
)

#: What follows on an approval, where the decision gives nothing else (条例第十三条、第十四条; use of names).
DUTIES = (
    f"自批准之日起15日内，按照{REGULATION}第十三条的规定办理备案，按照第十四条的规定向社会公告。",
    f"公告后，请按照{REGULATION}的规定使用标准地名，并及时设置、更新地名标志。",
)


def approval(facts: f.Approval) -> Paper:
    """批复: what is approved, name by name; what of a plan is not, and why; what follows."""
    blocks: list[Block] = [_received(facts.request, facts.basis)]
    step = iter(range(1, 100))
    for table_or_text in _granted(facts, step):
        blocks.append(table_or_text)
    if facts.refused:
        blocks.append(Paragraph(f"{ordinal(next(step))}、对下列申请事项不予批准："))
        blocks += refused_blocks(facts.refused)
    for text in (*facts.opinions, *(DUTIES if facts.duties is None else facts.duties)):
        blocks.append(Paragraph(f"{ordinal(next(step))}、{sentence(text)}"))
    if facts.refused and facts.remedies:
        blocks.append(remedies(facts.remedies, "本批复"))
    blocks.append(Paragraph("此复。"))
    names, figures = attached(facts)
    office = say(facts.issuer.name)
    return Paper(
        Head.OFFICIAL, say(facts.issuer.letterhead) or f"{office}文件", say(facts.number),
        titles.approval(office, [matter(p) for p in facts.places], say(facts.plan)), tuple(blocks), office, facts.on, facts.demo,
        addressee=say(facts.addressee), attachments=names, note=_note(facts), cc=tuple(map(say, facts.cc)),
        printed=True, figures=figures,
    )  # fmt: skip


def refusal(facts: f.Refusal) -> Paper:
    """不予批准决定书: reasons, then the remedies (许可法第三十八条)."""
    places = facts.places or tuple(one.place for one in facts.refused)
    about = subject(facts, places)
    blocks: list[Block] = [
        Paragraph(
            f"{reference(facts.request.title, facts.request.number, facts.request.on)}收悉。"
            f"经审查，你（单位）关于{about}的申请（申请编号：{say(facts.case)}）不符合地名命名、更名的规定，"
            f"决定不予批准。理由如下："
        ),
        *refused_blocks(facts.refused),
        remedies(facts.remedies, "本决定书"),
    ]
    names, figures = attached(facts)
    return Paper(
        Head.LETTER, say(facts.issuer.letterhead or facts.issuer.name), say(facts.number), "不予批准决定书",
        tuple(blocks), say(facts.issuer.name), facts.on, facts.demo, addressee=say(facts.addressee),
        attachments=names, note=_note(facts), cc=tuple(map(say, facts.cc)), figures=figures,
    )  # fmt: skip


def opinion(facts: f.Opinion) -> Paper:
    """征求意见复函: the place-name office's opinion where another department approves (条例第十二条)."""
    verdict = "无不同意见" if facts.agrees else "有下列意见"
    if facts.agrees and facts.comments:
        verdict = "原则同意，并有下列意见"
    blocks: list[Block] = [
        Paragraph(
            f"{reference(facts.request.title, facts.request.number, facts.request.on)}收悉。根据{REGULATION}第十二条，"
            f"经研究，本机关对{subject(facts)}{verdict}{'：' if facts.comments else '。'}"
        )
    ]
    if len(facts.places) > 1:
        blocks.append(names_table(facts.places))
    blocks += numbered(facts.comments)
    blocks.append(Paragraph(f"批准后，请按照{REGULATION}第十三条的规定报本机关备案。"))
    blocks.append(Paragraph("特此函复。"))
    names, figures = attached(facts)
    office = say(facts.issuer.name)
    return Paper(
        Head.LETTER, say(facts.issuer.letterhead) or office, say(facts.number),
        f"{office}关于{subject(facts)}意见的复函", tuple(blocks), office, facts.on, facts.demo,
        addressee=say(facts.addressee), attachments=names, note=_note(facts), cc=tuple(map(say, facts.cc)),
        figures=figures,
    )  # fmt: skip


def _received(request: f.Reference, basis: tuple[str, ...]) -> Paragraph:
    cited = reference(request.title, request.number, request.on)
    articles = "、".join(say(article) for article in basis)
    return Paragraph(f"{cited}收悉。{f'根据{articles}，' if articles else ''}经研究，现批复如下：")


def _granted(facts: f.Approval, step: object) -> list[Paragraph | Table]:
    """What is approved: one name in sentences, several in a table."""
    count = iter(step)  # type: ignore[call-overload]
    by = f"（批准机关：{say(facts.authority)}" if facts.authority else "（"
    when = facts.approved_on if facts.approved_on and facts.approved_on != facts.on else None
    by += ("，" if facts.authority and when else "") + (f"批准时间：{day(when)}" if when else "")
    by = f"{by}）" if by != "（" else ""
    if not facts.places:
        return []
    if len(facts.places) > 1:
        return [
            Paragraph(f"{ordinal(next(count))}、同意下列{len(facts.places)}件地名{by}："),
            names_table(facts.places),
        ]
    place = facts.places[0]
    blocks: list[Paragraph | Table] = [Paragraph(f"{ordinal(next(count))}、{_grant(place)}{by}。")]
    for label, text in (("地名含义", place.meaning), ("地名来历", place.origin), ("理由", place.reasons)):
        if text:
            blocks.append(Paragraph(sentence(f"{label}：{say(text)}")))
    return blocks


def _grant(place: f.Place) -> str:
    where = f"位于{say(place.unit)}" if place.unit else ""
    where += f"{'、' if where else '位于'}{say(place.position).rstrip('。')}" if place.position else ""
    what = f"的{say(place.category)}" if where else say(place.category)
    if place.action is ApplicationAction.ABOLITION:
        return f"同意{where}{what}{spelt(place)}销名，该地名不再作为标准地名使用"
    if place.action is ApplicationAction.RENAMING:
        former = f"“{say(place.former)}”" if place.former else ""
        return f"同意{where}{what}{former}更名为{spelt(place)}"
    return f"同意{where}{what}命名为{spelt(place)}"


def _note(facts: f.Facts) -> str:
    return f"（{say(facts.contact)}）" if facts.contact else ""


__all__ = ["DUTIES", "approval", "opinion", "reason", "refusal"]
