"""地名保护名录: what may happen to a protection list and to its entries, by whom, and what each step needs.

Source: 《地名管理条例》第二十五条; ways of protecting: 《地名管理条例实施办法》. The grounds, the classes and the
ways stand in data/placenames/protection_criteria.csv, each with its source.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from geo.machine import Guard, Machine, Transition
from geo.settings import DATA
from geo.terms import UserRole as R
from geo.text import Text


class ListKind(StrEnum):
    """名录种类."""

    HISTORIC = "historic"
    RURAL = "rural"


class ListState(StrEnum):
    """名录状态."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class EntryState(StrEnum):
    """条目状态. withdrawn: protection ended after publication, by a document."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


LIST_KIND_NAMES: dict[ListKind, Text] = {
    ListKind.HISTORIC: Text("历史地名保护名录", "Historic-name protection list"),
    ListKind.RURAL: Text("乡村地名保护名录", "Rural-name protection list"),
}
LIST_STATE_NAMES: dict[ListState, Text] = {
    ListState.DRAFT: Text("起草", "Draft"),
    ListState.REVIEW: Text("评审", "Under review"),
    ListState.PUBLISHED: Text("已公布", "Published"),
    ListState.DISCARDED: Text("已作废", "Discarded"),
}
ENTRY_STATE_NAMES: dict[EntryState, Text] = {
    EntryState.PROPOSED: Text("拟列入", "Proposed"),
    EntryState.ACCEPTED: Text("列入", "Accepted"),
    EntryState.REFUSED: Text("不列入", "Refused"),
    EntryState.WITHDRAWN: Text("撤出", "Withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One ground (依据), class (类别) or way of protecting (保护方式)."""

    key: str
    kind: str
    says: Text
    source: str


@cache
def criteria() -> Mapping[str, Criterion]:
    """All of them by key, in the order of the table."""
    path = DATA / "placenames" / "protection_criteria.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["key"]: Criterion(row["key"], row["kind"], Text(row["zh"], row["en"]), row["source"])
            for row in csv.DictReader(file)
        }


def keys_of(kind: str) -> tuple[str, ...]:
    """The keys of one kind: ground, class or measure."""
    return tuple(c.key for c in criteria().values() if c.kind == kind)


@dataclass(frozen=True, slots=True)
class ListFacts:
    """What a list's steps ask. own: the person proposed or reviewed one of its entries."""

    entries: int = 0
    bare: int = 0
    undecided: int = 0
    accepted: int = 0
    document: bool = False
    own: bool = False


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """What an entry's steps ask. own: the person proposed it."""

    list_state: ListState = ListState.DRAFT
    document: bool = False
    own: bool = False


HAS_ENTRIES = Guard(Text("至少一个条目", "at least one entry"), lambda f: f.entries > 0)
ALL_GROUNDED = Guard(
    Text(
        "每个条目的类别、列入依据、说明和保护方式",
        "of every entry its class, grounds, reasons and ways of protecting",
    ),
    lambda f: f.bare == 0,
)
ALL_DECIDED = Guard(Text("每个条目的评审结论", "a decision on every entry"), lambda f: f.undecided == 0)
SOME_ACCEPTED = Guard(Text("至少一个列入的条目", "at least one accepted entry"), lambda f: f.accepted > 0)
DOCUMENT = Guard(
    Text("公布（或撤出）文件的文号", "the number of the document that says so"), lambda f: f.document
)
NOT_OWN_LIST = Guard(
    Text("没有提出或评审过条目的人员", "someone who neither proposed nor reviewed an entry"),
    lambda f: not f.own,
)
NOT_OWN_ENTRY = Guard(Text("提出人以外的人员", "someone other than who proposed it"), lambda f: not f.own)
IN_REVIEW = Guard(
    Text("处于评审状态的名录", "a list that is under review"), lambda f: f.list_state is ListState.REVIEW
)
IN_FORCE = Guard(
    Text("已公布的名录", "a list that is published"), lambda f: f.list_state is ListState.PUBLISHED
)

#: Steps of a list.
LIST_LIFE = Machine(
    "protection_list",
    (
        Transition(
            "open_review", (ListState.DRAFT.value,), ListState.REVIEW.value, frozenset({R.REGISTRAR}),
            Text("提交评审", "Put to review"), (HAS_ENTRIES, ALL_GROUNDED),
        ),
        Transition(
            "return", (ListState.REVIEW.value,), ListState.DRAFT.value, frozenset({R.REVIEWER, R.APPROVER}),
            Text("退回修改", "Return for changes"),
        ),
        Transition(
            "publish", (ListState.REVIEW.value,), ListState.PUBLISHED.value, frozenset({R.APPROVER}),
            Text("公布", "Publish"), (ALL_DECIDED, SOME_ACCEPTED, DOCUMENT, NOT_OWN_LIST),
        ),
        Transition(
            "discard", (ListState.DRAFT.value,), ListState.DISCARDED.value, frozenset({R.REGISTRAR}),
            Text("作废", "Discard"),
        ),
    ),
)  # fmt: skip

#: Steps of an entry.
ENTRY_LIFE = Machine(
    "protection_entry",
    (
        Transition(
            "accept", (EntryState.PROPOSED.value, EntryState.REFUSED.value), EntryState.ACCEPTED.value,
            frozenset({R.REVIEWER}), Text("同意列入", "Accept"), (IN_REVIEW, NOT_OWN_ENTRY),
        ),
        Transition(
            "refuse", (EntryState.PROPOSED.value, EntryState.ACCEPTED.value), EntryState.REFUSED.value,
            frozenset({R.REVIEWER}), Text("不予列入", "Refuse"), (IN_REVIEW, NOT_OWN_ENTRY),
        ),
        Transition(
            "withdraw", (EntryState.ACCEPTED.value,), EntryState.WITHDRAWN.value, frozenset({R.APPROVER}),
            Text("撤出名录", "Withdraw from the list"), (IN_FORCE, DOCUMENT, NOT_OWN_ENTRY),
        ),
    ),
)  # fmt: skip
