"""Text: every sentence that a rule, a state or an error can say, in Chinese and English."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages; `{0}` and `{name}` are filled by `fill`, a Text in its own language."""

    zh: str
    en: str

    def fill(self, *args: object, **named: object) -> Text:
        """The sentence with its places filled. Raises IndexError or KeyError where a value is missing."""
        return Text(
            self.zh.format(*(_said(a, "zh") for a in args), **{k: _said(v, "zh") for k, v in named.items()}),
            self.en.format(*(_said(a, "en") for a in args), **{k: _said(v, "en") for k, v in named.items()}),
        )

    def in_language(self, language: str) -> str:
        """The sentence in `language`: English for codes that start with "en", Chinese otherwise."""
        return self.en if language.lower().startswith("en") else self.zh


#: What a spreadsheet takes a text for that begins like this: a formula, which may call programs (CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?[0-9]+([.][0-9]+)?")


def cell(value: object) -> object:
    """A value as a cell of a CSV that people open in a spreadsheet: a text that begins like a formula stands behind an
    apostrophe; numbers are left alone, also where they are texts. `cell_read` takes it away."""
    if not isinstance(value, str) or not value.startswith(FORMULA) or _NUMBER.fullmatch(value):
        return value
    return f"'{value}"


def cell_read(value: str) -> str:
    """A text as `cell` was given it."""
    return value[1:] if value[:1] == "'" and value[1:].startswith(FORMULA) else value


def _said(value: object, language: str) -> object:
    return value.in_language(language) if isinstance(value, Text) else value
