"""Articles (条文) of the regulation that the naming rules cite, for reading beside a finding."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache

from geo.settings import DATA
from geo.text import Text


@cache
def articles() -> Mapping[str, Text]:
    """Key of an article or item, as in rule codes (9(8), 10), -> its text, and its sense in English."""
    with (DATA / "placenames" / "articles.csv").open(encoding="utf-8", newline="") as file:
        return {row["key"]: Text(row["text"], row["english"]) for row in csv.DictReader(file)}


def article_of(rule: str) -> Text:
    """The article of a rule by the rule's code. Raises KeyError for a code without one."""
    return articles()[rule.rpartition("-")[0]]
