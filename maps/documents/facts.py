"""What each document (公文、文书) says: one frozen class a document, one for what several share.

Every text may hold anything that a user typed: it is printed as it stands, never read as markup. Dates are
those of the record, not of the moment of printing: the same facts give the same bytes. An empty text or
tuple leaves its line or section out; only what a form must show (登记表) is then left blank to write in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from geo.terms import ApplicationAction
from maps.sheets.sheet import Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An office (机关): its full name, and how to reach it. letterhead: the red head (发文机关标志) where it is
    not the name; seat: the place named in announcements and notices."""

    name: str
    letterhead: str = ""
    address: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One name (地名) of an application, decision or announcement.

    action: what is asked or decided for it. name: the name proposed or approved; of an abolition the name
    that ends. former: 原名, of a renaming. category: 地名类别. unit: 所属政区 in full (重庆市渝北区统景镇).
    position: 位置描述. entity: 地理实体描述 (size, nature). lon, lat: EPSG:4490 degrees, its middle.
    place_code: 地名代码 of 20 digits; category_code: GB/T 18521. since: 命名时间 of an existing name.
    """

    action: ApplicationAction
    name: str
    romanization: str
    category: str
    unit: str
    position: str
    former: str = ""
    former_romanization: str = ""
    reasons: str = ""
    meaning: str = ""
    origin: str = ""
    history: str = ""
    entity: str = ""
    place_code: str = ""
    category_code: str = ""
    lon: float | None = None
    lat: float | None = None
    sources: str = ""
    remarks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason with the article it rests on (理由及依据). article: 《地名管理条例》第九条第一款第（七）项 …"""

    text: str
    article: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One thing to supplement (补正内容). what: the paper or fact; how: what exactly to hand in or mend."""

    what: str
    how: str = ""
    article: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A name that is not approved (不予批准的地名), and why."""

    place: Place
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedies:
    """Where to turn against a decision (救济途径). 行政复议法: 60 days; 行政诉讼法: 6 months.

    reconsideration: the government that reconsiders (行政复议机关). court: the words for the court that has
    jurisdiction, unless a certain one is known.
    """

    reconsideration: str
    court: str = "有管辖权的人民法院"
    days: int = 60
    months: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Another document (文件引用): its title, number (文号) and date, as far as known."""

    title: str
    number: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """The head of the audit chain (审计链链头) when the announcement was made: number of the last entry, its
    hash in hexadecimal (SM3 or SHA-256, as the entry says), and when that entry was written, with its zone."""

    number: int
    digest: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What every document has.

    number: 文号, from `document_number`; of a receipt the number of the application. issuer: 发文机关.
    on: 成文日期. case: 申请编号 of the application. places: one name, or those of a plan in its order.
    plan: the plan's title (地名方案), empty for one name. demo: made of demonstration data, which is then
    said on every page. sheet: the attached map (附图). cc: 抄送. contact: 联系人及电话, as the office gives it.
    """

    number: str
    issuer: Office
    on: date
    case: str
    places: tuple[Place, ...]
    plan: str = ""
    demo: bool = False
    sheet: Sheet | None = None
    cc: tuple[str, ...] = ()
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(Facts):
    """申请回执. received_at: with its zone. url: the address where the status is asked, printed as a QR code;
    it must hold no phone number. phone: masked (138****0000). materials: titles of what was handed in."""

    applicant: str
    received_at: datetime
    url: str
    phone: str = ""
    materials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance(Facts):
    """受理通知书. received_on: 收到申请之日. accepted_on: 受理之日, from which the time runs. days: working days
    of the period (办理时限) as it stands by law or promise; due: its last day, None where the working days of that
    year are not announced yet. basis: articles."""

    applicant: str
    received_on: date
    accepted_on: date
    days: int
    due: date | None
    materials: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplement(Facts):
    """补正通知书: all that is missing, told at once (行政许可法第三十二条第一款第（四）项).
    reply_by: the day by which to supplement, where one was set."""

    applicant: str
    received_on: date
    missing: tuple[Missing, ...]
    reply_by: date | None = None
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAccepted(Facts):
    """不予受理通知书. elsewhere: the office to apply to, where another one decides."""

    applicant: str
    received_on: date
    reasons: tuple[Reason, ...]
    remedies: Remedies
    elsewhere: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension(Facts):
    """延长办理期限告知书 (行政许可法第四十二条). days: working days added; due: the new last day, None where it
    is not known yet."""

    applicant: str
    accepted_on: date
    days: int
    due: date | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval(Facts):
    """批复: approved, the whole or (with `refused`) a part of a plan.

    addressee: 主送机关, who asked. request: what is answered (《关于…的请示》). authority: the approving body
    (批准机关) where it is not the issuer; approved_on: 批准时间, the decision's date where not `on`.
    basis: articles. opinions: sentences on opinions sought and reports weighed. duties: what to do next;
    None prints filing and announcement within 15 days and the signs. remedies: with `refused`.
    """

    addressee: str
    request: Reference
    authority: str = ""
    approved_on: date | None = None
    basis: tuple[str, ...] = ()
    opinions: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()
    duties: tuple[str, ...] | None = None
    remedies: Remedies | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Facts):
    """不予批准决定书: with reasons and remedies. `places` may stay empty: `refused` names them."""

    addressee: str
    request: Reference
    refused: tuple[Refused, ...]
    remedies: Remedies


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion(Facts):
    """征求意见复函: to the department that approves this category and asked (条例第十二条).
    agrees: whether the name-office agrees; comments: its opinions in sentences."""

    addressee: str
    request: Reference
    agrees: bool
    comments: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing(Facts):
    """地名备案登记表: a form a name. number: 备案编号, may be empty. receiver: 备案受理机关 (条例第十三条).
    approval: the approving document; authority: 批准机关; approved_on: 批准时间. materials: electronic texts
    attached (实施办法第六条). registrar: 登记人, registered_on: 登记时间; both left blank to write in where empty."""

    receiver: str
    authority: str
    approval: Reference
    approved_on: date
    materials: tuple[str, ...] = ()
    registrar: str = ""
    registered_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingReport(Facts):
    """备案报告, which goes with the forms. due: the fifteenth day after approval (条例第十三条)."""

    receiver: str
    authority: str
    approval: Reference
    approved_on: date
    materials: tuple[str, ...] = ()
    due: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement(Facts):
    """地名公告: 标准名称, 罗马字母拼写, 所属政区, 位置描述, 批准机关, 批准时间 of every name (备案公告管理办法).

    head: the audit chain's head, printed so that outsiders hold it. url: permanent address, also a QR code.
    corrects, withdraws: the earlier announcement that this one mends or takes back, with `why`; both stay
    in the record.
    """

    authority: str
    approval: Reference
    approved_on: date
    head: ChainHead
    url: str
    corrects: Reference | None = None
    withdraws: Reference | None = None
    why: str = ""


def document_number(prefix: str, year: int, serial: int) -> str:
    """发文字号 by year: 渝北民地〔2024〕7号. The year stands in hexagonal brackets, the serial is not padded.

    Raises ValueError for a serial below 1 or a year not of four digits.
    """
    if serial < 1 or not 1000 <= year <= 9999:
        raise ValueError(f"no document number: {year}, {serial}")
    return f"{prefix}〔{year}〕{serial}号"
