"""Notices (通知书) of an application's way: receipt, acceptance, supplement, non-acceptance, extension."""

from __future__ import annotations

from datetime import date, datetime

from geo.days import SHANGHAI
from maps.documents import facts as f
from maps.documents.paper import Block, Code, Grid, Head, Paper, Paragraph, Table, day, say
from maps.documents.wording import (
    LICENSING,
    action,
    attached,
    materials,
    names_table,
    numbered,
    proposal,
    remedies,
    subject,
)


def receipt(facts: f.Receipt) -> Paper:
    """申请回执: number, what was received, and where to ask for the status."""
    rows: list[tuple[str, ...]] = [
        ("申请编号", say(facts.case)),
        ("申请人", say(facts.applicant), "联系电话", say(facts.phone)),
        ("收到时间", moment(facts.received_at)),
    ]
    if facts.plan:
        rows.append(("地名方案", say(facts.plan)))
    if len(facts.places) == 1:
        place = facts.places[0]
        rows += [
            ("申请事项", proposal(place)),
            ("罗马字母拼写", say(place.romanization), "地名类别", say(place.category)),
            ("所属政区", say(place.unit)),
            ("位置", say(place.position)),
        ]
    else:
        rows.append(("申请事项", f"地名{_actions(facts)}，共{len(facts.places)}件（见下表）"))
    if facts.materials:
        rows.append(("收到的材料", "；".join(f"{i}. {say(t)}" for i, t in enumerate(facts.materials, 1))))
    blocks: list[Block] = [Grid(tuple(rows))]
    if len(facts.places) > 1:
        blocks.append(names_table(facts.places))
    blocks += [
        Paragraph(
            f"本回执只证明收到申请。材料不齐全或者不符合法定形式的，本机关当场或者在五日内一次告知需要补正的全部内容；"
            f"逾期不告知的，自收到申请材料之日起即为受理（{LICENSING}第三十二条）。",
            "note",
        ),
    ]
    return Paper(
        Head.FORM, "", "", "地名申请回执", tuple(blocks), say(facts.issuer.name), facts.on,
        facts.demo, note=_contact(facts),
        code=Code(
            say(facts.url),
            ("扫码查询办理进度", f"或打开 {say(facts.url)}", "输入申请编号和申请时所留电话"),
        ),
    )  # fmt: skip


def acceptance(facts: f.Acceptance) -> Paper:
    """受理通知书 (行政许可法第三十二条)."""
    basis = "、".join(say(article) for article in facts.basis) or f"{LICENSING}第三十二条第一款第（五）项"
    blocks: list[Block] = [
        Paragraph(
            f"本机关于{day(facts.received_on)}收到你（单位）关于{subject(facts)}的申请（申请编号：{say(facts.case)}）。"
            f"经审查，申请事项属于本机关职权范围，申请材料齐全、符合法定形式。根据{basis}，"
            f"决定自{day(facts.accepted_on)}起予以受理。"
        )
    ]
    if len(facts.places) > 1:
        blocks.append(names_table(facts.places))
    if facts.materials:
        blocks.append(materials(facts.materials))
    blocks.append(
        Paragraph(
            f"办理时限为{facts.days}个工作日，自受理之日起计算{_until(facts.due)}。"
            "补正、征求意见、专家论证等依法不计入时限的时间除外；时限有变动的，另行告知。"
        )
    )
    return _letter(facts, "受理通知书", facts.applicant, blocks, facts.url)


def supplement(facts: f.Supplement) -> Paper:
    """补正通知书: all at once."""
    rows = tuple(
        (str(i), say(one.what), say(one.how) or "—", say(one.article) or "—")
        for i, one in enumerate(facts.missing, 1)
    )
    until = f"请于{day(facts.reply_by)}前补正；确需更多时间的，请在此前书面说明。" if facts.reply_by else ""
    blocks: list[Block] = [
        Paragraph(
            f"本机关于{day(facts.received_on)}收到你（单位）关于{subject(facts)}的申请（申请编号：{say(facts.case)}）。"
            f"经审查，申请材料不齐全或者不符合法定形式。根据{LICENSING}第三十二条第一款第（四）项，"
            f"现将需要补正的全部内容一次告知如下（共{len(rows)}项）："
        ),
        Table(("序号", "需要补正的内容", "补正要求", "依据"), rows, (0.8, 3.4, 4.2, 2.8)),
        Paragraph(f"{until}按本通知提交全部补正材料的，本机关予以受理。补正所需时间不计入办理时限。"),
    ]
    return _letter(facts, "补正通知书", facts.applicant, blocks, facts.url)


def not_accepted(facts: f.NotAccepted) -> Paper:
    """不予受理通知书, with the office to turn to and the remedies."""
    blocks: list[Block] = [
        Paragraph(
            f"本机关于{day(facts.received_on)}收到你（单位）关于{subject(facts)}的申请（申请编号：{say(facts.case)}）。"
            f"根据{LICENSING}第三十二条，决定不予受理。理由如下："
        ),
        *numbered(facts.reasons),
    ]
    if facts.elsewhere:
        blocks.append(Paragraph(f"该事项请向{say(facts.elsewhere)}申请。"))
    blocks.append(remedies(facts.remedies, "本通知书"))
    return _letter(facts, "不予受理通知书", facts.applicant, blocks)


def extension(facts: f.Extension) -> Paper:
    """延长办理期限告知书 (行政许可法第四十二条: the reasons are told)."""
    blocks: list[Block] = [
        Paragraph(
            f"本机关于{day(facts.accepted_on)}受理你（单位）关于{subject(facts)}的申请（申请编号：{say(facts.case)}）。"
            f"因下列理由不能在规定的时限内作出决定，根据{LICENSING}第四十二条，经本机关负责人批准，"
            f"延长{facts.days}个工作日{_until(facts.due)}："
        ),
        *numbered(facts.reasons),
    ]
    return _letter(facts, "延长办理期限告知书", facts.applicant, blocks)


def _letter(facts: f.Facts, title: str, to: str, blocks: list[Block], url: str = "") -> Paper:
    names, figures = attached(facts)
    return Paper(
        Head.LETTER, say(facts.issuer.letterhead or facts.issuer.name), say(facts.number), title, tuple(blocks),
        say(facts.issuer.name), facts.on, facts.demo, addressee=say(to), attachments=names,
        note=_contact(facts), cc=tuple(say(one) for one in facts.cc), figures=figures,
        code=Code(say(url), ("扫码查询", "办理进度")) if url else None,
    )  # fmt: skip


def moment(at: datetime) -> str:
    """2024年5月1日 9时05分, Beijing time."""
    here = at.astimezone(SHANGHAI)
    return f"{day(here.date())} {here.hour}时{here.minute:02d}分"


def _actions(facts: f.Facts) -> str:
    return "、".join(dict.fromkeys(action(place) for place in facts.places))


def _contact(facts: f.Facts) -> str:
    """附注: who to ask, in brackets."""
    office = facts.issuer
    known = [say(facts.contact) or (say(office.phone) and f"电话：{say(office.phone)}")]
    known += [f"地址：{say(office.address)}"] if office.address else []
    text = "；".join(one for one in known if one)
    return f"（{text.rstrip('。')}）" if text else ""


def _until(due: date | None) -> str:
    """The last day, where the year's working days are known by then."""
    return f"，至{day(due)}届满" if due is not None else ""
