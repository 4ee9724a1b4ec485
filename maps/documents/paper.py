"""Paper (文面): a document as blocks, before it is set in any form. PDF and docx are made of the same one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from maps.sheets.printable import printable
from maps.sheets.sheet import Sheet


class Head(StrEnum):
    """版式 after GB/T 9704: with a red head (文件格式), a letter (信函格式), or a form without one (表单)."""

    OFFICIAL = "official"
    LETTER = "letter"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph (段落). body: first line two characters in; flush: from the margin; heading: 一、 in 黑体;
    note: small; centre; break_: begins a page."""

    text: str
    style: Literal["body", "flush", "heading", "note", "centre"] = "body"
    page_break: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table (表格): headings, rows of as many texts, and the columns' shares of the width."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A form's grid (登记表): rows of label and value, either one pair over the whole width or two pairs.
    tall: rows that leave room to write, by number, with millimetres."""

    rows: tuple[tuple[str, ...], ...]
    tall: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code (二维码) of an address, with lines of text beside it; no code where there is no address."""

    url: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """An attached map (附图), on a page of its own."""

    sheet: Sheet
    label: str


Block = Paragraph | Table | Grid


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole document. letterhead: 发文机关标志. number: 发文字号. addressee: 主送机关, without the colon.
    attachments: 附件说明. office, on: 署名 and 成文日期; signed: whether both stand under the text.
    code: QR code and its lines. note: 附注. cc: 抄送. printed: whether the foot says who printed it and when (印发)."""

    head: Head
    letterhead: str
    number: str
    title: str
    blocks: tuple[Block, ...]
    office: str
    on: date
    demo: bool
    addressee: str = ""
    attachments: tuple[str, ...] = ()
    signed: bool = True
    note: str = ""
    cc: tuple[str, ...] = ()
    printed: bool = False
    code: Code | None = None
    figures: tuple[Figure, ...] = ()


#: Said at the top of every page of a document made of demonstration data.
DEMO = "演示数据（虚构），不具法律效力 · Demonstration data, no legal effect"


def day(on: date) -> str:
    """2024年5月1日: a date as official papers write it (GB/T 9704 7.3.5.4)."""
    return f"{on.year}年{on.month}月{on.day}日"


def say(text: str) -> str:
    """What a user typed, fit for print."""
    return printable(text)


def sentence(text: str) -> str:
    """A text that closes with a full stop; empty stays empty."""
    text = printable(text)
    return text if not text or text[-1] in "。！？；…" else f"{text}。"


#: 一、二、三 … of headings.
NUMERALS = "一二三四五六七八九十"


def ordinal(number: int) -> str:
    """一 … 十, 十一 … 九十九: the number of a heading, from 1. Raises ValueError outside 1 to 99."""
    if not 1 <= number <= 99:
        raise ValueError(f"no heading has the number {number}")
    tens, ones = divmod(number, 10)
    ten = "" if tens == 0 else "十" if tens == 1 else f"{NUMERALS[tens - 1]}十"
    return ten + (NUMERALS[ones - 1] if ones else "")


def reference(title: str, number: str, on: date | None) -> str:
    """《关于…的请示》（文号，日期）: how another document is cited; by its number alone where the title is not known."""
    title, number = printable(title), printable(number)
    if not title:
        return f"{number}（{day(on)}）" if on else number
    quoted = title if title.startswith("《") else f"《{title}》"
    inside = "，".join(part for part in (number, day(on) if on else "") if part)
    return f"{quoted}（{inside}）" if inside else quoted
