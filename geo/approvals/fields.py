"""申请表: the fields of an application's form, by category and action.

The table is data/approvals/fields.csv. Which papers a field does instead of stands in materials.csv; what a form must hold
before it is handed in is asked where it is handed in.
Source: 《地名管理条例》第十一条第一款: 方案及理由; 位置、规模、性质等基本情况; 其他材料.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from geo.approvals import rows
from geo.text import Text


@dataclass(frozen=True, slots=True)
class Field:
    """One field. kind: text (several lines), line, number, or choice. categories, actions: that it belongs to; `any`.
    options: of a choice, by value."""

    key: str
    title: Text
    hint: Text
    kind: str
    categories: tuple[str, ...]
    actions: tuple[str, ...]
    options: Mapping[str, Text]

    def belongs(self, category: str, action: str) -> bool:
        """Whether a form of this category and action has it."""
        return all(rows.ANY in held or asked in held for held, asked in ((self.categories, category), (self.actions, action)))  # fmt: skip


@cache
def every() -> tuple[Field, ...]:
    """All fields in the order of the form."""
    return tuple(
        Field(
            row["key"],
            Text(row["zh"], row["en"]),
            Text(row["hint_zh"], row["hint_en"]),
            row["kind"],
            rows.words(row["category"]),
            rows.words(row["action"]),
            {
                value: Text(*words.split("|"))
                for value, _, words in (o.partition("=") for o in rows.words(row["options"]))
            },
        )
        for row in rows.read("fields.csv")
    )


@cache
def titles() -> Mapping[str, Text]:
    """What each field is called."""
    return {f.key: f.title for f in reversed(every())}
