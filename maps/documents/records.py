"""Records (备案、公告): filing form, filing report, announcement."""

from __future__ import annotations

from datetime import date

from maps.documents import facts as f
from maps.documents.notices import moment
from maps.documents.paper import Block, Code, Grid, Head, Paper, Paragraph, day, reference, say
from maps.documents.wording import REGULATION, action, attached, names_table, subject


def filing(facts: f.Filing) -> Paper:
    """地名备案登记表, one form a name: the fields of the census form (普查登记表) with those of the approval."""
    names, figures = attached(facts)
    blocks: list[Block] = []
    for i, place in enumerate(facts.places):
        if i:
            blocks.append(Paragraph("地名备案登记表", "centre", page_break=True))
        blocks.append(_form(facts, place, i, names))
    return Paper(
        Head.FORM, "", f"备案编号：{say(facts.number)}", "地名备案登记表", tuple(blocks), say(facts.issuer.name),
        facts.on, facts.demo, attachments=names, signed=False, figures=figures,
    )  # fmt: skip


def _form(facts: f.Filing, place: f.Place, serial: int, enclosed: tuple[str, ...]) -> Grid:
    several = f"（{serial + 1}/{len(facts.places)}）" if len(facts.places) > 1 else ""
    where = (
        f"{degrees(place.lon, 'EW')}，{degrees(place.lat, 'NS')}"
        if None not in (place.lon, place.lat)
        else ""
    )
    rows: list[tuple[str, ...]] = [
        ("标准名称", say(place.name) + several, "事项", action(place)),
        ("罗马字母拼写", say(place.romanization), "原名", say(place.former)),
        ("地名类别", say(place.category), "类别代码", say(place.category_code)),
        ("地名代码", say(place.place_code), "申请编号", say(facts.case)),
        ("所在（跨）行政区", say(place.unit)),
        ("位置描述", say(place.position)),
        ("经纬度", where),
        ("地理实体描述", say(place.entity)),
        ("地名含义", say(place.meaning)),
        ("地名来历", say(place.origin)),
        ("历史沿革", say(place.history)),
        ("批准机关", say(facts.authority), "批准时间", day(facts.approved_on)),
        ("批准文件", reference(facts.approval.title, facts.approval.number, facts.approval.on)),
        ("报送机关", say(facts.issuer.name), "备案机关", say(facts.receiver)),
        ("附送材料", "；".join(f"{i}. {say(t)}" for i, t in enumerate(facts.materials, 1))),
        *([("附件", "；".join(enclosed))] if enclosed else []),
        ("资料来源", say(place.sources)),
        ("登记人", say(facts.registrar), "登记时间", _written(facts.registered_on)),
        ("备案意见", "", "备案时间", "    年    月    日"),
        ("备注", say(place.remarks)),
    ]
    return Grid(tuple(rows), tall=((len(rows) - 2, 16.0),))


def filing_report(facts: f.FilingReport) -> Paper:
    """备案报告: goes with the forms to the office that files (条例第十三条, 实施办法第六条)."""
    blocks: list[Block] = [
        Paragraph(
            f"{say(facts.authority)}于{day(facts.approved_on)}以"
            f"{reference(facts.approval.title, facts.approval.number, facts.approval.on)}批准{subject(facts)}。"
            f"根据{REGULATION}第十三条，现将有关材料报送你机关备案。"
            + (f"备案期限至{day(facts.due)}。" if facts.due else "")
        ),
        names_table(facts.places),
        Paragraph("地名备案登记表及有关电子文本已按规定填报，请予备案。"),
    ]
    names, figures = attached(facts)
    listed = ("地名备案登记表", *(say(title) for title in facts.materials), *names)
    office = say(facts.issuer.name)
    return Paper(
        Head.OFFICIAL, say(facts.issuer.letterhead) or f"{office}文件", say(facts.number),
        f"{office}关于{subject(facts)}的备案报告", tuple(blocks), office, facts.on, facts.demo,
        addressee=say(facts.receiver), attachments=listed,
        note=f"（{say(facts.contact)}）" if facts.contact else "", cc=tuple(map(say, facts.cc)), printed=True,
        figures=figures,
    )  # fmt: skip


