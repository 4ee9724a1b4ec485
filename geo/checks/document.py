"""The catalogue as a page (检查目录): docs/checks.md is made by it, and a test says when it is out of date.

python -m geo.checks.document > docs/checks.md
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from geo.checks.run import discover
from geo.checks.titles import title
from geo.findings import Catalogue, Rule
from geo.settings import DATA
from geo.terms import Severity

TOLERANCES = DATA / "boundaries" / "tolerances.csv"

GROUPS = {
    "UP": "文件 · Package",
    "EN": "文字编码 · Encoding",
    "CR": "坐标系 · Reference system",
    "GE": "几何 · Geometry",
    "TP": "拓扑 · Topology",
    "MK": "界桩 · Markers",
    "AT": "属性与法定状态 · Attributes and legal state",
}
SEVERITIES = {
    Severity.ERROR: "错误 error",
    Severity.WARNING: "警告 warning",
    Severity.INFO: "提示 info",
    None: "不检查 off",
}

HEAD = """# 检查目录 · The catalogue of checks

Made from the rules themselves by `python -m geo.checks.document`: change a rule, then make this page again.

Every finding carries one of these codes. 错误 (error) blocks acceptance, 警告 (warning) does not, 提示 (info) only tells.
The severity given is the highest of a code; a check may say less where less is wrong (MK02 warns up to one metre). In
profile `generic` a finding is never above the severity in that column. Tolerances are the keys of
`data/boundaries/tolerances.csv`, which is the one table of them: value, unit, source and date. `…` stands for what a
finding fills in: numbers, units, places.
"""


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join(_rows()) + "\n"


def catalogue() -> Catalogue:
    """Every rule: those of geo.checks, and those declared where files are read."""
    import geo.reading.read  # noqa: F401

    return discover()


def _rows() -> Iterator[str]:
    rules = list(catalogue())
    keys = tolerance_keys()
    yield HEAD
    yield "| | | `township` | `generic` | tolerances |"
    yield "|---|---|---|---|---|"
    for rule in rules:
        name = title(rule.code)
        own = ", ".join(f"`{key}`" for key in keys.get(rule.code, ()))
        yield (
            f"| [{rule.code}](#{rule.code.lower()}) | {name.zh} · {name.en} | {SEVERITIES[rule.severity]} "
            f"| {SEVERITIES[rule.generic]} | {own} |"
        )
    for group, heading in GROUPS.items():
        yield f"\n## {heading}"
        for rule in rules:
            if rule.code.startswith(group):
                yield from _section(rule, keys.get(rule.code, ()))


def _section(rule: Rule, keys: tuple[str, ...]) -> Iterator[str]:
    name = title(rule.code)
    yield f"\n### {rule.code}\n"
    yield f"**{name.zh}** · {name.en}\n"
    yield f"- {_blank(rule.message.zh)}  \n  {_blank(rule.message.en)}"
    yield f"- 改法：{_blank(rule.remedy.zh)}  \n  To mend: {_blank(rule.remedy.en)}"
    yield f"- `township`: {SEVERITIES[rule.severity]} · `generic`: {SEVERITIES[rule.generic]}"
    if keys:
        yield "- tolerances: " + ", ".join(f"`{key}`" for key in keys)
    if rule.source:
        yield f"- source: {rule.source}"


def _blank(text: str) -> str:
    return re.sub(r"\{[^}]*\}", "…", text)


def tolerance_keys(path: Path = TOLERANCES) -> dict[str, tuple[str, ...]]:
    """The tolerance keys of each code, by the column `codes` of the table: whole codes or groups (GE)."""
    found: dict[str, tuple[str, ...]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["key"], row["codes"].split()) for row in csv.DictReader(file)]
    for rule in catalogue():
        keys = tuple(key for key, codes in rows if any(rule.code.startswith(code) for code in codes))
        if keys:
            found[rule.code] = keys
    return found


if __name__ == "__main__":
    print(page(), end="")
