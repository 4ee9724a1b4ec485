"""The daily digest: due dates that have become known are worked out, the day's digests kept, and mailed where a mail server
is configured. Nothing is sent without one.
"""

from __future__ import annotations

import logging
import os
import re
import smtplib
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from sqlalchemy.orm import Session, sessionmaker

from api.acts import remind
from geo import days
from geo.approvals import holidays
from geo.approvals.clocks import limits
from geo.approvals.digest import Digest, DueDuty
from geo.approvals.holidays import CalendarUnknown
from geo.settings import district
from geo.store import punctuality
from geo.terms import UserRole

log = logging.getLogger("yudi.worker")

TASK = "daily_digest"
#: 23:30 UTC is half past seven in China, before offices open.
CRON = "30 23 * * *"
TIMEOUT = 20.0
MONDAY = 0
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}")


@dataclass(frozen=True, slots=True)
class MailSettings:
    """url: smtp(s)://user:password@host:port (`YUDI_SMTP_URL`); sender (`YUDI_MAIL_FROM`); domain that a login name without
    one is completed with (`YUDI_MAIL_DOMAIN`)."""

    url: str
    sender: str
    domain: str | None = None

    @classmethod
    def from_environment(cls) -> MailSettings | None:
        """The settings; None where no mail server is configured. Raises ValueError for ones that are not in order."""
        url = os.environ.get("YUDI_SMTP_URL", "").strip()
        if not url:
            return None
        parts, sender = urlsplit(url), os.environ.get("YUDI_MAIL_FROM", "").strip()
        if parts.scheme not in ("smtp", "smtps", "smtp+starttls") or not parts.hostname:
            raise ValueError("YUDI_SMTP_URL is smtp://, smtp+starttls:// or smtps:// with a host")
        if not _ADDRESS.fullmatch(sender):
            raise ValueError("YUDI_MAIL_FROM is no mail address")
        return cls(url, sender, os.environ.get("YUDI_MAIL_DOMAIN", "").strip() or None)

    def address_of(self, login: str) -> str | None:
        """Where a person's mail goes; None where the login name is none and no domain is configured."""
        address = login if "@" in login else f"{login}@{self.domain}" if self.domain else ""
        return address if _ADDRESS.fullmatch(address) else None


def run(sessions: sessionmaker[Session], on: date | None = None) -> list[Digest]:
    """The work of one morning. Mail only on working days, or where the holiday table does not say."""
    day = on or days.today()
    with sessions.begin() as session:
        settled = punctuality.settle_unknown(session)
    if settled:
        log.info("%s due dates have become known", settled)
    if last := holidays.ends_soon(day):
        log.warning("the holiday table ends on %s: limits in working days beyond it are open", last)
    with sessions() as session:
        found = remind.digests(session, district().code, day)
    remind.keep(found, day)
    settings = MailSettings.from_environment()
    if settings is not None and _works(day):
        send(settings, messages(settings, found, day))
    return found


def _works(day: date) -> bool:
    try:
        return holidays.is_working_day(day)
    except CalendarUnknown:
        return True


def messages(settings: MailSettings, found: Iterable[Digest], on: date) -> list[EmailMessage]:
    """One message for each officer who has something to see to and an address."""
    made = []
    for one in found:
        address = settings.address_of(one.officer.login)
        ends = _calendar_ends(one, on)
        # Of the table alone an administrator hears once a week.
        if address is None or (one.empty and not (ends and on.weekday() == MONDAY)):
            continue
        message = EmailMessage()
        message["Subject"] = (
            f"地名审批提醒 {on.isoformat()}：逾期 {len(one.overdue)}，今日到期 {len(one.today)}，即将到期 {len(one.soon)}"
        )
        message["From"], message["To"] = settings.sender, address
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("\n".join(_lines(one, ends)))
        made.append(message)
    return made


def _calendar_ends(one: Digest, on: date) -> str:
    """What those who can add to the holiday table are told ahead: until when it reaches, and where the rows go."""
    last = holidays.ends_soon(on)
    if last is None or UserRole.ADMINISTRATOR not in one.officer.roles:
        return ""
    return (
        f"【节假日表】只录到 {last.isoformat()}，此后的工作日期限无法推算：请把国务院办公厅 {holidays.next_year()} 年放假通知的安排"
        "写入 YUDI_HOLIDAYS 所指的 CSV（格式同 data/approvals/holidays.csv，见 docs/clocks.md），然后重启。"
    )


def _lines(one: Digest, ends: str = "") -> Iterable[str]:
    if ends:
        yield ends
        yield ""
    for title, duties in (("逾期", one.overdue), ("今日到期", one.today), ("即将到期", one.soon)):
        if duties:
            yield f"【{title}】"
            yield from (_line(duty) for duty in duties)
            yield ""
    site = os.environ.get("YUDI_PUBLIC_URL", "").rstrip("/")
    if site:
        yield f"{site}/digest"


def _line(duty: DueDuty) -> str:
    mark = "（演示数据）" if duty.demo else ""
    return f"{duty.due.isoformat()}　{limits()[duty.limit_id].title.zh}　{duty.name or duty.number}（{duty.number}）{mark}"


def _server(settings: MailSettings) -> smtplib.SMTP:
    parts = urlsplit(settings.url)
    assert parts.hostname is not None
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(parts.hostname, parts.port or 465, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(parts.hostname, parts.port or 587, timeout=TIMEOUT)
    if parts.scheme == "smtp+starttls":
        server.starttls(context=context)
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server


def send(
    settings: MailSettings,
    letters: list[EmailMessage],
    connect: Callable[[MailSettings], smtplib.SMTP] = _server,
) -> int:
    """Send them; how many went. A server that does not answer is said in the log: the page has the same words, and a
    second attempt could send some twice."""
    sent = 0
    if not letters:
        return 0
    try:
        with connect(settings) as server:
            for letter in letters:
                try:
                    server.send_message(letter)
                    sent += 1
                except smtplib.SMTPRecipientsRefused:
                    log.warning("a digest was refused by the mail server for its recipient")
    except (OSError, smtplib.SMTPException) as error:
        log.error("%s of %s digests mailed: %s", sent, len(letters), type(error).__name__)
    return sent
