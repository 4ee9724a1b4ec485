"""docs/naming-rules.md, written from the catalogue: `python -m geo.names.rules.document > docs/naming-rules.md`."""

from __future__ import annotations

from geo.names.rules.run import discover
from geo.terms import Severity

_WORD = {
    Severity.ERROR: "refused 不予通过",
    Severity.WARNING: "doubtful 存疑",
    Severity.INFO: "info 提示",
    None: "nothing 无",
}

_HEAD = """# Naming rules 命名规则

Written from the rules in `geo/names/rules/`; do not edit. Refused: the text says 不 or 不应 and nothing is left to
weigh. Doubtful: 避免, 一般, or a person has to decide. The word lists, each row with severity and source, are in
`data/placenames/`: `severity` demotes a word, `match` says whether it counts inside a longer name. A rule is
switched off by its code (`--off CODE`); `--no-near` hides near-homophones and look-alikes.
"""


def document() -> str:
    """The page: per rule its article, words, source and table of cases."""
    parts = [_HEAD]
    for rule in discover():
        parts.append(f"\n## {rule.code}\n\n{rule.article} · usually {_WORD[rule.severity]}\n")
        parts.append(f"\n> {rule.message.zh}\n>\n> {rule.message.en}\n\nSource: {rule.source}\n")
        parts.append("\n| name | category | existing | answer | why |\n|---|---|---|---|---|\n")
        for c in rule.cases:
            existing = "; ".join(filter(None, (c.existing, f"renaming {c.replaces}" if c.replaces else "")))
            parts.append(
                f"| {c.name or '(empty)'} | {c.category} | {existing} | {_WORD[c.severity]} | {c.why} |\n"
            )
    return "".join(parts)


if __name__ == "__main__":
    print(document(), end="")