def announcement(facts: f.Announcement) -> Paper:
    """地名公告, with the head of the audit chain for whoever keeps a copy."""
    earlier = facts.corrects or facts.withdraws
    approved = reference(facts.approval.title, facts.approval.number, facts.approval.on)
    why = say(facts.why).rstrip("。")
    if earlier is not None:
        old = reference(earlier.title, earlier.number, earlier.on)
        done = "更正如下" if facts.corrects else "予以撤回"
        opening = f"现对{old}{done}{'：' if facts.corrects else '。'}"
        opening = f"因{why}，{opening}" if why else opening
    else:
        opening = f"根据{REGULATION}第十四条，现将{say(facts.authority)}批准的{subject(facts)}公告如下："
    blocks: list[Block] = [Paragraph(opening)]
    if len(facts.places) == 1:
        blocks.append(_one(facts, facts.places[0], approved))
    elif facts.places:
        blocks.append(names_table(facts.places))
        blocks.append(
            Grid(
                (
                    ("批准机关", say(facts.authority), "批准时间", day(facts.approved_on)),
                    ("批准文件", approved),
                )
            )
        )
    if earlier is not None:
        blocks.append(Paragraph("原公告和本公告均公开保留，以备查考。"))
    else:
        blocks.append(Paragraph(_effect(facts)))
    names, figures = attached(facts)
    kind = "更正" if facts.corrects else "撤回" if facts.withdraws else ""
    office = say(facts.issuer.name)
    return Paper(
        Head.OFFICIAL, say(facts.issuer.letterhead) or f"{office}公告", say(facts.number),
        f"关于{kind}{subject(facts)}的公告", tuple(blocks), office, facts.on, facts.demo, attachments=names,
        note=f"（{say(facts.contact)}）" if facts.contact else "", figures=figures,
        code=Code(say(facts.url), chain_lines(facts.head, facts.url)),
    )  # fmt: skip


def _one(facts: f.Announcement, place: f.Place, approved: str) -> Grid:
    rows: list[tuple[str, ...]] = [
        ("标准名称", say(place.name), "罗马字母拼写", say(place.romanization)),
        ("地名类别", say(place.category), "事项", action(place)),
    ]
    rows += [("原名", say(place.former))] if place.former else []
    rows += [("所属政区", say(place.unit)), ("位置描述", say(place.position))]
    rows += [("地名含义", say(place.meaning))] if place.meaning else []
    rows += [
        ("批准机关", say(facts.authority), "批准时间", day(facts.approved_on)),
        ("批准文件", approved),
    ]
    return Grid(tuple(rows))


def _effect(facts: f.Announcement) -> str:
    """What the announcement changes: which names stand now, which no longer."""
    ends = any(place.action.value == "abolition" for place in facts.places)
    begins = any(place.action.value != "abolition" for place in facts.places)
    texts = ["上述名称为标准地名，请社会各界依法规范使用"] if begins else []
    if begins and ends:
        texts = ["上述命名、更名的名称为标准地名，请社会各界依法规范使用"]
    texts += ["销名的地名自公告之日起不再作为标准地名使用"] if ends else []
    return "；".join(texts) + "。"


def chain_lines(head: f.ChainHead, url: str) -> tuple[str, ...]:
    """The audit chain's head as printed: entry, digest in groups of eight that can be read aloud, when, where."""
    digest = say(head.digest).lower()
    groups = " ".join(digest[i : i + 8] for i in range(0, len(digest), 8))
    when = f"（{moment(head.at)}）" if head.at else ""
    return (
        f"审计链链头：第 {head.number} 条{when}",
        f"哈希 {groups}",
        "保存本公告即持有链头，此前的记录如被改动即可核对发现。",
        f"公告网址：{say(url)}",
    )


def degrees(value: float | None, letters: str) -> str:
    """东经106°37′52.3″: an angle in degrees, minutes and seconds, the carry of 60″ included. letters: EW or NS."""
    if value is None:
        return ""
    side = {"E": "东经", "W": "西经", "N": "北纬", "S": "南纬"}[letters[0] if value >= 0 else letters[1]]
    tenths = round(abs(value) * 36_000)
    minutes, seconds = divmod(tenths, 600)
    whole, minutes = divmod(minutes, 60)
    return f"{side}{whole}°{minutes:02d}′{seconds / 10:04.1f}″"


def _written(on: date | None) -> str:
    """A date, or room to write one."""
    return day(on) if on else "    年    月    日"
