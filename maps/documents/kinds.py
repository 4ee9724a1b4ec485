"""The kinds of documents (文书种类): title, file name, and the facts each one is made of."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Literal

from geo.text import Text
from maps.documents import facts as f

Form = Literal["pdf", "docx"]

#: Media types of the two forms.
MEDIA_TYPES: dict[str, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class Kind(StrEnum):
    """文书种类. The values are what transitions name in `makes`."""

    RECEIPT = "receipt"
    ACCEPTANCE = "acceptance"
    SUPPLEMENT = "supplement"
    NOT_ACCEPTED = "not_accepted"
    EXTENSION = "extension"
    APPROVAL = "approval"
    REFUSAL = "refusal"
    OPINION = "opinion"
    FILING = "filing"
    FILING_REPORT = "filing_report"
    ANNOUNCEMENT = "announcement"

    @property
    def title(self) -> Text:
        """What the document is called."""
        return TITLES[self]

    @property
    def facts(self) -> type[f.Facts]:
        """The class of the facts that `make` wants."""
        return FACTS[self]

    def file_name(self, number: str, form: Form) -> str:
        """受理通知书-渝北民地〔2024〕7号.pdf: safe on every file system, whatever the number holds."""
        safe = re.sub(r"[^\w〔〕（）\-]", "", number)[:80]
        return f"{self.title.zh}{'-' if safe else ''}{safe}.{form}"


TITLES: dict[Kind, Text] = {
    Kind.RECEIPT: Text("地名申请回执", "Receipt of the application"),
    Kind.ACCEPTANCE: Text("受理通知书", "Notice of acceptance"),
    Kind.SUPPLEMENT: Text("补正通知书", "Notice to supplement"),
    Kind.NOT_ACCEPTED: Text("不予受理通知书", "Notice of non-acceptance"),
    Kind.EXTENSION: Text("延长办理期限告知书", "Notice of extension"),
    Kind.APPROVAL: Text("批复", "Approval"),
    Kind.REFUSAL: Text("不予批准决定书", "Refusal"),
    Kind.OPINION: Text("征求意见复函", "Opinion given to another office"),
    Kind.FILING: Text("地名备案登记表", "Filing form"),
    Kind.FILING_REPORT: Text("地名备案报告", "Filing report"),
    Kind.ANNOUNCEMENT: Text("地名公告", "Announcement"),
}

FACTS: dict[Kind, type[f.Facts]] = {
    Kind.RECEIPT: f.Receipt,
    Kind.ACCEPTANCE: f.Acceptance,
    Kind.SUPPLEMENT: f.Supplement,
    Kind.NOT_ACCEPTED: f.NotAccepted,
    Kind.EXTENSION: f.Extension,
    Kind.APPROVAL: f.Approval,
    Kind.REFUSAL: f.Refusal,
    Kind.OPINION: f.Opinion,
    Kind.FILING: f.Filing,
    Kind.FILING_REPORT: f.FilingReport,
    Kind.ANNOUNCEMENT: f.Announcement,
}
