"""Text: every sentence that a rule, a state or an error can say, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages; `{0}` and `{name}` are filled by `fill`."""

    zh: str
    en: str

    def fill(self, *args: object, **named: object) -> Text:
        """The sentence with its places filled. Raises IndexError or KeyError where a value is missing."""
        return Text(self.zh.format(*args, **named), self.en.format(*args, **named))

    def in_language(self, language: str) -> str:
        """The sentence in `language`: English for codes that start with "en", Chinese otherwise."""
        return self.en if language.lower().startswith("en") else self.zh
